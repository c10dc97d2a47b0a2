"""Planned visits and the attempts at them: their records, their tables, and how they are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

import msgspec

from crawler.database import as_text
from crawler.embedded import embedded
from crawler.model import StopReason, VisitStatus

Record = TypeVar("Record", bound=msgspec.Struct)


class SlotState(StrEnum):
    """Where a planned visit stands. `done` has a sealed folder; `missed-by-us` and `failed` have none and are never back-filled."""

    PLANNED = "planned"
    LEASED = "leased"
    DONE = "done"
    MISSED = "missed-by-us"
    FAILED = "failed"


class Ending(StrEnum):
    """How an attempt ended."""

    SEALED = "sealed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    RELEASED = "released"


class PlannedVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit wanted at a time: the number-th (from 1) of an agency in a campaign."""

    campaign: str
    agency: str
    number: int
    at: datetime

    @property
    def id(self) -> str:
        """The id of the slot and of the visit folder."""
        return f"{self.campaign}.{self.agency}.{self.number}"


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A planned visit and where it stands. It may begin from `ready` (its time, or the next retry) until `deadline`. attempts counts all begun."""

    id: str
    campaign: str
    agency: str
    number: int
    at: datetime
    deadline: datetime
    ready: datetime
    state: SlotState
    attempts: int
    folder: str = ""

    @property
    def planned(self) -> PlannedVisit:
        """The visit this slot was made for."""
        return PlannedVisit(campaign=self.campaign, agency=self.agency, number=self.number, at=self.at)


class Standing(StrEnum):
    """Where a slot stands at a moment, as a person asks for it. A slot past its deadline counts as missed though nobody has closed it yet."""

    PLANNED = "planned"
    DUE = "due"
    UNDER_WAY = "under-way"
    DONE = "done"
    MISSED = "missed-by-us"
    FAILED = "failed"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try at a slot: who, when, how it ended. ending is None while it runs; status and stop are the visit's own."""

    slot: str
    number: int
    token: int
    owner: str
    begun: datetime
    ended: datetime | None = None
    ending: Ending | None = None
    status: VisitStatus | None = None
    stop: StopReason | None = None
    folder: str = ""
    error: str = ""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The right to make one visit until `until`. token rises with every lease given; last: no further attempt would follow a failure."""

    slot: str
    campaign: str
    agency: str
    number: int
    attempt: int
    token: int
    until: datetime
    last: bool


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long a slot stays open, how often it is tried, and after which statuses not again; data/ledger.yml tells."""

    source: str
    permanent: frozenset[VisitStatus]
    ours_minutes: float
    grace_hours: float
    retry_hours: tuple[float, ...]
    interruptions: int

    @property
    def grace(self) -> timedelta:
        return timedelta(hours=self.grace_hours)


def patience() -> Patience:
    """The patience of data/ledger.yml."""
    return embedded("ledger.yml", Patience)


def create_tables(db: sqlite3.Connection) -> None:
    """The ledger's tables exist in a database that had none of them."""
    for statement in _TABLES:
        db.execute(statement)


def fixed_visits(db: sqlite3.Connection, campaign: str) -> tuple[PlannedVisit, ...]:
    """The campaign's visits a new plan may not move: under way, tried, done, failed, missed."""
    return tuple(slot.planned for slot in slots(db, campaign) if slot.attempts or slot.state is not SlotState.PLANNED)


def due(db: sqlite3.Connection, now: datetime, *, agencies: Iterable[str] | None = None) -> tuple[Slot, ...]:
    """The slots that may begin now, in the order they would be leased; those of an agency being visited are left out."""
    wanted = None if agencies is None else frozenset(agencies)
    found = _records(Slot, db.execute(_DUE, (as_text(now),)))
    return tuple(slot for slot in found if wanted is None or slot.agency in wanted)


def standing(slot: Slot, now: datetime) -> Standing:
    """Where the slot stands at a moment."""
    if slot.state is SlotState.LEASED:
        return Standing.UNDER_WAY
    if slot.state is not SlotState.PLANNED:
        return Standing(slot.state)
    if slot.deadline <= now:
        return Standing.MISSED
    return Standing.DUE if slot.ready <= now else Standing.PLANNED


def slots(db: sqlite3.Connection, campaign: str | None = None) -> tuple[Slot, ...]:
    """All slots (of one campaign), by planned time."""
    rows = db.execute("SELECT * FROM slots WHERE ?1 IS NULL OR campaign = ?1 ORDER BY at, id", (campaign,))
    return _records(Slot, rows)


def attempts(db: sqlite3.Connection, slot: str | None = None) -> tuple[Attempt, ...]:
    """All attempts (of one slot), in the order they began."""
    rows = db.execute("SELECT * FROM attempts WHERE ?1 IS NULL OR slot = ?1 ORDER BY token", (slot,))
    return _records(Attempt, rows)


def _records(kind: type[Record], rows: sqlite3.Cursor) -> tuple[Record, ...]:
    names = [column[0] for column in rows.description]
    return tuple(msgspec.convert(dict(zip(names, row, strict=True)), kind) for row in rows)


_DUE = """SELECT * FROM slots WHERE state = 'planned' AND ready <= ?1 AND deadline > ?1
    AND agency NOT IN (SELECT agency FROM slots WHERE state = 'leased') ORDER BY ready, id"""

_TABLES = (
    """CREATE TABLE slots (
        id TEXT PRIMARY KEY,
        campaign TEXT NOT NULL,
        agency TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        at TEXT NOT NULL,
        deadline TEXT NOT NULL,
        ready TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('planned', 'leased', 'done', 'missed-by-us', 'failed')),
        attempts INTEGER NOT NULL DEFAULT 0,
        token INTEGER,
        until TEXT,
        folder TEXT NOT NULL DEFAULT '',
        stored_at TEXT NOT NULL,
        UNIQUE (campaign, agency, number)
    ) STRICT""",
    # The database itself refuses a second visit of an agency at the same time.
    "CREATE UNIQUE INDEX one_visit_per_agency ON slots (agency) WHERE state = 'leased'",
    "CREATE INDEX slots_ready ON slots (state, ready)",
    """CREATE TABLE attempts (
        token INTEGER PRIMARY KEY AUTOINCREMENT,
        slot TEXT NOT NULL REFERENCES slots (id),
        number INTEGER NOT NULL,
        owner TEXT NOT NULL,
        begun TEXT NOT NULL,
        ended TEXT,
        ending TEXT CHECK (ending IN ('sealed', 'failed', 'interrupted', 'released')),
        status TEXT,
        stop TEXT,
        folder TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        UNIQUE (slot, number)
    ) STRICT""",
)
