"""A declared online service judged over a whole campaign: a finding and a claim of the same form as those of portals. Pure.

What is asked, its words and its signs stand in services.yml; when a service is stable and when it is dead say the rules handed in. The claim's
item is `dvc.<service>`, its findings' visit `<campaign>.probes`: all sealed batches together. A pointer's page is `<sealed folder>/<line in it>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import cache
from importlib.resources import files

import msgspec

from checklists.evaluate import item_outcome
from checklists.liveness import (
    LOCAL,
    DeadRule,
    Liveness,
    LivenessRule,
    Stability,
    shown_dead,
    stability,
)
from checklists.merge import merge
from checklists.model import (
    Claim,
    Element,
    ElementFinding,
    Finding,
    Item,
    Law,
    Mode,
    Outcome,
    Part,
    Pointer,
    Verdict,
)
from checklists.signs import Sign, SignSeen
from checklists.targets import digest
from crawler.model import Block
from crawler.services.model import Service
from crawler.yaml_text import parse_text

PREFIX = "dvc."
"""How the item of a claim on a service begins; no checklist's item can, for its id has no dot."""

WORKING, STABLE, LEVEL = "working", "stable", "level"
"""The elements that carry something; all others are signs, observed and never counted."""


class ServiceElement(msgspec.Struct, frozen=True):
    title: str
    mend: str
    sentences: dict[str, str]


class PortalFacts(msgspec.Struct, frozen=True):
    """What probes say of portals' own duties."""

    pages: tuple[str, ...]
    section: str
    operation: dict[str, str]
    sentences: dict[str, str]


class ServiceChecklist(msgspec.Struct, frozen=True, kw_only=True):
    """services.yml."""

    id: str
    title: str
    version: str
    rule: str
    question: str
    law: Law
    guidance: str
    mend: str
    assumed: tuple[str, ...]
    fine: str
    least_data: int
    elements: dict[str, ServiceElement]
    signs: dict[str, Sign]
    sign_sentences: dict[str, str]
    layers: dict[str, str]
    portal: PortalFacts

    @property
    def name(self) -> str:
        """How findings name what they were judged by."""
        return f"{self.id}@{self.version}"


@cache
def service_checklist() -> ServiceChecklist:
    """What services.yml says."""
    tree, _ = parse_text(files("checklists").joinpath("services.yml").read_text(encoding="utf-8"), "services.yml")
    return msgspec.convert(tree, ServiceChecklist, strict=False)


@cache
def service_digest() -> str:
    """SHA-256 over what services.yml says."""
    return digest(service_checklist())


def item_of(service: str) -> str:
    """The item of the claim on a service."""
    return f"{PREFIX}{service}"


def service_of(item: str) -> str:
    """The service a claim's item stands for, '' where it is an item of a portal's checklist."""
    return item.removeprefix(PREFIX) if item.startswith(PREFIX) else ""


def described(name: str) -> Item:
    """A service, called by its name, as an item with its law, guidance and elements."""
    told = service_checklist()
    elements = [
        Element(
            id=each, title=one.title, sections=(), evaluator="", parameters={}, sentences=one.sentences, mend=one.mend
        )
        for each, one in told.elements.items()
    ]
    signs = [
        Element(
            id=each,
            title=sign.title,
            sections=(),
            evaluator="",
            parameters={},
            sentences=told.sign_sentences,
            mend="",
            statistic=True,
        )
        for each, sign in told.signs.items()
    ]
    return Item(
        id=told.id,
        title=name,
        part=Part.SERVICE,
        mode=Mode.AUTOMATIC,
        law=told.law,
        blocks=tuple(Block),
        question=told.question,
        elements=(*elements, *signs),
        guidance=told.guidance,
        mend=told.mend,
        assumed=told.assumed,
    )


# --- what was seen -------------------------------------------------------------------------------------------------------------------------


class Stated(msgspec.Struct, frozen=True):
    """A level a page of the agency's portal states for a service, and where."""

    level: int
    where: Pointer


class ServiceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign saw of a service: its liveness (None where it was not probed), a stored look at it alive and one at its longest outage, the
    signs its own page shows (None where no page of it was kept), the level the portal states."""

    service: Service
    live: Liveness | None = None
    alive: Pointer | None = None
    down: Pointer | None = None
    signs: Mapping[str, SignSeen] | None = None
    stated: Stated | None = None


def judge_service(campaign: str, seen: ServiceSeen, stable: LivenessRule, dead: DeadRule) -> Finding:
    """The campaign's finding on a service. A person is asked where it is shown dead or its level is contradicted: nothing else can take it out of
    the count or change what is said of it."""
    told, service = service_checklist(), seen.service
    verdicts = {
        WORKING: working(seen, dead),
        STABLE: steady(seen, stable),
        LEVEL: level(seen),
    }
    elements = [
        ElementFinding(element=name, verdict=verdict, message=sentence(told.elements[name].sentences, verdict))
        for name, verdict in verdicts.items()
    ]
    outcome = item_outcome([one.verdict.outcome for one in elements])
    return Finding(
        id=f"{campaign}.probes/{item_of(service.id)}",
        visit=f"{campaign}.probes",
        campaign=campaign,
        agency=service.agency,
        item=item_of(service.id),
        checklist=told.name,
        checklist_digest=service_digest(),
        outcome=outcome,
        message=message_of(elements),
        elements=(*elements, *sign_findings(seen)),
        needs_person=verdicts[WORKING].outcome is Outcome.NOT_MET or verdicts[LEVEL].outcome is Outcome.UNSURE,
        assisted=verdicts[WORKING].outcome is Outcome.NOT_MET,
        seen_at=seen.live.last_at.isoformat() if seen.live and seen.live.last_at else "",
    )


def message_of(elements: Sequence[ElementFinding]) -> str:
    """What is to be said of a service: that it is dead, else what is wanting or doubtful, else that nothing is."""
    working, *_ = elements
    if working.verdict.outcome is not Outcome.MET:
        return working.message
    fine = (Outcome.MET, Outcome.NOT_APPLICABLE)
    return " ".join(one.message for one in elements if one.verdict.outcome not in fine) or service_checklist().fine


def claim_on(finding: Finding) -> Claim:
    """The claim of a campaign's one finding on a service."""
    return msgspec.structs.replace(merge((finding,)), rule=service_checklist().rule)


def working(seen: ServiceSeen, rule: DeadRule) -> Verdict:
    """Whether a service works: not met only where it is shown dead, met where it was ever seen alive, else not observed."""
    live = seen.live
    if live is None or not live.sightings:
        return Verdict(outcome=Outcome.NOT_OBSERVED, reason="not-probed")
    values = figures(live)
    if shown_dead(live, rule):
        return Verdict(outcome=Outcome.NOT_MET, reason="dead", values=values, seen=pointers(seen.down))
    if live.alive:
        return Verdict(outcome=Outcome.MET, reason="alive", values=values, seen=pointers(seen.alive))
    reason = "too-few" if live.determinable else "blocked"
    return Verdict(outcome=Outcome.NOT_OBSERVED, reason=reason, values=values, seen=pointers(seen.down))


def steady(seen: ServiceSeen, rule: LivenessRule) -> Verdict:
    """Whether a service works stably."""
    live = seen.live
    if live is None or not live.sightings:
        return Verdict(outcome=Outcome.NOT_OBSERVED, reason="not-probed")
    values, found = figures(live), stability(live, rule)
    if found is Stability.STABLE:
        return Verdict(outcome=Outcome.MET, reason="stable", values=values, seen=pointers(seen.alive))
    if found is Stability.UNSTABLE:
        where = pointers(seen.down, seen.alive)
        return Verdict(outcome=Outcome.NOT_MET, reason="unstable", values=values, seen=where)
    return Verdict(outcome=Outcome.NOT_OBSERVED, reason="undetermined", values=values)


def level(seen: ServiceSeen) -> Verdict:
    """Whether anything seen contradicts the declared level: never held against the service, for a person to look at."""
    told, declared = service_checklist(), seen.service.level
    values = {"declared": str(declared)}
    if seen.stated is not None:
        values["stated"] = str(seen.stated.level)
        outcome, reason = (Outcome.MET, "agrees") if seen.stated.level == declared else (Outcome.UNSURE, "differs")
        return Verdict(outcome=outcome, reason=reason, values=values, seen=(seen.stated.where,))
    found = seen.signs or {}
    higher = {name: one for name, one in found.items() if told.signs[name].level >= 3}
    if higher:
        values["signs"] = "; ".join(told.signs[name].title.lower() for name in higher)
        return Verdict(
            outcome=Outcome.MET, reason="fits", values=values, seen=tuple(one.seen[0] for one in higher.values())[:3]
        )
    data = next((one for name, one in found.items() if told.signs[name].data), None)
    if data is not None and len(data.names) >= told.least_data and seen.service.checked:
        values["data"] = str(len(data.names))
        return Verdict(outcome=Outcome.UNSURE, reason="only-information", values=values, seen=data.seen)
    return Verdict(outcome=Outcome.NOT_APPLICABLE, reason="nothing-seen", values=values)


def sign_findings(seen: ServiceSeen) -> tuple[ElementFinding, ...]:
    """Each sign of a level as a statistic: seen with where, or not seen on the pages looked at."""
    told = service_checklist()
    made = []
    for name, sign in told.signs.items():
        found = (seen.signs or {}).get(name)
        if found is None:
            verdict = Verdict(outcome=Outcome.NOT_OBSERVED, reason="not-seen")
        elif sign.data:
            values = {"count": str(len(found.names)), "names": ", ".join(found.names)}
            outcome = Outcome.MET if len(found.names) == len(sign.data) else Outcome.PARTLY_MET
            verdict = Verdict(outcome=outcome, reason="some", values=values, seen=found.seen)
        else:
            verdict = Verdict(
                outcome=Outcome.MET, reason="seen", values={"quote": found.seen[0].quote}, seen=found.seen
            )
        made.append(
            ElementFinding(
                element=name, verdict=verdict, message=sentence(told.sign_sentences, verdict), statistic=True
            )
        )
    return tuple(made)


# --- saying it -----------------------------------------------------------------------------------------------------------------------------


def figures(live: Liveness) -> dict[str, str]:
    """A service's liveness in words that sentences take."""
    layers = service_checklist().layers
    return {
        "alive": str(live.alive),
        "determinable": str(live.determinable),
        "sightings": str(live.sightings),
        "blocked": str(live.blocked),
        "ours": str(live.ours),
        "days": str(live.down_days),
        "outages": str(live.outages),
        "share": rounded(100 * (live.alive_share or Fraction(0))),
        "known": rounded(100 * live.determinable_share),
        "longest": rounded(Fraction(int(live.longest_outage.total_seconds()), 3600)),
        "from": shown(live.longest_from),
        "layers": ", ".join(f"{layers[each]} ({times})" for each, times in live.layers.items() if each) or "–",
    }


def rounded(number: Fraction) -> str:
    """A number with at most one decimal, after a comma."""
    return f"{float(number):.1f}".removesuffix(".0").replace(".", ",")


def shown(moment: datetime | None) -> str:
    """A moment in Vietnam's time, '' for none."""
    return moment.astimezone(LOCAL).strftime("%H:%M %d/%m/%Y") if moment else ""


def sentence(sentences: Mapping[str, str], verdict: Verdict) -> str:
    """The verdict's sentence, filled."""
    return sentences[verdict.reason].format(**verdict.values)


def pointers(*places: Pointer | None) -> tuple[Pointer, ...]:
    """The places there are."""
    return tuple(place for place in places if place is not None)
