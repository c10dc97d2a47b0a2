"""What an attached file really is and says; hostile files cost little and break nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.facts.files import apart
from crawler.facts.files.apart import read_apart
from crawler.facts.files.contents import read_file
from crawler.facts.files.kinds import fits, kind_of
from crawler.facts.files.limits import MOST_CHARACTERS
from crawler.model import FileKind, FileState, FileText
from tests.portals.office_files import doc, docx, numbered, pdf, stream, xls, xlsx, zipped

HEAD = ["ỦY BAN NHÂN DÂN TỈNH MẪU", "Số: 12/2016/QĐ-UBND", "Mẫu, ngày 12 tháng 3 năm 2016"]
FILES = {
    FileKind.PDF: pdf([HEAD, ["Nơi nhận: Văn phòng"]]),
    FileKind.DOCX: docx(HEAD, [["Thứ hai", "Họp giao ban"]]),
    FileKind.XLSX: xlsx([["Thứ hai", datetime(2016, 3, 14), 8.0, "Họp"], [None], [date(2016, 3, 15), "", None]]),  # noqa: DTZ001 - cells have no zone
    FileKind.DOC: doc("\r".join(HEAD) + "\rThứ hai\x07Họp giao ban\x07\x07", single_bytes="Ghi ch\xfa"),
    FileKind.XLS: xls([["Thứ hai", "Họp giao ban"], ["Thứ ba", "Tiếp công dân"]]),
}


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (FileKind.PDF, (*HEAD, "Nơi nhận: Văn phòng")),
        (FileKind.DOCX, (*HEAD, "Thứ hai | Họp giao ban")),
        (FileKind.XLSX, ("Thứ hai | 14/03/2016 | 8 | Họp", "15/03/2016")),
        (FileKind.DOC, (*HEAD, "Thứ hai | Họp giao ban", "Ghi chú")),
        (FileKind.XLS, ("Thứ hai | Họp giao ban", "Thứ ba | Tiếp công dân")),
    ],
)
def test_a_file_says_its_lines(kind: FileKind, lines: tuple[str, ...]) -> None:
    assert kind_of(FILES[kind]) is kind
    assert read_file(FILES[kind]) == FileText(FileState.TEXT, lines)


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (pdf([["x"], ["y"]], scanned=True), FileState.SCANNED),
        (docx([], pictures=3), FileState.SCANNED),
        (doc("\x01\r\x08\r"), FileState.SCANNED),
        (docx([]), FileState.EMPTY),
        (doc("\r"), FileState.EMPTY),
        (xlsx([]), FileState.EMPTY),
        (xls([]), FileState.EMPTY),
        (pdf([HEAD], locked=True), FileState.ENCRYPTED),
        (doc("Kín", locked=True), FileState.ENCRYPTED),
        (b"%PDF-1.4\nnothing", FileState.BROKEN),
        (zipped({"word/document.xml": "not xml"}), FileState.EMPTY),
        (zipped({"word/styles.xml": ""}), FileState.BROKEN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), FileState.BROKEN),
        (b"Rar!\x1a\x07\x00", FileState.UNREAD),
        (b"", FileState.UNREAD),
    ],
)
def test_a_file_without_text_says_why(data: bytes, state: FileState) -> None:
    assert read_file(data) == FileText(state)


def test_old_letters_in_a_file_are_read() -> None:
    old = "§éc lËp - Tù do - H¹nh phóc. QuyÕt ®Þnh cña Uû ban nh©n d©n tØnh"
    assert read_file(doc(old)).lines == ("Độc lập - Tự do - Hạnh phúc. Quyết định của Uỷ ban nhân dân tỉnh",)


def test_the_codes_of_fields_are_not_text() -> None:
    assert read_file(doc('Trang \x13 HYPERLINK "http://x" \x14một\x15 hết\r')).lines == ("Trang một hết",)


@pytest.mark.parametrize(
    ("data", "kind", "ending", "right"),
    [
        (b"<!DOCTYPE html><title>404</title>", FileKind.HTML, "pdf", False),
        (b"\xef\xbb\xbf  <html><body>x", FileKind.HTML, "doc", False),
        (b'<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>', FileKind.WORD_HTML, "doc", True),
        (b"<?xml version='1.0'?><svg/>", FileKind.UNKNOWN, "pdf", False),
        (b"\n\n%PDF-1.5", FileKind.PDF, "PDF", True),
        (FILES[FileKind.DOCX], FileKind.DOCX, "doc", False),
        (FILES[FileKind.DOCX][:200], FileKind.DOCX, "docx", True),
        (FILES[FileKind.DOC][:600], FileKind.OLE, "doc", True),
        (b"{\\rtf1", FileKind.RTF, "doc", True),
        (b"II*\x00", FileKind.PICTURE, "tif", True),
        (b"PK\x05\x06", FileKind.ZIP, "zip", True),
        (b"  \n", FileKind.EMPTY, "pdf", False),
        (b"%PDF-1.4", FileKind.PDF, "aspx", True),
    ],
)  # fmt: skip
def test_first_bytes_tell_what_a_file_is(data: bytes, kind: FileKind, ending: str, right: bool) -> None:
    assert kind_of(data) is kind
    assert fits(kind, ending) is right


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"


def bomb(name: str, unit: bytes, times: int) -> bytes:
    """An archive with a part of many times the same bytes."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as part:
        for _ in range(times):
            part.write(unit)
    return box.getvalue()


def loop() -> bytes:
    """A PDF whose tree of pages holds itself."""
    return numbered([CATALOGUE, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"])


def drawn_within_itself() -> bytes:
    """A PDF whose page draws a form that draws itself."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >> >>"
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R /Resources << /XObject << /X 4 0 R >> >> >>"
    )
    return numbered(
        [CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, stream(b"/X Do", form), stream(b"/X Do")]
    )  # fmt: skip


def drawing_without_end() -> bytes:
    """A PDF whose page's drawing unpacks to 100 MB."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    return numbered([CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, stream(b"0 0 m " * 16_000_000)])


HOSTILE: dict[str, Callable[[], bytes]] = {
    "docx that unpacks to 80 MB": lambda: bomb("word/document.xml", b" " * 1_000_000, 80),
    "docx of endless paragraphs": lambda: bomb("word/document.xml", b"<w:p><w:t>x</w:t></w:p>" * 10_000, 20),
    "xlsx that unpacks to 80 MB": lambda: bomb("xl/sharedStrings.xml", b" " * 1_000_000, 80),
    "entities of entities": lambda: docx([], body='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]><w:t>&c;</w:t>'),
    "pages that hold themselves": loop,
    "a form that draws itself": drawn_within_itself,
    "an object of depth": lambda: numbered([CATALOGUE, b"[" * 50_000]),
    "a stream that unpacks to 100 MB": drawing_without_end,
    "a page tree of a million": lambda: numbered([CATALOGUE, b"<< /Type /Pages /Count 1000000 /Kids [" + b"3 0 R " * 200_000 + b"] >>"]),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little(name: str) -> None:
    said = read_apart(HOSTILE[name]())
    assert sum(map(len, said.lines)) <= 2 * MOST_CHARACTERS
    assert said.state in FileState


def test_another_process_reads_the_same() -> None:
    assert read_apart(FILES[FileKind.PDF]) == read_file(FILES[FileKind.PDF])
    assert read_apart(b"<html>") == FileText(FileState.UNREAD)


def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "WALL_SECONDS", 0.001)
    assert read_apart(pdf([["một tệp chưa đọc"]])) == FileText(FileState.UNREAD)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.floats(0, 1), st.binary(max_size=40), st.floats(0, 1))
def test_a_damaged_file_is_read_or_said_to_be_broken(kind: FileKind, cut: float, put: bytes, at: float) -> None:
    whole = FILES[kind]
    damaged = whole[: int(at * len(whole))] + put + whole[int(at * len(whole)) + len(put) :]
    said = read_file(damaged[: max(int(cut * len(whole)), 64)])
    assert bool(said.lines) == (said.state is FileState.TEXT)
