"""The fields of legal documents, from tables with named columns, from label and value pairs, and from list members that bear a number."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from crawler.facts.forms import frames_page
from crawler.facts.labelled import UNKEPT, Found, label_of, labels, pairs
from crawler.facts.outline import FILE_NAME
from crawler.facts.tree import Element, Parsed, selector_of
from crawler.model import DocumentFields, Entry, Heading, Link, Outline, Place, Table, Text
from crawler.text import find_dates, find_document_numbers, fold
from crawler.vocabulary import words

_KEYS = ("number", "issued", "abstract")
_OUTSIDE = (Place.MENU, Place.FOOTER, Place.BREADCRUMB)
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
_TITLE_WORDS = 4  # a heading with so few names a part of the page, not the document


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
    boxed = [
        text for text in free if text.place is Place.SIDE
    ]  # what stands in a box beside the body is no field of a document in it
    body = [text for text in free if text.place is not Place.SIDE]
    records = [one for part in (body, boxed) for one in _records(pairs(part, page.elements)) if _is_document(one)]
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


# --- tables with named columns -----------------------------------------------------------------------------------------------------------


def _from_table(table: Table, page: _Page) -> Iterator[DocumentFields]:
    """A document per row of a table whose heading names at least two fields, a number or an abstract among them."""
    start, columns = _columns(table)
    for row in table.rows[start:]:
        record = [
            Found(field, row.cells[i], row.selector)
            for i, field in columns.items()
            if i < len(row.cells) and row.cells[i] and field not in UNKEPT
        ]
        if any(one.field in ("number", "abstract") for one in record):
            within = page.links_in(page.elements[row.selector])
            files = _files(within)
            yield _fields(record, row.selector, files, next((link.url for link in within if link.url not in files), ""))


def _columns(table: Table) -> tuple[int, dict[int, str]]:
    """The row after the heading, and the fields its columns hold; no columns where the table has no such heading."""
    for at, row in enumerate(table.rows[:3]):
        columns = {i: field for i, cell in enumerate(row.cells) if (field := labels().get(fold(cell)))}
        named = set(columns.values()) - {"other"}
        if len(named) < 2 or not named & {"number", "abstract"} or len(columns) < len(row.cells) / 2:
            continue
        values = [cell for i, cell in enumerate(row.cells) if i not in columns]
        if any(find_dates(cell) or find_document_numbers(cell) for cell in values):
            continue  # label, value, label, value
        below = table.rows[at + 1].cells if at + 1 < len(table.rows) else ()
        if sum(fold(below[i]) in labels() for i in columns if i < len(below)) > len(columns) / 2:
            continue
        return at + 1, columns
    return 0, {}


# --- pages about a document --------------------------------------------------------------------------------------------------------------


def _records(found: Iterator[Found]) -> Iterator[list[Found]]:
    """Fields gathered into documents: a number, date of issue or abstract that comes again begins the next one. Of another field said twice
    the one behind the number stands, else the first."""
    record: list[Found] = []
    for one in found:
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


def _is_document(record: list[Found]) -> bool:
    named = {one.field for one in record if _fits(one)}
    return "number" in named or ("issued" in named and len(named) >= 3)


def _fits(one: Found) -> bool:
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


def _own(record: list[Found], around: Element, page: _Page, headings: Sequence[Heading] | None) -> DocumentFields:
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
            record = [*record, Found("abstract", link.label, link.selector)]
    return _fields(record, selector_of(around), _files(near), url)


def _title(record: list[Found], around: Element, page: _Page, headings: Sequence[Heading]) -> Found | None:
    """The line within a record's box before all its fields, else the last heading above it."""
    first = min(page.elements[one.selector].at for one in record)
    opening = next((text for text in page.texts if around.at <= page.elements[text.selector].at < first), None)
    if (
        opening is not None
        and len(opening.text.split()) >= _TITLE_WORDS - 1
        and not label_of(opening.text)
        and ":" not in opening.text
    ):
        return Found("abstract", opening.text, opening.selector)
    above = [
        each
        for each in headings
        if page.elements[each.selector].at < first and page.elements[each.selector].place not in _OUTSIDE
    ]
    titles = [each for each in above if len(each.text.split()) > _TITLE_WORDS]
    if titles:
        return Found("abstract", titles[-1].text, titles[-1].selector)
    return _named(record, first, page)


def _named(record: list[Found], first: int, page: _Page) -> Found | None:
    """The last line above a record that gives its number and goes on to say what it is about, where no heading names it."""
    number = next((_number(one.value) for one in record if one.field == "number"), "")
    for text in reversed(page.texts):
        if not number or text.place in _OUTSIDE or page.elements[text.selector].at >= first:
            continue
        found = next((one for one in find_document_numbers(text.text) if one.number == number), None)
        if found is not None and len(text.text[found.end :].split()) >= _TITLE_WORDS - 1:
            return Found("abstract", text.text, text.selector)
    return None


def _listed(record: list[Found], entry: Entry, page: _Page) -> DocumentFields:
    """A document of which a list's member names the fields."""
    if not any(one.field == "abstract" for one in record):
        record = [*record, Found("abstract", entry.title, entry.selector)]
    near = page.links_in(page.elements[entry.selector])
    return _fields(record, entry.selector, _files(near), entry.url)


def _around(record: list[Found], page: _Page) -> Element:
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
    record = [Found("number", first.number, entry.selector), Found("abstract", entry.title, entry.selector)]
    if kind:
        record.append(Found("kind", kind, entry.selector))
    if dated := find_dates(source[first.end : first.end + _AFTER_NUMBER]):
        record.append(Found("issued", source[first.end + dated[0].start : first.end + dated[0].end], entry.selector))
    near = page.links_in(page.elements[entry.selector])
    return _fields(record, entry.selector, _files(near), entry.url)


# --- one record --------------------------------------------------------------------------------------------------------------------------


def is_file(link: Link) -> bool:
    """Whether a link gives a file to keep: by its address or by a label that offers one."""
    return bool(FILE_NAME.search(link.url)) or fold(link.label).startswith(_offers())


@cache
def _offers() -> tuple[str, ...]:
    return tuple(fold(word) for word in words("file_offers"))


def _files(near: Iterable[Link]) -> dict[str, str]:
    """The addresses of the files that links give, each with the selector of the first link to it."""
    found: dict[str, str] = {}
    for link in near:
        if is_file(link):
            found.setdefault(link.url, link.selector)
    return found


def _fields(record: Sequence[Found], selector: str, files: Mapping[str, str], url: str) -> DocumentFields:
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
    if files:
        places["files"] = next(iter(files.values()))
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
        files=tuple(files),
        url=url,
        selectors=places,
    )
