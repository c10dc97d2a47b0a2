"""Is there text that says what an introduction must say? Pictures, maps and lists of units that stand for it."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from pydantic import Field

from checklists.evaluators.naming import SITE_NAME
from checklists.evaluators.reading import Looked, Seen, met, not_met, point, unsure
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.words import NUMBERING, begins, file_words, folded, says
from checklists.model import Pointer, Verdict
from crawler.model import Link, Place, Role, Text
from crawler.text import find_document_numbers, find_emails, find_phones, fold

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
    for seen in looked.seen:
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
    """Where a section's landing page of few words puts its content in a file or a frame this does not read; None where it does not."""
    for seen in looked.seen:
        if (
            seen.role is not Role.LANDING
            or seen.partial
            or sum(len(text.text) for text in told_by(seen)) >= parameters.characters
        ):
            continue
        file = next((link for link in seen.links if DOCUMENT.search(link.url)), None)
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


class Illustration(Parameters):
    """words: what the picture's text, title, file name or a frame is called; rejects: what shows it to be another; decorations: words in the file
    names of pictures that only adorn; short_page: a section page with fewer characters shows its picture as the section; frames: words of an
    embedded map's address; files: a document of that name counts; unit_words, units: how many names of units make a list that stands for it;
    heads: those at the head of a chart, of whom one line counts as a unit beside two others; counted: kinds of units a text may count instead."""

    words: Annotated[tuple[str, ...], Field(min_length=1)]
    decorations: tuple[str, ...] = ()
    short_page: int = 400
    rejects: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    files: bool = False
    unit_words: tuple[str, ...] = ()
    units: int = 0
    heads: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()


DOCUMENT = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|jpe?g|png|gif|tiff?|zip|rar|dwg)(?:$|[?#])", re.IGNORECASE)


def illustration(looked: Looked, parameters: Illustration) -> Verdict:
    """Met by a named picture, an embedded map, a named file, or a list of enough units; an unnamed large picture on a section's own page
    leaves it open."""
    for seen in looked.seen:
        for picture in seen.images:
            if called(picture, parameters):
                return met(
                    "picture",
                    point(seen.page, picture.label or picture.title or file_words(picture.url), picture.selector),
                )
        if parameters.frames and (frame := next((f for f in seen.page.outline.frames if framed(f, parameters)), None)):
            return met("frame", point(seen.page, frame, "iframe"))
        if parameters.files:
            for link in seen.links:
                if DOCUMENT.search(link.url) and called(link, parameters):
                    return met("file", point(seen.page, link.label or file_words(link.url), link.selector))
    if parameters.units:
        for seen in looked.seen:
            units = unit_names(seen, parameters.unit_words)
            head = next((text for text in seen.texts if len(units) >= 2 and is_head(text, parameters.heads)), None)
            if len(units) + (head is not None) >= parameters.units:
                names = "; ".join(text.text for text in ([head] if head else []) + units[:8])
                return met("units", point(seen.page, names, units[0].selector), units=len(units))
    if parameters.units and (counted := next((p for s in looked.seen if (p := counted_units(s, parameters))), None)):
        return met("counted", counted)
    for seen in looked.seen:
        if (
            not seen.partial
            and not seen.detail
            and (
                image := next(
                    (i for i in seen.images if i.url != seen.page.url and content_picture(i, parameters)), None
                )
            )
        ):
            if seen.characters <= parameters.short_page:
                return met("picture", point(seen.page, seen.page.outline.title, image.selector))
            return unsure("unnamed-picture", point(seen.page, file_words(image.url), image.selector))
    pointers = [point(seen.page, *first_line(seen)) for seen in looked.seen[:1]]
    return not_met("none", *pointers)


def counted_units(seen: Seen, parameters: Illustration) -> Pointer | None:
    """A text that tells of an apparatus by how many units of several kinds it has."""
    for text in seen.texts:
        kinds = {folded(found) for found in COUNTED.findall(text.text) if begins(found, parameters.counted)}
        if len(kinds) >= FEWEST_KINDS:
            return point(seen.page, text.text, text.selector)
    return None


COUNTED = re.compile(r"(?<![\w.,/])\d{1,3}\s+([a-zà-ỹđA-ZÀ-ỸĐ]+(?:\s[a-zà-ỹđA-ZÀ-ỸĐ]+)?)")
FEWEST_KINDS = 3
"""Kinds of units counted in a text that tells of an apparatus (assumed)."""


def called(link: Link, parameters: Illustration) -> bool:
    """Whether a picture or file goes by one of the words, and by none of the rejecting ones."""
    return goes_by(link, parameters.words) and not goes_by(link, parameters.rejects)


def goes_by(link: Link, words: tuple[str, ...]) -> bool:
    """Whether the text, title or file name of a picture or file says one of the words."""
    file = file_words(link.url)
    return says(f"{link.label} {link.title}", words) or any(holds(file, fold(word)) for word in words)


def holds(file: str, word: str) -> bool:
    """Whether a folded file name has a folded word, spaced or joined."""
    return f" {word} " in f" {file} " or (len(word) >= 6 and word.replace(" ", "") in file.replace(" ", ""))


def framed(url: str, parameters: Illustration) -> bool:
    """Whether a frame's address is a map's, and not one to show the way to an office."""
    words = set(re.findall(r"[a-z0-9]+", url.lower()))
    return any(word in words or word in url.lower().split("?")[0].split("/") for word in parameters.frames)


def content_picture(image: Link, parameters: Illustration) -> bool:
    """Whether a picture's file name speaks of no mere decoration and nothing else to reject."""
    file = file_words(image.url)
    return not any(word in file for word in parameters.decorations) and not goes_by(image, parameters.rejects)


LONGEST_UNIT = 110
"""Characters of a unit's name."""


def unit_names(seen: Seen, words: tuple[str, ...]) -> list[Text]:
    """The different names of units a page gives: short texts that begin with a unit's word and are no sentence, and such members of texts
    that list several; each as the text that holds it, cut to the name."""
    found: dict[str, Text] = {}
    for text in seen.texts:
        whole = [text.text] if len(text.text) <= LONGEST_UNIT else []
        listed = (
            [part.strip() for part in re.split(r"[,;:•]", text.text)] if len(text.text) <= LONGEST_UNIT_LIST else []
        )
        members = [part for part in listed if len(part) <= LONGEST_UNIT_LISTED]
        for name in members if len(members) >= 2 else whole:
            if is_unit(name, words):
                found.setdefault(fold(name), msgspec.structs.replace(text, text=name))
    return list(found.values())


LONGEST_UNIT_LIST, LONGEST_UNIT_LISTED = 600, 60
"""Characters of a text that lists units, and of a unit's name in it."""


def is_unit(name: str, words: tuple[str, ...]) -> bool:
    """Whether a text is the name of a unit: it begins with a unit's word and a capital, has two words, and does not end as a sentence."""
    ended = name.rstrip().endswith((".", ":", "?", "!"))
    return not ended and name[:1].isupper() and len(name.split()) >= 2 and begins(name, words)


LONGEST_HEAD = 60
"""Characters of a line that names who stands at the head."""


def is_head(text: Text, heads: tuple[str, ...]) -> bool:
    """Whether a line of a list names those at the head of an agency."""
    return text.tag in LISTING_TAGS and len(text.text) <= LONGEST_HEAD and begins(text.text, heads)


LISTING_TAGS = frozenset({"li", "td", "th", "dt", "p", "div"})


EVALUATORS = {
    "prose": Evaluator(
        prose,
        Prose,
        {"met": (), "too-short": ("characters",), "other-content": ("missing",), "in-file": (), "file": ()},
        details=True,
        telling=True,
    ),
    "illustration": Evaluator(
        illustration,
        Illustration,
        {"picture": (), "frame": (), "file": (), "units": ("units",), "counted": (), "none": (), "unnamed-picture": ()},
        telling=True,
    ),
}
