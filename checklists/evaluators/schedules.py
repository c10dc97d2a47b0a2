"""A leaders' schedule, as against lunar calendars, reception days and duty rosters; and whether it covers the visit's week or month."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from checklists.evaluators.lists import vietnamese
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import first_line
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import begins, finds, folded, says
from checklists.model import Pointer, Verdict
from crawler.dates import find_dates, find_periods
from crawler.model import Text

Words = Annotated[tuple[str, ...], Field(min_length=1)]
CLOCK = re.compile(r"(?<!\d)(?:[01]?\d|2[0-3])\s*(?:h|g|giờ|:)\s*(?:[0-5]\d)?(?!\d)", re.IGNORECASE)
FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|jpe?g|png|rar|zip)(?:$|[?#])", re.IGNORECASE)


class Schedule(Parameters):
    """Words of a schedule: positions of those it is for, owners its name may speak of, names it goes by, weekdays, times of day, activities;
    and of what it is not: lunar calendars, reception of citizens, duty rosters, office hours. day_columns, short_weekdays: what a column of days
    is headed and what its cells may say beside dates and weekdays. days: the least number of different days it must name."""

    positions: Words
    owners: Words
    names: Words
    weekdays: Words
    times: Words
    activities: Words
    lunar: Words
    reception: Words
    duty: Words
    hours: tuple[str, ...] = ()
    day_columns: tuple[str, ...] = ()
    short_weekdays: tuple[str, ...] = ()
    days: int = 2


Kind = Literal["schedule", "file", "no-leaders", "lunar-calendar", "reception-only", "duty-roster", "none"]


class Read(NamedTuple):
    """What a page of a schedule's section turned out to be, and the proof."""

    kind: Kind
    seen: Seen
    proof: Pointer


ORDER: tuple[Kind, ...] = ("schedule", "file", "no-leaders", "lunar-calendar", "reception-only", "duty-roster", "none")


def read(seen: Seen, words: Schedule) -> Read:
    """What a page is: rows of days, times and activities for named leaders; a list of schedules by period; or something posing as one."""
    telling = [text for text in seen.texts if not says(text.text, words.hours)]
    said = " . ".join(text.text for text in telling)
    names = " . ".join([seen.page.outline.title, *(heading.text for heading in seen.page.outline.headings)])
    laid = lines_by_day(seen, words)
    days = max(laid, len(set(finds(said, words.weekdays))) + len({found.date for found in find_dates(said)}))
    times = len(finds(said, words.times)) + len(CLOCK.findall(said))
    activities = sum(len(finds(text.text, words.activities)) for text in telling if not is_name(text, words))
    owned = says(said, words.owners) or (says(names, words.names) and says(names, words.owners))
    leaders = owned or says(said, words.positions)
    lunar = first_saying(seen, words.lunar)
    if lunar is not None and (len(finds(said, words.lunar)) >= 2 or activities < 2):
        return Read("lunar-calendar", seen, lunar)
    called = says(names, words.names)
    if (duty := first_saying(seen, words.duty)) and (
        says(names, words.duty) or not called or len(finds(said, words.duty)) > activities
    ):
        return Read("duty-roster", seen, duty)
    if (reception := first_saying(seen, words.reception)) and reception_only(seen, names, words):
        return Read("reception-only", seen, reception)
    if days >= words.days and activities and (times or (laid >= words.days and is_called(seen, words))):
        return Read("schedule" if leaders else "no-leaders", seen, proof_of_rows(seen, words))
    if listed := listed_schedule(seen, words):
        return Read("file", seen, listed)
    return Read("none", seen, point(seen.page, *first_line(seen)))


LONGEST_NAME = 110
"""Characters of a text that names a schedule."""


def is_name(text: Text, words: Schedule) -> bool:
    """Whether a text does no more than call something a schedule."""
    return len(text.text) <= LONGEST_NAME and says(text.text, words.names)


def is_called(seen: Seen, words: Schedule) -> bool:
    """Whether a page calls itself a schedule: its title, a heading or a short text of its own."""
    own = [seen.page.outline.title, *(heading.text for heading in seen.page.outline.headings)]
    return any(says(name, words.names) for name in own) or any(is_name(text, words) for text in seen.texts)


def lines_by_day(seen: Seen, words: Schedule) -> int:
    """How many lines of a page are set down by the day: rows without links under a column of days, or texts that begin with a day and are no
    members of a list of dated articles."""
    rows = 0
    for table in seen.tables:
        columns = [place for place, cell in enumerate(table.rows[0].cells) if folded(cell) in forms(words.day_columns)]
        for row in table.rows[1:]:
            days = [row.cells[place] for place in columns if place < len(row.cells)]
            rows += not row.links and any(is_day(cell, words) for cell in days)
    listed = tuple(entry.selector for entry in seen.entries if entry.url and entry.date)
    begun = [
        text
        for text in seen.texts
        if (begins(text.text, words.weekdays) or BEGINS_WITH_DATE.match(text.text))
        and not any(text.selector == at or text.selector.startswith(f"{at} >") for at in listed)
    ]
    return max(rows, len(begun) if not rows else 0)


BEGINS_WITH_DATE = re.compile(r"^\W{0,2}(?:ngày\s+)?\d{1,2}\s?[/.-]\s?\d{1,2}(?!\d|[/.-]?[A-ZĐ])", re.IGNORECASE)


def is_day(cell: str, words: Schedule) -> bool:
    """Whether a cell of a column of days is a day: a date, a weekday, or how weekdays are cut short there."""
    return (
        BEGINS_WITH_DATE.match(cell) is not None
        or bool(find_dates(cell))
        or begins(cell, words.weekdays)
        or folded(cell) in forms(words.short_weekdays)
    )


@lru_cache(maxsize=64)
def forms(words: tuple[str, ...]) -> frozenset[str]:
    """The words folded."""
    return frozenset(folded(word) for word in words)


def first_saying(seen: Seen, words: tuple[str, ...]) -> Pointer | None:
    """The first text that says one of the words."""
    text = next((text for text in seen.texts if says(text.text, words)), None)
    return None if text is None else point(seen.page, text.text, text.selector)


def reception_only(seen: Seen, names: str, words: Schedule) -> bool:
    """Whether everything a page schedules is the reception of citizens: its name says so, or no other activity stands in it."""
    if says(names, words.reception) and not says(names, words.names):
        return True
    return not any(says(text.text, words.activities) and not says(text.text, words.reception) for text in seen.texts)


def proof_of_rows(seen: Seen, words: Schedule) -> Pointer:
    """The text or row that says most of a schedule: a time, an activity, a leader."""
    best = max(
        seen.texts,
        key=lambda text: (
            says(text.text, words.activities)
            + says(text.text, words.positions)
            + bool(CLOCK.search(text.text))
            + says(text.text, words.times),
            len(text.text) <= 300,
        ),
    )
    return point(seen.page, best.text, best.selector)


def listed_schedule(seen: Seen, words: Schedule) -> Pointer | None:
    """A link on the page to a schedule of a period: its name says schedule and names a week, a month or days, or it is a file of that name."""
    for entry in seen.entries:
        text = entry.title or entry.text
        if (
            says(text, words.names)
            and not rejected(text, words)
            and (find_periods(text, 2000) or find_dates(text) or FILE.search(entry.url))
        ):
            return point(seen.page, text, entry.selector)
    for image in seen.images:
        if says(image.label, words.names) and not rejected(image.label, words):
            return point(seen.page, image.label, image.selector)
    for link in seen.links:
        if (
            says(link.label, words.names)
            and not rejected(link.label, words)
            and (find_periods(link.label, 2000) or FILE.search(link.url))
        ):
            return point(seen.page, link.label, link.selector)
    if any(FILE.search(link.url) for link in seen.links):
        for run in seen.texts:
            if says(run.text, words.names) and find_periods(run.text, 2000) and not rejected(run.text, words):
                return point(seen.page, run.text, run.selector)
    return None


def rejected(text: str, words: Schedule) -> bool:
    return says(text, words.lunar) or says(text, words.reception) or says(text, words.duty)


def schedule(looked: Looked, parameters: Schedule) -> Verdict:
    """Met by one page that is a leaders' schedule or lists schedules by period."""
    found = best_read(looked, parameters)
    if found is None:
        return not_met("none")
    if found.kind == "schedule":
        return met("met", found.proof)
    if found.kind == "file":
        return met("file", found.proof)
    if found.kind == "no-leaders":
        return unsure("no-leaders", found.proof)
    return not_met(found.kind, found.proof)


def best_read(looked: Looked, parameters: Schedule) -> Read | None:
    """The best of what the pages are, the first of equals."""
    return min(
        (read(seen, parameters) for seen in (*looked.seen, *looked.files)),
        key=lambda one: ORDER.index(one.kind),
        default=None,
    )


class Covered(NamedTuple):
    """A stretch of days a schedule names and where."""

    start: date
    end: date
    proof: Pointer


def schedule_current(looked: Looked, parameters: Schedule) -> Verdict:
    """Met where a schedule covers a day of the visit's own week, or its month where it is monthly, or is already the next week's."""
    today = looked.visit.request.now.date()
    monday = today - timedelta(days=today.weekday())
    shown = [read(seen, parameters) for seen in (*looked.seen, *looked.files)]
    pages = [one for one in shown if one.kind in {"schedule", "file", "no-leaders"}]
    if not pages:
        return not_met("no-schedule")
    spans = [span for one in pages for span in covered(one, parameters)]
    now = vietnamese(today)
    current = [span for span in spans if span.end >= monday and span.start <= monday + timedelta(days=13)]
    if current:
        return met("current", current[0].proof, now=now)
    past = [span for span in spans if span.end < monday]
    if past:
        return not_met("past", max(past, key=lambda span: span.end).proof, now=now)
    return unsure("undated", pages[0].proof)


def covered(one: Read, words: Schedule) -> list[Covered]:
    """The days a schedule's page covers: periods it or its listed schedules name; else the dates of its rows. A year that stands nowhere is
    read from the page; without one the visit's own is not assumed."""
    stated = year_of(one.seen)
    sources = [(text.text, text.selector) for text in one.seen.texts]
    sources += [(entry.title, entry.selector) for entry in one.seen.entries if says(entry.title, words.names)]
    headings = [(heading.text, heading.selector) for heading in one.seen.page.outline.headings]
    spans = [
        Covered(period.start, period.end, point(one.seen.page, text, selector))
        for text, selector in [*headings, *sources]
        for period in find_periods(text, stated)
        if period.end - period.start <= timedelta(days=31)
    ]
    return spans or [
        Covered(found.date, found.date, point(one.seen.page, text, selector))
        for text, selector in sources
        for found in find_dates(text, stated)
    ]


YEAR = re.compile(r"(?<!\d)20[0-4]\d(?!\d)")


def year_of(seen: Seen) -> int | None:
    """The year a page's headings or texts name most, the latest of equals; None where they name none."""
    years = [int(year) for heading in seen.page.outline.headings for year in YEAR.findall(heading.text)]
    years = years or [int(year) for text in seen.texts for year in YEAR.findall(text.text)]
    return max(set(years), key=lambda year: (years.count(year), year)) if years else None


EVALUATORS = {
    "schedule": Evaluator(
        schedule,
        Schedule,
        {
            "met": (),
            "file": (),
            "no-leaders": (),
            "lunar-calendar": (),
            "reception-only": (),
            "duty-roster": (),
            "none": (),
        },
        telling=True,
    ),
    "schedule-current": Evaluator(
        schedule_current, Schedule, {"current": (), "past": (), "undated": (), "no-schedule": ()}, telling=True
    ),
}
