"""What the Ministry published for a year, as figures, and how it compares with the rules we rank by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import msgspec

from crawler.model import Block
from crawler.problems import BadInput, Problem
from scoring.figures import FigureRow, count_of, decimal_of, read_rows
from scoring.rank import DossierCount, ServiceCount, rank_dossiers, rank_services, rank_values

PUBLISHED = Path(__file__).parent / "published"
"""Tables of the yearly report on the use of information technology in state agencies, by the year assessed: ranks and figures only."""

Value = TypeVar("Value")


class PublishedTable(msgspec.Struct, frozen=True, kw_only=True):
    """A ranked table of a report: its number, block, what it ranks (`index`, `services` or `dossiers`) and its rows in the order printed."""

    table: str
    block: Block
    ranks: str
    title: str
    rows: tuple[FigureRow, ...]


class RankDifference(msgspec.Struct, frozen=True, kw_only=True):
    """An agency whose published rank is not the one the table's own rule gives."""

    table: str
    agency: str
    published: int
    by_rule: int


def published_tables(year: str, ranks: Sequence[str] = ("index", "services", "dossiers")) -> tuple[PublishedTable, ...]:
    """The tables carried for a year that rank one of the things given, in the report's order."""
    folder = PUBLISHED / year
    listed = read_rows(folder / "tables.csv", ("table", "block", "ranks", "title"))
    return tuple(
        PublishedTable(
            table=row["table"],
            block=Block(row["block"]),
            ranks=row["ranks"],
            title=row["title"],
            rows=tuple(read_rows(folder / f"table-{row['table']}.csv", ("rank", "agency"))),
        )
        for row in listed
        if row["ranks"] in ranks
    )


def compare_published(table: PublishedTable) -> tuple[RankDifference, ...]:
    """Every row of a published table whose rank differs from the one its rule gives, in the table's order."""
    ranks = RULES[table.ranks](table.rows)
    return tuple(
        RankDifference(table=table.table, agency=row["agency"], published=count_of(row["rank"]), by_rule=rank)
        for row, rank in zip(table.rows, ranks, strict=True)
        if count_of(row["rank"]) != rank
    )


def rank_index_rows(rows: Sequence[FigureRow]) -> list[int]:
    """Ranks of rows with columns agency and index; BadInput with every bad number and every name that stands twice."""
    return rank_values(index_values(rows))


def index_values(rows: Sequence[FigureRow]) -> list[Fraction]:
    """The numbers under `index`, dot or comma decimals; BadInput as rank_index_rows."""
    mend = "write digits, with a dot or a comma before the decimals"
    return read_each(rows, lambda row, problems: cell(row, "index", decimal_of, Fraction(0), mend, problems))


def service_counts(rows: Sequence[FigureRow]) -> list[ServiceCount]:
    """The counts under agency, level3 and level4; BadInput with every bad number and every name that stands twice."""
    mend = "write the number of services in digits alone, 0 where there are none"

    def read(row: FigureRow, problems: list[Problem]) -> ServiceCount:
        return ServiceCount(
            agency=row["agency"],
            level3=cell(row, "level3", count_of, 0, mend, problems),
            level4=cell(row, "level4", count_of, 0, mend, problems),
        )

    return read_each(rows, read)


def dossier_counts(rows: Sequence[FigureRow]) -> list[DossierCount]:
    """The counts under agency, online_dossiers and services_with_shares, each empty where not reported; BadInput as service_counts."""
    mend = "write digits alone, or nothing where it was not reported"

    def number(text: str) -> int | None:
        return count_of(text) if text else None

    def read(row: FigureRow, problems: list[Problem]) -> DossierCount:
        return DossierCount(
            agency=row["agency"],
            online_dossiers=cell(row, "online_dossiers", number, None, mend, problems),
            services_with_shares=cell(row, "services_with_shares", number, None, mend, problems),
        )

    return read_each(rows, read)


RULES: dict[str, Callable[[Sequence[FigureRow]], list[int]]] = {
    "index": rank_index_rows,
    "services": lambda rows: rank_services(service_counts(rows)),
    "dossiers": lambda rows: rank_dossiers(dossier_counts(rows)),
}


def read_each(rows: Sequence[FigureRow], read: Callable[[FigureRow, list[Problem]], Value]) -> list[Value]:
    """What `read` makes of every row; BadInput with all it found wrong and every agency unnamed or named twice."""
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    values = []
    for row in rows:
        values.append(read(row, problems))
        name = row["agency"]
        if not name:
            problems.append(row.problem("agency", "the agency is not named", "write its name"))
        elif name in lines:
            problems.append(
                row.problem("agency", f"“{name}” stands twice, first on line {lines[name]}", "keep one of the two")
            )
        lines.setdefault(name, row.line)
    if problems:
        raise BadInput(sorted(problems, key=lambda problem: problem.line))
    return values


def cell(
    row: FigureRow, column: str, parse: Callable[[str], Value], instead: Value, mend: str, problems: list[Problem]
) -> Value:
    """A cell parsed; where it cannot be, the problem is noted and `instead` stands in so that reading goes on."""
    try:
        return parse(row[column])
    except ValueError as wrong:
        problems.append(row.problem(column, str(wrong), mend))
        return instead
