"""What a file really is, told by its first bytes, whatever its name says."""

from __future__ import annotations

import io
import re
import zipfile

from crawler.model import FileKind

_BEGINNINGS: tuple[tuple[bytes, FileKind], ...] = (
    (b"%PDF-", FileKind.PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind.OLE),
    (b"PK\x03\x04", FileKind.ZIP),
    (b"PK\x05\x06", FileKind.ZIP),
    (b"{\\rtf", FileKind.RTF),
    (b"Rar!\x1a\x07", FileKind.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", FileKind.ARCHIVE),
    (b"\x1f\x8b", FileKind.ARCHIVE),
    (b"\xff\xd8\xff", FileKind.PICTURE),
    (b"\x89PNG\r\n\x1a\n", FileKind.PICTURE),
    (b"GIF8", FileKind.PICTURE),
    (b"II*\x00", FileKind.PICTURE),
    (b"MM\x00*", FileKind.PICTURE),
)
READABLE = frozenset({FileKind.PDF, FileKind.DOC, FileKind.DOCX, FileKind.XLS, FileKind.XLSX})
"""Kinds of files whose text is read."""
_PARTS = ((b"word/", FileKind.DOCX), (b"xl/", FileKind.XLSX), (b"ppt/", FileKind.PPTX))
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_WORD_HTML = b"urn:schemas-microsoft-com:office"
_PDF_WITHIN = 1024
"""Bytes before which a PDF may have its signature: readers look so far (ISO 32000-1, annex H)."""
_ENDINGS = {
    FileKind.PDF: ("pdf",),
    FileKind.DOC: ("doc", "dot"),
    FileKind.DOCX: ("docx",),
    FileKind.XLS: ("xls",),
    FileKind.XLSX: ("xlsx",),
    FileKind.PPTX: ("pptx",),
    FileKind.OLE: ("doc", "xls", "ppt", "dot"),
    FileKind.RTF: ("rtf", "doc"),
    FileKind.WORD_HTML: ("doc", "xls"),
    FileKind.ZIP: ("zip", "odt", "ods", "docx", "xlsx", "pptx"),
    FileKind.ARCHIVE: ("rar", "7z", "gz"),
    FileKind.PICTURE: ("tif", "tiff", "jpg", "jpeg", "png", "gif"),
}


def kind_of(data: bytes) -> FileKind:
    """What the bytes, or the first of them, are. OLE where they may be old Word, Excel or PowerPoint and too little is there to tell."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return _zipped(data) if kind is FileKind.ZIP else _compound(data) if kind is FileKind.OLE else kind
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return FileKind.PDF
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _HTML.search(data[:4096]):
        return FileKind.WORD_HTML if _WORD_HTML in data[:4096] else FileKind.HTML
    return FileKind.UNKNOWN if data.strip() else FileKind.EMPTY


def fits(kind: FileKind, ending: str) -> bool:
    """Whether a file of this kind is what a name with this ending promises; every file is where the name has none we know."""
    known = {name for names in _ENDINGS.values() for name in names}
    return ending.lower() not in known or ending.lower() in _ENDINGS.get(kind, ())


def _zipped(data: bytes) -> FileKind:
    """The office format of an archive, by the names of its parts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = b"\n" + b"\n".join(name.encode("utf-8", "replace") for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        names = b"\n" + b"\n".join(re.findall(rb"PK\x03\x04.{22}..(?:..)([\w/.\[\]]{3,80})", data, re.DOTALL))
    return next((kind for part, kind in _PARTS if b"\n" + part in names), FileKind.ZIP)


def _compound(data: bytes) -> FileKind:
    """Which program a compound file is of, by the names in its directory (UTF-16)."""
    if "WordDocument".encode("utf-16-le") in data:
        return FileKind.DOC
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book\0")):
        return FileKind.XLS
    return FileKind.OLE
