"""What office files say that are archives of XML: DOCX and XLSX."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from lxml import etree
from openpyxl import load_workbook

from crawler.facts.files.limits import MOST_CELLS, MOST_CHARACTERS, MOST_PAGES, MOST_ROWS, MOST_UNPACKED
from crawler.model import FileState

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHUNK = 65_536


def read_docx(data: bytes) -> tuple[FileState, list[str]]:
    """Whether a DOCX holds text, and its paragraphs and table rows (cells set apart by bars)."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        lines = list(_paragraphs(archive))
        if lines:
            return FileState.TEXT, lines
        pictures = any(name.startswith("word/media/") for name in archive.namelist())
        return (FileState.SCANNED if pictures else FileState.EMPTY), []


def _paragraphs(archive: zipfile.ZipFile) -> Iterator[str]:
    """The lines of the document's body, read no further than the limits."""
    parser = etree.XMLPullParser(
        ("start", "end"), resolve_entities=False, no_network=True, recover=True, huge_tree=False
    )
    paragraph: list[str] = []
    cells: list[list[str]] = []
    row: list[str] = []
    said = unpacked = 0
    with archive.open("word/document.xml") as part:
        while said <= MOST_CHARACTERS and unpacked <= MOST_UNPACKED and (chunk := part.read(_CHUNK)):
            unpacked += len(chunk)
            parser.feed(chunk)
            for event, element in parser.read_events():
                assert isinstance(element, etree._Element)  # of other events there would be other things
                tag = element.tag
                if event == "start":
                    if tag == _WORD + "tc":
                        cells.append([])
                elif tag == _WORD + "t":
                    paragraph.append(element.text or "")
                elif tag in (_WORD + "tab", _WORD + "br"):
                    paragraph.append(" ")
                elif tag == _WORD + "p":
                    text, paragraph = " ".join("".join(paragraph).split()), []
                    said += len(text)
                    if cells:
                        cells[-1].append(text)
                    elif text:
                        yield text
                elif tag == _WORD + "tc" and cells:
                    row.append(" ".join(filter(None, cells.pop())))
                elif tag == _WORD + "tr":
                    if any(row):
                        yield " | ".join(row)
                    row = []
                if event == "end" and tag in (_WORD + "p", _WORD + "tr"):
                    element.clear()
    if text := " ".join("".join(paragraph).split()):
        yield text


def read_xlsx(data: bytes) -> tuple[FileState, list[str]]:
    """Whether an XLSX holds text, and its rows (cells set apart by bars), sheet by sheet."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
            return FileState.UNREAD, []
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    rows = (
        joined_row([shown(cell) for cell in cells])
        for sheet in book.worksheets[:MOST_PAGES]
        for cells in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_CELLS, values_only=True)
    )
    lines = list(up_to_limit(row for row in rows if row))
    return (FileState.TEXT if lines else FileState.EMPTY), lines


def up_to_limit(lines: Iterable[str]) -> Iterator[str]:
    """Lines until they have the most characters that are read of one file."""
    said = 0
    for line in lines:
        said += len(line)
        yield line
        if said > MOST_CHARACTERS:
            return


def joined_row(cells: list[str]) -> str:
    """A row as a line: its cells with bars between, without the empty ones at its end; '' for a row of empty cells."""
    while cells and not cells[-1]:
        cells.pop()
    return " | ".join(cells)


def shown(cell: object) -> str:
    """A cell's value as a reader sees it: days the Vietnamese way, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y") if cell.time() == cell.time().min else cell.strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())
