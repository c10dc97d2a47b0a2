"""The pace of one worker's navigations: asks the shared pace when each may go, and waits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from urllib.parse import urlsplit

from crawler import politeness
from crawler.netguard import Address, NameNotFound, OffLimits, ResolverTimeout, World, host_key, lookup

MOST_RESTS = 8
"""Rests in a row after which a navigation goes all the same; each can last as long as the host asked."""
ADDRESSES_HOLD = 60.0
"""Seconds for which the pace goes by the addresses a host had, or by its name alone where it had none. What is connected to is looked up anew each time."""
LOOKUP_SECONDS = 10.0


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def running() -> float:
    """Seconds the machine has been running, the same for all its processes. Setting the clock does not move it, so no rest is cut short or drawn
    out by that; a start of the machine is met as the pace file meets a clock set back."""
    return time.clock_gettime(_CLOCK)


class PaceGate:
    """Waits so that a gap of `gap` seconds lies between navigations to a host and to an address, over all workers that share the pace file.

    A gap of 0 waits for nothing but a rest a host asked for. An address that cannot be looked up is paced by its host alone: the request
    that follows will tell why. spacing scales the pauses we choose ourselves, never those a host asks for.
    """

    def __init__(self, pace: Path, world: World, gap: float, spacing: float = 1.0) -> None:
        self._db = politeness.open_pace(pace)
        self._world = world
        self._gap = gap
        self._spacing = spacing
        self._known: dict[tuple[str, int], tuple[float, tuple[str, ...]]] = {}

    def close(self) -> None:
        """Let go of the pace file."""
        self._db.close()

    def ask_gap(self, url: str, seconds: float) -> None:
        """Keep a longer gap to the host of `url` where its robots.txt asks one (Crawl-delay)."""
        if self._gap and seconds > 0:
            politeness.crawl_delay(self._db, _host(url), seconds)

    async def wait(self, url: str) -> None:
        """Return when a navigation to `url` may go; a rest asked for while waiting is kept too."""
        host, addresses = _host(url), await self._addresses(url)
        seconds = politeness.reserve(self._db, host, addresses, self._gap, running(), self._spacing)
        for _ in range(MOST_RESTS):
            await asyncio.sleep(seconds)
            seconds = politeness.cooling(self._db, host, addresses, running())
            if seconds <= 0:
                return

    async def resting(self, url: str) -> float:
        """Seconds for which the host of `url` still wants to be left alone, or asks to be between any two requests; 0 where it does not."""
        host = _host(url)
        asked = politeness.asked_gap(self._db, host) if self._gap else 0.0
        return max(asked, politeness.cooling(self._db, host, await self._addresses(url), running()))

    async def rest(self, url: str, seconds: float | None) -> None:
        """Note that the host asked for rest: for `seconds`, or for a time that doubles with each such answer."""
        now = running()
        until = None if seconds is None else now + seconds
        politeness.cool(self._db, _host(url), await self._addresses(url), now, until, self._spacing)

    async def well(self, url: str) -> None:
        """Note that the host answered as it should."""
        politeness.recover(self._db, _host(url), await self._addresses(url))

    async def _addresses(self, url: str) -> tuple[str, ...]:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        until, addresses = self._known.get((host, port), (0.0, ()))
        if time.monotonic() < until:
            return addresses
        found: tuple[Address, ...] = ()
        with contextlib.suppress(OffLimits, NameNotFound, ResolverTimeout, TimeoutError):
            async with asyncio.timeout(LOOKUP_SECONDS):
                found = await asyncio.to_thread(lookup, self._world, host, port)
        addresses = tuple(address.ip for address in found)
        self._known[host, port] = time.monotonic() + ADDRESSES_HOLD, addresses
        return addresses


def _host(url: str) -> str:
    return host_key(urlsplit(url).hostname or "")
