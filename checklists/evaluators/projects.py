"""Projects by their state: in preparation, under way, completed. News of a project is no list of projects."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from checklists.evaluators.headings import closes, stands_as_heading
from checklists.evaluators.labelled import values
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import first_line
from checklists.evaluators.records import LONGEST_LABEL, head_of, records_of
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen, within
from checklists.evaluators.subject import in_frame, pointed
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import says
from checklists.model import Pointer, Verdict

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class ProjectState(Parameters):
    """states: words of the state asked for; others: of the other states; labels: what stands before a project's state; projects: what a list of
    projects is of; lists: how a list in a file or on a page of its own is called; events: words of news of a project; progress: names of columns that tell how
    much of a project is done: where less than all is, it is under way."""

    states: Words
    others: tuple[str, ...] = ()
    labels: Words
    projects: Words
    lists: Words
    events: tuple[str, ...] = ()
    progress: tuple[str, ...] = ()


def project_state(looked: Looked, parameters: ProjectState) -> Verdict:
    """Met by a project whose field or row gives that state, by projects listed under a heading of that state, or by a list so called."""
    for find in (in_field, in_progress, in_ticked_column, under_heading, in_line):
        for seen in looked.seen:
            if proof := find(seen, parameters):
                return met("met", proof)
    for record in records_of(looked):
        called = says(record.title, parameters.lists) and says(record.title, parameters.projects)
        if called and says(record.title, parameters.states) and (record.files or record.url or record.detail):
            return met("met", pointed(record))
    if framed := in_frame(looked):
        return unsure("in-frame", framed)
    listed = [record for record in records_of(looked) if says(record.title, parameters.projects)]
    if listed:
        return not_met("other-state", pointed(listed[0]), listed=len(listed))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def in_field(seen: Seen, parameters: ProjectState) -> Pointer | None:
    """Where a field or cell of a project gives the state."""
    for found in values(seen, parameters.labels):
        if len(found.value) <= 2 * LONGEST_LABEL and says(found.value, parameters.states):
            return point(seen.page, found.quote, found.selector)
    for table in seen.tables:
        for row in table.rows:
            short = [cell for cell in row.cells if len(cell) <= LONGEST_LABEL]
            if not row.heading and len(row.cells) >= 3 and any(says(cell, parameters.states) for cell in short):
                return point(seen.page, " | ".join(dict.fromkeys(cell for cell in row.cells if cell)), row.selector)
    return None


def in_progress(seen: Seen, parameters: ProjectState) -> Pointer | None:
    """Where a table's column tells that a part of a project, and not all of it, is done."""
    for table in seen.tables if parameters.progress else ():
        head, rows = head_of(table)
        places = [place for place, cell in enumerate(head) if says(cell, parameters.progress)]
        for row in rows:
            for done in (PART_DONE.fullmatch(row.cells[place].strip()) for place in places if place < len(row.cells)):
                if done and 0 < float(done[1].replace(",", ".")) < WHOLE:
                    return point(seen.page, " | ".join(dict.fromkeys(cell for cell in row.cells if cell)), row.selector)
    return None


def in_ticked_column(seen: Seen, parameters: ProjectState) -> Pointer | None:
    """Where a row is ticked in a table's column of that state, which may be called by letters the page explains (`HT: đã hoàn thành`)."""
    for table in seen.tables:
        head, rows = head_of(table)
        places = [
            place
            for place, cell in enumerate(head)
            if any(
                len(said) <= LONGEST_LABEL and says(said, parameters.states) and not says(said, parameters.others)
                for said in (cell, explained(cell, seen))
            )
        ]
        for row in rows:
            if any(TICK.fullmatch(row.cells[place].strip()) for place in places if place < len(row.cells)):
                return point(seen.page, " | ".join(dict.fromkeys(cell for cell in row.cells if cell)), row.selector)
    return None


def explained(letters: str, seen: Seen) -> str:
    """What a page says that a few capital letters stand for, '' where it does not say."""
    if not LETTERS.fullmatch(letters.strip()):
        return ""
    legend = re.compile(rf"(?:^|[;,.(\s]){re.escape(letters.strip())}\s*(?::|=|[-–]|là)\s*([^;:.)\n]+)")
    return next((found[1].strip() for text in seen.texts if (found := legend.search(text.text))), "")


LETTERS = re.compile(r"[A-ZĐ]{1,6}")
TICK = re.compile(r"[xX×vV✓✔☑●•*+]|(?:có|yes)", re.IGNORECASE)
"""How a cell of a table is ticked (assumed)."""
PART_DONE = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s*%")
WHOLE = 100
"""Per cent."""


def under_heading(seen: Seen, parameters: ProjectState) -> Pointer | None:
    """Where a heading of that state has projects listed below it; a page that is called so lists them itself. News under it are none."""
    titles = {entry.title for entry in seen.entries} | {
        link.label for link in seen.links if len(link.label.split()) >= 4
    }
    lists = {table.selector for table in seen.tables} | {entry.selector for entry in seen.entries}
    columns = {cell for table in seen.tables for cell in head_of(table)[0] if len(set(head_of(table)[0])) > 1}
    label = seen.page.visit.label if seen.page.visit else ""
    name = " . ".join([*(h.text for h in seen.page.outline.headings if h.level <= 2), seen.page.outline.title, label])
    whole = says(name, parameters.states) and not says(name, parameters.others) and not seen.partial
    for place, text in enumerate(seen.texts):
        heads = (
            stands_as_heading(text)
            and text.text not in columns
            and says(text.text, parameters.states)
            and not says(text.text, parameters.others)
        )
        if not (heads and text.text not in titles) and not (whole and place == 0):
            continue
        for below in seen.texts[place + 1 :]:
            if heads and closes(below, text) and below.text not in titles and not within(below.selector, lists):
                break
            listed = below.text in titles or within(below.selector, lists) or below.tag == "li"
            if listed and len(below.text.split()) >= 4 and not says(below.text, parameters.events):
                quote = text.text if heads else seen.page.outline.title
                return point(seen.page, f"{quote}: {below.text}", below.selector)
    return None


def in_line(seen: Seen, parameters: ProjectState) -> Pointer | None:
    """Where a landing page's list has a line that names a project and, behind a colon, its state. A linked line is news or a page of its own."""
    linked = {link.label for link in seen.links}
    for text in seen.texts if not seen.detail else ():
        name, colon, told = text.text.partition(":")
        stated = text.tag == "li" and colon and len(name) <= LONGEST_LABEL and says(told, parameters.states)
        other = says(told, parameters.others) or says(text.text, parameters.events) or name.strip() in linked
        if stated and not other and len(text.text) <= 4 * LONGEST_LABEL:
            return point(seen.page, text.text, text.selector)
    return None


EVALUATORS = {
    "project-state": Evaluator(
        project_state,
        ProjectState,
        {"met": (), "other-state": ("listed",), "none": (), "in-frame": ()},
        details=True,
        telling=True,
    ),
}
