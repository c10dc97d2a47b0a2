"""Who probes which batch: batches leased with fencing tokens over all workers, every attempt kept, and each service's last known state.

All functions take a connection made by `crawler.database.connect` whose database holds the tables of `create_tables`. Times are stored as UTC
text. A batch's id is the id of its sealed folder. A batch that could not begin in time is missed by us, never back-filled.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from crawler.database import as_text, as_time, writing
from crawler.ledger import Fenced
from crawler.services.model import Outcome, PlannedBatch

MOST_ATTEMPTS = 5
"""Attempts that may break on our side before a batch is given up."""


class BatchState(StrEnum):
    """Where a planned batch stands. `done` has a sealed folder; `missed-by-us` has none."""

    PLANNED = "planned"
    LEASED = "leased"
    DONE = "done"
    MISSED = "missed-by-us"


class BatchLease(msgspec.Struct, frozen=True, kw_only=True):
    """The right to make one batch until `until`. token rises with every lease given."""

    batch: PlannedBatch
    attempt: int
    token: int
    until: datetime


class StoredBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of the plan and where it stands."""

    batch: PlannedBatch
    state: BatchState
    attempts: int


def create_tables(db: sqlite3.Connection) -> None:
    """The tables of groups, batches, attempts and states exist in a database that had none of them."""
    for statement in _TABLES:
        db.execute(statement)


def members(db: sqlite3.Connection, campaign: str) -> dict[str, int]:
    """Which group each service of a campaign is probed in."""
    return dict(db.execute("SELECT service, grp FROM probe_members WHERE campaign = ?", (campaign,)).fetchall())


def services_of(db: sqlite3.Connection, campaign: str, group: int) -> list[str]:
    """The ids of a group's services, in order."""
    rows = db.execute(
        "SELECT service FROM probe_members WHERE campaign = ? AND grp = ? ORDER BY service", (campaign, group)
    )
    return [service for (service,) in rows]


def store_plan(
    db: sqlite3.Connection,
    campaign: str,
    groups: Mapping[str, int],
    planned: Sequence[PlannedBatch],
    *,
    now: datetime,
    grace: timedelta,
) -> int:
    """The plan is stored: groups as given, new batches added, untouched ones no longer planned removed; those that began or are past stay.

    Returns how many batches were added.
    """
    with writing(db):
        db.execute("DELETE FROM probe_members WHERE campaign = ?", (campaign,))
        db.executemany(
            "INSERT INTO probe_members (campaign, service, grp) VALUES (?, ?, ?)",
            [(campaign, service, group) for service, group in sorted(groups.items())],
        )
        kept = {batch.id for batch in planned}
        untouched = "SELECT id FROM batches WHERE campaign = ? AND state = 'planned' AND attempts = 0 AND at > ?"
        rows = db.execute(untouched, (campaign, as_text(now))).fetchall()
        db.executemany("DELETE FROM batches WHERE id = ?", [(name,) for (name,) in rows if name not in kept])
        return sum(_store(db, batch, now, grace) for batch in planned)


def add(db: sqlite3.Connection, batch: PlannedBatch, *, now: datetime, grace: timedelta) -> None:
    """One more batch is planned beside the others; one of its id stays as it is."""
    with writing(db):
        _store(db, batch, now, grace)


def next_of_group(db: sqlite3.Connection, campaign: str, group: int, start: datetime, end: datetime) -> str:
    """The id of a group's next batch that may still begin between two times, '' where there is none."""
    row = db.execute(
        "SELECT id FROM batches WHERE campaign = ? AND grp = ? AND state = 'planned' AND deadline > ? AND at <= ? ORDER BY at LIMIT 1",
        (campaign, group, as_text(start), as_text(end)),
    ).fetchone()
    return str(row[0]) if row else ""


def lease(
    db: sqlite3.Connection,
    *,
    now: datetime,
    owner: str,
    ttl: timedelta,
    sealed: Callable[[str], bool] = lambda _: False,
    alive: Callable[[str], bool | None] = lambda _: None,
) -> BatchLease | None:
    """The next due batch, now ours until now + ttl; None where nothing is due. Leases are taken back first, as by `expire`.

    sealed tells whether a batch's folder is sealed; such a batch is left for `reconcile`, which knows what it showed.
    """
    with writing(db):
        _take_back(db, now, alive)
        for row in db.execute(_DUE, (as_text(now),)):
            batch, tried = _planned(row), row[7]
            if not sealed(batch.id):
                break
        else:
            return None
        token = db.execute(
            "INSERT INTO batch_attempts (batch, number, owner, begun) VALUES (?, ?, ?, ?)",
            (batch.id, tried + 1, owner, as_text(now)),
        ).lastrowid
        assert token is not None
        until = now + ttl
        db.execute(
            "UPDATE batches SET state = 'leased', attempts = ?, token = ?, until = ? WHERE id = ?",
            (tried + 1, token, as_text(until), batch.id),
        )
    return BatchLease(batch=batch, attempt=tried + 1, token=token, until=until)


def renew(db: sqlite3.Connection, held: BatchLease, *, now: datetime, ttl: timedelta) -> BatchLease:
    """The lease prolonged to now + ttl. Raises Fenced."""
    with writing(db):
        _check_held(db, held)
        db.execute("UPDATE batches SET until = ? WHERE id = ?", (as_text(now + ttl), held.batch.id))
    return msgspec.structs.replace(held, until=now + ttl)


def finish(
    db: sqlite3.Connection, held: BatchLease, states: Mapping[str, tuple[datetime, Outcome]], *, now: datetime
) -> None:
    """The batch is done, its folder sealed, and the states it showed are the services' last known ones. Raises Fenced; nothing is booked then.

    Finishing what `reconcile` booked already changes nothing.
    """
    with writing(db):
        row = db.execute("SELECT state, token FROM batches WHERE id = ?", (held.batch.id,)).fetchone()
        if row == (BatchState.DONE, held.token):
            return
        _check_held(db, held)
        _book(db, held.batch.campaign, held.batch.id, states)
        _end(db, held.token, "sealed", now)


def release(db: sqlite3.Connection, held: BatchLease, reason: str, *, now: datetime, broke: bool = True) -> None:
    """The batch is free again: the attempt is recorded as failed on our side, and the batch as missed by us where that was so too often; or as
    interrupted where nothing broke and the worker was only told to stop. Raises Fenced."""
    with writing(db):
        _check_held(db, held)
        _end(db, held.token, "failed" if broke else "interrupted", now, reason)
        failed = "SELECT count(*) FROM batch_attempts WHERE batch = ? AND ending = 'failed'"
        failures = db.execute(failed, (held.batch.id,)).fetchone()[0]
        state = BatchState.PLANNED if failures < MOST_ATTEMPTS else BatchState.MISSED
        db.execute("UPDATE batches SET state = ?, until = NULL WHERE id = ?", (state, held.batch.id))


def expire(
    db: sqlite3.Connection, now: datetime, *, alive: Callable[[str], bool | None] = lambda _: None
) -> tuple[str, ...]:
    """Leases are taken back as those of visits are (`crawler.ledger.expire`); planned batches past their deadline are closed as missed by us.
    Returns the ids changed."""
    with writing(db):
        return _take_back(db, now, alive)


def reconcile(
    db: sqlite3.Connection,
    sealed: Iterable[str],
    states_of: Callable[[str], Mapping[str, tuple[datetime, Outcome]]],
    *,
    now: datetime,
) -> tuple[str, ...]:
    """Every batch whose folder is sealed is done, and what it showed is booked, though its finish was lost. Returns the ids changed."""
    open_ones = dict(db.execute("SELECT id, campaign FROM batches WHERE state != 'done'").fetchall())
    changed = []
    for name in sorted(open_ones.keys() & set(sealed)):
        states = states_of(name)
        with writing(db):
            state, token = db.execute("SELECT state, token FROM batches WHERE id = ?", (name,)).fetchone()
            if state == BatchState.DONE:
                continue
            if state == BatchState.LEASED:
                _end(db, token, "sealed", now, "its end was not recorded")
            _book(db, open_ones[name], name, states)
            changed.append(name)
    return tuple(changed)


def last_states(db: sqlite3.Connection, campaign: str, services: Iterable[str]) -> dict[str, Outcome]:
    """The last determinable state of each of these services that has one."""
    wanted = set(services)
    rows = db.execute("SELECT service, outcome FROM service_states WHERE campaign = ?", (campaign,))
    return {service: Outcome(outcome) for service, outcome in rows if service in wanted}


def batches(db: sqlite3.Connection, campaign: str | None = None) -> tuple[StoredBatch, ...]:
    """All batches (of one campaign) by time."""
    rows = db.execute(_ALL, (campaign,))
    return tuple(StoredBatch(batch=_planned(row), state=BatchState(row[6]), attempts=row[7]) for row in rows.fetchall())


def counts(db: sqlite3.Connection, campaign: str, now: datetime) -> dict[str, int]:
    """How many batches stand where: by state, and those due now under 'due'."""
    rows = db.execute("SELECT state, count(*) FROM batches WHERE campaign = ? GROUP BY state", (campaign,))
    found = dict(rows.fetchall())
    due = db.execute(
        "SELECT count(*) FROM batches WHERE campaign = ?1 AND state = 'planned' AND at <= ?2 AND deadline > ?2",
        (campaign, as_text(now)),
    ).fetchone()[0]
    return {**{state.value: found.get(state.value, 0) for state in BatchState}, "due": due}


def campaigns(db: sqlite3.Connection) -> list[str]:
    """The campaigns that have batches, in order."""
    return [name for (name,) in db.execute("SELECT DISTINCT campaign FROM batches ORDER BY campaign")]


def due_count(db: sqlite3.Connection, now: datetime) -> int:
    """How many batches may begin now, over all campaigns."""
    row = db.execute(
        "SELECT count(*) FROM batches WHERE state = 'planned' AND at <= ?1 AND deadline > ?1", (as_text(now),)
    ).fetchone()
    return int(row[0])


def next_planned(db: sqlite3.Connection, campaign: str | None = None) -> datetime | None:
    """The time of the earliest batch (of one campaign) not yet begun, None where there is none."""
    row = db.execute(
        "SELECT min(at) FROM batches WHERE state = 'planned' AND (?1 IS NULL OR campaign = ?1)", (campaign,)
    ).fetchone()
    return as_time(row[0]) if row[0] else None


def earliest_open(db: sqlite3.Connection) -> datetime | None:
    """The time of the earliest batch that is neither done nor missed, None where there is none: how late it is on a simulated clock."""
    row = db.execute("SELECT min(at) FROM batches WHERE state IN ('planned', 'leased')").fetchone()
    return as_time(row[0]) if row[0] else None


# --- inside a write ------------------------------------------------------------------------------------------------------------------------


def _store(db: sqlite3.Connection, batch: PlannedBatch, now: datetime, grace: timedelta) -> int:
    """The batch is planned; returns 1, or 0 where one of its id was."""
    values = (
        batch.id, batch.campaign, batch.group, batch.stratum, batch.part,
        as_text(batch.at), as_text(batch.at + grace), as_text(now),
    )  # fmt: skip
    return db.execute(_STORE, values).rowcount


def _take_back(db: sqlite3.Connection, now: datetime, alive: Callable[[str], bool | None]) -> tuple[str, ...]:
    held = db.execute(
        "SELECT batches.id, batches.token, batches.until, batch_attempts.owner FROM batches"
        " JOIN batch_attempts ON batch_attempts.token = batches.token WHERE batches.state = 'leased' ORDER BY batches.id"
    ).fetchall()
    changed = []
    for name, token, until, owner in held:
        lives = alive(owner)
        if lives is False or (lives is None and as_time(until) <= now):
            _end(db, token, "interrupted", now, "the worker stopped without a word")
            db.execute("UPDATE batches SET state = 'planned', until = NULL WHERE id = ?", (name,))
            changed.append(name)
    late = db.execute(
        "SELECT id FROM batches WHERE state = 'planned' AND deadline <= ? ORDER BY id", (as_text(now),)
    ).fetchall()
    db.executemany("UPDATE batches SET state = 'missed-by-us', until = NULL WHERE id = ?", late)
    return tuple(sorted({*changed, *(name for (name,) in late)}))


def _check_held(db: sqlite3.Connection, held: BatchLease) -> None:
    row = db.execute("SELECT state, token FROM batches WHERE id = ?", (held.batch.id,)).fetchone()
    if row != (BatchState.LEASED, held.token):
        raise Fenced(f"the lease {held.token} of {held.batch.id} has passed on")


def _book(db: sqlite3.Connection, campaign: str, batch: str, states: Mapping[str, tuple[datetime, Outcome]]) -> None:
    db.execute("UPDATE batches SET state = 'done', until = NULL WHERE id = ?", (batch,))
    db.executemany(
        _BOOK, [(campaign, service, outcome, as_text(at)) for service, (at, outcome) in sorted(states.items())]
    )


def _end(db: sqlite3.Connection, token: int, ending: str, now: datetime, error: str = "") -> None:
    db.execute(
        "UPDATE batch_attempts SET ended = ?, ending = ?, error = ? WHERE token = ?",
        (as_text(now), ending, error, token),
    )


def _planned(row: Sequence[object]) -> PlannedBatch:
    names = ("id", "campaign", "group", "stratum", "part", "at")
    return msgspec.convert(dict(zip(names, row, strict=False)), PlannedBatch)


_DUE = """SELECT id, campaign, grp, stratum, part, at, state, attempts FROM batches
    WHERE state = 'planned' AND at <= ?1 AND deadline > ?1 ORDER BY at, id"""
_ALL = """SELECT id, campaign, grp, stratum, part, at, state, attempts FROM batches
    WHERE ?1 IS NULL OR campaign = ?1 ORDER BY at, id"""
_STORE = """INSERT INTO batches (id, campaign, grp, stratum, part, at, deadline, state, stored_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'planned', ?8) ON CONFLICT (id) DO NOTHING"""
# A batch booked late never puts an older state over a newer one.
_BOOK = """INSERT INTO service_states (campaign, service, outcome, at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (campaign, service) DO UPDATE SET outcome = ?3, at = ?4 WHERE service_states.at <= ?4"""

_TABLES = (
    """CREATE TABLE probe_members (
        campaign TEXT NOT NULL, service TEXT NOT NULL, grp INTEGER NOT NULL, PRIMARY KEY (campaign, service)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX probe_groups ON probe_members (campaign, grp)",
    """CREATE TABLE batches (
        id TEXT PRIMARY KEY, campaign TEXT NOT NULL, grp INTEGER NOT NULL, stratum TEXT NOT NULL, part INTEGER NOT NULL,
        at TEXT NOT NULL, deadline TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('planned', 'leased', 'done', 'missed-by-us')),
        attempts INTEGER NOT NULL DEFAULT 0, token INTEGER, until TEXT, stored_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX batches_due ON batches (state, at)",
    "CREATE INDEX batches_late ON batches (state, deadline)",
    """CREATE TABLE batch_attempts (
        token INTEGER PRIMARY KEY AUTOINCREMENT, batch TEXT NOT NULL, number INTEGER NOT NULL, owner TEXT NOT NULL, begun TEXT NOT NULL,
        ended TEXT, ending TEXT CHECK (ending IN ('sealed', 'failed', 'interrupted')), error TEXT NOT NULL DEFAULT '', UNIQUE (batch, number)
    ) STRICT""",
    """CREATE TABLE service_states (
        campaign TEXT NOT NULL, service TEXT NOT NULL, outcome TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (campaign, service)
    ) STRICT, WITHOUT ROWID""",
)
