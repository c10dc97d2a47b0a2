"""Fetches addresses with Scrapy under the guard and prints what became of each; a process of its own, as Twisted's reactor starts only once.

Reads one JSON object from standard input: only_networks, resolve, urls, settings, flip (names whose address changes after the first look-up).
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any

job = json.load(sys.stdin)
_real, _asked = socket.getaddrinfo, set[str]()


def _flipping(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
    if host not in job["flip"]:
        return _real(host, port, *rest, **more)
    ip = "127.0.0.2" if host in _asked else "127.0.0.1"
    _asked.add(host)
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]


socket.getaddrinfo = _flipping

import scrapy  # noqa: E402
from scrapy.crawler import AsyncCrawlerProcess  # noqa: E402

from crawler.errors import status_of_failure, status_of_response  # noqa: E402
from crawler.netguard import World  # noqa: E402
from crawler.resolver import guard_settings  # noqa: E402


class Once(scrapy.Spider):
    """Every address once."""

    name = "once"

    async def start(self) -> AsyncIterator[Any]:
        for name, url in job["urls"].items():
            yield scrapy.Request(url, self.came, errback=self.failed, dont_filter=True, meta={"name": name})

    def came(self, response: Any) -> None:
        headers = [(name.decode(), values[0].decode()) for name, values in response.headers.items()]
        tell(response.meta["name"], status_of_response(response.status, headers), str(response.ip_address))

    def failed(self, failure: Any) -> None:
        head_came = "download_latency" in failure.request.meta
        tell(failure.request.meta["name"], *status_of_failure(failure.value, first_byte=head_came))


def tell(name: str, status: str, text: str) -> None:
    print(json.dumps([name, status, text]), flush=True)


world = World(only_networks=tuple(job["only_networks"]), resolve=job["resolve"])
process = AsyncCrawlerProcess(
    {
        **guard_settings(world, dns_seconds=1, connect_seconds=1),
        "RETRY_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        **job["settings"],
    }
)
process.crawl(Once)
process.start()
