"""Lists of articles: how many, dated or not, how fresh."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field

from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import first_line
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.model import Pointer, Verdict
from crawler.model import Entry, PageFacts, Place, Text


class Listing(Parameters):
    """entries: the least number of different articles a section's landing pages list; words: an undated entry with fewer words in its title
    is taken for a category, not an article."""

    entries: Annotated[int, Field(ge=1)]
    words: Annotated[int, Field(ge=1)] = 4


def listing(looked: Looked, parameters: Listing) -> Verdict:
    """Met where the landing pages of a section list enough different articles."""
    landings = [seen for seen in looked.seen if not seen.detail]
    entries = {
        entry.url or entry.title: (seen, entry)
        for seen in landings
        for entry in seen.entries
        if article(entry, parameters)
    }
    if len(entries) >= parameters.entries:
        seen, entry = next(iter(entries.values()))
        return met("met", point(seen.page, headline(entry), entry.selector), entries=len(entries))
    pointers = [point(seen.page, *first_line(seen)) for seen in landings[:1]]
    if entries:
        return not_met("few", *pointers, entries=len(entries), needed=parameters.entries)
    return not_met("none", *pointers)


def headline(entry: Entry) -> str:
    """An entry's title with its date."""
    return f"{entry.title} ({vietnamese(entry.date)})" if entry.date else entry.title


def article(entry: Entry, parameters: Listing) -> bool:
    """Whether an entry of a list is an article: dated, or titled by a phrase."""
    return bool(entry.title) and (entry.date is not None or len(entry.title.split()) >= parameters.words)


LONGEST_DATE_LINE = 140
"""Characters of the line that tells when an article was put up; dates in longer texts belong to the story (assumed)."""


class Posted(NamedTuple):
    """The day an article was put up, and where it says so."""

    day: date
    proof: Pointer


def posted(seen: Seen, home: PageFacts | None) -> Posted | None:
    """The day an article's own page gives for it: the first date in a short line of its own, else in one that recurs (articles put up on one
    day) but not on home, where clocks and licences stand too; None where there is none."""
    if found := dated(seen, seen.texts):
        return found
    everywhere = {text.text for text in home.texts} if home is not None else set()
    body = (text for text in seen.page.texts if text.place is Place.BODY and text.text not in everywhere)
    return dated(seen, body) if home is not None else None


def dated(seen: Seen, texts: Iterable[Text]) -> Posted | None:
    """The first date a page gives in a short line of some texts; one element may hold several."""
    lines: dict[str, list[str]] = {}
    for text in texts:
        if len(text.text) <= LONGEST_DATE_LINE:
            lines.setdefault(text.selector, []).append(text.text)
    for mention in seen.page.dates:
        line = next((line for line in lines.get(mention.selector, ()) if mention.quote in line), None)
        if line is not None:
            return Posted(mention.date, point(seen.page, line, mention.selector))
    return None


class DatedDetails(Parameters):
    """share: of the opened articles that must show the day they were put up."""

    share: Fraction = Fraction(1, 2)


def dated_details(looked: Looked, parameters: DatedDetails) -> Verdict:
    """Met where enough of the opened articles, or where none was opened, of the listed ones, show a date."""
    details = [seen for seen in looked.seen if seen.detail]
    proofs: list[Pointer] = [found.proof for seen in details if (found := posted(seen, looked.home))]
    total = len(details)
    if not details:
        listed = [(seen, entry) for seen in looked.seen for entry in seen.entries]
        proofs = [point(seen.page, headline(entry), entry.selector) for seen, entry in listed if entry.date]
        total = len(listed)
    if not total:
        return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])
    if Fraction(len(proofs), total) >= parameters.share and proofs:
        return met("met", *proofs[:3], dated=len(proofs), of=total)
    pointers = [point(seen.page, *first_line(seen)) for seen in (details or looked.seen)[:1]]
    return not_met("undated", *pointers, dated=len(proofs), of=total)


class Recent(Parameters):
    """days: how many days before the visit's own time the newest article may be."""

    days: Annotated[int, Field(ge=1)]


def recent(looked: Looked, parameters: Recent) -> Verdict:
    """Met where the newest dated article, listed or opened, is no older than the days allowed; dates after tomorrow are events, not postings."""
    today = looked.visit.request.now.date()
    found = [
        Posted(entry.date, point(seen.page, headline(entry), entry.selector))
        for seen in looked.seen
        for entry in seen.entries
        if entry.date
    ]
    found += [day for seen in looked.seen if seen.detail and (day := posted(seen, looked.home))]
    past = [one for one in found if one.day <= today + timedelta(days=1)]
    if not past:
        return unsure("undated", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])
    newest = max(past, key=lambda one: one.day)
    age = max(0, (today - newest.day).days)
    values = {"newest": vietnamese(newest.day), "age": age, "days": parameters.days}
    return met("met", newest.proof, **values) if age <= parameters.days else not_met("stale", newest.proof, **values)


def vietnamese(day: date) -> str:
    """A date as Vietnamese readers write it."""
    return day.strftime("%d/%m/%Y")


EVALUATORS = {
    "listing": Evaluator(listing, Listing, {"met": ("entries",), "few": ("entries", "needed"), "none": ()}),
    "dated-details": Evaluator(
        dated_details, DatedDetails, {"met": ("dated", "of"), "undated": ("dated", "of"), "none": ()}
    ),
    "recent": Evaluator(
        recent, Recent, {"met": ("newest", "age", "days"), "stale": ("newest", "age", "days"), "undated": ()}
    ),
}
