"""Tables of figures as people hand them in: rows of text with their lines, and the numbers in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from crawler.problems import BadInput, Problem
from crawler.sheets import read_csv, read_xlsx


class FigureRow(msgspec.Struct, frozen=True):
    """A row with its line in the file (from 1) and its cells by column; a column the file lacks is ''."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, column: str, message: str, mend: str = "") -> Problem:
        """A problem with one cell of the row."""
        return Problem(file=self.file, line=self.line, field=column, message=message, mend=mend)


def read_rows(path: Path, columns: Sequence[str]) -> list[FigureRow]:
    """The rows of a workbook (.xlsx) or CSV file that has at least the given columns, in any order. Raises BadInput where the file cannot be
    read, columns are missing or no row stands under them."""
    sheet = read_xlsx(path) if path.suffix.lower() == ".xlsx" else read_csv(path)
    missing = [column for column in columns if column not in sheet.headings]
    mend = f"the headings needed are {', '.join(columns)}"
    problems = [Problem(sheet.file, 1, column, "the column is missing", mend) for column in missing]
    if not sheet.rows:
        problems.append(
            Problem(sheet.file, 1, "", "there are no rows under the headings", "write a row for each entry")
        )
    if problems:
        raise BadInput(problems)
    return [FigureRow(sheet.file, line, dict(cells)) for line, cells in sheet.rows.items()]


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
