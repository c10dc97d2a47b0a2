"""What one page shows of a section, cut down to what is the page's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from checklists.evaluators.words import says
from crawler.facts.template import recurring_form
from crawler.model import DocumentFields, Dossier, Entry, Form, Link, PageFacts, Place, Role, Row, Table, Text

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
    framed = rows_of_links(page, recurring)
    entries = tuple(entry for entry in page.entries if list_at(entry) in lists and not within(entry.selector, framed))
    return Seen(
        page,
        section,
        role,
        tuple(text for text in own if not is_marker(text.text, markers)),
        page.tables,
        entries,
        tuple(image for image in page.images if image.place in OWN_PLACES and image.url not in common_images),
        tuple(
            link
            for link in page.outline.links
            if link.place in OWN_PLACES and not recurs(link.label, recurring) and not within(link.selector, framed)
        ),
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
"""By page address, its texts that recur over the portal, as recurring_form has them."""


def recurring_texts(dossier: Dossier) -> Recurring:
    """The recurring texts of each page; worked out once for all elements."""
    return {
        page.url: frozenset(form for text in page.texts if (form := recurring_form(text.text)) in dossier.template)
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
    return bool(recurring) and recurring_form(text) in recurring


def rows_of_links(page: PageFacts, recurring: frozenset[str]) -> frozenset[str]:
    """The selectors of a page's recurring texts that are several links in a row, as footers have them."""
    around = Counter(link.selector.rpartition(" > ")[0] for link in page.outline.links)
    return frozenset(
        text.selector
        for text in page.texts
        if around[text.selector] >= FEWEST_IN_A_ROW and recurs(text.text, recurring)
    )


FEWEST_IN_A_ROW = 2
"""Links of one line of text from which it is a row of them rather than a sentence with a link (assumed)."""


def within(selector: str, taken: Container[str]) -> bool:
    """Whether an element is one of those taken, or stands in one."""
    while selector:
        if selector in taken:
            return True
        selector = selector.rpartition(" > ")[0]
    return False


LONGEST_MARKER = 90
"""Characters; a longer text says more than that there is nothing."""


def is_marker(text: str, markers: tuple[str, ...]) -> bool:
    """Whether a text only says that there is nothing yet."""
    return len(text) <= LONGEST_MARKER and says(text, markers)


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
