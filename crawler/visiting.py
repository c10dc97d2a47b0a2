"""One visit, driven: asks the Gathering what to fetch, fetches and renders it, keeps the evidence, seals the folder."""

from __future__ import annotations

import contextlib
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit, urlunsplit

import msgspec
from w3lib.url import add_or_replace_parameters

from crawler.addresses import is_file, site
from crawler.archive import BlobKind
from crawler.browser import Browser, Capture, Session
from crawler.control import OurNetworkDown, ask_controls
from crawler.facts.outline import outline
from crawler.facts.parse import MOST_BYTES, Parsed, parse
from crawler.facts.soft import really
from crawler.fetch import Downloader, Fetched, Gate, fetch
from crawler.gather.asks import Ask
from crawler.gather.machine import Answer, Gathering
from crawler.model import (
    Form,
    Outline,
    PageVisit,
    Role,
    StopReason,
    TargetSet,
    Vantage,
    Visit,
    VisitRequest,
    VisitStatus,
)
from crawler.netguard import OPEN_WORLD, World
from crawler.politeness import backoff
from crawler.slots import patience
from crawler.tls import tls_facts
from crawler.visit_folder import FolderWriter, open_writer, software
from crawler.walls import wall_rules

RENDERED = "text/html; charset=utf-8"
"""The content type of a rendered page's DOM."""
SHOWN_UNSEEN = 20
"""Links left unseen that a visit keeps, the most promising first."""
HTML = ("text/html", "application/xhtml", "text/plain", "")


class Step(msgspec.Struct, frozen=True):
    """Progress of a visit after one page."""

    visit: str
    navigations: int
    url: str
    status: VisitStatus


class Sealed(msgspec.Struct, frozen=True):
    """What became of a visit. folder is '' where nothing was worth sealing: home gave no page, and may give one later; rest: seconds for which
    its host wants to be left alone until then."""

    visit: Visit
    folder: str
    error: str = ""
    rest: float = 0.0


@dataclass
class Tools:
    """What a visit works with. browser is None where pages are not rendered; controls are addresses known to be up."""

    downloader: Downloader
    gate: Gate
    visits: Path
    browser: Browser | None
    vantage: Vantage
    user_agent: str
    world: World = OPEN_WORLD
    controls: tuple[str, ...] = ()
    progress: Callable[[Step], None] = lambda _: None


@dataclass
class _Kept:
    """A page as it will stand in pages.jsonl, and the bytes it may still be photographed from."""

    row: PageVisit
    body: bytes = b""
    content_type: str = ""


@dataclass
class _Visiting:
    """The moving parts of one visit. waited: seconds politeness demanded for the page at hand; failures: pages in a row
    our own network may have kept from us; secured: https hosts whose handshake was made."""

    request: VisitRequest
    tools: Tools
    writer: FolderWriter
    gathering: Gathering
    session: Session | None
    kept: list[_Kept]
    waited: float = 0.0
    failures: int = 0
    secured: set[str] = field(default_factory=set)

    @property
    def pictured(self) -> bool:
        """Whether pages are photographed; a page that needs a browser to be read at all is rendered even where they are not."""
        return self.session is not None and self.request.pictures


async def visit(request: VisitRequest, targets: TargetSet, tools: Tools, *, seal_unreached: bool = True) -> Sealed:
    """Make one visit and seal its folder. A portal not reached is sealed too where told (no further try will come). AlreadySealed passes on."""
    started = datetime.now(UTC)
    kept: list[_Kept] = []
    with open_writer(tools.visits, request.id, request.attempt, started_at=started) as writer:
        gathering = Gathering(
            request,
            targets,
            lambda number: _reread(writer, kept[number]),
            tools.user_agent,
            presses=tools.browser is not None,
        )
        if tools.browser is None:
            moving = _Visiting(request, tools, writer, gathering, None, kept)
            await _look_around(moving)
        else:
            async with tools.browser.visit(
                [urlsplit(u).hostname or "" for u in (request.portal, *request.siblings.values())]
            ) as session:
                moving = _Visiting(request, tools, writer, gathering, session, kept)
                await _look_around(moving)
        for page, each in zip(gathering.pages, kept, strict=True):
            clicks = gathering.clicks_to(page)
            each.row = msgspec.structs.replace(each.row, status=page.status, roles=tuple(page.roles), clicks=clicks)
        sealed = _summary(moving, targets, started)
        home = _home(moving)
        error = home.error if home and not sealed.reached else ""
        if not (sealed.reached or seal_unreached or sealed.status in patience().permanent):
            rest = await tools.gate.resting(request.portal)
            return Sealed(sealed, "", error, rest)
        for each in kept:
            writer.page(each.row)
        folder = writer.seal(sealed, targets)
    return Sealed(sealed, str(folder), error)


async def _look_around(moving: _Visiting) -> None:
    """Fetch until the Gathering is content, then photograph what turned out to matter only in the end."""
    gathering = moving.gathering
    while (ask := gathering.next()) is not None:
        _pad_refused(moving)
        clock, moving.waited = time.perf_counter(), 0.0
        kept, answer, captured = await _fetch(moving, ask)
        await _blame_nobody(moving, ask, answer.status)
        taken = gathering.take(ask, answer)
        if ask.role is Role.ROBOTS:
            moving.tools.gate.ask_gap(ask.url, gathering.robots.crawl_delay(ask.url))
        kept.row = msgspec.structs.replace(kept.row, status=taken.status)
        moving.kept.append(kept)
        if taken.photograph and not captured and (moving.pictured or (taken.render and moving.session is not None)):
            await _photograph_and_learn(moving, kept)
        gathering.seconds += time.perf_counter() - clock - moving.waited
        if taken.rest:
            await moving.tools.gate.rest(ask.url, None)
        moving.tools.progress(Step(moving.request.id, gathering.navigations, ask.url, taken.status))
    _pad_refused(moving)
    gathering.finish()
    for number in range(len(moving.kept) if moving.pictured else 0):
        if moving.kept[number].body and gathering.worth_a_picture(gathering.pages[number]):
            await _photograph(moving, moving.kept[number])


async def _blame_nobody(moving: _Visiting, ask: Ask, status: VisitStatus) -> None:
    """Before a portal is blamed for what our own network may have done, an address known to be up is asked. Raises OurNetworkDown."""
    rules, tools = wall_rules(), moving.tools
    moving.failures = moving.failures + 1 if status in rules.network else 0
    at_home = ask.role in (Role.HOME, Role.HOME_AGAIN) and moving.failures > 0
    if tools.controls and (at_home or moving.failures == rules.in_a_row):
        made = await ask_controls(tools.downloader, tools.gate, tools.controls, jar=f"{moving.request.id} control")
        if not any(control.good for control in made):
            raise OurNetworkDown(made)


async def _tls(moving: _Visiting, ask: Ask, got: Fetched) -> dict[str, str]:
    """The facts of an https host, once a visit, with the first page asked of it that people read."""
    parts = urlsplit(got.final_url)
    if parts.scheme != "https" or parts.netloc in moving.secured or ask.role in (Role.ROBOTS, Role.RANDOM_PATH):
        return {}
    moving.secured.add(parts.netloc)
    return await tls_facts(moving.tools.world, got.final_url, got.address)


async def _photograph_and_learn(moving: _Visiting, kept: _Kept) -> None:
    """Render a page just taken; what home and landing pages show once their scripts have run is followed too."""
    capture = await _photograph(moving, kept)
    page = moving.gathering.pages[-1]
    if not capture.error and (page.ask.role is Role.HOME or any(role.role is Role.LANDING for role in page.roles)):
        moving.gathering.take_rendered(page.number, _outlined(capture.dom, RENDERED, capture.final_url))


def _reread(writer: FolderWriter, kept: _Kept) -> Parsed | None:
    """A page parsed anew from what was stored of it, as it will be judged."""
    if kept.row.dom:
        return parse(writer.read(kept.row.dom, BlobKind.DOM), RENDERED)
    return parse(writer.read(kept.row.body, BlobKind.BODY), kept.row.content_type) if kept.row.body else None


def _pad_refused(moving: _Visiting) -> None:
    """Pages the Gathering refused by itself (robots.txt) get their line too, so that both lists stay in step."""
    for page in moving.gathering.pages[len(moving.kept) :]:
        row = PageVisit(
            id=f"{len(moving.kept) + 1:04d}",
            requested_url=page.ask.url,
            final_url=page.ask.url,
            status=page.status,
            started_at=datetime.now(UTC),
            role=page.ask.role,
            label=page.ask.label,
            referrer=page.ask.referrer,
        )
        moving.kept.append(_Kept(row))


async def _fetch(moving: _Visiting, ask: Ask) -> tuple[_Kept, Answer, bool]:
    """One asked page: its row, what the Gathering learns, and whether it was captured by the browser already."""
    if ask.press is not None or (ask.form is not None and not _plain_search(ask)):
        return await _act_in_browser(moving, ask)
    url = _search_address(ask) if ask.form is not None else ask.url
    tools = moving.tools
    permitted = moving.gathering.robots.permit
    got = await fetch(
        tools.downloader, tools.gate, _without_fragment(url), jar=moving.request.id, permitted=permitted,
        most_rest=backoff().most_rest_seconds,
    )  # fmt: skip
    moving.waited += got.waited
    if urlsplit(url).fragment and got.final_url == _without_fragment(url):
        got = msgspec.structs.replace(got, final_url=url)
    body_hash = _store(moving, got)
    row = msgspec.structs.replace(_row(moving, ask, url, got, body_hash), tls=await _tls(moving, ask, got))
    plain = ask.role is Role.ROBOTS or (ask.role is Role.SITEMAP and not _is_markup(got))
    if plain or got.status is not VisitStatus.OK or not _is_html(got):
        text = _text(got.body) if plain else ""
        status = got.status if got.status is VisitStatus.OK else _refused(got)
        answer = Answer(
            status=status,
            final_url=got.final_url,
            http_status=got.http_status,
            hops=len(got.redirects),
            size=len(got.body),
            text=text,
        )
        return _Kept(row), answer, False
    kept = _Kept(row, got.body, got.content_type)
    seen = _outlined(got.body, got.content_type, got.final_url)
    captured, crashed = False, False
    if seen.scripted and moving.session is not None:
        capture = await _photograph(moving, kept)
        captured, crashed = not capture.error, capture.status is VisitStatus.BROWSER_CRASH
        if captured:
            seen = _outlined(capture.dom, RENDERED, kept.row.final_url)
        if capture.moved_to:
            seen = msgspec.structs.replace(seen, refresh=capture.moved_to)
    # What a script would have put there was not seen; that says nothing of the portal.
    status = VisitStatus.BROWSER_CRASH if crashed else really(seen, got.status, got.http_status)
    answer = Answer(
        status=status,
        final_url=kept.row.final_url,
        http_status=got.http_status,
        hops=len(got.redirects),
        size=len(got.body),
        outline=seen,
    )
    return kept, answer, captured


def _outlined(body: bytes, content_type: str, url: str) -> Outline:
    """What gathering needs of a page; its tree is let go."""
    parsed = parse(body, content_type)
    seen = outline(parsed, url)
    parsed.dissolve()
    return seen


def _refused(got: Fetched) -> VisitStatus:
    """What a page that is none to judge really is, as far as its text tells."""
    if not got.body or not _is_html(got):
        return got.status
    return really(_outlined(got.body, got.content_type, got.final_url), got.status, got.http_status)


def _text(body: bytes) -> str:
    """A file made for machines, unpacked where it is packed, as far as it is read at all."""
    if body[:2] == b"\x1f\x8b":
        with contextlib.suppress(zlib.error):
            body = zlib.decompressobj(wbits=31).decompress(body, MOST_BYTES)
    return body[:MOST_BYTES].decode("utf-8", "replace")


def _store(moving: _Visiting, got: Fetched) -> str | None:
    """Archive every hop; the last body's hash, or None where there was no answer."""
    name = None
    for number, exchange in enumerate(got.exchanges):
        last = number == len(got.exchanges) - 1
        name = moving.writer.exchange(exchange, keep=last)
    return name if got.http_status is not None else None


def _row(moving: _Visiting, ask: Ask, url: str, got: Fetched, body: str | None) -> PageVisit:
    return PageVisit(
        id=f"{len(moving.kept) + 1:04d}",
        requested_url=url,
        final_url=got.final_url,
        status=got.status,
        started_at=got.started_at,
        role=ask.role,
        redirects=got.redirects,
        http_status=got.http_status,
        headers=got.headers,
        content_type=got.content_type,
        size=len(got.body),
        label=ask.label,
        referrer=ask.referrer,
        query=ask.query,
        sibling=_sibling(moving.request, got.final_url),
        timings={"total": round(got.seconds, 3)},
        address=got.address,
        body=body,
        error=got.error,
    )


def _sibling(request: VisitRequest, url: str) -> str:
    """The name of the declared sibling an address lies on, any other host it lies on, or '' on the portal itself."""
    own = next((name for name, root in request.siblings.items() if site(root) == site(url)), "")
    return own or ("" if site(url) == site(request.portal) else site(url))


async def _photograph(moving: _Visiting, kept: _Kept) -> Capture:
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


def _with_capture(moving: _Visiting, row: PageVisit, capture: Capture) -> PageVisit:
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


async def _act_in_browser(moving: _Visiting, ask: Ask) -> tuple[_Kept, Answer, bool]:
    """What only a browser can do on a page: send a query from a box that is no ordinary form, press a tab or a pager."""
    row = PageVisit(
        id=f"{len(moving.kept) + 1:04d}", requested_url=ask.url, final_url=ask.url, status=VisitStatus.OK, started_at=datetime.now(UTC),
        role=ask.role, label=ask.label, referrer=ask.referrer, query=ask.query, sibling=_sibling(moving.request, ask.url),
    )  # fmt: skip
    if moving.session is None:
        return _undone(row, "this search box needs a browser")
    await moving.tools.gate.wait(ask.url)
    capture = await _acted(moving, moving.session, ask)
    row = _with_capture(moving, row, capture)
    if capture.error:
        return _undone(row, capture.error)
    answer = Answer(
        status=VisitStatus.OK,
        final_url=capture.final_url,
        size=len(capture.dom),
        outline=_outlined(capture.dom, RENDERED, capture.final_url),
    )
    return _Kept(row), answer, True


def _undone(row: PageVisit, error: str) -> tuple[_Kept, Answer, bool]:
    row = msgspec.structs.replace(row, status=VisitStatus.OURS, error=error)
    return _Kept(row), Answer(status=VisitStatus.OURS, final_url=row.final_url), False


async def _acted(moving: _Visiting, session: Session, ask: Ask) -> Capture:
    picture = moving.request.pictures
    if ask.press is not None:
        stood = next(each.row for each in moving.kept if each.row.final_url == ask.url and each.row.body)
        body = moving.writer.read(stood.body or "", BlobKind.BODY)
        return await session.press(
            ask.url, body, stood.content_type, selector=ask.press.selector, label=ask.press.label, picture=picture
        )
    form = ask.form
    assert form is not None
    return await session.search(
        ask.url, form_selector=form.selector, field_name=_query_field(form), query=ask.query, picture=picture
    )


def _plain_search(ask: Ask) -> bool:
    """The search box is an ordinary GET form that needs no browser."""
    form = ask.form
    return form is not None and form.method.lower() == "get" and bool(form.action) and not urlsplit(ask.url).fragment


def _search_address(ask: Ask) -> str:
    """The address an ordinary search form sends a query to, its hidden fields included."""
    assert ask.form is not None
    fields = {f.name: f.value for f in ask.form.fields if f.name and f.kind in ("hidden", "select")}
    fields[_query_field(ask.form)] = ask.query
    return add_or_replace_parameters(urljoin(ask.url, ask.form.action), fields)


def _query_field(form: Form) -> str:
    """The name of the field a query goes into: the first one a person types into."""
    return next((f.name for f in form.fields if f.kind in ("search", "text", "")), "")


def _is_markup(got: Fetched) -> bool:
    return _is_html(got) and not got.content_type.lower().startswith("text/plain")


def _is_html(got: Fetched) -> bool:
    kind = got.content_type.split(";", 1)[0].strip().lower()
    return kind.startswith(HTML[:3]) or (not kind and not is_file(got.final_url))


def _without_fragment(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(fragment=""))


def _home(moving: _Visiting) -> PageVisit | None:
    """Home as it answered last."""
    return next((kept.row for kept in reversed(moving.kept) if kept.row.role is Role.HOME), None)


def _summary(moving: _Visiting, targets: TargetSet, started: datetime) -> Visit:
    gathering = moving.gathering
    home = _home(moving) or next((kept.row for kept in reversed(moving.kept)), None)
    views, unseen = gathering.finish(), gathering.unseen()
    return Visit(
        request=moving.request,
        targets_digest=targets.digest,
        software=software(),
        vantage=moving.tools.vantage,
        started_at=started,
        finished_at=datetime.now(UTC),
        status=home.status if home else VisitStatus.OURS,
        stop=gathering.stop if home else StopReason.OURS,
        navigations=gathering.navigations,
        bytes_read=gathering.bytes_read,
        views=views,
        left_unseen=len(unseen),
        unseen=unseen[:SHOWN_UNSEEN],
    )
