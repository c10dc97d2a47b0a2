"""Text-only YAML: nothing is guessed, everything is found at its line, mistakes come all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crawler.problems import BadInput
from crawler.yaml_text import load_text, parse_text


def problems_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(BadInput) as refused:
        parse_text(text, "list.yml")
    return [(problem.line, problem.message) for problem in refused.value.problems]


def test_words_stay_as_written() -> None:
    tree, _ = parse_text("a: no\nb: 1.10\nc: 2016-02-01\nd: 0x10\ne: ~\nf:\ng: 'yes'\nh: 33/145\n", "list.yml")
    assert tree == {
        "a": "no", "b": "1.10", "c": "2016-02-01", "d": "0x10", "e": "~", "f": "", "g": "yes", "h": "33/145",
    }  # fmt: skip


def test_keys_are_text_too() -> None:
    tree, _ = parse_text("no: a\n1: b\n", "list.yml")
    assert tree == {"no": "a", "1": "b"}


def test_lines_by_path() -> None:
    tree, lines = parse_text("# head\nitems:\n  - id: a\n    points: 3\n  - id: b\n", "list.yml")
    assert tree == {"items": [{"id": "a", "points": "3"}, {"id": "b"}]}
    assert lines.of(("items", 0, "points")) == 4
    assert lines.of(("items", 1)) == 5
    assert lines.of(("items", 1, "points", "source")) == 5, "a missing value is told at what should hold it"
    problem = lines.problem(("items", 0, "points"), "too many")
    assert (problem.file, problem.line, problem.field) == ("list.yml", 4, "items.0.points")


def test_every_repeated_key_is_told() -> None:
    assert problems_of("a: 1\nb: 2\na: 3\nc:\n  d: 1\n  d: 2\n") == [
        (3, "the key “a” stands twice"),
        (6, "the key “d” stands twice"),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: &x 1\nb: *x\n", 2),
        ("a: &x [*x]\n", 1),
        ("b: {c: 1}\na:\n  <<: {d: 1}\n", 3),
        ("a: 1\nb: !!python/object:os.system x\n", 2),
        ("a: 1\n? [b]\n: 2\n", 2),
        ("a: 1\nb: [\n", 3),
        ("", 0),
        ("# nothing\n", 0),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: \x07\n", 0),
    ],
)
def test_refused_with_its_line(text: str, line: int) -> None:
    assert [told for told, _ in problems_of(text)] == [line]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yml"
    latin.write_bytes("tên: Đà Nẵng".encode("utf-16"))
    for path in (latin, tmp_path / "missing.yml", tmp_path):
        with pytest.raises(BadInput):
            load_text(path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "marked.yml"
    path.write_bytes("a: Huế\n".encode("utf-8-sig"))
    assert load_text(path)[0] == {"a": "Huế"}


words = st.text(st.characters(categories=["L", "N", "P", "Z"], exclude_characters="\u2028\u2029\x85"), max_size=12)
trees = st.recursive(
    words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=12
)


@given(trees)
def test_what_yaml_wrote_is_read_back(tree: object) -> None:
    plain = yaml.safe_dump(tree, allow_unicode=True, default_style='"')
    assert parse_text(plain, "list.yml")[0] == tree
