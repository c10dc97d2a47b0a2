"""Visits portals with the real spider and prints what became of each; a process of its own, as Twisted's reactor starts only once.

Reads one JSON object (`Orders`) from standard input. One JSON line (`Report`) for each visit goes to standard output.
"""

from __future__ import annotations

import itertools
import resource
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from crawler.jobs import Job, WorkOptions
from crawler.model import TargetSet, VisitRequest


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What to visit and how. names: answers of the resolver by host, given in turn (the last one for ever); 'nobody', 'again' and 'silent' are
    an answer that there is no such name, one that nobody knows, and none at all. Other names are asked of nobody."""

    requests: tuple[VisitRequest, ...]
    targets: TargetSet
    options: WorkOptions
    settings: dict[str, Any] = {}
    names: dict[str, tuple[str, ...]] = {}
    last: bool = True
    started: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one visit. ended: how the feed was told (done, failed, ours); seconds since it began; peak: the process's greatest memory
    so far, in bytes."""

    id: str
    ended: str
    status: str = ""
    stop: str = ""
    folder: str = ""
    error: str = ""
    navigations: int = 0
    seconds: float = 0.0
    peak: int = 0


class Names:
    """A resolver that asks nobody."""

    def __init__(self, answers: dict[str, tuple[str, ...]]) -> None:
        self._literal = socket.getaddrinfo
        self._answers = {name: _in_turn(given) for name, given in answers.items()}

    def __call__(self, host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        given = self._answers.get(str(host))
        answer = next(given) if given else ""
        if not answer:
            return self._literal(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        if answer == "silent":
            time.sleep(3)
        if answer in ("silent", "again"):
            raise socket.gaierror(socket.EAI_AGAIN, "nobody answers")
        if answer == "nobody":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return self._literal(answer, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)


def _in_turn(given: tuple[str, ...]) -> Iterator[str]:
    return itertools.chain(given, itertools.repeat(given[-1]))


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
            job, "done", status=visit.status, stop=visit.stop, folder=sealed.folder, error=sealed.error, navigations=visit.navigations
        )  # fmt: skip

    def failed(self, job: Job, error: str) -> None:
        self._tell(job, "failed", error=error)

    released = failed

    def ours(self, job: Job, error: str) -> None:
        self._tell(job, "ours", error=error)

    def _tell(self, job: Job, ended: str, **more: Any) -> None:
        took = time.monotonic() - self._began[job.request.id]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        report = Report(id=job.request.id, ended=ended, seconds=took, peak=peak, **more)
        print(msgspec.json.encode(report).decode(), flush=True)


def main() -> None:
    """Make every visit ordered."""
    orders = msgspec.json.decode(sys.stdin.buffer.read(), type=Orders, dec_hook=lambda kind, text: kind(text))
    if orders.names:
        socket.getaddrinfo = Names(orders.names)
    from crawler.spiders.portal import PortalSpider
    from crawler.work import crawl

    if orders.started:
        Path(orders.started).touch()
    crawl(PortalSpider, Each(orders), orders.options, **orders.settings)


if __name__ == "__main__":
    main()
