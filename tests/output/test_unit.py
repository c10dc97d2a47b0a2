"""The systemd unit: filled in, and one that systemd takes."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from output.cli import run
from output.unit import quoted


def printed(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert run(["run", "--print-unit", *options]) == 0
    return capsys.readouterr().out


def test_the_command_line_is_written_out_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "đợt 100%"
    text = printed(
        capsys, "--workspace", str(place), "--workers", "2", "--no-browser", "--resolve", "a.vn=127.0.0.1", "--resolve",
        "b.vn=127.0.0.1", "--backups", "elsewhere", "--drain", "20",
    )  # fmt: skip
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    shown = str(place).replace("%", "%%")
    assert lines["ExecStart"] == (
        f'{Path(sys.executable).with_name("kiemcong")} run --workspace "{shown}" --workers 2 --drain 20.0'
        f" --backups {Path('elsewhere').resolve()} --resolve a.vn=127.0.0.1 --resolve b.vn=127.0.0.1 --no-browser"
    )
    assert lines["User"] == getpass.getuser()
    assert lines["ReadWritePaths"] == f'"{shown}" {Path("elsewhere").resolve()}'
    assert lines["TimeoutStopSec"] == "50"
    assert (lines["KillMode"], lines["SuccessExitStatus"]) == ("mixed", "130")
    assert not place.exists()


def test_systemd_takes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / "kc.service"
    unit.write_text(printed(capsys, "--workspace", str(tmp_path), "--due-now"))
    said = subprocess.run([checker, "verify", str(unit)], capture_output=True, text=True, timeout=120)
    # Whatever else it says is of units of the machine's own.
    assert [line for line in (said.stdout + said.stderr).splitlines() if "kc.service" in line] == []


@pytest.mark.parametrize(
    ("part", "written"),
    [("/usr/bin/x", "/usr/bin/x"), ("a b", '"a b"'), ('say "x"', '"say \\"x\\""'), ("50%", "50%%"), ("", '""')],
)
def test_words_are_quoted_as_systemd_reads_them(part: str, written: str) -> None:
    assert quoted(part) == written
