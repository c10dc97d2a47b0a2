"""The portal spider: visits to agencies' portals, several at once."""

from __future__ import annotations

import asyncio
import gc
import logging
from functools import partial
from typing import Any

from crawler.browser import Browser
from crawler.control import OurNetworkDown
from crawler.gate import PaceGate
from crawler.jobs import Feed, Job, WorkOptions
from crawler.spiders.lanes import LaneSpider
from crawler.underway import Step, Tools
from crawler.visit_folder import AlreadySealed
from crawler.visiting import visit

logger = logging.getLogger(__name__)


class PortalSpider(LaneSpider[Job, WorkOptions]):
    """Makes the visits its feed hands out."""

    name = "portal"

    def __init__(self, feed: Feed, options: WorkOptions, **kwargs: Any) -> None:
        super().__init__(feed, options, **kwargs)
        self.feed = feed

    async def make(self, piece: Job, gate: PaceGate, browser: Browser | None) -> None:
        """Make one visit."""
        with self.cut_short(partial(self.feed.released, piece), partial(self.feed.failed, piece)):
            await self._visit(piece, gate, browser)
        gc.collect()  # what a visit leaves behind is full of circles, and a worker lives for weeks

    async def _visit(self, job: Job, gate: PaceGate, browser: Browser | None) -> None:
        stuck = self.options.stay.stuck
        try:
            async with asyncio.timeout(stuck) as limit:
                tools = self._tools(job, gate, browser, limit)
                sealed = await visit(job.request, job.targets, tools, seal_unreached=job.last)
        except AlreadySealed as other:
            self.feed.failed(job, str(other))
        except OurNetworkDown as down:
            self.feed.ours(job, str(down))
        except TimeoutError as failure:
            said = f"no page for {stuck:g} s" if limit.expired() else str(failure)
            self.feed.failed(job, f"{type(failure).__name__}: {said}")
        except OSError as problem:
            # A full disk or a lost file system ends the worker; the writer has removed what there was of the visit.
            self.failure = problem
        except Exception as failure:
            logger.exception("visit %s broke", job.request.id)
            self.feed.failed(job, f"{type(failure).__name__}: {failure}")
        else:
            self.feed.done(job, sealed)

    def _tools(self, job: Job, gate: PaceGate, browser: Browser | None, limit: asyncio.Timeout) -> Tools:
        loop = asyncio.get_running_loop()

        def progress(step: Step) -> None:
            limit.reschedule(loop.time() + self.options.stay.stuck)
            self.feed.alive(job, step)

        return Tools(
            downloader=self.downloader(),
            gate=gate,
            visits=self.options.visits,
            browser=browser,
            vantage=self.vantage(browser),
            user_agent=self.options.user_agent,
            world=self.options.world,
            controls=self.options.controls,
            progress=progress,
        )
