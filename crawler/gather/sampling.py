"""Samples of a section: the newest members of its landing pages' lists, and the files these offer."""

from __future__ import annotations

from collections import Counter

from crawler.addresses import is_feed, is_file, is_media, key
from crawler.facts.entries import entries
from crawler.gather.asks import Ask
from crawler.gather.course import GONE, Course
from crawler.gather.guises import is_state_of, turns_list
from crawler.gather.menus import PLACES
from crawler.gather.pursuit import Pursuit, SeenPage
from crawler.model import Entry, Place, Role, TargetRole, VisitStatus

FEWEST_OF_A_MENU = 3
"""Links that must stand in menus for home to be believed to show one. Assumed."""
FEWEST_OF_A_LIST = 3
"""Dated members that make a page a list. Assumed."""
DETAIL_PRIORITY = 0.8
"""Details come after the best candidates and before the doubtful ones."""


def sample_all(course: Course) -> None:
    """Queue samples of the landing pages found so far. Late, so that boxes which stand on every page are known by then."""
    waiting, course.to_sample = course.to_sample, []
    for page, target in waiting:
        _sample(course, page, course.pursuits[target])


def to_take(course: Course) -> int:
    """Pages that targets with a landing page may still take, at most: samples, files and further landing pages."""
    offered: Counter[str] = Counter()
    for page, name in course.to_sample:
        if course.pursuits[name].target.details:
            offered[name] += len(members_of(course, page))
    return sum(_to_take(each, offered[name]) for name, each in course.pursuits.items() if each.landings)


def _to_take(pursuit: Pursuit, offered: int) -> int:
    target, further = pursuit.target, pursuit.further
    room = max(0, target.details - len(pursuit.details) - pursuit.details_open)
    samples = room if further else min(room, offered)  # what lists not read yet offer is not known
    return pursuit.details_open + samples + max(0, target.attachments - pursuit.attachments) + further


def _sample(course: Course, page: SeenPage, pursuit: Pursuit) -> None:
    """Queue the newest members of a landing page's list, as many as the target asks for; where it asks for none, the files the page offers."""
    if not pursuit.target.details:
        _attach(course, page, pursuit)
        return
    fresh = _members(course, page)
    if page.ask.press is not None:  # what was pressed may have added to the list rather than turned its page
        taken = set(map(key, pursuit.details))
        fresh = [entry for entry in fresh if key(entry.url) not in taken]
    newest = sorted(enumerate(fresh), key=lambda e: (-(e[1].date.toordinal() if e[1].date else 0), e[0]))
    room = pursuit.target.details - len(pursuit.details) - pursuit.details_open
    clicks = None if page.ask.clicks is None else page.ask.clicks + 1
    for rank, (_, entry) in enumerate(newest[: max(room, 0)]):
        pursuit.details_open += 1
        file = is_file(entry.url)
        ask = Ask(
            url=entry.url,
            role=Role.ATTACHMENT if file else Role.DETAIL,
            part=file and not _reads_files(course, page),
            target=pursuit.target.id,
            label=entry.title,
            clicks=clicks,
            referrer=page.final_url,
        )
        course.agenda.push(DETAIL_PRIORITY - rank / 100, ask)


def _reads_files(course: Course, page: SeenPage) -> bool:
    """Whether a target the page answers to reads what files say: they are fetched whole for all, as each is fetched once."""
    return any(course.pursuits[role.target].target.file_text for role in page.roles if role.target in course.pursuits)


def _members(course: Course, page: SeenPage) -> list[Entry]:
    """What a landing page lists: the members of its lists, then whatever else its body leads to (persons, units, parts of a text)."""
    listed = listed_by(course, page)
    links = page.outline.links if page.outline else ()
    body = (
        Entry(url=link.url, title=link.label, text=link.label, selector="")
        for link in links
        if link.place is Place.BODY and not turns_list(link.url, link.label)
    )
    members = (entry for entry in listed if not (is_state_of(entry.url, page.final_url) and turns_list(entry.url, "")))
    own = {key(entry.url): entry for entry in reversed((*members, *body)) if _is_own(course, entry.url, page)}
    return list(reversed(own.values()))


def listed_by(course: Course, page: SeenPage) -> tuple[Entry, ...]:
    """The members of a page's lists; read once."""
    if page.listed is None:
        with course.tree(page) as parsed:
            page.listed = entries(parsed, page.final_url) if parsed else ()
    return page.listed


def members_of(course: Course, page: SeenPage) -> set[str]:
    """The keys of what a landing page lists, but for what by now is known to stand in a box of most pages."""
    if page.members is None:
        page.members = frozenset(key(entry.url) for entry in _members(course, page))
    return {one for one in page.members if not course.menus.is_boxed(one)}


def listed_members(course: Course) -> set[str]:
    """The keys of what landing pages list of which details are wanted: no sections, though a box may name some of them."""
    for page, target in course.to_sample:
        if course.pursuits[target].target.details:
            members_of(course, page)
    return {one for page in course.pages if page.members for one in members_of(course, page)}


def is_to_be_sampled(course: Course, page: SeenPage) -> bool:
    """A landing page of a target of which details are wanted."""
    return any(role.role is Role.LANDING and course.pursuits[role.target].target.details for role in page.roles)


def may_be_sampled(course: Course, page: SeenPage) -> bool:
    """One that is to be sampled, or will be where nothing better comes: two doubtful pages of three stand in for a landing page in the end."""
    return is_to_be_sampled(course, page) or any(
        page.final_url in pursuit.weak and not pursuit.landings and pursuit.target.details
        for pursuit in course.pursuits.values()
    )


def looks_unbuilt(course: Course, page: SeenPage) -> bool:
    """A page with scripts that without them shows no menu where home should, or leads to nothing of its own where it should be sampled."""
    outline = page.outline
    if outline is None or not outline.scripts:
        return False
    if page.ask.role is Role.HOME:
        return sum(link.place in PLACES for link in outline.links) < FEWEST_OF_A_MENU
    if not is_to_be_sampled(course, page):
        return False
    at_home = course.home.outline.links if course.home and course.home.outline else ()
    common = {link.url for link in at_home}
    return not any(
        link.place is Place.BODY
        and link.url not in common
        and _is_own(course, link.url, page)
        and not turns_list(link.url, link.label)
        for link in outline.links
    )


def _is_own(course: Course, url: str, page: SeenPage) -> bool:
    """An address a page leads to is its own: somewhere else in scope, and not in a box that most pages have."""
    if not url or is_media(url) or is_feed(url) or not course.in_scope(url) or key(url) == key(page.final_url):
        return False
    return not course.menus.is_boxed(url)


def take_sample(course: Course, page: SeenPage) -> None:
    """A sample came: a detail, whose files are queued, an attachment, or a part of the section, which is sampled in its turn."""
    ask = page.ask
    pursuit = course.pursuits[ask.target]
    pursuit.details_open -= 1
    if ask.role is Role.DETAIL and _is_part(course, page):
        course.land(page, pursuit)
        return
    if ask.role is Role.DETAIL:
        pursuit.details.append(page.final_url)
        _attach(course, page, pursuit)
    page.roles.append(TargetRole(ask.target, ask.role))


def _is_part(course: Course, page: SeenPage) -> bool:
    """Whether what a landing page lists is no member but a part of the section: the menu there names it, and it lists dated members that are not
    listed there."""
    above = course.page_at(page.ask.referrer)
    if page.outline is None or above is None or above.outline is None:  # a file lists nothing
        return False
    here = key(page.ask.url)
    if not any(link.place is Place.MENU and key(link.url) == here for link in above.outline.links):
        return False
    there = {key(entry.url) for entry in listed_by(course, above)}
    dated = {key(entry.url) for entry in listed_by(course, page) if entry.date}
    return len(dated - there) >= FEWEST_OF_A_LIST


def take_sample_again(course: Course, ask: Ask) -> None:
    """A sample was read already for another target: it serves this one too."""
    pursuit = course.pursuits[ask.target]
    pursuit.details_open -= 1
    page = course.page_at(ask.url)
    if page is None or page.status is not VisitStatus.OK:
        pursuit.details_failed += page is None or page.status not in GONE
    elif not any(role.target == ask.target for role in page.roles):
        page.roles.append(TargetRole(ask.target, ask.role))
        pursuit.details.append(page.final_url)


def _attach(course: Course, page: SeenPage, pursuit: Pursuit) -> None:
    """Queue files a page offers, up to the target's quota."""
    for link in page.outline.links if page.outline else ():
        if pursuit.attachments >= pursuit.target.attachments:
            return
        if is_file(link.url) and link.place is Place.BODY and course.in_scope(link.url):
            pursuit.attachments += 1
            pursuit.details_open += 1
            ask = Ask(
                url=link.url,
                role=Role.ATTACHMENT,
                target=pursuit.target.id,
                label=link.label,
                referrer=page.final_url,
                part=not _reads_files(course, page),
            )
            course.agenda.push(DETAIL_PRIORITY - 0.05, ask)
