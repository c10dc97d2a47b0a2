"""The registry editions a workspace has used: each stored whole, so that an old campaign is read with the agencies it was planned for."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec

from crawler.database import as_text, writing
from crawler.model import Agency, AgencyPortal
from crawler.registry import Registry
from output.exits import Exit, Stop


def store_edition(
    conn: sqlite3.Connection, edition: str, registry: Registry, *, parent: str, file: str, sha256: str, now: datetime
) -> None:
    """The edition is stored whole and becomes the one in use. parent names the edition it was made from, file and sha256 the input that made it.

    Raises Stop(WORKSPACE) where the workspace has an edition of that name.
    """
    encode = msgspec.json.encode
    agencies = [(edition, place, one.id, encode(one).decode()) for place, one in enumerate(registry.agencies)]
    portals = [(edition, place, one.agency, encode(one).decode()) for place, one in enumerate(registry.portals)]
    with writing(conn):
        if edition in editions(conn):
            raise Stop(f"the workspace has an edition “{edition}” already — name another", Exit.WORKSPACE)
        conn.execute(
            "INSERT INTO registry_editions VALUES (?, ?, ?, ?, ?)", (edition, parent, as_text(now), file, sha256)
        )
        conn.executemany("INSERT INTO registry_agencies VALUES (?, ?, ?, ?)", agencies)
        conn.executemany("INSERT INTO registry_portals VALUES (?, ?, ?, ?)", portals)
        conn.execute("INSERT OR REPLACE INTO settings (key, value) VALUES ('registry', ?)", (edition,))


def load_edition(conn: sqlite3.Connection, edition: str) -> Registry:
    """A stored edition, in its own order. Raises Stop(WORKSPACE) where there is none of that name."""
    if edition not in editions(conn):
        raise Stop(f"the workspace has no registry edition “{edition}”", Exit.WORKSPACE)
    agencies = conn.execute("SELECT record FROM registry_agencies WHERE edition = ? ORDER BY place", (edition,))
    portals = conn.execute("SELECT record FROM registry_portals WHERE edition = ? ORDER BY place", (edition,))
    return Registry(
        tuple(msgspec.json.decode(record, type=Agency) for (record,) in agencies),
        tuple(msgspec.json.decode(record, type=AgencyPortal) for (record,) in portals),
    )


def edition_in_use(conn: sqlite3.Connection) -> str:
    """The name of the registry edition in use now."""
    return str(conn.execute("SELECT value FROM settings WHERE key = 'registry'").fetchone()[0])


def editions(conn: sqlite3.Connection) -> tuple[str, ...]:
    """The names of the stored editions, oldest first."""
    return tuple(name for (name,) in conn.execute("SELECT edition FROM registry_editions ORDER BY stored_at, edition"))
