"""Of a file only its first bytes are fetched, unless what it says is read; what it really is stands in the facts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from crawler.beginnings import FIRST_BYTES, whole_size
from crawler.dossier import read_dossier
from crawler.model import FileFacts, FileKind, FileState, Target, TargetKind, TargetSet, TargetView, VisitStatus
from crawler.netguard import World
from tests.crawler.loopback import Answer, serving
from tests.faults.running import PATIENT, options, request, seen, visited
from tests.portals.office_files import docx, pdf

WHOLE = pdf([["Quyết định số 1/QĐ-UBND"]])
LONG = docx([hashlib.sha256(bytes([n % 256, n // 256])).hexdigest() for n in range(2000)])
LARGE = WHOLE + bytes(3_000_000)
FILES = {
    "/tep/lon.pdf": LARGE,
    "/tep/nho.pdf": WHOLE,
    "/tep/la-trang.pdf": b"<!doctype html><title>404</title><p>Khong co tep nay",
}
TEXTS = {"/lich": "Lịch công tác", "/van-ban": "Văn bản"}
TARGETS = TargetSet(
    checklist="thu",
    targets=(
        Target(id="home", kind=TargetKind.HOME),
        Target(id="documents", labels=("Văn bản",), details=5),
        Target(id="schedule", labels=("Lịch công tác",), details=0, attachments=2, file_text=True),
    ),
    digest="0" * 64,
)


def answer(path: str, _: str) -> Answer:
    """A portal with a shelf of files and a schedule in a file."""
    html = [("Content-Type", "text/html; charset=utf-8")]
    menu = "".join(f"<li><a href={at}>{label}</a>" for at, label in TEXTS.items())
    name = TEXTS.get(path, "Sở Mẫu")
    frame = f"<!doctype html><title>{name}</title><ul class=menu>{menu}<li><a href=/a>Tin</a></ul><h1>{name}</h1>"
    if path in FILES:
        kind = "text/html" if b"<" in FILES[path][:1] else "application/pdf"
        return 200, [("Content-Type", kind)], FILES[path]
    if path in ("/", "/van-ban"):
        shelf = "".join(f"<li><a href={at}>Văn bản về việc số {n}</a>" for n, at in enumerate([*FILES, "/tep/mat.pdf"]))
        return 200, html, f"{frame}<main><ul>{shelf if path != '/' else ''}</ul></main>".encode()
    if path == "/lich":
        return 200, html, f"{frame}<main><p><a href=/tep/lich.docx>Lịch tuần</a></main>".encode()
    return (
        (200, [("Content-Type", "application/msword")], LONG) if path == "/tep/lich.docx" else (404, html, b"khong co")
    )


def test_a_shelf_of_files_is_looked_at_by_first_bytes_and_a_schedule_read(tmp_path: Path) -> None:
    with serving(answer) as site:
        portal = f"http://127.0.0.1:{site.port}/"
        how = options(tmp_path, World(only_networks=("127.0.0.0/8",)))
        report = visited([request("so", portal)], how, targets=TARGETS, settings=PATIENT)["so"]
    visit, rows = seen(report)
    pages = {row.final_url.removeprefix(portal.rstrip("/")): row for row in rows}
    files = {page.url.removeprefix(portal.rstrip("/")): page.file for page in read_dossier(Path(report.folder)).pages}
    large = pages["/tep/lon.pdf"]
    assert (large.size, large.part, large.whole_size) == (FIRST_BYTES, True, len(LARGE))
    assert files["/tep/lon.pdf"] == FileFacts(kind=FileKind.PDF, fits=True, size=len(LARGE))
    assert files["/tep/nho.pdf"] == FileFacts(kind=FileKind.PDF, fits=True, size=len(WHOLE))
    assert files["/tep/la-trang.pdf"] == FileFacts(kind=FileKind.HTML, fits=False, size=len(FILES["/tep/la-trang.pdf"]))
    assert pages["/tep/mat.pdf"].status is VisitStatus.NOT_FOUND
    assert not pages["/tep/lich.docx"].part
    read = files["/tep/lich.docx"]
    assert read is not None
    assert (read.kind, read.state, len(read.lines), read.size) == (FileKind.DOCX, FileState.TEXT, 2000, len(LONG))
    assert len(LONG) > 2 * FIRST_BYTES
    assert visit.bytes_read < 2 * len(LARGE)
    views = {view.target: view for view in visit.views}
    assert isinstance(views["documents"], TargetView)
    assert views["documents"].samples_full
    assert views["schedule"].samples_full


@pytest.mark.parametrize(
    ("status", "headers", "size"),
    [
        (206, [("Content-Range", "bytes 0-32767/123456"), ("Content-Length", "32768")], 123456),
        (206, [("Content-Range", "bytes 0-32767/*")], None),
        (206, [("Content-Length", "32768")], None),
        (200, [("content-length", " 77 ")], 77),
        (200, [("content-length", "-1")], None),
        (None, [], None),
    ],
)
def test_the_size_of_the_whole_is_what_the_portal_says(status: int | None, headers: list[tuple[str, str]], size: int | None) -> None:  # fmt: skip
    assert whole_size(status, headers) == size
