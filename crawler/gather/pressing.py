"""Tabs and pagers of landing pages that work by script only: what they show is seen by pressing them in the browser."""

from __future__ import annotations

from crawler import frontier
from crawler.facts.turning import Turn, turns
from crawler.gather.asks import Ask
from crawler.gather.course import Course
from crawler.gather.pursuit import SeenPage
from crawler.gather.sampling import DETAIL_PRIORITY
from crawler.model import CandidateState, Link, Place, Role, TargetRole, VisitStatus

MOST_PRESSES = 12
"""Tabs and pagers pressed in one visit. Assumed."""
PRESS_PRIORITY = DETAIL_PRIORITY - 0.1


def queue_presses(course: Course, page: SeenPage, target: str) -> None:
    """Queue the tabs of a landing page whose content is not on it, and its list's next page where this one has too few to sample."""
    landed = any(role.target == target and role.role is Role.LANDING for role in page.roles)
    if not landed or page.outline is None or not page.outline.idle or page.ask.press is not None:
        return
    with course.tree(page) as parsed:
        found = turns(parsed) if parsed else ()
    for turn in found:
        pursuit = course.pursuits[target]
        if turn.is_next and len(pursuit.details) + pursuit.details_open >= pursuit.target.details:
            continue
        ask = Ask(
            url=page.final_url,
            role=Role.CANDIDATE,
            target=target if turn.is_next else _named(course, turn, target),
            label=turn.label,
            clicks=None if page.ask.clicks is None else page.ask.clicks + 1,
            referrer=page.final_url,
            press=turn,
        )
        if course.presses < MOST_PRESSES and not course.agenda.times_asked(ask):
            course.presses += 1
            course.agenda.push(PRESS_PRIORITY, ask)


def _named(course: Course, turn: Turn, target: str) -> str:
    """The target still missing that a tab's label names, else the one whose page it stands on."""
    link = Link(url="", label=turn.label, place=Place.SIDE)
    named = (found for found in frontier.weigh_link(course.links, link) if found.score >= frontier.CANDIDATE)
    return next((found.target for found in named if not course.pursuits[found.target].landings), target)


def take_pressed(course: Course, page: SeenPage) -> None:
    """What a tab or pager showed: a landing page of the target it was pressed for, under the address of the page it stands on. Where nothing
    came of pressing, a part of the section was not seen."""
    target = page.ask.target
    pursuit = course.pursuits[target]
    if page.status is not VisitStatus.OK or page.outline is None:
        pursuit.details_failed += 1
        return
    page.roles.append(TargetRole(target, Role.LANDING))
    page.strength[target] = frontier.CONFIRMED
    if page.final_url not in pursuit.landings:
        pursuit.landings.append(page.final_url)
        course.mark(page.ask, CandidateState.CONFIRMED)
    if pursuit.target.details:
        course.to_sample.append((page, target))
