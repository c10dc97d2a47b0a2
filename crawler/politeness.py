"""When the next page may be asked of a host and of an address: one pace over all workers, kept in pace.sqlite.

Times are seconds of one clock that all processes share and nobody sets: crawler.gate gives those since the machine was started. After a further
start what was reserved or rested still holds, counted from the first reservation: too long by the time it was off, or too short by no more than
the machine ran before that. Hosts and addresses are plain text ('www.moh.gov.vn', '203.0.113.7'); what is cooled or slowed for an address holds
for every host behind it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import msgspec

from crawler.database import connect, writing
from crawler.embedded import embedded

CLOCK = "clock"
"""The row whose `next` is the time of the last reservation."""
SET_BACK = 60.0
"""A clock that is so many seconds behind the last reservation began anew, or was set back; less is the difference between two processes, or is waited for."""


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """How hard we brake and how slowly we speed up again; the numbers stand in data/pace.yml."""

    source: str
    first_seconds: float
    most_doublings: int
    most_rest_seconds: float
    good_answers: int


def backoff() -> Backoff:
    """The back-off of data/pace.yml."""
    return embedded("pace.yml", Backoff)


def user_agent(contact: str) -> str:
    """The User-Agent of all our requests: who we are and whom to write to."""
    return f"KiemCong/{version('kiemcong')} (+mailto:{contact})"


def open_pace(path: Path) -> sqlite3.Connection:
    """A connection to the pace file at path, made where missing."""
    db = connect(path)
    # Losing the last reservations in a power cut costs one gap, so the disk need not be waited for.
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(
        "CREATE TABLE IF NOT EXISTS pace ("
        " key TEXT PRIMARY KEY, next REAL NOT NULL DEFAULT 0, cool_until REAL NOT NULL DEFAULT 0,"
        " crawl_delay REAL NOT NULL DEFAULT 0, doublings INTEGER NOT NULL DEFAULT 0, good INTEGER NOT NULL DEFAULT 0"
        ") STRICT, WITHOUT ROWID"
    )
    return db


def reserve(
    db: sqlite3.Connection, host: str, addresses: Iterable[str], gap: float, now: float, spacing: float = 1.0
) -> float:
    """Seconds to wait before the next navigation to the host, which is reserved for the caller over all processes.

    gap is the least number of seconds between two navigations to the host and to each of its addresses; a crawl delay or an earlier back-off
    makes it longer. spacing is the gap in seconds that a back-off starts from where there is none.
    """
    keys = _keys(host, addresses)
    with writing(db):
        if back := _set_back(db, now):
            db.execute("UPDATE pace SET next = next - ?1, cool_until = max(0, cool_until - ?1)", (back,))
        _row(db, CLOCK)
        _set(db, CLOCK, "next", now)
        rows = {key: _row(db, key) for key in keys}
        start = max([now, *(max(row.next, row.cool_until) for row in rows.values())])
        for key, row in rows.items():
            _set(db, key, "next", start + _gap(row, gap, spacing))
    return start - now


def cooling(db: sqlite3.Connection, host: str, addresses: Iterable[str], now: float) -> float:
    """Seconds until the host and its addresses may be asked again after a brake put on since the reservation; 0 where there is none."""
    then = now + _set_back(db, now)
    return max(0.0, *(_row(db, key).cool_until - then for key in _keys(host, addresses)))


def asked_gap(db: sqlite3.Connection, host: str) -> float:
    """Seconds the host's own robots.txt asks for between two requests; 0 where it asks for none."""
    return _row(db, f"host {host.lower()}").crawl_delay


def cool(
    db: sqlite3.Connection,
    host: str,
    addresses: Iterable[str],
    now: float,
    until: float | None = None,
    spacing: float = 1.0,
) -> float:
    """The host and addresses are left alone until the given time, or for a pause that doubles with every call; the gap doubles too.

    Returns the time until which they are left alone. For 429, 503 and Retry-After. spacing scales the pause we choose ourselves.
    """
    rules = backoff()
    latest = now
    with writing(db):
        for key in _keys(host, addresses):
            row = _row(db, key)
            doublings = min(row.doublings + 1, rules.most_doublings)
            pause = now + spacing * rules.first_seconds * 2 ** (doublings - 1)
            ends = max(row.cool_until, pause if until is None else until)
            db.execute("UPDATE pace SET cool_until = ?, doublings = ?, good = 0 WHERE key = ?", (ends, doublings, key))
            latest = max(latest, ends)
    return latest


def recover(db: sqlite3.Connection, host: str, addresses: Iterable[str]) -> None:
    """A good answer is counted; after every `good_answers` of them in a row one doubling of the gap is taken back."""
    rules = backoff()
    keys = _keys(host, addresses)
    if not any(_row(db, key, make=False).doublings for key in keys):
        return
    with writing(db):
        for key in keys:
            row = _row(db, key)
            if not row.doublings:
                continue
            enough = row.good + 1 >= rules.good_answers
            db.execute(
                "UPDATE pace SET good = ?, doublings = ? WHERE key = ?",
                (0 if enough else row.good + 1, row.doublings - enough, key),
            )


def crawl_delay(db: sqlite3.Connection, host: str, seconds: float) -> None:
    """The host's own robots.txt asks for this many seconds between two requests; held until told otherwise, 0 to lift it."""
    with writing(db):
        _row(db, f"host {host}")
        _set(db, f"host {host}", "crawl_delay", max(0.0, seconds))


def _set_back(db: sqlite3.Connection, now: float) -> float:
    """Seconds by which the clock was set back since the last reservation; what was reserved before would else hold for so much longer."""
    back = _row(db, CLOCK, make=False).next - now
    return back if back > SET_BACK else 0.0


class _Row(msgspec.Struct, frozen=True):
    next: float = 0.0
    cool_until: float = 0.0
    crawl_delay: float = 0.0
    doublings: int = 0
    good: int = 0


def _keys(host: str, addresses: Iterable[str]) -> tuple[str, ...]:
    # Sorted and once each, so that a host with two records for one address is not paced twice.
    return (f"host {host.lower()}", *(f"address {address}" for address in sorted(set(addresses))))


def _row(db: sqlite3.Connection, key: str, *, make: bool = True) -> _Row:
    if make and db.in_transaction:
        db.execute("INSERT INTO pace (key) VALUES (?) ON CONFLICT DO NOTHING", (key,))
    row = db.execute("SELECT next, cool_until, crawl_delay, doublings, good FROM pace WHERE key = ?", (key,)).fetchone()
    return _Row(*row) if row else _Row()


def _set(db: sqlite3.Connection, key: str, column: str, value: float) -> None:
    statement = {
        "next": "UPDATE pace SET next = ? WHERE key = ?",
        "crawl_delay": "UPDATE pace SET crawl_delay = ? WHERE key = ?",
    }[column]
    db.execute(statement, (value, key))


def _gap(row: _Row, gap: float, spacing: float) -> float:
    if row.doublings:
        gap = max(gap, spacing) * 2**row.doublings
    return max(gap, row.crawl_delay)
