"""What a visit does with its browser: photographs pages it has, learns what scripts make of them, searches and presses where only a browser can."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec

from crawler.archive import BlobKind
from crawler.browser import Capture, Session
from crawler.facts.outline import outline
from crawler.facts.parse import parse
from crawler.facts.soft import really
from crawler.gather.answers import Answer
from crawler.gather.asks import Ask
from crawler.model import Form, Outline, PageVisit, Role, VisitStatus
from crawler.underway import RENDERED, Kept, UnderWay, sibling_of
from crawler.walls import RESTING


async def photograph_and_learn(moving: UnderWay, kept: Kept) -> None:
    """Render a page just taken; what home and landing pages show once their scripts have run is followed too."""
    capture = await photograph(moving, kept)
    page = moving.gathering.pages[-1]
    if not capture.error and (page.ask.role is Role.HOME or any(role.role is Role.LANDING for role in page.roles)):
        moving.gathering.take_rendered(page.number, outlined(capture.dom, RENDERED, capture.final_url))


async def photograph(moving: UnderWay, kept: Kept) -> Capture:
    """Render the page from its stored bytes and keep DOM, picture and layout of one moment. Needs a browser."""
    assert moving.session is not None
    capture = await moving.session.capture(
        kept.row.final_url,
        body=kept.body,
        content_type=kept.content_type,
        picture=moving.request.pictures,
    )
    kept.row = _with_capture(moving, kept.row, capture)
    if not capture.error:
        kept.body = b""
    return capture


def _with_capture(moving: UnderWay, row: PageVisit, capture: Capture) -> PageVisit:
    if capture.error:
        return msgspec.structs.replace(row, note=f"not rendered: {capture.error}")
    now, writer = datetime.now(UTC), moving.writer
    picture, layout = capture.screenshot, capture.layout
    return msgspec.structs.replace(
        row,
        final_url=capture.final_url or row.final_url,
        dom=writer.resource(row.final_url, now, capture.dom, BlobKind.DOM),
        screenshot=writer.resource(row.final_url, now, picture, BlobKind.PICTURE) if picture else None,
        layout=writer.resource(row.final_url, now, layout, BlobKind.LAYOUT) if layout else None,
        note=capture.note,
    )


async def act_in_browser(moving: UnderWay, ask: Ask) -> tuple[Kept, Answer, bool]:
    """What only a browser can do on a page: send a query from a box that is no ordinary form, press a tab or a pager."""
    row = PageVisit(
        id=f"{len(moving.kept) + 1:04d}", requested_url=ask.url, final_url=ask.url, status=VisitStatus.OK, started_at=datetime.now(UTC),
        role=ask.role, label=ask.label, referrer=ask.referrer, query=ask.query, sibling=sibling_of(moving.request, ask.url),
    )  # fmt: skip
    if moving.session is None:
        return _undone(row, VisitStatus.OURS, "this search box needs a browser")
    before = time.perf_counter()
    await moving.tools.gate.wait(ask.url)
    moving.waited += time.perf_counter() - before
    capture = await _acted(moving, moving.session, ask)
    row = _with_capture(moving, row, capture)
    if capture.error:
        return _undone(row, capture.status if capture.status is not VisitStatus.OK else VisitStatus.OURS, capture.error)
    tree = parse(capture.dom, RENDERED)
    seen = outline(tree, capture.final_url)
    http_status = capture.http_status or 200  # a page from stored bytes was read before
    if http_status in RESTING:
        await moving.tools.gate.rest(ask.url, None)
    answer = Answer(
        status=really(seen, capture.status, http_status),
        final_url=capture.final_url,
        http_status=http_status,
        size=len(capture.dom),
        outline=seen,
        tree=tree,
    )
    return Kept(row), answer, True


def _undone(row: PageVisit, status: VisitStatus, error: str) -> tuple[Kept, Answer, bool]:
    row = msgspec.structs.replace(row, status=status, error=error)
    return Kept(row), Answer(status=status, final_url=row.final_url), False


async def _acted(moving: UnderWay, session: Session, ask: Ask) -> Capture:
    picture = moving.request.pictures
    if ask.press is not None:
        # The page as the Gathering knows it: its row may tell another address, since scripts rewrite theirs.
        stood = next(page.number for page in moving.gathering.pages if page.final_url == ask.url)
        row = moving.kept[stood].row
        if row.body is None:
            return Capture(final_url=ask.url, status=VisitStatus.OURS, error="the page it stands on was not kept")
        body = moving.writer.read(row.body, BlobKind.BODY)
        return await session.press(
            ask.url, body, row.content_type, selector=ask.press.selector, label=ask.press.label, picture=picture
        )
    form = ask.form
    assert form is not None
    return await session.search(
        ask.url, form_selector=form.selector, field_name=query_field(form), query=ask.query, picture=picture
    )


def query_field(form: Form) -> str:
    """The name of the field a query goes into: the first one a person types into."""
    return next((f.name for f in form.fields if f.kind in ("search", "text", "")), "")


def outlined(body: bytes, content_type: str, url: str) -> Outline:
    """What gathering needs of a page whose tree is not."""
    parsed = parse(body, content_type)
    seen = outline(parsed, url)
    parsed.dissolve()
    return seen
