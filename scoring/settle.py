"""Claims to observations: what of a campaign may be scored, and who settled it."""

from __future__ import annotations

from collections.abc import Iterable

from checklists.model import Claim, ElementClaim, Outcome
from scoring.model import Observation, Settler

SETTLED_BY_MACHINE = frozenset({Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE})
"""Element outcomes a machine may settle; anything else waits for a person or another visit."""


def settle(claims: Iterable[Claim]) -> tuple[Observation, ...]:
    """One observation per element that carries duty, ordered by agency, item and the item's own order of elements.

    The machine settles met, not met and not applicable elements. Elements of a claim that needs a person, and every other outcome, are settled by
    nobody: they earn nothing and count against nothing. A claim that is not applicable as a whole makes each of its elements so.
    """
    ordered = sorted(claims, key=lambda claim: (claim.agency, claim.item))
    return tuple(observe(claim, element) for claim in ordered for element in claim.elements if not element.statistic)


def observe(claim: Claim, element: ElementClaim) -> Observation:
    """One element of a claim as it stands."""
    whole = claim.outcome is Outcome.NOT_APPLICABLE
    outcome = Outcome.NOT_APPLICABLE if whole else element.verdict.outcome
    by_machine = not claim.needs_person and outcome in SETTLED_BY_MACHINE
    return Observation(
        agency=claim.agency,
        item=claim.item,
        element=element.element,
        outcome=outcome,
        settled_by=Settler.MACHINE if by_machine else Settler.NOBODY,
        claim=claim.digest,
    )
