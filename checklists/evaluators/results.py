"""Do things undertaken show what came of them: as a report put up, or as a field that tells?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from checklists.evaluators.labelled import values
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import DOCUMENT, first_line
from checklists.evaluators.records import records_of
from checklists.evaluators.registry import Evaluator
from checklists.evaluators.subject import About, fits, pointed
from checklists.evaluators.verdicts import met, not_met, point
from checklists.evaluators.words import says
from checklists.model import Verdict

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Results(About):
    """titles: how a report of results is called; labels: what stands before results told; pending: what stands where there are none yet;
    length: the least characters of results told."""

    titles: Words
    labels: Words
    pending: tuple[str, ...] = ()
    length: Annotated[int, Field(ge=1)] = 40


def results_shown(looked: Looked, parameters: Results) -> Verdict:
    """Met by a record called a report of results, with a page or file of its own, or by a field that tells results at some length or as a file."""
    for record in records_of(looked):
        held = record.files or record.detail is not None or record.url
        if held and says(record.title, parameters.titles) and fits(record, parameters):
            return met("met", pointed(record))
    for seen in looked.seen:
        for found in values(seen, parameters.labels):
            if len(found.value) >= parameters.length and not says(found.value, parameters.pending):
                return met("met", point(seen.page, found.quote, found.selector))
    for seen in looked.seen:
        for link in seen.links:
            if DOCUMENT.search(link.url) and says(link.label, (*parameters.titles, *parameters.labels)):
                return met("met", point(seen.page, link.label, link.selector))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


EVALUATORS = {"results-shown": Evaluator(results_shown, Results, {"met": (), "none": ()}, details=True, telling=True)}
