"""Office files and PDFs made by code: with text, scanned, locked, and hostile."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from xml.sax.saxutils import escape

from openpyxl import Workbook

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SECTOR = 512


def pdf(pages: Sequence[Sequence[str]], *, scanned: bool = False, locked: bool = False) -> bytes:
    """A PDF with a line of text after the other on each page; scanned: each page is a picture instead; locked: a password is asked for."""
    letters = sorted({letter for page in pages for line in page for letter in line})
    codes = {letter: number for number, letter in enumerate(letters, 1)}
    shown = "\n".join(f"<{code:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for letter, code in codes.items())
    to_unicode = f"/CIDInit /ProcSet findresource begin begincmap\n{len(codes)} beginbfchar\n{shown}\nendbfchar\nendcmap end".encode()
    count = len(pages)
    kids = " ".join(f"{8 + 2 * number} 0 R" for number in range(count))
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Made /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Made /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        stream(to_unicode),
        stream(b"\x80" * 64, b"/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8"),
        b"<< /Filter /Standard /V 1 /R 2 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> /P -4 >>",
    ]  # fmt: skip
    for number, page in enumerate(pages):
        rows = [f"1 0 0 1 60 {780 - 16 * row} Tm <{''.join(f'{codes[letter]:04X}' for letter in line)}> Tj" for row, line in enumerate(page)]  # fmt: skip
        drawing = (
            b"q 500 0 0 700 40 40 cm /Im Do Q" if scanned else ("BT /F 12 Tf\n" + "\n".join(rows) + "\nET").encode()
        )
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {9 + 2 * number} 0 R "
            "/Resources << /Font << /F 3 0 R >> /XObject << /Im 6 0 R >> >> >>".encode()
        )
        parts.append(stream(drawing))
    return numbered(parts, b"/Encrypt 7 0 R /ID [<00> <00>]" if locked else b"")


def stream(data: bytes, about: bytes = b"") -> bytes:
    """The stream object of some data, deflated."""
    packed = zlib.compress(data)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), about, packed)


def numbered(parts: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of objects numbered from 1, the first of which is its catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(
        out + b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, trailer, start)
    )


def docx(lines: Sequence[str], rows: Sequence[Sequence[str]] = (), *, pictures: int = 0, body: str = "") -> bytes:
    """A Word document of paragraphs and one table; body: its XML instead."""
    said = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    cells = ["".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row) for row in rows]
    table = f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>" if rows else ""
    document = body or f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body>{said}{table}</w:body></w:document>'
    parts = {"[Content_Types].xml": "<Types/>", "_rels/.rels": "<Relationships/>", "word/document.xml": document}
    parts |= {f"word/media/image{number}.png": "x" for number in range(pictures)}
    return zipped(parts)


def zipped(parts: dict[str, str]) -> bytes:
    """An archive of these parts, the same each time."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2017, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return box.getvalue()


def xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook of one sheet."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    box = io.BytesIO()
    book.save(box)
    return box.getvalue()


def doc(text: str, *, single_bytes: str = "", locked: bool = False) -> bytes:
    """A document of Word 97: text in two-byte letters, then a piece of single-byte ones."""
    first, second = text.encode("utf-16-le"), single_bytes.encode("cp1252")
    main = bytearray(0x400) + first + second
    struct.pack_into("<HH", main, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", main, 0x0A, 0x0200 | (0x0100 if locked else 0))
    struct.pack_into("<i", main, 0x4C, len(text) + len(single_bytes))
    ends = [0, len(text), len(text) + len(single_bytes)]
    places = [0x400, ((0x400 + len(first)) * 2) | 0x40000000]
    plc = struct.pack("<3i", *ends) + b"".join(b"\0\0" + struct.pack("<I", place) + b"\0\0" for place in places)
    clx = b"\x01\x02\x00ab" + b"\x02" + struct.pack("<i", len(plc)) + plc
    struct.pack_into("<ii", main, 0x1A2, 16, len(clx))
    return compound({"WordDocument": bytes(main), "1Table": bytes(16) + clx})


def xls(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook of Excel 97 with one sheet of texts."""
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0x0DBB, 0x07CC, 0, 6)) + record(
        0x42, struct.pack("<H", 1200)
    )
    name = b"\x05\x00Sheet"
    head = len(start) + 4 + 6 + len(name) + 4
    book = start + record(0x85, struct.pack("<IH", head, 0) + name) + record(0x0A)
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 16, 0x0DBB, 0x07CC, 0, 6))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet += record(0x204, struct.pack("<HHHHB", row, column, 0, len(cell), 1) + cell.encode("utf-16-le"))
    return compound({"Workbook": book + sheet + record(0x0A)})


def saying(ending: str, lines: Sequence[str]) -> bytes | None:
    """A file of that kind that says these lines; None for kinds that say nothing."""
    rows = [[line] for line in lines]
    makers = {
        "pdf": lambda: pdf([lines]),
        "docx": lambda: docx([escape(line) for line in lines]),
        "doc": lambda: doc("\r".join(lines)),
        "xls": lambda: xls(rows),
        "xlsx": lambda: xlsx(rows),
    }
    return makers[ending]() if lines and ending in makers else None


def record(kind: int, data: bytes = b"") -> bytes:
    """A record of a workbook's stream."""
    return struct.pack("<HH", kind, len(data)) + data


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file (OLE) of these streams, each long enough to stand in sectors of its own."""
    sectors: list[bytes] = []
    chains: list[int] = []
    entries = []
    for name, data in streams.items():
        data = data.ljust(4096, b"\0")
        entries.append((name, 2, len(sectors), len(data)))
        _chain(sectors, chains, data)
    directory = b"".join(
        _entry(
            name, kind, start, size, child=1 if kind == 5 else -1, right=number + 1 if 0 < number < len(entries) else -1
        )
        for number, (name, kind, start, size) in enumerate([("Root Entry", 5, -2, 0), *entries])
    )
    begins = len(sectors)
    _chain(sectors, chains, directory)
    tables = -(-(len(sectors) + 1) // 128)
    places = [len(sectors) + number for number in range(tables)]
    chains += [-3] * tables
    chains += [-1] * (128 * tables - len(chains))
    fat = struct.pack(f"<{len(chains)}i", *chains)
    sectors += [fat[at : at + SECTOR] for at in range(0, len(fat), SECTOR)]
    sizes = struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    places_of = struct.pack("<IIIIIiIiI", 0, tables, begins, 0, 4096, -2, 0, -2, 0)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + sizes + places_of
    return head + struct.pack("<109i", *places, *[-1] * (109 - tables)) + b"".join(sectors)


def _chain(sectors: list[bytes], chains: list[int], data: bytes) -> None:
    start = len(sectors)
    sectors += [data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR)]
    chains += [*range(start + 1, len(sectors)), -2]


def _entry(name: str, kind: int, start: int, size: int, *, child: int, right: int) -> bytes:
    """A line of a compound file's directory."""
    written = name.encode("utf-16-le") + b"\0\0"
    return written.ljust(64, b"\0") + struct.pack("<HBBiii36xiQ", len(written), kind, 1, -1, right, child, start, size)
