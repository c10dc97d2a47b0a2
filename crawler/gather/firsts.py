"""What is read first: the best link for each target before further pages of those that were found."""

from __future__ import annotations

from collections.abc import Callable

from crawler.addresses import key
from crawler.gather.asks import Ask
from crawler.gather.course import Course
from crawler.gather.heads import lead_on
from crawler.gather.sampling import DETAIL_PRIORITY
from crawler.model import CandidateState, Role

MANY_MISSING, FEW_NAMED = 0.67, 0.5
"""Share of the targets without a landing page above which few were found, and share of these below which few are named by links (assumed)."""


def next_first(course: Course) -> Ask | None:
    """The best ask that goes before samples, but for further pages of targets that have a landing page: these wait until each was looked for. Then
    the site map, where few targets were found and links name few of the others."""
    return best(course, lambda priority, ask: priority > DETAIL_PRIORITY and not _is_further(course, ask)) or (
        best(course, lambda _, ask: ask.role is Role.SITEMAP) if _names_little(course) else None
    )


def best(course: Course, fits: Callable[[float, Ask], bool]) -> Ask | None:
    """The first ask that fits, told by its priority and itself. One that heads a sub-menu is passed over for an ask of the same target below it,
    where such heads only lead on or, as long as none was read, the other is as good; it stays wanted though that may do."""
    waiting = course.agenda.waiting(fits)
    scores = {(ask.target, key(ask.url)): priority for priority, ask in waiting if ask.target}
    leading = lead_on(course)
    first = None
    for priority, ask in waiting if leading is not False else ():
        below = max((scores.get((ask.target, one), 0.0) for one in course.below.get(key(ask.url), ())), default=0.0)
        if below and (leading or below >= priority):
            course.pursuits[ask.target].passed.add(key(ask.url))
        elif first is None:
            first = ask
    if first is None and waiting:
        first = waiting[0][1]
    return first and course.agenda.take(first)


def _is_further(course: Course, ask: Ask) -> bool:
    pursuit = course.pursuits.get(ask.target) if ask.role is Role.CANDIDATE else None
    return pursuit is not None and bool(pursuit.landings) and pursuit.wants(ask.url)


def _names_little(course: Course) -> bool:
    missing = [each for each in course.pursuits.values() if not each.landings]
    named = sum(any(one.state is CandidateState.UNVISITED for one in each.candidates.values()) for each in missing)
    return len(missing) > MANY_MISSING * len(course.pursuits) and named < FEW_NAMED * len(missing)
