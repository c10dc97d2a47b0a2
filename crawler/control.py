"""Whether our own side works: addresses known to be up are asked before somebody else is blamed.

A network that wants a login first answers for everybody. So a control is good only where the answer comes from the domain asked and, where the
address names a text as its fragment (https://www.vi-du.vn/#Trang chủ), bears that text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import unquote, urldefrag

from crawler.addresses import domain
from crawler.facts.parse import MOST_BYTES
from crawler.fetch import Downloader, Fetched, Gate, fetch
from crawler.model import VisitStatus
from crawler.politeness import backoff
from crawler.services.model import Control
from crawler.text import fold

NOT_THEIRS = frozenset({VisitStatus.SERVER_ERROR, VisitStatus.OURS})
"""Statuses of an answer that may come from something of ours in between; any other answer shows that our side reached a server."""


class OurNetworkDown(Exception):
    """No control address answered: what was seen meanwhile says nothing of anybody else."""

    def __init__(self, controls: Sequence[Control]) -> None:
        asked = "; ".join(
            f"{control.url}: {control.error if control.status is VisitStatus.OK else control.status.value}"
            for control in controls
        )
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
        got = await fetch(
            downloader, gate, urldefrag(url).url, jar=f"{jar} {len(made)}", most_rest=backoff().most_rest_seconds
        )
        wrong = _not_itself(url, got)
        good = got.http_status is not None and got.status not in NOT_THEIRS and not wrong
        made.append(Control(url=url, at=at, good=good, status=got.status, error=got.error or wrong))
        if made[-1].good:
            break
    return tuple(made)


def _not_itself(url: str, got: Fetched) -> str:
    """Why an answer is not the control's own; '' where nothing speaks against it."""
    if domain(got.final_url) != domain(url):
        return f"the answer is from {domain(got.final_url)}"
    wanted = unquote(urldefrag(url).fragment)
    if wanted and fold(wanted) not in fold(got.body[:MOST_BYTES].decode("utf-8", "replace")):
        return f"the answer does not say “{wanted}”"
    return ""
