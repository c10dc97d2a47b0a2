"""Tables people keep: CSV and XLSX files as rows of text, every row with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import msgspec
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from crawler.problems import BadInput, Problem, bad_input
from crawler.text import fold

_BROKEN_XLSX = (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, EOFError, ParseError)
"""What openpyxl raises for files that are not, or not wholly, workbooks."""


class Sheet(msgspec.Struct, frozen=True):
    """A table as read: rows maps a row's line (from 1, the headings' own line included in the count) to its cells by heading."""

    file: str
    headings: tuple[str, ...]
    rows: Mapping[int, Mapping[str, str]]


def read_sheet(path: Path) -> Sheet:
    """The table of a CSV file, or of the first filled sheet of an XLSX file. Blank rows are left out. Raises BadInput."""
    if path.suffix.lower() == ".csv":
        return read_csv(path)
    if path.suffix.lower() == ".xlsx":
        return read_xlsx(path)
    raise bad_input(str(path), "neither a .csv nor an .xlsx file", "save the table as one of them")


def read_csv(path: Path) -> Sheet:
    """The table of a CSV file in UTF-8 (with or without a mark), cells parted by comma, semicolon or tab. Raises BadInput."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise bad_input(str(path), "the file is not UTF-8 text", "save it as “CSV UTF-8”") from broken
    except OSError as broken:
        raise bad_input(str(path), f"the file cannot be read: {broken.strerror}") from broken
    first = next(filter(str.strip, text.splitlines()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as broken:
        raise bad_input(str(path), f"not CSV: {broken}", "mend the quotes of this row", line=line) from broken
    return _sheet(str(path), rows)


def read_xlsx(path: Path) -> Sheet:
    """The table of the first filled sheet of a workbook; dates become ISO text, whole numbers lose their '.0'. Raises BadInput."""
    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            for page in book.worksheets:
                rows = [
                    (line, list(map(_cell, cells))) for line, cells in enumerate(page.iter_rows(values_only=True), 1)
                ]
                if any(any(cells) for _, cells in rows):
                    return _sheet(str(path), rows)
    except _BROKEN_XLSX as broken:
        raise bad_input(str(path), "the workbook cannot be read", "open it and save it as .xlsx again") from broken
    except OSError as broken:
        raise bad_input(str(path), f"the file cannot be read: {broken.strerror}") from broken
    raise bad_input(str(path), "the workbook is empty", "fill its first sheet, headings in the first row")


def name_columns(sheet: Sheet, known: Mapping[str, Sequence[str]], ignored: Iterable[str] = ()) -> Sheet:
    """The sheet with its headings replaced by the fields they stand for; columns of ignored or no headings are dropped.

    known maps a field to what its column may be called. Raises BadInput for unknown headings and for two columns of one field.
    """
    fields = {fold(word): field for field, words in known.items() for word in words}
    dropped = {fold(word) for word in ignored} | {""}
    problems: list[Problem] = []
    names: dict[str, str] = {}
    line = min(sheet.rows, default=2) - 1
    for heading in sheet.headings:
        word = fold(heading)
        if word in dropped:
            continue
        field = fields.get(word)
        if field is None:
            known_words = ", ".join(known)
            problems.append(Problem(sheet.file, line, heading, "an unknown heading", f"use one of: {known_words}"))
        elif field in names.values():
            problems.append(Problem(sheet.file, line, heading, f"a second column for “{field}”", "keep one of the two"))
        else:
            names[heading] = field
    if problems:
        raise BadInput(problems)
    rows = {at: {field: row[heading] for heading, field in names.items()} for at, row in sheet.rows.items()}
    return Sheet(sheet.file, tuple(names.values()), rows)


def _sheet(file: str, rows: list[tuple[int, list[str]]]) -> Sheet:
    filled = [(line, [cell.strip() for cell in cells]) for line, cells in rows if any(cell.strip() for cell in cells)]
    if not filled:
        raise bad_input(file, "the file is empty", "give it headings and a row for each agency")
    line, headings = filled[0]
    while headings and not headings[-1]:
        headings.pop()
    repeated = sorted({heading for heading in headings if heading and headings.count(heading) > 1})
    problems = [Problem(file, line, heading, "the heading stands twice", "keep one of the two") for heading in repeated]
    table = {}
    for at, cells in filled[1:]:
        if any(cells[len(headings) :]):
            problems.append(
                Problem(file, at, "", f"the row has {len(cells)} cells under {len(headings)} headings", "mend the row")
            )
        table[at] = dict(zip(headings, [*cells, *[""] * len(headings)], strict=False))
    if problems:
        raise BadInput(problems)
    return Sheet(file, tuple(headings), table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
