"""Questions to an agency: a way to ask them online, answers put up, and how to follow what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from checklists.evaluators.answers import heads, is_signed, under
from checklists.evaluators.contact import Contact, mail
from checklists.evaluators.headings import LONGEST_HEADING
from checklists.evaluators.labelled import values
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import first_line, told_by
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import OWN_PLACES, Seen, own_forms, recurs
from checklists.evaluators.verdicts import met, not_met, point, unsure, verdict
from checklists.evaluators.words import begins, finds, says
from checklists.model import Outcome, Pointer, Verdict
from crawler.model import Control, Form, Link, PageFacts, Role, Text
from crawler.text import fold

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Asking(Parameters):
    """sections: the sections where questions are asked, so that a form there needs no further word; receives: what is said to be received;
    invites: labels of what leads to a form; wall: words of a log-in; private, official: hosts of mailboxes."""

    sections: Words
    receives: Words
    invites: Words
    wall: Words
    private: tuple[str, ...] = ()
    official: tuple[str, ...] = ()


def channel(looked: Looked, parameters: Asking) -> Verdict:
    """Met by a form to send a question with, or an official mailbox said to receive them."""
    lesser: Verdict | None = None
    for seen in looked.seen:
        asking = seen.section in parameters.sections
        for form in own_forms(seen.page, looked.home):
            if not sends_text(form):
                continue
            said = f"{seen.page.outline.title} {form_words(form)} " + " ".join(text.text for text in own(seen, looked))
            here = point(seen.page, form_words(form) or seen.page.outline.title, form.selector)
            if asking or says(said, parameters.receives):
                return met("form", here)
            lesser = lesser or unsure("other-form", here)
    if proof := mailbox(looked, parameters):
        return met("mail", proof)
    for seen in looked.seen:
        if seen.section in parameters.sections:
            for label, selector in pressable(seen, looked):
                if len(label) <= LONGEST_HEADING and says(label, parameters.invites):
                    blocked = says(label, parameters.wall)
                    lesser = lesser or unsure("login" if blocked else "not-opened", point(seen.page, label, selector))
    if lesser is not None:
        return lesser
    asked = [seen for seen in looked.seen if seen.section in parameters.sections]
    listed = next(((seen, entry) for seen in asked for entry in seen.entries), None)
    if listed is not None:
        return not_met("list-only", point(listed[0].page, listed[1].title, listed[1].selector))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in (asked or list(looked.seen))[:1]])


def sends_text(form: Form) -> bool:
    """Whether a form takes a text of one's own: a text area, or three typed fields and no password; not a search or a poll."""
    kinds = [field.kind for field in form.fields]
    if form.searches and "textarea" not in kinds:
        return False
    return "textarea" in kinds or (
        sum(kind in {"text", "email", "tel"} for kind in kinds) >= 3 and "password" not in kinds
    )


def form_words(form: Form) -> str:
    return "; ".join(field.label for field in form.fields if field.label and field.kind != "hidden")


def pressable(seen: Seen, looked: Looked) -> Iterator[tuple[str, str]]:
    """The labels of what can be pressed on a page and not on home too, with selectors."""
    home = frozenset[str]()
    if looked.home is not None and looked.home is not seen.page:
        home = frozenset(one.label for one in pressed(looked.home))
    for one in pressed(seen.page):
        if one.place in OWN_PLACES and one.label not in home:
            yield one.label, one.selector


def pressed(page: PageFacts) -> Iterator[Link | Control]:
    """Everything that can be pressed on a page."""
    yield from page.outline.links
    yield from page.controls


def own(seen: Seen, looked: Looked) -> Iterator[Text]:
    """The texts that are a page's own."""
    return (text for text in seen.texts if text.place in OWN_PLACES and not recurs(text.text, looked.recurring))


def mailbox(looked: Looked, parameters: Asking) -> Pointer | None:
    """An official mailbox that receives questions: in the own texts of where they are asked, elsewhere where its line or the one before it says so."""
    kinds = Contact(kind="email", anchors=parameters.receives, private=parameters.private, official=parameters.official)
    for seen in looked.seen:
        asking = seen.section in parameters.sections
        texts = list(own(seen, looked)) if asking else list(seen.texts)
        for place, text in enumerate(texts):
            found = mail(text, seen, looked, kinds) if "@" in text.text else None
            if found is None or found.reason != "met":
                continue
            before = texts[place - 1].text if place else ""
            near = f"{before} {text.text}" if len(text.text) < LONGEST_HEADING else text.text
            if asking or (len(near) <= 400 and says(near, parameters.receives)):
                return found.seen[0]
    return None


class Answered(Parameters):
    """labels: what stands before an answer; asks: before a question; offices: how names of those who answer begin; pending: what stands where no
    answer is given yet; length: the least characters of an answer."""

    labels: Words
    asks: Words
    offices: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    length: Annotated[int, Field(ge=1)] = 40


def published_answers(looked: Looked, parameters: Answered) -> Verdict:
    """Met by one question with its answer: behind a label, after a question mark, or on the page a question leads to."""
    question: Pointer | None = None
    for seen in sorted(looked.seen, key=lambda one: not one.detail):
        for found in values(seen, parameters.labels):
            if len(found.value) >= parameters.length and not is_pending(found.value, parameters):
                return met("met", point(seen.page, found.value, found.selector))
        for place, text in enumerate(seen.texts):
            below = (
                [one for one in under(seen, place) if not is_pending(one.text, parameters)]
                if heads(text, parameters.labels) or is_signed(seen, place, parameters.offices)
                else []
            )
            if sum(len(one.text) for one in below) >= parameters.length:
                longest = max(below, key=lambda one: len(one.text))
                return met("met", point(seen.page, longest.text, longest.selector))
        texts = told_by(seen)
        name = seen.page.visit.label if seen.page.visit else ""
        titles = [
            name,
            *(heading.text for heading in seen.page.outline.headings if not recurs(heading.text, looked.recurring)),
        ]
        if seen.detail and any(asks(title, parameters) for title in titles):
            told = [text for text in texts if not asks(text.text, parameters) and not is_pending(text.text, parameters)]
            if sum(len(text.text) for text in told) >= 2 * parameters.length:
                longest = max(told, key=lambda text: len(text.text))
                return met("met", point(seen.page, longest.text, longest.selector))
        linked = {fold(link.label) for link in seen.links}
        for place, text in enumerate(texts):
            if not asks(text.text, parameters):
                continue
            question = question or point(seen.page, text.text, text.selector)
            following = texts[place + 1] if place + 1 < len(texts) else None
            if (
                following is not None
                and len(following.text) >= parameters.length
                and not asks(following.text, parameters)
                and fold(following.text) not in linked
                and not is_pending(following.text, parameters)
            ):
                return met("met", point(seen.page, following.text, following.selector))
    if question is not None:
        return not_met("unanswered", question)
    listed = next(((seen, entry) for seen in looked.seen for entry in seen.entries), None)
    if listed is not None:
        return not_met("other-content", point(listed[0].page, listed[1].title, listed[1].selector))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def asks(text: str, parameters: Answered) -> bool:
    """Whether a text is a question: it ends as one, or begins as one."""
    return text.rstrip().endswith("?") or begins(text, parameters.asks)


def is_pending(text: str, parameters: Answered) -> bool:
    """Whether a short text only says that an answer is to come."""
    return len(text) <= LONGEST_HEADING and says(text, parameters.pending)


class Following(Asking):
    """Beside the channel: fields: labels of a form to ask for the state with; states: what tells the state of a question; pending: what stands
    where no answer is given yet, which in a question's own line only stands for the answer."""

    fields: Words
    states: Words
    pending: tuple[str, ...] = ()


def status_tracking(looked: Looked, parameters: Following) -> Verdict:
    """Met where the state of a question can be asked for or is shown; not demanded where an official mailbox receives questions."""
    asking = [seen for seen in looked.seen if seen.section in parameters.sections]
    for seen in asking:
        for form in own_forms(seen.page, looked.home):
            label = next(
                (
                    field.label
                    for field in form.fields
                    if field.kind != "hidden" and says(field.label, parameters.fields)
                ),
                "",
            )
            if label:
                return met("form", point(seen.page, label, form.selector))
    for seen in asking:
        for label, selector in [*((text.text, text.selector) for text in own(seen, looked)), *pressable(seen, looked)]:
            if len(label) <= LONGEST_HEADING and tells_state(label, parameters) and not says(label, parameters.wall):
                return met("state", point(seen.page, label, selector))
        for table in seen.tables:
            for row in table.rows:
                cell = next(
                    (cell for cell in row.cells if len(cell) <= LONGEST_HEADING and says(cell, parameters.states)), ""
                )
                if cell:
                    return met("state", point(seen.page, cell, row.selector))
    if proof := mailbox(looked, parameters):
        return verdict(Outcome.NOT_APPLICABLE, "by-mail", (proof,), {})
    if not asking:
        return not_met(
            "none", *[point(seen.page, *first_line(seen)) for seen in looked.seen if seen.role is not Role.HOME][:1]
        )
    return not_met("none", point(asking[0].page, *first_line(asking[0])))


def tells_state(label: str, parameters: Following) -> bool:
    """Whether a short text tells the state of questions: not a question itself behind which only stands that no answer is given yet."""
    told = finds(label, parameters.states)
    return bool(told) and not ("?" in label and all(says(one, parameters.pending) for one in told))


EVALUATORS = {
    "question-channel": Evaluator(
        channel,
        Asking,
        {"form": (), "mail": (), "other-form": (), "login": (), "not-opened": (), "list-only": (), "none": ()},
        template=True,
    ),
    "published-answers": Evaluator(
        published_answers,
        Answered,
        {"met": (), "unanswered": (), "other-content": (), "none": ()},
        details=True,
    ),
    "status-tracking": Evaluator(
        status_tracking, Following, {"form": (), "state": (), "by-mail": (), "none": ()}, template=True
    ),
}
