"""Workspaces made, opened, migrated and refused."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from crawler import ledger
from crawler.database import connect
from crawler.ledger import PlannedVisit
from crawler.problems import BadInput
from crawler.process import this_process
from crawler.registry import embedded_registry
from output import workspace as module
from output.cli import run
from output.exits import Exit, Stop
from output.workspace import DATABASE, VERSION, init_workspace, migrate_workspace, open_workspace

NOW = datetime(2017, 1, 5, tzinfo=UTC)
CONTACT = "kiem-cong@coquan.gov.vn"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    init_workspace(path, CONTACT, now=NOW).close()
    return path


def refused(path: Path) -> str:
    with pytest.raises(Stop) as stop:
        open_workspace(path)
    assert stop.value.code is Exit.WORKSPACE
    return str(stop.value)


def test_a_new_workspace_holds_everything(folder: Path) -> None:
    assert {entry.name for entry in folder.iterdir()} == {"workspace.sqlite", "store.sqlite", "pace.sqlite", "visits"}
    with open_workspace(str(folder)) as opened:
        assert (opened.settings.contact, opened.settings.created, opened.edition) == (CONTACT, NOW, "2016")
        assert opened.registry == embedded_registry()
        assert opened.visits.is_dir()
        assert opened.store_path.is_file()
        assert opened.pace_path.is_file()
        assert ledger.slots(opened.conn) == ()
        assert opened.conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("contact", ["", "x", "a@b", "a b@c.vn", "a@b.vn, c@d.vn", "a@b.vn\nHost: x", "<a@b.vn>"])
def test_a_contact_that_nobody_reads_is_refused_and_nothing_made(contact: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not an e-mail address"):
        init_workspace(tmp_path / "ws", contact)
    assert not (tmp_path / "ws").exists()


def test_a_folder_in_use_is_left_alone(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Stop, match="is a workspace already"):
        init_workspace(folder, CONTACT)
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("x")
    with pytest.raises(Stop, match="not empty"):
        init_workspace(other, CONTACT)
    assert [entry.name for entry in other.iterdir()] == ["letter.txt"]
    with pytest.raises(Stop, match="is a file"):
        init_workspace(other / "letter.txt", CONTACT)
    lost = tmp_path / "lost"
    (lost / "visits" / "2016.da-nang.1").mkdir(parents=True)
    with pytest.raises(Stop, match="visits"):
        init_workspace(lost, CONTACT)


def test_an_init_cut_short_anywhere_can_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "ws"
    calls = ["create_store", "migrate", "store_edition"]
    for name in calls:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, name, lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                init_workspace(path, CONTACT)
        assert "is not a workspace" in refused(path)
    init_workspace(path, CONTACT).close()
    open_workspace(path).close()


def test_what_is_no_workspace(tmp_path: Path) -> None:
    assert "kiemcong init" in refused(tmp_path / "missing")
    assert "kiemcong init" in refused(tmp_path)
    (tmp_path / DATABASE).write_bytes(b"this is not a database, and long enough to be sure of it" * 20)
    assert "cannot be read" in refused(tmp_path)
    (tmp_path / DATABASE).unlink()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as other:
        other.execute("CREATE TABLE settings (key, value)")
    assert "not a workspace of Kiểm Cổng" in refused(tmp_path)


def test_another_version_is_refused(folder: Path) -> None:
    with closing(connect(folder / DATABASE)) as conn:
        conn.execute(f"PRAGMA user_version = {VERSION + 1}")
    assert f"version {VERSION + 1}" in refused(folder)
    with pytest.raises(Stop, match="another version"):
        migrate_workspace(folder)
    with closing(connect(folder / DATABASE)) as conn:
        conn.execute(f"PRAGMA user_version = {VERSION}")
        stranger = Migrations("workspace")
        stranger(name="from_the_future")(lambda db: None)
        stranger.apply(Database(conn))
    assert "another version" in refused(folder)


def test_a_running_migration_is_waited_for_and_a_dead_one_taken_over(folder: Path) -> None:
    def mark(owner: str) -> None:
        with closing(connect(folder / DATABASE)) as conn:
            conn.execute("INSERT OR REPLACE INTO settings VALUES ('migrating', ?)", (owner,))

    mark(this_process())
    assert "wait for it" in refused(folder)
    with pytest.raises(Stop, match="wait for it"):
        migrate_workspace(folder)
    machine = this_process().split(":")[0]
    mark(f"{machine}:{os.getpid()}:1")
    assert "kiemcong migrate" in refused(folder)
    assert migrate_workspace(folder) == (VERSION, VERSION)
    open_workspace(folder).close()


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> Migrations:
    """A later program: one migration more."""
    later = Migrations("workspace")
    for migration in module.migrations.pending(Database(memory=True)):
        later(name=migration.name)(getattr(module, migration.name))
    monkeypatch.setattr(module, "migrations", later)
    monkeypatch.setattr(module, "VERSION", VERSION + 1)
    return later


def test_an_older_workspace_is_migrated_on_request_and_keeps_what_it_holds(
    folder: Path, next_version: Migrations
) -> None:
    next_version(name="more")(lambda db: db.execute("CREATE TABLE more (a)"))
    with closing(connect(folder / DATABASE)) as conn:
        ledger.store_plan(conn, [PlannedVisit(campaign="2016", agency="a", number=1, at=NOW)], now=NOW)
    assert "kiemcong migrate" in refused(folder)
    assert migrate_workspace(folder) == (VERSION, VERSION + 1)
    with open_workspace(folder) as opened:
        assert len(ledger.slots(opened.conn)) == 1
        assert opened.db["more"].exists()
    with closing(connect(folder / f"{DATABASE}.v{VERSION}")) as copy:
        assert len(ledger.slots(copy)) == 1
        assert not Database(copy)["more"].exists()


def test_a_migration_that_fails_changes_nothing(folder: Path, next_version: Migrations) -> None:
    def broken(db: Database) -> None:
        db.execute("CREATE TABLE more (a)")
        raise RuntimeError("broken")

    next_version(name="more")(broken)
    with pytest.raises(RuntimeError, match="broken"):
        migrate_workspace(folder)
    assert "kiemcong migrate" in refused(folder)
    with closing(connect(folder / DATABASE)) as conn:
        assert not Database(conn)["more"].exists()


def test_as_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "ws")
    assert run(["init", path, "--contact", "nobody"]) == Exit.BAD_INPUT
    assert run(["init", path]) == Exit.BAD_INPUT
    assert run(["init", path, "--contact", CONTACT]) == Exit.DONE
    assert run(["init", path, "--contact", CONTACT]) == Exit.WORKSPACE
    assert run(["migrate", "--workspace", path]) == Exit.DONE
    assert run(["status", "--workspace", str(tmp_path)]) == Exit.WORKSPACE
    told = capsys.readouterr()
    assert "93 agencies, edition 2016" in told.out
    assert "kiemcong init" in told.err


def test_a_workspace_locked_for_long_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(connect(folder / DATABASE)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("crawler.database.BUSY_SECONDS", 0.1)
        assert run(["plan", "--workspace", str(folder), "--campaign", "2016"]) == Exit.WORKSPACE
        other.execute("ROLLBACK")
    assert "locked by another process" in capsys.readouterr().err
    assert run(["plan", "--workspace", str(folder), "--campaign", "2016"]) == Exit.DONE
