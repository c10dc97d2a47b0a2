"""What every spider of ours is: lanes side by side, each a coroutine that makes one piece of work after another over Scrapy's downloader."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

from scrapy import Request, Spider

from crawler.browser import Browser
from crawler.fetch import Downloader
from crawler.gate import PaceGate
from crawler.model import Vantage
from crawler.netguard import World
from crawler.proxy import GuardProxy


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


Feed = TypeVar("Feed")
Options = TypeVar("Options", bound=LaneOptions)


class LaneSpider(Spider, Generic[Feed, Options]):
    """Makes what its feed hands out, `options.concurrency` at a time, until there is nothing left.

    What ends the worker rather than one piece of work (a full disk, a browser that will not start) is left in `failure`: Scrapy itself would
    only log it.
    """

    def __init__(self, feed: Feed, options: Options, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.feed, self.options = feed, options
        self.failure: Exception | None = None

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
    async def lane(self, gate: PaceGate, browser: Browser | None) -> None:
        """Make one piece of work after another until the feed is empty or `failure` is set."""

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
            async with asyncio.TaskGroup() as lanes:
                for _ in range(self.options.concurrency):
                    lanes.create_task(self.lane(gate, browser))

    async def _browser(self, stack: AsyncExitStack) -> Browser:
        proxy = await stack.enter_async_context(GuardProxy(self.options.world))
        return await stack.enter_async_context(Browser(proxy, user_agent=self.options.user_agent))
