"""The service spider: batches of probes, a few at once, over Scrapy's downloader."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from crawler.browser import Browser
from crawler.gate import PaceGate
from crawler.netguard import OPEN_WORLD, World
from crawler.services.model import ProbeRules
from crawler.services.probe import BatchJob, ProbeTools, SealedBatch, probe_batch
from crawler.spiders.lanes import LaneSpider
from crawler.stay import Stay
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
    stay: Stay = Stay()


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

    def released(self, job: BatchJob, reason: str) -> None:
        """A batch was cut short because its worker was told to stop; nothing of it was kept."""


class ServiceSpider(LaneSpider[BatchJob, ProbeOptions]):
    """Makes the batches its feed hands out."""

    name = "service"

    def __init__(self, feed: BatchFeed, options: ProbeOptions, **kwargs: Any) -> None:
        super().__init__(feed, options, **kwargs)
        self.feed = feed

    async def make(self, piece: BatchJob, gate: PaceGate, browser: Browser | None) -> None:
        """Make one batch."""
        with self.cut_short(partial(self.feed.released, piece), partial(self.feed.failed, piece)):
            await self._batch(piece, gate, browser)

    async def _batch(self, job: BatchJob, gate: PaceGate, browser: Browser | None) -> None:
        stuck = self.options.stay.stuck
        try:
            async with asyncio.timeout(stuck) as limit:
                sealed = await probe_batch(job, self._tools(job, gate, browser, limit))
        except AlreadySealed as other:
            self.feed.failed(job, str(other))
        except TimeoutError as failure:
            said = f"no try for {stuck:g} s" if limit.expired() else str(failure)
            self.feed.failed(job, f"{type(failure).__name__}: {said}")
        except Exception as failure:
            if (problem := of_our_system(failure)) is not None:
                # A full disk or a lost file system ends the worker; nothing of the batch was kept.
                self.failure = problem
                return
            logger.exception("batch %s broke", job.batch.id)
            self.feed.failed(job, f"{type(failure).__name__}: {failure}")
        else:
            self.feed.done(job, sealed)

    def _tools(self, job: BatchJob, gate: PaceGate, browser: Browser | None, limit: asyncio.Timeout) -> ProbeTools:
        options, loop = self.options, asyncio.get_running_loop()

        def progress() -> None:
            limit.reschedule(loop.time() + options.stay.stuck)
            self.feed.alive(job)

        return ProbeTools(
            downloader=self.downloader(),
            gate=gate,
            probes=options.probes,
            vantage=self.vantage(browser),
            user_agent=options.user_agent,
            rules=options.rules,
            controls=options.controls,
            browser=browser,
            spacing=options.spacing,
            now=self.feed.clock(job),
            progress=progress,
        )


def of_our_system(failure: BaseException) -> OSError | None:
    """The first OSError a failure is or consists of: hosts are probed side by side, so theirs come together. Those of the network never get here."""
    if isinstance(failure, BaseExceptionGroup):
        return next((found for each in failure.exceptions if (found := of_our_system(each))), None)
    return failure if isinstance(failure, OSError) else None
