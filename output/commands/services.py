"""`kiemcong services`: online services, counted and ranked."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from crawler.model import Block
from output.exits import Exit, Stop
from output.tables import format_choice, print_table
from scoring.figures import read_rows
from scoring.published import compare_published, published_tables, service_counts
from scoring.rank import rank_services

LATER = {
    "compare": "output.commands.service_compare:compare",
    "decisions": "output.commands.service_decisions:decisions",
    "import": "output.commands.service_register:import_services",
    "levels": "output.commands.service_levels:levels",
    "plan": "output.commands.service_probes:plan",
    "probe": "output.commands.service_probes:probe",
    "status": "output.commands.service_probes:status",
    "tables": "output.commands.service_tables:tables",
    "timeline": "output.commands.service_probes:timeline_command",
    "list": "output.commands.service_register:list_services",
    "template": "output.commands.service_register:template",
}
"""Where the other commands stand; imported when they are asked for, since ranking a file needs none of them."""


class ServiceCommands(click.Group):
    """The commands of this module and those of LATER."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in order."""
        return sorted([*super().list_commands(ctx), *LATER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in LATER:
            return super().get_command(ctx, cmd_name)
        module, _, name = LATER[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=ServiceCommands)
def services() -> None:
    """Online services: what is declared, whether it works, how many count."""


@services.command("rank")
@click.option(
    "--counts",
    type=click.Path(path_type=Path),
    help="CSV with the columns agency, level3 and level4, one block's agencies.",
)
@click.option("--block", type=click.Choice([block.value for block in Block]), help="The block the counts are of.")
@click.option(
    "--compare-published", is_flag=True, help="List where the ranks of a published report break its own rule."
)
@click.option("--year", default="2016", show_default=True, help="The year of the published report.")
@format_choice(None)
def rank(counts: Path | None, block: str | None, compare_published: bool, year: str, form: str | None) -> None:
    """Rank agencies by their online services.

    With --counts: by all services, then by those of level 4; agencies without any share the last rank, the number of rows. Prints CSV unless
    another form is chosen. With --compare-published: tables 2.6, 2.7, 4.7 and 4.8 of the report, each difference a row.
    """
    if compare_published == (counts is not None):
        raise click.UsageError("give either --counts FILE or --compare-published")
    if counts is not None:
        if block is None:
            raise click.UsageError("--counts needs --block, since blocks are ranked apart")
        print_ranked(counts, form or "csv")
    else:
        print_differences(year, Block(block) if block else None, form or "table")


def print_ranked(path: Path, form: str) -> None:
    """Prints a file of counts in rank order, equal ranks in the file's order."""
    counts = service_counts(read_rows(path, ("agency", "level3", "level4")))
    ranked = sorted(zip(rank_services(counts), counts, strict=True), key=lambda pair: pair[0])
    rows = [(place, count.agency, count.level3, count.level4, count.total) for place, count in ranked]
    print_table(("rank", "agency", "level3", "level4", "total"), rows, form)


def print_differences(year: str, block: Block | None, form: str) -> None:
    """Prints every rank of the published service and dossier tables that its rule does not give, and on standard error how many tables were compared."""
    tables = [table for table in published_tables(year, ("services", "dossiers")) if block in (None, table.block)]
    if not tables:
        raise Stop(
            f"no table of services was published for {year}" + (f" and {block}" if block else ""), Exit.BAD_INPUT
        )
    rows = []
    for table in tables:
        differences = compare_published(table)
        rows += [(each.table, each.agency, each.published, each.by_rule) for each in differences]
        click.echo(
            f"table {table.table}: {len(table.rows)} agencies, {len(differences)} differ from the rule", err=True
        )
    print_table(
        ("table", "agency", "published", "by_rule"), rows, form, title="Chỗ bảng đã công bố khác quy tắc xếp hạng"
    )
