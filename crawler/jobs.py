"""What worker processes are told to do, and where their work comes from and goes to."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import msgspec

from crawler.model import TargetSet, VisitRequest
from crawler.netguard import OPEN_WORLD, World
from crawler.stay import Stay
from crawler.underway import Step
from crawler.visiting import Sealed


class WorkOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker works. gap is seconds between navigations to a host, spacing scales the pauses we choose ourselves after a refusal;
    concurrency is visits at once; render allows the browser; controls are addresses asked before a portal is blamed for the network."""

    visits: Path
    pace: Path
    user_agent: str
    world: World = OPEN_WORLD
    gap: float = 1.0
    spacing: float = 1.0
    controls: tuple[str, ...] = ()
    concurrency: int = 4
    render: bool = True
    stay: Stay = Stay()


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A visit to make. last: no further attempt will follow, so a portal not reached is sealed as it was found."""

    request: VisitRequest
    targets: TargetSet
    last: bool = True


class Feed(Protocol):
    """Where visits come from and where their outcome goes. All calls are quick."""

    def take(self) -> Job | None:
        """The next visit to make, or None when there is none."""

    def alive(self, job: Job, step: Step) -> None:
        """A visit goes on; called after every page."""

    def done(self, job: Job, sealed: Sealed) -> None:
        """A visit ended, sealed or not reached."""

    def ours(self, job: Job, error: str) -> None:
        """A visit was given up because our own network is down; it says nothing of the portal."""

    def failed(self, job: Job, error: str) -> None:
        """A visit broke on our side; nothing of it was kept."""

    def released(self, job: Job, reason: str) -> None:
        """A visit was cut short because its worker was told to stop; nothing of it was kept."""
