"""Methods from their YAML files, checked whole: every mistake is told with file and line before anything is scored."""

from __future__ import annotations

import hashlib
import string
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import msgspec
from pydantic import BaseModel, ValidationError

from crawler.problems import BadInput, Problem, bad_input
from crawler.yaml_text import Lines, Tree, load_text
from scoring.method_file import HeadEntry, ItemEntry, MeasureEntry, NodeEntry, SourcedEntry
from scoring.model import Leaf, Method, Node, Operation, RankRule, Source
from scoring.records import to_json

METHODS = Path(__file__).parent / "methods"

LISTS = ("measures", "items", "nodes")

PLACES = {
    "measure-missing": {"coverage"},
    "nothing-applies": set[str](),
    "coverage-low": {"coverage", "threshold"},
    "no-value": set[str](),
    "edition": {"judged", "total", "points"},
    "published-bounds": {"node", "loaded", "block_size", "minimum", "maximum"},
}
"""The sentences a method must have and what may be filled into each."""

Kind = TypeVar("Kind", bound=BaseModel)


def method_ids() -> tuple[str, ...]:
    """The ids of the methods that come with the program."""
    return tuple(sorted(path.stem for path in METHODS.glob("*.yml")))


def find_method(name: str) -> Method:
    """The method of that id that comes with the program; BadInput where there is none."""
    if name not in method_ids():
        raise bad_input(f"{name}.yml", f"there is no method “{name}”", f"choose one of {', '.join(method_ids())}")
    return load_method(METHODS / f"{name}.yml")


def load_method(path: Path) -> Method:
    """The method of a YAML file. Raises BadInput with every mistake found: unknown keys, bad numbers, names without a meaning, circles,
    leaves counted twice or never, sentences missing."""
    tree, lines = load_text(path)
    if not isinstance(tree, dict):
        raise bad_input(str(path), "a mapping is wanted", "start with id: and title:", line=1)
    problems: list[Problem] = []
    head = read_entry(HeadEntry, {key: tree[key] for key in tree if key not in LISTS}, (), lines, problems)
    measures = read_list(MeasureEntry, tree, "measures", lines, problems)
    items = read_list(ItemEntry, tree, "items", lines, problems)
    nodes = read_list(NodeEntry, tree, "nodes", lines, problems)
    problems += check_entries(tree, lines, measures, items, nodes)
    if not problems and head:
        problems += check_head(head, nodes, lines)
    if problems or not head:
        raise BadInput(sorted(problems, key=lambda problem: problem.line))
    return build_method(head, list(measures.values()), list(items.values()), list(nodes.values()))


Place = tuple[str | int, ...]


def read_entry(kind: type[Kind], tree: Tree, at: Place, lines: Lines, problems: list[Problem]) -> Kind | None:
    """An entry of the file, or None with its mistakes noted."""
    try:
        return kind.model_validate(tree)
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False)
        deeper = {error["loc"][:-1] for error in errors}
        for error in errors:
            if error["type"] == "too_short" and error["loc"] in deeper:
                continue  # pydantic counts only members without a mistake, and theirs is told already
            place = tuple(step for step in error["loc"] if step != "[key]")
            problems.append(lines.problem((*at, *place), error["msg"].removeprefix("Value error, ")))
        return None


def read_list(
    kind: type[Kind], tree: Mapping[str, Tree], name: str, lines: Lines, problems: list[Problem]
) -> dict[int, Kind]:
    """The good entries of a list of the file, by place."""
    listed = tree.get(name, [])
    if not isinstance(listed, list):
        problems.append(lines.problem((name,), "a list is wanted"))
        return {}
    read = {place: read_entry(kind, entry, (name, place), lines, problems) for place, entry in enumerate(listed)}
    return {place: entry for place, entry in read.items() if entry is not None}


def check_entries(
    tree: Mapping[str, Tree],
    lines: Lines,
    measures: Mapping[int, MeasureEntry],
    items: Mapping[int, ItemEntry],
    nodes: Mapping[int, NodeEntry],
) -> list[Problem]:
    """Every mistake between entries. A name counts as known where an entry bears it, even if that entry has a mistake of its own."""
    problems = []
    named: dict[str, Place] = {}
    for at, name in names_of(tree):
        if name in named:
            problems.append(lines.problem(at, f"“{name}” stands twice, first on line {lines.of(named[name])}"))
        named.setdefault(name, at)
    sums = {node.id for node in nodes.values() if node.operation is Operation.SUM}
    misread = {name for name, at in named.items() if at[0] == "nodes"} - {node.id for node in nodes.values()}
    for place, item in items.items():
        if item.into not in sums | misread:
            problems.append(lines.problem(("items", place, "into"), f"there is no sum “{item.into}” to go into"))
        problems += [
            lines.problem(("items", place, "points"), f"“{element}” is given points twice")
            for element, times in Counter(element for each in item.points for element in each.elements).items()
            if times > 1
        ]
    fed = raw_values(tree, "items", "into")
    parents: dict[str, str] = {}
    for place, node in nodes.items():
        problems += check_children(node, ("nodes", place), named, parents, lines, fed.values())
    if not misread:
        problems += [
            lines.problem(named[measure.id], f"“{measure.id}” is below no node", "add it to a node's children")
            for measure in measures.values()
            if measure.id not in parents
        ]
    return problems


def names_of(tree: Mapping[str, Tree]) -> list[tuple[Place, str]]:
    """Every id of the lists with its place, also of entries that have mistakes."""
    return [((name, place, "id"), told) for name in LISTS for place, told in raw_values(tree, name, "id").items()]


def raw_values(tree: Mapping[str, Tree], name: str, key: str) -> dict[int, str]:
    """The texts under a key in the entries of a list, by place, as they stand in the file."""
    listed = tree.get(name, [])
    entries = enumerate(listed if isinstance(listed, list) else [])
    found = {place: entry.get(key) for place, entry in entries if isinstance(entry, dict)}
    return {place: told for place, told in found.items() if isinstance(told, str)}


def check_children(
    node: NodeEntry, at: Place, named: Mapping[str, Place], parents: dict[str, str], lines: Lines, fed: Collection[str]
) -> list[Problem]:
    """Mistakes in what a node has below it; `parents` learns whose child each is."""
    problems = []
    for place, child in enumerate(node.children):
        if child not in named or named[child][0] == "items":
            problems.append(lines.problem((*at, "children", place), f"there is no measure or node “{child}”"))
        elif child in parents:
            problems.append(lines.problem((*at, "children", place), f"“{child}” is already below “{parents[child]}”"))
        else:
            parents[child] = node.id
    if not node.children and node.id not in fed:
        problems.append(
            lines.problem(at, f"“{node.id}” has nothing below it", "give it children, or items that go into it")
        )
    if node.operation is Operation.MIN_MAX and len(node.children) != 1:
        problems.append(lines.problem((*at, "children"), "min-max wants exactly one child"))
    problems += [
        lines.problem((*at, "weights", child), f"“{child}” is no child of “{node.id}”")
        for child in node.weights
        if child not in node.children
    ]
    return problems


def check_head(head: HeadEntry, nodes: Mapping[int, NodeEntry], lines: Lines) -> list[Problem]:
    """Mistakes between the head and the tree: its root, nodes apart from it, tie-breakers, sentences."""
    problems = []
    by_id = {node.id: node for node in nodes.values()}
    if head.root not in by_id:
        problems.append(lines.problem(("root",), f"there is no node “{head.root}”"))
    else:
        reached = below(head.root, by_id)
        problems += [
            lines.problem(("nodes", place), f"“{node.id}” is not below the root “{head.root}”")
            for place, node in nodes.items()
            if node.id not in reached
        ]
        problems += [
            lines.problem(("nodes", place), f"“{node.id}” has the root below it")
            for place, node in nodes.items()
            if head.root in node.children
        ]
    problems += [
        lines.problem(("rank", "tie-breakers"), f"there is no node “{name}”")
        for name in head.rank.tie_breakers
        if name not in by_id
    ]
    sentences: Mapping[str, str] = {str(key): text for key, text in head.sentences.items()}
    for key, allowed in PLACES.items():
        if key not in sentences:
            problems.append(lines.problem(("sentences",), f"the sentence “{key}” is missing"))
        elif (told := places_of(sentences[key])) is None or not told <= allowed:
            mend = f"fill in only {', '.join(sorted(allowed)) or 'nothing'}"
            problems.append(lines.problem(("sentences", key), "it cannot be filled in", mend))
    return problems


def below(root: str, nodes: Mapping[str, NodeEntry]) -> set[str]:
    """The root and every node below it. Since each node has one parent, a circle either holds the root or is not reached."""
    reached: set[str] = set()
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name in nodes and name not in reached:
            reached.add(name)
            waiting += nodes[name].children
    return reached


def places_of(sentence: str) -> set[str] | None:
    """The names to be filled into a sentence; None where its braces do not match."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
    except ValueError:
        return None


# --- from good entries to a method -----------------------------------------------------------------------------------------------------


def build_method(
    head: HeadEntry, measures: Sequence[MeasureEntry], items: Sequence[ItemEntry], nodes: Sequence[NodeEntry]
) -> Method:
    """The method the entries describe, its digest over all of it."""
    leaves = [measure_leaf(measure) for measure in measures] + [leaf for item in items for leaf in item_leaves(item)]
    fed = {node.id: [leaf.id for item in items if item.into == node.id for leaf in item_leaves(item)] for node in nodes}
    method = Method(
        id=head.id,
        title=head.title,
        version=head.version,
        root=head.root,
        leaves={leaf.id: leaf for leaf in leaves},
        nodes={node.id: build_node(node, fed[node.id]) for node in nodes},
        coverage_threshold=head.coverage.threshold,
        coverage_source=source_of(head.coverage),
        rank=RankRule(
            decimals=head.rank.decimals,
            tie_breakers=head.rank.tie_breakers,
            zero_shares_last=head.rank.zero_shares_last,
        ),
        blocks=head.blocks,
        digest="",
        sentences={str(key): text for key, text in head.sentences.items()},
    )
    return msgspec.structs.replace(method, digest=hashlib.sha256(to_json(method)).hexdigest())


def measure_leaf(measure: MeasureEntry) -> Leaf:
    return Leaf(id=measure.id, points=measure.points, source=source_of(measure), measure=measure.id)


def item_leaves(item: ItemEntry) -> list[Leaf]:
    """One leaf `<item>/<element>` per element, the points of an entry split evenly over its elements."""
    return [
        Leaf(
            id=f"{item.id}/{element}",
            points=points.points * Fraction(1, len(points.elements)),
            source=source_of(points),
            item=item.id,
            element=element,
            blocks=item.blocks,
            sourced_in=points.sourced_in,
        )
        for points in item.points
        for element in points.elements
    ]


def build_node(node: NodeEntry, fed: Sequence[str]) -> Node:
    return Node(
        id=node.id,
        title=node.title,
        operation=node.operation,
        children=(*node.children, *fed),
        weights=dict(node.weights),
        minimum=node.minimum,
        maximum=node.maximum,
        block_size=node.block_size,
        source=source_of(node),
    )


def source_of(entry: SourcedEntry) -> Source:
    return Source(entry.source, entry.assumed)
