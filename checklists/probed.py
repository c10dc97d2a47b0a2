"""What probes of services and of portals' home pages say of portals' own duties, as findings that merge with those of visits. Pure.

Pages of services may prove an element present, never absent. The probes of a home page, each with a control beside it, settle whether a portal
is up all the time, by the rule of stability.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from checklists.evaluate import judge_item
from checklists.evaluators.seen import recurring_texts
from checklists.liveness import Liveness, LivenessRule, Stability, stability
from checklists.model import Checklist, ElementFinding, Finding, Item, Outcome, Pointer, Verdict
from checklists.services import figures, service_checklist
from crawler.model import (
    Dossier,
    PageFacts,
    Role,
    StopReason,
    TargetRole,
    TargetView,
    Vantage,
    Visit,
    VisitRequest,
    VisitStatus,
)

NOT_ASKED = "not-asked"


def findings_of_probes(
    checklist: Checklist,
    request: VisitRequest,
    pages: Sequence[PageFacts],
    home: Liveness | None,
    where: Pointer | None,
    rule: LivenessRule,
) -> tuple[Finding, ...]:
    """The campaign's findings on an agency's portal that probes allow, none where they tell nothing. request is that of one of its visits; pages
    those of its services; home and where the liveness of its home page and a stored look at it."""
    told = service_checklist().portal
    made = []
    for item in checklist.items:
        if request.block not in item.blocks:
            continue
        if item.id in told.pages and pages:
            made.append(proved(checklist, item, dossier_of(request, pages, told.section)))
        elif item.id == told.operation["item"] and home is not None:
            made.append(operation(checklist, item, request, home, where, rule))
    return tuple(finding for finding in made if any(one.verdict.reason != NOT_ASKED for one in finding.elements))


def dossier_of(request: VisitRequest, pages: Sequence[PageFacts], section: str) -> Dossier:
    """The pages of services as if a visit had found them in the section of services; that view is never full."""
    campaign = f"{request.campaign}.probes"
    visit = Visit(
        request=msgspec.structs.replace(request, id=campaign),
        targets_digest="",
        software="",
        vantage=Vantage(),
        started_at=request.now,
        finished_at=request.now,
        status=VisitStatus.OK,
        stop=StopReason.DONE,
        navigations=len(pages),
        bytes_read=0,
        views=(TargetView(target=section, full=False, samples_full=False, gap="candidates-unvisited"),),
    )
    role = (TargetRole(section, Role.DETAIL),)
    placed = [
        msgspec.structs.replace(page, visit=msgspec.structs.replace(page.visit, roles=role, role=Role.DETAIL))
        for page in pages
        if page.visit
    ]
    return Dossier(visit=visit, pages=tuple(placed))


def proved(checklist: Checklist, item: Item, dossier: Dossier) -> Finding:
    """The finding of an item, its own evaluators asked, of which only what is there is kept."""
    finding = judge_item(checklist, item, dossier, recurring_texts(dossier))
    elements = tuple(
        msgspec.structs.replace(one, clicks=None) if one.verdict.outcome is Outcome.MET else not_asked(one)
        for one in finding.elements
    )
    return with_elements(finding, elements)


def operation(
    checklist: Checklist,
    item: Item,
    request: VisitRequest,
    live: Liveness,
    where: Pointer | None,
    rule: LivenessRule,
) -> Finding:
    """Whether the portal was up all the time, from the probes of its home page."""
    told = service_checklist().portal
    outcome, reason = {
        Stability.STABLE: (Outcome.MET, "steady"),
        Stability.UNSTABLE: (Outcome.NOT_MET, "unsteady"),
        Stability.UNDETERMINED: (Outcome.NOT_APPLICABLE, NOT_ASKED),
    }[stability(live, rule)]
    values = figures(live)
    element = next(one for one in item.elements if one.id == told.operation["element"])
    said = told.sentences[reason].format(**values)
    if outcome is Outcome.NOT_MET:
        said += " " + checklist.vocabulary.mend_sentence.format(mend=element.mend, clause=item.law.clause)
    verdict = Verdict(outcome=outcome, reason=reason, values=values, seen=(where,) if where else ())
    seen_at = live.last_at.isoformat() if live.last_at else ""
    bare = Finding(
        id=f"{request.campaign}.probes/{item.id}",
        visit=f"{request.campaign}.probes",
        campaign=request.campaign,
        agency=request.agency,
        item=item.id,
        checklist=f"{checklist.id}@{checklist.version}",
        checklist_digest=checklist.digest,
        outcome=outcome,
        message=said,
        elements=(),
        needs_person=False,
        seen_at=seen_at,
    )
    elements = [
        ElementFinding(element=one.id, verdict=verdict, message=said)
        if one is element
        else not_asked(ElementFinding(element=one.id, verdict=verdict, message="", statistic=one.statistic))
        for one in item.elements
    ]
    return with_elements(bare, elements)


def not_asked(element: ElementFinding) -> ElementFinding:
    """The element as one of which probes say nothing; any visit's word goes before it."""
    verdict = Verdict(outcome=Outcome.NOT_APPLICABLE, reason=NOT_ASKED)
    said = service_checklist().portal.sentences[NOT_ASKED]
    return msgspec.structs.replace(element, verdict=verdict, message=said, clicks=None, apart=None)


def with_elements(finding: Finding, elements: Sequence[ElementFinding]) -> Finding:
    """The finding with these elements; its id tells it from those of other agencies, whose probes lie in the same batches."""
    name = f"{finding.campaign}.probes.{finding.agency}"
    return msgspec.structs.replace(
        finding, id=f"{name}/{finding.item}", visit=name, elements=tuple(elements), needs_person=False, clicks=None
    )
