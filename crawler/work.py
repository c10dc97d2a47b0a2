"""One worker process: a Scrapy crawler that makes visits until its feed is empty."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import settings
from crawler.netguard import OPEN_WORLD, World
from crawler.resolver import guard_settings

if TYPE_CHECKING:
    from crawler.spiders.portal import Feed


FEW_COLLECTIONS = (50_000, 20, 100)
"""A page is thousands of small objects that die together; collecting among them at Python's own pace costs a quarter of the time."""


class WorkOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker works. gap is seconds between navigations to a host; concurrency is visits at once; render allows the browser."""

    visits: Path
    pace: Path
    user_agent: str
    world: World = OPEN_WORLD
    gap: float = 1.0
    concurrency: int = 4
    render: bool = True


def work(feed: Feed, options: WorkOptions) -> None:
    """Make every visit the feed hands out, then return. Once a process: Twisted's reactor does not start twice.

    Raises what ended the worker early: OSError where the disk is full, an error of the browser's where it would not start.
    """
    from crawler.spiders.portal import PortalSpider

    gc.set_threshold(*FEW_COLLECTIONS)
    chosen = Settings()
    chosen.setmodule(settings)
    chosen.update(
        {**guard_settings(options.world), "USER_AGENT": options.user_agent, "LOG_INSTALL_ROOT_HANDLER": False}
    )
    process = AsyncCrawlerProcess(chosen)
    crawler = process.create_crawler(PortalSpider)
    crawl = process.crawl(crawler, feed=feed, options=options)
    process.start(install_signal_handlers=False)
    crawl.result()
    if isinstance(crawler.spider, PortalSpider) and crawler.spider.failure is not None:
        raise crawler.spider.failure
