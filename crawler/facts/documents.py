"""The fields of legal documents, from tables with named columns, from label and value pairs, and from list members that bear a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from crawler.facts.outline import FILE_NAME
from crawler.model import DocumentFields, Entry, Heading, Link, Place, Table, Text
from crawler.text import find_dates, find_document_numbers, fold
from crawler.vocabulary import words

_FIELDS = ("number", "kind", "issuer", "signer", "abstract", "issued", "effective", "file")
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
}
_LEADS = 40  # characters before a number in a list member's text; further in, it is only mentioned. Assumed
_NUMBER_LIKE = re.compile(r"(?=.*\d)[\w./&–\- ]{2,60}$")
_AFTER_NUMBER = 25


class _Found(NamedTuple):
    """A field's value and where it stands."""

    field: str
    value: str
    selector: str


def documents(
    url: str,
    texts: Sequence[Text],
    tables: Sequence[Table],
    entries: Sequence[Entry],
    links: Sequence[Link],
    headings: Sequence[Heading],
) -> tuple[DocumentFields, ...]:
    """The documents a page describes or lists, tables first, then label and value pairs, then list members with a number."""
    found: list[DocumentFields] = []
    listed: list[str] = []
    by_selector = [(link.selector, link) for link in links if link.place not in _OUTSIDE]
    for table in tables:
        rows = list(_from_table(table, by_selector))
        if rows:
            listed.append(table.selector)
            found += rows
    free = [text for text in texts if text.place not in _OUTSIDE and not _inside(text.selector, listed)]
    records = [record for record in _records(_pairs(free)) if _is_document(record)]
    lone = len(records) == 1
    for record in records:
        found.append(_from_record(record, url, entries, by_selector, headings if lone else (), alone=lone))
    listed += [one.selector for one in found]
    found += [one for entry in entries if (one := _from_entry(entry, listed, by_selector))]
    return tuple(found)


@cache
def _labels() -> dict[str, str]:
    """Folded label → field; the first field that claims a label has it."""
    named: dict[str, str] = {}
    for field in _FIELDS:
        for word in words(f"document_{field}"):
            named.setdefault(fold(word), field)
    return named


def _inside(selector: str, holders: Sequence[str]) -> bool:
    return any(selector == holder or selector.startswith(f"{holder} >") for holder in holders)


# --- tables with named columns -----------------------------------------------------------------------------------------------------------


def _from_table(table: Table, links: Sequence[tuple[str, Link]]) -> Iterator[DocumentFields]:
    """A document per row of a table whose heading names at least two fields, a number or an abstract among them."""
    for at, row in enumerate(table.rows[:3]):
        columns = {i: field for i, cell in enumerate(row.cells) if (field := _labels().get(fold(cell)))}
        named = set(columns.values())
        if len(named) >= 2 and named & {"number", "abstract"} and len(columns) >= len(row.cells) / 2:
            break
    else:
        return
    held = [(selector, link) for selector, link in links if _inside(selector, [table.selector])]
    for row in table.rows[at + 1 :]:
        record = [
            _Found(field, row.cells[i], row.selector)
            for i, field in columns.items()
            if i < len(row.cells) and row.cells[i]
        ]
        record = [one for one in record if one.field != "file"]
        within = [link for selector, link in held if _inside(selector, [row.selector])]
        if any(one.field in ("number", "abstract") for one in record):
            files = tuple(dict.fromkeys(link.url for link in within if is_file(link)))
            page = next((link.url for link in within if link.url not in files), "")
            yield _fields(record, row.selector, files, page)


# --- label and value ---------------------------------------------------------------------------------------------------------------------


def _pairs(texts: Sequence[Text]) -> Iterator[_Found]:
    """Fields written as `label: value` in one run, or as a run that is a label before one that is its value."""
    waiting = ""
    for text in texts:
        written = text.text
        field = _labels().get(fold(written)) if len(written) <= 60 else None
        if field:
            waiting = field
            continue
        parts = list(_split(written, text.selector)) if ":" in written[:_READ] else []
        if parts and parts[0].field:
            waiting = ""
            for part in parts:
                if part.value:
                    yield part
                else:
                    waiting = part.field
        elif waiting:
            yield _Found(waiting, written, text.selector)
            waiting = ""


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
    """Fields gathered into documents: a field that comes again begins the next one."""
    record: list[_Found] = []
    for one in pairs:
        if one.field != "file" and any(each.field == one.field for each in record):
            yield record
            record = []
        record.append(one)
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


def _from_record(
    record: list[_Found],
    url: str,
    entries: Sequence[Entry],
    links: Sequence[tuple[str, Link]],
    headings: Sequence[Heading],
    *,
    alone: bool,
) -> DocumentFields:
    """The document of a page, or of the list's member the fields stand in."""
    around = _common([one.selector for one in record])
    entry = next((each for each in entries if _inside(around, [each.selector])), None)
    if entry is not None:
        around, url = entry.selector, entry.url
        if not any(one.field == "abstract" for one in record):
            record = [*record, _Found("abstract", entry.title, entry.selector)]
    elif not any(one.field == "abstract" for one in record):
        heading = next((each for each in headings if len(each.text.split()) >= 5), None)
        if heading is not None:
            record = [*record, _Found("abstract", heading.text, heading.selector)]
    near = [link for selector, link in links if (alone and entry is None) or _inside(selector, [around])]
    return _fields(record, around, tuple(dict.fromkeys(link.url for link in near if is_file(link))), url)


def _common(selectors: Sequence[str]) -> str:
    """The innermost element that holds all of them."""
    paths = [selector.split(" > ") for selector in selectors]
    shared = 0
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        shared += 1
    return " > ".join(paths[0][:shared])


# --- members of lists --------------------------------------------------------------------------------------------------------------------


def _from_entry(entry: Entry, listed: Sequence[str], links: Sequence[tuple[str, Link]]) -> DocumentFields | None:
    """The document a list's member names by its number at the head of its title or text, None where it only mentions one."""
    if _inside(entry.selector, listed):
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
    near = [link for selector, link in links if _inside(selector, [entry.selector])]
    return _fields(record, entry.selector, tuple(dict.fromkeys(link.url for link in near if is_file(link))), entry.url)


# --- one record --------------------------------------------------------------------------------------------------------------------------


def is_file(link: Link) -> bool:
    """Whether a link gives a file to keep: by its address or by a label that offers one."""
    return (
        bool(FILE_NAME.search(link.url))
        or _labels().get(fold(link.label)) == "file"
        or fold(link.label).startswith(_offers())
    )


@cache
def _offers() -> tuple[str, ...]:
    return tuple(fold(word) for word in words("file_offers"))


def _fields(record: Sequence[_Found], selector: str, files: tuple[str, ...], url: str) -> DocumentFields:
    """The record as a document; a value that is not what its field holds is left out."""
    held: dict[str, str] = {}
    places: dict[str, str] = {}
    for one in record:
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
        selectors={field: place for field, place in places.items() if field != "file"},
    )
