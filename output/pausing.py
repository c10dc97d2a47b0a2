"""Whether runners are to take no further visit: a mark in the workspace, set and taken away by a person."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from crawler.database import as_text, writing


def paused_by(conn: sqlite3.Connection) -> str:
    """Who paused the runners and when (UTC), '' while they go on."""
    row = conn.execute("SELECT value FROM settings WHERE key = 'paused'").fetchone()
    return str(row[0]) if row else ""


def set_paused(conn: sqlite3.Connection, who: str, now: datetime) -> None:
    """Runners are paused by this person; they go on where it is ''. Visits under way are not touched."""
    with writing(conn):
        conn.execute("DELETE FROM settings WHERE key = 'paused'")
        if who:
            conn.execute("INSERT INTO settings (key, value) VALUES ('paused', ?)", (f"{who} {as_text(now)}",))
