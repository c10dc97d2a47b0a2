"""`kiemcong measures`: figures handed in for a campaign, and an observed stand-in for those of online services."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from checklists.load import load_checklist
from checklists.model import Mode
from output.commands.place_and_time import workspace_option
from output.exits import Exit, Stop
from output.judging import CHECKLIST
from output.measures import load_measures, read_known_measures, store_measures
from output.reviews import reviews
from output.store import read_claims
from output.tables import format_option, print_table
from output.workspace import open_workspace
from scoring.load import find_method
from scoring.model import Measure
from scoring.proxy import SOURCE, observed, proxy_rows
from scoring.rank import decimal_text
from scoring.settle import settle

campaign_option = click.option("--campaign", required=True, metavar="YEAR", help="The campaign, such as 2016.")
PROXY_METHOD = "ict-index-2016"


@click.group()
def measures() -> None:
    """Figures that are handed in, not observed."""


@measures.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@workspace_option
@campaign_option
def import_measures(file: Path, workspace: Path, campaign: str) -> None:
    """Keep the measures of a CSV or XLSX file (agency, measure, earned, applicable, source) for a campaign, each in place of one before."""
    with open_workspace(workspace) as opened:
        given = read_known_measures(file, opened.registry)
        new, changed = store_measures(opened.conn, campaign, given, file=file.name, now=datetime.now(UTC))
    click.echo(f"{new} new, {changed} changed, {len(given) - new - changed} as before", err=True)


@measures.command("list")
@workspace_option
@campaign_option
@format_option
def list_measures(workspace: Path, campaign: str, form: str) -> None:
    """List the campaign's measures with their sources."""
    with open_workspace(workspace) as opened:
        found = load_measures(opened.conn, campaign)
    rows = [
        (each.agency, each.measure, text_of(each, "earned"), text_of(each, "applicable"), each.source) for each in found
    ]
    print_table(("agency", "measure", "earned", "applicable", "source"), rows, form, f"Số liệu nhập, đợt {campaign}")
    sources = Counter(each.source == SOURCE for each in found)
    if sources[True] and sources[False]:
        click.echo(f"note: {sources[True]} of these {len(found)} measures are an observed proxy, all assumed", err=True)


@measures.command("proxy")
@workspace_option
@campaign_option
@format_option
def proxy(workspace: Path, campaign: str, form: str) -> None:
    """Show what our own elements say of the levels of online services, as measures: a stand-in where points were not handed in.

    Every row of the mapping is assumed. Nothing of it is scored unless the CSV is imported, and then its source says what it is.
    """
    method, mapping = find_method(PROXY_METHOD), proxy_rows()
    checklist = load_checklist(CHECKLIST)
    with open_workspace(workspace) as opened:
        claims = read_claims(opened.store_path, campaign)
        if not claims:
            raise Stop(
                f"nothing of campaign {campaign} was judged yet — run: kiemcong evaluate --campaign {campaign}",
                Exit.BAD_INPUT,
            )
        assisted = {item.id for item in checklist.items if item.mode is Mode.ASSISTED}
        seen = settle(claims, assisted=assisted, reviews=reviews(opened.conn))
        agencies = [agency.id for agency in opened.registry.agencies if agency.block in method.blocks]
        agencies = [agency for agency in agencies if any(claim.agency == agency for claim in claims)]
    rows = [
        (
            each.agency,
            each.name,
            *figures(each.measure),
            SOURCE,
            f"{each.settled}/{each.points}",
            decimal_text(each.coverage, 4, "."),
        )
        for each in observed(mapping, seen, agencies)
    ]
    columns = ("agency", "measure", "earned", "applicable", "source", "settled", "coverage")
    print_table(columns, rows, form, f"Ước lượng từ quan sát (giả định), đợt {campaign}")
    judged = {(item.id, element.id) for item in checklist.items for element in item.elements}
    known = sum((row.item, row.element) in judged for row in mapping)
    click.echo(
        f"all {len(mapping)} rows of the mapping are assumed; the checklist judges {known} of their elements", err=True
    )


def figures(measure: Measure | None) -> tuple[str, str]:
    """Earned and applicable as text, empty where nothing is settled: an import refuses such a row, since 0 of 0 is no measure."""
    return ("", "") if measure is None else (text_of(measure, "earned"), text_of(measure, "applicable"))


def text_of(measure: Measure, field: str) -> str:
    """A measure's number, exact."""
    return str(getattr(measure, field))
