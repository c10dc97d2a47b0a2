"""What was seen of an element's sections: their landing pages and details, parts of others, and pages that bear their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from checklists.evaluators.headings import LONGEST_HEADING, part_under_heading
from checklists.evaluators.naming import TITLE_WORDS, named_for, unclaimed
from checklists.evaluators.seen import OWN_PLACES, Seen, recurs, whole
from crawler.model import (
    Dossier,
    FileKind,
    Link,
    PageFacts,
    PageVisit,
    Place,
    Role,
    Target,
    TargetKind,
    Text,
    Visit,
    VisitStatus,
)
from crawler.text import fold
from crawler.vocabulary import words


class Looked(NamedTuple):
    """Everything an evaluator may use: the visit, what was seen of its sections (landing pages first), home, the search box's
    answers, the folded texts that recur on every page, and links from the landing pages of sections of which no detail was read to parts of theirs.
    everywhere: every page of the visit, for evaluators that are asked of all; failed: the pages that could not be read; files: the sections' files
    that were read and say something, as details; gone: addresses of files at which there is none, by the portal's own word."""

    visit: Visit
    sections: tuple[Target, ...]
    seen: tuple[Seen, ...]
    home: PageFacts | None
    known: tuple[PageFacts, ...] = ()
    nonsense: tuple[PageFacts, ...] = ()
    recurring: frozenset[str] = frozenset()
    unread: tuple[Link, ...] = ()
    everywhere: tuple[PageFacts, ...] = ()
    failed: tuple[PageVisit, ...] = ()
    files: tuple[Seen, ...] = ()
    gone: frozenset[str] = frozenset()

    @property
    def pages(self) -> int:
        return len({seen.page.url for seen in self.seen})


def look(
    dossier: Dossier,
    sections: tuple[Target, ...],
    markers: tuple[str, ...],
    *,
    template: bool = False,
    others: Mapping[str, PageFacts] | None = None,
) -> Looked:
    """What a dossier shows of some sections. A page counts once, for the first section it answers to; of a page that only may hold a section
    (its `within`) the part under a fitting heading counts. Parts of a landing page read for another reason count as its details: `others`
    holds every page of the visit by address. template keeps what recurs on every page."""
    seen: list[Seen] = []
    taken: set[str] = set()
    for section in sections:
        for page, role in answering(dossier, section):
            if page.url not in taken:
                taken.add(page.url)
                seen.append(whole(page, section.id, role, dossier, markers, template=template))
    unread: list[tuple[str, Link]] = []
    framed = {link.url for link in dossier.home.outline.links} if dossier.home is not None else set()
    for landing in [one for one in seen if one.role is Role.LANDING and details_wanted(one, sections)]:
        for link in parts_of(landing):
            child = (others or {}).get(link.url)
            if child is None:
                unread.append((landing.section, link))
            elif child.url not in taken:
                taken.add(child.url)
                seen.append(whole(child, landing.section, Role.DETAIL, dossier, markers, template=template))
        for link in landing.links:
            child = (others or {}).get(link.url) if link.url not in framed else None
            if (
                child is not None
                and child.url not in taken
                and unclaimed(child)
                and len(link.label.split()) >= TITLE_WORDS
            ):
                taken.add(child.url)
                seen.append(whole(child, landing.section, Role.DETAIL, dossier, markers, template=template))
        for child in below(landing, (others or {}).values()):
            if child.url not in taken:
                taken.add(child.url)
                seen.append(whole(child, landing.section, Role.DETAIL, dossier, markers, template=template))
    for page in (others or {}).values():
        loose = page.url not in taken and unclaimed(page)
        bearer = named_for(page, sections, own_first(page, dossier.template)) if loose else None
        if bearer is not None:
            taken.add(page.url)
            seen.append(whole(page, bearer.id, Role.LANDING, dossier, markers, template=template))
            for entry in seen[-1].entries if bearer.details else ():
                child = (others or {}).get(entry.url)
                if child is None:
                    unread.append(
                        (bearer.id, Link(url=entry.url, label=entry.title, place=Place.BODY, selector=entry.selector))
                    )
                elif child.url not in taken:
                    taken.add(child.url)
                    seen.append(whole(child, bearer.id, Role.DETAIL, dossier, markers, template=template))
    for section in sections:
        for hub in section.within:
            for page in dossier.pages_of(hub):
                if page.url not in taken:
                    hub_seen = whole(page, hub, Role.CANDIDATE, dossier, markers, template=template)
                    part = part_under_heading(hub_seen, section)
                    if part is not None:
                        seen.append(part)
    seen.sort(key=lambda one: (one.partial, one.role is not Role.LANDING and one.role is not Role.HOME))
    sampled = {one.section for one in seen if one.detail}
    searching = any(section.kind is TargetKind.SEARCH for section in sections)
    return Looked(
        dossier.visit,
        sections,
        tuple(seen),
        dossier.home,
        probes(dossier, Role.SEARCH_KNOWN) if searching else (),
        probes(dossier, Role.SEARCH_NONSENSE) if searching else (),
        dossier.template,
        tuple(link for section_id, link in unread if section_id not in sampled),
        files=tuple(
            in_file(page, section.id) for section in sections for page in dossier.files_of(section.id) if tells(page)
        ),
        gone=gone_files(dossier),
    )


GONE = frozenset({VisitStatus.NOT_FOUND, VisitStatus.SOFT_NOT_FOUND, VisitStatus.HOME_FALLBACK})
NO_FILE = frozenset({FileKind.HTML, FileKind.EMPTY})
"""What stands in a file's place where there is none: a page that says so, or nothing."""


def gone_files(dossier: Dossier) -> frozenset[str]:
    """The addresses of sampled files at which there is none."""
    failed = {row.requested_url for row in dossier.failures if row.role is Role.ATTACHMENT and row.status in GONE}
    return frozenset(failed) | {
        page.visit.requested_url for page in dossier.pages if page.visit and page.file and page.file.kind in NO_FILE
    }


LEAST_LETTERS = 200
"""Characters with which a file says something of its matter, and not only its name (assumed)."""


def tells(page: PageFacts) -> bool:
    """Whether a file was read and says something."""
    return page.file is not None and sum(map(len, page.file.lines)) >= LEAST_LETTERS


def in_file(page: PageFacts, section: str) -> Seen:
    """A file as a detail of a section, its lines as texts."""
    lines = page.file.lines if page.file is not None else ()
    texts = tuple(Text(text=line, selector="", place=Place.BODY) for line in lines)
    return Seen(page, section, Role.DETAIL, texts, (), (), (), (), ())


def own_first(page: PageFacts, recurring: frozenset[str]) -> str:
    """The first run of a page's body that is its own and no paragraph, '' where there is none or it is too long for a name."""
    own = (
        one for one in page.texts
        if one.place is Place.BODY and one.tag not in {"p", "li"} and not names_way(one.text)
    )  # fmt: skip
    first = next((one.text for one in own if not recurs(one.text, recurring)), "")
    return first if len(first) <= LONGEST_HEADING else ""


def names_way(text: str) -> bool:
    """Whether a text only tells the way to a page from home."""
    return PATH.search(text) is not None or fold(text) in {fold(label) for label in words("home_names")}


PATH = re.compile(r"\s[>»›→]\s")
"""What parts the steps of a way through the portal, written above a page (assumed)."""


def details_wanted(landing: Seen, sections: tuple[Target, ...]) -> bool:
    """Whether the section of a landing page is judged by its details too."""
    return any(section.id == landing.section and section.details for section in sections)


FEWEST_CHARACTERS = 20
"""A page with fewer characters of its own says nothing itself (assumed)."""


def below(landing: Seen, pages: Iterable[PageFacts]) -> list[PageFacts]:
    """The pages of no section whose addresses go on from a landing page's own."""
    base = re.sub(r"(?:/|\.\w{2,5})$", "", landing.page.url.split("?")[0].split("#")[0])
    if base.count("/") <= HOST_ONLY:
        return []
    return [page for page in pages if page.url.startswith(f"{base}/") and unclaimed(page)]


HOST_ONLY = 2
"""Slashes of an address that names no more than a host."""


def parts_of(landing: Seen) -> Iterator[Link]:
    """The links of a landing page to parts of its own: further down its address, or bearing one of its lesser headings. A page that says nothing
    itself leads to its parts by its menu."""
    base = re.sub(r"(?:/|\.\w{2,5})$", "", landing.page.url.split("?")[0].split("#")[0])
    headings = {heading.text for heading in landing.page.outline.headings if heading.level > 1}
    within = base.count("/") > HOST_ONLY
    leading = OWN_PLACES | {Place.MENU} if landing.characters < FEWEST_CHARACTERS else OWN_PLACES
    own = frozenset(link.url for link in landing.links)
    for link in landing.page.outline.links:
        address = link.url.split("?")[0]
        below = within and link.place in leading and address.startswith(f"{base}/")
        if address != landing.page.url and (below or (link.url in own and link.label in headings)):
            yield link


def answering(dossier: Dossier, section: Target) -> Iterator[tuple[PageFacts, Role]]:
    """The pages a section was seen on, with their roles: landing pages, the surest first, before details; for the home target, home."""
    if section.kind is TargetKind.HOME:
        if dossier.home is not None:
            yield dossier.home, Role.HOME
        return
    view = next((view for view in dossier.visit.views if view.target == section.id), None)
    best = {url: place for place, url in enumerate(view.landings if view else ())}
    for page in sorted(dossier.pages_of(section.id, Role.LANDING), key=lambda one: best.get(one.url, len(best))):
        yield page, Role.LANDING
    for page in dossier.pages_of(section.id, Role.DETAIL):
        yield page, Role.DETAIL


def probes(dossier: Dossier, role: Role) -> tuple[PageFacts, ...]:
    """The answers of the search box to one kind of question."""
    return tuple(
        page for page in dossier.pages
        if page.visit and (page.visit.role is role or any(one.role is role for one in page.visit.roles))
    )  # fmt: skip
