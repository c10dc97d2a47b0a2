"""`kiemcong services tables`: the report's tables of online services, from what was declared, probed and decided."""

from __future__ import annotations

from pathlib import Path

import click

from output.commands.place_and_time import workspace_option
from output.export.sheets import harmless
from output.reviews import reviews
from output.services import load_services
from output.services_seen import batches_seen, campaign_liveness
from output.services_tables import Table, make_table, observed_in, table_names
from output.store import read_claims, read_service_claims
from output.tables import csv_text, format_option, print_table
from output.workspace import Workspace, open_workspace
from scoring.counting import CountedService, CountingRule, count, counting_rule, rule_sentence, words_of


@click.command("tables")
@workspace_option
@click.option("--campaign", required=True, metavar="YEAR", help="The campaign, such as 2016.")
@click.option(
    "--table",
    "wanted",
    type=click.Choice(table_names()),
    multiple=True,
    help="This table only; may be repeated. `flags` lists services left out or to be looked at.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write each table as a CSV file into this folder instead of printing it.",
)
@format_option
def tables(workspace: Path, campaign: str, wanted: tuple[str, ...], output: Path | None, form: str) -> None:
    """Print the tables of online services: declared, counted, and left out with reasons.

    A service counts when it is declared at level 3 or 4 and not shown dead; only people's decisions on its claim take it out (`kiemcong
    review`, `kiemcong services decisions`). CSV and JSON hold one table at a time.
    """  # fmt: skip
    names = wanted or table_names()
    if form != "table" and len(names) > 1 and output is None:
        raise click.UsageError("CSV and JSON hold one table: choose it with --table")
    rule = counting_rule()
    with open_workspace(workspace) as opened:
        counted = counted_services(opened, campaign, rule)
        registry = opened.registry
        seen = observed_in(read_claims(opened.store_path, campaign))
    made = [make_table(name, registry, counted, seen) for name in names]
    for table in made:
        if output is not None:
            write_table(output, table)
        else:
            columns = tuple(table.columns.values() if form == "table" else table.columns)
            print_table(columns, table.rows, form, table.title)
    click.echo(rule_sentence(rule), err=True)


def counted_services(workspace: Workspace, campaign: str, rule: CountingRule) -> tuple[CountedService, ...]:
    """Every declared service of level 3 or 4 of the register, and whether it counts in a campaign; what people decided on its claim counts."""
    seen = campaign_liveness(batches_seen(workspace.probes, campaign), rule.stable)
    words = words_of(read_service_claims(workspace.store_path, campaign), reviews(workspace.conn))
    return count(load_services(workspace.conn), seen, words, rule)


def write_table(folder: Path, table: Table) -> None:
    """The table is in the folder as table-<number>.csv, fields as headings; nothing in it runs as a formula."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [[harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows]
    (folder / f"table-{table.name}.csv").write_text("\ufeff" + csv_text(tuple(table.columns), rows), "utf-8")
