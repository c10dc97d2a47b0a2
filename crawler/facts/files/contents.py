"""What a whole file says, by its kind."""

from __future__ import annotations

from collections.abc import Callable

from crawler.facts.files.kinds import READABLE, kind_of
from crawler.facts.files.limits import MOST_CHARACTERS
from crawler.facts.legacy import read, spread
from crawler.model import FileKind, FileState, FileText
from crawler.text import nfc_clean


def read_file(data: bytes) -> FileText:
    """What a whole file says. Bytes that are not what they seem are `broken`; nothing is raised but MemoryError."""
    kind = kind_of(data)
    if kind not in READABLE:
        return FileText(FileState.UNREAD)
    try:
        state, lines = _reader(kind)(data)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - four libraries, each with errors of its own, over bytes anybody made
        return FileText(FileState.BROKEN)
    return FileText(state, _in_unicode(lines))


def _reader(kind: FileKind) -> Callable[[bytes], tuple[FileState, list[str]]]:
    """The reader of a kind of file. Each is loaded when it is needed: together they take longer to load than a file to read."""
    if kind is FileKind.PDF:
        from crawler.facts.files.pdf import read_pdf

        return read_pdf
    if kind in (FileKind.DOC, FileKind.XLS):
        from crawler.facts.files.old_office import read_doc, read_xls

        return read_doc if kind is FileKind.DOC else read_xls
    from crawler.facts.files.office import read_docx, read_xlsx

    return read_docx if kind is FileKind.DOCX else read_xlsx


def _in_unicode(lines: list[str]) -> tuple[str, ...]:
    """Lines as a reader sees them; those in old letters (.VnTime, VNI-Times) read."""
    page = spread(lines)
    kept: list[str] = []
    said = 0
    for line in lines:
        clean = nfc_clean(read(line, page).text)
        if clean and said <= MOST_CHARACTERS:
            kept.append(clean)
            said += len(clean)
    return tuple(kept)
