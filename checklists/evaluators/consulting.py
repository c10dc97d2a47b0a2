"""Where people can have their say: a form or address to send to, until when, and what others have said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from checklists.evaluators.contact import Contact, postal
from checklists.evaluators.headings import stands_as_heading
from checklists.evaluators.labelled import values
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import TITLE_TAGS, first_line
from checklists.evaluators.records import LONGEST_LABEL
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen, recurs
from checklists.evaluators.subject import in_frame
from checklists.evaluators.verdicts import met, not_met, point, quoted, unsure
from checklists.evaluators.words import begins, says
from checklists.model import Pointer, Verdict
from crawler.dates import find_dates
from crawler.model import Field as Asked
from crawler.model import Link, PageFacts, Place, Text
from crawler.numbers import find_emails, find_phones

Words = Annotated[tuple[str, ...], Field(min_length=1)]
TYPED = frozenset({"text", "", "email", "tel"})


class Channel(Parameters):
    """contents: labels of a field that takes what one has to say; offers: how a link to such a form is called; openings: how one is called
    that the text around it says so of; about: what an address to send to is
    given for; means: whether an address, telephone or mailbox given for it will do; reach: texts after such a sentence that may give it; private: mail
    hosts anyone may use; labels, places: words of a postal address."""

    contents: Words
    offers: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    means: bool = False
    reach: Annotated[int, Field(ge=0)] = 4
    private: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def channel(looked: Looked, parameters: Channel) -> Verdict:
    """Met by a form of the section's own that takes what one has to say, by a link that offers one on a page not read, or, where that will do, by
    an address given for it."""
    for seen in looked.seen:
        if proof := taking_form(seen, looked.home, parameters):
            return met("form", proof)
    if parameters.means:
        private: Pointer | None = None
        for seen in looked.seen:
            for proof, only_private in addresses(seen, parameters, parameters.about):
                if not only_private:
                    return met("address", proof)
                private = private or proof
        if private is not None:
            return unsure("private-mail", private)
    read = {seen.page.url for seen in looked.seen} | ({looked.home.url} if looked.home else set())
    for seen in looked.seen:
        for link in seen.links:
            if link.place is not Place.BODY or link.url in read or len(link.label) > LONGEST_LABEL:
                continue
            if says(link.label, parameters.offers):
                return met("link", point(seen.page, link.label, link.selector))
            around = run_around(link, seen) if begins(link.label, parameters.openings) else None
            if around is not None and says(around.text, parameters.offers):
                return met("link", point(seen.page, around.text, around.selector))
    if framed := in_frame(looked):
        return unsure("in-frame", framed)
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def run_around(link: Link, seen: Seen) -> Text | None:
    """The run of text a link stands in."""
    return next((text for text in seen.texts if text.selector and link.selector.startswith(f"{text.selector} >")), None)


def taking_form(seen: Seen, home: PageFacts | None, parameters: Channel) -> Pointer | None:
    """Where a page has a form that takes text of some length, not one that home has too, nor one to log in or search with."""
    known = {(field.name, field.kind) for form in home.outline.forms for field in form.fields} if home else set()
    for form in seen.page.outline.forms:
        own = [field for field in form.fields if field.kind == "textarea" or (field.name, field.kind) not in known]
        told = [field for field in own if takes(field, parameters)]
        if told and not (form.searches and not any(field.kind == "textarea" for field in told)):
            labels = [field.label for field in own if field.label and field.kind != "hidden"]
            return point(seen.page, quoted("; ".join(dict.fromkeys(labels)) or "biểu mẫu gửi ý kiến"), form.selector)
    return None


def takes(field: Asked, parameters: Channel) -> bool:
    """Whether a field takes what one has to say: a text area, or a line so labelled."""
    return field.kind == "textarea" or (field.kind in TYPED and says(field.label, parameters.contents))


def addresses(seen: Seen, parameters: Channel, about: tuple[str, ...]) -> Iterator[tuple[Pointer, bool]]:
    """The lines that give where to send, each with whether all it gives is a mailbox anyone may open. A line counts where it, or one of those before
    it, says what it is for; on a page so called, any does."""
    names = " . ".join([seen.page.outline.title, *(heading.text for heading in seen.page.outline.headings)])
    everywhere = not about or (says(names, about) and not seen.detail)
    last = None
    for place, text in enumerate(seen.texts):
        if says(text.text, about):
            last = place
        if not (everywhere or (last is not None and place - last <= parameters.reach)):
            continue
        mails = [mail.address.rsplit("@", 1)[-1] for mail in find_emails(text.text)]
        other = bool(find_phones(text.text)) or is_postal(text.text, parameters)
        if mails or other:
            yield (
                point(seen.page, text.text, text.selector),
                not other and all(host in parameters.private for host in mails),
            )


def is_postal(text: str, parameters: Channel) -> bool:
    """Whether a line gives a postal address."""
    anchors = parameters.about or parameters.contents
    return bool(parameters.labels) and postal(
        text, Contact(kind="address", anchors=anchors, labels=parameters.labels, places=parameters.places)
    )


def receiving_address(looked: Looked, parameters: Channel) -> Verdict:
    """Met where a page of the section gives a mailbox or a postal address to send opinions to."""
    private: Pointer | None = None
    for seen in sorted(looked.seen, key=lambda one: not one.detail):
        for proof, only_private in addresses(seen, parameters, parameters.about):
            if find_emails(proof.quote) or is_postal(proof.quote, parameters):
                if not only_private:
                    return met("met", proof)
                private = private or proof
    if private is not None:
        return unsure("private-mail", private)
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


class Deadline(Parameters):
    """labels: what stands before the last day; weak: words that mean so only beside one of about."""

    labels: Words
    weak: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


def deadline(looked: Looked, parameters: Deadline) -> Verdict:
    """Met where a page tells until when opinions are taken, with a date."""
    for seen in sorted(looked.seen, key=lambda one: not one.detail):
        for found in values(seen, parameters.labels):
            if find_dates(found.value[:80]):
                return met("met", point(seen.page, found.quote, found.selector))
        for text in seen.texts:
            if len(text.text) > 1200 or not find_dates(text.text):
                continue
            if (len(text.text) <= 300 and says(text.text, parameters.labels)) or (
                says(text.text, parameters.weak) and says(text.text, parameters.about)
            ):
                return met("met", point(seen.page, text.text, text.selector))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


class Opinions(Parameters):
    """names: what opinions given are called; asks: words that show a line to be a call to give one, or another
    field; calls: what stands where one is only asked to; none: how a page says there are none yet; length: the least characters of
    an opinion."""

    names: Words
    asks: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    length: Annotated[int, Field(ge=1)] = 15


def opinions(looked: Looked, parameters: Opinions) -> Verdict:
    """Met where opinions given are shown, counted or linked to under their name, or a page says that none has come yet."""
    for seen in sorted(looked.seen, key=lambda one: not one.detail):
        labels = {field.label for form in seen.page.outline.forms for field in form.fields if field.label}
        linked = {link.label for link in seen.links if link.url.partition("#")[0] != seen.page.url or "#" in link.url}
        for place, text in enumerate(seen.page.texts):
            if text.place is not Place.BODY or len(text.text) > 2 * LONGEST_LABEL or text.text in labels:
                continue
            if says(text.text, parameters.none):
                return met("none-yet", point(seen.page, text.text, text.selector))
            framed = recurs(text.text, looked.recurring)
            if framed or not says(text.text, parameters.names) or says(text.text, parameters.asks):
                continue
            counted = any(char.isdigit() for char in text.text) and not find_dates(text.text)
            if counted or text.text in linked:
                return met("met", point(seen.page, text.text, text.selector))
            for below in seen.page.texts[place + 1 : place + 4]:
                if below.tag in TITLE_TAGS or (stands_as_heading(below) and says(below.text, parameters.asks)):
                    break
                told = len(without(below.text, labels)) >= parameters.length
                if told and below.place is Place.BODY and not says(below.text, parameters.calls):
                    return met("met", point(seen.page, f"{text.text}: {below.text}", below.selector))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def without(text: str, labels: set[str]) -> str:
    """What a line says besides the labels of a form's fields."""
    for label in sorted(labels, key=len, reverse=True):
        text = text.replace(label, "")
    return text.strip(" :*")


EVALUATORS = {
    "channel": Evaluator(
        channel,
        Channel,
        {"form": (), "address": (), "link": (), "private-mail": (), "in-frame": (), "none": ()},
        details=True,
    ),
    "receiving-address": Evaluator(
        receiving_address, Channel, {"met": (), "private-mail": (), "none": ()}, details=True
    ),
    "deadline": Evaluator(deadline, Deadline, {"met": (), "none": ()}, details=True),
    "opinions": Evaluator(opinions, Opinions, {"met": (), "none-yet": (), "none": ()}, details=True),
}
