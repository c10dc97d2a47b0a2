"""Methods as files: the two that come with the program, and every kind of mistake told at its line."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest

from checklists.load import load_checklist
from crawler.model import Block
from crawler.problems import BadInput
from scoring.load import find_method, load_method, method_ids
from scoring.method_file import fraction_of
from scoring.model import Method
from scoring.records import from_json, to_json

GOOD = """\
id: small
title: Nhỏ
version: "1"
blocks: [bo]
root: top
coverage: {threshold: 0.8, source: mine, assumed: yes}
sentences: {measure-missing: a, nothing-applies: a, coverage-low: a, no-value: a, edition: a, published-bounds: a}
measures:
  - {id: m, points: 1, source: mine}
nodes:
  - {id: top, title: T, operation: ratio, source: mine, children: [m, part]}
  - {id: part, title: P, operation: sum, source: mine}
items:
  - id: news
    into: part
    blocks: [bo]
    points:
      - {points: 1/3, elements: [listing, recent], source: mine, sourced-in: [bo]}
"""


def told(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    path = tmp_path / "small.yml"
    path.write_text(text)
    with pytest.raises(BadInput) as refused:
        load_method(path)
    return [(problem.line, problem.field) for problem in refused.value.problems]


def test_a_small_method(tmp_path: Path) -> None:
    path = tmp_path / "small.yml"
    path.write_text(GOOD)
    method = load_method(path)
    assert {leaf.id: leaf.points for leaf in method.leaves.values()} == {
        "m": 1, "news/listing": Fraction(1, 6), "news/recent": Fraction(1, 6),
    }  # fmt: skip
    assert method.nodes["part"].children == ("news/listing", "news/recent")
    assert method.coverage_threshold == Fraction(4, 5)
    assert method.rank.zero_shares_last is False


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("threshold: 0.8", "threshold: 80", [(6, "coverage.threshold")]),
        ("threshold: 0.8", "threshold: 4/0", [(6, "coverage.threshold")]),
        ("assumed: yes", "assumed: maybe", [(6, "coverage.assumed")]),
        ("blocks: [bo]\nroot", "blocks: [xa]\nroot", [(4, "blocks.0")]),
        ("root: top", "root: tip", [(5, "root")]),
        ("root: top", "roof: top", [(1, "root"), (5, "roof")]),
        ("coverage-low: a", 'coverage-low: "{clicks}"', [(7, "sentences.coverage-low")]),
        ("coverage-low: a", 'coverage-low: "{coverage"', [(7, "sentences.coverage-low")]),
        (", edition: a", "", [(7, "sentences")]),
        ("[m, part]", "[m, parts]", [(11, "nodes.0.children.1")]),
        ("[m, part]", "[part]", [(9, "measures.0.id")]),
        ("[m, part]", "[m, part, m]", [(11, "nodes.0.children.2")]),
        ("[m, part]", "[m]", [(12, "nodes.1")]),
        ("operation: sum, source: mine}", "operation: sum, source: mine, children: [part]}", [(12, "nodes.1.children.0")]),
        ("operation: sum, source: mine}", "operation: sum, source: mine, children: [top]}", [(12, "nodes.1")]),
        ("operation: ratio", "operation: product", [(11, "nodes.0.operation")]),
        ("operation: ratio", "operation: min-max", [(11, "nodes.0.children")]),
        ("operation: ratio", "operation: ratio, minimum: 1/2, maximum: 1", [(11, "nodes.0")]),
        ("operation: ratio", "operation: mean, weights: {x: 1}", [(11, "nodes.0.weights.x")]),
        ("operation: ratio", "operation: mean, weights: {m: -1}", [(11, "nodes.0.weights.m")]),
        ("{id: part, title: P", "{id: m, title: P", [(11, "nodes.0.children.1"), (12, "nodes.1.id"), (12, "nodes.1"), (15, "items.0.into")]),
        ("into: part", "into: top", [(12, "nodes.1"), (15, "items.0.into")]),
        ("[listing, recent]", "[listing, listing]", [(18, "items.0.points")]),
        ("points: 1/3", "points: -1", [(18, "items.0.points.0.points")]),
        ("points: 1/3", "points: 1e3", [(18, "items.0.points.0.points")]),
        ("source: mine, sourced-in", "sourced-in", [(18, "items.0.points.0.source")]),
        ("id: news", "id: News", [(14, "items.0.id")]),
    ],
)  # fmt: skip
def test_each_mistake_is_told_where_it_stands(tmp_path: Path, old: str, new: str, where: list[tuple[int, str]]) -> None:
    assert old in GOOD
    assert sorted(told(tmp_path, GOOD.replace(old, new))) == sorted(where)


def test_mistakes_of_every_kind_are_told_together(tmp_path: Path) -> None:
    text = GOOD.replace("threshold: 0.8", "threshold: x").replace("[m, part]", "[m, part, q]").replace("1/3", "no")
    assert told(tmp_path, text) == [
        (6, "coverage.threshold"),
        (11, "nodes.0.children.2"),
        (18, "items.0.points.0.points"),
    ]


def test_fractions_as_people_write_them() -> None:
    assert fraction_of("33/145") == Fraction(33, 145)
    assert fraction_of("0.5") == fraction_of("0,5") == fraction_of("1/2") == Fraction(1, 2)
    for text in ("", "1/0", "1/2/3", "nan", "½", 12, 0.5):
        with pytest.raises(ValueError, match=r"number|fraction"):
            fraction_of(text)


@pytest.mark.parametrize("name", method_ids())
def test_methods_of_the_program_load_under_their_names_and_round_trip(name: str) -> None:
    method = find_method(name)
    assert method.id == name
    assert from_json(to_json(method), Method) == method


def test_an_unknown_method_is_told_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="btttt-2016, ict-index-2016"):
        find_method("btttt-1916")


def part_points(method: Method, part: str, block: Block) -> Fraction:
    leaves = [method.leaves[child] for child in method.nodes[part].children]
    return sum((leaf.points for leaf in leaves if leaf.binds(block)), Fraction(0))


def test_the_portal_method_gives_a_ministry_what_its_form_gives() -> None:
    method = find_method("btttt-2016")
    assert part_points(method, "information-part", Block.BO) == 160
    points: dict[str, Fraction] = defaultdict(Fraction)
    for leaf in method.leaves.values():
        if leaf.binds(Block.BO) and not leaf.assumed_in(Block.BO):
            points[leaf.source.text.rpartition(" ")[2]] += leaf.points
    assert [points[str(number)] for number in range(1, 11)] == [3, 3, 3, 3, 12, 5, 5, 5, 5, 6]
    assert sum(points.values()) == 50
    assert all(leaf.assumed_in(Block.TINH) for leaf in method.leaves.values())


def test_the_portal_method_asks_106_elements_of_33_items() -> None:
    leaves = find_method("btttt-2016").leaves.values()
    assert len(leaves) == 106, (
        "111 of the decree's checklist but four of accessibility and the statistic on single sign-on"
    )
    assert len({leaf.item for leaf in leaves}) == 33


def test_the_portal_method_and_the_checklist_speak_of_the_same_elements() -> None:
    leaves = find_method("btttt-2016").leaves.values()
    for item in load_checklist("nd43-2011").items:
        scored = {leaf.element for leaf in leaves if leaf.item == item.id}
        if item.binds_from:  # observed only, in the years the method is for
            assert not scored, item.id
            continue
        assert scored == {element.id for element in item.elements if not element.statistic}, item.id
        assert {leaf.blocks for leaf in leaves if leaf.item == item.id} == {item.blocks}, item.id
