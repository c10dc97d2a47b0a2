"""One worker process of probes, until its feed is empty."""

from __future__ import annotations

from crawler.resolver import guard_settings
from crawler.spiders.service import BatchFeed, ProbeOptions, ServiceSpider
from crawler.work import crawl

HANDLER = "crawler.services.timed.TimedHandler"


def probe(feed: BatchFeed, options: ProbeOptions) -> None:
    """Make every batch the feed hands out, then return. Raises what ended the worker early: OSError where the disk is full."""
    handlers = guard_settings(options.world)["DOWNLOAD_HANDLERS"] | {"http": HANDLER, "https": HANDLER}
    crawl(ServiceSpider, feed, options, DOWNLOAD_HANDLERS=handlers)
