"""Where a page leads: its links weighed against the targets, its menus kept for later."""

from __future__ import annotations

from crawler import frontier
from crawler.addresses import is_feed, is_file, is_media, is_state_host, key
from crawler.gather.asks import Ask
from crawler.gather.course import FRAME, GONE, Course
from crawler.gather.menus import LONGEST_WAY
from crawler.gather.pursuit import SeenPage
from crawler.model import Candidate, CandidateState, Link, Place, Role, VisitStatus
from crawler.text import fold

SITEMAP_PRIORITY = 1.4


def follow(course: Course, page: SeenPage) -> None:
    """Weigh every link not seen before, and keep menus for later."""
    ask, outline = page.ask, page.outline
    assert outline is not None
    here = course.clicks.get(key(page.final_url), ask.clicks)
    clicks = None if here is None else here + 1
    if ask.role in (Role.CANDIDATE, Role.SITEMAP):
        course.menus.note_section(outline.links)
    # What a list calls by no more than a few words is a part of the portal rather than an article.
    leading = ask.role is Role.CANDIDATE or (ask.role is Role.DETAIL and len(ask.label.split()) <= LONGEST_WAY)
    ways: list[Ask] = []
    for link in outline.links:
        if (link.url, link.label) in course.weighed or is_media(link.url) or is_feed(link.url):
            continue
        course.weighed.add((link.url, link.label))
        if not course.in_scope(link.url):
            _look_outside(course, link, clicks, page.final_url)
            continue
        course.shorten(link.url, clicks)
        if fold(link.label) in course.sitemap_labels:
            sitemap = Ask(url=link.url, role=Role.SITEMAP, label=link.label, clicks=clicks, referrer=page.final_url)
            course.agenda.push(SITEMAP_PRIORITY, sitemap)
        for found in frontier.weigh_link(course.links, link):
            if found.score >= frontier.CANDIDATE and not is_file(link.url):
                _propose(course, link, found, clicks, page.final_url)
        if is_file(link.url):
            continue
        plain = Ask(url=link.url, role=Role.CANDIDATE, label=link.label, clicks=clicks, referrer=page.final_url)
        course.menus.note(link, plain, frame=ask.label == FRAME)
        if link.place is Place.BODY and leading and key(link.url) not in course.on_home():
            ways.append(plain)
    course.menus.note_steps(ways)


def _look_outside(course: Course, link: Link, clicks: int | None, referrer: str) -> None:
    """A menu names a section on a host that is not the agency's. A state host is read one page deep; any other leaves the section open,
    since what stands there was not seen."""
    if not link.url.startswith(("http://", "https://")) or link.place is Place.BODY or is_file(link.url):
        return
    for found in frontier.weigh_link(course.links, link):
        if found.score >= frontier.STRONG:
            _propose(course, link, found, clicks, referrer, follow=is_state_host(link.url))


def _propose(
    course: Course, link: Link, found: frontier.Weighed, clicks: int | None, referrer: str, *, follow: bool = True
) -> None:
    pursuit = course.pursuits[found.target]
    known = pursuit.candidates.get(key(link.url))
    if known is not None and known.score >= found.score:
        return
    if known is None or known.state is CandidateState.UNVISITED:
        pursuit.candidates[key(link.url)] = Candidate(
            url=link.url, label=link.label, place=link.place.value, score=found.score, why=found.why,
            state=CandidateState.UNVISITED, clicks=clicks,
        )  # fmt: skip
    ask = Ask(
        url=link.url, role=Role.CANDIDATE, target=found.target, label=link.label, clicks=clicks, referrer=referrer
    )
    if course.agenda.times_asked(ask):
        revisit(course, ask)
    elif follow:
        course.agenda.push(found.score, ask)


def revisit(course: Course, ask: Ask) -> None:
    """A candidate leads to a page already read for another target: its names were held against this one too, so it is settled."""
    pursuit = course.pursuits[ask.target]
    page = course.page_at(ask.url)
    if page is None or page.final_url in pursuit.landings:
        return
    if page.outline is not None and page.ask.role is not Role.HOME and page.final_url not in pursuit.weak:
        pursuit.weak.append(page.final_url)
    read = page.status is VisitStatus.OK or page.status in GONE
    course.mark(ask, CandidateState.REJECTED if read else CandidateState.FAILED)
