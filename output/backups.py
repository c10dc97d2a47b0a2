"""Copies of workspace.sqlite, made by SQLite's own backup while others write, and put back.

Only this file is copied: store.sqlite can be made anew from the sealed folders, pace.sqlite holds nothing worth more than a few seconds' wait,
and sealed folders never change, so that any tool that copies files copies them well.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler import ledger
from crawler.database import connect
from crawler.durable import sync
from crawler.visit_folder import sealed_visits
from output.exits import Exit, Stop
from output.workspace import DATABASE, VERSION, VISITS, is_workspace, version_of

NAME, STAMP = "workspace-", "%Y%m%dT%H%M%SZ"


def back_up(conn: sqlite3.Connection, folder: Path, *, keep: int, now: datetime) -> Path | None:
    """A whole, checked copy of the workspace behind a connection lies in `folder`, named by its time, and all but the last `keep` copies are gone;
    None where another process is making one. OSError where the disk is full, Stop(WORKSPACE) where the database is damaged; nothing is left behind
    then."""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder) as alone:
        if not alone:
            return None
        started = folder / "started.sqlite"
        started.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(started)) as copy:
                conn.backup(copy)
                # One file, without a log beside it.
                copy.execute("PRAGMA journal_mode = DELETE")
                _check(copy, started)
            sync(started)
            made = folder / f"{NAME}{now.astimezone(UTC):{STAMP}}.sqlite"
            started.rename(made)
        except sqlite3.OperationalError as problem:
            raise OSError(f"{folder}: {problem}") from problem
        finally:
            started.unlink(missing_ok=True)
        sync(folder)
        for old in backups(folder)[:-keep]:
            old.unlink()
    return made


def backups(folder: Path) -> list[Path]:
    """The copies in a folder, the oldest first."""
    return sorted(folder.glob(f"{NAME}????????T??????Z.sqlite"))


def made_at(backup: Path) -> datetime:
    """When a copy was made, by its name."""
    return datetime.strptime(backup.stem.removeprefix(NAME), STAMP).replace(tzinfo=UTC)


def backup_due(folder: Path, every: timedelta, now: datetime) -> bool:
    """Whether the last copy is so old, or none is there; a last copy from the future (the clock was set back) counts as none."""
    last = backups(folder)[-1:]
    return not last or not timedelta(0) <= now - made_at(last[0]) < every


def restore(folder: Path, backup: Path, now: datetime) -> Path | None:
    """The copy is the workspace's database again and knows every visit sealed since; returns where the one before is kept, None where there was none.

    Raises Stop(WORKSPACE) where the copy is damaged or no workspace, or another process has the workspace open.
    """
    if not backup.is_file():
        raise Stop(f"{backup} does not exist — see: ls {folder / 'backups'}", Exit.WORKSPACE)
    started = folder / f"{DATABASE}.restored"
    started.unlink(missing_ok=True)
    try:
        # Through SQLite again, so that a file that only looks like a copy is found out before anything is moved.
        with closing(sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)) as source:
            if not is_workspace(source):
                raise Stop(f"{backup} is not a copy of a workspace — name another file", Exit.WORKSPACE)
            _check(source, backup)
            with closing(sqlite3.connect(started)) as copy:
                source.backup(copy)
        sync(started)
        kept = _set_aside(folder, now)
        started.rename(folder / DATABASE)
    except sqlite3.DatabaseError as problem:
        raise Stop(f"{backup} cannot be read: {problem} — name another file", Exit.WORKSPACE) from problem
    finally:
        started.unlink(missing_ok=True)
    sync(folder)
    with closing(connect(folder / DATABASE)) as conn:
        if version_of(conn) == VERSION:  # else `kiemcong migrate` comes first, and the next run books them
            ledger.reconcile(conn, sealed_visits(folder / VISITS), now=now)
    return kept


def _set_aside(folder: Path, now: datetime) -> Path | None:
    """The present database, its log included, under another name."""
    present = folder / DATABASE
    if not present.is_file():
        return None
    kept = folder / f"{DATABASE}.before-{now.astimezone(UTC):{STAMP}}"
    try:
        with closing(sqlite3.connect(present, timeout=1.0)) as conn:
            # Writes the log into the file, and is refused while anybody else has it open.
            conn.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as problem:
        advice = "stop the runner and the review pages, then run this again"
        raise Stop(f"{present} is in use ({problem}) — {advice}", Exit.WORKSPACE) from problem
    except sqlite3.DatabaseError:
        # What is damaged is kept as it is, with the log it may yet be mended from.
        for log in ("-wal", "-shm"):
            if (beside := present.with_name(f"{DATABASE}{log}")).exists():
                beside.rename(kept.with_name(f"{kept.name}{log}"))
    present.rename(kept)
    return kept


def _check(conn: sqlite3.Connection, file: Path) -> None:
    found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise Stop(f"{file} is damaged: {found}", Exit.WORKSPACE)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)
