"""Tables of figures as people save them."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.problems import BadInput
from scoring.figures import count_of, decimal_of, read_rows


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "in.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "agency,index\nHà Nội,0.9\n",
        "agency,index\r\nHà Nội,0.9\r\n",
        "\ufeffagency;index\nHà Nội;0.9\n",
        " agency \tindex\nHà Nội\t 0.9 \n\n",
        '"index","agency"\n"0.9","Hà Nội"',
    ],
)
def test_ways_people_save_the_same_table(tmp_path: Path, content: str) -> None:
    (row,) = read_rows(write(tmp_path, content), ("agency", "index"))
    assert (row["agency"], row["index"]) == ("Hà Nội", "0.9")


def test_semicolons_leave_decimal_commas_alone(tmp_path: Path) -> None:
    (row,) = read_rows(write(tmp_path, "agency;index\nHà Nội;0,9\n"), ("agency", "index"))
    assert row["index"] == "0,9"


def test_lines_count_through_quoted_breaks(tmp_path: Path) -> None:
    rows = read_rows(write(tmp_path, 'agency\n"a\nb"\n\nc\n'), ("agency",))
    assert [(row.line, row["agency"]) for row in rows] == [(2, "a\nb"), (5, "c")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", [(0, "")]),
        ("agency,index\n", [(1, "")]),
        ("name\n", [(1, "agency"), (1, "index"), (1, "")]),
        ("name,value\nx,1\n", [(1, "agency"), (1, "index")]),
        ("agency,index,index\nx,1,2\n", [(1, "index")]),
        ("agency,index\nHà Nội,0,9\nHuế,1,2,3\n", [(2, ""), (3, "")]),
        ('agency,index\n"x,1\n', [(2, "")]),
        ("agency,index\nHà Nội,0.9\n".encode("utf-16"), [(0, "")]),
    ],
)
def test_refused_with_line_and_column(tmp_path: Path, content: str | bytes, told: list[tuple[int, str]]) -> None:
    with pytest.raises(BadInput) as refused:
        read_rows(write(tmp_path, content), ("agency", "index"))
    assert [(problem.line, problem.field) for problem in refused.value.problems] == told


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadInput):
            read_rows(path, ("agency",))


def test_numbers() -> None:
    assert decimal_of("0,942") == decimal_of("0.942") == decimal_of("+0.9420")
    assert count_of("007") == 7
    for text in ("", "1.5", "-1", "²"):
        with pytest.raises(ValueError, match="number"):
            count_of(text)
