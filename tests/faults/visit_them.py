"""Visits portals with the real spider and prints what became of each; a process of its own, as Twisted's reactor starts only once, and as it asks
no resolver at all.

Reads one JSON object (`Orders`) from standard input. One JSON line (`Report`) for each visit goes to standard output.
"""

from __future__ import annotations

import itertools
import resource
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

import msgspec


class Names:
    """A resolver that asks nobody: literal addresses are read, names answered as ordered."""

    def __init__(self) -> None:
        self._literal = socket.getaddrinfo
        self.answers: dict[str, Iterator[str]] = {}

    def __call__(self, host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        given = self.answers.get(str(host))
        answer = next(given) if given else str(host)
        if answer == "silent":
            time.sleep(2)
        if answer in ("silent", "again"):
            raise socket.gaierror(socket.EAI_AGAIN, "nobody answers")
        if answer == "nobody":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        flags = int(more.get("flags", 0)) | socket.AI_NUMERICHOST
        return self._literal(answer, port, type=socket.SOCK_STREAM, flags=flags)


NAMES = Names()
socket.getaddrinfo = NAMES  # before the guard takes hold of it

from crawler.jobs import Job  # noqa: E402
from crawler.spiders.portal import PortalSpider  # noqa: E402
from crawler.work import crawl  # noqa: E402
from tests.faults.orders import Orders, Report  # noqa: E402


class Each:
    """A feed of the ordered visits that reports their end."""

    def __init__(self, orders: Orders) -> None:
        self._waiting = list(orders.requests)
        self._orders = orders
        self._began: dict[str, float] = {}

    def take(self) -> Job | None:
        if not self._waiting:
            return None
        request = self._waiting.pop(0)
        self._began[request.id] = time.monotonic()
        return Job(request=request, targets=self._orders.targets, last=self._orders.last)

    def alive(self, job: Job, step: Any) -> None:
        pass

    def done(self, job: Job, sealed: Any) -> None:
        visit = sealed.visit
        self._tell(
            job, "done", status=visit.status, stop=visit.stop, folder=sealed.folder, error=sealed.error, navigations=visit.navigations,
            rest=sealed.rest,
        )  # fmt: skip

    def failed(self, job: Job, error: str) -> None:
        self._tell(job, "failed", error=error)

    def ours(self, job: Job, error: str) -> None:
        self._tell(job, "ours", error=error)

    def released(self, job: Job, reason: str) -> None:
        self._tell(job, "released", error=reason)

    def _tell(self, job: Job, ended: str, **more: Any) -> None:
        took = time.monotonic() - self._began[job.request.id]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        report = Report(id=job.request.id, ended=ended, seconds=took, peak=peak, **more)
        print(msgspec.json.encode(report).decode(), flush=True)


def main() -> None:
    """Make every visit ordered."""
    orders = msgspec.json.decode(sys.stdin.buffer.read(), type=Orders, dec_hook=lambda kind, text: kind(text))
    NAMES.answers = {name: itertools.chain(given, itertools.repeat(given[-1])) for name, given in orders.names.items()}
    crawl(PortalSpider, Each(orders), orders.options, **orders.settings)


if __name__ == "__main__":
    main()
