"""CSV as people save it: the cells stay text, every row knows its line, and what is wrong is told all at once."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from crawler.problems import BadInput, Problem, bad_input

DELIMITERS = (",", ";", "\t")
"""Comma as the standard has it, semicolon as Excel writes in a Vietnamese locale, tab as pasted tables have it."""


class CsvRow(msgspec.Struct, frozen=True):
    """A row with its line in the file (from 1) and its cells by column; a column the file lacks is ''. White space around cells is left out."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, column: str, message: str, mend: str = "") -> Problem:
        """A problem with one cell of the row."""
        return Problem(file=self.file, line=self.line, field=column, message=message, mend=mend)


def read_rows(path: Path, columns: Sequence[str], file: str = "") -> list[CsvRow]:
    """The rows of a CSV file that has at least the given columns, in any order; further columns are kept, blank lines skipped.

    UTF-8 with or without a byte order mark; comma, semicolon or tab by what the heading line uses. Raises BadInput with every problem: no file, not
    UTF-8, columns missing or named twice, no rows, rows with more or fewer cells than the heading. `file` is the name told in problems.
    """
    name = file or str(path)
    text = read_utf8(path, name)
    heading = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda sign: (heading.count(sign), -DELIMITERS.index(sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    numbered: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                numbered.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as broken:
        raise bad_input(name, f"this is not CSV: {broken}", "look for a lone quotation mark", line=line) from broken
    return shape_rows(name, numbered, columns, delimiter)


def shape_rows(
    name: str, numbered: Sequence[tuple[int, list[str]]], columns: Sequence[str], delimiter: str
) -> list[CsvRow]:
    """The numbered lists of cells as rows under the first one's headings; BadInput where they do not fit."""
    if not numbered:
        raise bad_input(name, "the file is empty", f"write the heading {','.join(columns)} and a row for each entry")
    line, first = numbered[0]
    headings = [unicodedata.normalize("NFC", cell.strip()) for cell in first]
    problems = [
        Problem(name, line, column, "the column is missing", f"the heading line needs {', '.join(columns)}")
        for column in columns
        if column not in headings
    ]
    problems += [
        Problem(name, line, column, "the column stands twice", "keep one of the two")
        for column in dict.fromkeys(headings)
        if column and headings.count(column) > 1
    ]
    if len(numbered) == 1:
        problems.append(Problem(name, line, "", "there are no rows under the heading", "write a row for each entry"))
    rows = []
    for line, cells in numbered[1:]:
        if len(cells) != len(headings):
            mend = f"quote cells that hold a “{delimiter}”" if len(cells) > len(headings) else "fill the row up"
            problems.append(Problem(name, line, "", f"{len(cells)} cells under {len(headings)} columns", mend))
        named = zip(headings, cells, strict=False)
        rows.append(CsvRow(name, line, {heading: cell.strip() for heading, cell in named if heading}))
    if problems:
        raise BadInput(problems)
    return rows


def read_utf8(path: Path, name: str) -> str:
    """The file's text without a byte order mark; BadInput where there is none to be had."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as missing:
        raise bad_input(name, "there is no such file") from missing
    except UnicodeDecodeError as broken:
        raise bad_input(name, "the file is not UTF-8 text", "save it as “CSV UTF-8”") from broken
    except OSError as broken:
        raise bad_input(name, f"the file cannot be read: {broken.strerror}") from broken
    if "\x00" in text:
        raise bad_input(name, "the file is not text", "save it as “CSV UTF-8”")
    return text


DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(?:[.,][0-9]{1,30})?")
COUNT = re.compile(r"[0-9]{1,18}")


def decimal_of(text: str) -> Fraction:
    """The exact value of digits with at most one dot or comma before the decimals; ValueError for anything else, thousands signs included."""
    if not DECIMAL.fullmatch(text):
        raise ValueError(f"“{text}” is not a number" if text else "the number is missing")
    return Fraction(text.replace(",", "."))


def count_of(text: str) -> int:
    """A whole number of things, written in digits alone; ValueError for anything else."""
    if not COUNT.fullmatch(text):
        raise ValueError(f"“{text}” is not a whole number" if text else "the number is missing")
    return int(text)
