"""What people's decisions make of a claim, and a chain nobody can rewrite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.model import Outcome
from checklists.review import (
    GENESIS,
    Act,
    Review,
    Standing,
    appeal_due,
    broken_link,
    canonical,
    rules,
    standing,
)

NOW = datetime(2017, 3, 20, 2, tzinfo=UTC)
MET, NOT_MET, UNSURE, NOT_APPLICABLE = Outcome.MET, Outcome.NOT_MET, Outcome.UNSURE, Outcome.NOT_APPLICABLE
MACHINE = {"box": NOT_MET, "finds": UNSURE}


def said(who: str, act: Act, claim: str = "c1", target: str = "", visit: str = "", **elements: Outcome) -> Review:
    return Review(
        number=1, campaign="2016", agency="da-nang", item="search", claim=claim, act=act, elements=elements, reviewer=who,
        reviewed_at=NOW, target=target, visit=visit, previous=GENESIS,
    )  # fmt: skip


def chained(*reviews: Review) -> list[Review]:
    """The same entries in a chain."""
    made: list[Review] = []
    for number, review in enumerate(reviews, 1):
        previous = made[-1].hash if made else GENESIS
        made.append(msgspec.structs.replace(review, number=number, previous=previous))
    return made


def left(*reviews: Review, claim: str = "c1") -> Standing:
    return standing(claim, MACHINE, chained(*reviews))


def test_without_people_the_machine_stands() -> None:
    found = left()
    assert {name: one.outcome for name, one in found.elements.items()} == MACHINE
    assert not any(one.people for one in found.elements.values())


def test_one_person_confirms_but_it_takes_two_to_overturn_what_the_machine_settled() -> None:
    assert left(said("an", Act.CONFIRM, box=NOT_MET)).elements["box"].people == ("an",)
    alone = left(said("an", Act.OVERTURN, box=MET, finds=UNSURE))
    assert alone.elements["box"].outcome is NOT_MET
    assert alone.elements["box"].proposed == ((MET, ("an",)),)
    assert alone.awaits_second
    both = left(said("an", Act.OVERTURN, box=MET), said("bình", Act.OVERTURN, box=MET))
    assert (both.elements["box"].outcome, both.elements["box"].people) == (MET, ("an", "bình"))
    assert not both.awaits_second


def test_nobody_is_two_people() -> None:
    twice = left(said("an", Act.OVERTURN, box=MET), said("an", Act.OVERTURN, box=MET))
    assert twice.elements["box"].outcome is NOT_MET
    assert twice.awaits_second


def test_one_person_decides_what_the_machine_left_open() -> None:
    assert left(said("an", Act.OVERTURN, finds=MET)).elements["finds"].outcome is MET
    against = left(said("an", Act.OVERTURN, finds=MET), said("bình", Act.OVERTURN, finds=NOT_MET))
    assert against.disputed
    assert against.elements["finds"].people == ()


def test_two_against_one_hold_and_two_against_two_do_not() -> None:
    three = [said("an", Act.CONFIRM, box=NOT_MET), said("b", Act.OVERTURN, box=MET), said("c", Act.OVERTURN, box=MET)]
    assert left(*three).elements["box"].outcome is MET
    tie = left(*three, said("d", Act.CONFIRM, box=NOT_MET))
    assert tie.elements["box"].disputed
    assert tie.elements["box"].people == ()


def test_a_decision_on_another_form_of_the_claim_is_stale_until_it_changes_back() -> None:
    reviews = chained(said("an", Act.CONFIRM, claim="c0", box=MET))
    changed = standing("c1", MACHINE, reviews)
    assert [review.reviewer for review in changed.stale] == ["an"]
    assert changed.elements["box"].people == ()
    assert standing("c0", {"box": MET}, reviews).elements["box"].people == ("an",)


def test_undoing_gives_back_what_the_same_person_had_said_before() -> None:
    first, second = chained(said("an", Act.CONFIRM, box=NOT_MET), said("an", Act.OVERTURN, box=MET))
    undo = said("an", Act.UNDO, target=second.hash)
    found = standing("c1", MACHINE, chained(first, second, undo))
    assert (found.elements["box"].outcome, found.elements["box"].people) == (NOT_MET, ("an",))
    assert found.votes == (first,)


def test_a_recheck_waits_until_its_visit_is_in_the_claim() -> None:
    reviews = chained(said("an", Act.RECHECK, visit="2016.da-nang.4"))
    assert standing("c1", MACHINE, reviews, visits=["2016.da-nang.1"]).recheck == reviews[0]
    assert standing("c1", MACHINE, reviews, visits=["2016.da-nang.4"]).recheck is None


def test_an_appeal_is_open_until_its_own_answer_and_takes_no_decision_away() -> None:
    decided, appeal = chained(said("an", Act.CONFIRM, box=NOT_MET), said("kiểm", Act.APPEAL))
    found = standing("c1", MACHINE, [decided, appeal])
    assert found.appeal == appeal
    assert found.elements["box"].people == ("an",)
    assert appeal_due(appeal) - NOW == timedelta(days=rules().appeal_days)
    answer = said("an", Act.ANSWER, target=appeal.hash)
    assert standing("c1", MACHINE, chained(decided, appeal, answer)).appeal is None


ENTRIES = st.lists(
    st.builds(
        said,
        st.sampled_from(["an", "bình", "chi"]),
        st.sampled_from([Act.CONFIRM, Act.OVERTURN, Act.RECHECK]),
        claim=st.sampled_from(["c0", "c1"]),
        box=st.sampled_from([MET, NOT_MET, NOT_APPLICABLE]),
    ),
    max_size=8,
)


@given(ENTRIES)
def test_an_outcome_other_than_the_machines_always_has_two_people_behind_it(entries: list[Review]) -> None:
    found = left(*entries).elements["box"]
    if found.outcome is not NOT_MET and not found.disputed:
        assert len(set(found.people)) >= 2
    if found.people:
        assert all(any(r.reviewer == who and r.claim == "c1" for r in entries) for who in found.people)


@given(ENTRIES.filter(bool), st.data())
def test_the_first_changed_lost_or_swapped_entry_is_named(entries: list[Review], data: st.DataObject) -> None:
    chain = [(review, review.hash) for review in chained(*entries)]
    assert broken_link(chain) == ""
    place = data.draw(st.integers(0, len(chain) - 1))
    review, stored = chain[place]
    changed = [*chain[:place], (msgspec.structs.replace(review, text="khác"), stored), *chain[place + 1 :]]
    assert broken_link(changed).startswith(f"entry {place + 1} ")
    rehashed = msgspec.structs.replace(review, reviewer="kẻ gian")
    forged = [*chain[:place], (rehashed, rehashed.hash), *chain[place + 1 :]]
    expected = f"entry {place + 2} " if place + 1 < len(chain) else ""
    assert broken_link(forged).startswith(expected)
    assert (broken_link(forged) == "") == (not expected), "only the head kept elsewhere shows a forged last entry"
    lost = [*chain[:place], *chain[place + 1 :]]
    assert (broken_link(lost) == "") == (place == len(chain) - 1)


def test_the_canonical_form_is_one_line_of_sorted_json() -> None:
    text = canonical(said("an", Act.CONFIRM, box=MET)).decode()
    assert text.startswith('{"act":"confirm","address":"","agency":"da-nang"')
    assert "\n" not in text


@pytest.mark.parametrize("machine", [UNSURE, Outcome.ERROR, Outcome.NOT_OBSERVED])
def test_the_rules_ask_two_people_only_where_the_machine_settled(machine: Outcome) -> None:
    assert rules().needed(machine, MET) == 1
    assert rules().needed(MET, NOT_MET) == 2
    assert rules().needed(MET, MET) == 1
