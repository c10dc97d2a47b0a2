"""One visit's dossier against a checklist: a finding per duty. Decides what absence may be stated; the questions themselves are the evaluators'."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from checklists.evaluators import EVALUATORS
from checklists.evaluators.lists import vietnamese
from checklists.evaluators.reading import (
    HEADING_TAGS,
    OWN_PLACES,
    Looked,
    Recurring,
    Seen,
    frame_of,
    is_marker,
    look,
    not_met,
    own_forms,
    point,
    recurring_texts,
    unsure,
)
from checklists.evaluators.registry import Evaluator
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
from crawler import frontier
from crawler.addresses import domain
from crawler.facts.legacy import Legacy, legacy
from crawler.model import Dossier, Link, PageFacts, Place, Role, TargetKind, TargetView

UNSETTLED = frozenset({Outcome.UNSURE, Outcome.ERROR, Outcome.NOT_OBSERVED})
"""Element outcomes that could still turn out either way."""


def evaluate(checklist: Checklist, dossier: Dossier) -> tuple[Finding, ...]:
    """The finding of one visit on every item of the checklist, in its order. Never raises for what a portal shows: an evaluator's failure is
    the element's outcome `error`."""
    recurring = recurring_texts(dossier)
    return tuple(judge_item(checklist, item, dossier, recurring) for item in checklist.items)


def judge_item(checklist: Checklist, item: Item, dossier: Dossier, recurring: Recurring) -> Finding:
    """What one visit shows of one duty."""
    request = dossier.visit.request
    bound = request.block in item.blocks
    early = request.now.date().isoformat() < item.binds_from
    elements = tuple(
        judge_element(checklist, item, element, dossier, recurring if bound else None, early=early)
        for element in item.elements
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
    item: Item,
    element: Element,
    dossier: Dossier,
    recurring: Recurring | None,
    *,
    early: bool = False,
) -> ElementFinding:
    """The verdict on one element with its sentence. recurring: each page's recurring texts; None where the duty does not bind the block; early:
    it does not bind yet, and is a statistic."""
    sections = tuple(checklist.section(name) for name in element.sections)
    looked: Looked | None = None
    evaluator = EVALUATORS[element.evaluator]
    if recurring is None:
        verdict = Verdict(outcome=Outcome.NOT_APPLICABLE, reason="not-applicable")
    elif not dossier.visit.reached and not evaluator.unreached:
        verdict = Verdict(
            outcome=Outcome.NOT_OBSERVED,
            reason="portal-not-reached",
            values={"status": in_words(checklist.vocabulary, dossier.visit.status.value)},
        )
    else:
        try:
            looked = look_for(checklist, sections, dossier, recurring, evaluator)
            verdict = judge(checklist.vocabulary, sections, looked, evaluator, element)
        except Exception as error:  # noqa: BLE001 (a failing evaluator must cost its own element only)
            said = f"{type(error).__name__}: {error}"[:200]
            verdict = Verdict(outcome=Outcome.ERROR, reason="failed", values={"error": said})
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
) -> Looked:
    """What the dossier, narrowed to the sections and those that may hold them, shows of them."""
    targets = tuple(section.target for section in sections)
    names = frozenset(target.id for target in targets) | {hub for target in targets for hub in target.within}
    narrowed = msgspec.structs.replace(dossier.only(names), template=frame_of(dossier, names, recurring))
    markers = checklist.vocabulary.empty_markers
    others = {page.url: page for page in dossier.pages}
    looked = look(narrowed, targets, markers, template=evaluator.template, others=others)
    if evaluator.everywhere:
        return looked._replace(everywhere=dossier.pages, failed=dossier.failures)
    return looked


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


def absence(
    vocabulary: Vocabulary,
    sections: tuple[Section, ...],
    views: list[TargetView | None],
    looked: Looked,
    evaluator: Evaluator,
    verdict: Verdict,
) -> Verdict:
    """A negative verdict where the view was full; unsure with what was missing where it was not; the plainer reason where the section's
    pages hold nothing, or there is no page of it."""
    wanted = [
        (section, view)
        for section, view in zip(sections, views, strict=True)
        if section.target.kind is not TargetKind.HOME
    ]
    own = [seen for seen in looked.seen if not seen.partial]
    for _, view in wanted:
        if view is None or not view.full:
            gap = in_words(vocabulary, view.gap if view else "candidates-unvisited")
            return unsure("view-incomplete" if not own else "samples-incomplete", gap=gap, **carried(verdict))
    if own and any(view is not None and not view.samples_full for _, view in wanted):
        return unsure("samples-incomplete", gap=in_words(vocabulary, "hub-samples"), **carried(verdict))
    if evaluator.details and looked.unread:
        return unsure("samples-incomplete", gap=in_words(vocabulary, "hub-samples"), **carried(verdict))
    if not own and (link := elsewhere(looked, [section for section, _ in wanted])):
        assert looked.home is not None
        here = point(looked.home, link.label, link.selector)
        return unsure("view-incomplete", here, gap=in_words(vocabulary, "elsewhere"))
    if not own and any(half_read(looked, hub) for section, _ in wanted for hub in section.target.within):
        return unsure("view-incomplete", gap=in_words(vocabulary, "hub-samples"))
    if not looked.seen:
        return verdict
    if any(unrendered(seen.page) for seen in own):
        return unsure("view-incomplete", gap=in_words(vocabulary, "not-rendered"))
    if wanted and not evaluator.everywhere and any(garbled(seen.page) for seen in own):
        return unsure("samples-incomplete", gap=in_words(vocabulary, "garbled"), **carried(verdict))
    return empty(vocabulary, own, looked.home) or verdict


def elsewhere(looked: Looked, sections: list[Section]) -> Link | None:
    """A link on home that bears the very name of a section nobody found, and leads to a host the visit does not go to."""
    if looked.home is None or not sections:
        return None
    request = looked.visit.request
    ours = {domain(url) for url in (request.portal, request.declared_address, *request.siblings.values())}
    names = frontier.matcher([section.target for section in sections])
    for link in looked.home.outline.links:
        if link.place in ELSEWHERE and link.url.startswith("http") and domain(link.url) not in ours:
            found = frontier.weigh_text(names, link.label)
            if any(one.score >= NAMESAKE for one in found.values()):
                return link
    return None


ELSEWHERE = OWN_PLACES | {Place.MENU}
NAMESAKE = 0.95
"""How like a section's label that of a link off the portal must be for the section to be taken to lie there (assumed)."""


def half_read(looked: Looked, hub: str) -> bool:
    """Whether a section that may hold another was found but its pages were not all read."""
    view = next((view for view in looked.visit.views if view.target == hub), None)
    return view is not None and bool(view.landings) and not view.samples_full


def in_words(vocabulary: Vocabulary, code: str) -> str:
    """What a gap's or a status's code means, the code itself where the checklist has no words for it."""
    return vocabulary.gaps.get(code, code)


def carried(verdict: Verdict) -> dict[str, str]:
    """The values of a verdict that an unsure one about the same pages keeps."""
    return {key: value for key, value in verdict.values.items() if key != "gap"}


def unrendered(page: PageFacts) -> bool:
    """Whether a page is built by script and was not rendered."""
    return page.outline.scripted and not (page.visit and page.visit.dom)


def garbled(page: PageFacts) -> bool:
    """Whether a page's letters stand for others, so that no word is found on it."""
    return legacy(text.text for text in page.texts)[0] is not Legacy.NONE


def empty(vocabulary: Vocabulary, own: list[Seen], home: PageFacts | None) -> Verdict | None:
    """The verdict that a section's pages hold nothing, None where one of them holds something. The hub or home page is no section of its own."""
    pages = [seen for seen in own if seen.role in {Role.LANDING, Role.DETAIL}]
    if not pages:
        return None
    marked = None
    for seen in pages:
        marker = next((text for text in seen.page.texts if is_marker(text.text, vocabulary.empty_markers)), None)
        limit = vocabulary.marked_characters if marker else vocabulary.empty_characters
        if holds_something(seen, home) or substance(seen) >= limit:
            return None
        if marker and marked is None:
            marked = point(seen.page, marker.text, marker.selector)
    if marked is not None:
        return not_met("under-construction", marked)
    return not_met("empty-section", point(pages[0].page, pages[0].page.outline.title))


def holds_something(seen: Seen, home: PageFacts | None) -> bool:
    """Whether a page has lists, tables, documents, frames or a form of its own."""
    asks = any(not form.searches for form in own_forms(seen.page, home))
    return bool(seen.entries or seen.tables or seen.documents or seen.page.outline.frames or asks)


def substance(seen: Seen) -> int:
    """The characters of a page's own texts that are no heading and not its title."""
    names = {heading.text for heading in seen.page.outline.headings} | {seen.page.outline.title}
    return sum(len(text.text) for text in seen.texts if text.tag not in HEADING_TAGS and text.text not in names)


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
