"""Properties that hold for any method, not only those that come with the program."""

from __future__ import annotations

from fractions import Fraction

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from checklists.model import Outcome
from crawler.model import Block
from scoring.load import find_method
from scoring.model import Leaf, Method, Node, Observation, Operation, Settler, Source
from scoring.score import score

PORTAL = find_method("btttt-2016")
OUTCOMES = st.sampled_from([Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE, Outcome.UNSURE])
POINTS = st.fractions(min_value=Fraction(1, 7), max_value=20, max_denominator=7)
OPERATIONS = st.sampled_from([Operation.SUM, Operation.RATIO, Operation.MEAN])


@st.composite
def methods(draw: st.DrawFn) -> Method:
    """A method of 1–8 leaves under up to four nodes in a row or side by side, sums below ratios or means, weights at random."""
    leaves = [
        Leaf(id=f"l{n}", points=draw(POINTS), source=Source("", draw(st.booleans())), item="i", element=f"l{n}")
        for n in range(draw(st.integers(1, 8)))
    ]
    loose = [leaf.id for leaf in leaves]
    nodes = []
    for n in range(draw(st.integers(0, 3))):
        take = draw(st.integers(1, len(loose)))
        children, loose = tuple(loose[:take]), [*loose[take:], f"n{n}"]
        weights = {child: draw(POINTS) for child in children if draw(st.booleans())}
        nodes.append(Node(id=f"n{n}", title="", operation=draw(OPERATIONS), children=children, weights=weights))
    nodes.append(Node(id="root", title="", operation=draw(OPERATIONS), children=tuple(loose)))
    return msgspec.structs.replace(
        PORTAL,
        root="root",
        leaves={leaf.id: leaf for leaf in leaves},
        nodes={node.id: node for node in nodes},
        coverage_threshold=Fraction(0),
    )


def observe(method: Method, outcomes: list[Outcome]) -> list[Observation]:
    return [
        Observation(
            agency="a",
            item="i",
            element=leaf.element,
            outcome=outcome,
            settled_by=Settler.NOBODY if outcome is Outcome.UNSURE else Settler.MACHINE,
        )
        for leaf, outcome in zip(method.leaves.values(), outcomes, strict=False)
    ]


@given(methods(), st.lists(OUTCOMES, min_size=8, max_size=8))
def test_bounds_and_sums(method: Method, outcomes: list[Outcome]) -> None:
    (made,) = score(method, Block.BO, ["a"], observe(method, outcomes))
    assert 0 <= made.coverage <= 1
    assert 0 <= made.sourced <= 1
    if made.value is not None:
        assert 0 <= made.value <= 1
        assert sum(part.share for part in made.contributions) == made.value
        assert all(part.share >= 0 for part in made.contributions)


@given(methods(), st.lists(OUTCOMES, min_size=8, max_size=8), st.integers(0, 7))
def test_more_credit_never_lowers_a_score(method: Method, outcomes: list[Outcome], place: int) -> None:
    better = [*outcomes[:place], Outcome.MET, *outcomes[place + 1 :]]
    before, after = (score(method, Block.BO, ["a"], observe(method, each))[0] for each in (outcomes, better))
    if before.value is not None and after.value is not None:
        assert after.value >= before.value


@given(methods())
def test_all_and_nothing(method: Method) -> None:
    count = len(method.leaves)
    for outcome, value in ((Outcome.MET, 1), (Outcome.NOT_MET, 0)):
        (made,) = score(method, Block.BO, ["a"], observe(method, [outcome] * count))
        assert (made.value, made.coverage) == (value, 1)
    (made,) = score(method, Block.BO, ["a"], observe(method, [Outcome.NOT_APPLICABLE] * count))
    assert made.value is None
    assert made.withheld == method.sentences["nothing-applies"]


@given(methods(), st.lists(OUTCOMES, min_size=8, max_size=8))
def test_each_agency_stands_alone_without_min_max(method: Method, outcomes: list[Outcome]) -> None:
    seen = observe(method, outcomes)
    other = [msgspec.structs.replace(each, agency="b", outcome=Outcome.NOT_MET) for each in seen]
    assert score(method, Block.BO, ["a"], seen)[0] == score(method, Block.BO, ["b", "a"], seen + other)[1]
