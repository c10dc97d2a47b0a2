"""What a visitor sees of a service's level on its own page: data of the procedure, forms, a form to fill in, sending, paying, following. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from checklists.evaluators.verdicts import LONGEST_QUOTE
from checklists.evaluators.words import begins, says
from checklists.model import Pointer
from crawler.facts.documents import is_file
from crawler.model import Form, PageFacts

UNSEEN_KINDS = frozenset({"hidden", "submit", "button", "image", "reset", "password", "file"})
"""Kinds of fields nobody fills in, or that are signs of their own."""


PRESSED = frozenset({"submit", "button"})


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Something that shows a level; what each field asks is told in services.yml."""

    title: str
    level: int
    data: dict[str, tuple[str, ...]] = {}
    words: tuple[str, ...] = ()
    files: bool = False
    fields: int = 0
    kinds: tuple[str, ...] = ()


class SignSeen(msgspec.Struct, frozen=True):
    """A sign as seen: where, and of data their names."""

    seen: tuple[Pointer, ...]
    names: tuple[str, ...] = ()


def signs_seen(page: PageFacts, folder: str, signs: Mapping[str, Sign]) -> dict[str, SignSeen]:
    """The signs a page shows, by id. folder names the sealed folder and line the page stands in, as pointers carry it."""
    found = {}
    for name, sign in signs.items():
        if sign.data:
            known = {kind: where for kind, words in sign.data.items() if (where := datum(page, folder, words))}
            if known:
                found[name] = SignSeen(tuple(known.values())[:3], tuple(known))
        elif proof := next(proofs(page, folder, sign), None):
            found[name] = SignSeen((proof,))
    return found


def datum(page: PageFacts, folder: str, words: tuple[str, ...]) -> Pointer | None:
    """Where the page names a kind of data: at the beginning of a text, as labels and headings do."""
    found = next((text for text in page.texts if begins(text.text, words)), None)
    return pointer(page, folder, found.selector, found.text) if found else None


def proofs(page: PageFacts, folder: str, sign: Sign) -> Iterator[Pointer]:
    """Every place that shows a sign, forms first."""
    for form in page.outline.forms:
        yield from (pointer(page, folder, form.selector, quote) for quote in form_quotes(form, sign))
    for link in page.outline.links:
        if sign.words and (not sign.files or is_file(link)) and says(link.label, sign.words):
            yield pointer(page, folder, link.selector, link.label)
    if sign.words and not sign.files:
        for control in page.controls:
            if says(control.label, sign.words):
                yield pointer(page, folder, control.selector, control.label)


def form_quotes(form: Form, sign: Sign) -> Iterable[str]:
    """What of a form shows a sign."""
    for field in form.fields:
        named = field.label or field.name or field.kind
        if field.kind in sign.kinds:
            yield named
        elif field.kind in PRESSED and not sign.files and says(field.value or field.label, sign.words):
            yield field.value or field.label
    visible = [field for field in form.fields if field.kind not in UNSEEN_KINDS]
    asks_login = any(field.kind == "password" for field in form.fields)
    if sign.fields and len(visible) >= sign.fields and not form.searches and not asks_login:
        yield "; ".join(field.label or field.name for field in visible[:6])


def pointer(page: PageFacts, folder: str, selector: str, quote: str) -> Pointer:
    """A place on the page."""
    return Pointer(sha256=page.evidence, url=page.url, selector=selector, quote=quote[:LONGEST_QUOTE], page=folder)
