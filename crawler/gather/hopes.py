"""Doubtful candidates tried before samples: a target nothing was found for comes before more of one that was."""

from __future__ import annotations

from crawler import frontier
from crawler.gather.asks import Ask
from crawler.gather.course import Course
from crawler.gather.sampling import DETAIL_PRIORITY
from crawler.model import Role

MOST_HOPES = 2
"""Doubtful candidates of one target read before the samples of others. Where many are doubtful, most are headlines. Assumed."""


def next_hope(course: Course, afford: bool) -> Ask | None:
    """The best doubtful candidate of a target that has no landing page yet, once nothing better than samples waits; then, where samples can be
    afforded beside it, what menus name; None where there is none."""
    if course.agenda.highest > DETAIL_PRIORITY or course.found:
        return None
    missing = frozenset(name for name, each in course.pursuits.items() if not each.landings and each.hopes < MOST_HOPES)
    if not missing:
        return None
    ask = course.agenda.take(lambda priority, ask: priority >= frontier.CANDIDATE and _is_candidate(ask, missing))
    if ask is not None:
        course.pursuits[ask.target].hopes += 1
        return ask
    named = course.menus.next_before_samples(course.was_asked, missing) if afford else None
    for target in named[1] if named else ():
        course.pursuits[target].hopes += 1
    return named[0] if named else None


def _is_candidate(ask: Ask, missing: frozenset[str]) -> bool:
    return ask.role is Role.CANDIDATE and ask.target in missing and ask.press is None and not ask.again
