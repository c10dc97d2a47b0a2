"""`kiemcong visit`: look at one portal now."""

from __future__ import annotations

import re
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec

from checklists.load import load_checklist
from checklists.targets import compile_targets
from crawler.clock import wall
from crawler.model import Block, VisitRequest
from crawler.problems import bad_input
from crawler.registry import Registry, portals_of, resolve
from crawler.work import work
from output.commands.judge import show_ending, show_findings
from output.commands.looking import Looking, looking_options
from output.commands.place_and_time import workspace_option
from output.exits import Exit, Stop
from output.judging import AD_HOC, CHECKLIST, judge
from output.progress import visits_shown
from output.running import OneVisit
from output.tables import format_option
from output.workspace import open_workspace


@click.command("visit")
@workspace_option
@click.option("--agency", help="An agency of the registry: its id, name or address.")
@click.option("--portal", help="Any portal's address, with --block.")
@click.option(
    "--block", type=click.Choice([block.value for block in Block]), help="Whose duties bind the portal's agency."
)
@click.option("--name", default="", help="The agency's name, where the registry does not know it.")
@looking_options
@format_option
def visit_command(
    workspace: Path, agency: str | None, portal: str | None, block: str | None, name: str, looking: Looking, form: str
) -> None:
    """Visit one portal now, judge it and show what was found. It counts in no campaign."""
    if bool(agency) == bool(portal):
        raise bad_input("visit", "name either --agency or --portal", "kiemcong visit --agency da-nang")
    if portal and not block:
        raise bad_input(
            "visit", "--portal needs to know whose duties bind it", "add --block bo, cqtcp, tinh, so or huyen"
        )
    with open_workspace(workspace) as opened:
        now = looking.now or wall()
        registry = opened.registry
        request = (
            known_request(registry, agency, now)
            if agency
            else free_request(portal or "", Block(block or ""), name, now)
        )
        checklist = load_checklist(CHECKLIST)
        request = fit(request, looking)
        with visits_shown() as tell:
            feed = OneVisit(request, compile_targets(checklist, block=request.block), tell)
            work(feed, looking.work_options(opened, concurrency=1))
        folder = folder_of(feed)
        findings = judge(checklist, [folder])
    seen = feed.sealed
    if seen is None or not seen.visit.reached:
        told = f"{seen.visit.status.value}: {seen.error}" if seen else "?"
        raise Stop(
            f"{request.portal} was not reached ({told.rstrip(': ')}); what was tried lies in {folder}", Exit.UNREACHABLE
        )
    show_findings(checklist, findings, folder, form)
    show_ending(seen.visit)


def folder_of(feed: OneVisit) -> Path:
    """The folder a single visit was sealed in. Raises Stop where it broke on our side."""
    if feed.sealed is None:
        raise Stop(f"the visit broke on our side: {feed.error}", Exit.UNREACHABLE)
    return Path(feed.sealed.folder)


def fit(request: VisitRequest, looking: Looking) -> VisitRequest:
    """The request with the budget and pictures asked for."""
    return msgspec.structs.replace(request, budget=looking.budget, pictures=looking.pictures)


def known_request(registry: Registry, name: str, now: datetime) -> VisitRequest:
    """A visit, outside any campaign, to an agency of the registry."""
    agency = resolve(registry, name, file="--agency")
    portals = portals_of(registry, agency.id)
    if not portals:
        raise bad_input(
            "--agency", f"{agency.name} has no portal in the registry", "import its address, or use --portal"
        )
    siblings = {portal.sibling: portal.url for portal in portals if portal.sibling}
    return _request(agency.id, agency.name, agency.block, portals[0].url, now, siblings)


def free_request(portal: str, block: Block, name: str, now: datetime) -> VisitRequest:
    """A visit to any portal."""
    if not portal.startswith(("http://", "https://")) or not urlsplit(portal).hostname:
        raise bad_input(
            "--portal", f"“{portal}” is not an address", "write it in full, such as http://www.danang.gov.vn/"
        )
    host = urlsplit(portal).netloc
    return _request(re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-"), name or host, block, portal, now, {})


def _request(
    agency: str, name: str, block: Block, portal: str, now: datetime, siblings: dict[str, str]
) -> VisitRequest:
    return VisitRequest(
        id=f"{AD_HOC}.{agency}.{time.strftime('%Y%m%dT%H%M%S')}",
        campaign=AD_HOC,
        agency=agency,
        agency_name=name,
        block=block,
        portal=portal,
        declared_address=portal,
        now=now,
        siblings=siblings,
    )
