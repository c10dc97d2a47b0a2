"""Headings, by tag or by how they are written, and the part of a page under the one that names a section."""

from __future__ import annotations

import re
from functools import lru_cache

from checklists.evaluators.seen import Seen
from checklists.evaluators.words import NUMBERING
from crawler.frontier import weigh_text
from crawler.labels import matcher_of
from crawler.model import Target, Text

HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "legend", "caption", "dt", "th"})
LONGEST_HEADING = 110
"""Characters of a text that may stand as a heading."""


@lru_cache(maxsize=512)
def named(text: str, section: Target) -> bool:
    """Whether a text is a name of a section."""
    if len(text) > LONGEST_HEADING:
        return False
    found = weigh_text(matcher_of(section, headings=True), NUMBERING.sub("", text)).get(section.id)
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
