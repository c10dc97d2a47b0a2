"""YAML read as text only: a person's words stay as they wrote them, and every value knows its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, TypeAlias

import msgspec
import yaml

from crawler.problems import BadInput, Problem, bad_input

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str"
"""Nested mappings and lists of strings; nothing is turned into a number, a date or a truth value."""

Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's reader where PyYAML was built with it, else the slower one; both guess nothing here, since only nodes are read."""

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys and list places from the root, e.g. ('items', 0, 'id')."""


class Lines(msgspec.Struct, frozen=True):
    """The line of each value of a file, from 1. `of(path)` answers for a missing value with the line of the nearest thing that holds it."""

    file: str
    by_path: Mapping[Path, int]

    def of(self, path: Sequence[str | int]) -> int:
        place = tuple(path)
        while place and place not in self.by_path:
            place = place[:-1]
        return self.by_path.get(place, 0)

    def problem(self, path: Sequence[str | int], message: str, mend: str = "") -> Problem:
        """A problem with the value at a path, told with file, line and dotted field."""
        return Problem(file=self.file, line=self.of(path), field=".".join(map(str, path)), message=message, mend=mend)


def load_text(path: FilePath) -> tuple[Tree, Lines]:
    """The single document of a YAML file as nested dict, list and str, with line numbers; `no`, `1.10` and dates stay the text written.

    An empty value is ''. Raises BadInput, with every problem found, where the file cannot be read or parsed, is empty, repeats a key, uses a
    key that is not plain text, an anchor's alias, a merge or an explicit tag.
    """
    return parse_text(read_yaml(path), str(path))


def parse_text(text: str, file: str) -> tuple[Tree, Lines]:
    """As load_text, for text already read; `file` is the name told in problems."""
    try:
        refuse_aliases(text, file)
        root = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        said = broken.problem or broken.context or "this is not YAML"
        raise bad_input(file, said, "mend the YAML here", line=mark_line(mark)) from broken
    except yaml.YAMLError as broken:
        raise bad_input(file, str(broken).splitlines()[0], "save the file as plain UTF-8 text") from broken
    if root is None:
        raise bad_input(file, "the file is empty", "write the document it should hold")
    lines: dict[Path, int] = {}
    problems: list[Problem] = []
    tree = read_node(root, (), lines, problems, file)
    if problems:
        raise BadInput(sorted(problems, key=lambda problem: problem.line))
    return tree, Lines(file, lines)


def refuse_aliases(text: str, file: str) -> None:
    """Raises BadInput with every alias of the file: a value stands where it is used, and none can hold itself or grow without bound."""
    aliases = [event for event in yaml.parse(text, Loader=Loader) if isinstance(event, yaml.AliasEvent)]
    if aliases:
        mend = "write the value out"
        raise BadInput(
            [
                Problem(file, mark_line(event.start_mark), "", f"the alias *{event.anchor} is not read", mend)
                for event in aliases
            ]
        )


def read_yaml(path: FilePath) -> str:
    """The file's text, decoded as UTF-8 with or without a mark; BadInput where it cannot be."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as missing:
        raise bad_input(str(path), "there is no such file") from missing
    except UnicodeDecodeError as broken:
        raise bad_input(str(path), "the file is not UTF-8 text", "save it as UTF-8") from broken
    except OSError as broken:
        raise bad_input(str(path), f"the file cannot be read: {broken.strerror}") from broken


def read_node(node: yaml.Node, path: Path, lines: dict[Path, int], problems: list[Problem], file: str) -> Tree:
    """The value of a node; its line and those below it are noted in `lines`, mistakes in `problems`."""

    def wrong(at: yaml.Node, message: str, mend: str) -> None:
        problems.append(Problem(file, mark_line(at.start_mark), ".".join(map(str, path)), message, mend))

    lines[path] = mark_line(node.start_mark)
    if explicit_tag(node):
        wrong(node, f"the tag {node.tag} is not read", "remove the tag; values are plain text")
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [read_node(child, (*path, place), lines, problems, file) for place, child in enumerate(node.value)]
    tree: dict[str, Tree] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            wrong(key, "a key is not plain text", "write the key as a word")
        elif key.value in tree:
            wrong(key, f"the key “{key.value}” stands twice", "keep one of the two")
        elif key.tag == "tag:yaml.org,2002:merge":
            wrong(key, "merging with << is not read", "write the keys out")
        else:
            tree[key.value] = read_node(value, (*path, key.value), lines, problems, file)
    return tree


PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "null", "bool", "int", "float", "timestamp", "value", "merge", "map", "seq")
)
"""What PyYAML itself guesses of plain values; anything else was written by the author."""


def explicit_tag(node: yaml.Node) -> bool:
    """Whether the author wrote a tag that asks for something other than plain text, lists and mappings."""
    return node.tag not in PLAIN_TAGS


def mark_line(mark: Any) -> int:
    """The line of a mark of PyYAML's, from 1; 0 where there is none. Its two readers have a type of mark each."""
    return int(mark.line) + 1 if mark else 0
