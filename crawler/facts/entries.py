"""Repeated lists of a page: news items, documents, notices. Each member with its link, its title and the date beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise

import msgspec

from crawler.facts.links import Resolver, base_of, link_of
from crawler.facts.outline import FILE_NAME
from crawler.facts.tree import Element, Parsed, selector_of, text_of
from crawler.model import Entry, Link, Place
from crawler.text import find_dates, find_document_numbers, fold, nfc_clean
from crawler.vocabulary import words

_OUTSIDE = (Place.MENU, Place.FOOTER, Place.BREADCRUMB)
# What makes a link's label a title and a list's member an entry; all assumed.
_TITLE_WORDS, _TITLE_CHARS = 4, 18
_MOST_TITLES = 2  # a member with more different titled links is a list itself
_FEWEST, _FEWEST_DATED = 3, 2
_FEATURED_REACH = 3  # boxes around a linked heading in which its date may stand
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_DATE_REACH = 60  # characters of a piece of text in which a date stands beside an entry, not within its prose
_LONGEST_TEXT = 2000
_UNSET_YEARS = (1900, 1970)
MOST_ENTRIES = 2000
"""Entries read of one page; assumed ample."""
_DIGIT = re.compile("[0-9]")
_PLAYED = re.compile(r"\b(?:odd|even|first|last|active|alt|alternate|current|selected|clearfix|row|item|col)\b|[\d_-]+")
_DATED_NAME = re.compile(r"date|time|ngay|thoi-?gian|publish|posted", re.IGNORECASE)

Member = tuple[Element, ...]
"""A member of a list: an element, or a term of a list of terms with what is said of it. Never empty; what it holds follows on one another."""


def entries(parsed: Parsed, url: str) -> tuple[Entry, ...]:
    """The members of the page's repeated lists in page order, menus and footers left out; those of side boxes only where the body has none."""
    resolve = Resolver(base_of(parsed, url))
    found = list(_entries(parsed, url, resolve))
    body = [entry for place, entry in found if place is Place.BODY]
    return tuple(body or [entry for _, entry in found])


def _entries(parsed: Parsed, url: str, resolve: Resolver) -> Iterator[tuple[Place, Entry]]:
    taken: set[int] = set()
    count = 0
    for parent in parsed.elements:
        if parent.links < 2 or parent.at in taken or parent.place in _OUTSIDE or parent.hidden:
            continue
        for members in _groups(parsed, parent):
            list_entries = []
            for member in members:
                entry = _entry(parsed, member, url, resolve)
                if entry is not None:
                    list_entries.append((member, entry))
            dated = sum(1 for _, entry in list_entries if entry.date)
            if len(list_entries) < _FEWEST and dated < _FEWEST_DATED:
                continue
            for member, entry in list_entries:
                taken.update(range(member[0].at, member[-1].end))
                yield parent.place, entry
                count += 1
                if count >= MOST_ENTRIES:
                    return
    yield from _featured(parsed, url, resolve, taken)


def _featured(parsed: Parsed, url: str, resolve: Resolver, taken: set[int]) -> Iterator[tuple[Place, Entry]]:
    """Items that stand alone: a linked heading with a date near it, such as the only news of a section."""
    for heading in parsed.elements:
        if (
            heading.tag not in _HEADINGS
            or not heading.links
            or heading.at in taken
            or heading.place in _OUTSIDE
            or heading.hidden
        ):
            continue
        box = heading
        for _ in range(_FEATURED_REACH):
            if box.parent is None or box.parent.tag in ("body", "form", "main"):
                break
            box = box.parent
            entry = _entry(parsed, (box,), url, resolve)
            if entry is None:
                break
            if entry.date and _is_title(entry.title):
                taken.update(range(box.at, box.end))
                yield box.place, entry
                break


def _groups(parsed: Parsed, parent: Element) -> list[list[Member]]:
    """The parts of an element by their shape, where at least two are alike and hold links, and are no columns of a page."""
    groups: dict[str, list[Member]] = {}
    for member in _parts(parent):
        head = member[0]
        if any(element.links for element in member) and not head.hidden and head.place not in _OUTSIDE:
            groups.setdefault(_shape(head.tag, head.get("class")), []).append(member)
    return [
        members for members in groups.values() if len(members) >= _FEWEST_DATED and not _are_columns(parsed, members)
    ]


def _parts(parent: Element) -> list[Member]:
    """What an element falls into: its children, but in a list of several terms each term together with what follows it."""
    children = [child for child in parent.children if isinstance(child, Element)]
    if parent.tag != "dl" or sum(child.tag == "dt" for child in children) < _FEWEST_DATED:
        return [(child,) for child in children]
    starts = [at for at, child in enumerate(children) if child.tag == "dt" or at == 0]
    return [tuple(children[start:end]) for start, end in pairwise((*starts, len(children)))]


def _within(parsed: Parsed, member: Member) -> list[Element]:
    """All a member holds, itself included, in page order."""
    return parsed.elements[member[0].at : member[-1].end]


def _are_columns(parsed: Parsed, members: list[Member]) -> bool:
    """Whether like boxes are a page's columns and no list: one holds a menu, a breadcrumb or a form, or one but not every one the page's name."""
    named = 0
    for member in members:
        within = _within(parsed, member)
        if any(element.tag == "form" or element.place in _OUTSIDE for element in within):
            return True
        named += any(element.tag == "h1" for element in within)
    return 0 < named < len(members)


@lru_cache(maxsize=4096)
def _shape(tag: str, classes: str) -> str:
    """Tag and class words without those that only count or alternate."""
    return f"{tag} {' '.join(sorted(_PLAYED.sub(' ', classes[:200].lower()).split()))}"


def _entry(parsed: Parsed, member: Member, url: str, resolve: Resolver) -> Entry | None:
    """The entry a list's member is, None where it is something else: a button, a box, a list of its own."""
    best: Link | None = None
    file: Link | None = None
    best_weight, titled = 0.0, set()
    here = url.partition("#")[0]
    heading_end = -1
    for element in _within(parsed, member):
        if element.tag in _HEADINGS:
            heading_end = element.end
        if element.tag != "a" or element.hidden:
            continue
        link = link_of(parsed, element, resolve)
        if link is not None and file is None and FILE_NAME.search(link.url):
            file = link
        if link is None or link.url == here or not link.label or _is_generic(link.label) or _is_file_name(link.label):
            continue
        if _is_title(link.label):
            titled.add(link.url)
            if len(titled) > _MOST_TITLES:
                return None
        weight = min(len(link.label), 120) + (200 if element.at < heading_end else 0)
        if weight > best_weight:
            best, best_weight = link, weight
    if best is None and file is not None and (title := _plain_title(parsed, member)):
        best = msgspec.structs.replace(file, label=title)
    if best is None:
        return None
    text = " ".join(map(text_of, member))[:_LONGEST_TEXT]
    if not text:  # a picture only: a banner
        return None
    when = _date_beside(parsed, member, best.label)
    if not _is_title(best.label) and not (when and len(text) > len(best.label)) and not find_document_numbers(text):
        return None
    return Entry(url=best.url, title=best.label, text=text, selector=selector_of(member[0]), date=when)


def _plain_title(parsed: Parsed, member: Member) -> str:
    """What heads a member whose links are but buttons, else the longest run of its text that reads as a title; '' where there is none."""
    runs = [
        (element.tag, nfc_clean(" ".join(child for child in element.children if isinstance(child, str))))
        for element in _within(parsed, member)
        if element.tag != "a" and not element.hidden and element.chars
    ]
    titles = [(tag, run) for tag, run in runs if len(run) <= LONGEST_TITLE and _is_title(run)]
    heading = next((run for tag, run in titles if tag in _HEADINGS or tag in HEADS), "")
    return heading or max((run for _, run in titles), key=len, default="")


LONGEST_TITLE = 300
"""Characters of a title that is no link; assumed."""
HEADS = frozenset({"summary", "strong", "b", "dt", "legend", "caption"})


@lru_cache(maxsize=4096)
def _is_generic(label: str) -> bool:
    return fold(label) in {fold(word) for word in words("generic_labels")}


def _is_file_name(label: str) -> bool:
    """Whether a link is called by nothing but the name of the file it leads to."""
    return " " not in label and FILE_NAME.search(label) is not None


def _is_title(label: str) -> bool:
    return (len(label) >= _TITLE_CHARS and label.count(" ") >= _TITLE_WORDS - 1) or bool(find_document_numbers(label))


def _date_beside(parsed: Parsed, member: Member, title: str) -> date | None:
    """The date an entry bears: one marked as such, else the first that stands by itself, else one that closes the title."""
    alone: date | None = None
    for element in _within(parsed, member):
        if element.hidden:
            continue
        if element.tag == "time" and (stamped := _first_date(element.get("datetime"))):
            return stamped
        marked = _DATED_NAME.search(f"{element.get('class')} {element.get('id')}") is not None
        for child in element.children:
            if isinstance(child, str) and len(child) >= 6 and _DIGIT.search(child):
                piece = nfc_clean(child)
                if len(piece) > _DATE_REACH or piece in title:
                    continue
                if written := _first_date(piece):
                    if marked:
                        return written
                    alone = alone or written
    if alone:
        return alone
    closing = find_dates(title)
    return closing[-1].date if closing and len(title) - closing[-1].end <= 2 else None


def _first_date(text: str) -> date | None:
    """The first date written, but for the day clocks start from, which systems print for "not set"."""
    return next(
        (
            one.date
            for one in find_dates(text)
            if (one.date.month, one.date.day) != (1, 1) or one.date.year not in _UNSET_YEARS
        ),
        None,
    )
