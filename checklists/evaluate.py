"""One visit's dossier against a checklist: a finding per duty. Decides what absence may be stated; the questions themselves are the evaluators'."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from checklists.absence import absence, in_words
from checklists.beyond import doubted, look_again, loose_pages
from checklists.evaluators import EVALUATORS
from checklists.evaluators.lists import vietnamese
from checklists.evaluators.looking import Looked, look
from checklists.evaluators.registry import Evaluator
from checklists.evaluators.seen import Recurring, Seen, frame_of, recurring_texts
from checklists.evaluators.verdicts import not_met
from checklists.model import (
    Apart,
    Checklist,
    Element,
    ElementFinding,
    Finding,
    Item,
    Mode,
    Outcome,
    Section,
    Verdict,
    Vocabulary,
)
from crawler.model import Dossier, TargetKind

UNSETTLED = frozenset({Outcome.UNSURE, Outcome.ERROR, Outcome.NOT_OBSERVED})
"""Element outcomes that could still turn out either way."""


def evaluate(checklist: Checklist, dossier: Dossier) -> tuple[Finding, ...]:
    """The finding of one visit on every item of the checklist, in its order. Never raises for what a portal shows: an evaluator's failure is
    the element's outcome `error`."""
    recurring = recurring_texts(dossier)
    loose = loose_pages(dossier, checklist.vocabulary.empty_markers)
    return tuple(judge_item(checklist, item, dossier, recurring, loose) for item in checklist.items)


def judge_item(
    checklist: Checklist, item: Item, dossier: Dossier, recurring: Recurring, loose: tuple[Seen, ...] = ()
) -> Finding:
    """What one visit shows of one duty. loose: the pages of no section."""
    request = dossier.visit.request
    bound = request.block in item.blocks
    early = request.now.date().isoformat() < item.binds_from
    judged = [
        judge_element(checklist, element, dossier, recurring if bound else None, loose) for element in item.elements
    ]
    found = {view.target for view in dossier.visit.views if view.landings}
    verdicts = doubted(item.elements, [verdict for verdict, _ in judged], found)
    elements = tuple(
        told(checklist, item, element, dossier, verdict, looked, early=early)
        for element, verdict, (_, looked) in zip(item.elements, verdicts, judged, strict=True)
    )
    duties = [one for one in elements if not one.statistic]
    outcome = item_outcome([one.verdict.outcome for one in duties])
    reached = [one.clicks for one in elements if one.verdict.outcome is Outcome.MET and one.clicks is not None]
    return Finding(
        id=f"{request.id}/{item.id}",
        visit=request.id,
        campaign=request.campaign,
        agency=request.agency,
        item=item.id,
        checklist=f"{checklist.id}@{checklist.version}",
        checklist_digest=checklist.digest,
        outcome=outcome,
        message=item_message(checklist.vocabulary, item, elements if bound and early else duties, outcome, early=early),
        elements=elements,
        needs_person=asks_person(duties, assisted=item.mode is Mode.ASSISTED, outcome=outcome),
        assisted=item.mode is Mode.ASSISTED,
        clicks=min(reached, default=None),
        seen_at=request.now.isoformat(),
    )


def item_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """An item's outcome of its duty elements': met where all are, not met where none is, partly otherwise; unsettled only where an unsettled
    element could still change that."""
    bearing = [outcome for outcome in outcomes if outcome is not Outcome.NOT_APPLICABLE]
    if not bearing:
        return Outcome.NOT_APPLICABLE
    settled = {outcome for outcome in bearing if outcome not in UNSETTLED}
    if Outcome.PARTLY_MET in settled or settled >= {Outcome.MET, Outcome.NOT_MET}:
        return Outcome.PARTLY_MET
    unsettled = {outcome for outcome in bearing if outcome in UNSETTLED}
    if not unsettled:
        return Outcome.MET if Outcome.MET in settled else Outcome.NOT_MET
    if Outcome.ERROR in unsettled:
        return Outcome.ERROR
    return Outcome.NOT_OBSERVED if not settled and unsettled == {Outcome.NOT_OBSERVED} else Outcome.UNSURE


def asks_person(duties: Iterable[ElementFinding], *, assisted: bool, outcome: Outcome) -> bool:
    """Whether a person must look: always on an assisted item that was observed, and wherever a duty element is unsure or failed."""
    if assisted and outcome not in {Outcome.NOT_APPLICABLE, Outcome.NOT_OBSERVED}:
        return True
    return any(one.verdict.outcome in {Outcome.UNSURE, Outcome.ERROR} for one in duties)


def item_message(
    vocabulary: Vocabulary, item: Item, duties: Iterable[ElementFinding], outcome: Outcome, *, early: bool = False
) -> str:
    """The outcome of an item in one sentence naming its elements. early: it does not bind yet, and was only observed."""
    titles = {element.id: element.title for element in item.elements}
    named: dict[str, list[str]] = {"met": [], "missing": [], "unsure": []}
    for one in duties:
        kind = {Outcome.MET: "met", Outcome.NOT_MET: "missing"}.get(one.verdict.outcome, "unsure")
        named[kind].append(titles[one.element])
    listed = {key: "; ".join(names) or "–" for key, names in named.items()}
    if early and any(named.values()):
        return vocabulary.not_yet.format(**listed, **{"from": vietnamese(date.fromisoformat(item.binds_from))})
    return vocabulary.outcomes[outcome.value].format(**listed)


# --- one element -------------------------------------------------------------------------------------------------------------------------


def judge_element(
    checklist: Checklist,
    element: Element,
    dossier: Dossier,
    recurring: Recurring | None,
    loose: tuple[Seen, ...] = (),
) -> tuple[Verdict, Looked | None]:
    """The verdict on one element, and what it rests on. recurring: each page's recurring texts; None where the duty does not bind the block."""
    evaluator = EVALUATORS[element.evaluator]
    if recurring is None:
        return Verdict(outcome=Outcome.NOT_APPLICABLE, reason="not-applicable"), None
    if not dossier.visit.reached and not evaluator.unreached:
        status = in_words(checklist.vocabulary, dossier.visit.status.value)
        return Verdict(outcome=Outcome.NOT_OBSERVED, reason="portal-not-reached", values={"status": status}), None
    looked: Looked | None = None
    try:
        sections = tuple(checklist.section(name) for name in element.sections)
        looked, narrowed = look_for(checklist, sections, dossier, recurring, evaluator)
        verdict = judge(checklist.vocabulary, sections, looked, evaluator, element)
        if verdict.outcome is Outcome.NOT_MET and evaluator.telling:
            parameters = evaluator.parameters.model_validate(element.parameters)
            again = look_again(
                looked,
                narrowed,
                loose,
                checklist.vocabulary.empty_markers,
                lambda other: evaluator.function(other, parameters),
                evaluator.sure,
            )
            verdict = again or verdict
    except Exception as error:  # noqa: BLE001 (a failing evaluator must cost its own element only)
        said = f"{type(error).__name__}: {error}"[:200]
        verdict = Verdict(outcome=Outcome.ERROR, reason="failed", values={"error": said})
    return verdict, looked


def told(
    checklist: Checklist,
    item: Item,
    element: Element,
    dossier: Dossier,
    verdict: Verdict,
    looked: Looked | None,
    *,
    early: bool = False,
) -> ElementFinding:
    """An element's verdict with its sentence. early: it does not bind yet, and is a statistic."""
    sections = tuple(checklist.section(name) for name in element.sections)
    hours = {"hours": str(element.apart_hours)}
    alone = Verdict(outcome=Outcome.UNSURE, reason="seen-once", values={**verdict.values, **hours}, seen=verdict.seen)
    once = message(checklist.vocabulary, item, element, sections, dossier, alone, looked) if element.apart_hours else ""
    return ElementFinding(
        element=element.id,
        verdict=verdict,
        message=message(checklist.vocabulary, item, element, sections, dossier, verdict, looked),
        clicks=clicks_to(dossier, verdict),
        statistic=element.statistic or early,
        apart=Apart(element.apart_hours, once) if element.apart_hours else None,
    )


def look_for(
    checklist: Checklist,
    sections: tuple[Section, ...],
    dossier: Dossier,
    recurring: Recurring,
    evaluator: Evaluator,
) -> tuple[Looked, Dossier]:
    """What the dossier, narrowed to the sections and those that may hold them, shows of them, and the narrowed dossier."""
    targets = tuple(section.target for section in sections)
    names = frozenset(target.id for target in targets) | {hub for target in targets for hub in target.within}
    narrowed = msgspec.structs.replace(dossier.only(names), template=frame_of(dossier, names, recurring))
    markers = checklist.vocabulary.empty_markers
    others = {page.url: page for page in dossier.pages}
    looked = look(narrowed, targets, markers, template=evaluator.template, others=others)
    if evaluator.everywhere:
        looked = looked._replace(everywhere=dossier.pages, failed=dossier.failures)
    return looked, narrowed


def judge(
    vocabulary: Vocabulary, sections: tuple[Section, ...], looked: Looked, evaluator: Evaluator, element: Element
) -> Verdict:
    """The evaluator's verdict, held to what was seen: presence needs one page, absence a full view."""
    views = [next((v for v in looked.visit.views if v.target == section.id), None) for section in sections]
    if all(view is None for view in views) and not any(section.target.kind is TargetKind.HOME for section in sections):
        return Verdict(outcome=Outcome.NOT_OBSERVED, reason="not-pursued")
    parameters = evaluator.parameters.model_validate(element.parameters)
    if evaluator.unreached:
        return evaluator.function(looked, parameters)
    searching = all(section.target.kind is TargetKind.SEARCH for section in sections)
    if looked.seen or searching:
        verdict = evaluator.function(looked, parameters)
        if verdict.outcome is not Outcome.NOT_MET:
            return verdict
    else:
        verdict = not_met("section-absent")
    return absence(vocabulary, sections, views, looked, evaluator, verdict)


# --- saying it ---------------------------------------------------------------------------------------------------------------------------


def message(
    vocabulary: Vocabulary,
    item: Item,
    element: Element,
    sections: tuple[Section, ...],
    dossier: Dossier,
    verdict: Verdict,
    looked: Looked | None,
) -> str:
    """The verdict's sentence; on something missing followed by what would satisfy the duty and by which clause."""
    first = verdict.seen[0] if verdict.seen else None
    values = {
        "title": element.title,
        "item": item.title,
        "clause": item.law.clause,
        "where": ", ".join(f"«{section.title}»" for section in sections),
        "url": first.url if first else "",
        "quote": first.quote if first else "",
        "pages": str(looked.pages if looked else 0),
        "now": dossier.visit.request.now.strftime("%d/%m/%Y"),
        **verdict.values,
    }
    for code in values.keys() & {"gap", "status"}:
        values[code] = in_words(vocabulary, values[code])
    said = element.sentences[verdict.reason].format(**values)
    if verdict.outcome is Outcome.NOT_MET:
        said += " " + vocabulary.mend_sentence.format(mend=element.mend, clause=item.law.clause)
    return said


def clicks_to(dossier: Dossier, verdict: Verdict) -> int | None:
    """The clicks from home to the page of the verdict's first pointer, None where links do not lead there or nothing was seen."""
    if not verdict.seen:
        return None
    page = verdict.seen[0].page
    return next((one.visit.clicks for one in dossier.pages if one.visit and one.visit.id == page), None)
