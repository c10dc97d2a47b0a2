"""What was measured is kept, and measured anew part by part."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.results import TITLES, document, kept, main


def test_what_is_kept_is_read_back_and_stands_in_order() -> None:
    parts = {TITLES["judge"]: "ba\n\n| a | b |", TITLES["gather"]: "một"}
    assert kept(document(parts)) == parts
    assert document(parts).index("một") < document(parts).index("ba")


def test_one_part_is_measured_anew_and_the_others_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bar that is missed is written down and tells by the exit code."""
    asked: list[str] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        asked.append(command[-1])
        return subprocess.CompletedProcess(command, 1, "2.9 times\n", "…\nBAR MISSED: 2.9\n")

    file = tmp_path / "results.md"
    file.write_text(document({TITLES["gather"]: "0.34", TITLES["pictures"]: "3.2"}), encoding="utf-8")
    monkeypatch.setattr(results, "RESULTS", file)
    monkeypatch.setattr(results.subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["results", "pictures"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert asked == ["benchmarks.pictures"]
    now = kept(file.read_text(encoding="utf-8"))
    assert now[TITLES["gather"]] == "0.34"
    assert now[TITLES["pictures"]].endswith("2.9 times\nBAR MISSED: 2.9")
    assert "2.9 times" in capsys.readouterr().out


def test_a_name_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["results", "picture"])
    with pytest.raises(SystemExit):
        main()
    assert "no benchmark is called picture; there are gather" in capsys.readouterr().err
