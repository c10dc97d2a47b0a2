"""Whether all is well with us: figures over the last hours held against the rules of health.yml."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec

from crawler import ledger
from crawler.database import as_text
from crawler.ledger import OUR_STATUSES, Attempt, Ending, Slot, Standing, standing
from crawler.model import Role, StopReason, VisitStatus
from crawler.services.batch_folder import read_batch
from crawler.spiders.lanes import STOPPED
from crawler.visit_folder import PAGES, VISIT, is_sealed
from crawler.yaml_text import parse_text
from output.backups import backups, made_at
from output.operations import MEGABYTE, free_bytes
from output.workspace import Workspace

Unit = Literal["share", "count", "hours", "megabytes"]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: which measure over how many hours is wrong below or above what, of at least how many cases; log is for the log, message for a
    person."""

    id: str
    measure: str
    unit: Unit
    hours: float
    least: int
    log: str
    message: str
    below: float | None = None
    above: float | None = None


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """health.yml."""

    source: str
    rules: tuple[Rule, ...]
    failing: frozenset[VisitStatus]
    refused: frozenset[VisitStatus]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found: the value, None where there are too few cases to say, of how many cases."""

    rule: Rule
    value: float | None
    cases: int

    @property
    def wrong(self) -> bool:
        """Whether the rule is broken."""
        rule, value = self.rule, self.value
        if value is None:
            return False
        return (rule.below is not None and value < rule.below) or (rule.above is not None and value > rule.above)

    @property
    def shown(self) -> str:
        """The value as a person reads it."""
        return "" if self.value is None else written(self.value, self.rule.unit)

    @property
    def bar(self) -> str:
        """What is still well."""
        low, high = self.rule.below, self.rule.above
        return f"≥ {written(low, self.rule.unit)}" if low is not None else f"≤ {written(high or 0, self.rule.unit)}"


Figure = tuple[float, int] | None
"""A value and the number of cases behind it; None where there is nothing to measure."""


@cache
def health_rules() -> Rules:
    """The rules of health.yml."""
    text = files("output").joinpath("health.yml").read_text(encoding="utf-8")
    return msgspec.convert(parse_text(text, "health.yml")[0], Rules, strict=False)


def readings(workspace: Workspace, now: datetime, *, backups: Path | None = None) -> tuple[Reading, ...]:
    """Every rule's reading at a moment, in the rules' order; backups: where copies are kept, if not in the workspace."""
    seen = _Seen(workspace, now, backups or workspace.backups)
    found = []
    for rule in health_rules().rules:
        figure = MEASURES[rule.measure](seen, rule)
        value, cases = figure or (None, 0)
        found.append(Reading(rule=rule, value=value if cases >= rule.least else None, cases=cases))
    return tuple(found)


def written(value: float, unit: Unit) -> str:
    """A value in its unit."""
    forms = {
        "share": f"{value:.0%}",
        "count": f"{value:.0f}",
        "hours": f"{value:.0f} h",
        "megabytes": f"{value / 1000:.0f} GB",
    }
    return forms[unit]


# --- what is looked at -----------------------------------------------------------------------------------------------------------------------


class _Page(msgspec.Struct, frozen=True):
    status: VisitStatus
    role: Role = Role.CANDIDATE


class _View(msgspec.Struct, frozen=True):
    target: str
    landings: tuple[str, ...] = ()


class _Looked(msgspec.Struct, frozen=True):
    status: VisitStatus
    views: tuple[_View, ...] = ()


class _Seen:
    """What the measures look at, read when first asked for."""

    def __init__(self, workspace: Workspace, now: datetime, backups: Path) -> None:
        self.workspace, self.now, self.backups = workspace, now, backups

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        return ledger.slots(self.workspace.conn)

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        return ledger.attempts(self.workspace.conn)

    def ended(self, hours: float) -> list[Attempt]:
        """The attempts that ended in the last so many hours."""
        since = self.now - timedelta(hours=hours)
        return [each for each in self.attempts if each.ended is not None and since < each.ended <= self.now]

    def sealed(self, hours: float) -> list[Path]:
        """The sealed folders of those attempts, of portals that were reached."""
        visits = self.workspace.visits
        names = [each.slot for each in self.ended(hours) if each.ending is Ending.SEALED]
        return [visits / name for name in names if is_sealed(visits, name)]


def _share(part: int, whole: int) -> Figure:
    return (part / whole, whole) if whole else None


def _is_ours(attempt: Attempt) -> bool:
    if attempt.ending is Ending.RELEASED:
        return attempt.error != STOPPED
    return attempt.ending is Ending.INTERRUPTED or attempt.status in OUR_STATUSES or attempt.stop is StopReason.OURS


def _reached(seen: _Seen, rule: Rule) -> Figure:
    """Of the portals asked for, those that gave a page at least once."""
    tried: dict[str, bool] = {}
    agencies = {slot.id: slot.agency for slot in seen.slots}
    for each in seen.ended(rule.hours):
        if each.status is not None and not _is_ours(each):
            agency = agencies.get(each.slot, each.slot)
            tried[agency] = tried.get(agency, False) or each.status is VisitStatus.OK
    return _share(sum(tried.values()), len(tried))


def _ours(seen: _Seen, rule: Rule) -> Figure:
    """Of the attempts, those that ended on our side."""
    ended = [each for each in seen.ended(rule.hours) if each.error != STOPPED]
    return _share(sum(map(_is_ours, ended)), len(ended))


def _walls(seen: _Seen, rule: Rule) -> Figure:
    """Of the visits that say something of a portal, those refused."""
    told = [each for each in seen.ended(rule.hours) if each.status is not None and not _is_ours(each)]
    refused = sum(each.status in health_rules().refused or each.stop is StopReason.BLOCKED for each in told)
    return _share(refused, len(told))


def _pages_failing(seen: _Seen, rule: Rule) -> Figure:
    """Of the pages of sealed visits, those that failed."""
    counts: Counter[bool] = Counter()
    decoder = msgspec.json.Decoder(_Page)
    for folder in seen.sealed(rule.hours):
        pages = map(decoder.decode, (folder / PAGES).read_bytes().splitlines())
        counts.update(page.status in health_rules().failing for page in pages if page.role is not Role.RANDOM_PATH)
    return _share(counts[True], counts.total())


def _targets_missing(seen: _Seen, rule: Rule) -> Figure:
    """Of the targets looked for in enough visits, those found in none; the cases are visits."""
    looked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    decoder = msgspec.json.Decoder(_Looked)
    for folder in seen.sealed(rule.hours):
        visit = decoder.decode((folder / VISIT).read_bytes())
        if visit.status is VisitStatus.OK:
            looked.update(view.target for view in visit.views)
            found.update(view.target for view in visit.views if view.landings)
    enough = [target for target, times in looked.items() if times >= rule.least]
    missing = sum(not found[target] for target in enough)
    return (missing / len(enough), max(looked.values())) if enough else None


def _batches_void(seen: _Seen, rule: Rule) -> Figure:
    """Of the batches of probes sealed, those that are void."""
    since = as_text(seen.now - timedelta(hours=rule.hours))
    rows = seen.workspace.conn.execute(
        "SELECT DISTINCT batch FROM batch_attempts WHERE ending = 'sealed' AND ended > ? AND ended <= ?",
        (since, as_text(seen.now)),
    ).fetchall()
    probes = seen.workspace.probes
    made = [read_batch(probes / name).void for (name,) in rows if is_sealed(probes, name)]
    return _share(sum(made), len(made))


def _missed(seen: _Seen, rule: Rule) -> Figure:
    """Visits whose time ran out without us."""
    since = seen.now - timedelta(hours=rule.hours)
    late = [slot for slot in seen.slots if since < slot.deadline <= seen.now]
    return float(sum(standing(slot, seen.now) is Standing.MISSED for slot in late)), len(late)


def _waiting(seen: _Seen, rule: Rule) -> Figure:
    """Visits that have been due for longer than that."""
    since = seen.now - timedelta(hours=rule.hours)
    due = [slot for slot in seen.slots if standing(slot, seen.now) is Standing.DUE]
    return float(sum(slot.ready < since for slot in due)), len(due)


def _free(seen: _Seen, _rule: Rule) -> Figure:
    """Megabytes free where visits lie."""
    return free_bytes(seen.workspace.visits) / MEGABYTE, 1


def _backup_age(seen: _Seen, _rule: Rule) -> Figure:
    """Hours since the last copy, or since the first attempt where there is none; nothing once no visit is left to make."""
    if not _under_way(seen.slots):
        return None
    made: Iterable[datetime] = [made_at(each) for each in backups(seen.backups)] or [
        each.begun for each in seen.attempts[:1]
    ]
    ages = [(seen.now - each).total_seconds() / 3600 for each in made]
    return (max(0.0, min(ages)), 1) if ages else None


def _under_way(slots: Sequence[Slot]) -> bool:
    return any(slot.state in (ledger.SlotState.PLANNED, ledger.SlotState.LEASED) for slot in slots)


MEASURES: dict[str, Callable[[_Seen, Rule], Figure]] = {
    "reached": _reached,
    "ours": _ours,
    "pages_failing": _pages_failing,
    "walls": _walls,
    "targets_missing": _targets_missing,
    "batches_void": _batches_void,
    "missed": _missed,
    "waiting": _waiting,
    "free": _free,
    "backup_age": _backup_age,
}
