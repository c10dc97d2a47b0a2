"""What was seen of an element's sections, cut down to what is the pages' own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from checklists.evaluators.naming import TITLE_WORDS, named_for, unclaimed
from checklists.evaluators.words import NUMBERING, folded, says
from checklists.model import Outcome, Pointer, Verdict
from crawler.frontier import matcher, weigh_text
from crawler.model import (
    DocumentFields,
    Dossier,
    Entry,
    Form,
    Link,
    PageFacts,
    PageVisit,
    Place,
    Role,
    Row,
    Table,
    Target,
    TargetKind,
    Text,
    Visit,
)

LONGEST_QUOTE = 300
"""Characters of a pointer's quote."""

OWN_PLACES = frozenset({Place.BODY, Place.SIDE})
"""Where a page says something of its own."""


class Seen(NamedTuple):
    """What one page, or the part of it under a fitting heading, shows of a section. partial: only that part."""

    page: PageFacts
    section: str
    role: Role
    texts: tuple[Text, ...]
    tables: tuple[Table, ...]
    entries: tuple[Entry, ...]
    images: tuple[Link, ...]
    links: tuple[Link, ...]
    documents: tuple[DocumentFields, ...]
    partial: bool = False

    @property
    def detail(self) -> bool:
        return self.role is Role.DETAIL

    @property
    def characters(self) -> int:
        return sum(len(text.text) for text in self.texts)


class Looked(NamedTuple):
    """Everything an evaluator may use: the visit, what was seen of its sections (landing pages first), home, the search box's
    answers, the folded texts that recur on every page, and links from the landing pages of sections of which no detail was read to parts of theirs.
    everywhere: every page of the visit, for evaluators that are asked of all; failed: the pages that could not be read."""

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

    @property
    def pages(self) -> int:
        return len({seen.page.url for seen in self.seen})


# --- pointing ----------------------------------------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A text short enough to quote, cut at a word."""
    clean = " ".join(text.split())
    if len(clean) <= LONGEST_QUOTE:
        return clean
    return clean[: LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + "…"


def point(page: PageFacts, quote: str, selector: str = "") -> Pointer:
    """A pointer into a page's stored bytes."""
    return Pointer(
        sha256=page.evidence,
        url=page.url,
        selector=selector,
        quote=quoted(quote),
        page=page.visit.id if page.visit else "",
    )


def met(reason: str, *seen: Pointer, **values: object) -> Verdict:
    return verdict(Outcome.MET, reason, seen, values)


def not_met(reason: str, *seen: Pointer, **values: object) -> Verdict:
    return verdict(Outcome.NOT_MET, reason, seen, values)


def unsure(reason: str, *seen: Pointer, **values: object) -> Verdict:
    return verdict(Outcome.UNSURE, reason, seen, values)


def verdict(outcome: Outcome, reason: str, seen: Iterable[Pointer], values: dict[str, object]) -> Verdict:
    return Verdict(
        outcome=outcome, reason=reason, seen=tuple(seen), values={key: str(value) for key, value in values.items()}
    )


# --- looking -----------------------------------------------------------------------------------------------------------------------------


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
    )


def own_first(page: PageFacts, recurring: frozenset[str]) -> str:
    """The first run of a page's body that is its own and no paragraph, '' where there is none or it is too long for a name."""
    own = (one for one in page.texts if one.place is Place.BODY and one.tag not in {"p", "li"})
    first = next((one.text for one in own if not recurs(one.text, recurring)), "")
    return first if len(first) <= LONGEST_HEADING else ""


def details_wanted(landing: Seen, sections: tuple[Target, ...]) -> bool:
    """Whether the section of a landing page is judged by its details too."""
    return any(section.id == landing.section and section.details for section in sections)


FEWEST_CHARACTERS = 20
"""A page with fewer characters of its own says nothing itself (assumed)."""


def parts_of(landing: Seen) -> Iterator[Link]:
    """The links of a landing page to parts of its own: further down its address, or bearing one of its lesser headings. A page that says nothing
    itself leads to its parts by its menu."""
    base = re.sub(r"(?:/|\.\w{2,5})$", "", landing.page.url.split("?")[0].split("#")[0])
    headings = {heading.text for heading in landing.page.outline.headings if heading.level > 1}
    within = base.count("/") > 2
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


def whole(
    page: PageFacts, section: str, role: Role, dossier: Dossier, markers: tuple[str, ...], *, template: bool
) -> Seen:
    """A page without what it only repeats (menus, footers, side boxes, home's pictures) and without texts that say there is nothing. A list
    is kept whole as soon as one of its entries is not repeated everywhere: newest items often stand in a box on every page too."""
    recurring = dossier.template
    home = dossier.home
    common_images = {image.url for image in home.images} if home is not None and home.url != page.url else set()
    if template:
        return Seen(
            page, section, role, page.texts, page.tables, page.entries, page.images, page.outline.links, page.documents
        )
    own = own_texts(page.texts, recurring)
    lists = {list_at(entry) for entry in page.entries if not recurs(entry.title, recurring)}
    entries = tuple(entry for entry in page.entries if list_at(entry) in lists)
    return Seen(
        page,
        section,
        role,
        tuple(text for text in own if not is_marker(text.text, markers)),
        page.tables,
        entries,
        tuple(image for image in page.images if image.place in OWN_PLACES and image.url not in common_images),
        tuple(link for link in page.outline.links if link.place in OWN_PLACES and not recurs(link.label, recurring)),
        page.documents,
    )


def list_at(entry: Entry) -> str:
    """The selector of the list an entry is a member of."""
    return entry.selector.rpartition(" > ")[0]


def own_texts(texts: Iterable[Text], recurring: frozenset[str]) -> tuple[Text, ...]:
    """The texts of a page that are its own. Members of a list recur too where a side box names the same things: they stay with a list of the
    body of which another member is the page's own."""
    placed = [text for text in texts if text.place in OWN_PLACES]
    lists = {list_of(text) for text in placed if text.place is Place.BODY and not recurs(text.text, recurring)} - {""}
    return tuple(text for text in placed if list_of(text) in lists or not recurs(text.text, recurring))


def list_of(text: Text) -> str:
    """The selector of the list a text is a member of, '' where it is none."""
    return text.selector.rsplit(" > ", 1)[0] if text.tag == "li" else ""


Recurring = Mapping[str, frozenset[str]]
"""By page address, its folded texts that recur over the portal."""


def recurring_texts(dossier: Dossier) -> Recurring:
    """The recurring texts of each page; worked out once for all elements."""
    return {
        page.url: frozenset(form for text in page.texts if (form := folded(text.text)) in dossier.template)
        for page in dossier.pages
    }


def frame_of(dossier: Dossier, targets: frozenset[str], recurring: Recurring) -> frozenset[str]:
    """The recurring texts that also stand on a page of no such target: labels that recur only on a section's own pages are its content."""
    others = [
        page for page in dossier.pages if not (page.visit and any(one.target in targets for one in page.visit.roles))
    ]
    return frozenset[str]().union(*(recurring[page.url] for page in others))


def recurs(text: str, recurring: frozenset[str]) -> bool:
    """Whether a text stands on so many pages that it is the portal's frame."""
    return bool(recurring) and folded(text) in recurring


LONGEST_MARKER = 90
"""Characters; a longer text says more than that there is nothing."""


def is_marker(text: str, markers: tuple[str, ...]) -> bool:
    """Whether a text only says that there is nothing yet."""
    return len(text) <= LONGEST_MARKER and says(text, markers)


HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "legend", "caption", "dt", "th"})
LONGEST_HEADING = 110
"""Characters of a text that may stand as a heading."""


@lru_cache(maxsize=512)
def named(text: str, section: Target) -> bool:
    """Whether a text is a name of a section."""
    if len(text) > LONGEST_HEADING:
        return False
    found = weigh_text(matcher((section,), headings=True), NUMBERING.sub("", text)).get(section.id)
    return found is not None and found.score >= 0.75


def part_under_heading(seen: Seen, section: Target) -> Seen | None:
    """The part of a page under the first heading that names a section, up to the next heading of its rank; the whole page where its own title
    does; None where none does."""
    titles = [heading.text for heading in seen.page.outline.headings if heading.level == 1]
    if any(named(title, section) for title in titles):
        return seen._replace(section=section.id)
    start = next(
        (place for place, text in enumerate(seen.texts) if stands_as_heading(text) and named(text.text, section)), None
    )
    if start is None:
        return None
    first = seen.texts[start]
    end = next(
        (place for place in range(start + 1, len(seen.texts)) if closes(seen.texts[place], first)),
        len(seen.texts),
    )
    texts = seen.texts[start:end]
    words = frozenset(text.text for text in texts)
    return seen._replace(
        section=section.id,
        texts=texts,
        tables=tuple(table for table in seen.tables if any(cell in words for row in table.rows for cell in row.cells)),
        entries=tuple(entry for entry in seen.entries if entry.title in words),
        links=tuple(link for link in seen.links if link.label in words),
        partial=True,
    )


def stands_as_heading(text: Text) -> bool:
    """Whether a run of text may be a heading: by its tag, or short and in capitals, or short and numbered."""
    if len(text.text) > LONGEST_HEADING:
        return False
    return (
        text.tag in HEADING_TAGS
        or text.text.isupper()
        or re.match(r"^\s*(?:[IVX]{1,5}|\d{1,2})\s*[.)]\s*\S", text.text) is not None
    )


def closes(text: Text, first: Text) -> bool:
    """Whether a text begins the next part after the one `first` heads: a heading of the same make, or of a higher rank."""
    if not stands_as_heading(text):
        return False
    if first.tag.startswith("h") and first.tag[1:].isdigit():
        return text.tag.startswith("h") and text.tag[1:].isdigit() and text.tag <= first.tag
    return text.tag == first.tag or text.tag in HEADING_TAGS


# --- small readings shared by questions ----------------------------------------------------------------------------------------------------


def rows_of(seen: Seen) -> Iterator[tuple[Table, Row]]:
    """The data rows of what was seen, with their tables."""
    for table in seen.tables:
        for row in table.rows:
            if not row.heading:
                yield table, row


def own_forms(page: PageFacts, home: PageFacts | None) -> tuple[Form, ...]:
    """The forms of a page that home does not have too."""
    everywhere = (
        {form_shape(form) for form in home.outline.forms} if home is not None and home.url != page.url else set()
    )
    return tuple(form for form in page.outline.forms if form_shape(form) not in everywhere)


def form_shape(form: Form) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What makes two forms the same: where they send and what they ask."""
    return form.action, tuple((field.name, field.kind) for field in form.fields if field.kind != "hidden")
