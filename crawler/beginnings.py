"""Only the first bytes of a file: asked for by a range, and cut off where a portal sends all of it.

The first bytes and the headers tell whether a file is there, what it really is and how large.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response

FIRST_BYTES = 32_768
"""Bytes of a file asked for (assumed: enough for the names in an office file's head, and for a page that stands in a file's place)."""

_TOTAL = re.compile(r"bytes\s+\d+-\d+/(\d{1,15})\s*$", re.IGNORECASE)


def ask_for_part(request: Request) -> Request:
    """The request for the first bytes alone. Packed bytes could not be cut, so none are accepted."""
    request.headers["Range"] = f"bytes=0-{FIRST_BYTES - 1}"
    request.headers["Accept-Encoding"] = "identity"
    return request.replace(meta={**request.meta, "most_bytes": FIRST_BYTES, "download_maxsize": 0})


def was_cut(response: Response) -> bool:
    """Whether a portal was sending more than the first bytes."""
    return "download_stopped" in response.flags or len(response.body) > FIRST_BYTES


def whole_size(http_status: int | None, headers: Iterable[tuple[str, str]]) -> int | None:
    """The size in bytes a portal says the whole file has, None where it does not say."""
    told = {name.lower(): value for name, value in headers}
    if http_status == 206:
        match = _TOTAL.match(told.get("content-range", "").strip())
        return int(match[1]) if match else None
    length = told.get("content-length", "").strip()
    return int(length) if length.isascii() and length.isdecimal() and len(length) <= 15 else None


class Cutter:
    """Stops a download that was asked for its first bytes and goes on."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Cutter:
        cutter = cls()
        crawler.signals.connect(cutter.count, signal=signals.bytes_received)
        return cutter

    def count(self, data: bytes, request: Request) -> None:
        most = request.meta.get("most_bytes")
        if most is not None:
            request.meta["received"] = request.meta.get("received", 0) + len(data)
            if request.meta["received"] > most:
                raise StopDownload(fail=False)
