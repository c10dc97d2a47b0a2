"""`kiemcong services rank` as a user runs it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from output.cli import run
from scoring.published import published_tables

HEADING = "rank,agency,level3,level4,total\n"


def test_by_total_then_level_4_and_none_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("agency,level3,level4\nA,0,0\nB,1,0\n Tỉnh  B ,0,1\nD,0,0\nE,4,0\nF,4,0\n")
    assert run(["services", "rank", "--counts", str(path), "--block", "tinh"]) == 0
    assert capsys.readouterr().out == (
        HEADING + "1,E,4,0,4\n1,F,4,0,4\n3,Tỉnh  B,0,1,1\n4,B,1,0,1\n6,A,0,0,0\n6,D,0,0,0\n"
    )


@pytest.mark.parametrize("number", ["2.6", "4.7"])
def test_published_counts(number: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (table,) = [table for table in published_tables("2016", ("services",)) if table.table == number]
    path = tmp_path / "counts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("agency", "level3", "level4"))
        writer.writerows((row["agency"], row["level3"], row["level4"]) for row in table.rows)
    assert run(["services", "rank", "--counts", str(path), "--block", table.block.value]) == 0
    ranked = {row["agency"]: row["rank"] for row in csv.DictReader(capsys.readouterr().out.splitlines())}
    differing = {row["agency"] for row in table.rows if ranked[row["agency"]] != row["rank"]}
    assert differing == ({"Bộ Giáo dục và Đào tạo", "Bộ Xây dựng"} if number == "2.6" else set())


def test_compare_published_lists_the_two_differences(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["services", "rank", "--compare-published", "--format", "csv"]) == 0
    told = capsys.readouterr()
    assert told.out == "table,agency,published,by_rule\n2.6,Bộ Giáo dục và Đào tạo,12,13\n2.6,Bộ Xây dựng,17,16\n"
    assert [line.split(":")[0] for line in told.err.splitlines()] == [
        f"table {n}" for n in ("2.6", "2.7", "4.7", "4.8")
    ]


def test_bad_counts_are_told_all_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("agency,level3,level4\nA,x,0\nA,1,\n,1.5,-2\n")
    assert run(["services", "rank", "--counts", str(path), "--block", "tinh"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.count(str(path)) for line in told.err.splitlines()] == [1] * 6


def test_one_job_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("agency,level3,level4\nA,1,0\n")
    assert run(["services", "rank"]) == 2
    assert run(["services", "rank", "--counts", str(path)]) == 2
    assert run(["services", "rank", "--counts", str(path), "--block", "tinh", "--compare-published"]) == 2
    assert run(["services", "rank", "--compare-published", "--year", "1999"]) == 2
    assert capsys.readouterr().out == ""
