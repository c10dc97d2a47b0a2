"""Scrapy as its manual shows it: every link of every page by LinkExtractor, a Request for each, nothing kept.

`python -m benchmarks.plain_scrapy URL PAGES` prints a line of JSON per SAMPLE_EVERY pages and a last one at the end: pages, CPU seconds,
resident megabytes of this process.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.linkextractors import LinkExtractor

from benchmarks.usage import SAMPLE_EVERY, report

SETTINGS = {
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": False,
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 0,
    "REQUEST_FINGERPRINTER_CLASS": "scrapy.utils.request.RequestFingerprinter",
}


class PlainSpider(scrapy.Spider):
    """Follows every link once, until so many pages came."""

    name = "plain"

    def __init__(self, url: str, pages: int, **named: Any) -> None:
        super().__init__(**named)
        self.start_urls = [url]
        self.pages = pages
        self.seen = 0
        self.links = LinkExtractor()

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        self.seen += 1
        if self.seen % SAMPLE_EVERY == 0:
            report(self.seen)
        if self.seen >= self.pages:
            raise scrapy.exceptions.CloseSpider("pages")
        for link in self.links.extract_links(response):
            yield scrapy.Request(link.url, callback=self.parse)


if __name__ == "__main__":
    process = CrawlerProcess(SETTINGS)
    process.crawl(PlainSpider, url=sys.argv[1], pages=int(sys.argv[2]))
    process.start()
