"""When nothing better came: the doubtful pages that stand in for landing pages."""

from __future__ import annotations

from crawler.addresses import key
from crawler.gather.course import Course
from crawler.gather.hubs import parts
from crawler.gather.pursuit import Pursuit, SeenPage
from crawler.gather.signs import Signs
from crawler.model import CandidateState, Role, VisitStatus

WEAK_LANDINGS = 2
"""Doubtful pages handed on where no landing page was confirmed, so that the judge sees what stands in its place."""


ALSO = 0.75
"""How like a target's label that of a page read for another must be for the page to be its landing page too (assumed)."""


def settle_for_weak(course: Course, signs: Signs | None) -> None:
    """Take the best doubtful pages for landing pages where none was confirmed; with signs, also pages whose text speaks for them."""
    # What a target may be a part of is settled before it.
    for pursuit in sorted(course.pursuits.values(), key=lambda each: bool(each.target.within)):
        if pursuit.landings:
            _also(course, pursuit)
        else:
            _settle(course, pursuit, signs)


def _also(course: Course, pursuit: Pursuit) -> None:
    """Take what was kept for want of better, then the best-labelled page that was read for another target and not held against this one, which had
    its landing page by then."""
    for kept in course.pages:
        if kept.final_url in pursuit.spare and kept.final_url not in pursuit.landings and not pursuit.satisfied:
            course.land(kept, pursuit)
    unread = [one for one in pursuit.candidates.values() if one.state is CandidateState.UNVISITED and one.score >= ALSO]
    no_section = {*pursuit.landings, *(page.final_url for page in course.pages if course.is_sibling_home(page.ask.url))}
    for candidate in sorted(unread, key=lambda one: -one.score):
        page = course.page_at(candidate.url)
        read = page is not None and page.status is VisitStatus.OK and page.ask.role is Role.CANDIDATE
        if page is not None and read and page.final_url not in no_section and page.outline is not None:
            course.land(page, pursuit)
            return


def _settle(course: Course, pursuit: Pursuit, signs: Signs | None) -> None:
    target = pursuit.target
    pursuit.doubtful = True
    weak = [page for page in course.pages if page.final_url in pursuit.weak and page.outline is not None]
    if not weak and signs is not None:
        bearers = signs.bearers(target)
        weak = [course.pages[number] for number in bearers]
        for number, borne in bearers.items():
            course.pages[number].strength[target.id] = borne
    weak.sort(key=lambda page: -max(page.strength.get(target.id, 0.0), _label_score(pursuit, page)))
    for page in weak[: max(target.landings, WEAK_LANDINGS)]:
        course.land(page, pursuit)
    if signs is not None and all(page.final_url in pursuit.hubs for page in weak[:WEAK_LANDINGS]):
        for page in parts(course, pursuit, lambda page: not signs.called_otherwise(page, target)):
            course.land(page, pursuit)


def _label_score(pursuit: Pursuit, page: SeenPage) -> float:
    candidate = pursuit.candidates.get(key(page.ask.url))
    return candidate.score if candidate else 0.0
