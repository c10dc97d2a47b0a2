"""One table as CSV, JSON and XLSX: the same cells, the same bytes from the same rows, nothing a spreadsheet could run."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import xlsxwriter

from output.export.columns import ExportFile
from output.tables import csv_text

Cell = str | int | None

BYTE_ORDER_MARK = "\ufeff"
"""Put before CSV so that Excel takes it for UTF-8; without it Vietnamese letters come out broken there."""

FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@＝＋－＠]|[\t\r\n\x00]")
"""How a text begins that a spreadsheet may take for a formula, their full-width forms included."""

NEGATIVE = re.compile(r"-[0-9]+(,[0-9]+)?")
"""A negative number, which only looks like a formula."""

FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters no XML file, and so no workbook, can hold."""

LONGEST_CELL = 32_767
"""Characters Excel lets a cell have."""

MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""The date every workbook carries as that of its making, so that equal tables give equal bytes."""


def table_csv(described: ExportFile, rows: Sequence[Mapping[str, Cell]]) -> bytes:
    """The rows under the columns' names: UTF-8 with a byte order mark, comma, \\n."""
    cells = [[harmless(row[column]) for column in described.columns] for row in rows]
    return (BYTE_ORDER_MARK + csv_text(tuple(described.columns), cells)).encode("utf-8", "replace")


def table_json(described: ExportFile, rows: Sequence[Mapping[str, Cell]]) -> bytes:
    """The rows as a list of objects keyed by column, texts as they are."""
    objects = [{column: row[column] for column in described.columns} for row in rows]
    return (json.dumps(objects, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def table_xlsx(
    described: ExportFile, rows: Sequence[Mapping[str, Cell]], title: str, notes: Sequence[str] = ()
) -> bytes:
    """A workbook of one sheet: the title, the columns' headings, the rows, then notes. Every text is kept as text, never as a formula or link."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(made, options)
    book.set_properties({"created": MADE, "title": title})
    sheet = book.add_worksheet(sheet_name(title))
    bold = book.add_format({"bold": True})
    sheet.write_string(0, 0, fitting(title), bold)
    for place, about in enumerate(described.columns.values()):
        sheet.write_string(1, place, about.title, bold)
        sheet.set_column(place, place, WIDTHS[about.kind])
    sheet.freeze_panes(2, 0)
    for line, row in enumerate(rows, 2):
        for place, column in enumerate(described.columns):
            cell = harmless(row[column])
            if isinstance(cell, int):
                sheet.write_number(line, place, cell)
            elif cell is not None:
                sheet.write_string(line, place, fitting(cell))
    for line, note in enumerate(notes, len(rows) + 3):
        sheet.write_string(line, 0, fitting(harmless(note) or ""))
    book.close()
    return made.getvalue()


WIDTHS = {"text": 28, "number": 10, "decimal": 12, "yes-no": 12, "time": 28, "path": 40}
"""How many letters wide a column is drawn, by kind."""


def harmless(cell: Cell) -> Cell:
    """The cell, with a quotation mark before a text that a spreadsheet may take for a formula."""
    if not isinstance(cell, str) or NEGATIVE.fullmatch(cell) or not FORMULA.match(cell):
        return cell
    return f"'{cell}"


def fitting(text: object) -> str:
    """A text as a workbook's cell can hold it: characters XML forbids replaced, cut at LONGEST_CELL with an ellipsis."""
    clean = FORBIDDEN.sub("\ufffd", str(text))
    return clean if len(clean) <= LONGEST_CELL else clean[: LONGEST_CELL - 1] + "…"


def sheet_name(title: str) -> str:
    """A name Excel accepts for a sheet: at most 31 letters, none of []:*?/\\, no apostrophe at either end."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip(" '") or "Bảng"
