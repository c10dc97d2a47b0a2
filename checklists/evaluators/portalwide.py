"""What must hold of every page: metadata, the character set, and what lets people with disabilities use it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import first_line
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import recurs
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.model import Pointer, Verdict
from crawler.facts.legacy import LEAST_WORDS, garbled
from crawler.model import PageFacts, Place, Role

SAMPLED = frozenset({Role.LANDING, Role.DETAIL})
"""Why a page was read that is a section's own, not a try."""


def sampled(looked: Looked) -> list[PageFacts]:
    """Home and the pages of sections, without files and answers to searches."""
    return [
        page
        for page in looked.everywhere
        if page.visit
        and page.outline.encoding
        and (page.visit.role is Role.HOME or any(one.role in SAMPLED for one in page.visit.roles))
    ]


# --- metadata ----------------------------------------------------------------------------------------------------------------------------


class Metadata(Parameters):
    """names: what the element is called in Dublin Core; prefixes: how a name of that vocabulary begins; digits: the value must hold so many;
    share: of the pages that must give it."""

    names: Annotated[tuple[str, ...], Field(min_length=1)]
    prefixes: Annotated[tuple[str, ...], Field(min_length=1)]
    digits: int = 0
    share: Fraction = Fraction(1, 2)


def metadata(looked: Looked, parameters: Metadata) -> Verdict:
    """Met where enough of the pages give the element a value; empty tags give none."""
    pages = sampled(looked)
    proofs: list[Pointer] = []
    hollow: list[Pointer] = []
    for page in pages:
        given = list(called(page, parameters))
        full = next(((name, value) for name, value in given if says_something(value, parameters)), None)
        if full is not None:
            proofs.append(point(page, f"{full[0]}: {full[1]}", "head"))
        elif given:
            hollow.append(point(page, f"{given[0][0]}: {given[0][1]}".strip(), "head"))
    values = {"shown": len(proofs), "of": len(pages)}
    if proofs and Fraction(len(proofs), len(pages)) >= parameters.share:
        return met("met", *proofs[:3], **values)
    if proofs:
        return not_met("rare", *proofs[:1], **values)
    if hollow:
        return not_met("empty", *hollow[:3], **values)
    return not_met("missing", *[point(page, page.outline.title or page.url) for page in pages[:1]], **values)


def called(page: PageFacts, parameters: Metadata) -> Iterable[tuple[str, str]]:
    """The page's metadata of that element, with or without a qualifier: dc.title, DCTERMS.created, dc.date.issued."""
    for name, value in page.meta.items():
        parts = re.split(r"[.:_]", name)
        if len(parts) >= 2 and parts[0] in parameters.prefixes and parts[1] in parameters.names:
            yield name, value


def says_something(value: str, parameters: Metadata) -> bool:
    """Whether a value has a word, or the digits asked for."""
    digits = sum(letter.isdigit() for letter in value)
    return digits >= parameters.digits and any(letter.isalnum() for letter in value)


# --- character set -----------------------------------------------------------------------------------------------------------------------


class Unicode(Parameters):
    """encodings: those of Unicode; share: of the pages in another that shows the portal not to keep to it; fewer leave it open."""

    encodings: Annotated[tuple[str, ...], Field(min_length=1)]
    share: Fraction = Fraction(1, 10)


class Foreign(NamedTuple):
    """A page that is not in Unicode: why, and the text that shows it."""

    reason: str
    how: str
    proof: Pointer


VIETNAMESE = re.compile(r"[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")


def unicode_text(looked: Looked, parameters: Unicode) -> Verdict:
    """Met where every page with Vietnamese text is in Unicode, by its encoding and by its letters."""
    read = 0
    sound: Pointer | None = None
    wrong: list[Foreign] = []
    doubtful: list[Foreign] = []
    for page in looked.everywhere:
        own = [text for text in page.texts if text.place is Place.BODY and not recurs(text.text, looked.recurring)]
        texts = own if sum(len(text.text.split()) for text in own) >= LEAST_WORDS else list(page.texts)
        kind, worst_text = garbled(texts)
        marked = next((text for text in texts if VIETNAMESE.search(text.text) and not text.garbled), None)
        if worst_text is None and marked is None:
            continue
        read += 1
        if worst_text is not None:
            proof = point(page, worst_text.shown or worst_text.text, worst_text.selector)
            wrong.append(Foreign("garbled", kind.value, proof))
        elif marked is not None:
            proof = point(page, marked.text, marked.selector)
            if page.outline.encoding in parameters.encodings:
                sound = sound or proof
            elif writable(marked.text, page.outline.encoding):
                wrong.append(Foreign("other-encoding", page.outline.encoding, proof))
            else:
                doubtful.append(Foreign("references", page.outline.encoding, proof))
    values = {"wrong": len(wrong), "of": read}
    if wrong and Fraction(len(wrong), read) >= parameters.share:
        worst = wrong[0]
        return not_met(worst.reason, *[one.proof for one in wrong if one.reason == worst.reason][:3], how=worst.how, **values)  # fmt: skip
    if wrong:
        return unsure("some", *[one.proof for one in wrong[:3]], how=wrong[0].how, **values)
    if doubtful and len(doubtful) * 2 >= read:
        return unsure("references", doubtful[0].proof, how=doubtful[0].how, **values)
    if sound is None:
        pages = [seen for seen in looked.seen if seen.texts]
        return unsure("no-vietnamese", *[point(seen.page, *first_line(seen)) for seen in pages[:1]], **values)
    return met("met", sound, **values)


def writable(text: str, encoding: str) -> bool:
    """Whether an encoding has the letters of a text, composed or not; else they were written as references to Unicode."""
    for form in ("NFC", "NFD"):
        try:
            unicodedata.normalize(form, text).encode(encoding)
        except (UnicodeEncodeError, LookupError):
            continue
        return True
    return False


# --- accessibility -----------------------------------------------------------------------------------------------------------------------


class Accessible(Parameters):
    """kind: what is looked for; share: how much of it must be there over home and the pages of sections."""

    kind: Literal["alternatives", "language", "labels"]
    share: Fraction


def accessible(looked: Looked, parameters: Accessible) -> Verdict:
    """Met where enough pictures have alternative text, pages declare their language, or form fields have labels."""
    pages = sampled(looked)
    asked = {"alternatives": pictures, "language": languages, "labels": fields}[parameters.kind]
    total, lacking = asked(pages)
    if not total:
        return unsure("nothing-to-see", *[point(page, page.outline.title or page.url) for page in pages[:1]])
    right = total - len(lacking)
    values = {"right": right, "of": total}
    if Fraction(right, total) >= parameters.share:
        return met("met", *[point(page, page.outline.title or page.url, "html") for page in pages[:1]], **values)
    return not_met("lacking", *lacking[:3], **values)


def pictures(pages: Sequence[PageFacts]) -> tuple[int, list[Pointer]]:
    """How many pictures the pages show, and those without alternative text."""
    lacking = [
        point(page, f"<img> thứ {place + 1} không có văn bản thay thế", selector)
        for page in pages
        for place, selector in enumerate(page.undescribed)
    ]
    return max(sum(len(page.images) for page in pages), len(lacking)), lacking


def languages(pages: Sequence[PageFacts]) -> tuple[int, list[Pointer]]:
    """How many pages there are, and those that do not tell their language."""
    lacking = [point(page, page.outline.title or page.url, "html") for page in pages if not page.outline.lang.strip()]
    return len(pages), lacking


TYPED = frozenset({"text", "search", "select", "textarea", "email", "tel", "date", "number", "url", ""})


def fields(pages: Sequence[PageFacts]) -> tuple[int, list[Pointer]]:
    """How many fields to fill in the pages' forms have, each once, and those nothing beside them names."""
    known: set[tuple[str, str, str]] = set()
    lacking: list[Pointer] = []
    for page in pages:
        for form in page.outline.forms:
            for field in form.fields:
                shape = (form.action, field.name, field.kind)
                if field.kind in TYPED and shape not in known:
                    known.add(shape)
                    if not field.label:
                        lacking.append(
                            point(page, f"trường «{field.name or field.kind or 'không tên'}»", form.selector)
                        )
    return len(known), lacking


class ByHand(Parameters):
    """Nothing to set."""


def by_hand(looked: Looked, parameters: ByHand) -> Verdict:  # noqa: ARG001 (every evaluator is called alike)
    """Always left to a person's eye."""
    return unsure("look", *[point(seen.page, seen.page.outline.title or seen.page.url) for seen in looked.seen[:1]])


EVALUATORS = {
    "metadata": Evaluator(
        metadata,
        Metadata,
        {"met": ("shown", "of"), "rare": ("shown", "of"), "empty": ("shown", "of"), "missing": ("shown", "of")},
        everywhere=True,
    ),
    "unicode": Evaluator(
        unicode_text,
        Unicode,
        {
            "met": ("wrong", "of"),
            "garbled": ("how", "wrong", "of"),
            "other-encoding": ("how", "wrong", "of"),
            "some": ("how", "wrong", "of"),
            "references": ("how", "wrong", "of"),
            "no-vietnamese": ("wrong", "of"),
        },
        everywhere=True,
    ),
    "accessible": Evaluator(
        accessible,
        Accessible,
        {"met": ("right", "of"), "lacking": ("right", "of"), "nothing-to-see": ()},
        everywhere=True,
    ),
    "by-hand": Evaluator(by_hand, ByHand, {"look": ()}),
}
