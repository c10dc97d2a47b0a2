"""`kiemcong services compare`: what agencies declared against what their portals list."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.dossier import read_dossier
from crawler.registry import resolve
from crawler.services.discovery import Difference, FoundService, Gap, differences, found_services
from output.commands.place_and_time import workspace_option
from output.exits import Exit, Stop
from output.judging import folders_of
from output.services import load_services
from output.tables import format_option, print_table
from output.workspace import Workspace, open_workspace

WORDS = {
    Gap.LEVEL: "khác mức độ",
    Gap.NOT_FOUND: "khai báo, chưa thấy trên cổng",
    Gap.NOT_DECLARED: "có trên cổng, không khai báo",
}


@click.command("compare")
@workspace_option
@click.option("--campaign", required=True, metavar="YEAR", help="The campaign whose visits are read.")
@click.option("--agency", metavar="NAME", help="This agency only.")
@format_option
def compare(workspace: Path, campaign: str, agency: str | None, form: str) -> None:
    """List where declared services differ from those the portal lists with their level: level differs, not found, not declared.

    Read from the pages of the campaign's sealed visits. A difference is a question for an auditor; the count keeps to what was declared.
    """
    with open_workspace(workspace) as opened:
        only = resolve(opened.registry, agency, file="--agency").id if agency else None
        listed = listed_by_agency(opened, campaign, only)
        rows = []
        for name, found in listed.items():
            told = differences(load_services(opened.conn, name), found)
            rows += [difference_row(name, each, form) for each in told]
            click.echo(f"{name}: {len(found)} services listed with their level, {len(told)} differences", err=True)
    columns = ("agency", "difference", "service", "declared_level", "stated_level", "page", "quote")
    print_table(columns, rows, form, f"Khai báo so với cổng, đợt {campaign}")


def listed_by_agency(workspace: Workspace, campaign: str, only: str | None) -> dict[str, tuple[FoundService, ...]]:
    """The services each visited agency's portal lists, over all its sealed visits of the campaign."""
    folders = folders_of(workspace.visits, campaign)
    if not folders:
        raise Stop(f"campaign {campaign} has no sealed visit yet — run: kiemcong run --due-now", Exit.BAD_INPUT)
    found: dict[str, dict[str, FoundService]] = {}
    for folder in folders:
        dossier = read_dossier(folder)
        agency = dossier.visit.request.agency
        if only in (None, agency):
            kept = found.setdefault(agency, {})
            for each in found_services(dossier.pages):
                kept.setdefault(each.name, each)
    return {agency: tuple(kept.values()) for agency, kept in sorted(found.items())}


def difference_row(agency: str, each: Difference, form: str) -> tuple[object, ...]:
    """A difference as a row; the page and quote are the portal's own, where it has the service."""
    name = each.declared.name if each.declared else each.found.name if each.found else ""
    declared = each.declared.level if each.declared else None
    stated, page, quote = (each.found.level, each.found.url, each.found.quote) if each.found else (None, "", "")
    return agency, WORDS[each.gap] if form == "table" else each.gap.value, name, declared, stated, page, quote
