"""Pictures, maps, files and lists of units that stand for what an introduction must show."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from pydantic import Field

from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import DOCUMENT, LONGEST_UNIT, first_line, is_unit
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import begins, file_words, folded, says
from checklists.model import Pointer, Verdict
from crawler.model import Link, Text
from crawler.text import fold


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


LONGEST_HEAD = 60
"""Characters of a line that names who stands at the head."""


def is_head(text: Text, heads: tuple[str, ...]) -> bool:
    """Whether a line of a list names those at the head of an agency."""
    return text.tag in LISTING_TAGS and len(text.text) <= LONGEST_HEAD and begins(text.text, heads)


LISTING_TAGS = frozenset({"li", "td", "th", "dt", "p", "div"})


EVALUATORS = {
    "illustration": Evaluator(
        illustration,
        Illustration,
        {"picture": (), "frame": (), "file": (), "units": ("units",), "counted": (), "none": (), "unnamed-picture": ()},
        telling=True,
    ),
}
