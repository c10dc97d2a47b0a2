"""What goes with services offered online: guides, figures, following a dossier; services of the agency's units; signing on once."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from checklists.evaluators.headings import HEADING_TAGS, LONGEST_HEADING
from checklists.evaluators.looking import Looked
from checklists.evaluators.offering import LONGEST_LINE, Line, Words, column_levels, levels, lines, shown
from checklists.evaluators.prose import DOCUMENT, first_line
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import OWN_PLACES, own_forms, recurs
from checklists.evaluators.verdicts import met, not_met, point, unsure, verdict
from checklists.evaluators.words import begins, says
from checklists.model import Outcome, Pointer, Verdict
from crawler.model import Block, Role
from crawler.text import fold

# --- what goes with services of level 3 and above ------------------------------------------------------------------------------------------


class Function(Parameters):
    """kind: text to read (a guide), number (a count beside the words) or form (a field to ask with); words: what it is called; fields: labels of
    the form's fields; section: where a page of its own would be; services: the section whose full view lets it be said that no service of
    level 3 exists; submits: labels of buttons to send a dossier online; levels: what a column of levels is called; characters: what a guide
    must tell; leads: how a paragraph that guides begins."""

    kind: Literal["text", "number", "form"]
    words: Words
    fields: tuple[str, ...] = ()
    section: str = ""
    services: str
    submits: Words
    levels: Words
    characters: Annotated[int, Field(ge=1)] = 150
    leads: tuple[str, ...] = ()


def function(looked: Looked, parameters: Function) -> Verdict:
    """Met where the function stands with services of level 3 or 4; does not apply where a full view shows no such service."""
    if not offers_submission(looked, parameters):
        view = next((view for view in looked.visit.views if view.target == parameters.services), None)
        if view is not None and view.full and view.samples_full:
            return verdict(Outcome.NOT_APPLICABLE, "no-level-3", (), {})
        return unsure("level-unknown")
    asked = {"text": guide, "number": number, "form": form}[parameters.kind]
    if proof := asked(looked, parameters):
        return met("met", proof)
    for line in lines(looked):
        if len(line.text) <= LONGEST_HEADING and says(line.text, parameters.words):
            return unsure("not-opened", shown(line))
    return not_met(
        "none", *[point(seen.page, *first_line(seen)) for seen in looked.seen if seen.role is not Role.HOME][:1]
    )


def offers_submission(looked: Looked, parameters: Function) -> bool:
    """Whether a service of level 3 or 4 is stated, or a dossier can be sent online."""
    return any(number >= 3 for number, _ in column_levels(looked, parameters.levels)) or any(
        any(one >= 3 for one in levels(line.text)) or (len(line.text) <= 60 and says(line.text, parameters.submits))
        for line in lines(looked)
    )


def guide(looked: Looked, parameters: Function) -> Pointer | None:
    for seen in looked.seen:
        if seen.role is Role.HOME:
            continue
        own = [
            text
            for text in seen.texts
            if text.place in OWN_PLACES and text.tag not in HEADING_TAGS and not recurs(text.text, looked.recurring)
        ]
        label = seen.page.visit.label if seen.page.visit else ""
        titles = " . ".join([seen.page.outline.title, label, *(heading.text for heading in seen.page.outline.headings)])
        for link in seen.page.outline.links:
            if link.place in OWN_PLACES and DOCUMENT.search(link.url) and says(link.label, parameters.words):
                return point(seen.page, link.label, link.selector)
        for text in own:
            if (
                len(text.text) >= parameters.characters
                and ":" in text.text[:LEAD]
                and begins(text.text, parameters.leads)
            ):
                return point(seen.page, text.text, text.selector)
        if (seen.section == parameters.section or says(titles, parameters.words)) and sum(
            len(text.text) for text in own
        ) >= parameters.characters:
            return point(seen.page, *first_line(seen))
    return None


LEAD = 80
"""Characters before the colon of a paragraph that guides (assumed)."""


def number(looked: Looked, parameters: Function) -> Pointer | None:
    for seen in looked.seen:
        if seen.role is Role.HOME:
            continue
        own = [text for text in seen.texts if text.place in OWN_PLACES]
        for place, text in enumerate(own):
            if len(text.text) <= LONGEST_LINE and says(text.text, parameters.words):
                following = own[place + 1].text if place + 1 < len(own) else ""
                if re.search(r"\d", text.text) or re.fullmatch(r"[\d.,\s]+(?:hồ sơ|lượt)?", following):
                    return point(
                        seen.page,
                        f"{text.text} {following}" if not re.search(r"\d", text.text) else text.text,
                        text.selector,
                    )
        for table in seen.tables:
            head = table.rows[0].cells if table.rows else ()
            places = [n for n, cell in enumerate(head) if says(cell, parameters.words)]
            for row in table.rows[1:]:
                for n in places:
                    if len(row.cells) > n and re.fullmatch(r"[\d.,]+", row.cells[n].strip()):
                        return point(seen.page, f"{head[n]}: {row.cells[n]}", row.selector)
    return None


def form(looked: Looked, parameters: Function) -> Pointer | None:
    for seen in looked.seen:
        for one in own_forms(seen.page, looked.home):
            for each in one.fields:
                if each.kind != "hidden" and says(each.label, parameters.fields):
                    return point(seen.page, each.label, one.selector)
            for text in seen.page.texts:  # a label that is none by its markup
                if text.selector.startswith(f"{one.selector} >") and says(text.text, parameters.fields):
                    return point(seen.page, text.text, text.selector)
    return None


# --- services of the agency's units ----------------------------------------------------------------------------------------------------------


class Integrated(Parameters):
    """bo, cqtcp, tinh: how names of an agency's own units begin; columns: what a column or filter of units is called; units: how many
    different ones show that their services are there."""

    bo: Words
    cqtcp: Words
    tinh: Words
    columns: Words
    units: Annotated[int, Field(ge=2)] = 3


SEPARATORS = re.compile(r"\s[·|–-]\s")
"""What parts a service's name from its level and unit in one line."""


def integrated(looked: Looked, parameters: Integrated) -> Verdict:
    """Met where the services listed are those of several units: by a column, a filter or links of units."""
    own = {Block.BO: parameters.bo, Block.CQTCP: parameters.cqtcp}.get(looked.visit.request.block, parameters.tinh)
    found: dict[str, Line] = {}
    for line in lines(looked):
        for part in SEPARATORS.split(line.text) if len(line.text) <= LONGEST_LINE and line.row else ():
            if len(part) <= LONGEST_HEADING and begins(part, own):
                found.setdefault(fold(part), line)
    if len(found) >= parameters.units:
        return met("met", *[shown(line) for line in list(found.values())[:3]], units=len(found))
    for seen in looked.seen:
        for one in own_forms(seen.page, looked.home):
            for each in one.fields:
                if each.kind == "select" and says(each.label, parameters.columns):
                    return met("filter", point(seen.page, each.label, one.selector))
    if found:
        return not_met("few", shown(next(iter(found.values()))), units=len(found), needed=parameters.units)
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


class SignOn(Parameters):
    """words: what signing on once for all services is called; addresses: words of the addresses of shared sign-on; logins: labels of a log-in."""

    words: Words
    addresses: Words
    logins: Words


def sign_on(looked: Looked, parameters: SignOn) -> Verdict:
    """Met where signing on once is named, or a log-in leads to a shared sign-on; a log-in of unknown make leaves it open."""
    login: Pointer | None = None
    for seen in looked.seen:
        for text in seen.texts:
            if len(text.text) <= LONGEST_LINE and says(text.text, parameters.words):
                return met("met", point(seen.page, text.text, text.selector))
        for link in seen.page.outline.links:
            if set(re.findall(r"[a-z0-9]+", link.url.lower())) & set(parameters.addresses):
                return met("met", point(seen.page, link.label or link.url, link.selector))
            if login is None and len(link.label) <= LONGEST_HEADING and says(link.label, parameters.logins):
                login = point(seen.page, link.label, link.selector)
    return unsure("login-only", login) if login else not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])  # fmt: skip


EVALUATORS = {
    "service-function": Evaluator(
        function,
        Function,
        {"met": (), "not-opened": (), "none": (), "no-level-3": (), "level-unknown": ()},
        details=True,
    ),
    "integrated": Evaluator(
        integrated, Integrated, {"met": ("units",), "filter": (), "few": ("units", "needed"), "none": ()}
    ),
    "sign-on": Evaluator(sign_on, SignOn, {"met": (), "login-only": (), "none": ()}, template=True),
}
