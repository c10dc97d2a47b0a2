"""Services offered online: is there such a section, does it list services with their level and field, whose are they, what goes with them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from checklists.evaluators.headings import LONGEST_HEADING
from checklists.evaluators.looking import Looked, own_first
from checklists.evaluators.naming import BEARS_NAME, likeness
from checklists.evaluators.prose import first_line
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import OWN_PLACES, Seen, own_forms, recurs, rows_of
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import begins, says
from checklists.model import Outcome, Pointer, Verdict
from crawler.model import Role, Text
from crawler.text import fold

Words = Annotated[tuple[str, ...], Field(min_length=1)]

LEVEL = re.compile(
    r"(?:mức\s*độ|mđ|mức(?=\s*[1-4]\s*(?:$|[),;.\]–-])))\s*[:.\-–]?\s*([1-4]|IV|I{1,3}|một|hai|ba|bốn)(?![\w%]|[.,/]\d)",
    re.IGNORECASE,
)
NUMBERS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}
LONGEST_LINE = 200
"""Characters of a line that may state the level of a service; longer texts tell news (assumed)."""


class Line(NamedTuple):
    """A line of a page: a text, link, cell or label, and where it stands. row: it is a table's row, list's entry or link."""

    text: str
    seen: Seen
    selector: str
    row: bool = False


def lines(looked: Looked) -> Iterator[Line]:
    """The pages' own lines, home's left out: lists' members, tables' rows, links, buttons, short texts."""
    for seen in looked.seen:
        if seen.role is Role.HOME:
            continue
        for entry in seen.entries:
            yield Line(entry.title, seen, entry.selector, row=True)
        for _, row in rows_of(seen):
            for cell in dict.fromkeys(row.cells):
                yield Line(cell, seen, row.selector, row=True)
        for link in seen.page.outline.links:
            if link.place in OWN_PLACES and not recurs(link.label, looked.recurring):
                yield Line(link.label, seen, link.selector, row=True)
        for control in seen.page.controls:
            if control.place in OWN_PLACES:
                yield Line(control.label, seen, control.selector)
        for text in seen.texts:
            if text.place in OWN_PLACES and len(text.text) <= LONGEST_LINE:
                yield Line(text.text, seen, text.selector, row=text.tag in {"li", "td", "dt"})


def levels(text: str) -> list[int]:
    """The levels a text states."""
    return [
        NUMBERS.get(found.lower(), 0) or int(found)
        for found in LEVEL.findall(text)
        if found.lower() in NUMBERS or found.isdigit()
    ]


def column_levels(looked: Looked, words: tuple[str, ...]) -> Iterator[tuple[int, Pointer]]:
    """The levels that stand in a table's column so called, with their rows."""
    for seen in looked.seen:
        for table in seen.tables:
            head = next((row for row in table.rows if any(says(cell, words) for cell in row.cells)), None)
            if head is None:
                continue
            place = next(n for n, cell in enumerate(head.cells) if says(cell, words))
            for row in table.rows:
                cell = row.cells[place].strip().lower() if len(row.cells) > place else ""
                if row is not head and (cell in NUMBERS or cell in {"1", "2", "3", "4"}):
                    yield NUMBERS.get(cell) or int(cell), point(seen.page, " | ".join(row.cells), row.selector)


def shown(line: Line) -> Pointer:
    return point(line.seen.page, line.text, line.selector)


class Services(Parameters):
    """kind: what is asked; procedures: how names of services begin; signs: words of a page that offers services; field_words: what a field of
    administration is called; fields: names of such fields; services, fewest: how many of each make a list; level_words: what a column or
    filter of levels is called; sorts: how headings of lists sorted otherwise begin."""

    kind: Literal["section", "list", "level", "field"]
    procedures: Words
    signs: Words
    field_words: Words
    fields: Words
    level_words: Words
    sorts: tuple[str, ...] = ()
    services: Annotated[int, Field(ge=1)] = 3
    fewest: Annotated[int, Field(ge=1)] = 3


def services(looked: Looked, parameters: Services) -> Verdict:
    """Met where the section offers services, lists them, states their level or sorts them by field."""
    asked = {"section": section, "list": listing, "level": level, "field": field}[parameters.kind]
    if found := asked(looked, parameters):
        return found
    listed = next(((seen, entry) for seen in looked.seen for entry in seen.entries), None)
    if listed is not None:
        return not_met("other-content", point(listed[0].page, listed[1].title, listed[1].selector))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def names(looked: Looked, parameters: Services) -> dict[str, Line]:
    """The different names of services the pages give: those that begin as such names do, and those a level stands beside."""
    named = {
        fold(line.text): line
        for line in lines(looked)
        if line.row
        and len(line.text.split()) >= FEWEST_WORDS
        and len(line.text) <= LONGEST_NAME
        and (begins(line.text, parameters.procedures) or (levels(line.text) and len(LEVEL.sub("", line.text).split()) >= FEWEST_WORDS))
    }  # fmt: skip
    return {fold(line.text): line for line in levelled(looked)} | named


FEWEST_WORDS, LONGEST_NAME = 3, 300
"""Words and characters of a service's name (assumed)."""


def levelled(looked: Looked) -> Iterator[Line]:
    """The names in rows of tables of which another cell says nothing but a level."""
    for seen in looked.seen:
        for _, row in rows_of(seen) if seen.role is not Role.HOME else ():
            if any(levels(cell) and not LEVEL.sub("", cell).strip(" .,;:()") for cell in row.cells):
                name = max((cell for cell in row.cells if not levels(cell)), key=len, default="")
                if len(name.split()) >= FEWEST_WORDS and len(name) <= LONGEST_NAME:
                    yield Line(name, seen, row.selector, row=True)


def section(looked: Looked, parameters: Services) -> Verdict | None:
    """A section of that name that offers services; where there is none, a list of procedures that tells the level of its services is one."""
    own = tuple(
        seen
        for seen in looked.seen
        if seen.section == looked.sections[0].id
        or likeness(own_first(seen.page, looked.recurring), looked.sections[0]) >= BEARS_NAME
    )
    if not own and (stated := level(looked, parameters)) is not None:
        return stated if stated.outcome is Outcome.MET else None
    return offered(looked._replace(seen=own), parameters)


def offered(looked: Looked, parameters: Services) -> Verdict | None:
    """What pages say where they offer services: names of such, or two signs."""
    signs: dict[str, Line] = {}
    named = names(looked, parameters)
    for line in lines(looked):
        for sign in parameters.signs:
            if len(line.text) <= LONGEST_HEADING and says(line.text, (sign,)):
                signs.setdefault(sign, line)
    for seen in looked.seen:
        for form in own_forms(seen.page, looked.home):
            for each in form.fields:
                for sign in parameters.signs:
                    if says(each.label, (sign,)):
                        signs.setdefault(sign, Line(each.label, seen, form.selector))
    if named or len(signs) >= 2:
        order = [seen.page.url for seen in looked.seen]
        return met("met", shown(min((named or signs).values(), key=lambda one: order.index(one.seen.page.url))))
    return None


def listing(looked: Looked, parameters: Services) -> Verdict | None:
    named = names(looked, parameters)
    if len(named) >= parameters.services:
        return met("list", *[shown(line) for line in list(named.values())[:3]], count=len(named))
    if named:
        return not_met("few", shown(next(iter(named.values()))), count=len(named), needed=parameters.services)
    return None


def level(looked: Looked, parameters: Services) -> Verdict | None:
    for line in lines(looked):
        if len(line.text) <= LONGEST_LINE and levels(line.text):
            return met("met", shown(line))
    if proof := next((proof for _, proof in column_levels(looked, parameters.level_words)), None):
        return met("met", proof)
    for seen in looked.seen:
        for form in own_forms(seen.page, looked.home):
            for each in form.fields:
                if says(each.label, parameters.level_words):
                    return unsure("filter-only", point(seen.page, each.label, form.selector))
    return None


def field(looked: Looked, parameters: Services) -> Verdict | None:
    for seen in looked.seen:
        if seen.role is Role.HOME:
            continue
        for form in own_forms(seen.page, looked.home):
            for each in form.fields:
                if each.kind != "hidden" and says(each.label, parameters.field_words):
                    return met("met", point(seen.page, each.label, form.selector))
        for table in seen.tables:
            for cell in table.rows[0].cells if table.rows else ():
                if len(cell) <= 40 and says(cell, parameters.field_words):
                    return met("met", point(seen.page, cell, table.selector))
    found: dict[str, Line] = {}
    for line in lines(looked):
        if len(line.text) <= 80 and begins(line.text, parameters.field_words) and len(line.text.split()) >= 3:
            return met("met", shown(line))
        short = re.sub(r"\s*\(\d+\)\s*$", "", line.text)
        for name in parameters.fields:
            if fold(short) in {fold(name), fold(f"lĩnh vực {name}"), fold(f"ngành {name}")}:
                found.setdefault(name, line)
    if len(found) >= parameters.fewest:
        return met("met", *[shown(line) for line in list(found.values())[:3]])
    heads = grouped(looked, parameters)
    if len(heads) >= FEWEST_GROUPS:
        return met("met", *[shown(line) for line in heads[:3]])
    return None


FEWEST_GROUPS = 2
"""Headings with services below each that sort them (assumed)."""


def grouped(looked: Looked, parameters: Services) -> list[Line]:
    """The different headings right below which a page lists services, but for those that say a level, a unit or what the list is."""
    named_lines = names(looked, parameters)
    found: dict[str, Line] = {}
    for seen in looked.seen:
        head: Text | None = None
        for text in seen.texts if seen.role is not Role.HOME else ():
            if text.tag in GROUP_TAGS and len(text.text) <= LONGEST_GROUP:
                head = text
            elif head is not None and fold(text.text) in named_lines:
                if not says(head.text, parameters.level_words) and not begins(head.text, parameters.sorts):
                    found.setdefault(fold(head.text), Line(head.text, seen, head.selector))
                head = None
    return list(found.values())


GROUP_TAGS = frozenset({"h2", "h3", "h4", "h5", "h6", "summary", "strong", "b", "caption", "legend"})
LONGEST_GROUP = 60
"""Characters of a heading that names a field (assumed)."""


EVALUATORS = {
    "services": Evaluator(
        services,
        Services,
        {"met": (), "list": ("count",), "few": ("count", "needed"), "filter-only": (), "other-content": (), "none": ()},
        details=True,
    ),
}
