"""Tables people keep, read as text with their lines."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from crawler.problems import BadInput
from crawler.sheets import name_columns, read_sheet


def test_csv_of_either_hand_with_lines_that_count_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "a.CSV"
    path.write_text('\ufefftên;địa chỉ\n"Đà\nNẵng";a.vn\n;\nHuế;"b;c"\n', encoding="utf-8")
    sheet = read_sheet(path)
    assert sheet.headings == ("tên", "địa chỉ")
    assert sheet.rows == {
        2: {"tên": "Đà\nNẵng", "địa chỉ": "a.vn"},
        5: {"tên": "Huế", "địa chỉ": "b;c"},
    }


def test_xlsx_gives_the_text_a_csv_would(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("two")
    page = book.worksheets[1]
    page.append(["tên", "số", "ngày", "giờ"])
    page.append([])
    page.append(["Huế", 3.0, date(2025, 7, 1), datetime(2025, 7, 1, 9, 30)])  # noqa: DTZ001 - a cell has no zone
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert read_sheet(path).rows == {3: {"tên": "Huế", "số": "3", "ngày": "2025-07-01", "giờ": "2025-07-01T09:30:00"}}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n;;\n", "is empty"),
        ("a.csv", "tên\nĐà Nẵng".encode("utf-16"), "not UTF-8"),
        ("a.csv", b'a,b\n1,"2\n', "not CSV"),
        ("a.csv", b"a,b\n1,2,3\n", "3 cells under 2 headings"),
        ("a.csv", b"a,a\n1,2\n", "stands twice"),
        ("a.xlsx", b"not a workbook", "cannot be read"),
        ("a.xlsx", b"", "cannot be read"),
        ("a.ods", b"x", "neither a .csv nor an .xlsx"),
        ("missing.csv", None, "cannot be read"),
        ("missing.xlsx", None, "cannot be read"),
    ],
)
def test_what_is_no_table(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=message) as refused:
        read_sheet(path)
    assert all(problem.mend or content is None for problem in refused.value.problems)


def test_an_empty_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(BadInput, match="empty"):
        read_sheet(path)


def test_columns_go_by_many_names(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("STT,TÊN CƠ QUAN,Địa chỉ,\n1,Huế,a.vn,\n", encoding="utf-8")
    known = {"name": ["ten co quan"], "portal": ["dia chi"], "id": ["ma"]}
    sheet = name_columns(read_sheet(path), known, ["stt"])
    assert sheet.rows == {2: {"name": "Huế", "portal": "a.vn"}}
    path.write_text("tên cơ quan,Tên_cơ_quan,màu\na,b,c\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        name_columns(read_sheet(path), known)
    assert [problem.field for problem in refused.value.problems] == ["Tên_cơ_quan", "màu"]
