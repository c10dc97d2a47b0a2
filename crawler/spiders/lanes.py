"""What every spider of ours is: lanes side by side, each a coroutine that makes one piece of work after another over Scrapy's downloader."""

from __future__ import annotations

import asyncio
import signal
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

from scrapy import Request, Spider

from crawler.browser import Browser
from crawler.fetch import Downloader
from crawler.gate import PaceGate
from crawler.model import Vantage
from crawler.netguard import World
from crawler.proxy import GuardProxy
from crawler.stay import Stay

STOPPED = "the worker was told to stop"


class LaneOptions(Protocol):
    """What the lanes of any spider need to know. gap is seconds between navigations to a host; spacing scales the pauses we choose
    ourselves; render allows the browser."""

    @property
    def pace(self) -> Path: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def world(self) -> World: ...
    @property
    def gap(self) -> float: ...
    @property
    def spacing(self) -> float: ...
    @property
    def concurrency(self) -> int: ...
    @property
    def render(self) -> bool: ...
    @property
    def stay(self) -> Stay: ...


Piece = TypeVar("Piece")
Given = TypeVar("Given", covariant=True)
Options = TypeVar("Options", bound=LaneOptions)


class Source(Protocol[Given]):
    """Where pieces of work come from: the next one, or None where there is none now."""

    def take(self) -> Given | None: ...


class LaneSpider(Spider, Generic[Piece, Options]):
    """Makes what its feed hands out, `options.concurrency` pieces at a time, until there is nothing left and nothing has come for `stay.linger`.

    A lane without work waits while others work: more may come due. SIGTERM lets what is under way end within `stay.drain` and takes nothing new.
    What ends the worker rather than one piece of work (a full disk, a browser that will not start) is left in `failure`: Scrapy itself would
    only log it.
    """

    def __init__(self, feed: Source[Piece], options: Options, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options = options
        self.failure: Exception | None = None
        self._source = feed
        self._busy = 0
        self._draining = False
        self._idle_since = time.monotonic()

    async def start(self) -> AsyncIterator[Request]:
        """Run every lane to its end. Yields no request: the work drives the downloader itself, one page at a time."""
        try:
            await self._run()
        except Exception as failure:  # noqa: BLE001 - raised again by crawler.work.crawl
            self.failure = failure
        nothing_to_schedule: tuple[Request, ...] = ()
        for request in nothing_to_schedule:
            yield request

    @abstractmethod
    async def make(self, piece: Piece, gate: PaceGate, browser: Browser | None) -> None:
        """Make one piece of work and tell the feed what became of it; leave in `failure` what should end the worker."""

    @contextmanager
    def cut_short(self, released: Callable[[str], None], failed: Callable[[str], None]) -> Iterator[None]:
        """Tells the feed of a piece of work that was cut short: `released` where the worker is to stop, which passes on, else `failed`."""
        try:
            yield
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if own is not None and own.cancelling():
                released(STOPPED)
                raise
            failed("cut short from within")

    def downloader(self) -> Downloader:
        """Scrapy's engine, as far as a fetch needs it."""
        return cast("Downloader", self.crawler.engine)

    def vantage(self, browser: Browser | None) -> Vantage:
        """Where the lanes look from."""
        return Vantage(
            resolver="system",
            address_family="ipv4+ipv6",
            user_agent=self.options.user_agent,
            browser=browser.version if browser else "",
            closed_world=str(self.options.world),
            pace_seconds=self.options.gap,
        )

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            browser = await self._browser(stack) if self.options.render else None
            gate = PaceGate(self.options.pace, self.options.world, self.options.gap, self.options.spacing)
            stack.callback(gate.close)
            self._changed = asyncio.Event()
            self._idle_since = time.monotonic()
            async with asyncio.TaskGroup() as lanes:
                tasks = [lanes.create_task(self._lane(gate, browser)) for _ in range(self.options.concurrency)]
                self._obey_sigterm(stack, tasks)

    async def _lane(self, gate: PaceGate, browser: Browser | None) -> None:
        while (piece := await self._next()) is not None:
            self._busy += 1
            try:
                await self.make(piece, gate, browser)
            finally:
                self._busy -= 1
                self._idle_since = time.monotonic()
                self._wake()

    async def _next(self) -> Piece | None:
        """The next piece of work, waited for as long as there may be one; None where the lane is to end."""
        stay = self.options.stay
        while self.failure is None and not self._draining:
            if (piece := self._source.take()) is not None:
                return piece
            if not self._busy and time.monotonic() - self._idle_since >= stay.linger:
                break
            try:
                await asyncio.wait_for(self._changed.wait(), stay.look)
            except TimeoutError:
                continue
        self._wake()
        return None

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _obey_sigterm(self, stack: AsyncExitStack, tasks: list[asyncio.Task[None]]) -> None:
        seconds = self.options.stay.drain
        if seconds is None:
            return
        loop = asyncio.get_running_loop()

        def cut() -> None:
            for task in tasks:
                task.cancel()

        def drain() -> None:
            self._draining = True
            self._wake()
            loop.call_later(seconds, cut)

        loop.add_signal_handler(signal.SIGTERM, drain)
        stack.callback(loop.remove_signal_handler, signal.SIGTERM)

    async def _browser(self, stack: AsyncExitStack) -> Browser:
        proxy = await stack.enter_async_context(GuardProxy(self.options.world))
        return await stack.enter_async_context(Browser(proxy, user_agent=self.options.user_agent))
