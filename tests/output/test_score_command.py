"""`kiemcong score --measures` as a user runs it, away from any workspace."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from output.cli import run

HEADING = "agency,measure,earned,applicable,source\n"

DA_NANG = """\
Đà Nẵng,dvctt-level-1,35,36,bảng 2016
Đà Nẵng,dvctt-level-2,30,31,bảng 2016
Đà Nẵng,dvctt-level-3,40,49,bảng 2016
Đà Nẵng,dvctt-level-4,12,29,bảng 2016
"""
UPWARDS = """\
Đà Nẵng,internal-application-index,0.7818,1,bảng 2016
Đà Nẵng,infrastructure-index,"0,8437",1,bảng 2016
Đà Nẵng,human-index,0.7617,1,bảng 2016
"""


def score(tmp_path: Path, text: str, *more: str) -> int:
    path = tmp_path / "measures.csv"
    path.write_text(text)
    return run(["score", "--method", "ict-index-2016", "--measures", str(path), "--format", "csv", *more])


def test_da_nang_from_its_points_to_the_top(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(tmp_path, HEADING + UPWARDS + DA_NANG) == 0
    told = capsys.readouterr()
    assert told.out == (
        "agency,node,value,coverage\n"
        "Đà Nẵng,dvctt-total,0.8069,1.0000\n"
        "Đà Nẵng,dvctt-index,1.0000,1.0000\n"
        "Đà Nẵng,application-index,0.8909,1.0000\n"
        "Đà Nẵng,ict-index,0.8321,1.0000\n"
    )
    assert "33/145" in told.err
    assert "117/145" in told.err


def test_a_missing_leaf_leaves_its_ancestors_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    half = DA_NANG.replace("Đà Nẵng", "Huế").rsplit("Huế", 1)[0]
    assert score(tmp_path, HEADING + DA_NANG + half) == 0
    values = {
        (row["agency"], row["node"]): row["value"] for row in csv.DictReader(capsys.readouterr().out.splitlines())
    }
    assert values["Đà Nẵng", "dvctt-index"] == "1.0000"
    assert values["Đà Nẵng", "application-index"] == values["Đà Nẵng", "ict-index"] == ""
    assert {values["Huế", node] for node in ("dvctt-total", "dvctt-index", "application-index", "ict-index")} == {""}


def test_sixty_three_provinces_are_measured_among_themselves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"p{n},dvctt-level-{level},{n // 3},{most},x\n" for n in range(63) for level, most in enumerate((36, 31, 49, 29), 1)]  # fmt: skip
    assert score(tmp_path, HEADING + "".join(rows)) == 0
    told = capsys.readouterr()
    values = {(row["agency"], row["node"]): row["value"] for row in csv.DictReader(told.out.splitlines())}
    assert (values["p0", "dvctt-index"], values["p62", "dvctt-index"]) == ("0.0000", "1.0000")
    assert told.err == ""


def test_a_measure_of_another_method_is_told_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(tmp_path, HEADING + DA_NANG + "Đà Nẵng,policy-index,1,1,x\n") == 0
    assert "policy-index" in capsys.readouterr().err


def test_bad_measures_are_told_all_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = "A,dvctt-level-1,x,36,s\nA,dvctt-level-2,32,31,s\nA,dvctt-level-1,1,,s\n,dvctt-level-1,1,2,s\nB,m,-1,2,s\n"
    assert score(tmp_path, HEADING + bad) == 2
    told = capsys.readouterr()
    assert told.out == ""
    lines = [line.split(":")[1].split(" ")[0] for line in told.err.replace("kiemcong: ", "").splitlines()]
    assert lines == ["2", "3", "4", "4", "5", "6"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["score"],
        ["score", "--campaign", "2016", "--measures", "m.csv"],
        ["score", "--measures", "m.csv"],
        ["score", "--measures", "none.csv", "--method", "ict-index-2016"],
        ["score", "--measures", "m.csv", "--method", "other"],
    ],
)
def test_unclear_orders_are_refused(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.csv").write_text(HEADING + DA_NANG)
    assert run(arguments) == 2
    assert capsys.readouterr().out == ""
