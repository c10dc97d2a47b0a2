"""Whether our own side works: addresses known to be up are asked before somebody else is blamed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from crawler.fetch import Downloader, Gate, fetch
from crawler.model import VisitStatus
from crawler.politeness import backoff
from crawler.services.model import Control

NOT_THEIRS = frozenset({VisitStatus.SERVER_ERROR, VisitStatus.OURS})
"""Statuses of an answer that may come from something of ours in between; any other answer shows that our side reached a server."""


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
        got = await fetch(downloader, gate, url, jar=f"{jar} {len(made)}", most_rest=backoff().most_rest_seconds)
        good = got.http_status is not None and got.status not in NOT_THEIRS
        made.append(Control(url=url, at=at, good=good, status=got.status, error=got.error))
        if made[-1].good:
            break
    return tuple(made)
