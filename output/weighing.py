"""Joins store, registry and method offline: a campaign's claims in, scores and ranked tables out. Same claims and method, same records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from checklists.load import load_checklist
from checklists.model import Checklist, Claim, Mode
from checklists.review import Review
from crawler.ledger import slots
from crawler.model import Block, Visit
from crawler.registry import Registry, official_portal
from output.exits import Exit, Stop
from output.reviews import reviews
from output.store import read_claims, read_findings, read_visits, write_scored
from output.workspace import Workspace
from scoring.load import find_method
from scoring.model import IndexScore, Method, RankRow
from scoring.rank import rank
from scoring.score import score
from scoring.settle import settle


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign's result under a method: per block the agencies in the registry's order, their scores in that order, the ranked table.

    agencies holds every agency of the campaign, also those that are not assessed: these have no score, and `left_out` says why.
    """

    campaign: str
    method: Method
    checklist: Checklist
    agencies: Mapping[str, WeighedAgency]
    scores: Mapping[Block, tuple[IndexScore, ...]]
    ranks: Mapping[Block, tuple[RankRow, ...]]
    left_out: Mapping[str, str]

    def scores_in_order(self) -> list[IndexScore]:
        """All scores, block after block."""
        return [score for block in self.scores.values() for score in block]


class WeighedAgency(msgspec.Struct, frozen=True, kw_only=True):
    """An agency as tables name it: its id, block, name and the host of its portal."""

    id: str
    block: Block
    name: str
    portal: str


def weigh_campaign(workspace: Workspace, campaign: str, method_name: str) -> Weighed:
    """The campaign scored and ranked from the claims in the store, and written there.

    Raises Stop where nothing of the campaign was judged, or it was judged under a checklist other than the one that is here now.
    """
    method = find_method(method_name)
    claims = read_claims(workspace.store_path, campaign)
    if not claims:
        advice = f"run: kiemcong evaluate --campaign {campaign}"
        raise Stop(f"nothing of campaign {campaign} was judged yet — {advice}", Exit.BAD_INPUT)
    checklist = checklist_of(workspace, campaign, claims)
    planned = [slot.agency for slot in slots(workspace.conn, campaign)]
    agencies = agencies_of(workspace.registry, planned, read_visits(workspace.store_path, campaign), claims)
    decided = reviews(workspace.conn)
    weighed = weigh(campaign, method, checklist, agencies, left_out_of(workspace.registry, agencies), claims, decided)
    write_scored(workspace.store_path, campaign, method.id, weighed.scores_in_order(), weighed.ranks)
    return weighed


def weigh(
    campaign: str,
    method: Method,
    checklist: Checklist,
    agencies: Mapping[str, WeighedAgency],
    left_out: Mapping[str, str],
    claims: Iterable[Claim],
    decided: Iterable[Review] = (),
) -> Weighed:
    """The agencies scored and ranked, each block apart, in the order of the method's blocks. decided: what people made of the claims."""
    assisted = {item.id for item in checklist.items if item.mode is Mode.ASSISTED}
    observations = settle(claims, assisted=assisted, reviews=decided)
    judged = {item.id for item in checklist.items}
    scores = {}
    for block in method.blocks:
        names = [agency.id for agency in agencies.values() if agency.block is block and agency.id not in left_out]
        if names:
            scores[block] = score(method, block, names, observations, judged=judged)
    return Weighed(
        campaign=campaign,
        method=method,
        checklist=checklist,
        agencies=agencies,
        scores=scores,
        ranks={block: rank(method, made) for block, made in scores.items()},
        left_out=left_out,
    )


def checklist_of(workspace: Workspace, campaign: str, claims: Sequence[Claim]) -> Checklist:
    """The checklist the campaign was judged by, as it is here now; Stop where that is another, or more than one was used."""
    names = sorted({claim.checklist for claim in claims})
    digests = {finding.checklist_digest for finding in read_findings(workspace.store_path, campaign)}
    advice = f"run: kiemcong evaluate --campaign {campaign}"
    if len(names) > 1 or len(digests) > 1:
        raise Stop(f"campaign {campaign} was judged by more than one checklist — {advice}", Exit.BAD_INPUT)
    checklist = load_checklist(names[0].partition("@")[0])
    if digests - {checklist.digest}:
        raise Stop(f"campaign {campaign} was judged by another version of {names[0]} — {advice}", Exit.BAD_INPUT)
    return checklist


def agencies_of(
    registry: Registry, planned: Iterable[str], visits: Iterable[Visit], claims: Iterable[Claim]
) -> dict[str, WeighedAgency]:
    """Every agency the campaign planned, visited or judged, in the registry's order; one the registry does not know as its visit names it, last.

    Where a whole block of the registry is there, its agencies that are not assessed are among them.
    """
    visited = {visit.request.agency: visit for visit in visits}
    wanted = {*planned, *visited, *(claim.agency for claim in claims)}
    partial = {agency.block for agency in registry.agencies if agency.assessed and agency.id not in wanted}
    found: dict[str, WeighedAgency] = {}
    for agency in registry.agencies:
        if agency.id in wanted or (agency.not_assessed and agency.block not in partial):
            portal = official_portal(registry, agency.id)
            host = host_of(portal.url) if portal else ""
            found[agency.id] = WeighedAgency(id=agency.id, block=agency.block, name=agency.name, portal=host)
    for name, visit in sorted(visited.items()):
        request = visit.request
        found.setdefault(
            name,
            WeighedAgency(
                id=name, block=request.block, name=request.agency_name, portal=host_of(request.declared_address)
            ),
        )
    return found


def left_out_of(registry: Registry, agencies: Mapping[str, WeighedAgency]) -> dict[str, str]:
    """Why agencies are not assessed, by id."""
    return {
        agency.id: agency.not_assessed for agency in registry.agencies if agency.not_assessed and agency.id in agencies
    }


def host_of(address: str) -> str:
    """The host of an address as tables print it, with its port where it has one."""
    return urlsplit(address if "://" in address else f"//{address}").netloc.rpartition("@")[2]


def takes_measures(method: Method) -> bool:
    """Whether the method is scored from imported measures alone."""
    return all(leaf.measure for leaf in method.leaves.values())
