"""A workspace: the folder that holds a scoring team's plan, ledger, imports and visits."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from sqlite_utils import Database, Migrations

from crawler import ledger
from crawler.database import as_text, as_time, connect, writing
from crawler.politeness import open_pace
from crawler.problems import bad_input
from crawler.process import still_runs, this_process
from crawler.registry import EMBEDDED_EDITION, Registry, embedded_registry
from crawler.services import batches
from output import accounts, reviews, services
from output.editions import edition_in_use, load_edition, store_edition
from output.exits import Exit, Stop
from output.store import create_store
from output.stored_pages import Evidence

DATABASE, STORE, PACE, VISITS = "workspace.sqlite", "store.sqlite", "pace.sqlite", "visits"
PROBES, BACKUPS = "probes", "backups"
_MADE_BY_INIT = frozenset({f"{DATABASE}.new", STORE, PACE, VISITS})

_APPLICATION = int.from_bytes(b"KCws")
"""SQLite's application id of our workspaces, so that another program's file is never taken for one."""

_EMAIL = re.compile(r"[^@\s<>(),;:\"]+@[^@\s.<>(),;:\"]+(\.[^@\s.<>(),;:\"]+)+")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a workspace was set up with. contact is an e-mail address, told to every portal; registry names the edition in use."""

    contact: str
    created: datetime
    registry: str


@dataclass(frozen=True)
class Workspace:
    """An open workspace. `conn` is the connection the ledger's functions take, `db` the same one as sqlite-utils knows it."""

    path: Path
    settings: Settings
    db: Database

    @property
    def conn(self) -> sqlite3.Connection:
        return self.db.conn

    @property
    def edition(self) -> str:
        """The name of the registry edition in use now; `settings` holds the one in use when the workspace was opened."""
        return edition_in_use(self.conn)

    @property
    def registry(self) -> Registry:
        """The registry edition in use now."""
        return load_edition(self.conn, self.edition)

    @property
    def database(self) -> Path:
        """The file of plan, ledger and reviews, for processes that open it themselves."""
        return (self.path / DATABASE).resolve()

    @property
    def backups(self) -> Path:
        """Where copies of `database` are kept unless told otherwise."""
        return self.path / BACKUPS

    @property
    def visits(self) -> Path:
        return self.path / VISITS

    @property
    def probes(self) -> Path:
        """Where batches of probes are sealed."""
        return self.path / PROBES

    @property
    def evidence(self) -> Evidence:
        """Where sealed folders of both kinds lie."""
        return Evidence(self.visits, self.probes)

    @property
    def store_path(self) -> Path:
        return self.path / STORE

    @property
    def pace_path(self) -> Path:
        return self.path / PACE

    def close(self) -> None:
        """The connection is closed; the workspace is not used any more."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


migrations = Migrations("workspace")
"""Every change of workspace.sqlite's tables, in order; the version of a workspace is how many of them it has seen."""


@migrations()
def first_tables(db: Database) -> None:
    """Settings, registry editions, plan and ledger."""
    for statement in _FIRST_TABLES:
        db.execute(statement)
    ledger.create_tables(db.conn)


@migrations()
def review_tables(db: Database) -> None:
    """Reviews with what they name, assignments, and the accounts of those who review."""
    reviews.create_tables(db.conn)
    accounts.create_tables(db.conn)


@migrations()
def service_tables(db: Database) -> None:
    """The register of online services with what persons decided, the ledger of probes, imported measures."""
    services.create_tables(db.conn)
    batches.create_tables(db.conn)


VERSION = 3
"""The version this program reads and writes."""


def init_workspace(path: Path, contact: str, *, now: datetime | None = None) -> Workspace:
    """A new workspace at path, made where the folder is missing, empty or left over from an init cut short; opened.

    Raises BadInput where contact is no e-mail address, Stop(WORKSPACE) where the folder holds anything else.
    """
    if not _EMAIL.fullmatch(contact):
        raise bad_input(
            "--contact", f"“{contact}” is not an e-mail address", "give one that is read, such as ten@coquan.gov.vn"
        )
    refuse_folder(path)
    (path / VISITS).mkdir(parents=True, exist_ok=True)
    open_pace(path / PACE).close()
    create_store(path / STORE)
    started = path / f"{DATABASE}.new"
    started.unlink(missing_ok=True)
    with closing(connect(started)) as conn:
        migrate(conn)
        created = now or datetime.now(UTC)
        write_settings(conn, Settings(contact=contact, created=created, registry=EMBEDDED_EDITION))
        shipped = embedded_registry()
        store_edition(conn, EMBEDDED_EDITION, shipped, parent="", file="", sha256="", now=created)
        # One file without a log beside it, so that the rename below is the moment the workspace exists.
        conn.execute("PRAGMA journal_mode = DELETE")
    started.rename(path / DATABASE)
    return open_workspace(path)


def open_workspace(path: Path | str) -> Workspace:
    """The workspace at path. Raises Stop(WORKSPACE) where there is none, it is of another version, damaged, or being migrated."""
    folder = Path(path)
    conn = open_database(folder)
    try:
        refuse_state(conn, folder)
        return Workspace(path=folder, settings=read_settings(conn), db=Database(conn))
    except BaseException:
        conn.close()
        raise


def migrate_workspace(path: Path | str) -> tuple[int, int]:
    """The workspace is of this program's version; returns the versions before and after. The old file is kept as workspace.sqlite.v<before>.

    Raises Stop(WORKSPACE) where it is newer than this program or another process is migrating it.
    """
    folder = Path(path)
    with closing(open_database(folder)) as conn:
        before = version_of(conn)
        if before > VERSION or not known(conn):
            raise Stop(newer(folder, before), Exit.WORKSPACE)
        mark_migration(conn, folder)
        try:
            if before < VERSION:
                with closing(sqlite3.connect(folder / f"{DATABASE}.v{before}")) as copy:
                    conn.backup(copy)
            migrate(conn)
        finally:
            with writing(conn):
                conn.execute("DELETE FROM settings WHERE key = 'migrating'")
    return before, VERSION


# --- how it is kept ------------------------------------------------------------------------------------------------------------------------


def refuse_folder(path: Path) -> None:
    """Raises Stop where a workspace may not be made at path."""
    if path.exists() and not path.is_dir():
        raise Stop(f"{path} is a file — name a folder", Exit.WORKSPACE)
    if (path / DATABASE).exists():
        raise Stop(f"{path} is a workspace already — use it, or name another folder", Exit.WORKSPACE)
    if not path.exists():
        return
    visits = path / VISITS
    foreign = sorted(entry.name for entry in path.iterdir() if not _ours(entry.name))
    if visits.is_dir() and any(visits.iterdir()):
        foreign.append(f"{VISITS}/…")
    if foreign:
        raise Stop(f"{path} is not empty (it holds {', '.join(foreign[:3])}) — name a new folder", Exit.WORKSPACE)


def _ours(name: str) -> bool:
    return name in _MADE_BY_INIT or any(
        name in (f"{made}-wal", f"{made}-shm", f"{made}-journal") for made in _MADE_BY_INIT
    )


def open_database(folder: Path) -> sqlite3.Connection:
    """A connection to an existing workspace.sqlite of ours, of whatever version. Raises Stop."""
    file = folder / DATABASE
    if not file.is_file():
        raise Stop(
            f"{folder} is not a workspace — make one with: kiemcong init {folder} --contact EMAIL", Exit.WORKSPACE
        )
    try:
        conn = connect(file)
    except sqlite3.DatabaseError as problem:
        raise Stop(f"{file} cannot be read: {problem}", Exit.WORKSPACE) from problem
    if not is_workspace(conn):
        conn.close()
        raise Stop(f"{file} is not a workspace of Kiểm Cổng — name another folder", Exit.WORKSPACE)
    return conn


def is_workspace(conn: sqlite3.Connection) -> bool:
    """Whether the database behind a connection is a workspace's, of whatever version."""
    return bool(conn.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION)


def refuse_state(conn: sqlite3.Connection, folder: Path) -> None:
    """Raises Stop where the workspace is being migrated or is not of this program's version."""
    row = conn.execute("SELECT value FROM settings WHERE key = 'migrating'").fetchone()
    if row:
        raise Stop(being_migrated(folder, row[0]), Exit.WORKSPACE)
    found = version_of(conn)
    if found > VERSION or not known(conn):
        raise Stop(newer(folder, found), Exit.WORKSPACE)
    if found < VERSION:
        advice = f"stop its workers, then run: kiemcong migrate --workspace {folder}"
        raise Stop(f"{folder} is of version {found}, this program of {VERSION} — {advice}", Exit.WORKSPACE)


def newer(folder: Path, found: int) -> str:
    """What is said of a workspace this program does not know."""
    return f"{folder} is of version {found}, made by another version of Kiểm Cổng (this one knows {VERSION}) — use that one"


def being_migrated(folder: Path, who: str) -> str:
    """What is said of a workspace in the midst of a migration."""
    advice = "wait for it" if still_runs(who) else f"it was cut short; run: kiemcong migrate --workspace {folder}"
    return f"{folder} is being migrated by {who} — {advice}"


def version_of(conn: sqlite3.Connection) -> int:
    """How many migrations the workspace has seen."""
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def known(conn: sqlite3.Connection) -> bool:
    """Whether this program knows every migration the workspace has seen."""
    ours = [migration.name for migration in migrations.pending(Database(memory=True))]
    return all(applied.name in ours for applied in migrations.applied(Database(conn)))


def migrate(conn: sqlite3.Connection) -> None:
    """All migrations are applied and the version is recorded, wholly or not at all."""
    with writing(conn):
        migrations.apply(Database(conn))
        conn.execute(f"PRAGMA application_id = {_APPLICATION}")
        conn.execute(f"PRAGMA user_version = {VERSION}")


def mark_migration(conn: sqlite3.Connection, folder: Path) -> None:
    """This process is noted as the one that migrates. Raises Stop where another, still running, is."""
    with writing(conn):
        row = conn.execute("SELECT value FROM settings WHERE key = 'migrating'").fetchone()
        if row and still_runs(row[0]):
            raise Stop(being_migrated(folder, row[0]), Exit.WORKSPACE)
        conn.execute("INSERT OR REPLACE INTO settings (key, value) VALUES ('migrating', ?)", (this_process(),))


def read_settings(conn: sqlite3.Connection) -> Settings:
    """The settings stored."""
    rows = dict(conn.execute("SELECT key, value FROM settings").fetchall())
    return Settings(contact=rows["contact"], created=as_time(rows["created"]), registry=rows["registry"])


def write_settings(conn: sqlite3.Connection, settings: Settings) -> None:
    """The settings are stored, in place of any before."""
    rows = {"contact": settings.contact, "created": as_text(settings.created), "registry": settings.registry}
    with writing(conn):
        conn.executemany("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", rows.items())


_FIRST_TABLES = (
    "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE registry_editions (
        edition TEXT PRIMARY KEY, parent TEXT NOT NULL, stored_at TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL
    ) STRICT""",
    # A record as JSON: the types of crawler.model are the one definition of its fields.
    """CREATE TABLE registry_agencies (
        edition TEXT NOT NULL REFERENCES registry_editions (edition), place INTEGER NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (edition, id)
    ) STRICT""",
    """CREATE TABLE registry_portals (
        edition TEXT NOT NULL REFERENCES registry_editions (edition), place INTEGER NOT NULL, agency TEXT NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (edition, place)
    ) STRICT""",
)
