"""When each service is probed: in groups, spread over the hours of every day of the window, the same for the same seed. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from crawler.plan import VIETNAM, Window, working_days
from crawler.services.model import PlannedBatch, ProbeRules, Service, Stratum


def probed(services: Iterable[Service]) -> tuple[Service, ...]:
    """The services that are probed: declared at a level that counts, with an address."""
    return tuple(service for service in services if service.checked and service.url)


def groups(
    services: Sequence[Service], size: int, seed: int, existing: Mapping[str, int] | None = None
) -> dict[str, int]:
    """The group (from 1) each service is probed in, about `size` to a group, a host's services spread over all of them.

    A service that has a group keeps it; those gone are left out.
    """
    wanted = {service.id: service for service in services}
    placed = {name: group for name, group in (existing or {}).items() if name in wanted}
    number = max(-(-len(wanted) // size), *placed.values(), 1) if placed else max(-(-len(wanted) // size), 1)
    load = Counter(placed.values())
    hosts = Counter((host_of(wanted[name]), group) for name, group in placed.items())
    new = sorted(wanted.keys() - placed.keys(), key=lambda name: (host_of(wanted[name]), _lot(seed, name)))
    for name in new:
        host = host_of(wanted[name])
        group = min(range(1, number + 1), key=lambda each: (load[each] >= size, hosts[host, each], load[each], each))
        placed[name] = group
        load[group] += 1
        hosts[host, group] += 1
    return placed


def plan_batches(
    campaign: str, group_numbers: Iterable[int], window: Window, rules: ProbeRules, seed: int
) -> tuple[PlannedBatch, ...]:
    """Every batch of the window by time, in Vietnam's zone: each group once in each of the equal parts into which a stratum's hours are cut, at a
    moment of that part drawn from the seed."""
    working = frozenset(working_days(window))
    days = [window.first + timedelta(days=step) for step in range((window.last - window.first).days + 1)]
    found = [
        PlannedBatch(
            id=f"{campaign}.probes.{day:%Y%m%d}.{stratum.id}-{part}.g{group:03d}",
            campaign=campaign,
            group=group,
            stratum=stratum.id,
            part=part,
            at=_moment(day, stratum, part, _share(seed, campaign, group, day, stratum.id, part)),
        )
        for day in days
        for stratum in rules.strata
        if (stratum.days == "working") is (day in working)
        for part in range(1, stratum.a_day + 1)
        for group in sorted(set(group_numbers))
    ]
    return tuple(sorted(found, key=lambda batch: (batch.at, batch.id)))


def host_of(service: Service) -> str:
    """The host a service lives on, lower-case, with its port where it has one."""
    return urlsplit(service.url).netloc.rpartition("@")[2].lower()


def _moment(day: date, stratum: Stratum, part: int, share: float) -> datetime:
    """The second that lies at a share (0–1) of the part-th of a stratum's equal parts of a day."""
    spans = [
        (datetime.combine(day, time.fromisoformat(start), VIETNAM), datetime.combine(day, time.fromisoformat(end), VIETNAM))
        for start, end in stratum.hours
    ]  # fmt: skip
    left = sum((end - start for start, end in spans), timedelta()) * ((part - 1 + share) / stratum.a_day)
    for start, end in spans:
        if left < end - start:
            return (start + left).replace(microsecond=0)
        left -= end - start
    return spans[-1][1]


def _share(seed: int, *what: object) -> float:
    return int(hashlib.sha256(f"{seed} {' '.join(map(str, what))}".encode()).hexdigest()[:12], 16) / 16**12


def _lot(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed} {name}".encode()).hexdigest()
