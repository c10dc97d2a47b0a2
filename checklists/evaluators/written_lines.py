"""What a page puts up in running lines instead of lists: "Decision 12/QĐ-… : …", "Plan to 2025. Full text"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checklists.evaluators.headings import HEADING_TAGS, LONGEST_HEADING
from checklists.evaluators.seen import Seen
from checklists.evaluators.words import begins, folded
from crawler.model import Link, Place, Text
from crawler.text import find_document_numbers
from crawler.vocabulary import words

LINE_TAGS = frozenset({"p", "li", "dd", "div", "span"})
HEADS = frozenset({"summary", "dt"}) | HEADING_TAGS - {"h1", "th", "legend"}
"""What may head the lines, list or table below it; a page's own name heads none."""
LEADS = 40
"""Characters before a document's number in a line that gives it; further in, it is only mentioned (assumed)."""
FEWEST_WORDS = 4
"""Words of a line that says what it gives; one of fewer is a button, and its heading says so (assumed)."""


class Line(NamedTuple):
    """A line that gives a document's number or files, with the heading above it. title: the line, or its heading where it is but a button."""

    title: str
    under: str
    text: Text
    number: str
    files: tuple[str, ...]


def written(seen: Seen, files: Iterable[Link], titled: Iterable[Link]) -> Iterator[Line]:
    """The lines of a page that begin with a document's number or hold files, in order; not those of which a link is the title."""
    held: dict[str, list[str]] = {}
    for link in files:
        for box in boxes(link.selector):
            held.setdefault(box, []).append(link.url)
    within_titled = {box for link in titled for box in boxes(link.selector)}
    under = ""
    for text in seen.texts:
        if text.tag in HEADS and text.place is Place.BODY:
            under = heading_of(seen, text)
            continue
        if text.tag not in LINE_TAGS or text.place is not Place.BODY or text.selector in within_titled:
            continue
        number = given(text.text)
        kept = tuple(dict.fromkeys(held.get(text.selector, ())))
        if not (number or kept):
            continue
        title = text.text if len(text.text.split()) >= FEWEST_WORDS else under
        if title:
            yield Line(title, under, text, number, kept)


def given(line: str) -> str:
    """The number of the document a line gives, '' where it only cites one."""
    if begins(line, words("citing_words")):
        return ""
    return next((one.number for one in find_document_numbers(line) if one.start <= LEADS), "")


def boxes(selector: str) -> Iterator[str]:
    """An element's selector and those of the elements around it."""
    while selector:
        yield selector
        selector = selector.rpartition(" > ")[0]


def heading_of(seen: Seen, text: Text) -> str:
    """A heading's text, '' where it is the page's own name or too long for a heading."""
    label = seen.page.visit.label if seen.page.visit else ""
    own = {folded(seen.page.outline.title), folded(label)}
    return text.text if len(text.text) <= LONGEST_HEADING and folded(text.text) not in own else ""


def headed(seen: Seen) -> dict[str, str]:
    """The line right above each table, by the table's selector, where it may be its heading: short, in no table, not the page's own name."""
    above: dict[str, str] = {}
    tables = {table.selector for table in seen.tables}
    last = ""
    for text in seen.texts:
        table = next((box for box in boxes(text.selector) if box in tables), None)
        if table is None:
            last = heading_of(seen, text) if text.place is Place.BODY and text.tag != "h1" else ""
        else:
            above.setdefault(table, last)
    return above
