"""What people decide on claims: append-only entries chained by SHA-256, and what of them counts. Pure.

How decisions count, element by element:

- Only entries that name the claim as it is now count; when its digest changes they go stale, and count again should it change back.
- Of each person the latest decision that was not undone counts, and for one person only.
- An outcome other than the machine's stands when as many people gave it as the rules ask; the machine's own stands when one person confirmed it.
  Where several outcomes stand, the one with more people holds; where they are as many, none does and the claim is disputed.
- An appeal opens the claim anew without taking away what was decided; its answer closes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

import msgspec

from checklists.model import Claim, Outcome
from checklists.targets import digest
from crawler.yaml_text import parse_text

GENESIS = "0" * 64
"""What the first entry names as its predecessor."""


class Act(StrEnum):
    """What an entry does."""

    CONFIRM = "confirm"
    OVERTURN = "overturn"
    RECHECK = "recheck"
    UNDO = "undo"
    APPEAL = "appeal"
    ANSWER = "answer"


DECISIONS = frozenset({Act.CONFIRM, Act.OVERTURN, Act.RECHECK})
"""The acts of which each person's latest counts."""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the chain. claim is the digest of the claim judged; elements the reviewer's outcome of each element; address where the
    decision came from; target the hash of the entry undone, agreed with or answered; visit the visit a recheck asked for; file the SHA-256 of
    what an appeal enclosed, contact where the agency can be answered."""

    number: int
    campaign: str
    agency: str
    item: str
    claim: str
    act: Act
    elements: dict[str, Outcome] = {}
    text: str = ""
    reviewer: str
    reviewed_at: datetime
    address: str = ""
    target: str = ""
    visit: str = ""
    file: str = ""
    file_name: str = ""
    contact: str = ""
    previous: str

    @property
    def claim_id(self) -> str:
        return f"{self.campaign}/{self.agency}/{self.item}"

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical form, by which the next entry names this one."""
        return digest(self)


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """review.yml: machine outcomes whose change takes two people, what a person may say of an element, an appeal's clock, offered phrases."""

    source: str
    two_people: tuple[Outcome, ...]
    choices: tuple[Outcome, ...]
    appeal_days: int
    phrases: tuple[str, ...]
    recheck_phrases: tuple[str, ...]

    def needed(self, machine: Outcome, outcome: Outcome) -> int:
        """How many people it takes for an outcome to stand where the machine found another or the same."""
        return 2 if outcome is not machine and machine in self.two_people else 1


@cache
def rules() -> Rules:
    """The rules of review.yml."""
    tree, _ = parse_text(files("checklists").joinpath("review.yml").read_text(encoding="utf-8"), "review.yml")
    return msgspec.convert(tree, Rules, strict=False)


# --- the chain -----------------------------------------------------------------------------------------------------------------------------


def canonical(review: Review) -> bytes:
    """The bytes an entry's hash is taken over: JSON, keys sorted, no white space, UTF-8."""
    return msgspec.json.encode(review, order="sorted")


def broken_link(chain: Iterable[tuple[Review, str]]) -> str:
    """What is wrong with the first entry that does not fit, '' where the chain is whole. Each entry comes with the hash stored for it."""
    previous = GENESIS
    for place, (review, stored) in enumerate(chain, 1):
        if review.number != place:
            return f"entry {place} is missing: entry {review.number} stands in its place"
        if review.previous != previous:
            return f"entry {place} ({review.act} of {review.claim_id}) does not follow on the entry before it"
        if review.hash != stored:
            return f"entry {place} ({review.act} of {review.claim_id} by {review.reviewer}) was changed: its hash is another"
        previous = stored
    return ""


# --- what counts ---------------------------------------------------------------------------------------------------------------------------


class Judgement(msgspec.Struct, frozen=True):
    """One element as people leave it: the outcome that stands and who gave it; without people the machine's own. disputed: as many say otherwise."""

    outcome: Outcome
    people: tuple[str, ...] = ()
    disputed: bool = False
    proposed: tuple[tuple[Outcome, tuple[str, ...]], ...] = ()
    """Other outcomes given by too few people to stand."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A claim as people leave it. votes: the decisions that count, one a person; stale: those on an earlier form of the claim; appeal: the one
    not yet answered; recheck: the one that still waits for its visit."""

    elements: dict[str, Judgement]
    votes: tuple[Review, ...] = ()
    stale: tuple[Review, ...] = ()
    appeal: Review | None = None
    recheck: Review | None = None

    @property
    def disputed(self) -> bool:
        return any(one.disputed for one in self.elements.values())

    @property
    def awaits_second(self) -> bool:
        return not self.disputed and any(one.proposed for one in self.elements.values())


def standing(
    claim: str,
    machine: Mapping[str, Outcome],
    reviews: Sequence[Review],
    *,
    visits: Iterable[str] = (),
    by: Rules | None = None,
) -> Standing:
    """How people leave a claim. claim is its digest now, machine its element outcomes, reviews its entries in order, visits those merged into it."""
    undone = {review.target for review in reviews if review.act is Act.UNDO}
    latest: dict[str, Review] = {}
    stale: dict[str, Review] = {}
    for review in reviews:
        if review.act in DECISIONS and review.hash not in undone:
            (latest if review.claim == claim else stale)[review.reviewer] = review
    votes = tuple(latest.values())
    judged = tuple(review for review in votes if review.act is not Act.RECHECK)
    made = set(visits)
    return Standing(
        elements={name: judge(name, outcome, judged, by or rules()) for name, outcome in machine.items()},
        votes=votes,
        stale=() if judged else tuple(review for review in stale.values() if review.act is not Act.RECHECK),
        appeal=open_appeal(reviews),
        recheck=next((vote for vote in votes if vote.act is Act.RECHECK and vote.visit not in made), None),
    )


def judge(element: str, machine: Outcome, votes: Iterable[Review], by: Rules) -> Judgement:
    """One element by the decisions that count."""
    people: dict[Outcome, list[str]] = {}
    for vote in votes:
        if element in vote.elements:
            people.setdefault(vote.elements[element], []).append(vote.reviewer)
    enough = Counter({o: len(who) for o, who in people.items() if len(who) >= by.needed(machine, o)})
    proposed = tuple((o, tuple(who)) for o, who in people.items() if o not in enough and o is not machine)
    if not enough:
        return Judgement(machine, proposed=proposed)
    (first, most), *others = enough.most_common()
    if any(count == most for _, count in others):
        return Judgement(Outcome.UNSURE, disputed=True, proposed=tuple((o, tuple(who)) for o, who in people.items()))
    return Judgement(first, tuple(people[first]), proposed=proposed)


def open_appeal(reviews: Sequence[Review]) -> Review | None:
    """The latest appeal that no answer names."""
    answered = {review.target for review in reviews if review.act is Act.ANSWER}
    return next((r for r in reversed(reviews) if r.act is Act.APPEAL and r.hash not in answered), None)


def appeal_due(appeal: Review, by: Rules | None = None) -> datetime:
    """Until when an appeal is to be answered."""
    return appeal.reviewed_at + timedelta(days=(by or rules()).appeal_days)


def machine_outcomes(claim: Claim) -> dict[str, Outcome]:
    """The machine's outcome of each element of a claim; one that is not applicable as a whole makes each so."""
    whole = claim.outcome is Outcome.NOT_APPLICABLE
    return {one.element: Outcome.NOT_APPLICABLE if whole else one.verdict.outcome for one in claim.elements}


def by_claim(reviews: Iterable[Review]) -> dict[str, list[Review]]:
    """The entries of each claim, by its id, in the order of the chain."""
    found: dict[str, list[Review]] = {}
    for review in reviews:
        found.setdefault(review.claim_id, []).append(review)
    return found
