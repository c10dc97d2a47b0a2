"""Copies of the workspace's database: whole while others write, few, and good to go on from."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import ledger
from crawler.database import connect, writing
from crawler.process import this_process
from crawler.slots import SlotState
from output.backups import back_up, backup_due, backups, made_at, restore
from output.cli import run
from output.exits import Exit, Stop
from output.workspace import Workspace, init_workspace, open_workspace
from tests.crawler.test_visit_folder import made as sealed

NOW = datetime(2017, 2, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    init_workspace(path, "a@b.gov.vn", now=NOW).close()
    assert (
        run(["plan", "--workspace", str(path), "--campaign", "2016", "--now", "2017-01-20", "--agency", "da-nang"]) == 0
    )
    return path


def copied(workspace: Workspace, now: datetime = NOW, keep: int = 3) -> Path:
    made = back_up(workspace.conn, workspace.backups, keep=keep, now=now)
    assert made
    return made


def states(folder: Path) -> list[SlotState]:
    with open_workspace(folder) as workspace:
        return [slot.state for slot in ledger.slots(workspace.conn)]


def test_a_copy_is_whole_though_another_process_writes(folder: Path) -> None:
    with open_workspace(folder) as workspace, closing(connect(workspace.database)) as other, writing(other):
        other.execute("UPDATE slots SET state = 'done'")
        made = copied(workspace)
    with closing(sqlite3.connect(made)) as copy:
        assert copy.execute("SELECT DISTINCT state FROM slots").fetchall() == [("planned",)]
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert list(made.parent.iterdir()) == [made]


def test_only_the_last_copies_are_kept(folder: Path) -> None:
    with open_workspace(folder) as workspace:
        assert backup_due(workspace.backups, DAY, NOW)
        made = [copied(workspace, NOW + day * DAY) for day in range(5)]
        (workspace.backups / "notes.txt").write_text("mine")
        assert backups(workspace.backups) == made[-3:]
        last = NOW + 4 * DAY
        assert made_at(made[-1]) == last
        due = [backup_due(workspace.backups, DAY, last + hours * timedelta(hours=1)) for hours in (0, 23, 24)]
        assert due == [False, False, True]
        # The clock was set back: the copies of the future do not keep today's from being made.
        assert backup_due(workspace.backups, DAY, last - DAY)
        copied(workspace, last + DAY)
    assert (folder / "backups" / "notes.txt").exists()


def test_a_copy_put_back_knows_every_visit_sealed_since(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backup", "--workspace", str(folder)]) == 0
    sealed(folder / "visits", "2016.da-nang.1")
    with open_workspace(folder) as workspace, writing(workspace.conn):
        workspace.conn.execute("DELETE FROM slots")
    assert run(["backup", "--workspace", str(folder), "--restore", "last"]) == 0
    assert "what was before lies in" in capsys.readouterr().out
    assert states(folder) == [SlotState.DONE, SlotState.PLANNED, SlotState.PLANNED]
    (before,) = folder.glob("workspace.sqlite.before-*")
    with closing(sqlite3.connect(before)) as conn:
        assert conn.execute("SELECT count(*) FROM slots").fetchone() == (0,)


def test_a_damaged_database_is_replaced_and_its_log_never_meets_the_copy(folder: Path) -> None:
    with open_workspace(folder) as workspace:
        copied(workspace)
    database = folder / "workspace.sqlite"
    database.write_bytes(b"nonsense" * 1000)
    (folder / "workspace.sqlite-wal").write_bytes(b"old log")
    assert run(["backup", "--workspace", str(folder), "--restore", "last"]) == 0
    assert states(folder) == [SlotState.PLANNED] * 3
    database.unlink()
    assert restore(folder, backups(folder / "backups")[-1], NOW) is None
    assert states(folder) == [SlotState.PLANNED] * 3


def test_what_is_in_use_or_no_copy_is_left_alone(folder: Path, tmp_path: Path) -> None:
    with open_workspace(folder) as workspace:
        copied(workspace)
        with pytest.raises(Stop, match="in use") as stop:
            restore(folder, backups(workspace.backups)[-1], NOW)
        assert stop.value.code == Exit.WORKSPACE
        ledger.lease(workspace.conn, now=NOW + DAY, owner=this_process(), ttl=DAY)
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as conn:
        conn.execute("CREATE TABLE t (x)")
    torn = tmp_path / "torn.sqlite"
    shutil.copy(backups(folder / "backups")[-1], torn)
    torn.write_bytes(torn.read_bytes()[:4096] + b"\xff" * 20_000)
    for bad in (other, torn, tmp_path / "none.sqlite"):
        assert run(["backup", "--workspace", str(folder), "--restore", str(bad)]) == Exit.WORKSPACE
    assert len(states(folder)) == 3
    assert not list(folder.glob("*.restored*"))


def test_a_full_disk_leaves_no_half_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_workspace(folder) as workspace:
        copied(workspace)
        monkeypatch.setattr("output.backups._check", fail)
        with pytest.raises(OSError, match="disk is full"):
            back_up(workspace.conn, workspace.backups, keep=3, now=NOW + DAY)
        assert [each.name for each in workspace.backups.iterdir()] == ["workspace-20170202T010000Z.sqlite"]


def fail(*_: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")
