"""The portal spider: visits to agencies' portals, several at once."""

from __future__ import annotations

import gc
import logging
from dataclasses import replace

from crawler.browser import Browser
from crawler.control import OurNetworkDown
from crawler.gate import PaceGate
from crawler.jobs import Feed, Job, WorkOptions
from crawler.spiders.lanes import LaneSpider
from crawler.visit_folder import AlreadySealed
from crawler.visiting import Tools, visit

logger = logging.getLogger(__name__)


class PortalSpider(LaneSpider[Feed, WorkOptions]):
    """Makes the visits its feed hands out."""

    name = "portal"

    async def lane(self, gate: PaceGate, browser: Browser | None) -> None:
        """Make one visit after another."""
        tools = Tools(
            downloader=self.downloader(),
            gate=gate,
            visits=self.options.visits,
            browser=browser,
            vantage=self.vantage(browser),
            user_agent=self.options.user_agent,
            world=self.options.world,
            controls=self.options.controls,
        )
        while self.failure is None and (job := self.feed.take()) is not None:
            await self._one(job, tools)

    async def _one(self, job: Job, tools: Tools) -> None:
        own = replace(tools, progress=lambda step: self.feed.alive(job, step))
        try:
            sealed = await visit(job.request, job.targets, own, seal_unreached=job.last)
        except AlreadySealed as other:
            self.feed.failed(job, str(other))
        except OurNetworkDown as down:
            self.feed.ours(job, str(down))
        except OSError as problem:
            # A full disk or a lost file system ends the worker; the writer has removed what there was of the visit.
            self.failure = problem
        except Exception as failure:
            logger.exception("visit %s broke", job.request.id)
            self.feed.failed(job, f"{type(failure).__name__}: {failure}")
        else:
            self.feed.done(job, sealed)
        gc.collect()  # what a visit leaves behind is full of circles, and a worker lives for weeks
