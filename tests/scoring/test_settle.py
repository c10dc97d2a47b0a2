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
    (observation,) = settle([claim("news", ("listing", outcome))])
    assert (observation.outcome, observation.settled_by, observation.claim) == (outcome, settler, "d")
    (waiting,) = settle([claim("news", ("listing", outcome), person=True)])
    assert waiting.settled_by is Settler.NOBODY


def test_statistics_carry_no_duty() -> None:
    claims = [claim("service-integration", ("linked", Outcome.MET), ("sso", Outcome.NOT_MET), statistic="sso")]
    assert [each.element for each in settle(claims)] == ["linked"]


def test_a_duty_that_does_not_apply_takes_its_elements_along() -> None:
    (observation,) = settle([claim("service-functions", ("guide", Outcome.UNSURE), whole=Outcome.NOT_APPLICABLE)])
    assert (observation.outcome, observation.settled_by) == (Outcome.NOT_APPLICABLE, Settler.MACHINE)


def test_order_does_not_matter() -> None:
    claims = [claim("search", ("z", Outcome.MET), ("a", Outcome.MET), agency=name) for name in ("b", "a")]
    assert settle(claims) == settle(reversed(claims))
    assert [(each.agency, each.element) for each in settle(claims)] == [("a", "z"), ("a", "a"), ("b", "z"), ("b", "a")]
