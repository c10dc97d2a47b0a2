"""Claims to observations: what of a campaign may be scored, and who settled it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from checklists.model import Claim, ElementClaim, Outcome
from scoring.model import Observation, Settler

SETTLED_BY_MACHINE = frozenset({Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE})
"""Element outcomes a machine may settle; anything else waits for a person or another visit."""


def settle(claims: Iterable[Claim], *, assisted: Collection[str]) -> tuple[Observation, ...]:
    """One observation per element that carries duty, ordered by agency, item and the item's own order of elements.

    assisted: ids of the items whose claims only a person settles. Of other items the machine settles met, not met and not applicable elements, also
    where the claim asks for a person because of some other element: credit and coverage go by element. Everything else is settled by nobody: it
    earns nothing and counts against nothing. A claim that is not applicable as a whole makes each of its elements so.
    """
    ordered = sorted(claims, key=lambda claim: (claim.agency, claim.item))
    return tuple(
        observe(claim, element, by_person=claim.item in assisted)
        for claim in ordered
        for element in claim.elements
        if not element.statistic
    )


def observe(claim: Claim, element: ElementClaim, *, by_person: bool) -> Observation:
    """One element of a claim as it stands; by_person: only a person settles it, unless it does not apply at all."""
    whole = claim.outcome is Outcome.NOT_APPLICABLE
    outcome = Outcome.NOT_APPLICABLE if whole else element.verdict.outcome
    by_machine = outcome in SETTLED_BY_MACHINE and (whole or not by_person)
    return Observation(
        agency=claim.agency,
        item=claim.item,
        element=element.element,
        outcome=outcome,
        settled_by=Settler.MACHINE if by_machine else Settler.NOBODY,
        claim=claim.digest,
    )
