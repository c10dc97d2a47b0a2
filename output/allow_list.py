"""Portals that did not let us look, and the letter that asks their operators to let us: who we are, when, what we were answered, by what right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from string import Template

import msgspec

from crawler import ledger
from crawler.model import StopReason, VisitStatus
from crawler.plan import VIETNAM
from crawler.politeness import user_agent
from crawler.registry import portals_of
from crawler.yaml_text import parse_text
from output.store import read_visits
from output.web.words import plain, words
from output.workspace import Workspace

SHOWN = 10
"""Answers a letter lists, the latest."""


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What the visits rest on, and where that was read."""

    text: str
    source: str


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """allow_list.yml."""

    source: str
    walls: frozenset[VisitStatus]
    grounds: tuple[Ground, ...]
    unknown_address: str
    letter: str


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """One visit that was refused: when, what home answered, and why the visit ended (home may be fine, and the wall behind it)."""

    at: datetime
    status: VisitStatus
    stop: StopReason | None = None

    @property
    def said(self) -> str:
        """What we were answered, in Vietnamese."""
        if self.status is VisitStatus.OK:
            return "trang chủ trả lời, các trang sau bị chặn"
        return words().statuses[self.status]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A portal that did not let us look, and every visit in which it did not, by time."""

    agency: str
    agency_name: str
    portal: str
    campaign: str
    agent: str
    met: tuple[Met, ...]


@cache
def wording() -> Wording:
    """The words of allow_list.yml."""
    tree, _ = parse_text(files("output").joinpath("allow_list.yml").read_text(encoding="utf-8"), "allow_list.yml")
    return msgspec.convert(tree, Wording, strict=False)


def refused_portals(workspace: Workspace, campaign: str) -> tuple[Refused, ...]:
    """The portals of a campaign that refused us, by agency: as the ledger's attempts tell, and judged visits that are in no plan."""
    registry = workspace.registry
    names = {agency.id: agency.name for agency in registry.agencies}
    agent = user_agent(workspace.settings.contact)
    found: dict[str, Refused] = {}
    agencies = {slot.id: slot.agency for slot in ledger.slots(workspace.conn, campaign)}
    for attempt in ledger.attempts(workspace.conn):
        if attempt.slot in agencies and attempt.status and is_wall(attempt.status, attempt.stop):
            agency = agencies[attempt.slot]
            portal = next((portal.url for portal in portals_of(registry, agency)), "")
            met = Met(at=attempt.begun, status=attempt.status, stop=attempt.stop)
            _add(found, Refused(agency=agency, agency_name=names.get(agency, agency), portal=portal, campaign=campaign,
                                agent=agent, met=(met,)))  # fmt: skip
    for visit in read_visits(workspace.store_path, campaign):
        if visit.request.id not in agencies and is_wall(visit.status, visit.stop):
            request, met = visit.request, Met(at=visit.started_at, status=visit.status, stop=visit.stop)
            _add(found, Refused(agency=request.agency, agency_name=request.agency_name, portal=request.portal, campaign=campaign,
                                agent=visit.vantage.user_agent or agent, met=(met,)))  # fmt: skip
    return tuple(
        msgspec.structs.replace(each, met=tuple(sorted(each.met, key=lambda met: met.at)))
        for _, each in sorted(found.items())
    )


def is_wall(status: VisitStatus, stop: StopReason | None) -> bool:
    """A visit that ended so was refused."""
    return status in wording().walls or stop is StopReason.BLOCKED


def _add(found: dict[str, Refused], one: Refused) -> None:
    before = found.get(one.agency)
    found[one.agency] = msgspec.structs.replace(before, met=(*before.met, *one.met)) if before else one


def request_text(refused: Refused, *, contact: str, addresses: Sequence[str] = ()) -> str:
    """The letter to a portal's operator, in Vietnamese. addresses: those our visits come from, which only those who run them know."""
    said = wording()
    shown = [f"- {met.at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}: {met.said}" for met in refused.met[-SHOWN:]]
    return Template(said.letter).substitute(
        portal=plain(refused.portal, 300),
        agency=plain(refused.agency_name, 200),
        campaign=plain(refused.campaign, 60),
        answers="\n".join(shown),
        agent=plain(refused.agent, 300),
        addresses=", ".join(addresses) or said.unknown_address,
        contact=plain(contact, 200),
        grounds="\n".join(f"- {ground.text}." for ground in said.grounds),
    )
