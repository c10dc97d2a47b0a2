"""When nothing better came: the doubtful pages that stand in for landing pages."""

from __future__ import annotations

from crawler.addresses import key
from crawler.gather.course import Course
from crawler.gather.pursuit import Pursuit, SeenPage
from crawler.gather.signs import Signs
from crawler.model import Role, TargetRole

WEAK_LANDINGS = 2
"""Doubtful pages handed on where no landing page was confirmed, so that the judge sees what stands in its place."""


def settle_for_weak(course: Course, signs: Signs | None) -> None:
    """Take the best doubtful pages for landing pages where none was confirmed; with signs, also pages whose text speaks for them."""
    # What a target may be a part of is settled before it.
    for pursuit in sorted(course.pursuits.values(), key=lambda each: bool(each.target.within)):
        if not pursuit.landings:
            _settle(course, pursuit, signs)


def _settle(course: Course, pursuit: Pursuit, signs: Signs | None) -> None:
    target = pursuit.target
    weak = [page for page in course.pages if page.final_url in pursuit.weak and page.outline is not None]
    if not weak and signs is not None:
        bearers = signs.bearers(target, course.pages, course.home)
        weak = [course.pages[number] for number in bearers]
        for number, borne in bearers.items():
            course.pages[number].strength[target.id] = borne
    weak.sort(key=lambda page: -max(page.strength.get(target.id, 0.0), _label_score(pursuit, page)))
    for page in weak[: max(target.landings, WEAK_LANDINGS)]:
        pursuit.landings.append(page.final_url)
        page.roles.append(TargetRole(target.id, Role.LANDING))
        if target.details:
            course.to_sample.append((page, target.id))


def _label_score(pursuit: Pursuit, page: SeenPage) -> float:
    candidate = pursuit.candidates.get(key(page.ask.url))
    return candidate.score if candidate else 0.0
