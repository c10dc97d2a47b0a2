"""How long documents took from their own date to being put up, in working days of Việt Nam: Điều 17.1 counts in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median_low

from checklists.evaluators.labelled import values
from checklists.evaluators.looking import Looked
from checklists.evaluators.seen import Seen
from crawler.dates import find_dates
from crawler.plan import Window, working_days

LONGEST_DELAY = 366
"""Days after which a document is an old one put up later, not one that was late (assumed)."""


def working_days_after(start: date, end: date) -> int:
    """The working days after `start` up to and with `end`; 0 where `end` is no later."""
    return len(working_days(Window(start + timedelta(days=1), end))) if end > start else 0


def delays(looked: Looked, labels: tuple[str, ...]) -> Iterator[int]:
    """The working days each document took whose own date and whose posting can both be read: on its own page behind one of the labels, or in the
    list where that gives another date."""
    listed = {entry.url: entry.date for seen in looked.seen for entry in seen.entries if entry.url and entry.date}
    for seen in looked.seen:
        if not seen.detail or not seen.page.documents:
            continue
        issued = seen.page.documents[0].issued
        posted = posting(seen, labels) or listed.get(seen.page.url)
        if issued and posted and timedelta(0) <= posted - issued <= timedelta(days=LONGEST_DELAY) and posted != issued:
            yield working_days_after(issued, posted)


def posting(seen: Seen, labels: tuple[str, ...]) -> date | None:
    """The day a page says it was put up, None where it says none."""
    for found in values(seen, labels):
        if dates := find_dates(found.value):
            return dates[0].date
    return None


def median_delay(looked: Looked, labels: tuple[str, ...]) -> tuple[int, int] | None:
    """The median of the delays, the lower of two in the middle, and how many documents it is of; None where there is none."""
    told = sorted(delays(looked, labels))
    return (median_low(told), len(told)) if told else None
