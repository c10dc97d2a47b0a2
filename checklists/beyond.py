"""A second look before something is called missing: at the pages of the sections that may hold it, and at pages read on the way that are of no
section. Real content counts where its section's pages may hold it; on a page of no section it leaves the element to a person."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence

from checklists.evaluators.looking import Looked, own_first
from checklists.evaluators.naming import likeness, unclaimed
from checklists.evaluators.seen import Seen, whole
from checklists.evaluators.verdicts import unsure
from checklists.model import Element, Outcome, Verdict
from crawler.model import Dossier, PageFacts, Role, Target, TargetKind

ELSEWHERE = "seen-elsewhere"
"""The reason of a verdict left open by what stands on a page of no section."""
RELATED = 0.4
"""How like a section's label a name of a page of no section must be for real content on it to count (assumed)."""


def loose_pages(dossier: Dossier, markers: tuple[str, ...]) -> tuple[Seen, ...]:
    """The pages read on the way that are of no section, as parts of some page: what only fills a section's own page, such as a picture without
    a name, proves nothing on them."""
    listed = members(dossier)
    return tuple(part(page, dossier, markers) for page in dossier.pages if unclaimed(page) and page.url not in listed)


def members(dossier: Dossier) -> frozenset[str]:
    """The addresses of documents that landing pages list: they are of that page's section, though not sampled for it."""
    landings = [page for page in dossier.pages if page.visit and any(r.role is Role.LANDING for r in page.visit.roles)]
    return frozenset(fields.url for page in landings for fields in page.documents if fields.url)


def part(page: PageFacts, dossier: Dossier, markers: tuple[str, ...]) -> Seen:
    """A page as a part of some page."""
    return whole(page, "", Role.LANDING, dossier, markers, template=False)._replace(partial=True)


def look_again(
    looked: Looked,
    dossier: Dossier,
    loose: Iterable[Seen],
    markers: tuple[str, ...],
    ask: Callable[[Looked], Verdict],
    sure: Callable[[Verdict], bool],
) -> Verdict | None:
    """What a second look finds, None where it finds nothing either. dossier is narrowed to the sections asked for and those that may hold them;
    loose are the pages of no section; sure tells what needs no section's name beside it."""
    sections = [section for section in looked.sections if section.kind is TargetKind.SECTION]
    taken = {seen.page.url for seen in looked.seen if not seen.partial}
    if not sections:
        return None

    def asked(seen: Seen) -> Verdict:
        return ask(looked._replace(seen=(seen._replace(section=sections[0].id),), unread=()))

    for hub in dict.fromkeys(hub for section in sections for hub in section.within):
        for page in dossier.pages_of(hub):
            if page.url not in taken:
                taken.add(page.url)
                if (found := asked(part(page, dossier, markers))).outcome is Outcome.MET:
                    return found
    doubtful: Verdict | None = None
    for seen in loose:
        if seen.page.url not in taken and (found := asked(seen)).outcome is Outcome.MET:
            if sure(found) or related(seen.page, sections, dossier.template):
                return found
            doubtful = doubtful or unsure(ELSEWHERE, *found.seen)
    return doubtful


def doubted(elements: Sequence[Element], verdicts: Sequence[Verdict], found: Container[str]) -> list[Verdict]:
    """The verdicts on an item's elements, where a page of no section that shows one of them leaves open every other said to be missing from
    its section, which was not found: that page may be the section, under a name nobody knows. found: the sections with a landing page."""
    open_in = {
        element.sections[0]: verdict
        for element, verdict in zip(elements, verdicts, strict=True)
        if verdict.reason == ELSEWHERE and element.sections[0] not in found
    }
    doubts = [next((open_in[name] for name in element.sections if name in open_in), None) for element in elements]
    return [
        unsure(ELSEWHERE, *doubt.seen) if doubt is not None and verdict.outcome is Outcome.NOT_MET else verdict
        for verdict, doubt in zip(verdicts, doubts, strict=True)
    ]


def related(page: PageFacts, sections: list[Target], recurring: frozenset[str]) -> bool:
    """Whether a page of no section bears a name somewhat like one of the sections': as its title, heading, the label that led there, or in its
    breadcrumb."""
    label = page.visit.label if page.visit else ""
    headings = [heading.text for heading in page.outline.headings if heading.level <= 2]
    names = [label, page.outline.title, *headings, *page.outline.breadcrumb[1:], own_first(page, recurring)]
    return any(likeness(name, section) >= RELATED for name in names if name for section in sections)
