"""Who leads, what is told of their lives, and what each is charged with."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field

from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import DOCUMENT, first_line
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen, rows_of
from checklists.evaluators.verdicts import met, not_met, point
from checklists.evaluators.words import begins, says, words_of
from checklists.model import Pointer, Verdict
from crawler.model import Link, Text

NAME = re.compile(
    r"(?<!\w)(?:[A-ZÀ-ỸĐ][a-zà-ỹđ]+\s){1,4}[A-ZÀ-ỸĐ][a-zà-ỹđ]*(?!\w)|(?<!\w)(?:[A-ZÀ-ỸĐ]{2,}\s){2,4}[A-ZÀ-ỸĐ]{1,}(?!\w)"
)
"""Two to five capitalised words, or three to five in capitals: how a person's name is written."""


Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Biographies(Parameters):
    """positions: what leaders are; birth: words before a birth date or year; life: word groups of a life told (origin, schooling, career),
    at_least of them, where years beside a post tell a career too; share: of the leaders with a page of their own that must have one;
    characters: the least length of a life."""

    positions: Words
    birth: Words
    life: Annotated[tuple[tuple[str, ...], ...], Field(min_length=1)]
    at_least: int = 1
    share: Fraction = Fraction(1, 2)
    characters: int = 60


class Life(NamedTuple):
    """A birth told on a page: the text that tells it with its value, where, and whether enough of the life stands beside it."""

    quote: str
    selector: str
    told: bool


def biographies(looked: Looked, parameters: Biographies) -> Verdict:
    """Met where at least the asked share of leaders' own pages tell a life, or a list tells at least two (one where there is one leader)."""
    lives = {seen.page.url: lives_of(seen, parameters) for seen in looked.seen}
    details = [seen for seen in looked.seen if seen.detail and introduces(seen, parameters)]
    told_pages = [seen for seen in details if any(life.told for life in lives[seen.page.url])]
    listed = [(seen, [life for life in lives[seen.page.url] if life.told]) for seen in looked.seen if not seen.detail]
    most = max(listed, key=lambda pair: len(pair[1]), default=None)
    if most is not None and most[1]:
        leaders = position_lines(most[0], parameters.positions)
        if len(most[1]) >= 2 or len(leaders) <= 2:
            proof = most[1][0]
            return met("met", point(most[0].page, proof.quote, proof.selector), people=len(most[1]))
    if details and told_pages and Fraction(len(told_pages), len(details)) >= parameters.share:
        proofs = [proof_of(seen, lives[seen.page.url]) for seen in told_pages]
        return met("met", *proofs, people=len(told_pages))
    if told_pages:
        proofs = [proof_of(seen, lives[seen.page.url]) for seen in told_pages]
        return not_met("few", *proofs, people=len(told_pages), of=len(details))
    for seen in looked.seen:
        if lines := position_lines(seen, parameters.positions):
            return not_met("names-only", point(seen.page, lines[0].text, lines[0].selector))
    return not_met("nobody", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def proof_of(seen: Seen, lives: list[Life]) -> Pointer:
    life = next(life for life in lives if life.told)
    return point(seen.page, life.quote, life.selector)


def lives_of(seen: Seen, parameters: Biographies) -> list[Life]:
    """The births a page tells, each with whether the texts around it tell enough of a life."""
    births = [place for place, text in enumerate(seen.texts) if tells_birth(seen.texts, place, parameters.birth)]
    found = []
    for number, place in enumerate(births):
        until = births[number + 1] if number + 1 < len(births) else len(seen.texts)
        around = seen.texts[max(0, place - 4) : until]
        said = " . ".join(text.text for text in around)
        groups = sum(answered(around, group) for group in parameters.life)
        groups += any(CAREER.search(text.text) for text in around)
        label = seen.texts[place]
        value = "" if BIRTH_YEAR.search(label.text) else seen.texts[place + 1].text
        found.append(
            Life(
                f"{label.text} {value}".strip(),
                label.selector,
                groups >= parameters.at_least and len(said) >= parameters.characters,
            )
        )
    return found


CAREER = re.compile(
    r"[^\W\d]\W{1,3}(?:từ\s+)?(?:\d{1,2}/)?(?:19|20)\d\d\s*(?:[-–]|đến)\s*(?:(?:\d{1,2}/)?(?:19|20)\d\d|nay)(?!\d)"
)
"""A post with the years it was held."""

BIRTH_YEAR = re.compile(r"(?<!\d)(?:19[2-9]\d|200\d)(?!\d)")


def tells_birth(texts: tuple[Text, ...], place: int, birth: tuple[str, ...]) -> bool:
    """Whether a text tells when somebody was born: a birth word with a year after it, in the same text or the next one."""
    text = texts[place].text
    clean = words_of(text)
    for word in birth:
        at = clean.find(words_of(word))
        if at < 0 or (at and (clean[at - 1].isalnum() or " " not in word)):
            continue
        if BIRTH_YEAR.search(clean[at : at + 60]):
            return True
        label_only = len(clean) <= len(word) + 12
        if (
            label_only
            and place + 1 < len(texts)
            and len(texts[place + 1].text) <= 60
            and BIRTH_YEAR.search(texts[place + 1].text)
        ):
            return True
    return False


def answered(texts: tuple[Text, ...], words: tuple[str, ...]) -> bool:
    """Whether one of the words is there with something said after it, not a bare label before another label."""
    for place, text in enumerate(texts):
        if not says(text.text, words):
            continue
        bare_label = text.text.rstrip().endswith(":")
        if not bare_label and (len(text.text.split()) > 4 or ":" in text.text):
            return True
        if (
            place + 1 < len(texts)
            and len(texts[place + 1].text) >= 3
            and not texts[place + 1].text.rstrip().endswith(":")
        ):
            return True
    return False


def introduces(seen: Seen, parameters: Biographies) -> bool:
    """Whether a page is about a leader: it names a position and a person."""
    return bool(position_lines(seen, parameters.positions)) or any(
        NAME.fullmatch(heading.text.strip()) for heading in seen.page.outline.headings
    )


LONGEST_POSITION = 160
"""Characters of a text that gives a leader's position."""


def position_lines(seen: Seen, positions: tuple[str, ...]) -> list[Text]:
    """The short texts that name a leader's position."""
    return [text for text in seen.texts if len(text.text) <= LONGEST_POSITION and says(text.text, positions)]


class Assignments(Parameters):
    """positions: what leaders are; verbs: words that charge somebody with something in a row; charges: those strong enough to do so in a
    sentence; fields: labels before what is charged; duty: words of a duty roster; files: what a document that charges leaders is called; substance: the least
    characters of what is charged."""

    positions: Words
    verbs: Words
    charges: Words
    fields: Words
    duty: Words
    files: tuple[str, ...] = ()
    substance: int = 25


def assignments(looked: Looked, parameters: Assignments) -> Verdict:
    """Met where a text, a row or a labelled field charges a leader with work, on a page that is no duty roster."""
    roster: Seen | None = None
    for seen in looked.seen:
        if is_roster(seen, parameters):
            roster = roster or seen
            continue
        if proof := charge(seen, parameters):
            return met("met", point(seen.page, proof[0], proof[1]))
    for seen in looked.seen:
        if (link := charging_file(seen, parameters)) is not None:
            return met("file", point(seen.page, link.label, link.selector))
    for file in looked.files:
        if not is_roster(file, parameters) and (proof := charge(file, parameters)):
            return met("met", point(file.page, proof[0], proof[1]))
    if roster is not None:
        line = next((t for t in roster.texts if says(t.text, parameters.duty)), None)
        quote, selector = (line.text, line.selector) if line else (roster.page.outline.title, "")
        return not_met("duty-roster", point(roster.page, quote, selector))
    for seen in looked.seen:
        if lines := position_lines(seen, parameters.positions):
            return not_met("positions-only", point(seen.page, lines[0].text, lines[0].selector))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def charging_file(seen: Seen, parameters: Assignments) -> Link | None:
    """The file a page offers that charges leaders by its own name, or by the page's."""
    files = [link for link in seen.links if DOCUMENT.search(link.url)]
    names = [seen.page.outline.title, *(heading.text for heading in seen.page.outline.headings)]
    if any(charges_leaders(name, parameters) for name in names):
        return next(iter(files), None)
    return next((link for link in files if charges_leaders(link.label, parameters)), None)


def charges_leaders(name: str, parameters: Assignments) -> bool:
    """Whether a document of that name says what leaders are charged with."""
    return says(name, parameters.files) and says(name, parameters.positions) and not says(name, parameters.duty)


def is_roster(seen: Seen, parameters: Assignments) -> bool:
    """Whether a page is a roster of who is on duty when."""
    headings = " . ".join(heading.text for heading in seen.page.outline.headings)
    hits = sum(says(text.text, parameters.duty) for text in seen.texts)
    charges = sum(says(text.text, parameters.charges) for text in seen.texts)
    return hits > charges and (says(headings, parameters.duty) or hits >= 2)


def charge(seen: Seen, parameters: Assignments) -> tuple[str, str] | None:
    """The text that charges a leader with work and its selector: a field label with what follows, a row with a position and a charge, or a
    sentence naming a position, a verb of charge and what is charged."""
    titles = {entry.title for entry in seen.entries} | {link.label for link in seen.links}
    for place, text in enumerate(seen.texts):
        if begins(text.text, parameters.fields):
            rest = after_label(text.text)
            if len(rest) >= parameters.substance:
                return text.text, text.selector
            following = seen.texts[place + 1] if place + 1 < len(seen.texts) else None
            told = following is not None and not says(following.text, parameters.duty) and following.text not in titles
            if told and following is not None and len(text.text) <= 60 and substantial(following.text, parameters):
                return following.text, following.selector
    for _, row in rows_of(seen):
        cells = [cell for cell in row.cells if cell]
        if any(says(cell, parameters.positions) for cell in cells) and any(
            len(cell) >= parameters.substance and says(cell, parameters.verbs) for cell in cells
        ):
            return " | ".join(cells), row.selector
    for text in seen.texts:
        if text.text in titles:
            continue
        strong = says(text.text, parameters.charges)
        if (
            strong
            and len(text.text) >= parameters.substance + 15
            and (says(text.text, parameters.positions) or near_position(seen, text, parameters))
        ):
            return text.text, text.selector
    return None


def after_label(text: str) -> str:
    """What stands after a label's colon or dash."""
    return re.split(r"[:–]\s*", text, maxsplit=1)[1].strip() if re.search(r"[:–]", text) else ""


def substantial(text: str, parameters: Assignments) -> bool:
    return len(text) >= parameters.substance and not text.rstrip().endswith(":")


def near_position(seen: Seen, text: Text, parameters: Assignments) -> bool:
    """Whether one of the four texts before names a position."""
    place = next(i for i, one in enumerate(seen.texts) if one is text)
    return any(says(one.text, parameters.positions) for one in seen.texts[max(0, place - 4) : place])


EVALUATORS = {
    "biographies": Evaluator(
        biographies,
        Biographies,
        {"met": ("people",), "few": ("people", "of"), "names-only": (), "nobody": ()},
        details=True,
        telling=True,
    ),
    "assignments": Evaluator(
        assignments,
        Assignments,
        {"met": (), "file": (), "duty-roster": (), "positions-only": (), "none": ()},
        details=True,
        telling=True,
    ),
}
