"""The workspace's register of online services, and what persons decided about them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

import msgspec

from crawler.database import as_text, as_time, writing
from crawler.services.model import Service


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word on a service shown dead: confirm lets its removal stand, overturn keeps it counted."""

    campaign: str
    service: str
    decision: str
    reviewer: str
    reviewed_at: datetime
    justification: str


def create_tables(conn: sqlite3.Connection) -> None:
    """The tables of services, decisions and measures exist in a database that had none of them."""
    for statement in _TABLES:
        conn.execute(statement)


def load_services(conn: sqlite3.Connection, agency: str | None = None) -> tuple[Service, ...]:
    """The services of the register (of one agency), by agency and id."""
    rows = conn.execute("SELECT record FROM services WHERE ?1 IS NULL OR agency = ?1 ORDER BY agency, id", (agency,))
    return tuple(msgspec.json.decode(record, type=Service) for (record,) in rows)


def store_services(conn: sqlite3.Connection, services: Iterable[Service], *, file: str, now: datetime) -> None:
    """The services are in the register, each in place of the one with its id."""
    rows = [(each.id, each.agency, msgspec.json.encode(each).decode(), as_text(now), file) for each in services]
    with writing(conn):
        conn.executemany("INSERT OR REPLACE INTO services VALUES (?, ?, ?, ?, ?)", rows)


def store_decisions(conn: sqlite3.Connection, decisions: Iterable[Decision], *, file: str, now: datetime) -> int:
    """The decisions are kept behind those before; returns how many were new."""
    new = 0
    with writing(conn):
        for each in decisions:
            given = (
                each.campaign, each.service, each.decision, each.reviewer, as_text(each.reviewed_at), each.justification
            )  # fmt: skip
            new += conn.execute(_STORE_DECISION, (*given, file, as_text(now))).rowcount
    return new


def load_decisions(conn: sqlite3.Connection, campaign: str) -> dict[str, Decision]:
    """The last decision on each service of a campaign that has one: the latest reviewed, of equal times the last handed in."""
    rows = conn.execute(
        "SELECT campaign, service, decision, reviewer, reviewed_at, justification FROM service_decisions"
        " WHERE campaign = ? ORDER BY reviewed_at, number",
        (campaign,),
    )
    return {
        service: Decision(
            campaign=campaign,
            service=service,
            decision=decision,
            reviewer=reviewer,
            reviewed_at=as_time(reviewed_at),
            justification=justification,
        )
        for campaign, service, decision, reviewer, reviewed_at, justification in rows
    }


_STORE_DECISION = """INSERT INTO service_decisions
    (campaign, service, decision, reviewer, reviewed_at, justification, file, stored_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM service_decisions WHERE campaign = ?1 AND service = ?2
    AND decision = ?3 AND reviewer = ?4 AND reviewed_at = ?5 AND justification = ?6)"""

_TABLES = (
    """CREATE TABLE services (
        id TEXT PRIMARY KEY, agency TEXT NOT NULL, record TEXT NOT NULL, stored_at TEXT NOT NULL, file TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX services_by_agency ON services (agency, id)",
    # What persons said of removals. Nothing is overwritten: the last word on a service in a campaign holds.
    """CREATE TABLE service_decisions (
        number INTEGER PRIMARY KEY AUTOINCREMENT, campaign TEXT NOT NULL, service TEXT NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('confirm', 'overturn')), reviewer TEXT NOT NULL, reviewed_at TEXT NOT NULL,
        justification TEXT NOT NULL, file TEXT NOT NULL, stored_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE measures (
        campaign TEXT NOT NULL, agency TEXT NOT NULL, measure TEXT NOT NULL, earned TEXT NOT NULL, applicable TEXT NOT NULL,
        source TEXT NOT NULL, file TEXT NOT NULL, stored_at TEXT NOT NULL, PRIMARY KEY (campaign, agency, measure)
    ) STRICT""",
)
