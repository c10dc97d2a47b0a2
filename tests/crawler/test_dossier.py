"""A sealed folder read back: a rendered page by its DOM, save where the browser lost its letters."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import BlobKind
from crawler.dossier import read_dossier
from crawler.facts.legacy import Legacy, garbled
from crawler.model import (
    Block,
    PageFacts,
    PageVisit,
    Role,
    StopReason,
    TargetSet,
    Vantage,
    Visit,
    VisitRequest,
    VisitStatus,
)
from crawler.visit_folder import open_writer
from tests.portals.encodings import encoded

SEEN = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
URL = "http://mau.gov.vn/"
SAID = "Ủy ban nhân dân tỉnh ban hành quyết định về việc phê duyệt quy hoạch sử dụng đất đến năm 2020 của các huyện"


def page_of(folder: Path, body: bytes, content_type: str, dom: bytes) -> PageFacts:
    """The facts of a rendered page whose body was sent under a content type."""
    request = VisitRequest(
        id="thu.mau.1", campaign="thu", agency="mau", agency_name="Mẫu", block=Block.TINH, portal=URL, declared_address=URL, now=SEEN
    )  # fmt: skip
    visit = Visit(
        request=request, targets_digest="", software="", vantage=Vantage(), started_at=SEEN, finished_at=SEEN, status=VisitStatus.OK,
        stop=StopReason.DONE, navigations=1, bytes_read=len(body), views=(),
    )  # fmt: skip
    with open_writer(folder, request.id, 1, started_at=SEEN) as writer:
        row = PageVisit(
            id="0001", requested_url=URL, final_url=URL, status=VisitStatus.OK, started_at=SEEN, role=Role.HOME, content_type=content_type,
            body=writer.blob(body, BlobKind.BODY), dom=writer.blob(dom, BlobKind.DOM),
        )  # fmt: skip
        writer.page(row)
        sealed = writer.seal(visit, TargetSet(checklist="thu", targets=()))
    (page,) = read_dossier(sealed).pages
    return page


def test_a_page_is_judged_on_its_dom_and_known_by_how_it_was_sent(tmp_path: Path) -> None:
    body = encoded(f"<p>{SAID}</p>", "windows-1258")
    page = page_of(tmp_path, body, "text/html; charset=windows-1258", f"<p>{SAID}</p><p>thêm</p>".encode())
    assert [text.text for text in page.texts] == [SAID, "thêm"]
    assert page.visit is not None
    assert page.evidence == page.visit.dom
    assert (page.outline.encoding, page.outline.declared) == ("windows-1258", "windows-1258")


@pytest.mark.parametrize("encoding", ["windows-1258", "vni"])
def test_letters_a_browser_lost_are_read_from_what_was_sent(tmp_path: Path, encoding: str) -> None:
    body = encoded(f"<p>{SAID}</p>", encoding)
    page = page_of(tmp_path, body, "text/html; charset=utf-8", body.decode("utf-8", "replace").encode())
    assert [text.text for text in page.texts] == [SAID]
    assert page.visit is not None
    assert page.evidence == page.visit.body
    assert page.outline.declared == "utf-8"
    assert garbled(page.texts)[0] in (Legacy.WINDOWS_1258, Legacy.VNI)
    assert "\ufffd" in page.texts[0].shown


def test_a_page_shown_in_old_letters_is_judged_on_its_dom(tmp_path: Path) -> None:
    body = encoded(f"<p>{SAID}</p>", "vni")
    page = page_of(tmp_path, body, "text/html; charset=iso-8859-1", body.decode("cp1252").encode())
    assert page.texts[0].text == SAID
    assert page.visit is not None
    assert page.evidence == page.visit.dom
    assert garbled(page.texts)[0] is Legacy.VNI
