"""The findings of all visits on one duty as one claim. Their order never matters, and a finding told twice counts once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from checklists.evaluate import asks_person, item_outcome
from checklists.model import Apart, Claim, ElementClaim, ElementFinding, Finding, Outcome
from checklists.targets import digest

RULE = "seen-once-absent-always"
"""The rule by which findings merge; the checklist's `merge_rule` says it in a sentence."""


def merge(findings: Iterable[Finding]) -> Claim:
    """The claim of one agency and item. An element seen met in any visit is met; it is not met only where every visit that observed it found
    it so; one unsure visit among those leaves it unsure; unobserved in all, it stays unobserved. An element that one visit alone cannot show
    missing is met only where every visit that observed it found it so, and not met only where two lie far enough apart; else it is unsure.

    Raises ValueError where there is no finding, or they are not all of one campaign, agency, item and checklist.
    """
    told = sorted(
        {finding.id: finding for finding in findings}.values(), key=lambda finding: (finding.seen_at, finding.id)
    )
    if len({(one.campaign, one.agency, one.item, one.checklist_digest) for one in told}) != 1:
        raise ValueError("findings to merge must be of one campaign, agency, item and checklist")
    last = told[-1]
    elements = tuple(merge_element(place, told) for place in range(len(last.elements)))
    duties = [one for one in elements if not one.statistic]
    outcome = item_outcome([one.verdict.outcome for one in duties])
    assisted = any(one.assisted for one in told)
    reached = [one.clicks for one in elements if one.verdict.outcome is Outcome.MET and one.clicks is not None]
    return Claim(
        campaign=last.campaign,
        agency=last.agency,
        item=last.item,
        checklist=last.checklist,
        outcome=outcome,
        message=message(told, elements, outcome),
        elements=elements,
        findings=tuple(one.id for one in told),
        rule=RULE,
        needs_person=asks_person([as_finding(one) for one in duties], assisted=assisted, outcome=outcome),
        digest=claim_digest(last, elements),
        clicks=min(reached, default=None),
    )


PRECEDENCE = (
    Outcome.MET,
    Outcome.PARTLY_MET,
    Outcome.UNSURE,
    Outcome.ERROR,
    Outcome.NOT_MET,
    Outcome.NOT_OBSERVED,
    Outcome.NOT_APPLICABLE,
)
"""Which of several visits' outcomes of an element holds: presence first, then doubt, then absence, then what was not seen."""


def merge_element(place: int, told: Sequence[Finding]) -> ElementClaim:
    """One element over all visits: the weightiest outcome, taken from the latest visit that gave it."""
    campaign_wide = any(one.elements[place].apart is not None for one in told)
    order = EVERY_TIME if campaign_wide else PRECEDENCE

    def weight(finding: Finding) -> tuple[int, bool]:
        """Of equal outcomes, one that needs no second sighting goes first."""
        element = finding.elements[place]
        return order.index(element.verdict.outcome), element.apart is not None

    best = min(reversed(told), key=weight)  # min keeps the first of equals: the latest visit
    element = best.elements[place]
    if element.apart is not None and element.verdict.outcome is Outcome.NOT_MET:
        missed = [one for one in told if one.elements[place].verdict.outcome is Outcome.NOT_MET]
        if moment(missed[-1]) - moment(missed[0]) < timedelta(hours=element.apart.hours):
            element = seen_once(element, element.apart)
    return ElementClaim(
        element=element.element,
        verdict=element.verdict,
        message=element.message,
        finding=best.id,
        clicks=element.clicks,
        statistic=element.statistic,
    )


EVERY_TIME = (
    Outcome.NOT_MET,
    Outcome.PARTLY_MET,
    Outcome.UNSURE,
    Outcome.ERROR,
    Outcome.MET,
    Outcome.NOT_OBSERVED,
    Outcome.NOT_APPLICABLE,
)
"""The same for what must hold at every visit: a lack first, then doubt, then presence."""


def moment(finding: Finding) -> datetime:
    """When a finding's visit was made; the beginning of time where it does not say."""
    return datetime.fromisoformat(finding.seen_at or "0001-01-01T00:00:00+00:00")


def seen_once(element: ElementFinding, apart: Apart) -> ElementFinding:
    """An element whose lack was seen, but not twice far enough apart."""
    values = {**element.verdict.values, "hours": str(apart.hours)}
    verdict = msgspec.structs.replace(element.verdict, outcome=Outcome.UNSURE, reason="seen-once", values=values)
    return msgspec.structs.replace(element, verdict=verdict, message=apart.until_then)


def as_finding(claim: ElementClaim) -> ElementFinding:
    return ElementFinding(element=claim.element, verdict=claim.verdict, message=claim.message)


def message(told: Sequence[Finding], elements: Sequence[ElementClaim], outcome: Outcome) -> str:
    """The sentence of the latest visit that found exactly this; where no single one did, what is wanting, element by element."""
    merged = [one.verdict.outcome for one in elements]
    for finding in reversed(told):
        if finding.outcome is outcome and [one.verdict.outcome for one in finding.elements] == merged:
            return finding.message
    wanting = [one.message for one in elements if one.verdict.outcome is not Outcome.MET]
    return " ".join(wanting or [one.message for one in elements])


def claim_digest(finding: Finding, elements: Sequence[ElementClaim]) -> str:
    """SHA-256 over what a review judges: the duty, and each element's outcome with the quotes that bear it."""
    rows = [
        [one.element, one.verdict.outcome.value, [pointer.quote for pointer in one.verdict.seen]] for one in elements
    ]
    return digest([finding.campaign, finding.agency, finding.item, rows])
