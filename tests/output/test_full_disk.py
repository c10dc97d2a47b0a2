"""A disk that is nearly full, and one that fills up in the middle of a visit: nothing begins, nothing is lost, and it goes on when there is room."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from crawler import ledger
from crawler.plan import VIETNAM
from output import upkeep as chores
from output.cli import run
from output.exits import Exit
from output.operations import MEGABYTE, operations
from output.supervise import Event
from output.upkeep import Upkeep
from output.workspace import init_workspace, open_workspace
from tests.output.country import ROOT, country, planned

START = datetime(2017, 3, 13, 9, tzinfo=VIETNAM)


def test_nothing_begins_on_a_disk_that_is_nearly_full(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with country("mot") as served:
        planned(tmp_path / "ws", ("mot",), [START]).close()
        command = ["run", "--workspace", str(tmp_path / "ws"), *served.options, "--least-free", str(10**9)]
        assert run([*command, "--replay"]) == Exit.DISK
        assert "no visit begins under 1000000000" in capsys.readouterr().err
        assert run([*command, "--due-now", "--now", "2017-03-13T09:00"]) == Exit.DISK
        assert served.log == []
    with open_workspace(tmp_path / "ws") as workspace:
        assert ledger.attempts(workspace.conn) == ()
        assert not workspace.backups.exists()


def test_one_that_stays_says_so_once_and_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 500 * MEGABYTE
    monkeypatch.setattr(chores, "free_bytes", lambda _: free)
    told: list[Event] = []
    with init_workspace(tmp_path / "ws", "a@b.gov.vn") as workspace:
        keeping = Upkeep(
            workspace, operations(), told.append, clock=lambda: START, least_free=1000 * MEGABYTE, backups=workspace.backups,
            stay=True,
        )  # fmt: skip
        with keeping:
            keeping.turn()
            keeping.turn()
            free = 2000 * MEGABYTE
            keeping.turn()
    assert [(event.what, event.detail) for event in told if "disk" in event.what] == [
        ("no visit begins, the disk is nearly full", "500 MB free, 1000 MB wanted"),
        ("the disk has room again", "2000 MB free, 1000 MB wanted"),
    ]


SMALL_DISK = """
import os, sys
from datetime import datetime
from pathlib import Path
from crawler import ledger
from crawler.slots import SlotState
from crawler.visit_folder import UNSEALED, sealed_visits
from output.exits import Exit, Stop
from output.verify import check_folder
from tests.output.country import country, planned
from tests.output.test_full_disk import START
from tests.output.test_running import supervised

place = Path(sys.argv[1])
names = [f"huyen-{n}" for n in range(6)]
ended = []
with country(*names) as served, planned(place / "ws", names, [START]) as workspace:
    filler = place / "filler"
    for left in (0, 30_000, 120_000, 300_000):
        room = os.statvfs(place)
        with filler.open("wb") as file:
            file.truncate(0)
            os.posix_fallocate(file.fileno(), 0, max(1, room.f_bavail * room.f_frsize - left))
        try:
            supervised(workspace, served)
            ended.append("done")
        except (Stop, OSError) as stop:
            assert isinstance(stop, OSError) or stop.code == Exit.DISK, stop
            ended.append("full")
        filler.unlink()
        assert all(check_folder(workspace.visits / name).damages == () for name in sealed_visits(workspace.visits))
    supervised(workspace, served)
    assert {slot.state for slot in ledger.slots(workspace.conn)} == {SlotState.DONE}
    assert sealed_visits(workspace.visits) == sorted(f"2016.{name}.1" for name in names)
    for name in sealed_visits(workspace.visits):
        assert check_folder(workspace.visits / name).damages == ()
    assert not list((workspace.visits / UNSEALED).iterdir())
print(*ended)
"""


@pytest.mark.long
def test_a_disk_that_fills_up_in_the_middle_of_visits(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    mount = f"mount -t tmpfs -o size=8m tmpfs {tmp_path}"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("this machine gives no private mounts")
    script = f'{mount} && exec "$0" -c "$1" {tmp_path}'
    ended = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, sys.executable, SMALL_DISK],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
    )
    assert ended.returncode == 0, ended.stderr
    assert "full" in ended.stdout
