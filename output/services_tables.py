"""The report's tables of online services, made from counted services. Same services and decisions, same rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from checklists.model import Claim, Outcome
from crawler.model import Agency, Block
from crawler.registry import Registry
from crawler.services.model import reported_number
from crawler.yaml_text import load_text
from scoring.counting import CountedService, Flag, level_counts
from scoring.rank import DossierCount, rank_dossiers, rank_services

FLAGS = "flags"
"""The name of the table of every service that is left out or flagged."""

OBSERVED = {
    ("service-integration", "subordinate-services-linked"): "linked",
    ("service-integration", "single-sign-on"): "single-sign-on",
}
"""The elements behind the last two rows of table 4.6."""

_SHARE = re.compile(r"[0-9][0-9.,]*\s*%")
_SOME_SHARE = re.compile(r"(?=[0-9.,]*[1-9])[0-9][0-9.,]*\s*%")

Row = tuple[object, ...]


class TableKind(msgspec.Struct, frozen=True):
    """A table of the report: its block, what it holds, whether only agencies that provide services stand in it."""

    block: Block
    kind: str
    title: str
    providing: str = "no"


class Described(msgspec.Struct, frozen=True, rename="kebab"):
    """services_tables.yml."""

    tables: dict[str, TableKind]
    columns: dict[str, dict[str, str]]
    flags_title: str
    sentences: dict[str, str]


class Table(msgspec.Struct, frozen=True):
    """A table made: its number, title, columns by field with their Vietnamese headings, rows."""

    name: str
    title: str
    columns: Mapping[str, str]
    rows: tuple[Row, ...]


@cache
def described() -> Described:
    """What services_tables.yml says."""
    tree, _ = load_text(Path(__file__).with_suffix(".yml"))
    return msgspec.convert(tree, Described)


def table_names() -> tuple[str, ...]:
    """The numbers of the tables in the report's order, then FLAGS."""
    return (*described().tables, FLAGS)


class Observed(msgspec.Struct, frozen=True):
    """What judged visits show of agencies, by key of table 4.6: those that have it, of those it was settled for."""

    having: Mapping[str, frozenset[str]]
    settled: Mapping[str, frozenset[str]]


NOTHING_OBSERVED = Observed({}, {})


def observed_in(claims: Iterable[Claim]) -> Observed:
    """The facts of table 4.6 that visits show, from a campaign's claims: elements met, of those met or not met."""
    having: dict[str, set[str]] = {}
    settled: dict[str, set[str]] = {}
    for claim in claims:
        for each in claim.elements:
            key = OBSERVED.get((claim.item, each.element))
            if key is None or each.verdict.outcome not in (Outcome.MET, Outcome.NOT_MET):
                continue
            settled.setdefault(key, set()).add(claim.agency)
            if each.verdict.outcome is Outcome.MET:
                having.setdefault(key, set()).add(claim.agency)
    frozen = ({key: frozenset(names) for key, names in found.items()} for found in (having, settled))
    return Observed(*frozen)


def make_table(
    name: str, registry: Registry, counted: Sequence[CountedService], seen: Observed = NOTHING_OBSERVED
) -> Table:
    """One table of the assessed agencies of its block; a block's table holds every one of them, those without services last."""
    words = described()
    if name == FLAGS:
        return Table(name, words.flags_title, words.columns[FLAGS], tuple(_flags(registry, counted)))
    told = words.tables[name]
    agencies = [agency for agency in registry.agencies if agency.block is told.block and agency.assessed]
    names = {agency.id for agency in agencies}
    own = [each for each in counted if each.service.agency in names]
    if told.providing == "yes":
        agencies = [agency for agency in agencies if any(each.service.agency == agency.id for each in own)]
    rows = _overview(agencies, own, seen) if told.kind == "overview" else KINDS[told.kind](agencies, own)
    return Table(name, told.title, words.columns[told.kind], tuple(rows))


def _levels(_: Sequence[Agency], own: Sequence[CountedService]) -> list[Row]:
    rows: list[Row] = []
    for level in (3, 4):
        declared = [each for each in own if each.service.level == level]
        kept = [each for each in declared if each.counted]
        dossiers = sum(handles_online(each.service.dossiers_online) for each in kept)
        rows.append((level, len(declared), len(kept), len(declared) - len(kept), dossiers))
    return rows


def _agencies(agencies: Sequence[Agency], own: Sequence[CountedService]) -> list[Row]:
    counts = level_counts(own, [agency.id for agency in agencies])
    ranks = rank_services(counts)
    rows: list[Row] = []
    for place, agency, count in sorted(zip(ranks, agencies, counts, strict=True), key=lambda row: row[0]):
        mine = [each for each in own if each.service.agency == agency.id]
        rows.append((place, agency.name, count.level3, count.level4, count.total, *_beside(mine)))
    sums = [sum(getattr(count, field) for count in counts) for field in ("level3", "level4", "total")]
    return [*rows, (None, described().sentences["total"], *sums, *_beside(own))]


def _beside(mine: Sequence[CountedService]) -> tuple[int, int, int]:
    """Declared, excluded, flagged though counted."""
    return len(mine), sum(not each.counted for each in mine), sum(each.counted and bool(each.flag) for each in mine)


def _dossiers(agencies: Sequence[Agency], own: Sequence[CountedService]) -> list[Row]:
    reported: dict[tuple[str, int], list[str]] = {}
    for each in own:
        reported.setdefault((each.service.agency, each.service.level), []).append(each.service.dossiers_online)
    levels = [[reported.get((agency.id, level), []) for level in (3, 4)] for agency in agencies]
    counts = [dossier_count(agency.id, [*three, *four]) for agency, (three, four) in zip(agencies, levels, strict=True)]
    rows = zip(rank_dossiers(counts), agencies, levels, counts, strict=True)
    return [
        (place, agency.name, *map(_told, told), _total(count))
        for place, agency, told, count in sorted(rows, key=lambda row: row[0])
    ]


def dossier_count(agency: str, reported: Sequence[str]) -> DossierCount:
    """An agency's dossiers handled online, from what was reported of each service: the sum of the numbers, None where there is none; and for
    how many services only a share was given."""
    numbers = [number for text in reported if (number := reported_number(text)) is not None]
    shares = sum(bool(_SHARE.search(text)) for text in reported if reported_number(text) is None)
    return DossierCount(
        agency=agency, online_dossiers=sum(numbers) if numbers else None, services_with_shares=shares or None
    )


def handles_online(reported: str) -> bool:
    """Whether a service is reported to have handled dossiers online: a number or a share above zero."""
    number = reported_number(reported)
    return number > 0 if number is not None else bool(_SOME_SHARE.search(reported))


def _told(reported: Sequence[str]) -> str:
    """What an agency reported of one level, in a sentence."""
    words, count = described().sentences, dossier_count("", reported)
    parts = []
    if count.online_dossiers is not None:
        services = sum(reported_number(text) is not None for text in reported)
        parts.append(words["numbers"].format(services=services, dossiers=thousands(count.online_dossiers)))
    if count.services_with_shares:
        parts.append(words["shares"].format(services=count.services_with_shares))
    return "; ".join(parts)


def _total(count: DossierCount) -> str:
    words = described().sentences
    if count.online_dossiers is not None:
        return thousands(count.online_dossiers)
    return words["no-number"] if count.services_with_shares else words["nothing"]


def _services(agencies: Sequence[Agency], own: Sequence[CountedService]) -> list[Row]:
    names = {agency.id: agency.name for agency in agencies}
    listed = [each for agency in agencies for each in own if each.service.agency == agency.id]
    return [
        (
            number,
            names[each.service.agency],
            each.service.name,
            each.service.level,
            each.service.dossiers_online,
            each.reason,
        )
        for number, each in enumerate(listed, 1)
    ]


def _overview(agencies: Sequence[Agency], own: Sequence[CountedService], seen: Observed) -> list[Row]:
    words, names = described().sentences, {agency.id for agency in agencies}
    counts = level_counts(own, [agency.id for agency in agencies])
    rows: list[Row] = [
        (1, words["level3"], sum(count.level3 > 0 for count in counts), ""),
        (2, words["level4"], sum(count.level4 > 0 for count in counts), ""),
        (3, words["either"], sum(count.total > 0 for count in counts), ""),
    ]
    for place, key in enumerate(OBSERVED.values(), 4):
        settled = len(seen.settled.get(key, frozenset()) & names)
        number = len(seen.having.get(key, frozenset()) & names) if settled else None
        said = words["observed"].format(settled=settled, agencies=len(names)) if settled else words["not-observed"]
        rows.append((place, words[key], number, said))
    return rows


def _flags(registry: Registry, counted: Sequence[CountedService]) -> list[Row]:
    words, names = described().sentences, {agency.id: agency.name for agency in registry.agencies}
    return [
        (
            each.service.id, names.get(each.service.agency, each.service.agency), each.service.level, each.service.name,
            words["counted" if each.counted else "excluded"], each.flag.value, each.reason,
        )
        for each in sorted(counted, key=lambda each: (each.flag is not Flag.REMOVED, each.flag is not Flag.DEAD))
        if each.flag
    ]  # fmt: skip


def thousands(number: int) -> str:
    """A whole number as Vietnamese reports print it: 21.463.626."""
    return f"{number:,}".replace(",", ".")


KINDS: dict[str, Callable[[Sequence[Agency], Sequence[CountedService]], list[Row]]] = {
    "levels": _levels,
    "agencies": _agencies,
    "dossiers": _dossiers,
    "services": _services,
}
"""How each kind of table is made, but for the overview, which also takes what was observed."""
