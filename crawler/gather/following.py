"""Where a page leads: its links weighed against the targets, its menus kept for later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from crawler import frontier
from crawler.addresses import is_feed, is_file, is_media, is_state_host, key, site
from crawler.facts.sitemaps import Listed
from crawler.gather.asks import Ask
from crawler.gather.course import FRAME, GONE, Course
from crawler.gather.guises import turns_list
from crawler.gather.heads import note_heads
from crawler.gather.maps import BEST_OF_A_TARGET, nearest_root
from crawler.gather.menus import LONGEST_WAY, PLACES
from crawler.gather.pursuit import SeenPage
from crawler.labels import hinted
from crawler.model import Candidate, CandidateState, Link, Place, Role, VisitStatus
from crawler.text import fold

LITTLE_TEXT = 400
"""Characters under which a page may be no more than a frame around others. Assumed."""
AWAY = 0.6
"""How much later what a sibling's own pages lead to on it is read: the portal's own sections come first (assumed)."""

SIBLING_PRIORITY, SITEMAP_PRIORITY = 0.58, 0.55
"""The homes of siblings, and after them and what they name outright the site map, come after the links that name a target well: where these lead to
all there is to find, they need not be read before samples."""


def follow(course: Course, page: SeenPage, *, again: bool = False) -> None:
    """Weigh every link not seen before, and keep menus for later; again: of a page that was followed before, as it looks now."""
    ask, outline = page.ask, page.outline
    assert outline is not None
    here = course.clicks.get(key(page.final_url), ask.clicks)
    clicks = None if here is None else here + 1
    if ask.role in (Role.HOME, Role.SITEMAP) or ask.label == FRAME:
        note_heads(course, page)
    if ask.role in (Role.CANDIDATE, Role.SITEMAP) and not again:
        course.menus.note_section(outline.links)
    # What a list calls by no more than a few words is a part of the portal rather than an article.
    leading = ask.role is Role.CANDIDATE or (ask.role is Role.DETAIL and len(ask.label.split()) <= LONGEST_WAY)
    ways: list[Ask] = []
    for link in outline.links:
        if (link.url, link.label) in course.weighed or is_media(link.url):
            continue
        if is_feed(link.url):
            if fold(link.label) in course.sitemap_labels and course.in_scope(link.url):
                course.maps.add(link.url, link.label)
            continue
        course.weighed.add((link.url, link.label))
        if not course.in_scope(link.url) and not _join(course, page, link):
            _look_outside(course, link, clicks, page.final_url)
            continue
        course.shorten(link.url, clicks)
        if fold(link.label) in course.sitemap_labels and site(link.url) not in course.joined:
            sitemap = Ask(url=link.url, role=Role.SITEMAP, label=link.label, clicks=clicks, referrer=page.final_url)
            course.agenda.push(SITEMAP_PRIORITY, sitemap)
        weighed = frontier.weigh_link(course.links, link)
        for found in weighed:
            if found.score >= frontier.CANDIDATE and not is_file(link.url) and course.serves(link.url, found.target):
                _propose(course, link, found, clicks, page.final_url)
        if is_file(link.url) or site(link.url) in course.joined or turns_list("", link.label):
            continue
        plain = Ask(url=link.url, role=Role.CANDIDATE, label=link.label, clicks=clicks, referrer=page.final_url)
        hopes = _hopes(course, link, weighed)
        # All that a frame or a site map names is navigation.
        course.menus.note(
            link,
            plain,
            hopes,
            frame=ask.label == FRAME or ask.role is Role.SITEMAP,
            home=ask.role in (Role.HOME, Role.SITEMAP),
        )
        if link.place is Place.BODY and leading and key(link.url) not in course.on_home():
            ways.append(plain)
    course.menus.note_steps(ways)


def _hopes(course: Course, link: Link, weighed: Iterable[frontier.Weighed]) -> Iterator[str]:
    """The targets a link is a little like; worked out only where they are asked for."""
    like = {one.target for one in weighed if one.score < frontier.CANDIDATE} | hinted(course.links, link.label)
    yield from (target for target in like if course.serves(link.url, target))


def _join(course: Course, page: SeenPage, link: Link) -> bool:
    """Home, the site map or a menu of the portal itself names a section on a further host of the agency: that host is followed for it."""
    named = page.ask.role in (Role.HOME, Role.SITEMAP) or link.place in PLACES
    if not named or site(page.final_url) in course.joined:
        return False
    found = [each for each in frontier.weigh_link(course.links, link) if each.score >= frontier.CANDIDATE]
    return bool([each for each in found if course.joins(link.url, each.target)])


def follow_list(course: Course, found: Listed, referrer: str) -> None:
    """Weigh the addresses a site map for machines lists; the best of each target still missing are followed."""
    course.maps.add_index(url for url in found.lists if course.in_scope(url))
    best: defaultdict[str, list[tuple[float, Link, frontier.Weighed]]] = defaultdict(list)
    for url in nearest_root(found):
        if (url, "") in course.weighed or is_media(url) or is_feed(url) or is_file(url) or not course.in_scope(url):
            continue
        course.weighed.add((url, ""))
        link = Link(url=url, label="", place=Place.BODY)
        for weighed in frontier.weigh_link(course.links, link):
            if weighed.score >= frontier.CANDIDATE and not course.pursuits[weighed.target].satisfied:
                best[weighed.target].append((weighed.score, link, weighed))
    for each in best.values():
        for _, link, weighed in sorted(each, key=lambda one: -one[0])[:BEST_OF_A_TARGET]:
            _propose(course, link, weighed, None, referrer)


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
    elif follow and pursuit.has_place_for(found.score):
        away = site(link.url) in course.siblings_known and site(link.url) == site(referrer)
        course.agenda.push(found.score * AWAY if away else found.score, ask)


def revisit(course: Course, ask: Ask) -> None:
    """A candidate leads to a page already read for another target: its names were held against this one too, where it was not found by then, so it
    is settled."""
    pursuit = course.pursuits[ask.target]
    if not pursuit.wants(ask.url):
        return
    page = course.page_at(ask.url)
    if page is None or page.final_url in pursuit.landings:
        return
    if page.outline is not None and page.ask.role is not Role.HOME and page.final_url not in pursuit.weak:
        pursuit.weak.append(page.final_url)
    read = page.status is VisitStatus.OK or page.status in GONE
    course.mark(ask, CandidateState.REJECTED if read else CandidateState.FAILED)


def enter_frames(course: Course, page: SeenPage) -> None:
    """Queue what an all but empty page leads on to or is made of; home's frames always."""
    ask, outline, push = page.ask, page.outline, course.agenda.push
    assert outline is not None
    little = outline.text_length < LITTLE_TEXT
    if outline.refresh and little:
        push(1.7, msgspec.structs.replace(ask, url=outline.refresh))
    for frame in outline.frames if little or ask.role is Role.HOME else ():
        if not (course.in_scope(frame) or course.adopts(frame) or is_state_host(frame)):
            continue  # a map, a film, a counter: not the agency's own
        push(1.6, Ask(url=frame, role=Role.CANDIDATE, label=FRAME, clicks=ask.clicks, referrer=page.final_url))
