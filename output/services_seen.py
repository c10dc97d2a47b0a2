"""What the sealed batches of a campaign show of each service. Same folders and same rule, same records."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from checklists.liveness import LOCAL, Liveness, LivenessRule, Tally, add, hours, summed
from crawler.services.batch_folder import Seen, read_batch, read_seen
from crawler.services.model import DETERMINABLE, Batch, Outcome
from crawler.visit_folder import sealed_visits


class BatchesSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign's sealed batches, in the order they began."""

    batches: tuple[Batch, ...]
    folders: tuple[Path, ...]

    @property
    def void(self) -> int:
        return sum(batch.void for batch in self.batches)


def batches_seen(probes: Path, campaign: str) -> BatchesSeen:
    """The sealed batches of a campaign."""
    prefix = f"{campaign}.probes."
    folders = [probes / name for name in sealed_visits(probes) if name.startswith(prefix)]
    read = sorted(
        ((read_batch(folder), folder) for folder in folders), key=lambda pair: (pair[0].started_at, pair[0].id)
    )
    return BatchesSeen(batches=tuple(batch for batch, _ in read), folders=tuple(folder for _, folder in read))


def campaigns_of_probes(probes: Path) -> list[str]:
    """The campaigns that have sealed batches, in order."""
    return sorted({name.partition(".probes.")[0] for name in sealed_visits(probes)})


def sightings(seen: BatchesSeen) -> Iterator[tuple[str, Seen]]:
    """Every probe with the id of its batch, batch after batch; those of a void batch are ours and changed nothing."""
    for batch, folder in zip(seen.batches, seen.folders, strict=True):
        for probe in read_seen(folder):
            yield batch.id, Seen(probe.service, probe.at, Outcome.OURS) if batch.void else probe


def campaign_liveness(
    seen: BatchesSeen,
    rule: LivenessRule,
    also: Callable[[str, Seen], None] = lambda *_: None,
) -> dict[str, Liveness]:
    """The liveness of every service that was probed; `also` is told of each sighting and its batch on the way, so that one reading serves
    several ends."""
    tallies: dict[str, Tally] = {}
    bridge = hours(rule.bridge_hours)
    for batch, each in sightings(seen):
        tally = tallies.get(each.service)
        if tally is None:
            tally = tallies[each.service] = Tally()
        add(tally, each.at, each.outcome, each.layer, bridge)
        also(batch, each)
    return {service: summed(tally, rule) for service, tally in sorted(tallies.items())}


CODES = tuple(Outcome)
"""What the last two bits of a mark stand for."""


class Marks:
    """Every sighting of every service, four bytes each: minutes since `start` times four, plus the place of its outcome in CODES."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self._marks: dict[str, array[int]] = {}

    def add(self, seen: Seen) -> None:
        """Keep a sighting; one before the start counts as at the start."""
        minutes = max(0, int((seen.at - self.start).total_seconds() // 60))
        self._marks.setdefault(seen.service, array("I")).append(4 * minutes + CODES.index(seen.outcome))

    def of(self, service: str) -> tuple[int, ...]:
        """The marks of a service, in order of time."""
        return tuple(sorted(self._marks.get(service, ())))


def unmarked(start: datetime, marks: Iterable[int]) -> list[tuple[datetime, Outcome]]:
    """The sightings that marks stand for."""
    return [(start + timedelta(minutes=mark // 4), CODES[mark % 4]) for mark in marks]


class Days:
    """How often each service was seen alive, and determinably at all, on each day from `first` on: two bytes a day."""

    def __init__(self, first: date, count: int) -> None:
        self.count = count
        self._midnight = datetime(first.year, first.month, first.day, tzinfo=LOCAL)
        self._marks: dict[str, bytearray] = {}

    def add(self, _: str, seen: Seen) -> None:
        """Count a sighting; one outside the days is left out."""
        day = (seen.at - self._midnight).days
        if not 0 <= day < self.count or seen.outcome not in DETERMINABLE:
            return
        marks = self._marks.setdefault(seen.service, bytearray(2 * self.count))
        marks[2 * day] = min(255, marks[2 * day] + (seen.outcome is Outcome.ALIVE))
        marks[2 * day + 1] = min(255, marks[2 * day + 1] + 1)

    def of(self, service: str) -> list[tuple[int, int]]:
        """(alive, determinable) for each day."""
        marks = self._marks.get(service, bytearray(2 * self.count))
        return list(zip(marks[::2], marks[1::2], strict=True))
