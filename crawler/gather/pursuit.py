"""The search for one target, and the pages seen on the way. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.gather.asks import Ask
from crawler.gather.guises import is_state_of
from crawler.model import Candidate, Entry, Outline, Target, TargetRole, VisitStatus


@dataclass
class Pursuit:
    """The search for one target so far. landings, hubs and weak are addresses; details_open counts samples asked for and not yet answered;
    doubtful: no landing page was confirmed, so that what stands as one may not be it."""

    target: Target
    candidates: dict[str, Candidate] = field(default_factory=dict)
    landings: list[str] = field(default_factory=list)
    hubs: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)
    hopes: int = 0
    details: list[str] = field(default_factory=list)
    details_open: int = 0
    details_failed: int = 0
    attachments: int = 0
    doubtful: bool = False

    @property
    def satisfied(self) -> bool:
        return len(self.landings) >= self.target.landings

    def has_state(self, url: str) -> bool:
        """The address is another order or part of a landing page."""
        return any(is_state_of(url, landing) for landing in self.landings)


@dataclass
class SeenPage:
    """A page of the visit, counted from 0, and what it was taken for. strength tells how like each target its own names are; listed: the members
    of its lists, None where they were not read."""

    number: int
    ask: Ask
    final_url: str
    status: VisitStatus
    outline: Outline | None
    http_status: int | None = None
    roles: list[TargetRole] = field(default_factory=list)
    strength: dict[str, float] = field(default_factory=dict)
    listed: tuple[Entry, ...] | None = None
