"""One table, three forms."""

from __future__ import annotations

import csv
import io
import json

import click
import pytest
from click.testing import CliRunner

from output.tables import csv_text, format_option, print_table

COLUMNS = ("rank", "agency", "note")
ROWS = [(1, "Đà Nẵng", "a,b"), (None, 'UBND "Huế"', None), (3, "[bold]Hà Nội[/bold]", True)]


@click.command()
@format_option
def show(form: str) -> None:
    print_table(COLUMNS, ROWS, form, title="Bảng")


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(show, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_csv_is_read_back_and_ends_lines_plainly() -> None:
    text = printed("--format", "csv")
    assert "\r" not in text
    assert list(csv.reader(io.StringIO(text))) == [
        ["rank", "agency", "note"], ["1", "Đà Nẵng", "a,b"], ["", 'UBND "Huế"', ""], ["3", "[bold]Hà Nội[/bold]", "True"],
    ]  # fmt: skip


@pytest.mark.parametrize("cell", ["a\rb", "a\nb", "a\r\nb", '"', ",", " a "])
def test_whatever_a_cell_holds_csv_brings_it_back(cell: str) -> None:
    text = csv_text(("one", "two"), [(cell, 1)])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["one", "two"], [cell, "1"]]


def test_json_keeps_numbers_and_nulls() -> None:
    assert json.loads(printed("--format", "json")) == [
        {"rank": 1, "agency": "Đà Nẵng", "note": "a,b"},
        {"rank": None, "agency": 'UBND "Huế"', "note": None},
        {"rank": 3, "agency": "[bold]Hà Nội[/bold]", "note": True},
    ]


def test_a_drawn_table_shows_title_and_cells_as_they_are() -> None:
    text = printed()
    for word in ("Bảng", "Đà Nẵng", "[bold]Hà Nội[/bold]"):
        assert word in text


def test_long_names_are_never_cut_in_a_pipe() -> None:
    @click.command()
    def wide() -> None:
        print_table(("name",), [("Ủy ban nhân dân " * 9 + "cuối",)], "table")

    assert "cuối" in CliRunner().invoke(wide).output


def test_an_unknown_form_is_refused() -> None:
    assert CliRunner().invoke(show, ["--format", "xml"]).exit_code == 2


def test_a_row_that_does_not_fit_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="2 cells under 3 columns"):
        print_table(COLUMNS, [(1, 2)], "csv")
