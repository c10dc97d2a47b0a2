"""SQLite files shared by several processes: how they are opened, and how a write begins and ends."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

BUSY_SECONDS = 30.0
"""How long a process waits for another one's write before it gives up."""


LEAST_ROOM = 1_000_000
"""Bytes free under which an input/output error is taken for a full disk."""


class Busy(Exception):
    """Another process held the database's write lock for longer than BUSY_SECONDS; nothing was written."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the database at path (made where missing): write-ahead log, BUSY_SECONDS of patience, no implicit transactions.

    A full disk is raised as OSError(ENOSPC).
    """
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _keep_log(db)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
    except sqlite3.OperationalError as problem:
        db.close()
        raise _plain(str(path), problem) from problem
    except BaseException:
        db.close()
        raise
    return db


def _keep_log(db: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. Where two processes open a new file at once SQLite refuses one of them without waiting: it waits here."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def writing(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One write transaction, locked from its start so that what is read in it still holds when it commits; undone on any exception.

    A full disk is raised as OSError(ENOSPC), a lock that never came free as Busy.
    """
    try:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    except sqlite3.OperationalError as problem:
        raise _plain(file_of(db), problem) from problem


def _plain(name: str, problem: sqlite3.OperationalError) -> Exception:
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    # The log's index is mapped into memory, and where the disk has no page left for it SQLite knows only that something failed.
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and name and _no_room(Path(name).parent)):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
    if code == sqlite3.SQLITE_BUSY:
        return Busy(f"{name} has been locked by another process for {BUSY_SECONDS:.0f} seconds")
    return problem


def _no_room(folder: Path) -> bool:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize < LEAST_ROOM


def file_of(db: sqlite3.Connection) -> str:
    """The path of the file behind a connection, '' for a database in memory."""
    return str(db.execute("PRAGMA database_list").fetchone()[2])


def as_text(moment: datetime) -> str:
    """A moment as stored: RFC 3339 in UTC to the microsecond, so that text order is time order. Naive times are refused."""
    if moment.tzinfo is None:
        raise ValueError("a stored time needs its zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def as_time(text: str) -> datetime:
    """The moment behind a stored text."""
    return datetime.fromisoformat(text)
