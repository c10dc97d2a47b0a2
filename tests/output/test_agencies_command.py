"""`kiemcong agencies` as a user runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from output.cli import run
from output.exits import Exit
from output.workspace import init_workspace, open_workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    init_workspace(path, "a@b.gov.vn").close()
    return path


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(capsys.readouterr().out.splitlines()))


def test_list_without_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KIEMCONG_WORKSPACE", raising=False)
    assert run(["agencies", "list", "--format", "csv"]) == 0
    assert len(rows(capsys)) == 93
    assert run(["agencies", "list", "--block", "cqtcp", "--block", "bo", "--format", "csv"]) == 0
    listed = rows(capsys)
    assert len(listed) == 30
    assert sum(bool(row["not_assessed"]) for row in listed) == 3
    assert run(["agencies", "list", "--workspace", str(tmp_path)]) == Exit.WORKSPACE


def test_show(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["agencies", "show", "www.agroviet.gov.vn", "--format", "json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert shown["id"] == "bo-nong-nghiep-va-phat-trien-nong-thon"
    assert (shown["portal"], shown["former"]) == ("http://www.mard.gov.vn/", "http://www.agroviet.gov.vn/")
    assert run(["agencies", "show", "Hà Nooi"]) == Exit.BAD_INPUT
    assert "TP. Hà Nội" in capsys.readouterr().err


def test_import_makes_an_edition_and_the_next_one(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["STT", "Tên cơ quan", "Địa chỉ"])
    book.worksheets[0].append([1, "Tp. Huế", "hue.gov.vn"])
    book.save(tmp_path / "doi.xlsx")
    command = ["agencies", "import", "--workspace", str(folder), "--format", "csv"]
    assert run([*command, str(tmp_path / "doi.xlsx")]) == 0
    changes = rows(capsys)
    assert [(row["agency"], row["field"]) for row in changes] == [
        ("thua-thien-hue", "portal"),
        ("thua-thien-hue", "former"),
    ]
    assert run([*command, str(tmp_path / "doi.xlsx")]) == 0
    assert rows(capsys) == []
    (tmp_path / "hai.csv").write_text("id,portal\nda-nang,www.danang.gov.vn\n", encoding="utf-8")
    assert run([*command, str(tmp_path / "hai.csv")]) == 0
    with open_workspace(folder) as opened:
        assert opened.edition == "2016.2"
        stored = opened.conn.execute("SELECT edition, parent, file FROM registry_editions ORDER BY edition").fetchall()
    assert stored == [("2016", "", ""), ("2016.1", "2016", "doi.xlsx"), ("2016.2", "2016.1", "hai.csv")]
    capsys.readouterr()
    assert run(["agencies", "show", "hue.gov.vn", "--workspace", str(folder)]) == 0


def test_a_bad_import_tells_all_and_writes_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("tên,khối,địa chỉ\nHà Nội,,www.hanoi.vn\nHà Nooi,zz,\n", encoding="utf-8")
    assert run(["agencies", "import", str(tmp_path / "a.csv"), "--workspace", str(folder)]) == Exit.BAD_INPUT
    told = capsys.readouterr().err
    assert "a.csv:3 [block]" in told
    assert "a.csv:3 [name]" in told
    with open_workspace(folder) as opened:
        assert opened.edition == "2016"
        assert opened.conn.execute("SELECT count(*) FROM registry_editions").fetchone() == (1,)


def test_an_edition_keeps_its_name(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("id,portal\nda-nang,x.gov.vn\n", encoding="utf-8")
    command = ["agencies", "import", str(tmp_path / "a.csv"), "--workspace", str(folder), "--edition"]
    assert run([*command, "2016"]) == Exit.WORKSPACE
    assert "already" in capsys.readouterr().err
    assert run([*command, "2026"]) == Exit.DONE
