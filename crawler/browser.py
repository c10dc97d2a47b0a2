"""A Chromium that sees what a visitor sees, and reaches the network through the guard's proxy only."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec
import tldextract
from playwright.async_api import BrowserContext, Page, async_playwright
from playwright.async_api import Error as PlaywrightError

from crawler.chromium import NoBrowser, Pool, Running, close_quietly, find_browser
from crawler.errors import BrowserCrash, status_of_failure, status_of_response
from crawler.model import VisitStatus
from crawler.netguard import host_key
from crawler.proxy import Door, GuardProxy
from crawler.steering import Document
from crawler.tab import Frozen, Tab, Waits, browser_words, note

__all__ = ["Browser", "Capture", "NoBrowser", "Session", "find_browser", "site_of"]

LITTLE_TEXT = 200
"""Visible characters under which a page counts as empty. Assumed."""

PAGES_A_TAB = 20
"""Pages shown in one tab before it is closed for a new one. Assumed."""

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """A page as the browser had it at one moment. error is '' where dom is worth keeping; then picture and layout belong to that same dom.

    status says what became of it; http_status is None where the main document came from stored bytes. moved_to: where a script wanted to lead,
    not followed. requested: hosts asked for subresources; refused: hosts not let through. note: Vietnamese, for who looks at the picture.
    """

    final_url: str
    status: VisitStatus = VisitStatus.OK
    dom: bytes = b""
    screenshot: bytes | None = None
    layout: bytes | None = None
    note: str = ""
    http_status: int | None = None
    requested: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    moved_to: str = ""
    error: str = ""
    seconds: float = 0.0


def site_of(host: str) -> str:
    """The registrable domain of a host (danang.gov.vn of sotttt.danang.gov.vn), or the host itself where it has none."""
    key = host_key(host)
    return _suffixes(key).top_domain_under_public_suffix or key


class Browser:
    """`async with Browser(proxy, user_agent=...) as browser`: one Chromium, started anew after every so many visits and after a crash."""

    def __init__(
        self,
        proxy: GuardProxy,
        *,
        user_agent: str,
        executable: str = "",
        waits: Waits | None = None,
        visits_each: int = 20,
        at_once: int = 4,
    ) -> None:
        self.proxy = proxy
        self.user_agent = user_agent
        self.waits = waits or Waits()
        self.version = ""
        self.turn = asyncio.Semaphore(at_once)
        self._executable = executable
        self._visits_each = visits_each
        self.pool: Pool
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        executable = self._executable or find_browser()
        async with contextlib.AsyncExitStack() as stack:
            # The browser's own traffic has nowhere to go: only visits are given a door that lets through.
            nowhere = await stack.enter_async_context(self.proxy.door(lambda _host: False))
            playwright = await stack.enter_async_context(async_playwright())
            self.pool = Pool(playwright, executable, nowhere.url, self._visits_each)
            stack.push_async_callback(self.pool.stop)
            self.version = await self.pool.version()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @contextlib.asynccontextmanager
    async def visit(self, hosts: Iterable[str]) -> AsyncIterator[Session]:
        """A session with a fresh profile for one agency's visit; hosts are its portals', everything of other domains is a third party."""
        sites = frozenset(site_of(host) for host in hosts)
        async with contextlib.AsyncExitStack() as stack:
            session = Session(self, sites)
            session.door = await stack.enter_async_context(self.proxy.door(session.lets_in))
            stack.push_async_callback(session.close)
            yield session

    def profile(self, door: Door) -> dict[str, Any]:
        """A fresh profile of a visitor in Vietnam whose only way out is the door."""
        return {
            "user_agent": self.user_agent,
            "viewport": {"width": self.waits.width, "height": self.waits.height},
            "locale": "vi-VN",
            "timezone_id": "Asia/Ho_Chi_Minh",
            "reduced_motion": "reduce",
            "color_scheme": "light",
            "accept_downloads": False,
            "ignore_https_errors": True,
            "service_workers": "block",
            "proxy": {"server": door.url, "bypass": "<-loopback>"},
        }


class Session:
    """The browser during one visit: a profile of its own (cookies, cache), a door of its own in the proxy."""

    door: Door

    def __init__(self, browser: Browser, sites: frozenset[str]) -> None:
        self._browser = browser
        self._sites = sites
        self._site_now: frozenset[str] = frozenset()
        self._third_parties = False
        self._asked: set[str] = set()
        self._turn = asyncio.Lock()
        self._context: BrowserContext | None = None
        self._running: Running | None = None
        self._tab: Tab | None = None
        self._opening = False
        self._popups = 0
        self._text = 0
        self._closing: set[asyncio.Task[None]] = set()

    def lets_in(self, host: str) -> bool:
        """Whether pages of this visit may ask a host: those of the portal's own domains, others only while a page is tried with them."""
        return not self._is_stranger(host) or (self._third_parties and host not in browser_words("own_hosts"))

    def _is_stranger(self, host: str) -> bool:
        return site_of(host) not in self._sites | self._site_now

    async def capture(
        self,
        url: str,
        body: bytes | None = None,
        content_type: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        picture: bool = True,
    ) -> Capture:
        """The page as rendered: from `body` where given (the portal is then asked for subresources only), else by navigating to it."""
        wanted = _Wanted(url, None if body is None else Document(body, content_type, headers), picture)
        first = await self._take(wanted)
        if first.error or self._text >= LITTLE_TEXT or not any(map(self._is_stranger, first.refused)):
            return first
        little = self._text
        self._third_parties = True
        try:
            second = await self._take(wanted)
        finally:
            self._third_parties = False
        if second.error or self._text <= little:
            return first
        said = "; ".join(filter(None, (note("third_parties"), second.note)))
        return msgspec.structs.replace(second, note=said)

    async def search(
        self,
        url: str,
        body: bytes | None = None,
        content_type: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        *,
        form_selector: str,
        field_name: str,
        query: str,
        picture: bool = True,
    ) -> Capture:
        """The page after a query was typed into its search box and sent; error where the page has no such box or nothing came of it."""
        document = None if body is None else Document(body, content_type, headers)
        return await self._take(_Wanted(url, document, picture, (form_selector, field_name, query)))

    async def press(
        self, url: str, body: bytes, content_type: str, *, selector: str, label: str, picture: bool = True
    ) -> Capture:
        """The page after a tab or pager on it was pressed, found by its selector and label; error where it is not there or nothing came of it."""
        return await self._take(_Wanted(url, Document(body, content_type), picture, press=(selector, label)))

    async def close(self) -> None:
        """Give the profile back; a further capture would open a new one."""
        context, running = self._context, self._running
        self._context = self._running = self._tab = None
        if context is not None and running is not None:
            await close_quietly(context)
            await self._browser.pool.release(running)

    async def _take(self, wanted: _Wanted) -> Capture:
        """One page, whatever happens: a failure becomes a capture with its error told."""
        async with self._turn, self._browser.turn:
            clock = time.perf_counter()
            self._text = self._popups = 0
            self._asked = set()
            self._site_now = frozenset({site_of(urlsplit(wanted.url).hostname or "")})
            self.door.refused.clear()
            self.door.contacted.clear()
            try:
                async with asyncio.timeout(self._browser.waits.whole):
                    capture = await self._render(wanted)
            except (PlaywrightError, BrowserCrash, TimeoutError) as problem:
                capture = self._failed(wanted.url, problem)
                if capture.status is VisitStatus.BROWSER_CRASH:
                    await self.close()
            return msgspec.structs.replace(
                capture,
                requested=tuple(sorted(self._asked & self.door.contacted.keys())),
                refused=tuple(sorted(self._asked & {refusal.host for refusal in self.door.refused})),
                seconds=time.perf_counter() - clock,
            )

    async def _render(self, wanted: _Wanted) -> Capture:
        tab = await self._own_tab(wanted.document)
        self._asked = tab.asked
        capture = None
        try:
            capture = await self._shown(tab, wanted)
            return capture
        finally:
            await self._done_with(tab, capture is None or bool(capture.error) or wanted.acts)

    async def _shown(self, tab: Tab, wanted: _Wanted) -> Capture:
        """The page brought up in the tab, waited for, acted on, tidied and frozen."""
        await tab.go(wanted.url, wanted.document)
        at_rest = await tab.settle()
        if wanted.query and not await tab.type_query(*wanted.query):
            return _undone(tab, "no search box there that takes a query")
        if wanted.press and not await tab.press(*wanted.press):
            return _undone(tab, "nothing came of pressing")
        if wanted.acts:
            at_rest = await tab.settle()
        if wanted.picture:
            await tab.dismiss_overlays()
            await tab.scroll_through()
            if at_rest:  # else it has had its time
                await tab.settle()
        frozen = await tab.freeze(wanted.picture)
        self._text = frozen.text
        return self._captured(tab, frozen, wanted)

    async def _own_tab(self, document: Document | None) -> Tab:
        """The visit's tab, empty: the one used before, or a new one. Where no document is at hand scripts would stay stopped in one used before."""
        context = await self._own_context()
        if document is None and self._tab is not None:
            await close_quietly(self._tab.page)
            self._tab = None
        if self._tab is None:
            self._opening = True
            page = await context.new_page()
            try:
                tab = Tab(page, await context.new_cdp_session(page), self._browser.waits, self._navigable)
                await tab.start()
            except BaseException:
                await close_quietly(page)
                raise
            self._tab = tab
        return self._tab

    async def _done_with(self, tab: Tab, spoilt: bool) -> None:
        """Keep the tab for the visit's next page, unless its page misbehaved or it is worn: then it goes, and its process with it."""
        self._tab = None
        misbehaved = tab.unruly or tab.moved_to or self._popups
        if not (spoilt or misbehaved or self._third_parties or tab.shown + 1 >= PAGES_A_TAB):
            with contextlib.suppress(PlaywrightError, BrowserCrash, TimeoutError):
                await tab.leave()
                self._tab = tab
                return
        await close_quietly(tab.page)

    def _captured(self, tab: Tab, frozen: Frozen, wanted: _Wanted) -> Capture:
        page = tab.page
        status = VisitStatus.OK if tab.http_status is None else status_of_response(tab.http_status)
        refusal = self.door.refusal(host_key(urlsplit(page.url).hostname or ""))
        if refusal is not None and tab.http_status in (403, 502):
            return Capture(final_url=page.url, status=refusal.status, error=refusal.reason)
        notes = [*tab.notes, *([note("popup", count=self._popups)] if self._popups else [])]
        return Capture(
            final_url=page.url,
            status=status,
            dom=frozen.dom,
            screenshot=frozen.screenshot,
            layout=frozen.layout if wanted.picture else None,
            note="; ".join(dict.fromkeys(notes)),
            http_status=tab.http_status if wanted.document is None or wanted.acts else None,
            frames=tuple(frame.url for frame in page.frames if frame != page.main_frame),
            moved_to=tab.moved_to,
        )

    def _failed(self, url: str, problem: Exception) -> Capture:
        status, text = status_of_failure(problem)
        if isinstance(problem, TimeoutError):
            status, text = VisitStatus.BROWSER_CRASH, f"not rendered in {self._browser.waits.whole:g} s"
        refusal = self.door.refusal(host_key(urlsplit(url).hostname or ""))
        if refusal is not None and "net::ERR" in text:
            status, text = refusal.status, refusal.reason
        if "Download is starting" in text:
            status, text = VisitStatus.OFF_LIMITS, "a file to download, not a page"
        return Capture(final_url=url, status=status, error=text)

    def _navigable(self, host: str) -> bool:
        """Whether the main frame may go to a host: the portal's own domains, and where we send it ourselves."""
        return not self._is_stranger(host)

    async def _own_context(self) -> BrowserContext:
        if self._context is not None and self._running is not None and self._running.chromium.is_connected():
            return self._context
        await self.close()
        self._context, self._running = await self._browser.pool.open(self._browser.profile(self.door))
        self._context.on("page", self._on_page)
        return self._context

    def _on_page(self, page: Page) -> None:
        """A window nobody asked for is closed; the first one after we open one is ours."""
        if self._opening:
            self._opening = False
            return
        self._popups += 1
        task = asyncio.ensure_future(close_quietly(page))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _undone(tab: Tab, error: str) -> Capture:
    return Capture(final_url=tab.page.url, status=VisitStatus.OURS, error=error)


class _Wanted(msgspec.Struct, frozen=True):
    """What to render, and how. query: selector of the search box's form, name of its field, what to type; press: selector and label."""

    url: str
    document: Document | None
    picture: bool
    query: tuple[str, str, str] | None = None
    press: tuple[str, str] | None = None

    @property
    def acts(self) -> bool:
        """Something is done on the page once it stands."""
        return self.query is not None or self.press is not None
