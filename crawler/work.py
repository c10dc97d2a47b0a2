"""One worker process: a Scrapy crawler with one spider of ours, until its feed is empty."""

from __future__ import annotations

from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import settings
from crawler.jobs import Feed, WorkOptions
from crawler.process import collect_seldom
from crawler.resolver import guard_settings
from crawler.spiders.lanes import LaneOptions, LaneSpider
from crawler.spiders.portal import PortalSpider


def work(feed: Feed, options: WorkOptions) -> None:
    """Make every visit the feed hands out, then return. Raises what ended the worker early: OSError where the disk is full."""
    collect_seldom()
    crawl(PortalSpider, feed, options)


def crawl(spider: type[LaneSpider[Any, Any]], feed: object, options: LaneOptions, **more: Any) -> None:
    """Run a spider until its feed is empty; `more` are settings beside those every spider has. Raises what ended it early.

    Once a process: Twisted's reactor does not start twice.
    """
    chosen = Settings()
    chosen.setmodule(settings)
    own = {"USER_AGENT": options.user_agent, "LOG_INSTALL_ROOT_HANDLER": False}
    chosen.update({**own, **guard_settings(options.world), **more})
    process = AsyncCrawlerProcess(chosen)
    crawler = process.create_crawler(spider)
    crawling = process.crawl(crawler, feed=feed, options=options)
    process.start(install_signal_handlers=False)
    crawling.result()
    if isinstance(crawler.spider, LaneSpider) and crawler.spider.failure is not None:
        raise crawler.spider.failure
