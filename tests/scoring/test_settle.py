"""What of a campaign may be scored."""

from __future__ import annotations

import pytest

from checklists.model import Claim, ElementClaim, Outcome, Verdict
from scoring.model import Settler
from scoring.settle import settle


def claim(
    item: str,
    *elements: tuple[str, Outcome],
    agency: str = "a",
    whole: Outcome = Outcome.PARTLY_MET,
    person: bool = False,
    statistic: str = "",
) -> Claim:
    return Claim(
        campaign="2016",
        agency=agency,
        item=item,
        checklist="nd43-2011",
        outcome=whole,
        message="",
        elements=tuple(
            ElementClaim(
                element=name,
                verdict=Verdict(outcome=outcome, reason="r"),
                message="",
                finding="f",
                statistic=name == statistic,
            )
            for name, outcome in elements
        ),
        findings=(),
        rule="",
        needs_person=person,
        digest="d",
    )


@pytest.mark.parametrize(
    ("outcome", "settler"),
    [
        (Outcome.MET, Settler.MACHINE),
        (Outcome.NOT_MET, Settler.MACHINE),
        (Outcome.NOT_APPLICABLE, Settler.MACHINE),
        (Outcome.PARTLY_MET, Settler.NOBODY),
        (Outcome.UNSURE, Settler.NOBODY),
        (Outcome.NOT_OBSERVED, Settler.NOBODY),
        (Outcome.ERROR, Settler.NOBODY),
    ],
)
def test_who_settles_an_element(outcome: Outcome, settler: Settler) -> None:
    (observation,) = settle([claim("news", ("listing", outcome))], assisted=())
    assert (observation.outcome, observation.settled_by, observation.claim) == (outcome, settler, "d")
    (waiting,) = settle([claim("news", ("listing", outcome), person=True)], assisted={"news"})
    assert waiting.settled_by is Settler.NOBODY


def test_an_unsure_element_does_not_take_the_sure_ones_along() -> None:
    asked = claim("news", ("listing", Outcome.MET), ("recent", Outcome.UNSURE), person=True)
    assert [each.settled_by for each in settle([asked], assisted=())] == [Settler.MACHINE, Settler.NOBODY]


def test_statistics_carry_no_duty() -> None:
    claims = [claim("service-integration", ("linked", Outcome.MET), ("sso", Outcome.NOT_MET), statistic="sso")]
    assert [each.element for each in settle(claims, assisted=())] == ["linked"]


def test_a_duty_that_does_not_apply_takes_its_elements_along() -> None:
    (observation,) = settle(
        [claim("service-functions", ("guide", Outcome.UNSURE), whole=Outcome.NOT_APPLICABLE)],
        assisted={"service-functions"},
    )
    assert (observation.outcome, observation.settled_by) == (Outcome.NOT_APPLICABLE, Settler.MACHINE)


def test_order_does_not_matter() -> None:
    claims = [claim("search", ("z", Outcome.MET), ("a", Outcome.MET), agency=name) for name in ("b", "a")]
    assert settle(claims, assisted=()) == settle(reversed(claims), assisted=())
    assert [(each.agency, each.element) for each in settle(claims, assisted=())] == [
        ("a", "z"),
        ("a", "a"),
        ("b", "z"),
        ("b", "a"),
    ]
