"""Why visits ended, what they left unseen and how promising that looked, in words for a person."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from crawler.ledger import Attempt, Ending
from crawler.model import StopReason, Unseen, Visit
from crawler.visit_folder import is_sealed, read_visit
from output.web.words import plain, words

LATEST, MOST_SHOWN = 20, 5
"""Sealed visits looked through for some that left something, and the most of them, or of one visit's links, that are shown."""


def ending(visit: Visit) -> str:
    """Why a visit ended, how many links worth following it left, and how promising the best of them looked."""
    return f"kết thúc: {words().stops[visit.stop]}; {left(visit)}"


def left(visit: Visit) -> str:
    """How many links worth following were left unseen, and how like a missing section the best of them looked (0–1)."""
    if not visit.left_unseen:
        return "không còn liên kết đáng mở"
    best = f", giống nhất {visit.unseen[0].score:.2f}" if visit.unseen else ""
    return f"còn {visit.left_unseen} liên kết đáng mở{best}"


def named(link: Unseen) -> str:
    """One link left unseen: how promising, its label, its address and the section it may be."""
    return f"{link.score:.2f}  {plain(link.label, 60)}  {plain(link.url, 200)}  ({link.target})"


def cut_short(visits: Path, tries: Sequence[Attempt]) -> list[Visit]:
    """The latest sealed visits that left something worth following, or ended before all was seen. Folders carried away meanwhile are passed by."""
    sealed = (attempt for attempt in reversed(tries) if attempt.ending is Ending.SEALED)
    there = (
        read_visit(visits / attempt.folder)
        for attempt in sealed
        if attempt.folder and is_sealed(visits, attempt.folder)
    )
    left_some = (visit for visit in islice(there, LATEST) if visit.left_unseen or visit.stop is not StopReason.DONE)
    return list(islice(left_some, MOST_SHOWN))
