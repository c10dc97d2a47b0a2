"""What is tried before samples where no link names a target outright: a target nothing was found for comes before more of one that was."""

from __future__ import annotations

from crawler import frontier
from crawler.addresses import key
from crawler.gather.asks import Ask
from crawler.gather.course import Course
from crawler.gather.firsts import best
from crawler.gather.following import AWAY
from crawler.gather.sampling import listed_members
from crawler.gather.spending import Spent, has_room_for_menus
from crawler.model import Role

MOST_HOPES = 2
"""Doubtful candidates of one target read before the samples of others. Where many are doubtful, most are headlines. Assumed."""


def next_hope(course: Course, spent: Spent) -> Ask | None:
    """Where a target has no landing page yet, its best doubtful candidate, the home of a sibling or a site map; then, where samples can be afforded
    beside it, what menus name, but for members of lists that neither home nor the site map names; None where there is none."""
    if course.found:
        return None
    missing = frozenset(name for name, each in course.pursuits.items() if not each.landings and each.hopes < MOST_HOPES)
    ask = best(course, lambda priority, ask: priority >= frontier.CANDIDATE * AWAY and _may_tell(ask, missing))
    if ask is not None:
        if ask.target:
            course.pursuits[ask.target].hopes += 1
        return ask
    if not missing or course.menus.enough or not has_room_for_menus(course, spent):
        return None
    members = {one for one in listed_members(course) if not course.menus.is_named(one)}

    def known(ask: Ask) -> bool:
        return course.was_asked(ask) or key(ask.url) in members

    named = course.menus.next_before_samples(known, missing, course.below)
    for target in named[1] if named else ():
        course.pursuits[target].hopes += 1
    return named[0] if named else None


def _may_tell(ask: Ask, missing: frozenset[str]) -> bool:
    """The ask is for a candidate of a target that is missing, or for a page that may name some."""
    if ask.role is Role.CANDIDATE:
        return (not ask.target or ask.target in missing) and ask.press is None and not ask.again
    return ask.role is Role.SITEMAP
