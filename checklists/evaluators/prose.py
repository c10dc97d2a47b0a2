"""Is there text that says what an introduction must say?"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from checklists.evaluators.looking import Looked
from checklists.evaluators.naming import SITE_NAME
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import NUMBERING, begins, file_words, folded, says
from checklists.model import Pointer, Verdict
from crawler.model import Place, Role, Text
from crawler.text import find_document_numbers, find_emails, find_phones

YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-4]\d)(?!\d|[/.-]\d|\s*(?:km|ha|m|tỷ|triệu|người|đồng|%))")
ERA = re.compile(
    r"\b(?:thời|nhà|triều|đời)\s+(?:vua\s+|chúa\s+)?[A-ZĐ][a-zà-ỹđ]+|\bthế kỷ\s+(?:thứ\s+)?(?:[XVI]{1,5}|\d{1,2})\b"
)
"""How a text tells of a time without years."""
MANY_YEARS = 3
"""Years that make a history by themselves, whatever words stand beside them (assumed)."""
FIGURE = re.compile(r"\d[\d.,]*\s*(?:km2|km²|km\b|ha\b|héc|hecta|m2|m²|mm|m\b|°|º|độ|%|người|oC|0C)", re.IGNORECASE)


class Prose(Parameters):
    """groups: word groups a text must draw on, at_least of them; characters: its least length; years, figures: the least number of different
    years or eras, where many years make up for the words, and of numbers with a unit of measure; titles: what documents on the matter are
    called: a line that gives such a one's number and title names it and tells nothing; unit_words: names of units so beginning, of which one
    must stand on the page and one line may tell the work, in words of the last group."""

    groups: Annotated[tuple[tuple[str, ...], ...], Field(min_length=1)]
    at_least: Annotated[int, Field(ge=1)]
    characters: Annotated[int, Field(ge=1)]
    years: int = 0
    figures: int = 0
    titles: tuple[str, ...] = ()
    unit_words: tuple[str, ...] = ()


def prose(looked: Looked, parameters: Prose) -> Verdict:
    """Met where one page, or one part under a heading, is long enough and draws on enough of the word groups, years and figures asked."""
    short: tuple[Seen, int] | None = None
    best_missing: list[str] | None = None
    for seen in (*looked.seen, *looked.files):
        lines = told_by(seen)
        lines = [text for text in lines if not cites(text.text, parameters.titles)]
        if not lines:
            continue
        said = " ".join(text.text for text in lines)
        missing = lacking(said, parameters)
        if parameters.unit_words and not names_unit(seen, looked, parameters):
            missing = missing or ["tên đơn vị"]
        if not missing and len(said) >= parameters.characters:
            proof = telling(lines, parameters)
            return met("met", point(seen.page, proof.text, proof.selector))
        if not missing:
            short = short or (seen, len(said))
        elif best_missing is None or len(missing) < len(best_missing):
            best_missing = missing
    for seen in looked.seen:
        if parameters.unit_words and (line := unit_told(seen, parameters)):
            return met("met", point(seen.page, line.text, line.selector))
    if parameters.titles and (file := regulation(looked, parameters)):
        return met("file", file)
    if short is not None and not held_elsewhere(looked, parameters):
        return not_met("too-short", point(short[0].page, *first_line(short[0])), characters=short[1])
    if held := held_elsewhere(looked, parameters):
        return unsure("in-file", held)
    pointers = [point(seen.page, *first_line(seen)) for seen in looked.seen[:1]]
    return not_met("other-content", *pointers, missing=", ".join(best_missing or ["nội dung"]))


LONGEST_CITATION = 300
"""Characters of a line that does no more than name a document (assumed)."""
FEWEST_WORKING = 2
"""Units each told with a list of what they do, in whatever words, that tell the units' work (assumed)."""
FEWEST_WORDS_OF_WORK = 4
"""Words that tell what a unit does (assumed)."""


def cites(text: str, titles: tuple[str, ...]) -> bool:
    """Whether a line does no more than name a document by its number and title."""
    return len(text) <= LONGEST_CITATION and says(text, titles) and bool(find_document_numbers(text))


def names_unit(seen: Seen, looked: Looked, parameters: Prose) -> bool:
    """Whether a line of a page begins with the name of a unit that is not the agency itself, told by the first words of its name."""
    agency = folded(looked.visit.request.agency_name).split()[:WORDS_OF_A_NAME]
    lines = [*(text.text for text in seen.texts), *(heading.text for heading in seen.page.outline.headings)]
    return any(
        is_named(line, parameters.unit_words) and folded(line).split()[:WORDS_OF_A_NAME] != agency for line in lines
    )


def is_named(line: str, words: tuple[str, ...]) -> bool:
    """Whether a line begins with a unit's word and the unit's name: a capital, or nothing more, follows."""
    if not begins(line, words):
        return False
    name = NUMBERING.sub("", line)
    word = max((word for word in words if begins(name, (word,))), key=len)
    following = name[len(word) :].lstrip()
    return not following or following[0].isupper() or following[0] in ":-–("


WORDS_OF_A_NAME = 3
"""Words by which the names of agencies and of their units are told apart (assumed)."""


def regulation(looked: Looked, parameters: Prose) -> Pointer | None:
    """A file on a section's own page that bears the number and title of a document on the matter."""
    for seen in looked.seen:
        for link in seen.links if seen.role is Role.LANDING and not seen.partial else ():
            if DOCUMENT.search(link.url) and cites(link.label, parameters.titles):
                return point(seen.page, link.label, link.selector)
    return None


def unit_told(seen: Seen, parameters: Prose) -> Text | None:
    """A line that names a unit and, behind a colon or dash, what it does."""
    working: list[Text] = []
    for text in seen.texts:
        for sentence in re.split(r"(?<=[.;])\s+", text.text):
            name, *rest = re.split(r":\s|\s[-–]\s", sentence, maxsplit=1)
            work = "".join(rest).strip()
            reached = find_phones(work) or find_emails(work)
            if len(name) > LONGEST_UNIT or reached or not is_unit(name.strip(), parameters.unit_words):
                continue
            if len(work.split()) >= FEWEST_WORDS_OF_WORK and begins(work, parameters.groups[-1]):
                return text
            if len(work.split()) >= FEWEST_WORDS_OF_WORK and "," in work:
                working.append(text)
    return working[0] if len(working) >= FEWEST_WORKING else None


def held_elsewhere(looked: Looked, parameters: Prose) -> Pointer | None:
    """Where a section's landing page of few words puts its content in a frame or a file that was not read; None where it does not."""
    read = {file.page.url for file in looked.files}
    for seen in looked.seen:
        if (
            seen.role is not Role.LANDING
            or seen.partial
            or sum(len(text.text) for text in told_by(seen)) >= parameters.characters
        ):
            continue
        file = next((link for link in seen.links if DOCUMENT.search(link.url) and link.url not in read), None)
        if file is not None:
            return point(seen.page, file.label or file_words(file.url), file.selector)
        if seen.page.outline.frames:
            return point(seen.page, seen.page.outline.frames[0], "iframe")
    return None


def told_by(seen: Seen) -> list[Text]:
    """The texts of a page that tell something: not the name it bears, and not the headlines of dated news."""
    title = folded(SITE_NAME.split(seen.page.outline.title)[0])
    headed = any(heading.level == 1 for heading in seen.page.outline.headings) or any(
        text.place is Place.BODY and text.tag not in TITLE_TAGS and folded(text.text) == title
        for text in seen.page.texts
    )
    name = None if headed else next((text for text in seen.texts if text.tag in TITLE_TAGS), None)
    news = tuple(entry.selector for entry in seen.entries if entry.date)
    return [
        text
        for text in seen.texts
        if text is not name
        and text.tag != "h1"
        and not any(text.selector == at or text.selector.startswith(f"{at} >") for at in news)
    ]


TITLE_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def lacking(said: str, parameters: Prose) -> list[str]:
    """What a text lacks of what is asked, in words a webmaster understands; empty where it has enough."""
    absent = [group for group in parameters.groups if not says(said, group)]
    missing = []
    years = {int(year) for year in YEAR.findall(said)}
    told_by_years = parameters.years > 0 and len(years) >= MANY_YEARS and "\ufffd" not in said
    if len(parameters.groups) - len(absent) < parameters.at_least and not told_by_years:
        missing += [f"“{group[0]}”" for group in absent]
    if (years and len(years) + len(set(ERA.findall(said))) < parameters.years) or len(years) < min(parameters.years, 1):
        missing.append(f"ít nhất {parameters.years} mốc năm")
    if parameters.figures and len(FIGURE.findall(said)) < parameters.figures:
        missing.append("số liệu có đơn vị đo")
    return missing


def telling(lines: list[Text], parameters: Prose) -> Text:
    """The line that draws on most of the word groups, the first of equals."""
    return max(
        lines,
        key=lambda text: (
            sum(says(text.text, group) for group in parameters.groups),
            len(YEAR.findall(text.text)) if parameters.years else 0,
            min(len(text.text), 200),
        ),
    )


def first_line(seen: Seen) -> tuple[str, str]:
    """The first telling text of a page and its selector; the page's title where it has none."""
    for text in seen.texts:
        if len(text.text) >= 20:
            return text.text, text.selector
    return (seen.texts[0].text, seen.texts[0].selector) if seen.texts else (seen.page.outline.title, "")


LONGEST_UNIT = 110
"""Characters of a unit's name."""


def is_unit(name: str, words: tuple[str, ...]) -> bool:
    """Whether a text is the name of a unit: it begins with a unit's word and a capital, has two words, and does not end as a sentence."""
    ended = name.rstrip().endswith((".", ":", "?", "!"))
    return not ended and name[:1].isupper() and len(name.split()) >= 2 and begins(name, words)


DOCUMENT = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|jpe?g|png|gif|tiff?|zip|rar|dwg)(?:$|[?#])", re.IGNORECASE)


EVALUATORS = {
    "prose": Evaluator(
        prose,
        Prose,
        {"met": (), "too-short": ("characters",), "other-content": ("missing",), "in-file": (), "file": ()},
        details=True,
        telling=True,
    ),
}
