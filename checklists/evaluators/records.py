"""What a section puts up, one by one: documents, members of lists, rows of tables, single pages; each with its list line and its own page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from checklists.evaluators.headings import named
from checklists.evaluators.lists import posted
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import DOCUMENT, told_by
from checklists.evaluators.seen import Seen, recurs, within
from checklists.evaluators.words import begins, folded, says
from checklists.evaluators.written_lines import boxes, headed, written
from crawler.facts.documents import is_file
from crawler.model import Entry, Link, PageFacts, Place, Role, Row, Table, Text
from crawler.text import find_dates


class Record(NamedTuple):
    """One thing a section puts up. said: all that stands beside its title; seen, selector: where; detail: its own page where that was opened;
    kind: what kind of document its fields say it is; number: a document's; listed: it stands in a list or table; tabled: said is made of its
    cells, each with its column's name; under: what heads the table or lines it stands in."""

    title: str
    said: str
    seen: Seen
    selector: str
    day: date | None = None
    files: tuple[str, ...] = ()
    url: str = ""
    detail: Seen | None = None
    kind: str = ""
    number: str = ""
    listed: bool = True
    tabled: bool = False
    under: str = ""

    @property
    def all_said(self) -> str:
        """Its title, what stands beside it, and the text of its own page."""
        own = " . ".join(text.text for text in told_by(self.detail)) if self.detail else ""
        return f"{self.under} . {self.title} . {self.said} . {own}"


TITLE_WORDS = 4
"""A link or cell with fewer words is taken for a button or a value, not a title (assumed)."""
LONGEST_LABEL = 60
"""Characters of a label or of a column's name (assumed)."""
LONGEST_TITLE = 400
"""Characters of a title; longer texts tell a story (assumed)."""


def records_of(looked: Looked) -> list[Record]:
    """Everything the sections put up, what landing pages list first; each once, with its own page where that was opened."""
    details = {seen.page.url: seen for seen in looked.seen if seen.detail}
    home = frozenset(link.url for link in looked.home.outline.links) if looked.home is not None else frozenset[str]()
    found: dict[str, Record] = {}
    for seen in looked.seen:
        for record in listed(seen, looked, home):
            if record.number and any(named(record.under, each) for each in looked.sections if each.id == seen.section):
                record = record._replace(under="")
            if record.url and is_section(record, looked):
                continue
            name = record.url or folded(record.title)
            known = found.get(name)
            if known is None:
                found[name] = record
            elif not (known.number or known.files or known.day):
                found[name] = record._replace(title=max(known.title, record.title, key=len))
    for url, detail in details.items():
        own = own_record(detail, looked, home)
        line = found.get(url)
        found[url] = own if line is None else joined(line, own)
    return list(found.values())


def is_section(record: Record, looked: Looked) -> bool:
    """Whether what a page lists is but the way to a section: it bears its name, and neither number, file nor day."""
    bare = not (record.number or record.files or record.day)
    return bare and any(named(record.title, section) for section in looked.sections)


def joined(line: Record, own: Record) -> Record:
    """A list's line and the page it leads to, as one."""
    return line._replace(
        day=line.day or own.day,
        files=line.files or own.files,
        detail=own.detail,
        kind=line.kind or own.kind,
        number=line.number or own.number,
    )


def listed(seen: Seen, looked: Looked, home: frozenset[str]) -> Iterator[Record]:
    """What a page lists: documents, rows of tables with headings, members of lists, and links bearing titles."""
    taken: set[str] = set()
    urls: set[str] = {seen.page.url}
    files = file_links(seen.page, home)
    above = headed(seen)
    posted_on = {entry.selector: entry.date for entry in seen.entries}
    for fields in seen.documents:
        if seen.detail and fields.url == seen.page.url:
            taken.add(fields.selector)
            continue
        taken.add(fields.selector)
        urls.update({fields.url, *fields.files})
        title = fields.abstract or f"{fields.kind} {fields.number}".strip()
        yield Record(
            title, f"{fields.kind} {fields.number} {fields.effective_text}", seen, fields.selector,
            fields.issued or posted_on.get(fields.selector), fields.files, fields.url if fields.url != seen.page.url else "", None, fields.kind, fields.number,
            under=next((above[box] for box in boxes(fields.selector) if box in above), ""),
        )  # fmt: skip
    for entry in seen.entries:
        if not within(entry.selector, taken):
            taken.add(entry.selector)
            urls.add(entry.url)
            yield of_entry(entry, seen, files)
    for table, head, row in table_rows(seen):
        if lists_things(table) and not within(row.selector, taken):
            title = max((cell for cell in row.cells if is_title(cell)), key=len, default="")
            if title:
                taken.add(row.selector)
                urls.update(row.links)
                held = tuple(url for url in row.links if DOCUMENT.search(url))
                lead = next((url for url in row.links if url not in held and url != seen.page.url), "")
                day = next(
                    (found[0].date for cell in row.cells if len(cell) <= 40 and (found := find_dates(cell))), None
                )
                under = above.get(table.selector, "")
                yield Record(title, told(head, row), seen, row.selector, day, held, lead, tabled=True, under=under)
    titled = [link for link in seen.links if is_title(link.label)]
    if not seen.detail:
        for line in written(seen, files, titled):
            if not within(line.text.selector, taken):
                taken.add(line.text.selector)
                urls.update(line.files)
                yield Record(
                    line.title, line.text.text, seen, line.text.selector, closing_date(line.text.text), line.files,
                    number=line.number, under=line.under,
                )  # fmt: skip
        yield from titled_links(seen, looked, taken, urls)


def titled_links(seen: Seen, looked: Looked, taken: set[str], urls: set[str]) -> Iterator[Record]:
    """What a landing page links to by a title besides its lists; not other sections, by home's menus or by name."""
    menus = {link.url for link in looked.home.outline.links if link.place is not Place.BODY} if looked.home else set()
    for link in seen.links:
        known = link.url in urls or link.url in menus or within(link.selector, taken)
        if link.place is not Place.BODY or known or not is_title(link.label):
            continue
        if not is_file(link) and any(named(link.label, section) for section in looked.sections):
            continue
        urls.add(link.url)
        held = (link.url,) if is_file(link) else ()
        yield Record(link.label, "", seen, link.selector, closing_date(link.label), held, "" if held else link.url)


def table_rows(seen: Seen) -> Iterator[tuple[Table, tuple[str, ...], Row]]:
    """The rows below the heading of each table, with the table and the names of its columns."""
    for table in seen.tables:
        head, rows = head_of(table)
        for row in rows:
            yield table, head, row


def told(head: tuple[str, ...], row: Row) -> str:
    """A row's cells, each with its column's name."""
    named = [f"{head[place]}: {cell}" if place < len(head) else cell for place, cell in enumerate(row.cells) if cell]
    return " | ".join(dict.fromkeys(named))


def of_entry(entry: Entry, seen: Seen, files: Iterable[Link]) -> Record:
    """A list's member with the files offered beside it."""
    held = [
        link.url for link in files if link.selector == entry.selector or link.selector.startswith(f"{entry.selector} >")
    ]
    if DOCUMENT.search(entry.url):
        held.append(entry.url)
    return Record(entry.title, entry.text, seen, entry.selector, entry.date, tuple(dict.fromkeys(held)), entry.url)


def own_record(detail: Seen, looked: Looked, home: frozenset[str]) -> Record:
    """What a page opened from a list says of itself."""
    title, selector = name_of(detail, looked)
    main = next((fields for fields in detail.page.documents if fields.url == detail.page.url), None)
    day = main.issued if main and main.issued else None
    if day is None and (found := posted(detail, looked.home)):
        day = found.day
    held = dict.fromkeys(link.url for link in file_links(detail.page, home))
    return Record(
        title, main.abstract if main else "", detail, selector, day, tuple(held), detail.page.url, detail,
        main.kind if main else "", main.number if main else "", listed=False,
    )  # fmt: skip


def name_of(seen: Seen, looked: Looked) -> tuple[str, str]:
    """What a page calls itself and where: its first heading that no other page has, else the link that led there, else its first text."""
    for heading in seen.page.outline.headings:
        if heading.level <= 3 and is_title(heading.text) and not recurs(heading.text, looked.recurring):
            return heading.text, heading.selector
    label = seen.page.visit.label if seen.page.visit else ""
    if is_title(label):
        return label, ""
    first = next((text for text in seen.texts if is_title(text.text)), None)
    return (first.text, first.selector) if first else (seen.page.outline.title, "")


def file_links(page: PageFacts, home: frozenset[str]) -> list[Link]:
    """The files a page offers that home does not offer too. What they are called recurs ("Tải về"), where they lie does not."""
    return [
        link
        for link in page.outline.links
        if link.url not in home and link.place in {Place.BODY, Place.SIDE} and is_file(link)
    ]


def lists_things(table: Table) -> bool:
    """Whether a table lists things, one a row: it names its columns or has three; a table of two names the fields of one thing."""
    return any(row.heading for row in table.rows) or max(len(row.cells) for row in table.rows) >= 3


def head_of(table: Table) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """The names of a table's columns and the rows below: its heading row, else its first row where that is of three or more short words."""
    headings = [place for place, row in enumerate(table.rows) if row.heading]
    if headings:
        return table.rows[headings[0]].cells, tuple(row for row in table.rows if not row.heading)
    first = table.rows[0].cells
    if len(first) >= 3 and all(len(cell) <= LONGEST_LABEL and not any(c.isdigit() for c in cell) for cell in first):
        return first, table.rows[1:]
    return (), table.rows


def is_title(text: str) -> bool:
    return len(text.split()) >= TITLE_WORDS and len(text) <= LONGEST_TITLE


def closing_date(text: str) -> date | None:
    """The date in a link's text, None where there is none."""
    found = find_dates(text)
    return found[-1].date if found else None


# --- pages that are the thing itself ---------------------------------------------------------------------------------------------------------


def page_itself(seen: Seen, looked: Looked, characters: int) -> Record | None:
    """A landing page, or a part of one, that tells of the thing itself instead of listing; None where it has fewer characters besides lists."""
    if seen.detail or seen.role is Role.HOME:
        return None
    inside = {entry.selector for entry in seen.entries}
    labels = {link.label for link in seen.links}
    own = [text for text in told_by(seen) if text.text not in labels and not within(text.selector, inside)]
    if sum(len(text.text) for text in own) < characters:
        return None
    title = next(
        (heading for heading in seen.page.outline.headings if not recurs(heading.text, looked.recurring)), None
    )
    said = " . ".join(text.text for text in own)
    quoted: Text = max(own, key=lambda text: min(len(text.text), 300))
    home = frozenset(link.url for link in looked.home.outline.links) if looked.home is not None else frozenset[str]()
    files = tuple(dict.fromkeys(link.url for link in file_links(seen.page, home)))
    name = title.text if title else seen.page.outline.title
    return Record(name, said, seen, quoted.selector, files=files, listed=False)


def hollow(seen: Seen) -> bool:
    """Whether an opened page holds nothing: no text of its own besides its name, no document, file, table, frame or picture."""
    held = seen.documents or seen.tables or seen.images or seen.page.outline.frames
    return (
        not held
        and not any(DOCUMENT.search(link.url) for link in seen.links)
        and sum(len(t.text) for t in told_by(seen)) < 20
    )


def is_paper(record: Record, kinds: tuple[str, ...]) -> bool:
    """Whether a record is a document: it has a number or a kind, or its title begins with the name of a kind."""
    return bool(record.number or record.kind) or begins(record.title, kinds)


def names_any(record: Record, words: tuple[str, ...], *, deep: bool) -> bool:
    """Whether a record's title, what heads it, or its row, says one of the words; with deep, anything said beside it or on its own page."""
    named = f"{record.under} . {record.title}"
    return says(record.all_said if deep else f"{named} . {record.said}" if record.tabled else named, words)
