"""What a visit has spent, when that ends it, and what it may spend on the less promising. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.gather.course import Course
from crawler.gather.sampling import to_take
from crawler.model import Budget, StopReason

AIM, SEARCHES, SPARE = 120, 2, 4
"""Navigations a visit should do with, those it keeps for the search box, and those for what the last menus may lead to. Beyond them nothing is
read only because a menu names it. Assumed."""
ENOUGH_SAMPLES = 3
"""Samples of one target that are taken even beyond the aim; a target left with fewer than it asked for says so. Assumed."""


@dataclass
class Spent:
    """What a visit cost so far; seconds of work, not of rests."""

    navigations: int = 0
    bytes_read: int = 0
    seconds: float = 0.0


def ended_by(spent: Spent, budget: Budget) -> StopReason | None:
    """The part of the budget that is used up, None where something is left of each."""
    if spent.navigations >= budget.navigations:
        return StopReason.NAVIGATIONS
    if spent.bytes_read >= budget.megabytes * 1_000_000:
        return StopReason.MEGABYTES
    if spent.seconds >= budget.seconds:
        return StopReason.SECONDS
    return None


def has_room(course: Course, spent: Spent) -> bool:
    """The aim leaves room for a page that may lead to nothing, beside what is kept for what comes last."""
    return spent.navigations + _kept(course) < AIM


def has_room_for_menus(course: Course, spent: Spent) -> bool:
    """Beside what menus name there is room for the samples of what was found, and of what may yet be."""
    missing = (each.target for each in course.pursuits.values() if not each.landings)
    next_find = max((target.details + target.attachments for target in missing), default=0)
    return spent.navigations + _kept(course) + to_take(course) + next_find < AIM


def has_enough_samples(course: Course, spent: Spent, target: str) -> bool:
    """The aim is reached, and so many samples of the target were taken that it can do without another."""
    return spent.navigations >= AIM - SEARCHES and len(course.pursuits[target].details) >= ENOUGH_SAMPLES


def _kept(course: Course) -> int:
    """Navigations kept for what comes last: the searches, what menus may lead to, and samples of doubtful pages that may have to do."""
    doubtful = (each for each in course.pursuits.values() if each.weak and not each.landings)
    return SEARCHES + SPARE + sum(each.target.details for each in doubtful)
