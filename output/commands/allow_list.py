"""`kiemcong allow-list`: which portals refuse us, and the letter that asks to be let in."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import click

from crawler.plan import VIETNAM
from crawler.problems import bad_input
from crawler.registry import resolve
from output.allow_list import refused_portals, request_text
from output.commands.place_and_time import workspace_option
from output.exits import Exit, Stop
from output.tables import format_option, print_table
from output.workspace import open_workspace

COLUMNS = ("agency", "name", "portal", "times", "last", "answer")


@click.command("allow-list")
@click.argument("agency", required=False)
@workspace_option
@click.option("--campaign", required=True, metavar="YEAR", help="The campaign, such as 2016.")
@click.option(
    "--from-address", "addresses", multiple=True, metavar="IP", help="An address our visits come from; may be repeated."
)
@format_option
def allow_list(agency: str | None, workspace: Path, campaign: str, addresses: tuple[str, ...], form: str) -> None:
    """List the portals that refuse us; with AGENCY print the letter that asks its operator to let us in."""
    for address in addresses:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise bad_input("--from-address", f"“{address}” is no IP address", "write it as 203.0.113.7") from None
    with open_workspace(workspace) as opened:
        refused = refused_portals(opened, campaign)
        contact = opened.settings.contact
        wanted = resolve(opened.registry, agency, file="AGENCY").id if agency else None
    if wanted is None:
        rows = [
            [one.agency, one.agency_name, one.portal, len(one.met),
             one.met[-1].at.astimezone(VIETNAM).isoformat(timespec="minutes"), one.met[-1].said]
            for one in refused
        ]  # fmt: skip
        print_table(COLUMNS, rows, form, f"Cổng không cho truy cập, đợt {campaign} ({len(rows)})")
        return
    own = next((one for one in refused if one.agency == wanted), None)
    if own is None:
        raise Stop(
            f"{wanted} refused no visit of {campaign} — see: kiemcong allow-list --campaign {campaign}", Exit.BAD_INPUT
        )
    click.echo(request_text(own, contact=contact, addresses=addresses), nl=False)
