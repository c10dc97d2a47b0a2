"""Whether a service works, and works stably, from what its probes showed. Pure.

Only alive and down are evidence of the service. Blocked and ours stand for probes that told nothing: they lower the share that is determinable
and nothing else. Sightings of batches whose control probe failed are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from math import sqrt

import msgspec

from crawler.services.model import Layer, Outcome

LOCAL = timezone(timedelta(hours=7))
"""Vietnam's time, in which days are counted."""


class Sighting(msgspec.Struct, frozen=True):
    """What one probe of a service showed."""

    at: datetime
    outcome: Outcome
    layer: Layer = Layer.NONE


class LivenessRule(msgspec.Struct, frozen=True, kw_only=True):
    """When a service is stable: shares of 0–1, hours. Two sightings of down more than bridge_hours apart are two outages, for nobody saw what was
    between; z is the normal quantile of the Wilson interval."""

    alive_share: Fraction
    determinable_share: Fraction
    longest_outage_hours: Fraction
    bridge_hours: Fraction
    z: Fraction


class DeadRule(msgspec.Struct, frozen=True, kw_only=True):
    """When a service is shown dead: alive in at most this share of at least so many determinable sightings, seen down on so many days."""

    alive_share: Fraction
    determinable_share: Fraction
    sightings: int
    days: int


class Stability(StrEnum):
    """The verdict on a service. Undetermined where too few of its probes tell anything."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    UNDETERMINED = "undetermined"


class Liveness(msgspec.Struct, frozen=True, kw_only=True):
    """A service over the window: how many sightings of each kind, its outages, the Wilson interval of the alive share (None without evidence).

    longest_outage runs from the first to the last sighting of one outage: what was seen, not what may have been; longest_from is its beginning.
    down_days counts the days on which it was seen down; layers says where it failed, how often; last_at is the time of the last sighting.
    """

    alive: int
    down: int
    blocked: int
    ours: int
    outages: int
    longest_outage: timedelta
    down_days: int
    interval: tuple[float, float] | None
    layers: dict[Layer, int]
    longest_from: datetime | None = None
    last_at: datetime | None = None

    @property
    def sightings(self) -> int:
        return self.alive + self.down + self.blocked + self.ours

    @property
    def determinable(self) -> int:
        return self.alive + self.down

    @property
    def alive_share(self) -> Fraction | None:
        """The share alive of the determinable; None where there are none."""
        return Fraction(self.alive, self.determinable) if self.determinable else None

    @property
    def determinable_share(self) -> Fraction:
        """The share determinable of all sightings, 0 where there are none."""
        return Fraction(self.determinable, self.sightings) if self.sightings else Fraction(0)


class Tally(msgspec.Struct, kw_only=True):
    """Sightings of one service being counted, in constant space."""

    alive: int = 0
    down: int = 0
    blocked: int = 0
    ours: int = 0
    outages: int = 0
    longest: timedelta = timedelta(0)
    longest_from: datetime | None = None
    last_at: datetime | None = None
    began: datetime | None = None
    last_down: datetime | None = None
    down_day: date | None = None
    down_days: int = 0
    layers: dict[Layer, int] = msgspec.field(default_factory=dict)


def add(tally: Tally, at: datetime, outcome: Outcome, layer: Layer, bridge: timedelta) -> None:
    """Count one more sighting. Sightings come in the order of their times."""
    tally.last_at = at
    if outcome is Outcome.ALIVE:
        tally.alive += 1
        tally.began = tally.last_down = None
    elif outcome is Outcome.DOWN:
        _add_down(tally, at, layer, bridge)
    elif outcome is Outcome.BLOCKED:
        tally.blocked += 1
    else:
        tally.ours += 1


def _add_down(tally: Tally, at: datetime, layer: Layer, bridge: timedelta) -> None:
    tally.down += 1
    tally.layers[layer] = tally.layers.get(layer, 0) + 1
    if tally.began is None or tally.last_down is None or at - tally.last_down > bridge:
        tally.outages += 1
        tally.began = at
    if tally.longest_from is None or at - tally.began > tally.longest:
        tally.longest, tally.longest_from = at - tally.began, tally.began
    tally.last_down = at
    day = at.astimezone(LOCAL).date()
    if day != tally.down_day:
        tally.down_days += 1
        tally.down_day = day


def summed(tally: Tally, rule: LivenessRule) -> Liveness:
    """What a tally comes to."""
    return Liveness(
        alive=tally.alive,
        down=tally.down,
        blocked=tally.blocked,
        ours=tally.ours,
        outages=tally.outages,
        longest_outage=tally.longest,
        down_days=tally.down_days,
        interval=wilson(tally.alive, tally.alive + tally.down, float(rule.z)),
        layers=dict(sorted(tally.layers.items())),
        longest_from=tally.longest_from,
        last_at=tally.last_at,
    )


def liveness(sightings: Iterable[Sighting], rule: LivenessRule) -> Liveness:
    """A service's sightings, in any order, as its liveness."""
    tally = Tally()
    for seen in sorted(sightings, key=lambda each: each.at):
        add(tally, seen.at, seen.outcome, seen.layer, hours(rule.bridge_hours))
    return summed(tally, rule)


def stability(seen: Liveness, rule: LivenessRule) -> Stability:
    """The verdict of the rule on a service."""
    share = seen.alive_share
    if share is None or seen.determinable_share < rule.determinable_share:
        return Stability.UNDETERMINED
    steady = share >= rule.alive_share and seen.longest_outage <= hours(rule.longest_outage_hours)
    return Stability.STABLE if steady else Stability.UNSTABLE


def shown_dead(seen: Liveness, rule: DeadRule) -> bool:
    """Whether the probes show a service dead."""
    share = seen.alive_share
    return (
        share is not None
        and share <= rule.alive_share
        and seen.determinable_share >= rule.determinable_share
        and seen.determinable >= rule.sightings
        and seen.down_days >= rule.days
    )


def wilson(good: int, total: int, z: float) -> tuple[float, float] | None:
    """The Wilson score interval of a share of `good` in `total`, within 0–1; None for no total. Wilson 1927."""
    if not total:
        return None
    share, square = good / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z * sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    # Rounding alone may push the end of a share of 0 or 1 past it.
    low = 0.0 if good == 0 else max(0.0, middle - half)
    high = 1.0 if good == total else min(1.0, middle + half)
    return low, high


def hours(number: Fraction) -> timedelta:
    """So many hours, to the microsecond."""
    return timedelta(microseconds=int(number * 3_600_000_000))
