"""The portal spider: as many visits at once as asked, each a coroutine over Scrapy's downloader."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, Protocol, cast

import msgspec
from scrapy import Request, Spider

from crawler.browser import Browser
from crawler.fetch import Downloader
from crawler.gate import PaceGate
from crawler.model import TargetSet, Vantage, VisitRequest
from crawler.proxy import GuardProxy
from crawler.visit_folder import AlreadySealed
from crawler.visiting import Sealed, Step, Tools, visit
from crawler.work import WorkOptions

logger = logging.getLogger(__name__)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A visit to make. last: no further attempt will follow, so a portal not reached is sealed as it was found."""

    request: VisitRequest
    targets: TargetSet
    last: bool = True


class Feed(Protocol):
    """Where visits come from and where their outcome goes. All calls are quick."""

    def take(self) -> Job | None:
        """The next visit to make, or None when there is none."""

    def alive(self, job: Job, step: Step) -> None:
        """A visit goes on; called after every page."""

    def done(self, job: Job, sealed: Sealed) -> None:
        """A visit ended, sealed or not reached."""

    def failed(self, job: Job, error: str) -> None:
        """A visit broke on our side; nothing of it was kept."""


class PortalSpider(Spider):
    """Makes the visits its feed hands out, `options.concurrency` at a time, until there are none left."""

    name = "portal"

    def __init__(self, feed: Feed, options: WorkOptions, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.feed, self.options = feed, options
        self.failure: Exception | None = None

    async def start(self) -> AsyncIterator[Request]:
        """Run every visit to its end. Yields no request: each visit drives the downloader itself, one page at a time.

        What ends the worker rather than one visit (a full disk, a browser that will not start) is left in `failure`.
        """
        try:
            await self._run()
        except Exception as failure:  # noqa: BLE001 - raised again by `work`, which Scrapy would keep from hearing of it
            self.failure = failure
        nothing_to_schedule: tuple[Request, ...] = ()
        for request in nothing_to_schedule:
            yield request

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            browser = await self._browser(stack) if self.options.render else None
            gate = PaceGate(self.options.pace, self.options.world, self.options.gap)
            stack.callback(gate.close)
            tools = Tools(
                downloader=cast("Downloader", self.crawler.engine),
                gate=gate,
                visits=self.options.visits,
                browser=browser,
                vantage=self._vantage(browser),
                user_agent=self.options.user_agent,
            )
            async with asyncio.TaskGroup() as lanes:
                for _ in range(self.options.concurrency):
                    lanes.create_task(self._lane(tools))

    async def _browser(self, stack: AsyncExitStack) -> Browser:
        proxy = await stack.enter_async_context(GuardProxy(self.options.world))
        return await stack.enter_async_context(Browser(proxy, user_agent=self.options.user_agent))

    async def _lane(self, tools: Tools) -> None:
        """Make one visit after another."""
        while self.failure is None and (job := self.feed.take()) is not None:
            await self._one(job, tools)

    async def _one(self, job: Job, tools: Tools) -> None:
        own = replace(tools, progress=lambda step: self.feed.alive(job, step))
        try:
            sealed = await visit(job.request, job.targets, own, seal_unreached=job.last)
        except AlreadySealed as other:
            self.feed.failed(job, str(other))
        except OSError as problem:
            # A full disk or a lost file system ends the worker; the writer has removed what there was of the visit.
            self.failure = problem
        except Exception as failure:
            logger.exception("visit %s broke", job.request.id)
            self.feed.failed(job, f"{type(failure).__name__}: {failure}")
        else:
            self.feed.done(job, sealed)

    def _vantage(self, browser: Browser | None) -> Vantage:
        return Vantage(
            resolver="system",
            address_family="ipv4+ipv6",
            user_agent=self.options.user_agent,
            browser=browser.version if browser else "",
            closed_world=str(self.options.world),
            pace_seconds=self.options.gap,
        )
