"""Is there content in a foreign language, not only its labels?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field

from checklists.evaluators.headings import HEADING_TAGS, part_under_heading
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import DOCUMENT, first_line
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import OWN_PLACES, Seen, recurs
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import finds, says
from checklists.model import Pointer, Verdict
from crawler.model import Text
from crawler.text import find_emails, find_phones

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Foreign(Parameters):
    """hub: the section that leads to the language's pages, no proof itself; language: words that tell the language; told: the share of a page's
    words that must be such; marked: the share with Vietnamese letters from which a page is Vietnamese; groups: word groups the content must
    draw on, at_least of them; characters: its least length; reachable: it must give a telephone number or a mailbox."""

    hub: str
    language: Words
    told: Fraction = Fraction(1, 10)
    marked: Fraction = Fraction(1, 4)
    groups: Annotated[tuple[tuple[str, ...], ...], Field(min_length=1)]
    at_least: Annotated[int, Field(ge=1)]
    characters: Annotated[int, Field(ge=1)]
    reachable: bool = False


class Content(NamedTuple):
    """A page's own content and how it reads."""

    seen: Seen
    texts: list[Text]
    said: str
    foreign: bool
    vietnamese: bool


WORD = re.compile(r"[^\W\d_]+")
MARKED = re.compile(r"[ăâđêôơưáàảãạéèẻẽẹíìỉĩịóòỏõọúùủũụýỳỷỹỵ\u1ea0-\u1ef9]", re.IGNORECASE)


def foreign(looked: Looked, parameters: Foreign) -> Verdict:
    """Met where one page, or one part under a heading, tells enough of the matter in the language asked for; the page its version begins with may."""
    pages = [content(seen, looked, parameters) for seen in telling(looked, parameters.hub)]
    missing: list[str] | None = None
    short: Content | None = None
    for page in pages:
        if not page.foreign:
            continue
        lacking = lacks(page, parameters)
        if not lacking and len(page.said) >= parameters.characters:
            return met("met", telling_most(page, parameters))
        if not lacking:
            short = short or page
        elif missing is None or len(lacking) < len(missing):
            missing = lacking
    hubs = [content(seen, looked, parameters) for seen in looked.seen if seen.section == parameters.hub]
    for hub in hubs:
        if hub.foreign and len(hub.said) >= parameters.characters and not lacks(hub, parameters):
            return met("met", telling_most(hub, parameters))
    if short is not None:
        return not_met("too-short", point(short.seen.page, *first_line(short.seen)), characters=len(short.said))
    if missing is not None:
        page = next(page for page in pages if page.foreign)
        return not_met("other-content", point(page.seen.page, *first_line(page.seen)), missing=", ".join(missing))
    if not any(seen.section == parameters.hub for seen in looked.seen) and not any(page.foreign for page in pages):
        return not_met("section-absent")  # pages of the language's own names, but none in it and no way to its version
    if native := next((page for page in pages if page.vietnamese), None):
        return not_met("vietnamese", point(native.seen.page, *first_line(native.seen)))
    for page in pages:
        file = next((link for link in page.seen.links if DOCUMENT.search(link.url)), None)
        if file is not None or page.seen.page.outline.frames:
            where = file.label or file.url if file else page.seen.page.outline.frames[0]
            return unsure("in-file", point(page.seen.page, where, file.selector if file else "iframe"))
    if hubs and all(hub.vietnamese for hub in hubs):
        return not_met("vietnamese", point(hubs[0].seen.page, *first_line(hubs[0].seen)))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def telling_most(page: Content, parameters: Foreign) -> Pointer:
    """Where a page says most in the language asked for."""
    proof = max(page.texts, key=lambda text: (len(finds(text.text, parameters.language)), len(text.text)))
    return point(page.seen.page, proof.text, proof.selector)


def telling(looked: Looked, hub: str) -> Iterator[Seen]:
    """The pages of the sections asked for, and the parts of the hub's pages that bear their names."""
    for seen in looked.seen:
        if seen.section != hub:
            yield seen
            continue
        parts = (part_under_heading(seen, section) for section in looked.sections if section.id != hub)
        yield from (part for part in parts if part is not None)


def content(seen: Seen, looked: Looked, parameters: Foreign) -> Content:
    """A page's own texts and the language they are in: judged by all of them, headlines and labels of links included."""
    texts = [text for text in seen.texts if text.place in OWN_PLACES and not recurs(text.text, looked.recurring)]
    labels = {link.label for link in seen.links}
    told = [
        text
        for text in texts
        if text.tag not in HEADING_TAGS - {"th", "dt"} and (text.text not in labels or len(text.text) > 80)
    ]
    said = " ".join(text.text for text in told)
    words = WORD.findall(said)
    if not words:
        return Content(seen, told, said, foreign=False, vietnamese=False)
    marked = Fraction(sum(MARKED.search(word) is not None for word in words), len(words))
    known = Fraction(len(finds(said, parameters.language)), len(words))
    vietnamese = marked >= parameters.marked
    return Content(seen, told, said, foreign=not vietnamese and known >= parameters.told, vietnamese=vietnamese)


def lacks(page: Content, parameters: Foreign) -> list[str]:
    """What a page lacks of what is asked, in words a webmaster understands; empty where it has enough."""
    titles = " . ".join([page.seen.page.outline.title, *(heading.text for heading in page.seen.page.outline.headings)])
    absent = [group for group in parameters.groups if not says(f"{titles} . {page.said}", group)]
    missing = (
        [f"“{group[0]}”" for group in absent] if len(parameters.groups) - len(absent) < parameters.at_least else []
    )
    if parameters.reachable and not (find_phones(page.said) or find_emails(page.said)):
        missing.append("số điện thoại hoặc thư điện tử")
    return missing


EVALUATORS = {
    "foreign": Evaluator(
        foreign,
        Foreign,
        {
            "met": (),
            "vietnamese": (),
            "too-short": ("characters",),
            "other-content": ("missing",),
            "none": (),
            "in-file": (),
        },
        details=True,
    ),
}
