"""Leases, attempts and what becomes of a slot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crawler import ledger
from crawler.database import connect
from crawler.ledger import Ending, Fenced, Lease, Patience, PlannedVisit, SlotState, Standing
from crawler.model import StopReason, VisitStatus

NOW = datetime(2017, 2, 2, 2, tzinfo=UTC)
TTL = timedelta(minutes=10)
RULES = Patience(
    source="test", grace_hours=24, retry_hours=(1, 4), interruptions=2, permanent=frozenset(), ours_minutes=15
)
HOUR = timedelta(hours=1)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "workspace.sqlite")) as connection:
        ledger.create_tables(connection)
        yield connection


def visit(agency: str = "da-nang", number: int = 1, at: datetime = NOW) -> PlannedVisit:
    return PlannedVisit(campaign="2016", agency=agency, number=number, at=at)


def take(db: sqlite3.Connection, now: datetime = NOW, **options: object) -> Lease | None:
    return ledger.lease(db, now=now, owner="me", ttl=TTL, rules=RULES, **options)  # type: ignore[arg-type]


def taken(db: sqlite3.Connection, now: datetime = NOW) -> Lease:
    held = take(db, now)
    assert held
    return held


def fail(
    db: sqlite3.Connection, held: Lease, now: datetime, status: VisitStatus = VisitStatus.UNREACHABLE
) -> SlotState:
    return ledger.finish(db, held, now=now, status=status, stop=StopReason.UNREACHABLE, error="no answer", rules=RULES)


def seal(db: sqlite3.Connection, held: Lease, now: datetime = NOW) -> SlotState:
    return ledger.finish(db, held, now=now, status=VisitStatus.OK, stop=StopReason.DONE, folder=held.slot, rules=RULES)


def store(db: sqlite3.Connection, planned: list[PlannedVisit], now: datetime = NOW) -> tuple[PlannedVisit, ...]:
    return ledger.store_plan(db, planned, now=now, rules=RULES)


def state(db: sqlite3.Connection, slot: str = "2016.da-nang.1") -> SlotState:
    return next(one.state for one in ledger.slots(db) if one.id == slot)


def test_a_visit_from_plan_to_done(db: sqlite3.Connection) -> None:
    store(db, [visit(), visit("ha-noi", at=NOW + HOUR)])
    held = taken(db)
    assert (held.slot, held.attempt, held.until, held.last) == ("2016.da-nang.1", 1, NOW + TTL, False)
    assert take(db) is None
    assert seal(db, held) is SlotState.DONE
    assert seal(db, held) is SlotState.DONE
    (attempt,) = ledger.attempts(db)
    assert (attempt.owner, attempt.begun, attempt.ending, attempt.status) == ("me", NOW, Ending.SEALED, VisitStatus.OK)
    assert taken(db, NOW + HOUR).slot == "2016.ha-noi.1"


def test_one_visit_of_an_agency_at_a_time(db: sqlite3.Connection) -> None:
    store(db, [visit(number=1), visit(number=2)])
    held = taken(db)
    assert ledger.due(db, NOW) == ()
    assert take(db) is None
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("UPDATE slots SET state = 'leased'")
    seal(db, held)
    assert taken(db).number == 2


def test_only_the_agencies_asked_for(db: sqlite3.Connection) -> None:
    store(db, [visit("a"), visit("b")])
    assert take(db, agencies=["c"]) is None
    held = take(db, agencies=["b"])
    assert held
    assert held.agency == "b"


def test_a_stale_token_records_nothing(db: sqlite3.Connection) -> None:
    store(db, [visit()])
    first = taken(db)
    second = taken(db, NOW + TTL)
    assert second.token > first.token
    assert (second.attempt, second.slot) == (2, first.slot)
    before = ledger.attempts(db)
    for late in (
        lambda: seal(db, first),
        lambda: fail(db, first, NOW),
        lambda: ledger.renew(db, first, now=NOW, ttl=TTL),
        lambda: ledger.release(db, first, "late", now=NOW),
    ):
        with pytest.raises(Fenced):
            late()
    assert ledger.attempts(db) == before
    assert [attempt.ending for attempt in before] == [Ending.INTERRUPTED, None]
    assert seal(db, second, NOW + TTL) is SlotState.DONE
    with pytest.raises(Fenced):
        seal(db, first)


def test_a_renewed_lease_does_not_run_out(db: sqlite3.Connection) -> None:
    store(db, [visit()])
    held = ledger.renew(db, taken(db), now=NOW + TTL / 2, ttl=TTL)
    assert held.until == NOW + 1.5 * TTL
    assert ledger.expire(db, NOW + TTL) == ()
    assert ledger.expire(db, held.until) == (held.slot,)


def test_a_lease_of_a_dead_worker_is_taken_back_at_once(db: sqlite3.Connection) -> None:
    store(db, [visit()])
    held = taken(db)
    assert ledger.expire(db, NOW, alive=lambda owner: owner == "me") == ()
    assert ledger.expire(db, NOW, alive=lambda owner: owner != "me") == (held.slot,)
    assert taken(db).attempt == 2


def test_failures_are_retried_after_the_delays_and_then_the_portal_has_failed(db: sqlite3.Connection) -> None:
    store(db, [visit()])
    first = taken(db)
    assert fail(db, first, NOW) is SlotState.PLANNED
    assert take(db, NOW + HOUR - timedelta(seconds=1)) is None
    second = taken(db, NOW + HOUR)
    assert not second.last
    fail(db, second, NOW + HOUR)
    assert take(db, NOW + 4 * HOUR) is None
    third = taken(db, NOW + 5 * HOUR)
    assert third.last
    assert fail(db, third, NOW + 5 * HOUR) is SlotState.FAILED
    assert take(db, NOW + 6 * HOUR) is None
    assert [attempt.number for attempt in ledger.attempts(db, first.slot)] == [1, 2, 3]


def test_no_retry_lies_beyond_the_grace(db: sqlite3.Connection) -> None:
    store(db, [visit()])
    late = NOW + 23.5 * HOUR
    held = taken(db, late)
    assert held.last
    assert fail(db, held, late) is SlotState.FAILED


@pytest.mark.parametrize("status", [VisitStatus.OURS, VisitStatus.OFF_LIMITS, VisitStatus.BROWSER_CRASH])
def test_failures_of_our_own_are_a_visit_missed_by_us(db: sqlite3.Connection, status: VisitStatus) -> None:
    store(db, [visit()])
    late = NOW + 23.5 * HOUR
    assert fail(db, taken(db, late), late, status) is SlotState.MISSED


def test_a_slot_nobody_came_to_is_missed_by_us_and_never_filled_in(db: sqlite3.Connection) -> None:
    store(db, [visit()])
    late = NOW + 24 * HOUR
    (slot,) = ledger.slots(db)
    assert ledger.standing(slot, late) is Standing.MISSED
    assert ledger.due(db, late) == ()
    assert take(db, late) is None
    assert state(db) is SlotState.MISSED
    store(db, [visit(at=late + HOUR)], late)
    assert take(db, late + HOUR) is None
    assert ledger.slots(db)[0].at == NOW


def test_a_visit_that_kills_every_worker_is_given_up(db: sqlite3.Connection) -> None:
    store(db, [visit()])
    for step in range(RULES.interruptions + 1):
        assert take(db, NOW + step * TTL)
    assert ledger.expire(db, NOW + 9 * TTL, rules=RULES) == ("2016.da-nang.1",)
    assert state(db) is SlotState.MISSED


def test_a_lease_given_back_is_free_when_told(db: sqlite3.Connection) -> None:
    store(db, [visit()])
    ledger.release(db, taken(db), "stopped by hand", now=NOW + HOUR)
    assert take(db) is None
    assert taken(db, NOW + HOUR).attempt == 2
    assert ledger.attempts(db)[0].error == "stopped by hand"


def test_a_visit_our_own_network_kept_from_us_counts_as_no_try_and_waits(db: sqlite3.Connection) -> None:
    store(db, [visit()])
    for number in range(5):
        at = NOW + number * HOUR
        ledger.release(db, taken(db, at), "our own network is down", now=at, again=at + HOUR)
        assert take(db, at + 0.9 * HOUR) is None
    again = taken(db, NOW + 5 * HOUR)
    assert not again.last
    assert fail(db, again, NOW + 5 * HOUR) is SlotState.PLANNED
    endings = [attempt.ending for attempt in ledger.attempts(db, again.slot)]
    assert endings == [ledger.Ending.RELEASED] * 5 + [ledger.Ending.FAILED]


def test_a_retry_waits_as_long_as_the_host_asked(db: sqlite3.Connection) -> None:
    store(db, [visit(), visit("ha-noi")])

    def limited(held: Lease, rest: timedelta) -> SlotState:
        status, stop = VisitStatus.RATE_LIMITED, StopReason.BLOCKED
        return ledger.finish(db, held, now=NOW, status=status, stop=stop, rest=rest, rules=RULES)

    held = taken(db)
    assert limited(held, 3 * HOUR) is SlotState.PLANNED
    assert limited(taken(db), 25 * HOUR) is SlotState.FAILED, "what is asked lies beyond the grace"
    assert take(db, NOW + 2.9 * HOUR) is None
    assert taken(db, NOW + 3 * HOUR).slot == held.slot


def test_a_sealed_folder_is_done_though_its_end_was_lost(db: sqlite3.Connection) -> None:
    store(db, [visit(), visit("ha-noi")])
    held = taken(db)
    assert ledger.reconcile(db, [held.slot, "demo.unknown.1"], now=NOW) == (held.slot,)
    assert ledger.reconcile(db, [held.slot], now=NOW) == ()
    assert state(db) is SlotState.DONE
    assert seal(db, held) is SlotState.DONE
    other = taken(db)
    assert ledger.expire(db, NOW + TTL) == (other.slot,)
    assert ledger.reconcile(db, [other.slot], now=NOW + TTL) == (other.slot,)
    assert take(db, NOW + TTL) is None


def test_a_sealed_visit_is_not_made_again_by_a_worker_that_finds_it_open(db: sqlite3.Connection) -> None:
    store(db, [visit(), visit("ha-noi")])
    held = taken(db)
    other = taken(db)
    later = NOW + TTL
    again = take(db, later, sealed=lambda slot: slot == held.slot)
    assert again
    assert again.slot == other.slot
    assert state(db, held.slot) is SlotState.DONE


def test_a_new_plan_moves_what_nobody_touched_and_nothing_else(db: sqlite3.Connection) -> None:
    store(db, [visit("a"), visit("b"), visit("c"), visit("d", 1), visit("d", 2)])
    seal(db, taken(db))
    fail(db, taken(db), NOW)
    taken(db)
    later = NOW + 48 * HOUR
    moved = store(db, [visit(name, at=later) for name in "abcd"])
    assert moved == (visit("d", at=later),)
    slots = {slot.id: slot for slot in ledger.slots(db)}
    assert {slot.id for slot in slots.values() if slot.at == NOW} == {"2016.a.1", "2016.b.1", "2016.c.1"}
    assert slots["2016.d.1"].ready == later
    assert "2016.d.2" not in slots
    assert {one.id for one in ledger.fixed_visits(db, "2016")} == {"2016.a.1", "2016.b.1", "2016.c.1"}
    assert store(db, [visit("d", at=later)]) == ()


class LedgerMachine(RuleBasedStateMachine):
    """Any order of what workers, clocks and planners do keeps the ledger's promises."""

    @initialize()
    def begin(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        ledger.create_tables(self.db)
        self.now = NOW
        self.held: list[Lease] = []
        self.tokens: list[int] = []
        self.sealed: set[str] = set()
        self.tries = 0
        planned = [visit(agency, number, NOW + number * HOUR) for agency in "abc" for number in (1, 2)]
        ledger.store_plan(self.db, planned, now=NOW, rules=RULES)

    @rule(minutes=st.integers(1, 400))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def a_worker_leases(self) -> None:
        held = take(self.db, self.now, sealed=self.sealed.__contains__)
        if held:
            assert held.slot not in self.sealed
            assert not self.tokens or held.token > self.tokens[-1]
            self.held.append(held)
            self.tokens.append(held.token)
            self.tries += 1

    @precondition(lambda self: self.held)
    @rule(data=st.data(), how=st.sampled_from(["seal", "seal-lost", "fail", "release", "renew"]))
    def a_worker_goes_on(self, data: st.DataObject, how: str) -> None:
        held = data.draw(st.sampled_from(self.held))
        current = self.db.execute("SELECT state, token FROM slots WHERE id = ?", (held.slot,)).fetchone()
        ours = current == ("leased", held.token)
        if how.startswith("seal") and (ours or held.slot in self.sealed):
            self.sealed.add(held.slot)
        if how == "seal-lost":
            return
        act = {
            "seal": lambda: seal(self.db, held, self.now),
            "fail": lambda: fail(self.db, held, self.now),
            "release": lambda: ledger.release(self.db, held, "", now=self.now),
            "renew": lambda: ledger.renew(self.db, held, now=self.now, ttl=TTL),
        }[how]
        ended = self.db.execute("SELECT ending FROM attempts WHERE token = ?", (held.token,)).fetchone()[0]
        if ours or (how == "seal" and ended == Ending.SEALED):
            act()
        else:
            with pytest.raises(Fenced):
                act()

    @rule(alive=st.booleans())
    def the_ledger_is_tidied(self, alive: bool) -> None:
        ledger.reconcile(self.db, self.sealed, now=self.now)
        ledger.expire(self.db, self.now, alive=lambda _: alive, rules=RULES)

    @rule(shift=st.integers(-5, 30))
    def someone_plans_again(self, shift: int) -> None:
        fixed = ledger.fixed_visits(self.db, "2016")
        planned = [visit(agency, number, NOW + (number + shift) * HOUR) for agency in "abc" for number in (1, 2)]
        ledger.store_plan(self.db, planned, now=self.now, rules=RULES)
        assert set(fixed) <= set(ledger.fixed_visits(self.db, "2016"))

    @invariant()
    def promises(self) -> None:
        slots = ledger.slots(self.db)
        assert len(slots) == 6
        leased = [slot.agency for slot in slots if slot.state is SlotState.LEASED]
        assert len(leased) == len(set(leased))
        tries = ledger.attempts(self.db)
        assert len(tries) == self.tries == sum(slot.attempts for slot in slots)
        open_tries = [attempt.slot for attempt in tries if attempt.ending is None]
        assert sorted(open_tries) == sorted(slot.id for slot in slots if slot.state is SlotState.LEASED)
        for slot in slots:
            if slot.state is SlotState.DONE:
                assert slot.id in self.sealed
                assert slot.folder == slot.id

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.db.close()


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
