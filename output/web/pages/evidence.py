"""What a claim rests on: pictures, where in them an element stands, and sources as plain text. Only what the store names is ever read."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.responses import Response

from checklists.model import Claim, ElementClaim, Pointer
from crawler.archive import BlobKind, picture_type
from crawler.facts.files.apart import read_apart
from crawler.facts.files.kinds import kind_of
from crawler.facts.parse import decode
from crawler.model import FileKind, Visit
from crawler.problems import BadInput
from output.judging import outlined_element
from output.report.picture import Box, Layout, Shown, box_of, read_layout
from output.store import read
from output.stored_pages import PROBES, Evidence, StoredPage, place_of
from output.web.desk import Call
from output.web.words import number, words

FOREVER = {"cache-control": "private, max-age=604800, immutable"}
"""Sealed evidence never changes."""

PAGES = frozenset({FileKind.HTML, FileKind.UNKNOWN, FileKind.EMPTY})
"""What is shown by its source: a page without any known element is one too."""

SANDBOXED = {"content-security-policy": "default-src 'none'; sandbox", "content-disposition": "inline"}


class Shot(msgspec.Struct, frozen=True, kw_only=True):
    """Where an element is to be seen: the picture of its page, and its box in CSS pixels with how many pixels of the picture make one. visit and
    page name its sealed folder and line; probe: it was taken by a probe of a service."""

    visit: str
    page: str
    url: str
    quote: str
    selector: str
    has_picture: bool
    shown: str
    box: Box | None = None
    scale: float = 1
    note: str = ""
    taken_at: str = ""
    clipped: bool = False
    probe: bool = False


def visit_of(call: Call, name: str) -> Visit:
    """A visit the store knows; HTTPException(404) where it does not."""
    found = read(call.workspace.store_path, "SELECT record FROM visits WHERE id = ?", (name,), Visit)
    if not found:
        raise HTTPException(404, "Không có lượt truy cập này.")
    return found[0]


@lru_cache(maxsize=16)
def layout_of(page: StoredPage) -> Layout | None:
    """A page's layout snapshot, None where it cannot be read."""
    try:
        return read_layout(page.read(page.layout or "", BlobKind.LAYOUT))
    except (ValueError, BadInput):
        return None


def shot_of(evidence: Evidence, finding: str, pointer: Pointer) -> Shot:
    """Where a pointer leads."""
    folder, line = place_of(finding, pointer)
    page = evidence.pointed(finding, pointer)
    bare = Shot(
        visit=folder,
        page=line,
        url=pointer.url,
        quote=pointer.quote,
        selector=pointer.selector,
        has_picture=page is not None and page.picture is not None,
        shown=Shown.NO_PICTURE,
        note=page.note if page else "",
        taken_at=page.taken_at.isoformat() if page else "",
        probe=PROBES in folder,
    )
    if page is None or page.picture is None:
        return bare
    layout = layout_of(page) if page.layout else None
    if layout is None:
        return replace(bare, shown=Shown.UNREADABLE if page.layout else Shown.NO_LAYOUT)
    placed = replace(bare, scale=layout.scale, clipped=layout.clipped_height < layout.height)
    found = box_of(layout, pointer.selector)
    if found is None:
        return replace(placed, shown=Shown.NO_BOX)
    if found.box.y >= layout.clipped_height:
        return replace(placed, shown=Shown.OUTSIDE)
    return replace(placed, shown=found.shown, box=found.box)


def home_shot(evidence: Evidence, finding: str) -> Shot | None:
    """The home page of a finding's visit, where looking began: what there is to show of something that was not found."""
    page = evidence.home(finding)
    if page is None:
        return None
    return Shot(
        visit=page.folder.name,
        page=page.line,
        url=page.url,
        quote="",
        selector="",
        has_picture=True,
        shown="home",
        note=page.note,
        taken_at=page.taken_at.isoformat(),
    )


def page_of(call: Call) -> StoredPage:
    """The page a request names, of a visit the store knows or a batch the ledger does: their folders' names come from there."""
    named = call.request.path_params
    name = known_batch(call, named["visit"]) or visit_of(call, named["visit"]).request.id
    page = call.workspace.evidence.page(name, named["page"])
    if page is None:
        raise HTTPException(404, "Không có trang này trong minh chứng.")
    return page


def known_batch(call: Call, name: str) -> str:
    """The id of a planned batch of probes of that name, '' where there is none."""
    row = call.workspace.conn.execute("SELECT id FROM batches WHERE id = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def picture(call: Call) -> Response:
    """The picture of a page as the browser made it."""
    page = page_of(call)
    if page.picture is None:
        raise HTTPException(404, "Trang này không được chụp ảnh.")
    try:
        content = page.read(page.picture, BlobKind.PICTURE)
    except BadInput:
        raise HTTPException(404, "Ảnh chụp bị mất hoặc hỏng; chạy kiemcong verify để kiểm tra.") from None
    media = picture_type(content)
    if not media.startswith("image/"):
        raise HTTPException(404, "Ảnh chụp không đọc được.")
    return Response(content, media_type=media, headers=FOREVER | SANDBOXED)


def source(call: Call) -> Response:
    """What a page was judged on, as text and never as a page: its source, or what an attached file says."""
    page = page_of(call)
    if page.source is None:
        raise HTTPException(404, "Trang này không có nội dung.")
    try:
        content = page.read(*page.source)
    except BadInput:
        raise HTTPException(404, "Nội dung bị mất hoặc hỏng; chạy kiemcong verify để kiểm tra.") from None
    text = said_by_file(content) if kind_of(content) not in PAGES else decode(content).text
    text = text.replace("\0", "\ufffd")
    return Response(text, media_type="text/plain; charset=utf-8", headers=FOREVER | SANDBOXED)


def said_by_file(content: bytes) -> str:
    """What a file is and says, as it was read when it was judged."""
    said = read_apart(content)
    return "\n".join(
        (f"[{kind_of(content)}, {number(len(content))} byte: {words().files[said.state]}]", "", *said.lines)
    )


def thumbnail(call: Call) -> Response:
    """The surroundings of an element with it outlined, as a picture."""
    named = call.request.path_params
    claim = claim_of(call, f"{named['campaign']}/{named['agency']}/{named['item']}")
    element = next((one for one in claim.elements if one.element == named["element"]), None)
    content = outlined_once(call.workspace.evidence, msgspec.json.encode(element)) if element else None
    if content is None:
        raise HTTPException(404, "Yếu tố này không có ảnh.")
    return Response(
        content, media_type=picture_type(content), headers=SANDBOXED | {"cache-control": "private, max-age=3600"}
    )


@lru_cache(maxsize=256)
def outlined_once(evidence: Evidence, element: bytes) -> bytes | None:
    """The picture of an element of a claim (as JSON), made once; None where there is none or it cannot be read."""
    try:
        return outlined_element(evidence, msgspec.json.decode(element, type=ElementClaim))
    except BadInput:
        return None


def claim_of(call: Call, name: str) -> Claim:
    """The claim of that id as it is now; HTTPException(404) where there is none."""
    found = read(call.workspace.store_path, "SELECT record FROM claims WHERE id = ?", (name,), Claim)
    if not found:
        raise HTTPException(404, "Không có kết luận này; có thể danh mục đã được đánh giá lại.")
    return found[0]
