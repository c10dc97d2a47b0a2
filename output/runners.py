"""Which runners are up on a workspace: each says so now and then, so that others can tell whether anybody makes what is due."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec

from crawler.database import as_text, as_time, writing
from crawler.process import still_runs, this_process

_KEY = "runner "


class Runner(msgspec.Struct, frozen=True, kw_only=True):
    """A runner that is up as far as can be told here: its process (see `crawler.process`), and when it last said so."""

    name: str
    seen: datetime


def say_up(conn: sqlite3.Connection, now: datetime) -> None:
    """This process is noted as a runner that is up; those surely gone are forgotten."""
    gone = [f"{_KEY}{name}" for name in _names(conn) if not still_runs(name)]
    with writing(conn):
        conn.executemany("DELETE FROM settings WHERE key = ?", [(key,) for key in gone])
        conn.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (_own(), as_text(now)))


def say_gone(conn: sqlite3.Connection) -> None:
    """This process is no runner any more."""
    with writing(conn):
        conn.execute("DELETE FROM settings WHERE key = ?", (_own(),))


def runners(conn: sqlite3.Connection) -> tuple[Runner, ...]:
    """The runners not surely gone, by name."""
    return tuple(Runner(name=name, seen=as_time(seen)) for name, seen in _names(conn).items() if still_runs(name))


def _own() -> str:
    return f"{_KEY}{this_process()}"


def _names(conn: sqlite3.Connection) -> dict[str, str]:
    rows = conn.execute("SELECT key, value FROM settings WHERE key LIKE ? ORDER BY key", (f"{_KEY}%",)).fetchall()
    return {key.removeprefix(_KEY): value for key, value in rows}
