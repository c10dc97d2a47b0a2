"""`kiemcong rank`: indices to ranked tables."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.model import Block
from output.commands.place_and_time import workspace_option
from output.commands.score import method_option, print_notes
from output.tables import format_choice, print_table
from output.weighing import Weighed, weigh_campaign
from output.workspace import open_workspace
from scoring.figures import read_rows
from scoring.published import rank_index_rows
from scoring.rank import decimal_text


@click.command()
@workspace_option
@click.option("--campaign", metavar="YEAR", help="Rank what was judged in this campaign.")
@click.option("--values", type=click.Path(path_type=Path), help="Rank a CSV file with the columns agency and index; needs no workspace.")  # fmt: skip
@method_option
@format_choice(None)
def rank(workspace: Path, campaign: str | None, values: Path | None, method: str, form: str | None) -> None:
    """Rank agencies by their index, equal ones sharing a rank ("1 2 2 4").

    With --campaign: each block apart, on the published value; agencies without a score below, with the reason. With --values: numbers and names
    as they stand in the file, with a dot or a comma before the decimals; prints CSV unless another form is chosen.
    """
    if (campaign is None) == (values is None):
        raise click.UsageError("give either --campaign YEAR or --values FILE")
    if values is not None:
        rank_file(values, form or "csv")
    elif campaign is not None:
        with open_workspace(workspace) as opened:
            weighed = weigh_campaign(opened, campaign, method)
        print_ranks(weighed, form or "table")


def rank_file(path: Path, form: str) -> None:
    """Prints a file of indices in rank order, equal ranks in the file's order."""
    rows = read_rows(path, ("agency", "index"))
    ranked = sorted(zip(rank_index_rows(rows), rows, strict=True), key=lambda pair: pair[0])
    print_table(("rank", "agency", "index"), [(place, row["agency"], row["index"]) for place, row in ranked], form)


def print_ranks(weighed: Weighed, form: str) -> None:
    """Prints the ranked table of each block: drawn one after another for a person, in one for a program."""
    if form == "table":
        for block in weighed.ranks:
            headings = ("hạng", "cơ quan", "cổng", "chỉ số", "độ phủ", "ghi chú")
            print_table(
                headings, rank_rows(weighed, block, form), form, title=f"{weighed.method.title} — {block.value}"
            )
    else:
        fields = ("block", "rank", "agency", "portal", "index", "coverage", "note")
        rows = [(block.value, *row) for block in weighed.ranks for row in rank_rows(weighed, block, form)]
        print_table(fields, rows, form)
    print_notes(weighed.scores_in_order())


def rank_rows(weighed: Weighed, block: Block, form: str) -> list[tuple[object, ...]]:
    """A block's ranked agencies, then those without a score, then those not assessed."""
    scores = {made.agency: made for made in weighed.scores[block]}
    rows: list[tuple[object, ...]] = []
    for row in weighed.ranks[block]:
        agency, made = weighed.agencies[row.agency], scores[row.agency]
        if form == "table":
            shown = (agency.name, agency.portal, row.value, f"{decimal_text(made.coverage * 100, 1)} %")
        else:
            shown = (agency.id, agency.portal, row.value.replace(",", "."), decimal_text(made.coverage, 4, "."))
        rows.append((row.rank, *shown, made.withheld))
    left_out = [
        agency for agency in weighed.agencies.values() if agency.id in weighed.left_out and agency.block is block
    ]
    rows += [
        (None, agency.name if form == "table" else agency.id, agency.portal, "", "", weighed.left_out[agency.id])
        for agency in left_out
    ]
    return rows
