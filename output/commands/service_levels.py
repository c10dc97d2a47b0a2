"""`kiemcong services levels`: what is seen of each service's level, beside what was declared."""

from __future__ import annotations

from pathlib import Path

import click

from checklists.model import Claim, Outcome
from checklists.services import LEVEL, service_checklist, service_of
from crawler.registry import resolve
from crawler.services.model import Service
from output.commands.place_and_time import workspace_option
from output.exits import Exit, Stop
from output.services import load_services
from output.store import read_service_claims
from output.tables import format_option, print_table
from output.workspace import open_workspace

MARKS = {Outcome.MET: "✓", Outcome.PARTLY_MET: "◐"}


@click.command("levels")
@workspace_option
@click.option("--campaign", required=True, metavar="YEAR", help="The campaign, such as 2016.")
@click.option("--agency", metavar="NAME", help="This agency's services only.")
@click.option("--contradicted", is_flag=True, help="Only services something seen speaks against.")
@format_option
def levels(workspace: Path, campaign: str, agency: str | None, contradicted: bool, form: str) -> None:
    """Show, for each judged service, its declared level, the one the portal states, and the signs of a level its pages show.

    The level that counts stays the declared one; what speaks against it is for an auditor (`kiemcong review`).
    """
    told = service_checklist()
    with open_workspace(workspace) as opened:
        only = resolve(opened.registry, agency, file="--agency").id if agency else None
        services = {each.id: each for each in load_services(opened.conn, only)}
        claims = read_service_claims(opened.store_path, campaign)
    if not claims:
        raise Stop(
            f"no service was judged in campaign {campaign} — run: kiemcong evaluate --campaign {campaign}",
            Exit.BAD_INPUT,
        )
    rows = [
        level_row(services[service_of(claim.item)], claim, form)
        for claim in claims
        if service_of(claim.item) in services and (not contradicted or verdict_on(claim) is Outcome.UNSURE)
    ]
    titles = [sign.title for sign in told.signs.values()]
    headings = ("mã", "cơ quan", "dịch vụ", "khai báo", "cổng nêu", "so với khai báo", *titles)
    fields = ("service", "agency", "name", "declared", "stated", "verdict", *told.signs)
    print_table(headings if form == "table" else fields, rows, form, f"Mức độ thấy được, đợt {campaign} ({len(rows)})")


def verdict_on(claim: Claim) -> Outcome:
    """What is said of a service's level."""
    return next(one.verdict.outcome for one in claim.elements if one.element == LEVEL)


def level_row(service: Service, claim: Claim, form: str) -> tuple[object, ...]:
    """A service with what is seen of its level: each sign as a mark in a table, as its outcome elsewhere."""
    found = {one.element: one for one in claim.elements}
    level = found[LEVEL]
    signs = [found[name].verdict.outcome for name in service_checklist().signs]
    shown = [MARKS.get(outcome, "") if form == "table" else outcome.value for outcome in signs]
    stated = level.verdict.values.get("stated", "")
    said = level.message if form == "table" else level.verdict.reason
    return service.id, service.agency, service.name, service.level, stated, said, *shown
