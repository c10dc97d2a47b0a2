"""One page a visit asks for: fetched or done in the browser, archived, and told in the Gathering's terms."""

from __future__ import annotations

import contextlib
import zlib
from urllib.parse import urljoin, urlsplit, urlunsplit

import msgspec
from w3lib.url import add_or_replace_parameters

from crawler.addresses import is_file
from crawler.beginnings import whole_size
from crawler.control import OurNetworkDown, ask_controls
from crawler.facts.files.kinds import kind_of
from crawler.facts.outline import outline
from crawler.facts.parse import MOST_BYTES, parse
from crawler.facts.soft import really
from crawler.fetch import Fetched, fetch
from crawler.gather.answers import Answer
from crawler.gather.asks import Ask
from crawler.model import FileKind, PageVisit, Role, VisitStatus
from crawler.politeness import backoff
from crawler.rendering import act_in_browser, outlined, photograph, query_field
from crawler.tls import tls_facts
from crawler.underway import RENDERED, Kept, UnderWay, sibling_of
from crawler.walls import wall_rules

HTML = ("text/html", "application/xhtml", "text/plain")


async def answer_to(moving: UnderWay, ask: Ask) -> tuple[Kept, Answer, bool]:
    """One asked page: its row, what the Gathering learns, and whether it was captured by the browser already."""
    if ask.press is not None or (ask.form is not None and not _is_plain_search(ask)):
        return await act_in_browser(moving, ask)
    url = _search_address(ask) if ask.form is not None else ask.url
    tools = moving.tools

    async def barred(hop: str) -> VisitStatus | None:
        await _read_robots_first(moving, hop)
        return moving.gathering.robots.barred(hop)

    got = await fetch(
        tools.downloader, tools.gate, _without_fragment(url), jar=moving.request.id, barred=None if ask.role is Role.ROBOTS else barred,
        most_rest=backoff().most_rest_seconds, part=ask.part,
    )  # fmt: skip
    moving.waited += got.waited
    if urlsplit(url).fragment and got.final_url == _without_fragment(url):
        got = msgspec.structs.replace(got, final_url=url)
    body_hash = _store(moving, got)
    row = msgspec.structs.replace(_row(moving, ask, url, got, body_hash), tls=await _tls(moving, ask, got))
    page = kind_of(got.body) is FileKind.HTML if ask.role is Role.ATTACHMENT else _is_html(got)
    plain = ask.role is Role.ROBOTS or (ask.role is Role.SITEMAP and not _is_markup(got))
    if plain or got.status is not VisitStatus.OK or not page:
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
        return Kept(row), answer, False
    kept = Kept(row, got.body, got.content_type)
    tree = parse(got.body, got.content_type)
    seen = outline(tree, got.final_url)
    captured, crashed = False, False
    if seen.scripted and moving.session is not None:
        capture = await photograph(moving, kept)
        captured, crashed = not capture.error, capture.status is VisitStatus.BROWSER_CRASH
        if captured:
            tree.dissolve()
            tree = parse(capture.dom, RENDERED)
            seen = outline(tree, kept.row.final_url)
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
        tree=tree,
    )
    return kept, answer, captured


async def _read_robots_first(moving: UnderWay, url: str) -> None:
    """Fetch the robots.txt of a host a page sends on to, where that was not done yet; it becomes a page of the visit before the one that sent on."""
    ask = moving.gathering.robots_unread(url)
    if ask is None:
        return
    before = moving.waited
    kept, answer, _ = await answer_to(moving, ask)
    moving.waited = before  # the fetch that waits for this counts all of it
    taken = moving.gathering.take(ask, answer)
    if taken.rest:
        await moving.tools.gate.rest(ask.url, None)
    moving.tools.gate.ask_gap(ask.url, moving.gathering.robots.crawl_delay(ask.url))
    kept.row = msgspec.structs.replace(kept.row, status=taken.status)
    moving.kept.append(kept)


async def blame_nobody(moving: UnderWay, ask: Ask, status: VisitStatus) -> None:
    """Before a portal is blamed for what our own network may have done, an address known to be up is asked. Raises OurNetworkDown."""
    rules, tools = wall_rules(), moving.tools
    moving.failures = moving.failures + 1 if status in rules.network else 0
    at_home = ask.role in (Role.HOME, Role.HOME_AGAIN) and moving.failures > 0
    if tools.controls and (at_home or moving.failures == rules.in_a_row):
        made = await ask_controls(tools.downloader, tools.gate, tools.controls, jar=f"{moving.request.id} control")
        if not any(control.good for control in made):
            raise OurNetworkDown(made)


async def _tls(moving: UnderWay, ask: Ask, got: Fetched) -> dict[str, str]:
    """The facts of an https host, once a visit, with the first page asked of it that people read."""
    parts = urlsplit(got.final_url)
    if parts.scheme != "https" or parts.netloc in moving.secured or ask.role in (Role.ROBOTS, Role.RANDOM_PATH):
        return {}
    moving.secured.add(parts.netloc)
    return await tls_facts(moving.tools.world, got.final_url, got.address)


def _refused(got: Fetched) -> VisitStatus:
    """What a page that is none to judge really is, as far as its text tells."""
    if not got.body or not _is_html(got):
        return got.status
    return really(outlined(got.body, got.content_type, got.final_url), got.status, got.http_status)


def _text(body: bytes) -> str:
    """A file made for machines, unpacked where it is packed, as far as it is read at all."""
    if body[:2] == b"\x1f\x8b":
        with contextlib.suppress(zlib.error):
            body = zlib.decompressobj(wbits=31).decompress(body, MOST_BYTES)
    return body[:MOST_BYTES].decode("utf-8", "replace")


def _store(moving: UnderWay, got: Fetched) -> str | None:
    """Archive every hop; the last body's hash, or None where there was no answer."""
    name = None
    for number, exchange in enumerate(got.exchanges):
        last = number == len(got.exchanges) - 1
        name = moving.writer.exchange(exchange, keep=last)
    return name if got.http_status is not None else None


def _row(moving: UnderWay, ask: Ask, url: str, got: Fetched, body: str | None) -> PageVisit:
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
        sibling=sibling_of(moving.request, got.final_url),
        timings={"total": round(got.seconds, 3)},
        address=got.address,
        body=body,
        error=got.error,
        part=ask.part,
        whole_size=whole_size(got.http_status, got.headers) if ask.role is Role.ATTACHMENT else None,
    )


def _is_plain_search(ask: Ask) -> bool:
    """The search box is an ordinary GET form that needs no browser."""
    form = ask.form
    return form is not None and form.method.lower() == "get" and bool(form.action) and not urlsplit(ask.url).fragment


def _search_address(ask: Ask) -> str:
    """The address an ordinary search form sends a query to, its hidden fields included."""
    assert ask.form is not None
    fields = {f.name: f.value for f in ask.form.fields if f.name and f.kind in ("hidden", "select")}
    fields[query_field(ask.form)] = ask.query
    return add_or_replace_parameters(urljoin(ask.url, ask.form.action), fields)


def _is_markup(got: Fetched) -> bool:
    return _is_html(got) and not got.content_type.lower().startswith("text/plain")


def _is_html(got: Fetched) -> bool:
    kind = got.content_type.split(";", 1)[0].strip().lower()
    return kind.startswith(HTML) or (not kind and not is_file(got.final_url))


def _without_fragment(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(fragment=""))
