"""`kiemcong run` as a service: up while something is to come, seen by others, stopped by SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from crawler.clock import wall
from output.backups import backups
from output.commands.status import runner_rows
from output.exits import Exit
from output.health import readings
from output.runners import runners
from output.workspace import Workspace
from tests.output.country import ROOT, country, planned


def wait_until_up(workspace: Workspace, running: subprocess.Popen[bytes]) -> None:
    """Returns once a runner has said that it is up and has made its first copy of the database."""
    while not (runners(workspace.conn) and backups(workspace.backups)):
        assert running.poll() is None, running.communicate()
        time.sleep(0.1)


def test_it_waits_is_seen_and_stops_with_130(tmp_path: Path) -> None:
    tomorrow = wall() + timedelta(days=1)
    with country("mot") as served, planned(tmp_path / "ws", ("mot",), [tomorrow]) as workspace:
        assert runner_rows(workspace)[0] == ["runner", "none is up"]
        command = [
            sys.executable,
            "-c",
            "from output.cli import main; main()",
            "run",
            "--workspace",
            str(workspace.path),
        ]
        # The machine's own zone changes nothing.
        zone = {**os.environ, "TZ": "America/New_York"}
        running = subprocess.Popen([*command, *served.options], cwd=ROOT, env=zone, stderr=subprocess.PIPE)
        wait_until_up(workspace, running)
        (name, shown) = runner_rows(workspace)[0]
        assert (name, f":{running.pid}:" in str(shown)) == ("runner", True)
        assert not any(reading.wrong for reading in readings(workspace, wall()) if reading.rule.id != "disk-space")
        running.send_signal(signal.SIGTERM)
        _, told = running.communicate(timeout=300)
        assert running.returncode == Exit.INTERRUPTED, told.decode()
        assert "runner: backed up – workspace-" in told.decode()
        assert "stopped; what was sealed stays" in told.decode()
        assert runners(workspace.conn) == ()
        assert served.log == []


def test_it_ends_by_itself_when_nothing_is_left(tmp_path: Path) -> None:
    long_ago = wall() - timedelta(days=30)
    with country("mot") as served, planned(tmp_path / "ws", ("mot",), [long_ago]) as workspace:
        command = [
            sys.executable,
            "-c",
            "from output.cli import main; main()",
            "run",
            "--workspace",
            str(workspace.path),
        ]
        ended = subprocess.run([*command, *served.options], cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert ended.returncode == Exit.UNREACHABLE, ended.stderr
        assert ended.stdout == "1 missed-by-us\n"
        assert "NOT WELL" not in ended.stderr or "disk-space" in ended.stderr
        assert served.log == []
