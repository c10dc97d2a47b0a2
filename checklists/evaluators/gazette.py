"""An official gazette: its issues by number and day, what each holds, and what the documents in it are about."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal, NamedTuple

from checklists.evaluators.documents import tells_content
from checklists.evaluators.labelled import values
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import DOCUMENT, first_line
from checklists.evaluators.records import Record, is_paper, records_of
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen
from checklists.evaluators.subject import in_frame, pointed
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import says
from checklists.model import Pointer, Verdict
from crawler.dates import find_dates
from crawler.numbers import find_document_numbers

ISSUE = re.compile(r"(?<!\w)số\s*(?:báo\s*)?[:.]?\s*(\d{1,4}(?:\s*[+&,–-]\s*\d{1,4})*)(?![\w])", re.IGNORECASE)
"""An issue's number, or several bound together: `Số 12 + 13`."""
NUMBERED = re.compile(r"\s*(?:số\s*)?\d{1,4}(?!\d*/\d*/?[A-ZĐ])", re.IGNORECASE)
LONGEST_ISSUE = 200
"""Characters of a text that names an issue (assumed)."""


class Gazette(Parameters):
    """part: what is asked; names: what a gazette is called; numbers, days: labels of an issue's number and day; kinds: kinds of documents;
    documents: the least number of documents that make a table of contents; share: of the documents that must tell what they are about."""

    part: Literal["issue-number", "issue-date", "contents", "abstracts"]
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    days: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    documents: int = 1
    share: Fraction = Fraction(1, 2)


class Issue(NamedTuple):
    """Where an issue's number is told, and the line that tells it with what stands beside."""

    proof: Pointer
    line: str
    seen: Seen


def gazette(looked: Looked, parameters: Gazette) -> Verdict:
    """Met where the gazette's pages show the part asked for."""
    records = records_of(looked)
    issues = issues_of(looked, records, parameters)
    if parameters.part == "issue-number":
        if issues:
            return met("met", issues[0].proof, count=len(issues))
        return lacking(looked, records)
    if parameters.part == "issue-date":
        proof = next((proof for issue in issues if (proof := day_of(issue, records, parameters))), None)
        return met("met", proof, count=len(issues)) if proof else lacking(looked, records)
    papers = [
        record for record in records if is_paper(record, parameters.kinds) and not names_issue(record.title, parameters)
    ]
    if len(papers) >= parameters.documents:
        if parameters.part == "contents":
            return met("met", *[pointed(record) for record in papers[:3]], count=len(papers))
        telling = [record for record in papers if tells(record, parameters)]
        if telling and Fraction(len(telling), len(papers)) >= parameters.share:
            return met("met", *[pointed(record) for record in telling[:3]], count=len(telling))
        return not_met("missing", pointed(papers[0]))
    if issues and (file := next((issue for issue in issues if in_file(issue)), None)):
        return in_files(looked, parameters) or unsure("in-file", file.proof)
    return lacking(looked, records)


def in_files(looked: Looked, parameters: Gazette) -> Verdict | None:
    """What issues put up as files show of their contents, None where no file was read that says enough to tell."""
    lines = [(file.page, text.text) for file in looked.files for text in file.texts]
    papers = [(page, line) for page, line in lines if gives_paper(line, parameters)]
    if len(papers) < parameters.documents:
        return None
    telling = [(page, line) for page, line in papers if len(line.split()) >= WORDS_OF_ABSTRACT]
    shown = papers if parameters.part == "contents" else telling
    if Fraction(len(shown), len(papers)) < parameters.share:
        return not_met("missing", point(*papers[0]))
    return met("met", *[point(page, line) for page, line in shown[:3]], count=len(shown))


def gives_paper(line: str, parameters: Gazette) -> bool:
    """Whether a line of a file lists a document: it gives its number, near the line's beginning, and names no issue."""
    numbers = find_document_numbers(line)
    return bool(numbers) and numbers[0].start <= LONGEST_LEAD and not names_issue(line, parameters)


LONGEST_LEAD = 60
"""Characters before a document's number in the line that lists it: a count, a day, its kind (assumed)."""
WORDS_OF_ABSTRACT = 7
"""Words of a line that tells what a document is about, its number and kind among them (assumed)."""


def lacking(looked: Looked, records: list[Record]) -> Verdict:
    """Nothing of the part asked for was shown; open where a frame of another address may show it."""
    if framed := in_frame(looked):
        return unsure("in-frame", framed)
    quoted = [pointed(record) for record in records[:1]]
    return not_met("missing", *(quoted or [point(seen.page, *first_line(seen)) for seen in looked.seen[:1]]))


def issues_of(looked: Looked, records: list[Record], parameters: Gazette) -> list[Issue]:
    """The issues the pages name: in lists, in headings and lines, in fields."""
    found = [Issue(pointed(record), f"{record.title} {record.said}", record.detail or record.seen)
             for record in records if names_issue(record.title, parameters) or (record.tabled and names_issue(record.said, parameters))]  # fmt: skip
    for seen in looked.seen:
        lines = [(one.text, one.selector) for one in seen.page.outline.headings]
        lines += [(one.text, one.selector) for one in seen.texts]
        lines = [(text, at) for text, at in lines if names_issue(text, parameters)]
        lines += [(one.quote, one.selector) for one in values(seen, parameters.numbers) if NUMBERED.match(one.value)]
        found += [Issue(point(seen.page, text, at), text, seen) for text, at in lines]
    return found


def names_issue(text: str, parameters: Gazette) -> bool:
    """Whether a text names an issue: a gazette with a number, or a line that begins with a number and gives no document's."""
    if len(text) > LONGEST_ISSUE:
        return False
    documents = find_document_numbers(text)
    for issue in ISSUE.finditer(text):
        if any(one.start <= issue.start(1) < one.end for one in documents):
            continue
        if says(text, parameters.names) or (issue.start() <= 2 and (find_dates(text) or issue.end() >= len(text) - 2)):
            return True
    return False


def day_of(issue: Issue, records: list[Record], parameters: Gazette) -> Pointer | None:
    """Where an issue's day is told: in its line, beside it in the list, or in a field of its page."""
    if find_dates(issue.line):
        return issue.proof
    for record in records:
        if record.day and record.listed and record.title and record.title in issue.line:
            return pointed(record)
    for row in (row for table in issue.seen.tables for row in table.rows if row.selector == issue.proof.selector):
        if any(find_dates(cell) for cell in row.cells):
            return point(issue.seen.page, " | ".join(row.cells), row.selector)
    for value in values(issue.seen, parameters.days):
        if find_dates(value.value):
            return point(issue.seen.page, value.quote, value.selector)
    place = next((i for i, text in enumerate(issue.seen.texts) if text.text == issue.line), None)
    if place is not None:
        for text in issue.seen.texts[place + 1 : place + 3]:
            if len(text.text) <= LONGEST_ISSUE and find_dates(text.text):
                return point(issue.seen.page, f"{issue.line} {text.text}", text.selector)
    return None


def tells(record: Record, parameters: Gazette) -> bool:
    """Whether a listed document tells what it is about."""
    fields = next((one for one in record.seen.documents if one.selector == record.selector), None)
    if fields is not None and fields.abstract:
        return tells_content(fields, parameters.kinds)
    return len(record.title.split()) >= WORDS_OF_ABSTRACT


def in_file(issue: Issue) -> bool:
    """Whether an issue is put up as a file whose contents are not read."""
    return any(DOCUMENT.search(link.url) for link in issue.seen.page.outline.links)


EVALUATORS = {
    "gazette": Evaluator(
        gazette, Gazette, {"met": ("count",), "missing": (), "in-file": (), "in-frame": ()}, details=True
    ),
}
