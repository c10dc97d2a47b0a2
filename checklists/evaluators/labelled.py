"""Values that stand beside a label, however a page sets them out, and how many of the fields a duty names are shown so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, NamedTuple

from pydantic import Field

from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import first_line
from checklists.evaluators.records import LONGEST_LABEL, head_of
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen, within
from checklists.evaluators.verdicts import met, not_met, point
from checklists.evaluators.words import begins
from checklists.model import Pointer, Verdict
from crawler.model import Table
from crawler.text import fold

LONGEST_LABELLED = 1500
"""Characters of a run in which labels with a colon are looked for (assumed)."""
PARTS = re.compile(r"[;|•\n]|\s[-–]\s|\.\s")


class Value(NamedTuple):
    """What stands beside a label, with the text that shows it and where."""

    value: str
    quote: str
    selector: str


def values(seen: Seen, words: tuple[str, ...]) -> Iterator[Value]:
    """The values beside labels that begin with one of the words: in columns of that name, in the next cell, behind a colon,
    in the run after one that is nothing but the label."""
    for table in seen.tables:
        yield from in_table(table, words)
    tables = {table.selector for table in seen.tables}
    names = {fold(word) for word in words}
    for place, text in enumerate(seen.texts):
        if ":" in text.text[:LONGEST_LABELLED]:
            for part in PARTS.split(text.text[:LONGEST_LABELLED]):
                label, colon, value = part.partition(":")
                if colon and value.strip() and len(label) <= LONGEST_LABEL and begins(label.strip(), words):
                    yield Value(value.strip(), part.strip(), text.selector)
        label, _, value = text.text.partition(":")
        alone = text.tag == "dt" or text.text.rstrip().endswith(":") or fold(label) in names
        if not alone or len(text.text) > LONGEST_LABEL or not begins(label, words) or within(text.selector, tables):
            continue
        following = seen.texts[place + 1] if place + 1 < len(seen.texts) else None
        if not value.strip() and following is not None and not following.text.rstrip().endswith(":"):
            yield Value(following.text, f"{text.text} {following.text}", text.selector)


def in_table(table: Table, words: tuple[str, ...]) -> Iterator[Value]:
    """The values of a table's columns of that name, else of its rows of label and value."""
    head, rows = head_of(table)
    columns = [place for place, cell in enumerate(head) if len(cell) <= LONGEST_LABEL and begins(cell, words)]
    for row in rows:
        for place in columns:
            if place < len(row.cells) and row.cells[place].strip():
                yield Value(row.cells[place], f"{head[place]}: {row.cells[place]}", row.selector)
    if not columns:
        for row in rows:
            for label, value in zip(row.cells, row.cells[1:], strict=False):
                if value.strip() and value != label and len(label) <= LONGEST_LABEL and begins(label, words):
                    yield Value(value, f"{label.rstrip(': ')}: {value}", row.selector)


class FieldsShown(Parameters):
    """fields: the labels of each field, by its name in words; at_least: how many different ones must be shown with a value."""

    fields: Annotated[Mapping[str, tuple[str, ...]], Field(min_length=1)]
    at_least: Annotated[int, Field(ge=1)]


def fields_shown(looked: Looked, parameters: FieldsShown) -> Verdict:
    """Met where one page, or the pages together, show enough of the fields with a value."""
    together: dict[str, Pointer] = {}
    for seen in looked.seen:
        shown = {
            name: point(seen.page, found.quote, found.selector)
            for name, words in parameters.fields.items()
            if (found := next(values(seen, words), None)) is not None
        }
        if len(shown) >= parameters.at_least:
            return fields_verdict(shown, parameters)
        together = {**shown, **together}
    if len(together) >= parameters.at_least or together:
        return fields_verdict(together, parameters)
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def fields_verdict(shown: Mapping[str, Pointer], parameters: FieldsShown) -> Verdict:
    """Met or few, with the names of what is shown and what is not."""
    told = {
        "shown": ", ".join(name for name in parameters.fields if name in shown),
        "missing": ", ".join(name for name in parameters.fields if name not in shown),
        "count": len(shown),
        "needed": parameters.at_least,
    }
    pointers = [shown[name] for name in parameters.fields if name in shown][:4]
    return (met if len(shown) >= parameters.at_least else not_met)(
        "met" if len(shown) >= parameters.at_least else "few", *pointers, **told
    )


EVALUATORS = {
    "fields-shown": Evaluator(
        fields_shown,
        FieldsShown,
        {"met": ("shown", "missing", "count", "needed"), "few": ("shown", "missing", "count", "needed"), "none": ()},
        details=True,
        telling=True,
    ),
}
