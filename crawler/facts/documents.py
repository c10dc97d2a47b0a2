"""The fields of legal documents, from tables with named columns, from label and value pairs, and from list members that bear a number."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from crawler.facts.forms import frames_page
from crawler.facts.outline import FILE_NAME
from crawler.facts.tree import Element, Parsed, selector_of
from crawler.model import DocumentFields, Entry, Heading, Link, Outline, Place, Table, Text
from crawler.text import find_dates, find_document_numbers, fold
from crawler.vocabulary import words

_FIELDS = ("number", "kind", "issuer", "signer", "abstract", "issued", "effective", "file", "other")
_UNKEPT = ("file", "other", "")  # labels known only so that their values are not taken for another's
_KEYS = ("number", "issued", "abstract")
_OUTSIDE = (Place.MENU, Place.FOOTER, Place.BREADCRUMB)
_READ = 600  # characters of a run of text in which labels with a colon are looked for; assumed
_LABEL_WORDS = 7
_LONGEST = {
    "number": 60,
    "kind": 80,
    "issuer": 200,
    "signer": 120,
    "abstract": 2000,
    "issued": 60,
    "effective": 120,
    "file": 300,
    "other": 300,
}
_LEADS = 40  # characters before a number in a list member's text; further in, it is only mentioned. Assumed
_NUMBER_LIKE = re.compile(r"(?=.*\d)[\w./&–\- ]{2,60}$")
_AFTER_NUMBER = 45
_LONGEST_LABEL = 60
_MOST_LINKS = 3  # a value with more is a list to choose from
_TITLE_WORDS = 4  # a heading with so few names a part of the page, not the document


class _Found(NamedTuple):
    """A field's value and where it stands."""

    field: str
    value: str
    selector: str


class _Page:
    """The page's elements by selector, its links outside menus by position, and which elements are spoken for already."""

    def __init__(self, parsed: Parsed, url: str, texts: Sequence[Text], links: Sequence[Link]) -> None:
        self.url = url
        self.texts = texts
        self.elements = parsed.selected()
        held = [link for link in links if link.place not in _OUTSIDE and link.selector in self.elements]
        self.links = sorted(held, key=lambda link: self.elements[link.selector].at)
        self.positions = [self.elements[link.selector].at for link in self.links]
        self.taken = bytearray(len(parsed.elements))
        for form in parsed.elements:  # what stands in a search form are names of its fields
            if form.tag == "form" and not frames_page(form, parsed):
                self.take(form)

    def take(self, element: Element) -> None:
        self.taken[element.at : element.end] = b"\1" * (element.end - element.at)

    def is_taken(self, selector: str) -> bool:
        element = self.elements.get(selector)
        return element is None or bool(self.taken[element.at])

    def links_in(self, element: Element) -> list[Link]:
        return self.links[bisect_left(self.positions, element.at) : bisect_left(self.positions, element.end)]


def documents(
    parsed: Parsed, url: str, texts: Sequence[Text], tables: Sequence[Table], entries: Sequence[Entry], seen: Outline
) -> tuple[DocumentFields, ...]:
    """The documents a page describes or lists, tables first, then label and value pairs, then list members with a number. Everything given
    was read from `parsed`; `seen` with selectors."""
    page = _Page(parsed, url, texts, seen.links)
    found: list[DocumentFields] = []
    for table in tables:
        rows = list(_from_table(table, page))
        if rows:
            page.take(page.elements[table.selector])
            found += rows
    free = [text for text in texts if text.place not in _OUTSIDE and not page.is_taken(text.selector)]
    records = [record for record in _records(_pairs(free, page)) if _is_document(record)]
    owners = _owners(entries, page)
    placed = [(record, _around(record, page)) for record in records]
    main = max((record for record, around in placed if around.at not in owners), key=len, default=None)
    for record, around in placed:
        entry = owners.get(around.at)
        if entry is None:
            found.append(_own(record, around, page, seen.headings if record is main else None))
            page.take(around)
        else:
            found.append(_listed(record, entry, page))
            page.take(page.elements[entry.selector])
    found += [one for entry in entries if (one := _from_entry(entry, page))]
    return tuple(found)


def _owners(entries: Sequence[Entry], page: _Page) -> dict[int, Entry]:
    """The list member each element stands in, by the element's position."""
    owners: dict[int, Entry] = {}
    for entry in entries:
        element = page.elements[entry.selector]
        owners.update(dict.fromkeys(range(element.at, element.end), entry))
    return owners


@cache
def _labels() -> dict[str, str]:
    """Folded label → field; the first field that claims a label has it."""
    named: dict[str, str] = {}
    for field in _FIELDS:
        for word in words(f"document_{field}"):
            named.setdefault(fold(word), field)
    return named


# --- tables with named columns -----------------------------------------------------------------------------------------------------------


def _from_table(table: Table, page: _Page) -> Iterator[DocumentFields]:
    """A document per row of a table whose heading names at least two fields, a number or an abstract among them."""
    start, columns = _columns(table)
    for row in table.rows[start:]:
        record = [
            _Found(field, row.cells[i], row.selector)
            for i, field in columns.items()
            if i < len(row.cells) and row.cells[i] and field not in _UNKEPT
        ]
        if any(one.field in ("number", "abstract") for one in record):
            within = page.links_in(page.elements[row.selector])
            files = tuple(dict.fromkeys(link.url for link in within if is_file(link)))
            yield _fields(record, row.selector, files, next((link.url for link in within if link.url not in files), ""))


def _columns(table: Table) -> tuple[int, dict[int, str]]:
    """The row after the heading, and the fields its columns hold; no columns where the table has no such heading."""
    for at, row in enumerate(table.rows[:3]):
        columns = {i: field for i, cell in enumerate(row.cells) if (field := _labels().get(fold(cell)))}
        named = set(columns.values()) - {"other"}
        if len(named) < 2 or not named & {"number", "abstract"} or len(columns) < len(row.cells) / 2:
            continue
        values = [cell for i, cell in enumerate(row.cells) if i not in columns]
        if any(find_dates(cell) or find_document_numbers(cell) for cell in values):
            continue  # label, value, label, value
        below = table.rows[at + 1].cells if at + 1 < len(table.rows) else ()
        if sum(fold(below[i]) in _labels() for i in columns if i < len(below)) > len(columns) / 2:
            continue
        return at + 1, columns
    return 0, {}


# --- label and value ---------------------------------------------------------------------------------------------------------------------


def _pairs(texts: Sequence[Text], page: _Page) -> Iterator[_Found]:
    """Fields written as `label: value` in one run, or as a run that is a label before its values, beside it; `Cơ quan ban hành / Người ký`
    is followed by one value for each."""
    waiting: list[str] = []
    label = ""
    for text in texts:
        written = text.text
        if fields := _label_of(written):
            waiting, label = fields, text.selector
            continue
        parts = list(_split(written, text.selector)) if ":" in written[:_READ] else []
        if parts:
            waiting = []
            for part in parts:
                if part.value and part.field not in _UNKEPT:
                    yield part
                elif not part.value:
                    waiting, label = [part.field], text.selector
        elif waiting:
            field, *waiting = waiting
            if _beside(page.elements[label], page.elements[text.selector]):
                if field not in _UNKEPT:
                    yield _Found(field, written, text.selector)
            else:
                waiting = []


@lru_cache(maxsize=4096)
def _label_of(written: str) -> list[str]:
    """The fields a run of text is the label of, in order ('' for a part that names none); none where it is no label."""
    if len(written) > _LONGEST_LABEL or not written[:1].isalpha():
        return []
    if field := _labels().get(fold(written)):
        return [field]
    fields = [_labels().get(fold(part), "") for part in written.split("/")]
    return fields if sum(map(bool, fields)) > 1 and fields[0] else []


def _beside(label: Element, value: Element) -> bool:
    """Whether a value stands beside its label: in the box around it, and not in a list of choices."""
    box = label
    while box.parent is not None and box.parent.chars == box.chars:
        box = box.parent
    if box.at <= value.at < box.end:
        return True
    outer = box.parent
    if outer is None or not outer.at <= value.at < outer.end:
        return False
    node = value
    while node.parent is not None and node.parent is not outer:
        node = node.parent
    return node.links <= _MOST_LINKS and node.chars <= _LONGEST["abstract"]


def _split(written: str, selector: str) -> Iterator[_Found]:
    """The fields of a run that says `label: value` once or several times; nothing unless it begins with a label."""
    chunks = written[:_READ].split(":")
    field, rest = _ending_label(chunks[0])
    if not field or len(rest) > 12:
        return
    for chunk in chunks[1:-1]:
        following, value = _ending_label(chunk)
        if following:
            yield _Found(field, value.strip(" -–|;,"), selector)
            field = following
    last = written.split(":", len(chunks) - 1)[-1] if len(chunks) > 1 else ""
    yield _Found(field, last.strip(" -–|;,"), selector)


def _ending_label(chunk: str) -> tuple[str, str]:
    """The field whose label ends a stretch of text, and the text before that label; '' and all of it where none does."""
    parts = chunk.split()
    for count in range(min(_LABEL_WORDS, len(parts)), 0, -1):
        if field := _labels().get(fold(" ".join(parts[-count:]))):
            return field, " ".join(parts[:-count])
    return "", chunk


def _records(pairs: Iterator[_Found]) -> Iterator[list[_Found]]:
    """Fields gathered into documents: a number, date of issue or abstract that comes again begins the next one. Of another field said twice
    the one behind the number stands, else the first."""
    record: list[_Found] = []
    for one in pairs:
        same = next((i for i, each in enumerate(record) if each.field == one.field), None)
        if same is None:
            record.append(one)
        elif one.field in _KEYS:
            yield record
            record = [one]
        elif not any(each.field in _KEYS for each in record[:same]):
            record = [*record[:same], *record[same + 1 :], one]
    if record:
        yield record


def _is_document(record: list[_Found]) -> bool:
    named = {one.field for one in record if _fits(one)}
    return "number" in named or ("issued" in named and len(named) >= 3)


def _fits(one: _Found) -> bool:
    if len(one.value) > 2000:
        return False
    if one.field == "number":
        return bool(_number(one.value))
    if one.field == "issued":
        return bool(find_dates(one.value))
    return True


def _number(value: str) -> str:
    found = find_document_numbers(value)
    if found:
        return found[0].number
    return value if _NUMBER_LIKE.match(value) and "/" in value else ""


def _own(record: list[_Found], around: Element, page: _Page, headings: Sequence[Heading] | None) -> DocumentFields:
    """A document the page itself describes. Its main one (the one with headings given) has all files of the page and, where no abstract is
    named, takes the line that opens its table, or the heading above."""
    near, url = page.links_in(around), page.url
    wanting = not any(one.field == "abstract" for one in record)
    if headings is not None:
        near = page.links
        if wanting and (title := _title(record, around, page, headings)):
            record = [*record, title]
    else:
        link = next((each for each in near if not is_file(each) and each.label), None)
        url = link.url if link else url
        if link and wanting and len(link.label.split()) >= _TITLE_WORDS:
            record = [*record, _Found("abstract", link.label, link.selector)]
    return _fields(record, selector_of(around), tuple(dict.fromkeys(link.url for link in near if is_file(link))), url)


def _title(record: list[_Found], around: Element, page: _Page, headings: Sequence[Heading]) -> _Found | None:
    """The line within a record's box before all its fields, else the last heading above it."""
    first = min(page.elements[one.selector].at for one in record)
    opening = next((text for text in page.texts if around.at <= page.elements[text.selector].at < first), None)
    if (
        opening is not None
        and len(opening.text.split()) >= _TITLE_WORDS - 1
        and not _label_of(opening.text)
        and ":" not in opening.text
    ):
        return _Found("abstract", opening.text, opening.selector)
    above = [
        each
        for each in headings
        if page.elements[each.selector].at < first and page.elements[each.selector].place not in _OUTSIDE
    ]
    titles = [each for each in above if len(each.text.split()) > _TITLE_WORDS]
    return _Found("abstract", titles[-1].text, titles[-1].selector) if titles else None


def _listed(record: list[_Found], entry: Entry, page: _Page) -> DocumentFields:
    """A document of which a list's member names the fields."""
    if not any(one.field == "abstract" for one in record):
        record = [*record, _Found("abstract", entry.title, entry.selector)]
    near = page.links_in(page.elements[entry.selector])
    return _fields(record, entry.selector, tuple(dict.fromkeys(link.url for link in near if is_file(link))), entry.url)


def _around(record: list[_Found], page: _Page) -> Element:
    """The innermost element that holds all fields of a record."""
    first, *rest = (page.elements[one.selector] for one in record)
    lowest = min((each.at for each in rest), default=first.at)
    highest = max((each.at for each in rest), default=first.at)
    box = first
    while box.parent is not None and not (box.at <= lowest and highest < box.end):
        box = box.parent
    return box


# --- members of lists --------------------------------------------------------------------------------------------------------------------


def _from_entry(entry: Entry, page: _Page) -> DocumentFields | None:
    """The document a list's member names by its number at the head of its title or text, None where it only mentions one."""
    if page.is_taken(entry.selector):
        return None
    in_title = find_document_numbers(entry.title)
    in_text = find_document_numbers(entry.text)
    source, first = (entry.title, in_title[0]) if in_title else (entry.text, in_text[0] if in_text else None)
    if first is None or first.start > _LEADS:
        return None
    lead = fold(source[: first.start])
    kind = next((word for word in words("document_kinds") if lead.startswith(fold(word))), "")
    if lead and not kind and lead not in ("so", "so hieu", "so ky hieu", "van ban so"):
        return None
    record = [_Found("number", first.number, entry.selector), _Found("abstract", entry.title, entry.selector)]
    if kind:
        record.append(_Found("kind", kind, entry.selector))
    if dated := find_dates(source[first.end : first.end + _AFTER_NUMBER]):
        record.append(_Found("issued", source[first.end + dated[0].start : first.end + dated[0].end], entry.selector))
    near = page.links_in(page.elements[entry.selector])
    return _fields(record, entry.selector, tuple(dict.fromkeys(link.url for link in near if is_file(link))), entry.url)


# --- one record --------------------------------------------------------------------------------------------------------------------------


def is_file(link: Link) -> bool:
    """Whether a link gives a file to keep: by its address or by a label that offers one."""
    return bool(FILE_NAME.search(link.url)) or fold(link.label).startswith(_offers())


@cache
def _offers() -> tuple[str, ...]:
    return tuple(fold(word) for word in words("file_offers"))


def _fields(record: Sequence[_Found], selector: str, files: tuple[str, ...], url: str) -> DocumentFields:
    """The record as a document; a value that is not what its field holds is left out."""
    held: dict[str, str] = {}
    places: dict[str, str] = {}
    for one in record:
        if one.field == "abstract" and find_document_numbers(one.value) and " " not in one.value:
            continue  # the number again
        if one.field in held or not one.value or len(one.value) > _LONGEST[one.field] or not _fits(one):
            continue
        held[one.field] = _number(one.value) if one.field == "number" else one.value
        places[one.field] = one.selector
    issued, effective = find_dates(held.get("issued", "")), find_dates(held.get("effective", ""))
    return DocumentFields(
        selector=selector,
        number=held.get("number", ""),
        kind=held.get("kind", ""),
        issuer=held.get("issuer", ""),
        signer=held.get("signer", ""),
        abstract=held.get("abstract", ""),
        issued=issued[0].date if issued else None,
        effective=effective[0].date if effective else None,
        effective_text=held.get("effective", ""),
        files=files,
        url=url,
        selectors=places,
    )
