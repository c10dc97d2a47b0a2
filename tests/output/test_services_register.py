"""`kiemcong services import|template|list|decisions` as a user runs them."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from crawler.registry import embedded_registry
from crawler.services.register import read_services
from crawler.sheets import read_sheet
from output.cli import run
from output.services import load_services
from output.services_sheets import REASON, TITLES
from output.workspace import init_workspace, open_workspace

HEADINGS = "Tên cơ quan,Tên dịch vụ công,Mức độ,Địa chỉ\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    init_workspace(path, "kiem-cong@coquan.gov.vn", now=datetime(2017, 1, 5, tzinfo=UTC)).close()
    return path


def write(path: Path, rows: str) -> Path:
    path.write_text(HEADINGS + rows, "utf-8")
    return path


def test_import_again_updates_and_shows_what_changed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = write(tmp_path / "a.csv", "Đà Nẵng,Một,3,a.gov.vn/1\nĐà Nẵng,Hai,4,a.gov.vn/2\n")
    place = ["--workspace", str(folder), "--format", "json"]
    assert run(["services", "import", str(listed), *place]) == 0
    told = capsys.readouterr()
    assert "2 new, 0 changed" in told.err
    write(listed, "Đà Nẵng,Một,4,a.gov.vn/1\n")
    assert run(["services", "import", str(listed), *place]) == 0
    told = capsys.readouterr()
    assert [(row["field"], row["before"], row["after"]) for row in json.loads(told.out)] == [("level", "3", "4")]
    assert "they stay in the register" in told.err
    assert run(["services", "list", "--level", "4", *place]) == 0
    assert {row["name"] for row in json.loads(capsys.readouterr().out)} == {"Một", "Hai"}


def test_mistakes_stop_it_unless_rejects_are_wanted(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = write(tmp_path / "a.csv", "Đà Nẵng,Một,3,a.gov.vn/1\nĐà Nẵng,=Hai,9,a.gov.vn/2\nNơi nào,Ba,3,x\n")
    command = ["services", "import", str(listed), "--workspace", str(folder)]
    assert run(command) == 2
    assert capsys.readouterr().err.count("a.csv:") == 3
    with open_workspace(folder) as opened:
        assert load_services(opened.conn) == ()
    for name in ("bad.csv", "bad.xlsx"):
        rejects = tmp_path / name
        assert run([*command, "--rejects", str(rejects)]) == 1
        sheet = read_sheet(rejects)
        assert sheet.headings == ("Tên cơ quan", "Tên dịch vụ công", "Mức độ", "Địa chỉ", REASON)
        one, two = sheet.rows.values()
        assert one["Tên dịch vụ công"] == "'=Hai"
        assert "Dòng 3: [level]" in one[REASON]
        assert "[agency]" in two[REASON]
        assert "[url]" in two[REASON]
    with open_workspace(folder) as opened:
        assert [each.name for each in load_services(opened.conn)] == ["Một"]
    mended = tmp_path / "mended.csv"
    rows = list(csv.reader((tmp_path / "bad.csv").read_text("utf-8-sig").splitlines()))
    rows[1][2], rows[2][0], rows[2][3] = "4", "Hà Nội", ""
    mended.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows), "utf-8")
    assert run(["services", "import", str(mended), "--workspace", str(folder)]) == 0


@pytest.mark.parametrize("name", ["form.xlsx", "form.csv"])
def test_the_form_sent_to_agencies_is_read_back(name: str, tmp_path: Path) -> None:
    form = tmp_path / name
    assert run(["services", "template", str(form)]) == 0
    assert run(["services", "template", str(form)]) == 2
    values = ["Bộ Y tế", "Cục Quản lý Dược", "Cấp số đăng ký thuốc", "Y tế", "4", "dvc.moh.gov.vn", "1.000", "20"]
    if name.endswith("xlsx"):
        book = openpyxl.load_workbook(form)
        book.worksheets[0].append(values)
        book.save(form)
    else:
        with form.open("a", encoding="utf-8") as file:
            file.write(",".join(values) + "\n")
    read = read_services(read_sheet(form), embedded_registry())
    assert read.problems == ()
    (service,) = read.services.values()
    assert (service.agency, service.unit, service.level, service.dossiers_total) == (
        "bo-y-te", "Cục Quản lý Dược", 4, "1.000",
    )  # fmt: skip
    assert set(read.sheet.headings) == set(TITLES.values())
