"""The service spider: batches of probes, a few at once, over Scrapy's downloader."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

import msgspec
from scrapy import Request, Spider

from crawler.browser import Browser
from crawler.fetch import Downloader
from crawler.gate import PaceGate
from crawler.model import Vantage
from crawler.netguard import OPEN_WORLD, World
from crawler.proxy import GuardProxy
from crawler.services.model import ProbeRules
from crawler.services.probe import BatchJob, ProbeTools, SealedBatch, probe_batch
from crawler.visit_folder import AlreadySealed

logger = logging.getLogger(__name__)


class ProbeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker probes. gap is seconds between navigations; concurrency is batches at once; spacing scales the waits between tries;
    render allows the browser."""

    probes: Path
    pace: Path
    user_agent: str
    rules: ProbeRules
    controls: tuple[str, ...]
    world: World = OPEN_WORLD
    gap: float = 1.0
    concurrency: int = 2
    spacing: float = 1.0
    render: bool = False


class BatchFeed(Protocol):
    """Where batches come from and where their outcome goes. All calls are quick."""

    def take(self) -> BatchJob | None:
        """The next batch to make, or None when there is none."""

    def clock(self, job: BatchJob) -> Callable[[], datetime]:
        """What tells the time within a batch."""

    def alive(self, job: BatchJob) -> None:
        """A batch goes on; called after every try."""

    def done(self, job: BatchJob, sealed: SealedBatch) -> None:
        """A batch is sealed."""

    def failed(self, job: BatchJob, error: str) -> None:
        """A batch broke on our side; nothing of it was kept."""


class ServiceSpider(Spider):
    """Makes the batches its feed hands out, `options.concurrency` at a time, until there are none left."""

    name = "service"

    def __init__(self, feed: BatchFeed, options: ProbeOptions, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.feed, self.options = feed, options
        self.failure: BaseException | None = None
        """What ended the spider before its feed was empty; Scrapy itself would only log it."""

    async def start(self) -> AsyncIterator[Request]:
        """Run every batch to its end. Yields no request: each batch drives the downloader itself."""
        try:
            await self._run()
        except Exception as failure:  # noqa: BLE001 - told to whoever started the crawl
            self.failure = failure
        nothing_to_schedule: tuple[Request, ...] = ()
        for request in nothing_to_schedule:
            yield request

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            browser = await self._browser(stack) if self.options.render else None
            gate = PaceGate(self.options.pace, self.options.world, self.options.gap)
            stack.callback(gate.close)
            async with asyncio.TaskGroup() as lanes:
                for _ in range(self.options.concurrency):
                    lanes.create_task(self._lane(gate, browser))

    async def _browser(self, stack: AsyncExitStack) -> Browser:
        proxy = await stack.enter_async_context(GuardProxy(self.options.world))
        return await stack.enter_async_context(Browser(proxy, user_agent=self.options.user_agent))

    async def _lane(self, gate: PaceGate, browser: Browser | None) -> None:
        """Make one batch after another."""
        while (job := self.feed.take()) is not None:
            await self._one(job, gate, browser)

    async def _one(self, job: BatchJob, gate: PaceGate, browser: Browser | None) -> None:
        try:
            sealed = await probe_batch(job, self._tools(job, gate, browser))
        except AlreadySealed as other:
            self.feed.failed(job, str(other))
        except OSError:
            raise  # a full disk or a lost file system ends the worker; nothing of the batch was kept
        except Exception as failure:
            if isinstance(failure, ExceptionGroup) and failure.subgroup(OSError):
                raise
            logger.exception("batch %s broke", job.batch.id)
            self.feed.failed(job, f"{type(failure).__name__}: {failure}")
        else:
            self.feed.done(job, sealed)

    def _tools(self, job: BatchJob, gate: PaceGate, browser: Browser | None) -> ProbeTools:
        options = self.options
        return ProbeTools(
            downloader=cast("Downloader", self.crawler.engine),
            gate=gate,
            probes=options.probes,
            vantage=Vantage(
                resolver="system",
                address_family="ipv4+ipv6",
                user_agent=options.user_agent,
                browser=browser.version if browser else "",
                closed_world=str(options.world),
                pace_seconds=options.gap,
            ),
            user_agent=options.user_agent,
            rules=options.rules,
            controls=options.controls,
            browser=browser,
            spacing=options.spacing,
            now=self.feed.clock(job),
            progress=lambda: self.feed.alive(job),
        )
