"""Whether our own side works: addresses known to be up are asked before somebody else is blamed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from crawler.fetch import Downloader, Gate, fetch
from crawler.model import VisitStatus
from crawler.services.model import Control

GOOD = frozenset({VisitStatus.OK, VisitStatus.NOT_FOUND, VisitStatus.CLIENT_ERROR, VisitStatus.LOGIN_WALL})
"""Statuses that show that our side reached a server and was answered by it."""


class OurNetworkDown(Exception):
    """No control address answered: what was seen meanwhile says nothing of anybody else."""

    def __init__(self, controls: Sequence[Control]) -> None:
        asked = "; ".join(f"{control.url}: {control.status.value}" for control in controls)
        super().__init__(f"our own network is down ({asked})")


async def ask_controls(
    downloader: Downloader,
    gate: Gate,
    urls: Sequence[str],
    *,
    jar: str,
    now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
) -> tuple[Control, ...]:
    """The control addresses asked in turn, until one answers."""
    made: list[Control] = []
    for url in urls:
        at = now()
        got = await fetch(downloader, gate, url, jar=f"{jar} {len(made)}")
        made.append(Control(url=url, at=at, good=got.status in GOOD, status=got.status, error=got.error))
        if made[-1].good:
            break
    return tuple(made)
