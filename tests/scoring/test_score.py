"""Scores: by property in exact fractions, and the published rows of the Vietnam ICT Index."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checklists.model import Outcome
from crawler.model import Block
from scoring.load import find_method
from scoring.model import (
    IndexScore,
    Leaf,
    Measure,
    Method,
    Node,
    Observation,
    Operation,
    RankRule,
    Settler,
    Source,
)
from scoring.rank import decimal_text, rank
from scoring.records import from_json, to_json
from scoring.score import score

PORTAL = find_method("btttt-2016")
ICT = find_method("ict-index-2016")
EIGHT = frozenset(
    {"introduction-agency", "introduction-locality", "news", "leader-schedule", "legal-documents", "portal-contact", "search", "domain-name"}
)  # fmt: skip
"""Items judged while the other 26 are not built; any subset of the method's items does for these tests."""

KNOWN, GUESSED = Source("read", assumed=False), Source("assumed", assumed=True)


def observed(agency: str, leaf: Leaf, outcome: Outcome, settled: bool = True) -> Observation:
    by = Settler.MACHINE if settled else Settler.NOBODY
    return Observation(agency=agency, item=leaf.item, element=leaf.element, outcome=outcome, settled_by=by)


def portal_leaves(block: Block, items: frozenset[str] = EIGHT) -> list[Leaf]:
    return [leaf for leaf in PORTAL.leaves.values() if leaf.item in items and leaf.binds(block)]


outcomes = st.sampled_from([Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE, Outcome.UNSURE, Outcome.NOT_OBSERVED])
blocks = st.sampled_from([Block.BO, Block.TINH])


@st.composite
def portals(draw: st.DrawFn) -> tuple[Block, list[Observation]]:
    block = draw(blocks)
    leaves = portal_leaves(block)
    drawn = draw(st.lists(outcomes, min_size=len(leaves), max_size=len(leaves)))
    settled = [outcome in (Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE) for outcome in drawn]
    return block, [observed("a", leaf, *each) for leaf, *each in zip(leaves, drawn, settled, strict=True)]


def any_coverage(method: Method) -> Method:
    return msgspec.structs.replace(method, coverage_threshold=Fraction(0))


@given(portals())
def test_bounds_and_shares_that_sum(portal: tuple[Block, list[Observation]]) -> None:
    block, seen = portal
    (made,) = score(any_coverage(PORTAL), block, ["a"], seen, judged=EIGHT)
    assert 0 <= made.coverage <= 1
    assert 0 <= made.sourced <= 1
    if made.value is None:
        assert made.withheld
        assert all(each.share == 0 for each in made.contributions)
    else:
        assert 0 <= made.value <= 1
        assert sum(each.share for each in made.contributions) == made.value
        earned = sum(each.earned for each in made.contributions)
        settled = sum(each.applicable for each in made.contributions if each.outcome in ("met", "not_met"))
        assert made.value == Fraction(earned, settled)
    assert from_json(to_json(made), IndexScore) == made


@given(portals(), st.randoms(use_true_random=False))
def test_order_does_not_matter(portal: tuple[Block, list[Observation]], chance: object) -> None:
    block, seen = portal
    mixed = list(seen)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert score(PORTAL, block, ["a"], seen, judged=EIGHT) == score(PORTAL, block, ["a"], mixed, judged=EIGHT)


@given(portals(), st.data())
def test_more_credit_never_lowers_a_score(portal: tuple[Block, list[Observation]], data: st.DataObject) -> None:
    block, seen = portal
    method = any_coverage(PORTAL)
    place = data.draw(st.integers(0, len(seen) - 1))
    better = list(seen)
    better[place] = msgspec.structs.replace(seen[place], outcome=Outcome.MET, settled_by=Settler.MACHINE)
    before, after = (score(method, block, ["a"], each, judged=EIGHT)[0] for each in (seen, better))
    assert after.value is not None
    if seen[place].outcome is not Outcome.NOT_APPLICABLE:
        assert after.coverage >= before.coverage
    if before.value is not None:
        assert after.value >= before.value


@given(portals())
def test_below_the_threshold_there_is_neither_value_nor_rank(portal: tuple[Block, list[Observation]]) -> None:
    block, seen = portal
    (made,) = score(PORTAL, block, ["a"], seen, judged=EIGHT)
    points = {True: Fraction(0), False: Fraction(0)}
    for leaf, each in zip(portal_leaves(block), seen, strict=True):
        if each.outcome is not Outcome.NOT_APPLICABLE:
            points[each.settled_by is Settler.MACHINE] += leaf.points
    applicable = sum(points.values())
    assert made.coverage == (points[True] / applicable if applicable else 0)
    enough = bool(points[True]) and made.coverage >= Fraction(4, 5)
    assert (made.value is not None) == enough == (not made.withheld)
    assert (rank(PORTAL, [made])[0].rank == 1) == enough


def test_what_nobody_settled_is_no_zero() -> None:
    leaves = portal_leaves(Block.TINH)
    unsure = next(leaf for leaf in leaves if leaf.item == "search")
    seen = [
        observed("a", leaf, Outcome.UNSURE if leaf is unsure else Outcome.MET, leaf is not unsure) for leaf in leaves
    ]
    (made,) = score(PORTAL, Block.TINH, ["a"], seen, judged=EIGHT)
    assert made.value == 1
    assert made.coverage == 1 - unsure.points / sum(leaf.points for leaf in leaves)
    assert made.by_machine == len(leaves) - 1


def test_a_portal_never_seen_has_no_score() -> None:
    (made,) = score(PORTAL, Block.TINH, ["a"], [], judged=EIGHT)
    assert (made.value, made.coverage) == (None, 0)
    assert "0,0 %" in made.withheld
    assert {each.outcome for each in made.contributions} == {"not_observed"}


def test_items_the_edition_does_not_judge_are_told_and_left_out() -> None:
    leaves = portal_leaves(Block.TINH)
    (made,) = score(PORTAL, Block.TINH, ["a"], [observed("a", leaf, Outcome.MET) for leaf in leaves], judged=EIGHT)
    assert (made.value, made.coverage) == (1, 1)
    assert (made.items_judged, made.items_total) == (7, 31), "a ministry's two items do not bind a province"
    assert (made.points_judged, made.points_total) == (66, 250)
    assert any("7/31 mục" in note and "26,4 %" in note for note in made.notes)
    assert made.sourced == 0, "the form with known points is a ministry's"


def test_the_share_of_sourced_points_is_a_ministrys_fifty() -> None:
    every_item = frozenset(leaf.item for leaf in PORTAL.leaves.values())
    seen = [observed("a", leaf, Outcome.MET) for leaf in portal_leaves(Block.BO, every_item)]
    (made,) = score(PORTAL, Block.BO, ["a"], seen)
    assert made.sourced == Fraction(50, 245)
    assert made.notes == ()


def test_other_agencies_and_other_items_change_nothing() -> None:
    leaves = portal_leaves(Block.TINH)
    seen = [observed("a", leaf, Outcome.MET) for leaf in leaves]
    more = [observed("b", leaf, Outcome.NOT_MET) for leaf in leaves]
    more += [
        Observation(agency="a", item="news", element="weather", outcome=Outcome.NOT_MET, settled_by=Settler.PERSON)
    ]
    assert score(PORTAL, Block.TINH, ["a"], seen, judged=EIGHT) == score(
        PORTAL, Block.TINH, ["a"], seen + more, judged=EIGHT
    )


# --- measures ----------------------------------------------------------------------------------------------------------------------------

PUBLISHED_ROWS = {
    "Đà Nẵng": ("35/36 30/31 40/49 12/29", "0,8069", "1,0000"),
    "Hà Nội": ("36/36 28/31 33/49 11/29", "0,7448", "0,8929"),
    "Hà Giang": ("35/37 24/31 34/49 5/32", "0,6577", "0,7425"),
    "Lào Cai": ("28/37 25/31 20/49 10/32", "0,5570", "0,5687"),
}
"""Points earned at levels 1–4, their total, and the index published to four decimals (the totals were published as 80,7, 74,5, 65,8 and 55,7 %)."""


def levels(agency: str, points: str) -> list[Measure]:
    pairs = [pair.split("/") for pair in points.split()]
    return [
        Measure(agency=agency, measure=f"dvctt-level-{level}", earned=Fraction(a), applicable=Fraction(b), source="")
        for level, (a, b) in enumerate(pairs, 1)
    ]


def index(agency: str, name: str, value: str) -> Measure:
    return Measure(agency=agency, measure=name, earned=Fraction(value), applicable=Fraction(1), source="")


@pytest.mark.parametrize("agency", PUBLISHED_ROWS)
def test_published_rows_of_the_index_of_online_services(agency: str) -> None:
    points, total, published = PUBLISHED_ROWS[agency]
    (made,) = score(ICT, Block.TINH, [agency], measures=levels(agency, points))
    values = {name: value and decimal_text(value, 4) for name, value in made.node_values.items()}
    assert values == {"dvctt-total": total, "dvctt-index": published, "application-index": None, "ict-index": None}
    assert made.value is None
    assert any("33/145" in note and "117/145" in note and "1/63" in note for note in made.notes)


def test_da_nang_on_its_way_up() -> None:
    given_ = levels("Đà Nẵng", PUBLISHED_ROWS["Đà Nẵng"][0])
    given_ += [
        index("Đà Nẵng", "internal-application-index", "0.7818"),
        index("Đà Nẵng", "infrastructure-index", "0.8437"),
        index("Đà Nẵng", "human-index", "0.7617"),
    ]
    (made,) = score(ICT, Block.TINH, ["Đà Nẵng"], measures=given_)
    assert decimal_text(made.node_values["application-index"] or Fraction(0), 4) == "0,8909"
    assert decimal_text(made.value or Fraction(0), 4) == "0,8321"
    assert sum(each.share for each in made.contributions) == made.value
    assert made.coverage == 1


def test_a_missing_level_leaves_its_ancestors_empty_and_only_them() -> None:
    (made,) = score(
        ICT, Block.TINH, ["a"], measures=[*levels("a", "35/36 30/31 40/49"), index("a", "human-index", "0.5")]
    )
    assert set(made.node_values.values()) == {None}
    assert made.node_coverage["dvctt-total"] == Fraction(116, 145)
    assert made.node_coverage["ict-index"] == Fraction(1, 3) + Fraction(116, 145) / 6
    assert made.withheld


@st.composite
def provinces(draw: st.DrawFn) -> list[Measure]:
    most = (36, 31, 49, 29)
    rows = draw(st.lists(st.tuples(*(st.integers(0, each) for each in most)), min_size=63, max_size=63))
    written = [" ".join(f"{a}/{b}" for a, b in zip(row, most, strict=True)) for row in rows]
    return [each for place, row in enumerate(written) for each in levels(f"p{place}", row)]


ONLY_SERVICES = msgspec.structs.replace(
    ICT, root="dvctt-index", nodes={name: ICT.nodes[name] for name in ("dvctt-total", "dvctt-index")}
)


@settings(max_examples=20, deadline=None)
@given(provinces())
def test_a_whole_block_is_measured_by_itself(given_: Sequence[Measure]) -> None:
    agencies = [f"p{place}" for place in range(63)]
    made = score(ONLY_SERVICES, Block.TINH, agencies, measures=given_)
    values = [each.value for each in made if each.value is not None]
    assert not made[0].notes
    if values:
        assert (min(values), max(values)) == (0, 1)
        assert all(sum(part.share for part in each.contributions) == each.value for each in made)
        order = sorted(range(63), key=lambda place: made[place].node_values["dvctt-total"] or Fraction(0))
        assert [values[place] for place in order] == sorted(values)


def tree(operation: Operation, **fields: object) -> Method:
    leaves = [
        Leaf(id="known", points=Fraction(3), source=KNOWN, item="i", element="known"),
        Leaf(id="guessed", points=Fraction(1), source=GUESSED, item="i", element="guessed"),
    ]
    node = Node(id="top", title="T", operation=operation, children=("known", "guessed"), **fields)  # type: ignore[arg-type]
    return msgspec.structs.replace(
        PORTAL, root="top", nodes={"top": node}, leaves={leaf.id: leaf for leaf in leaves}, rank=RankRule()
    )


@pytest.mark.parametrize(
    ("method", "value", "sourced"),
    [
        (tree(Operation.RATIO), Fraction(3, 4), Fraction(3, 4)),
        (tree(Operation.SUM), Fraction(3, 4), Fraction(3, 4)),
        (tree(Operation.MEAN), Fraction(1, 2), Fraction(1, 2)),
        (tree(Operation.MEAN, weights={"known": Fraction(9)}), Fraction(9, 10), Fraction(9, 10)),
    ],
    ids=["ratio", "sum", "mean", "weighted mean"],
)
def test_operations(method: Method, value: Fraction, sourced: Fraction) -> None:
    leaves = list(method.leaves.values())
    seen = [observed("a", leaves[0], Outcome.MET), observed("a", leaves[1], Outcome.NOT_MET)]
    (made,) = score(method, Block.BO, ["a"], seen)
    assert (made.value, made.node_values["top"], made.sourced) == (value, value, sourced)
    assert sum(each.share for each in made.contributions) == value


def test_a_mean_leaves_out_what_does_not_apply() -> None:
    method = tree(Operation.MEAN)
    leaves = list(method.leaves.values())
    seen = [observed("a", leaves[0], Outcome.MET), observed("a", leaves[1], Outcome.NOT_APPLICABLE)]
    (made,) = score(method, Block.BO, ["a"], seen)
    assert made.value == 1
