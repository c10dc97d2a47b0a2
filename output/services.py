"""The workspace's register of online services."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

import msgspec

from crawler.database import as_text, writing
from crawler.registry import Registry, official_portal
from crawler.services.model import Service
from crawler.services.plan import probed
from output.editions import edition_in_use, load_edition


def create_tables(conn: sqlite3.Connection) -> None:
    """The tables of services and measures exist in a database that had none of them."""
    for statement in _TABLES:
        conn.execute(statement)


def load_services(conn: sqlite3.Connection, agency: str | None = None) -> tuple[Service, ...]:
    """The services of the register (of one agency), by agency and id."""
    rows = conn.execute("SELECT record FROM services WHERE ?1 IS NULL OR agency = ?1 ORDER BY agency, id", (agency,))
    return tuple(msgspec.json.decode(record, type=Service) for (record,) in rows)


PORTAL = "cong."
"""How the ids of portals begin where they are probed beside services; no service's id can, for it has no dot."""


def portals_probed(registry: Registry) -> tuple[Service, ...]:
    """The home page of each assessed agency's official portal, as something to probe: what shows that it is up all the time."""
    found = []
    for agency in registry.agencies:
        portal = official_portal(registry, agency.id) if agency.assessed else None
        if portal is not None:
            found.append(Service(id=PORTAL + agency.id, agency=agency.id, name=agency.name, level=3, url=portal.url))
    return tuple(found)


def probe_subjects(conn: sqlite3.Connection) -> tuple[Service, ...]:
    """Everything that may be probed: declared services of the levels that count, then portals."""
    return (*probed(load_services(conn)), *portals_probed(load_edition(conn, edition_in_use(conn))))


def store_services(conn: sqlite3.Connection, services: Iterable[Service], *, file: str, now: datetime) -> None:
    """The services are in the register, each in place of the one with its id."""
    rows = [(each.id, each.agency, msgspec.json.encode(each).decode(), as_text(now), file) for each in services]
    with writing(conn):
        conn.executemany("INSERT OR REPLACE INTO services VALUES (?, ?, ?, ?, ?)", rows)


_TABLES = (
    """CREATE TABLE services (
        id TEXT PRIMARY KEY, agency TEXT NOT NULL, record TEXT NOT NULL, stored_at TEXT NOT NULL, file TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX services_by_agency ON services (agency, id)",
    """CREATE TABLE measures (
        campaign TEXT NOT NULL, agency TEXT NOT NULL, measure TEXT NOT NULL, earned TEXT NOT NULL, applicable TEXT NOT NULL,
        source TEXT NOT NULL, file TEXT NOT NULL, stored_at TEXT NOT NULL, PRIMARY KEY (campaign, agency, measure)
    ) STRICT""",
)
