"""Lists of services written for people: the form sent to agencies, and rows handed back with what is wrong with them."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from crawler.problems import Problem, bad_input
from crawler.sheets import Sheet
from output.export.sheets import harmless
from output.tables import csv_text

REASON = "Lý do"

TITLES = {
    "agency": "Tên cơ quan",
    "unit": "Đơn vị cung cấp",
    "name": "Tên dịch vụ công trực tuyến",
    "field": "Lĩnh vực",
    "level": "Mức độ",
    "url": "Địa chỉ truy cập",
    "dossiers_total": "Tổng số hồ sơ trong năm",
    "dossiers_online": "Số hồ sơ trực tuyến",
}
"""How the form calls its columns; each is among the headings an import knows."""

EXPLAINED = {
    "agency": "Tên bộ, cơ quan thuộc Chính phủ hoặc tỉnh, thành phố.",
    "unit": "Tổng cục, cục, sở, ban, ngành, quận, huyện trực tiếp cung cấp; để trống nếu là chính cơ quan.",
    "name": "Tên dịch vụ, trùng tên thủ tục hành chính. Mỗi dịch vụ một dòng.",
    "field": "Ngành, lĩnh vực.",
    "level": "1, 2, 3 hoặc 4 theo Điều 3 Nghị định 43/2011/NĐ-CP.",
    "url": "Địa chỉ trên Internet mở thẳng dịch vụ, không phải trang chủ.",
    "dossiers_total": "Số hồ sơ đã giải quyết trong năm; nếu không có số, ghi bằng lời.",
    "dossiers_online": "Số hồ sơ nộp và xử lý trực tuyến trong năm; nếu không có số, ghi bằng lời.",
}


def write_form(path: Path) -> None:
    """A form for agencies to fill in is at path, which must not exist: XLSX with a sheet that explains it, or CSV with the headings."""
    if path.suffix.lower() == ".csv":
        put_new(path, b"\xef\xbb\xbf" + csv_text(tuple(TITLES.values()), ()).encode())
        return
    refuse_suffix(path)
    whole = io.BytesIO()
    with xlsxwriter.Workbook(whole, {"in_memory": True}) as book:
        heading = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DDEBF7", "border": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Dịch vụ công trực tuyến")
        sheet.freeze_panes(1, 0)
        for place, (field, title) in enumerate(TITLES.items()):
            sheet.write_string(0, place, title, heading)
            sheet.set_column(place, place, 40 if field in ("name", "url") else 22)
        level = list(TITLES).index("level")
        sheet.data_validation(1, level, 20000, level, {"validate": "list", "source": ["1", "2", "3", "4"]})
        notes = book.add_worksheet("Hướng dẫn")
        notes.set_column(0, 0, 30)
        notes.set_column(1, 1, 80)
        for row, (field, title) in enumerate(TITLES.items()):
            notes.write_string(row, 0, title, heading)
            notes.write_string(row, 1, EXPLAINED[field], wrapped)
    put_new(path, whole.getvalue())


def write_rejects(path: Path, sheet: Sheet, problems: Iterable[Problem]) -> None:
    """The rows that have problems are at path, as they were, with the reasons in a last column; CSV or XLSX. A file there before is replaced."""
    told: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        field = f"[{problem.field}] " if problem.field else ""
        told[problem.line].append(f"{field}{problem.message}" + (f" — {problem.mend}" if problem.mend else ""))
    headings = [heading for heading in sheet.headings if heading and heading != REASON]
    rows = [
        [*(str(harmless(sheet.rows[line][heading])) for heading in headings), f"Dòng {line}: {'; '.join(reasons)}"]
        for line, reasons in sorted(told.items())
        if line in sheet.rows
    ]
    columns = [*headings, REASON]
    if path.suffix.lower() == ".csv":
        path.write_bytes(b"\xef\xbb\xbf" + csv_text(columns, rows).encode())
        return
    refuse_suffix(path)
    path.write_bytes(plain_book(columns, rows))


def plain_book(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook of one sheet, every cell as text."""
    whole = io.BytesIO()
    with xlsxwriter.Workbook(whole, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((columns, *rows)):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
    return whole.getvalue()


def refuse_suffix(path: Path) -> None:
    """Raises BadInput where the name is neither of a CSV file nor of a workbook."""
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise bad_input(str(path), "neither a .csv nor an .xlsx file", "give the file one of these endings")


def put_new(path: Path, data: bytes) -> None:
    """The bytes are in a new file; BadInput where there is one already."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise bad_input(str(path), "the file is there already", "name a new one") from None
