"""Are the answers there, not only what was asked?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from checklists.evaluators.headings import HEADING_TAGS, LONGEST_HEADING
from checklists.evaluators.labelled import values
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import first_line, told_by
from checklists.evaluators.records import LONGEST_LABEL, records_of
from checklists.evaluators.registry import Evaluator
from checklists.evaluators.seen import Seen
from checklists.evaluators.subject import About, fits, pointed
from checklists.evaluators.verdicts import met, not_met, point
from checklists.evaluators.words import begins, folded, says
from checklists.model import Pointer, Verdict
from crawler.dates import find_dates
from crawler.model import Place, Text

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Answers(About):
    """Beside the subject: labels: what stands before an answer; phrases: how a sentence begins to answer; titles: how a page or file that is
    an answer is called; offices: how names of those who answer begin; pending: what stands where none was given yet; length: the least
    characters of an answer, article: of a page that is one."""

    labels: Words
    phrases: Words
    titles: Words
    offices: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    length: Annotated[int, Field(ge=1)] = 40
    article: Annotated[int, Field(ge=1)] = 150


def answers(looked: Looked, parameters: Answers) -> Verdict:
    """Met by one answer that can be read: behind a label, in a sentence that answers, as a page or a file that bears that name."""
    for seen in sorted(looked.seen, key=lambda one: not one.detail):
        if proof := answer_in(seen, parameters):
            return met("met", proof)
    records = records_of(looked)
    called = [record for record in records if says(record.title, parameters.titles) and fits(record, parameters)]
    for record in called:
        if record.detail is not None and sum(len(text.text) for text in told_by(record.detail)) >= parameters.article:
            longest = max(told_by(record.detail), key=lambda text: len(text.text))
            return met("met", point(record.detail.page, longest.text, longest.selector))
    for record in called:
        if record.files:
            return met("file", pointed(record))
    asked = [record for record in records if fits(record, parameters)]
    if asked:
        return not_met("unanswered", pointed(asked[0]), asked=len(asked))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def answer_in(seen: Seen, parameters: Answers) -> Pointer | None:
    """Where a page gives an answer, None where it does not."""
    for found in values(seen, parameters.labels):
        if len(found.value) >= parameters.length and not pending(found.value, parameters):
            return point(seen.page, found.value, found.selector)
    for place, text in enumerate(seen.texts):
        signed = is_signed(seen, place, parameters.offices)
        if (signed or heads(text, parameters.labels)) and (below := under(seen, place)):
            said = " ".join(one.text for one in below)
            if len(said) >= parameters.length and not pending(said, parameters):
                longest = max(below, key=lambda one: len(one.text))
                return point(seen.page, longest.text, longest.selector)
        if not says(text.text, parameters.phrases) or pending(text.text, parameters):
            continue
        opens = text.text.rstrip().endswith(":") or len(text.text) < parameters.length
        following = seen.texts[place + 1].text if place + 1 < len(seen.texts) else ""
        if not opens or (len(following) >= parameters.length and not pending(following, parameters)):
            return point(seen.page, text.text if not opens else f"{text.text} {following}", text.selector)
    return None


def heads(text: Text, labels: tuple[str, ...]) -> bool:
    """Whether a line announces an answer: a heading "Trả lời (17/02/2017)", "Nội dung trả lời của UBND tỉnh", "Sở Y tế giải đáp (17/02/2017)", or
    a line "Sở Y tế trả lời:"."""
    if len(text.text) > LONGEST_HEADING:
        return False
    heading = text.tag in HEADING_TAGS and text.tag != "h1"
    said = text.text.partition("(")[0] if heading else text.text
    ends = folded(said).endswith(tuple(f" {folded(one)}" for one in labels))
    if ends and (heading or text.text.rstrip().endswith(":")):
        return True
    return heading and begins(text.text, labels)


def is_signed(seen: Seen, place: int, offices: tuple[str, ...]) -> bool:
    """Whether a line gives who answered and when: an office with a day, after a line with the day of the question under the same heading."""
    if not is_dated(seen.texts[place]) or not begins(seen.texts[place].text, offices):
        return False
    for text in reversed(seen.texts[:place]):
        if is_dated(text):
            return not begins(text.text, offices)  # where offices ask, who answers cannot be told
        if text.tag in QUESTION_TAGS | HEADING_TAGS:
            return False
    return False


def is_dated(text: Text) -> bool:
    """Whether a short line bears a day."""
    return len(text.text) <= LONGEST_LABEL and bool(find_dates(text.text))


QUESTION_TAGS = frozenset({"summary"}) | HEADING_TAGS - {"strong", "b"}
"""What heads one question of a list."""


def under(seen: Seen, place: int) -> list[Text]:
    """The texts below a heading, up to the next."""
    below: list[Text] = []
    for text in seen.texts[place + 1 :]:
        if text.tag in QUESTION_TAGS or text.place is not Place.BODY:
            break
        below.append(text)
    return below


def pending(text: str, parameters: Answers) -> bool:
    """Whether a short text only says that an answer is still to come."""
    return len(text) <= 2 * LONGEST_LABEL and says(text, parameters.pending)


EVALUATORS = {
    "answers-given": Evaluator(
        answers, Answers, {"met": (), "file": (), "unanswered": ("asked",), "none": ()}, details=True
    ),
}
