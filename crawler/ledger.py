"""Who makes which planned visit: slots leased with fencing tokens over all workers, every attempt kept.

All functions take a connection made by `crawler.database.connect` whose database holds the tables of `create_tables`. Times are stored as
UTC text. A slot's id is the id of its visit folder. Nothing here is ever deleted but slots no attempt has touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from crawler.database import as_text, as_time, writing
from crawler.model import StopReason, VisitStatus
from crawler.slots import (
    Attempt,
    Ending,
    Lease,
    Patience,
    PlannedVisit,
    Slot,
    SlotState,
    Standing,
    attempts,
    create_tables,
    due,
    fixed_visits,
    patience,
    slots,
    standing,
)

__all__ = [
    "Attempt",
    "Ending",
    "Fenced",
    "Lease",
    "Patience",
    "PlannedVisit",
    "Slot",
    "SlotState",
    "Standing",
    "attempts",
    "create_tables",
    "due",
    "expire",
    "finish",
    "fixed_visits",
    "lease",
    "patience",
    "reconcile",
    "release",
    "renew",
    "slots",
    "standing",
    "store_plan",
]

OUR_STATUSES = frozenset({VisitStatus.OURS, VisitStatus.OFF_LIMITS, VisitStatus.BROWSER_CRASH})
"""Statuses that say nothing of the portal: they came from our side."""


class Fenced(Exception):
    """The lease is no longer ours: it ran out and the slot went on without us, so nothing was recorded."""


def store_plan(
    db: sqlite3.Connection, planned: Sequence[PlannedVisit], *, now: datetime, rules: Patience | None = None
) -> tuple[PlannedVisit, ...]:
    """The plan is stored: new slots added, untouched ones moved, untouched ones of these agencies no longer planned removed.

    A slot that any attempt has touched, or that is closed, is neither moved nor removed. Returns the visits added or moved.
    """
    rules = rules or patience()
    changed = []
    with writing(db):
        for visit in planned:
            deadline = as_text(visit.at + rules.grace)
            values = (visit.id, visit.campaign, visit.agency, visit.number, as_text(visit.at), deadline, as_text(now))
            if db.execute(_STORE_SLOT, values).rowcount:
                changed.append(visit)
        kept = {visit.id for visit in planned}
        for campaign, agency in {(visit.campaign, visit.agency) for visit in planned}:
            rows = db.execute(_UNTOUCHED, (campaign, agency))
            dropped = [(slot,) for (slot,) in rows.fetchall() if slot not in kept]
            db.executemany("DELETE FROM slots WHERE id = ?", dropped)
    return tuple(changed)


def lease(
    db: sqlite3.Connection,
    *,
    now: datetime,
    owner: str,
    ttl: timedelta,
    agencies: Iterable[str] | None = None,
    sealed: Callable[[str], bool] = lambda _: False,
    alive: Callable[[str], bool | None] = lambda _: None,
    rules: Patience | None = None,
) -> Lease | None:
    """The next due slot, now ours until now + ttl, as a new attempt; None where nothing is due. Leases are taken back first, as by `expire`.

    sealed tells whether a slot's visit folder is sealed; such a slot is done, though its finish was lost, and the next one is taken.
    """
    rules = rules or patience()
    with writing(db):
        _take_back(db, now, alive, rules)
        for slot in due(db, now, agencies=agencies):
            if not sealed(slot.id):
                break
            _set_state(db, slot.id, SlotState.DONE, folder=slot.id)
        else:
            return None
        number = slot.attempts + 1
        token = db.execute(
            "INSERT INTO attempts (slot, number, owner, begun) VALUES (?, ?, ?, ?)",
            (slot.id, number, owner, as_text(now)),
        ).lastrowid
        until = now + ttl
        db.execute(
            "UPDATE slots SET state = 'leased', attempts = ?, token = ?, until = ? WHERE id = ?",
            (number, token, as_text(until), slot.id),
        )
        last = _retry_at(db, slot.id, slot.deadline, now, rules) is None
    assert token is not None
    return Lease(
        slot=slot.id,
        campaign=slot.campaign,
        agency=slot.agency,
        number=slot.number,
        attempt=number,
        token=token,
        until=until,
        last=last,
    )


def renew(db: sqlite3.Connection, held: Lease, *, now: datetime, ttl: timedelta) -> Lease:
    """The lease prolonged to now + ttl. Raises Fenced."""
    with writing(db):
        _check_held(db, held)
        db.execute("UPDATE slots SET until = ? WHERE id = ?", (as_text(now + ttl), held.slot))
    return msgspec.structs.replace(held, until=now + ttl)


def finish(
    db: sqlite3.Connection,
    held: Lease,
    *,
    now: datetime,
    status: VisitStatus,
    stop: StopReason,
    folder: str = "",
    error: str = "",
    rest: timedelta = timedelta(0),
    rules: Patience | None = None,
) -> SlotState:
    """The attempt is recorded, and where its slot stands now is returned. Raises Fenced; nothing is recorded then.

    With a sealed folder the slot is done, whatever the status. Without one it is tried again after a delay, not before its host has had the
    rest it asked for, or is closed where no try is left.
    Finishing twice, or after `reconcile` found the folder, changes nothing.
    """
    rules = rules or patience()
    with writing(db):
        if folder and _is_done_by(db, held):
            return SlotState.DONE
        _check_held(db, held)
        ending = Ending.SEALED if folder else Ending.FAILED
        _end_attempt(db, held.token, ending, now, status=status, stop=stop, folder=folder, error=error)
        if folder:
            return _set_state(db, held.slot, SlotState.DONE, folder=folder)
        deadline = as_time(db.execute("SELECT deadline FROM slots WHERE id = ?", (held.slot,)).fetchone()[0])
        again = _retry_at(db, held.slot, deadline, now, rules, rest)
        return _set_state(db, held.slot, _closed(db, held.slot)) if again is None else _reopen(db, held.slot, again)


def release(db: sqlite3.Connection, held: Lease, reason: str, *, now: datetime, again: datetime | None = None) -> None:
    """The attempt is recorded as given back, and the slot is free again at `again`, or at once. Counts as no try. Raises Fenced."""
    with writing(db):
        _check_held(db, held)
        _end_attempt(db, held.token, Ending.RELEASED, now, error=reason)
        _reopen(db, held.slot, again or now)


def expire(
    db: sqlite3.Connection,
    now: datetime,
    *,
    alive: Callable[[str], bool | None] = lambda _: None,
    rules: Patience | None = None,
) -> tuple[str, ...]:
    """Leases of owners that are gone are taken back as interrupted, and those that ran out where nobody can tell (alive None); an owner known to be
    alive keeps its lease, however the clock was set meanwhile. Slots past their deadline are closed as missed by us or failed. Returns the ids of
    the slots changed."""
    with writing(db):
        return _take_back(db, now, alive, rules or patience())


def reconcile(db: sqlite3.Connection, sealed: Iterable[str], *, now: datetime) -> tuple[str, ...]:
    """Every slot whose visit folder is sealed is done, though its finish was lost. Returns the ids of the slots changed."""
    changed = []
    with writing(db):
        for slot in sorted(set(sealed)):
            row = db.execute("SELECT state, token FROM slots WHERE id = ?", (slot,)).fetchone()
            if row is None or row[0] == SlotState.DONE:
                continue
            if row[0] == SlotState.LEASED:
                _end_attempt(db, row[1], Ending.SEALED, now, folder=slot, error="its end was not recorded")
            _set_state(db, slot, SlotState.DONE, folder=slot)
            changed.append(slot)
    return tuple(changed)


# --- inside a write ------------------------------------------------------------------------------------------------------------------------


def _take_back(
    db: sqlite3.Connection, now: datetime, alive: Callable[[str], bool | None], rules: Patience
) -> tuple[str, ...]:
    held = db.execute(
        "SELECT slots.id, slots.token, slots.until, attempts.owner FROM slots JOIN attempts ON attempts.token = slots.token"
        " WHERE slots.state = 'leased' ORDER BY slots.id"
    ).fetchall()
    changed = []
    for slot, token, until, owner in held:
        lives = alive(owner)
        if lives is False or (lives is None and as_time(until) <= now):
            _end_attempt(db, token, Ending.INTERRUPTED, now, error="the worker stopped without a word")
            _reopen(db, slot, now)
            changed.append(slot)
    for (slot,) in db.execute(_OVERDUE, (as_text(now), rules.interruptions)).fetchall():
        _set_state(db, slot, _closed(db, slot))
        changed.append(slot)
    return tuple(sorted(set(changed)))


def _check_held(db: sqlite3.Connection, held: Lease) -> None:
    row = db.execute("SELECT state, token FROM slots WHERE id = ?", (held.slot,)).fetchone()
    if row != (SlotState.LEASED, held.token):
        raise Fenced(f"the lease {held.token} of {held.slot} has passed on")


def _is_done_by(db: sqlite3.Connection, held: Lease) -> bool:
    row = db.execute(
        "SELECT 1 FROM slots JOIN attempts ON attempts.slot = slots.id"
        " WHERE slots.id = ? AND slots.state = 'done' AND attempts.token = ? AND attempts.ending = 'sealed'",
        (held.slot, held.token),
    ).fetchone()
    return row is not None


def _end_attempt(
    db: sqlite3.Connection,
    token: int,
    ending: Ending,
    now: datetime,
    *,
    status: VisitStatus | None = None,
    stop: StopReason | None = None,
    folder: str = "",
    error: str = "",
) -> None:
    db.execute(
        "UPDATE attempts SET ended = ?, ending = ?, status = ?, stop = ?, folder = ?, error = ? WHERE token = ?",
        (as_text(now), ending, status, stop, folder, error, token),
    )


def _set_state(db: sqlite3.Connection, slot: str, state: SlotState, *, folder: str = "") -> SlotState:
    db.execute("UPDATE slots SET state = ?, until = NULL, folder = ? WHERE id = ?", (state, folder, slot))
    return state


def _reopen(db: sqlite3.Connection, slot: str, ready: datetime) -> SlotState:
    db.execute("UPDATE slots SET state = 'planned', until = NULL, ready = ? WHERE id = ?", (as_text(ready), slot))
    return SlotState.PLANNED


def _retry_at(
    db: sqlite3.Connection,
    slot: str,
    deadline: datetime,
    now: datetime,
    rules: Patience,
    rest: timedelta = timedelta(0),
) -> datetime | None:
    """When the slot may be tried again if the attempt running or just ended fails at `now`; None where no try is left."""
    failures = _count(db, slot, Ending.FAILED)
    running = db.execute("SELECT count(*) FROM attempts WHERE slot = ? AND ending IS NULL", (slot,)).fetchone()[0]
    tried = failures + running
    if tried > len(rules.retry_hours):
        return None
    again = now + max(rest, timedelta(hours=rules.retry_hours[tried - 1]))
    return again if again < deadline else None


def _closed(db: sqlite3.Connection, slot: str) -> SlotState:
    """How a slot with no try left ends: failed where the portal itself ever failed an attempt, else missed by us."""
    rows = db.execute("SELECT status, stop FROM attempts WHERE slot = ? AND ending = 'failed'", (slot,)).fetchall()
    theirs = any(status not in OUR_STATUSES and stop != StopReason.OURS for status, stop in rows)
    return SlotState.FAILED if theirs else SlotState.MISSED


def _count(db: sqlite3.Connection, slot: str, ending: Ending) -> int:
    row = db.execute("SELECT count(*) FROM attempts WHERE slot = ? AND ending = ?", (slot, ending)).fetchone()
    return int(row[0])


_UNTOUCHED = "SELECT id FROM slots WHERE campaign = ? AND agency = ? AND state = 'planned' AND attempts = 0"
_OVERDUE = """SELECT id FROM slots WHERE state = 'planned' AND (deadline <= ? OR
    (SELECT count(*) FROM attempts WHERE slot = slots.id AND ending = 'interrupted') > ?) ORDER BY id"""
_STORE_SLOT = """INSERT INTO slots (id, campaign, agency, number, at, deadline, ready, state, stored_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, 'planned', ?7)
    ON CONFLICT (id) DO UPDATE SET at = ?5, deadline = ?6, ready = ?5, stored_at = ?7
    WHERE slots.state = 'planned' AND slots.attempts = 0 AND slots.at != ?5"""
