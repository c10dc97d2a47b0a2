"""Figures: tables, files and texts that count something other than a portal's own visitors; and passages that tell of a matter."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from checklists.evaluators.headings import HEADING_TAGS, LONGEST_HEADING
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import DOCUMENT, first_line, told_by
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen, rows_of
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import finds, says
from checklists.model import Pointer, Verdict
from crawler.model import Table, Text
from crawler.text import find_dates, find_document_numbers, fold

NUMBER = re.compile(r"^[+-]?\s?\d[\d.,\s]*\s*(?:%|\([^)]*\))?$")
QUANTITY = re.compile(
    r"\d[\d.,]*\s*(?:%|tỷ|triệu|nghìn|ngàn|người|hộ|ha\b|tấn|tạ\b|km|USD|đồng|lượt|con\b|cơ sở|doanh nghiệp|dự án|giường|học sinh|sinh viên|trường)",
    re.IGNORECASE,
)


class Figures(Parameters):
    """subjects: what figures are about; visitors: words of counters of a portal's own visitors; files: what a file of figures is called; cells:
    numbers a table must hold; numbers: quantities a text must tell, beside subjects of at least two kinds."""

    subjects: Annotated[tuple[str, ...], Field(min_length=1)]
    visitors: Annotated[tuple[str, ...], Field(min_length=1)]
    files: Annotated[tuple[str, ...], Field(min_length=1)]
    cells: Annotated[int, Field(ge=1)] = 4
    numbers: Annotated[int, Field(ge=1)] = 4


def figures(looked: Looked, parameters: Figures) -> Verdict:
    """Met by a table of numbers, a text of quantities or a file of figures that do not count visitors."""
    for seen in looked.seen:
        for table in seen.tables:
            if counts(table, parameters):
                caption = next((" | ".join(row.cells) for row in table.rows), "")
                return met("table", point(seen.page, caption, table.selector))
    for seen in looked.seen:
        if proof := told_figures(seen, parameters):
            return met("text", proof)
    for seen in looked.seen:
        for label, url, selector in offered(seen):
            if DOCUMENT.search(url) and says(label, parameters.files):
                return met("file", point(seen.page, label, selector))
    if counter := next((proof for seen in looked.seen if (proof := counted_visitors(seen, parameters))), None):
        return not_met("visitors", counter)
    framed = next((seen for seen in looked.seen if not seen.detail and seen.page.outline.frames), None)
    if framed is not None:
        return unsure("in-frame", point(framed.page, framed.page.outline.frames[0], "iframe"))
    listed = next(((seen, entry) for seen in looked.seen for entry in seen.entries), None)
    if listed is not None:
        return not_met("other-content", point(listed[0].page, listed[1].title, listed[1].selector))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def counts(table: Table, parameters: Figures) -> bool:
    """Whether a table holds enough numbers beside rows or columns that do not count visitors. Years, dates, serial and document numbers do not
    count, nor does a table that lists documents."""
    said = " ".join(cell for row in table.rows for cell in row.cells)
    if len(finds(said, parameters.visitors)) >= 2 and not says(said, parameters.subjects):
        return False
    if sum(bool(find_document_numbers(" ".join(row.cells))) for row in table.rows) * 2 >= len(table.rows):
        return False
    numbers = 0
    for row in table.rows:
        for place, cell in enumerate(row.cells):
            if place == 0 or (place and cell == row.cells[place - 1]):
                continue
            if NUMBER.match(cell) and not find_dates(cell) and not re.fullmatch(r"(?:19|20)\d\d", cell):
                numbers += 1
    return numbers >= parameters.cells


def told_figures(seen: Seen, parameters: Figures) -> Pointer | None:
    """The text that tells most quantities, where the page's texts tell enough of them about the subjects."""
    texts = [text for text in told_by(seen) if not visitors(text.text, parameters)]
    said = " ".join(text.text for text in texts)
    if len(set(finds(said, parameters.subjects))) < 2 or len(QUANTITY.findall(said)) < parameters.numbers:
        return None
    best = max(texts, key=lambda text: len(QUANTITY.findall(text.text)))
    return point(seen.page, best.text, best.selector)


def visitors(text: str, parameters: Figures) -> bool:
    """Whether a text is a line of a visitors' counter."""
    return len(text) <= 200 and any(letter.isdigit() for letter in text) and says(text, parameters.visitors)


def counted_visitors(seen: Seen, parameters: Figures) -> Pointer | None:
    """Where a page counts its visitors: a line, or a row of a table."""
    for text in seen.texts:
        if visitors(text.text, parameters):
            return point(seen.page, text.text, text.selector)
    for _, row in rows_of(seen):
        if visitors(" ".join(row.cells), parameters):
            return point(seen.page, " ".join(row.cells), row.selector)
    return None


def offered(seen: Seen) -> list[tuple[str, str, str]]:
    """What a page lists or links to, as (label, address, selector)."""
    return [(entry.title, entry.url, entry.selector) for entry in seen.entries] + [
        (link.label, link.url, link.selector) for link in seen.links
    ]


class Passage(Parameters):
    """words: what the matter is called; rejects: what shows a title to be of something else; characters: how much must be told of it; files:
    a file so called will do."""

    words: Annotated[tuple[str, ...], Field(min_length=1)]
    rejects: tuple[str, ...] = ()
    characters: Annotated[int, Field(ge=1)]
    files: bool = False


def passage(looked: Looked, parameters: Passage) -> Verdict:
    """Met where a text says the words and enough with them: a paragraph, what stands under a heading, or a page so called."""
    named: Pointer | None = None
    for seen in looked.seen:
        texts = told_by(seen)
        titles = {
            seen.page.outline.title,
            *(heading.text for heading in seen.page.outline.headings if heading.level <= 2),
        }
        label = seen.page.visit.label if seen.page.visit else ""
        title = next((one for one in (*sorted(titles), label) if says(one, parameters.words)), "")
        if seen.detail and title and not says(title, parameters.rejects):
            telling = [text for text in texts if text.text not in titles]
            if sum(len(text.text) for text in telling) >= parameters.characters:
                return met("met", point(seen.page, title, telling[0].selector))
        for place, text in enumerate(texts):
            if not says(text.text, parameters.words) or says(text.text, parameters.rejects):
                continue
            if told(texts, place, seen) >= parameters.characters:
                return met("met", point(seen.page, text.text, text.selector))
            named = named or point(seen.page, text.text, text.selector)
    if parameters.files:
        for seen in looked.seen:
            for said, url, selector in offered(seen):
                if DOCUMENT.search(url) and says(said, parameters.words) and not says(said, parameters.rejects):
                    return met("file", point(seen.page, said, selector))
    if named is not None:
        return not_met("named-only", named)
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def told(texts: list[Text], place: int, seen: Seen) -> int:
    """The characters told from a text on: its own where it is no heading or link, else those up to the next heading."""
    text = texts[place]
    linked = {fold(link.label) for link in seen.links}
    if fold(text.text) in linked:
        return 0
    if text.tag not in HEADING_TAGS and not text.text.rstrip().endswith(":") and len(text.text) > LONGEST_HEADING // 2:
        return len(text.text)
    said = 0
    for following in texts[place + 1 :]:
        if following.tag in HEADING_TAGS and len(following.text) <= LONGEST_HEADING:
            break
        if fold(following.text) not in linked:
            said += len(following.text)
    return said


EVALUATORS = {
    "figures": Evaluator(
        figures,
        Figures,
        {"table": (), "text": (), "file": (), "visitors": (), "other-content": (), "none": (), "in-frame": ()},
        details=True,
        telling=True,
    ),
    "passage": Evaluator(
        passage, Passage, {"met": (), "file": (), "named-only": (), "none": ()}, details=True, telling=True
    ),
}
