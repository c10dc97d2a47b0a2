"""The one printer of tables: for a person, or as CSV or JSON for a program."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

FORMS = ("table", "csv", "json")

Command = TypeVar("Command", bound=Callable[..., Any])

WIDTH_WITHOUT_TERMINAL = 200
"""Columns a table may take when nobody's terminal limits it, so that a log or a pipe does not cut names short."""


def format_choice(default: str | None) -> Callable[[Command], Command]:
    """A decorator that gives a command `--format table|csv|json`, handed to it as the keyword `form`; None where the user did not choose."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMS),
        default=default,
        show_default=default is not None,
        help="How to print the table.",
    )


def format_option(command: Command) -> Command:
    """The command with `--format table|csv|json`, `table` where the user did not choose."""
    return format_choice("table")(command)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], form: str, title: str = "") -> None:
    """Prints the rows on standard output: `table` drawn with rich, `csv` with a heading line and \\n ends, `json` a list of objects by column.

    None is an empty cell in a table and in CSV, and null in JSON; JSON keeps integers and truth values, everything else becomes its text.
    The title stands above a drawn table only, so that CSV and JSON hold nothing but the rows.
    """
    kept = [tuple(row) for row in rows]
    for row in kept:
        if len(row) != len(columns):
            raise ValueError(f"a row of {len(row)} cells under {len(columns)} columns: {row!r}")
    if form == "csv":
        click.echo(csv_text(columns, kept), nl=False)
    elif form == "json":
        click.echo(json_text(columns, kept))
    elif form == "table":
        draw_table(columns, kept, title)
    else:
        raise ValueError(f"no such form of a table: {form}")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV: comma, quotes only where needed, lines ending in \\n, the columns first."""
    return "".join(csv_line(row) for row in (columns, *rows))


def csv_line(row: Sequence[object]) -> str:
    """One row as CSV; a cell with a line break of either kind is quoted, which the writer does only for the breaks it ends lines with itself."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([cell_text(cell) for cell in row])
    return text.getvalue().removesuffix("\r\n") + "\n"


def json_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows as a JSON list of objects keyed by column, in column order, letters unescaped."""
    objects = [{column: json_value(cell) for column, cell in zip(columns, row, strict=True)} for row in rows]
    return json.dumps(objects, ensure_ascii=False, indent=1)


def draw_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str) -> None:
    """Draws the rows for a person on standard output."""
    plain_console().print(drawn(columns, rows, title))


def plain_console() -> Console:
    """Standard output; wide where it is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)


def drawn(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str) -> Table:
    """The rows drawn for a person; cells are taken as they are, never as rich markup."""
    table = Table(title=Text(title) if title else None, title_justify="left")
    kept = list(rows)
    for place, column in enumerate(columns):
        numbers = bool(kept) and all(isinstance(row[place], int | None) for row in kept)
        table.add_column(Text(column), justify="right" if numbers else "left", overflow="fold")
    for row in kept:
        table.add_row(*(Text(cell_text(cell)) for cell in row))
    return table


def cell_text(cell: object) -> str:
    """A cell as text; None is empty."""
    return "" if cell is None else str(cell)


def json_value(cell: object) -> object:
    """A cell as JSON holds it: null, truth values, whole numbers and text."""
    return cell if cell is None or isinstance(cell, bool | int | str) else str(cell)
