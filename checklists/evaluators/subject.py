"""Does a section put up what its name promises? Records on its subject, their dates, their files or full text."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from checklists.evaluators.lists import vietnamese
from checklists.evaluators.looking import Looked, own_first
from checklists.evaluators.prose import first_line, told_by
from checklists.evaluators.records import Record, hollow, is_paper, names_any, page_itself, records_of
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen, recurs
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import begins, says
from checklists.model import Pointer, Verdict
from crawler.dates import find_dates
from crawler.text import find_document_numbers


class About(Parameters):
    """Which records are on the subject. words: one its title must say, or with deep anything said of it; also: one that must stand in what is
    said of it besides; papers: it must be a document (numbered, or named by one of kinds) or begin with one of leads; files: a file to
    keep makes it a document too; rejects: words in its title that show it is something else, unless it is a document; never: words that show so
    whatever it is; characters: a landing page that says so much of the subject itself counts, 0 for none does."""

    words: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    deep: bool = False
    papers: bool = False
    files: bool = False
    kinds: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    characters: Annotated[int, Field(ge=0)] = 0


def fits(record: Record, about: About) -> bool:
    """Whether a record is on the subject and not hollow."""
    if record.detail is not None and hollow(record.detail) and not record.files:
        return False
    if about.words and not names_any(record, about.words, deep=about.deep):
        return False
    if about.also and not says(f"{record.title} . {record.said}", about.also):
        return False
    if says(record.title, about.never):
        return False
    paper = is_paper(record, about.kinds)
    if not paper and says(record.title, about.rejects):
        return False
    return paper or not about.papers or (about.files and bool(record.files)) or begins(record.title, about.leads)


def on_subject(looked: Looked, about: About) -> tuple[list[Record], list[Record]]:
    """The records on the subject, and all records."""
    everything = records_of(looked)
    fitting = [record for record in everything if fits(record, about)]
    if about.characters:
        pages = [page for seen in looked.seen if (page := page_itself(seen, looked, about.characters)) is not None]
        fitting += [
            page for page in pages if says(page.said, about.words) and (not about.also or says(page.said, about.also))
        ]
        if not fitting:
            fitting += [page for seen in looked.seen if (page := issued(seen, looked, about)) is not None]
    return fitting, everything


SHORTEST_TEXT = 80
"""Characters of a page that gives the gist of the document it names (assumed)."""


def issued(seen: Seen, looked: Looked, about: About) -> Record | None:
    """A page, however short, that bears a document's name on the subject and gives its number or file; None where it does not."""
    page = page_itself(seen, looked, SHORTEST_TEXT)
    if page is None or not (page.files or find_document_numbers(page.said)):
        return None
    headed = any(not recurs(heading.text, looked.recurring) for heading in seen.page.outline.headings)
    name = page.title if headed else own_first(seen.page, looked.recurring)
    if not begins(name, (*about.leads, *about.kinds)) or not says(name, about.words):
        return None
    if says(name, about.rejects) or says(name, about.never):
        return None
    return page if not about.also or says(f"{name} . {page.said}", about.also) else None


class Subject(About):
    """entries: the least number of records on the subject."""

    entries: Annotated[int, Field(ge=1)] = 1


def subject(looked: Looked, parameters: Subject) -> Verdict:
    """Met where a section puts up enough records on its subject."""
    fitting, everything = on_subject(looked, parameters)
    if len(fitting) >= parameters.entries:
        return met("met", *[shown(record, parameters) for record in fitting[:3]], entries=len(fitting))
    if fitting:
        return not_met("few", shown(fitting[0], parameters), entries=len(fitting), needed=parameters.entries)
    if framed := in_frame(looked):
        return unsure("in-frame", framed)
    if everything:
        return not_met("other-content", pointed(everything[0]), listed=len(everything))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def pointed(record: Record) -> Pointer:
    """Where a record stands, with its day."""
    title = record.title or record.said
    told = record.day is None or any(found.date == record.day for found in find_dates(title))
    return point(
        record.seen.page, title if told or not record.day else f"{title} ({vietnamese(record.day)})", record.selector
    )


def shown(record: Record, about: About) -> Pointer:
    """Where a record shows that it is on the subject: its line, or the text of its own page that says so."""
    if (
        about.deep
        and about.words
        and not says(f"{record.title} . {record.said}", about.words)
        and record.detail is not None
    ):
        telling = next((text for text in told_by(record.detail) if says(text.text, about.words)), None)
        if telling is not None:
            return point(record.detail.page, telling.text, telling.selector)
    if record.listed or record.detail is not None:
        return pointed(record)
    text = next((text for text in record.seen.texts if text.selector == record.selector), None)
    return point(record.seen.page, text.text if text else record.title, record.selector)


def in_frame(looked: Looked) -> Pointer | None:
    """Where a landing page that lists nothing shows something of another address in a frame."""
    for seen in looked.seen:
        if not seen.detail and not seen.partial and seen.page.outline.frames and not seen.entries:
            return point(seen.page, seen.page.outline.frames[0], "iframe")
    return None


class Share(About):
    """share: of the records on the subject; fulltext: a record's own page with so many characters holds the full text, 0 for only files do."""

    share: Fraction = Fraction(1, 2)
    fulltext: Annotated[int, Field(ge=0)] = 0


def dated_records(looked: Looked, parameters: Share) -> Verdict:
    """Met where enough of the records on the subject bear a date."""
    fitting, _ = on_subject(looked, parameters)
    proofs = [record for record in fitting if record.day]
    return shared(looked, fitting, proofs, [pointed(record) for record in proofs], parameters)


def filed_records(looked: Looked, parameters: Share) -> Verdict:
    """Met where enough of the records on the subject come with a file, or their own pages hold the full text. Those whose own page was opened
    are asked; where none was, all."""
    fitting, _ = on_subject(looked, parameters)
    known = [record for record in fitting if record.files or record.detail is not None] or fitting
    proofs = [record for record in known if record.files or full(record, parameters.fulltext)]
    return shared(looked, known, proofs, [file_proof(record) for record in proofs], parameters)


def full(record: Record, characters: int) -> bool:
    """Whether a record's own page holds its text in full."""
    if not characters or record.detail is None:
        return False
    return sum(len(text.text) for text in told_by(record.detail)) >= characters


def file_proof(record: Record) -> Pointer:
    """Where a record's file or full text is found: on its own page where that was opened and offers it."""
    if record.detail is not None:
        offered = {link.url: link for link in record.detail.page.outline.links}
        for url in record.files:
            if url in offered:
                return point(record.detail.page, offered[url].label or url, offered[url].selector)
        if not record.files:
            longest = max(told_by(record.detail), key=lambda text: len(text.text))
            return point(record.detail.page, longest.text, longest.selector)
    return pointed(record)


def shared(
    looked: Looked, asked: list[Record], proofs: list[Record], pointers: list[Pointer], parameters: Share
) -> Verdict:
    """Met where enough of the records asked prove it."""
    if not asked:
        if framed := in_frame(looked):
            return unsure("in-frame", framed)
        return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])
    values = {"shown": len(proofs), "of": len(asked)}
    if proofs and Fraction(len(proofs), len(asked)) >= parameters.share:
        return met("met", *pointers[:3], **values)
    return not_met("rare" if proofs else "missing", *(pointers[:1] or [pointed(asked[0])]), **values)


class SubjectRecent(About):
    """days: how many days before the visit's own time the newest record on the subject may be."""

    days: Annotated[int, Field(ge=1)]


def recent_record(looked: Looked, parameters: SubjectRecent) -> Verdict:
    """Met where the newest dated record on the subject is no older than the days allowed; dates after tomorrow are events, not postings."""
    fitting, everything = on_subject(looked, parameters)
    if not fitting:
        if framed := in_frame(looked):
            return unsure("in-frame", framed)
        quoted = [pointed(record) for record in everything[:1]]
        return not_met("none", *(quoted or [point(seen.page, *first_line(seen)) for seen in looked.seen[:1]]))
    today = looked.visit.request.now.date()
    past = [(record.day, record) for record in fitting if record.day and record.day <= today + timedelta(days=1)]
    if not past:
        return unsure("undated", pointed(fitting[0]))
    day, newest = max(past, key=lambda pair: pair[0])
    age = max(0, (today - day).days)
    values = {"newest": vietnamese(day), "age": age, "days": parameters.days}
    return (met if age <= parameters.days else not_met)(
        "met" if age <= parameters.days else "stale", pointed(newest), **values
    )


SHARED = {"met": ("shown", "of"), "rare": ("shown", "of"), "missing": ("shown", "of"), "none": (), "in-frame": ()}

EVALUATORS = {
    "subject": Evaluator(
        subject,
        Subject,
        {"met": ("entries",), "few": ("entries", "needed"), "other-content": ("listed",), "none": (), "in-frame": ()},
        details=True,
        telling=True,
    ),
    "subject-dated": Evaluator(dated_records, Share, SHARED, details=True, telling=True),
    "subject-recent": Evaluator(
        recent_record,
        SubjectRecent,
        {
            "met": ("newest", "age", "days"),
            "stale": ("newest", "age", "days"),
            "undated": (),
            "none": (),
            "in-frame": (),
        },
        details=True,
        telling=True,
    ),
    "subject-files": Evaluator(filed_records, Share, SHARED, details=True, telling=True),
}
