"""Measures handed in as a table: agency, measure, earned, applicable, source."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from crawler.problems import BadInput, Problem
from scoring.figures import read_rows
from scoring.method_file import fraction_of
from scoring.model import Measure

COLUMNS = ("agency", "measure", "earned", "applicable", "source")


def read_measures(path: Path) -> tuple[Measure, ...]:
    """The measures of a CSV or XLSX file with COLUMNS, in the file's order; agencies named as written. An index of 0.8437 is earned 0.8437 of 1.

    Raises BadInput with every problem: numbers that are none or negative, more earned than applicable, a measure of an agency given twice.
    """
    problems: list[Problem] = []
    measures: list[Measure] = []
    lines: dict[tuple[str, str], int] = {}
    for row in read_rows(path, COLUMNS):
        name, measure = row["agency"], row["measure"]
        numbers: dict[str, Fraction] = {}
        for column in ("earned", "applicable"):
            try:
                numbers[column] = fraction_of(row[column])
            except ValueError as wrong:
                problems.append(row.problem(column, str(wrong), "write digits, such as 35 or 0.8437"))
        problems += [row.problem(column, "it is below zero") for column, number in numbers.items() if number < 0]
        if len(numbers) == 2 and numbers["earned"] > numbers["applicable"]:
            problems.append(row.problem("earned", "more is earned than applies", "mend one of the two"))
        problems += [row.problem(column, "it is missing") for column in ("agency", "measure") if not row[column]]
        if (name, measure) in lines and name and measure:
            first = lines[name, measure]
            problems.append(
                row.problem("measure", f"“{measure}” of “{name}” stands twice, first on line {first}", "keep one")
            )
        lines.setdefault((name, measure), row.line)
        if len(numbers) == 2:
            measures.append(Measure(agency=name, measure=measure, source=row["source"], **numbers))
    if problems:
        raise BadInput(sorted(problems, key=lambda problem: problem.line))
    return tuple(measures)
