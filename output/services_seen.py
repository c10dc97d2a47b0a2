"""What the sealed batches of a campaign show of each service. Same folders and same rule, same records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import msgspec

from checklists.liveness import LOCAL, Liveness, LivenessRule, Tally, add, hours, summed
from crawler.services.batch_folder import read_batch, read_seen
from crawler.services.model import Batch, Layer, Outcome
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


def sightings(seen: BatchesSeen) -> Iterator[tuple[str, datetime, Outcome, Layer]]:
    """Every probe's service, time, outcome and layer, batch after batch; those of a void batch are ours."""
    for batch, folder in zip(seen.batches, seen.folders, strict=True):
        for probe in read_seen(folder):
            if batch.void:
                yield probe.service, probe.at, Outcome.OURS, Layer.NONE
            else:
                yield probe.service, probe.at, probe.outcome, probe.layer


def campaign_liveness(
    seen: BatchesSeen,
    rule: LivenessRule,
    also: Callable[[str, datetime, Outcome], None] = lambda *_: None,
) -> dict[str, Liveness]:
    """The liveness of every service that was probed; `also` is told of each sighting on the way, so that one reading serves several ends."""
    tallies: dict[str, Tally] = {}
    bridge = hours(rule.bridge_hours)
    for service, at, outcome, layer in sightings(seen):
        tally = tallies.get(service)
        if tally is None:
            tally = tallies[service] = Tally()
        add(tally, at, outcome, layer, bridge)
        also(service, at, outcome)
    return {service: summed(tally, rule) for service, tally in sorted(tallies.items())}


class Days:
    """How often each service was seen alive, and determinably at all, on each day from `first` on: two bytes a day."""

    def __init__(self, first: date, count: int) -> None:
        self.count = count
        self._midnight = datetime(first.year, first.month, first.day, tzinfo=LOCAL)
        self._marks: dict[str, bytearray] = {}

    def add(self, service: str, at: datetime, outcome: Outcome) -> None:
        """Count a sighting; one outside the days is left out."""
        day = (at - self._midnight).days
        if not 0 <= day < self.count or outcome not in (Outcome.ALIVE, Outcome.DOWN):
            return
        marks = self._marks.setdefault(service, bytearray(2 * self.count))
        marks[2 * day] = min(255, marks[2 * day] + (outcome is Outcome.ALIVE))
        marks[2 * day + 1] = min(255, marks[2 * day + 1] + 1)

    def of(self, service: str) -> list[tuple[int, int]]:
        """(alive, determinable) for each day."""
        marks = self._marks.get(service, bytearray(2 * self.count))
        return list(zip(marks[::2], marks[1::2], strict=True))
