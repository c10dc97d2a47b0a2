"""Which declared services count, and why not. Pure, but for reading the rule.

Counted = declared at level 3 or 4 and not shown dead. A removal stands only when a person confirmed it; what could not be determined stays
counted and is flagged.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import msgspec
from pydantic import Field

from checklists.liveness import DeadRule, Liveness, LivenessRule, Stability, shown_dead, stability
from checklists.model import Claim, Outcome
from checklists.review import Review, by_claim, machine_outcomes, standing
from checklists.services import WORKING, service_of
from crawler.problems import BadInput, Problem, bad_input
from crawler.services.model import Service
from crawler.yaml_text import load_text
from scoring.load import read_entry
from scoring.method_file import Entry, Id, Number, SourcedEntry, Words
from scoring.rank import ServiceCount

RULES = Path(__file__).parent / "rules"
RULE_2016 = "dvctt-2016"


class Flag(StrEnum):
    """What must be said of a service beside its being counted; only `removed` takes it out."""

    NONE = ""
    REMOVED = "removed"
    DEAD = "dead"
    OVERTURNED = "overturned"
    UNDETERMINED = "undetermined"
    NOT_PROBED = "not-probed"
    NO_ADDRESS = "no-address"
    UNSTABLE = "unstable"


class CountingRule(msgspec.Struct, frozen=True, kw_only=True):
    """A way to count services. sentences: Vietnamese text by flag, and `rule`, which tells the rule itself; assumed where no source gives it."""

    id: str
    title: str
    version: str
    stable: LivenessRule
    dead: DeadRule
    assumed: bool
    sentences: dict[str, str]


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What people settled on a service: that it does not work, or that it does. dead: what the machine said of it when they did."""

    removed: bool
    dead: bool
    reviewer: str
    reviewed_at: datetime
    justification: str


def words_of(claims: Iterable[Claim], reviews: Iterable[Review]) -> dict[str, Word]:
    """What people settled on services, by their ids: decisions on a claim as it is now, enough of them, undisputed."""
    decided = by_claim(reviews)
    words = {}
    for claim in claims:
        entries = decided.get(claim.id, [])
        if not entries:
            continue
        machine = machine_outcomes(claim)
        left = standing(claim.digest, machine, entries)
        judged = left.elements[WORKING]
        votes = [vote for vote in left.votes if vote.reviewer in judged.people and vote.elements]
        if votes and judged.outcome in (Outcome.MET, Outcome.NOT_MET):
            last = votes[-1]
            words[service_of(claim.item)] = Word(
                removed=judged.outcome is Outcome.NOT_MET,
                dead=machine[WORKING] is Outcome.NOT_MET,
                reviewer=", ".join(judged.people),
                reviewed_at=last.reviewed_at,
                justification=last.text or "–",
            )
    return words


class CountedService(msgspec.Struct, frozen=True, kw_only=True):
    """A declared service of level 3 or 4 and whether it counts; reason is Vietnamese, '' where nothing is to be said."""

    service: Service
    counted: bool
    flag: Flag
    reason: str
    seen: Liveness | None
    verdict: Stability


def count(
    services: Iterable[Service], seen: Mapping[str, Liveness], words: Mapping[str, Word], rule: CountingRule
) -> tuple[CountedService, ...]:
    """Every declared service of level 3 or 4, in the order given, and whether it counts."""
    return tuple(
        _counted(service, seen.get(service.id), words.get(service.id), rule) for service in services if service.checked
    )


def level_counts(counted: Iterable[CountedService], agencies: Iterable[str]) -> list[ServiceCount]:
    """Counted services by level for each of the agencies, in their order; 0 where an agency has none."""
    levels: dict[tuple[str, int], int] = {}
    for each in counted:
        if each.counted:
            key = (each.service.agency, each.service.level)
            levels[key] = levels.get(key, 0) + 1
    return [
        ServiceCount(agency=agency, level3=levels.get((agency, 3), 0), level4=levels.get((agency, 4), 0))
        for agency in agencies
    ]


def _counted(service: Service, seen: Liveness | None, word: Word | None, rule: CountingRule) -> CountedService:
    verdict = Stability.UNDETERMINED if seen is None else stability(seen, rule.stable)
    flag = _flag(service, seen, word, verdict, rule)
    said = ""
    if flag:
        day = word.reviewed_at.strftime("%d/%m/%Y") if word else ""
        filled = {"reviewer": word.reviewer, "day": day, "justification": word.justification} if word else {}
        said = rule.sentences[flag].format(**filled)
    return CountedService(
        service=service, counted=flag is not Flag.REMOVED, flag=flag, reason=said, seen=seen, verdict=verdict
    )


def _flag(service: Service, seen: Liveness | None, word: Word | None, verdict: Stability, rule: CountingRule) -> Flag:
    if seen is None or not seen.sightings:
        return Flag.NOT_PROBED if service.url else Flag.NO_ADDRESS
    dead = shown_dead(seen, rule.dead)
    # A word on what the probes no longer show waits for the claim to be made anew, as any stale decision does.
    if word is not None and word.dead is dead and (dead or word.removed):
        return Flag.REMOVED if word.removed else Flag.OVERTURNED
    if dead:
        return Flag.DEAD
    return {Stability.UNDETERMINED: Flag.UNDETERMINED, Stability.UNSTABLE: Flag.UNSTABLE}.get(verdict, Flag.NONE)


def rule_sentence(rule: CountingRule) -> str:
    """The rule itself in Vietnamese, to stand beside every table it made."""
    return rule.sentences["rule"].format(
        alive=percent(rule.stable.alive_share),
        determinable=percent(rule.stable.determinable_share),
        outage=plain_number(rule.stable.longest_outage_hours),
        sightings=rule.dead.sightings,
        days=rule.dead.days,
    )


def percent(share: Fraction) -> str:
    """A share as a per cent number with as many decimals as it needs, comma before them."""
    return plain_number(share * 100)


def plain_number(number: Fraction) -> str:
    """A number with a decimal comma, without needless zeros."""
    return f"{float(number):.10g}".replace(".", ",")


# --- the rule's file ------------------------------------------------------------------------------------------------------------------------


class _StableEntry(SourcedEntry):
    alive_share: Annotated[Number, Field(le=1)]
    determinable_share: Annotated[Number, Field(le=1)]
    longest_outage_hours: Number
    bridge_hours: Number
    z: Annotated[Number, Field(gt=0)]


class _DeadEntry(SourcedEntry):
    alive_share: Annotated[Number, Field(le=1)]
    determinable_share: Annotated[Number, Field(le=1)]
    sightings: Annotated[int, Field(ge=1)]
    days: Annotated[int, Field(ge=1)]


class _RuleEntry(Entry):
    id: Id
    title: Words
    version: Words
    stable: _StableEntry
    dead: _DeadEntry
    count: SourcedEntry
    sentences: dict[str, Words]


PLACES = {
    "rule": {"alive", "determinable", "outage", "sightings", "days"},
    Flag.REMOVED: {"reviewer", "day", "justification"},
    Flag.OVERTURNED: {"reviewer", "day", "justification"},
}
"""What may be filled into a rule's sentences; nothing into those not named."""


def counting_rule(name: str = RULE_2016) -> CountingRule:
    """The rule of that name that ships with the program; BadInput where there is none or its file has mistakes, all of them at once."""
    path = RULES / f"{name}.yml"
    if not path.is_file():
        raise bad_input(f"{name}.yml", f"there is no counting rule “{name}”")
    return load_rule(path)


def load_rule(path: Path) -> CountingRule:
    """The counting rule of a YAML file. Raises BadInput with every mistake."""
    tree, lines = load_text(path)
    problems: list[Problem] = []
    read = read_entry(_RuleEntry, tree, (), lines, problems)
    sentences = read.sentences if read else {}
    wanted = {"rule", *(flag.value for flag in Flag if flag)}
    for key in sorted(wanted ^ sentences.keys()) if read else ():
        said = "the sentence is missing" if key in wanted else "there is no such sentence"
        problems.append(lines.problem(("sentences", key), said))
    for key, text in sentences.items():
        unknown = {name for _, name, *_ in string.Formatter().parse(text) if name} - PLACES.get(key, set())
        problems += [lines.problem(("sentences", key), f"nothing fills {{{name}}}") for name in sorted(unknown)]
    if problems or read is None:
        raise BadInput(sorted(problems, key=lambda problem: problem.line))
    stable, dead = read.stable, read.dead
    return CountingRule(
        id=read.id,
        title=read.title,
        version=read.version,
        stable=LivenessRule(
            alive_share=stable.alive_share,
            determinable_share=stable.determinable_share,
            longest_outage_hours=stable.longest_outage_hours,
            bridge_hours=stable.bridge_hours,
            z=stable.z,
        ),
        dead=DeadRule(
            alive_share=dead.alive_share,
            determinable_share=dead.determinable_share,
            sightings=dead.sightings,
            days=dead.days,
        ),
        assumed=stable.assumed or dead.assumed or read.count.assumed,
        sentences=read.sentences,
    )
