"""Can a reader print an article and keep it? By what the article's own page offers to press."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field

from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import first_line
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import says
from checklists.model import Verdict
from crawler.model import Place
from crawler.text import fold, slug_words


class Offers(Parameters):
    """labels: what the button is called, whole or at its beginning; slugs: words of the addresses it leads to; scripts: pieces of the scripts it
    runs; icons: class words of its picture; rejects: labels of something else; beside: labels that offer it where they
    stand in one row with the print button, whose labels are prints; share: of the opened articles that must offer it."""

    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    slugs: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    icons: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    prints: tuple[str, ...] = ()
    share: Fraction = Fraction(1, 2)


class Pressed(NamedTuple):
    """Something to press on a page."""

    label: str
    address: str
    script: str
    icon: str
    selector: str


def offers(looked: Looked, parameters: Offers) -> Verdict:
    """Met where enough of the opened articles offer to be printed or kept."""
    articles = [seen for seen in looked.seen if seen.detail]
    if not articles:
        return unsure("no-articles", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])
    proofs = []
    for seen in articles:
        found = next((one for one in pressed(seen) if is_offer(one, parameters)), None) or in_row(seen, parameters)
        if found is not None:
            proofs.append(point(seen.page, found.label or found.address or found.script or found.icon, found.selector))
    values = {"shown": len(proofs), "of": len(articles)}
    if proofs and Fraction(len(proofs), len(articles)) >= parameters.share:
        return met("met", *proofs[:3], **values)
    if proofs:
        return not_met("rare", *proofs[:1], **values)
    return not_met("missing", *[point(seen.page, *first_line(seen)) for seen in articles[:1]], **values)


def pressed(seen: Seen) -> Iterator[Pressed]:
    """Everything a page offers to press, menus and footers aside unless it runs a script."""
    outside = {Place.MENU, Place.FOOTER, Place.BREADCRUMB}
    for control in seen.page.controls:
        if control.place not in outside or "print" in control.script:
            yield Pressed(control.label, "", control.script, control.icon, control.selector)
    for link in seen.page.outline.links:
        if link.place not in outside:
            label = link.label if not link.title or link.title == link.label else f"{link.label} {link.title}".strip()
            yield Pressed(label, link.url, "", "", link.selector)


def in_row(seen: Seen, parameters: Offers) -> Pressed | None:
    """What stands in one row with the button to print, under a label that offers to keep the article."""
    if not parameters.beside:
        return None
    everything = list(pressed(seen))
    rows = {row_of(one) for one in everything if len(one.label) <= SHORT and named(one.label, parameters.prints)}
    return next((one for one in everything if row_of(one) in rows and named(one.label, parameters.beside)), None)


def row_of(one: Pressed) -> str:
    """The selector of the element that holds a button."""
    return one.selector.rpartition(" > ")[0]


SHORT = 40
"""Characters of a button's label; longer ones are headlines (assumed)."""


def is_offer(one: Pressed, parameters: Offers) -> bool:
    """Whether something to press is the function asked for: by its label, the address it leads to, its script or its icon."""
    if one.label and len(one.label) <= SHORT and says(one.label, parameters.rejects):
        return False
    if one.label and len(one.label) <= SHORT and named(one.label, parameters.labels):
        return True
    words = set(re.findall(r"[a-z0-9]+", f"{slug_words(one.address)} {one.address.partition('?')[2]}".lower()))
    if one.address and any(slug in words for slug in parameters.slugs):
        return True
    script = one.script.lower().replace(" ", "")
    if any(piece in script for piece in parameters.scripts):
        return True
    icon = set(re.findall(r"[a-z0-9]+", one.icon.lower()))
    return bool(not one.label and icon & set(parameters.icons))


def named(label: str, names: tuple[str, ...]) -> bool:
    """Whether a label is one of the names, or begins or ends with it, after marks: “In”, “[In bài viết]”, “Bản in »”. A name of one word must be
    all of it."""
    said = fold(label)
    for name in names:
        wanted = fold(name)
        if said == wanted or (" " in wanted and (said.startswith(f"{wanted} ") or said.endswith(f" {wanted}"))):
            return True
    return False


EVALUATORS = {
    "offers": Evaluator(
        offers,
        Offers,
        {"met": ("shown", "of"), "rare": ("shown", "of"), "missing": ("shown", "of"), "no-articles": ()},
        details=True,
    ),
}
