"""One worker process: a Scrapy crawler that makes batches of probes until its feed is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import settings
from crawler.resolver import guard_settings

if TYPE_CHECKING:
    from crawler.spiders.service import BatchFeed, ProbeOptions

HANDLER = "crawler.services.timed.TimedHandler"


def probe(feed: BatchFeed, options: ProbeOptions) -> None:
    """Make every batch the feed hands out, then return. Once a process: Twisted's reactor does not start twice."""
    from crawler.spiders.service import ServiceSpider

    chosen = Settings()
    chosen.setmodule(settings)
    guarded = guard_settings(options.world)
    handlers = guarded["DOWNLOAD_HANDLERS"] | {"http": HANDLER, "https": HANDLER}
    chosen.update(
        {**guarded, "DOWNLOAD_HANDLERS": handlers, "USER_AGENT": options.user_agent, "LOG_INSTALL_ROOT_HANDLER": False}
    )
    process = AsyncCrawlerProcess(chosen)
    crawler = process.create_crawler(ServiceSpider)
    crawl = process.crawl(crawler, feed=feed, options=options)
    process.start(install_signal_handlers=False)
    crawl.result()
    if isinstance(crawler.spider, ServiceSpider) and crawler.spider.failure is not None:
        raise crawler.spider.failure
