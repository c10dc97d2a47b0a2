"""What a PDF says."""

from __future__ import annotations

import io
from collections.abc import Iterator

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from crawler.facts.files.limits import MOST_CHARACTERS, MOST_PAGES
from crawler.model import FileState

_FEWEST_LETTERS = 20
"""Letters with which a file says something; a stamp or page number on a scanned page has fewer (assumed)."""


def read_pdf(data: bytes) -> tuple[FileState, list[str]]:
    """Whether a PDF holds text, and its lines. Of more pages than are read, the last is one: who signed stands there."""
    reader = PdfReader(io.BytesIO(data), root_object_recovery_limit=1000, xref_stream_maximum_entries=200_000)
    if reader.is_encrypted and not _opened(reader):
        return FileState.ENCRYPTED, []
    lines: list[str] = []
    letters = said = pages = 0
    for page in _pages(reader):
        pages += 1
        text = _text(page)
        lines += text.splitlines()
        letters += sum(letter.isalpha() for letter in text)
        said += len(text)
        if said > MOST_CHARACTERS:
            break
    if letters >= _FEWEST_LETTERS:
        return FileState.TEXT, lines
    return (FileState.SCANNED if pages else FileState.BROKEN), []


def _opened(reader: PdfReader) -> bool:
    """Whether the file opens without a password, as files that only forbid printing do."""
    try:
        return bool(reader.decrypt(""))
    except (PyPdfError, DependencyError, NotImplementedError):
        return False


def _pages(reader: PdfReader) -> Iterator[PageObject]:
    count = len(reader.pages)
    for number in range(count):
        if number < MOST_PAGES - 1 or number == count - 1:
            yield reader.pages[number]


def _text(page: PageObject) -> str:
    """A page's text, '' where its drawing cannot be followed."""
    try:
        return page.extract_text()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a page's own program makes the library raise, the other pages still speak
        return ""
