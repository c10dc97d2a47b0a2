"""What office files say that are compound files (OLE): DOC of Word 97 and later, XLS."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator

import olefile
import xlrd

from crawler.facts.files.limits import MOST_CELLS, MOST_CHARACTERS, MOST_PAGES, MOST_ROWS
from crawler.facts.files.office import joined_row, shown, up_to_limit
from crawler.model import FileState

# Places in the file information block of a Word document ([MS-DOC] 2.5): flags, the main text's length, where the piece table stands.
_FLAGS, _TEXT_LENGTH, _TABLE_AT = 0x0A, 0x4C, 0x1A2
_ENCRYPTED, _SECOND_TABLE, _SINGLE_BYTES = 0x0100, 0x0200, 0x4000_0000
_PIECES, _PROPERTIES = 2, 1
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14|(?=\x15))|\x15")
"""The code of a field, of which readers see only the result behind it."""
_BREAKS = re.compile("[\r\x0b\x0c\x0e]|\x07\x07")
_PICTURES = "\x01\x08"


def read_doc(data: bytes) -> tuple[FileState, list[str]]:
    """Whether a Word document holds text, and its paragraphs and table rows (cells set apart by bars)."""
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        main = file.openstream("WordDocument").read()
        (flags,) = struct.unpack_from("<H", main, _FLAGS)
        if flags & _ENCRYPTED:
            return FileState.ENCRYPTED, []
        table = file.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
    text = "".join(_pieces(main, table))
    lines = [line.replace("\x07", " | ") for line in _BREAKS.split(_FIELD.sub("", text))]
    lines = [
        clean for line in lines if (clean := " ".join(re.sub(f"[{_PICTURES}\x02-\x06\x1e\x1f]", "", line).split()))
    ]
    if any(letter.isalpha() for line in lines for letter in line):
        return FileState.TEXT, lines
    return (FileState.SCANNED if any(mark in text for mark in _PICTURES) else FileState.EMPTY), []


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    """The main text's pieces in order, as the piece table tells where each stands ([MS-DOC] 2.9.38, 2.8.35)."""
    (length,) = struct.unpack_from("<i", main, _TEXT_LENGTH)
    at, size = struct.unpack_from("<ii", main, _TABLE_AT)
    table = table[at : at + size]
    place = 0
    while place < len(table) and table[place] == _PROPERTIES:
        (skipped,) = struct.unpack_from("<H", table, place + 1)
        place += 3 + skipped
    if place >= len(table) or table[place] != _PIECES:
        raise ValueError("no piece table")
    (size,) = struct.unpack_from("<i", table, place + 1)
    count = (size - 4) // 12
    place += 5
    left = min(length, MOST_CHARACTERS)
    for number in range(count):
        start, end = struct.unpack_from("<ii", table, place + 4 * number)
        (where,) = struct.unpack_from("<I", table, place + 4 * (count + 1) + 8 * number + 2)
        taken = min(end - start, left)
        if taken <= 0:
            break
        left -= taken
        if where & _SINGLE_BYTES:
            where = (where & ~_SINGLE_BYTES) // 2
            yield main[where : where + taken].decode("cp1252", "replace")
        else:
            yield main[where : where + 2 * taken].decode("utf-16-le", "replace")


def read_xls(data: bytes) -> tuple[FileState, list[str]]:
    """Whether a workbook holds text, and its rows (cells set apart by bars), sheet by sheet."""
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True)
    except xlrd.XLRDError as refused:
        if "encrypted" in str(refused).lower():
            return FileState.ENCRYPTED, []
        raise
    sheets = (book.sheet_by_index(number) for number in range(min(book.nsheets, MOST_PAGES)))
    rows = (
        joined_row([_shown(cell, book.datemode) for cell in sheet.row(row)[:MOST_CELLS]])
        for sheet in sheets
        for row in range(min(sheet.nrows, MOST_ROWS))
    )
    lines = list(up_to_limit(row for row in rows if row))
    return (FileState.TEXT if lines else FileState.EMPTY), lines


def _shown(cell: xlrd.sheet.Cell, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return shown(xlrd.xldate_as_datetime(cell.value, datemode))
        except (ValueError, OverflowError):
            return shown(cell.value)
    return "" if cell.ctype == xlrd.XL_CELL_ERROR else shown(cell.value)
