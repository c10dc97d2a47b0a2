"""Claims to observations: what of a campaign may be scored, and who settled it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from checklists.model import Claim, ElementClaim, Outcome
from checklists.review import Judgement, Review, by_claim, machine_outcomes, standing
from scoring.model import Observation, Settler

SETTLED_BY_MACHINE = frozenset({Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE})
"""Element outcomes a machine may settle; anything else waits for a person or another visit."""

SETTLED_BY_PERSON = SETTLED_BY_MACHINE
"""Element outcomes that settle an element when people gave them; their “unsure” withholds credit and counts against nothing."""


def settle(
    claims: Iterable[Claim], *, assisted: Collection[str], reviews: Iterable[Review] = ()
) -> tuple[Observation, ...]:
    """One observation per element that carries duty, ordered by agency, item and the item's own order of elements.

    assisted: ids of the items whose claims only a person settles. Of other items the machine settles met, not met and not applicable elements, also
    where the claim asks for a person because of some other element: credit and coverage go by element. What people decided on the claim as it is
    now stands before the machine's outcome; stale decisions do not count, and an element people dispute is settled by nobody. Everything else is
    settled by nobody: it earns nothing and counts against nothing. A claim that is not applicable as a whole makes each of its elements so.
    """
    decided = by_claim(reviews)
    observed = []
    for claim in sorted(claims, key=lambda claim: (claim.agency, claim.item)):
        machine = machine_outcomes(claim)
        judged = standing(claim.digest, machine, decided.get(claim.id, ())).elements
        observed += [
            observe(claim, element, machine[element.element], judged[element.element], by_person=claim.item in assisted)
            for element in claim.elements
            if not element.statistic
        ]
    return tuple(observed)


def observe(
    claim: Claim, element: ElementClaim, machine: Outcome, judged: Judgement, *, by_person: bool
) -> Observation:
    """One element of a claim as it stands; by_person: only a person settles it, unless it does not apply at all."""
    outcome, settler = judged.outcome, Settler.NOBODY
    if judged.people:
        settler = Settler.PERSON if outcome in SETTLED_BY_PERSON else Settler.NOBODY
    elif not judged.disputed:
        whole = claim.outcome is Outcome.NOT_APPLICABLE
        by_machine = machine in SETTLED_BY_MACHINE and (whole or not by_person)
        settler = Settler.MACHINE if by_machine else Settler.NOBODY
    return Observation(
        agency=claim.agency,
        item=claim.item,
        element=element.element,
        outcome=outcome,
        settled_by=settler,
        claim=claim.digest,
    )
