"""Claims from findings: order and repetition never matter, presence wins, doubt holds, absence needs every visit."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.evaluate import item_outcome
from checklists.merge import RULE, merge
from checklists.model import Apart, ElementFinding, Finding, Outcome, Pointer, Verdict

OUTCOMES = [Outcome.MET, Outcome.NOT_MET, Outcome.UNSURE, Outcome.NOT_OBSERVED, Outcome.ERROR]


def finding(visit: int, outcomes: list[Outcome], quote: str = "q", **more: object) -> Finding:
    elements = tuple(
        ElementFinding(
            element=f"e{place}",
            verdict=Verdict(
                outcome=outcome,
                reason="r",
                seen=(Pointer(sha256="0" * 64, url="http://mau.gov.vn/", selector="p", quote=quote),),
            ),
            message=f"{outcome} ở lượt {visit}",
            clicks=visit,
        )
        for place, outcome in enumerate(outcomes)
    )
    whole = Finding(
        id=f"v{visit}/news",
        visit=f"v{visit}",
        campaign="2016",
        agency="mau",
        item="news",
        checklist="nd43-2011@1",
        checklist_digest="d",
        outcome=item_outcome(outcomes),
        message=f"lượt {visit}",
        elements=elements,
        needs_person=False,
        seen_at=f"2017-02-{visit:02}T09:00:00+07:00",
    )
    return msgspec.structs.replace(whole, **more)


def visits(sizes: int = 3) -> st.SearchStrategy[list[Finding]]:
    rows = st.lists(st.lists(st.sampled_from(OUTCOMES), min_size=sizes, max_size=sizes), min_size=1, max_size=5)
    return rows.map(lambda many: [finding(number + 1, outcomes) for number, outcomes in enumerate(many)])


@given(visits(), st.randoms(use_true_random=False))
def test_the_order_of_findings_never_matters(findings: list[Finding], random: object) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merge(shuffled) == merge(findings)


@given(visits())
def test_a_finding_told_twice_counts_once(findings: list[Finding]) -> None:
    assert merge([*findings, *findings]) == merge(findings)


@given(visits())
def test_presence_wins_doubt_holds_and_absence_needs_every_visit(findings: list[Finding]) -> None:
    claim = merge(findings)
    for place, element in enumerate(claim.elements):
        told = [one.elements[place].verdict.outcome for one in findings]
        observed = [outcome for outcome in told if outcome is not Outcome.NOT_OBSERVED]
        got = element.verdict.outcome
        assert (got is Outcome.MET) == (Outcome.MET in told)
        assert (got is Outcome.NOT_MET) == (bool(observed) and set(observed) == {Outcome.NOT_MET})
        assert (got is Outcome.NOT_OBSERVED) == (not observed)


@given(visits())
def test_the_claim_keeps_a_finding_that_says_so(findings: list[Finding]) -> None:
    by_id = {one.id: one for one in findings}
    for element in merge(findings).elements:
        kept = next(one for one in by_id[element.finding].elements if one.element == element.element)
        assert (kept.verdict, kept.message) == (element.verdict, element.message)


@given(visits())
def test_one_more_visit_that_sees_it_never_takes_presence_away(findings: list[Finding]) -> None:
    more = finding(9, [Outcome.MET] * 3)
    assert merge([*findings, more]).outcome is Outcome.MET


def test_the_digest_covers_outcomes_and_quotes_and_nothing_of_the_visit() -> None:
    one = merge([finding(1, [Outcome.MET])])
    assert one.digest == merge([finding(2, [Outcome.MET])]).digest
    assert one.digest != merge([finding(1, [Outcome.NOT_MET])]).digest
    assert one.digest != merge([finding(1, [Outcome.MET], quote="khác")]).digest
    assert one.rule == RULE


def test_a_doubt_settled_by_a_later_visit_needs_no_person() -> None:
    doubtful = finding(1, [Outcome.UNSURE], needs_person=True)
    assert merge([doubtful]).needs_person
    assert not merge([doubtful, finding(2, [Outcome.MET])]).needs_person


def test_an_assisted_duty_needs_a_person_however_clear() -> None:
    assert merge([finding(1, [Outcome.MET], assisted=True)]).needs_person


def test_clicks_are_the_fewest_to_a_proof() -> None:
    assert merge([finding(3, [Outcome.MET, Outcome.NOT_MET])]).clicks == 3
    assert merge([finding(3, [Outcome.NOT_MET])]).clicks is None


def test_findings_of_two_duties_are_refused() -> None:
    with pytest.raises(ValueError, match="one campaign"):
        merge([finding(1, [Outcome.MET]), finding(2, [Outcome.MET], item="search")])
    with pytest.raises(ValueError, match="one campaign"):
        merge([])


@given(
    st.lists(
        st.sampled_from([Outcome.MET, Outcome.NOT_MET, Outcome.UNSURE, Outcome.NOT_APPLICABLE]), min_size=1, max_size=6
    )
)
def test_an_item_is_unsure_only_where_that_could_change_it(outcomes: list[Outcome]) -> None:
    got = item_outcome(outcomes)
    ways = [outcomes]
    for place, outcome in enumerate(outcomes):
        if outcome is Outcome.UNSURE:
            ways = [
                [*way[:place], either, *way[place + 1 :]] for way in ways for either in (Outcome.MET, Outcome.NOT_MET)
            ]
    possible = {item_outcome(way) for way in ways}
    assert (got is Outcome.UNSURE) == (len(possible) > 1)
    if len(possible) == 1:
        assert {got} == possible


# --- what one visit alone cannot show missing --------------------------------------------------------------------------------------------


def at(day: int, hour: int, outcome: Outcome) -> Finding:
    """A finding of one campaign-wide element, whose lack must be seen twice a day apart."""
    told = finding(day, [outcome], seen_at=f"2017-02-{day:02}T{hour:02}:00:00+07:00", id=f"v{day}-{hour}/news")
    apart = Apart(24, "chỉ một lần")
    return msgspec.structs.replace(
        told, elements=tuple(msgspec.structs.replace(one, apart=apart) for one in told.elements)
    )


def merged(*findings: Finding) -> tuple[Outcome, str]:
    claim = merge(findings)
    return claim.outcome, claim.elements[0].message


def test_one_lack_alone_leaves_it_open_whatever_the_other_visits_saw() -> None:
    assert merged(at(1, 9, Outcome.NOT_MET)) == (Outcome.UNSURE, "chỉ một lần")
    assert merged(at(1, 9, Outcome.MET), at(2, 9, Outcome.NOT_MET), at(4, 9, Outcome.MET))[0] is Outcome.UNSURE
    assert merge([at(1, 9, Outcome.NOT_MET)]).needs_person


def test_two_lacks_far_enough_apart_stand_even_where_it_was_there_in_between() -> None:
    assert merged(at(1, 9, Outcome.NOT_MET), at(1, 20, Outcome.NOT_MET))[0] is Outcome.UNSURE
    assert merged(at(1, 9, Outcome.NOT_MET), at(2, 9, Outcome.MET), at(3, 9, Outcome.NOT_MET))[0] is Outcome.NOT_MET


def test_what_was_not_observed_from_our_side_says_nothing() -> None:
    assert merged(at(1, 9, Outcome.MET), at(2, 9, Outcome.NOT_OBSERVED))[0] is Outcome.MET
    assert merged(at(1, 9, Outcome.NOT_OBSERVED), at(2, 9, Outcome.NOT_OBSERVED))[0] is Outcome.NOT_OBSERVED
