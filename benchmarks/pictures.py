"""How fast pictures are taken beside one browser process per picture: `python -m benchmarks.pictures [--pages N] [--each N]`.

Both bring up the same pages from their stored bytes, AT_ONCE at a time through the same proxy, and produce the same: the picture clipped in
height, the DOM and the layout of every element. Ours takes them as visits do: many to a browser, and a browser for each core, as each has a worker
of its own; the other has a Chromium started for each picture. They take turns, so that what else the machine does meanwhile falls on both.
Starting our browsers is counted too: visits take two thousand pictures with one, so a hundred are taken here for that to weigh little. Seconds of the
clock and of the processors, started processes included.
Exits 1 where the bar is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import AsyncExitStack, suppress
from typing import NamedTuple

from benchmarks import pages
from benchmarks.usage import served
from crawler.browser import Browser, Session
from crawler.netguard import World
from crawler.proxy import GuardProxy

LEAST_GAIN = 3.0
"""Pictures a second of ours over those of one browser process each."""
PORTAL_PAGES = 1_000
AT_ONCE = 6
"""Enough that both keep the cores busy while pages are waited for; a worker takes up to 4, and there is one for each core."""
TURNS = 2
USER_AGENT = "KiemCong (benchmark)"
SET_CHILD_SUBREAPER = 36


class Cost(NamedTuple):
    """Seconds a picture: of the clock, and of the processors over all processes."""

    clock: float
    cpu: float


async def take(url: str, count: int, pictures_a_visit: int) -> None:
    """So many pictures, AT_ONCE visits at a time, by a browser for each core; where a visit takes one picture only, each has a browser of its own."""
    world = World(only_networks=("127.0.0.0/8",))
    waiting = list(range(count))
    cores = 1 if pictures_a_visit == 1 else min(len(os.sched_getaffinity(0)), AT_ONCE)
    visits_each = 1 if pictures_a_visit == 1 else AT_ONCE
    async with GuardProxy(world) as proxy, AsyncExitStack() as stack:
        browsers = [
            await stack.enter_async_context(
                Browser(proxy, user_agent=USER_AGENT, visits_each=visits_each, at_once=AT_ONCE)
            )
            for _ in range(cores)
        ]
        async with asyncio.TaskGroup() as group:
            for number in range(AT_ONCE):
                group.create_task(_visits(browsers[number % cores], url, waiting, pictures_a_visit))


async def _visits(browser: Browser, url: str, waiting: list[int], pictures: int) -> None:
    while waiting:
        async with browser.visit(["127.0.0.1"]) as session:
            for number in [waiting.pop() for _ in range(min(pictures, len(waiting)))]:
                await _picture(session, url, number)


async def _picture(session: Session, url: str, number: int) -> None:
    address, body = url.rstrip("/") + pages.address(number), pages.page(number, PORTAL_PAGES)
    capture = await session.capture(address, body=body, content_type="text/html; charset=utf-8")
    if capture.error or not capture.screenshot or not capture.layout:
        sys.exit(f"{address}: {capture.error or 'no picture'}")


def measured(url: str, count: int, pictures_a_visit: int) -> Cost:
    """What so many pictures cost, taken by a process of its own that also waits for those its browsers leave behind."""
    command = [sys.executable, "-m", "benchmarks.pictures", "--take", url, str(count), str(pictures_a_visit)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Cost(*json.loads(answer))


def take_and_tell(url: str, count: int, pictures_a_visit: int) -> None:
    """Take them, wait for every process that came of it, and print what a picture cost."""
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.perf_counter()
    asyncio.run(take(url, count, pictures_a_visit))
    clock = time.perf_counter() - began
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps([clock / count, sum(one.ru_utime + one.ru_stime for one in used) / count]))


def main() -> None:
    """Measure, print, and exit 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=204, help="pictures of ours a turn")
    parser.add_argument("--each", type=int, default=24, help="pictures with a browser each a turn")
    parser.add_argument("--take", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.take:
        take_and_tell(chosen.take[0], int(chosen.take[1]), int(chosen.take[2]))
        return
    own, other = [], []
    with served(PORTAL_PAGES) as [url]:
        for _ in range(TURNS):
            own.append(measured(url, chosen.pages, chosen.pages // AT_ONCE))
            other.append(measured(url, chosen.each, 1))
    ours, each = (Cost(*(sum(parts) / TURNS for parts in zip(*costs, strict=True))) for costs in (own, other))
    print(
        f"Clock: {ours.clock:.2f} s a picture, {each.clock:.2f} s with a browser each: {each.clock / ours.clock:.1f} ×."
    )
    print(f"Processors: {ours.cpu:.2f} s a picture, {each.cpu:.2f} s with a browser each: {each.cpu / ours.cpu:.1f} ×.")
    if each.clock / ours.clock < LEAST_GAIN:
        sys.exit(f"BAR MISSED: {each.clock / ours.clock:.1f}; at least {LEAST_GAIN}")


if __name__ == "__main__":
    main()
