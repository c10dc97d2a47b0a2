"""Did the portal answer, and if not, whose fault was it?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from checklists.evaluators.looking import Looked
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.verdicts import met, not_met, point, verdict
from checklists.model import Outcome, Verdict
from crawler.model import VisitStatus


class Reached(Parameters):
    """theirs: answers that are the portal's own failure whoever asks; any other way of not reaching it may be ours, and says nothing of it."""

    theirs: Annotated[tuple[VisitStatus, ...], Field(min_length=1)]


def reached(looked: Looked, parameters: Reached) -> Verdict:
    """Met where home gave a page; a lack where the portal itself said it fails; not observed where the fault may be ours."""
    visit = looked.visit
    when = visit.request.now.strftime("%H:%M %d/%m/%Y")
    if visit.reached:
        home = [point(looked.home, looked.home.outline.title or looked.home.url, "html")] if looked.home else []
        return met("met", *home, when=when)
    if visit.status in parameters.theirs:
        return not_met("down", when=when, status=visit.status.value)
    return verdict(Outcome.NOT_OBSERVED, "unattributed", (), {"when": when, "status": visit.status.value})


EVALUATORS = {
    "reached": Evaluator(
        reached,
        Reached,
        {"met": ("when",), "down": ("when", "status"), "unattributed": ("when", "status")},
        unreached=True,
    ),
}
