"""`kiemcong rank --values` as a user runs it, away from any workspace."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from output.cli import run
from scoring.published import PublishedTable, published_tables

INDEX_TABLES = published_tables("2016", ("index",))
DIFFERS = {"2.4": {"Bộ Văn hóa, Thể thao và Du lịch"}, "4.11": {"TP. Hải Phòng"}}


@pytest.mark.parametrize("comma", [False, True], ids=["dots", "commas"])
@pytest.mark.parametrize("table", INDEX_TABLES, ids=lambda table: table.table)
def test_published_tables(
    table: PublishedTable, comma: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "values.csv"
    indices = [row["index"].replace(".", ",") if comma else row["index"] for row in table.rows]
    names = [row["agency"] for row in table.rows]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("agency", "index"), *zip(names, indices, strict=True)])
    assert run(["rank", "--values", str(path)]) == 0
    ranked = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["agency"] for row in ranked] == names, "by rank, then in the file's order, which is the published one"
    assert [row["index"] for row in ranked] == indices
    published = [row["rank"] for row in table.rows]
    differing = {name for name, row, rank in zip(names, ranked, published, strict=True) if row["rank"] != rank}
    assert differing == DIFFERS.get(table.table, set())


def test_semicolons_marks_and_other_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "values.csv"
    path.write_text("\ufeffnote;index;agency\nx;0,5;UBND  tỉnh A\ny;0,50;=B\nz;0,51;C, D\n", encoding="utf-8")
    assert run(["rank", "--values", str(path)]) == 0
    assert capsys.readouterr().out == 'rank,agency,index\n1,"C, D","0,51"\n2,UBND  tỉnh A,"0,5"\n2,=B,"0,50"\n'


def test_nothing_is_rounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "values.csv"
    path.write_text("agency,index\nA,0.58300000000000000001\nB,0.583\n")
    assert run(["rank", "--values", str(path)]) == 0
    assert capsys.readouterr().out == "rank,agency,index\n1,A,0.58300000000000000001\n2,B,0.583\n"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("agency,index\nA,x\nB,\nA,0.5\n", [2, 3, 4]),
        ("agency,index\nA,0,5\n", [2]),
        ("name,index\nA,0.5\n", [1]),
        ("agency;index\n", [1]),
        ("agency,index\nA,1.000.000\n", [2]),
    ],
)
def test_bad_values_are_told_with_their_lines(
    text: str, places: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "values.csv"
    path.write_text(text)
    assert run(["rank", "--values", str(path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert [int(line.split(f"{path}:")[1].split(" ")[0].rstrip(":")) for line in told.err.splitlines()] == places


def test_unclear_orders_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rank"]) == 2
    assert run(["rank", "--values", "a.csv", "--campaign", "2016"]) == 2
    assert run(["rank", "--values", "a-file-that-is-not-there.csv"]) == 2
    assert capsys.readouterr().out == ""
