"""What a page turned out to be: which targets its own names make it the landing page of."""

from __future__ import annotations

import msgspec

from crawler import frontier
from crawler.addresses import key, site
from crawler.gather.asks import Ask
from crawler.gather.course import Course
from crawler.gather.pursuit import Pursuit, SeenPage
from crawler.model import CandidateState, Role


def name(course: Course, page: SeenPage) -> None:
    """Decide which targets the page is the landing page of. A sampled detail is one only where it bears the target's very name."""
    ask, outline = page.ask, page.outline
    if outline is None or ask.role in (Role.HOME, Role.SITEMAP, Role.ATTACHMENT):
        return
    needed = frontier.CONFIRMED
    if ask.role is Role.DETAIL:
        # The breadcrumb of an article ends in the name of its section.
        needed, outline = frontier.STRONG, msgspec.structs.replace(outline, breadcrumb=())
    known = course.known_on(page.final_url)
    names = frontier.confirm(course.names, outline, known, ask.label if ask.role is Role.CANDIDATE else "")
    landed = [
        target
        for target, found in names.items()
        if found.score >= needed
        and course.serves(page.final_url, target)
        and course.pursuits[target].wants(page.final_url)
        and not course.pursuits[target].has_state(page.final_url)
    ]
    if course.is_sibling_home(ask.url):
        # A sibling's home is named like a section, as all its pages are; the portal's own section, where it has one, comes first.
        course.siblings_known[site(page.final_url)] = frontier.known_names(outline)
        for target in landed:
            _doubt(course, page, target, names[target].score)
        if ask.target:
            if ask.target not in landed:
                _doubt(course, page, ask.target, 0.0)
            course.mark(ask, CandidateState.REJECTED)
        return
    for target in landed:
        if target != ask.target and _is_outdone(course.pursuits[target], page, names[target].score):
            _doubt(course, page, target, names[target].score)
        elif _is_kept_for_better(course.pursuits[target], ask):
            course.pursuits[target].spare.append(page.final_url)
        else:
            _land(course, page, target, names[target])
    for pursuit in course.pursuits.values():
        pursuit.passed -= {key(ask.url), key(page.final_url)}
    if ask.role is Role.CANDIDATE and ask.target and ask.target not in landed:
        own = names.get(ask.target)
        if own is None or own.score > 0:
            _doubt(course, page, ask.target, own.score if own else 0.0)
        course.mark(ask, CandidateState.REJECTED)


def _is_kept_for_better(pursuit: Pursuit, ask: Ask) -> bool:
    """A further landing page read for something else does not take the place of candidates that name the target outright and were not read yet."""
    return bool(pursuit.landings) and ask.target != pursuit.target.id and pursuit.further > 0


def _is_outdone(pursuit: Pursuit, page: SeenPage, score: float) -> bool:
    """A page that was read for another target is a little like this one, and a link that is more like it waits to be read."""
    here = {key(page.ask.url), key(page.final_url)}
    waiting = (one for one in pursuit.candidates.values() if one.state is CandidateState.UNVISITED)
    return score < frontier.STRONG and any(one.score > score and key(one.url) not in here for one in waiting)


def _doubt(course: Course, page: SeenPage, target: str, score: float) -> None:
    course.pursuits[target].weak.append(page.final_url)
    page.strength[target] = score


def _land(course: Course, page: SeenPage, target: str, found: frontier.Weighed) -> None:
    pursuit = course.pursuits[target]
    if page.final_url in pursuit.landings:
        return
    course.land(page, pursuit)
    page.strength[target] = found.score
    course.mark(msgspec.structs.replace(page.ask, target=target), CandidateState.CONFIRMED, found)
    if page.ask.role is Role.CANDIDATE:
        course.to_check.append((page, target))
