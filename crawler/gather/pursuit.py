"""The search for one target, and the pages seen on the way. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field

from crawler.addresses import key
from crawler.frontier import STRONG
from crawler.gather.asks import Ask
from crawler.gather.guises import is_state_of
from crawler.model import Candidate, CandidateState, Entry, Outline, Target, TargetRole, VisitStatus

MOST_QUEUED = 500
"""Links of one target that wait to be read, twice what a visit reads: each choice of the next page looks at all that wait. Assumed."""


@dataclass
class Pursuit:
    """The search for one target so far. landings, hubs, weak and spare are addresses, spare those of pages that may be further landing pages where
    candidates that name the target fail; passed holds the keys of candidates that head a sub-menu and stay wanted; queued tells how like the target
    the links put to wait were, the least like first; details_open counts samples asked for and not yet answered; doubtful: no landing page was
    confirmed, so that what stands as one may not be it."""

    target: Target
    candidates: dict[str, Candidate] = field(default_factory=dict)
    landings: list[str] = field(default_factory=list)
    hubs: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    hopes: int = 0
    details: list[str] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)
    details_open: int = 0
    details_failed: int = 0
    attachments: int = 0
    doubtful: bool = False

    @property
    def satisfied(self) -> bool:
        return len(self.landings) >= self.target.landings

    @property
    def further(self) -> int:
        """Landing pages still to be had from candidates that name the target well."""
        named = sum(one.state is CandidateState.UNVISITED and one.score >= STRONG for one in self.candidates.values())
        return min(named, max(0, self.target.landings - len(self.landings)) + len(self.passed))

    def wants(self, url: str) -> bool:
        """An address may still be a landing page: there are not enough, or it was passed over for one below it."""
        return not self.satisfied or key(url) in self.passed

    def has_place_for(self, score: float) -> bool:
        """Whether a link so like the target is to wait to be read, which then counts: not where MOST_QUEUED at least as like it do. It stays known as
        unread, so nothing is called absent for it."""
        if len(self.queued) - bisect_left(self.queued, score) >= MOST_QUEUED:
            return False
        insort(self.queued, score)
        return True

    def has_state(self, url: str) -> bool:
        """The address is another order or part of a landing page."""
        return any(is_state_of(url, landing) for landing in self.landings)


@dataclass
class SeenPage:
    """A page of the visit, counted from 0, and what it was taken for. strength tells how like each target its own names are; listed: the members
    of its lists, None where they were not read; members: the keys of all it leads to as its own (gather.sampling), None where not worked out."""

    number: int
    ask: Ask
    final_url: str
    status: VisitStatus
    outline: Outline | None
    http_status: int | None = None
    roles: list[TargetRole] = field(default_factory=list)
    strength: dict[str, float] = field(default_factory=dict)
    listed: tuple[Entry, ...] | None = None
    members: frozenset[str] | None = None
