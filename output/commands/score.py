"""`kiemcong score`: claims or imported measures to indices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from output.commands.place_and_time import workspace_option
from output.measures import score_campaign
from output.tables import format_choice, print_table
from output.weighing import Weighed, takes_measures, weigh_campaign
from output.workspace import open_workspace
from scoring.load import find_method, method_ids
from scoring.measures import read_measures
from scoring.model import IndexScore, Method
from scoring.rank import decimal_text
from scoring.score import score as score_agencies

method_option = click.option(
    "--method", type=click.Choice(method_ids()), default="btttt-2016", show_default=True, help="The method to score by."
)


@click.command()
@workspace_option
@click.option("--campaign", metavar="YEAR", help="Score what was judged in this campaign.")
@click.option("--measures", type=click.Path(path_type=Path), help="Score imported measures of this CSV or XLSX file; needs no workspace.")  # fmt: skip
@method_option
@format_choice(None)
def score(workspace: Path, campaign: str | None, measures: Path | None, method: str, form: str | None) -> None:
    """Make an index of each agency and say what it rests on.

    With --campaign: from the claims in the store, or from the campaign's imported measures where the method takes those, kept in the store
    again. With --measures: from a table of agency, measure, earned, applicable and
    source; prints agency, node, value and coverage, four decimals, a node without a value empty.
    """
    if (campaign is None) == (measures is None):
        raise click.UsageError("give either --campaign YEAR or --measures FILE")
    if measures is not None:
        score_measures(find_method(method), measures, form or "table")
    elif campaign is not None:
        with open_workspace(workspace) as opened:
            chosen = find_method(method)
            if takes_measures(chosen):
                print_nodes(chosen, score_campaign(opened, campaign, chosen), form or "table")
                return
            weighed = weigh_campaign(opened, campaign, method)
        print_scores(weighed, form or "table")


def score_measures(method: Method, path: Path, form: str) -> None:
    """Prints every node of the method for every agency of a file of measures, agencies in the file's order."""
    if not takes_measures(method):
        raise click.UsageError(f"{method.id} is scored from observations, not from measures")
    given = read_measures(path)
    known = {leaf.measure for leaf in method.leaves.values()}
    for name in sorted({measure.measure for measure in given} - known):
        click.echo(f"note: {method.id} has no measure “{name}”; it was left out", err=True)
    agencies = list(dict.fromkeys(measure.agency for measure in given))
    scores = score_agencies(method, method.blocks[0], agencies, measures=given)
    print_nodes(method, scores, form)


def print_nodes(method: Method, scores: Sequence[IndexScore], form: str) -> None:
    """Prints every node of the method for every score."""
    rows = [
        (made.agency, node, text_or_empty(made, node), decimal_text(made.node_coverage[node], 4, "."))
        for made in scores
        for node in method.nodes
    ]
    print_table(("agency", "node", "value", "coverage"), rows, form, title=method.title)
    print_notes(scores)


def text_or_empty(made: IndexScore, node: str) -> str:
    """A node's value with four decimals, or nothing."""
    value = made.node_values[node]
    return "" if value is None else decimal_text(value, 4, ".")


def print_scores(weighed: Weighed, form: str) -> None:
    """Prints the campaign's scores in the registry's order; a person gets Vietnamese headings and decimal commas, a program dots."""
    rows = [score_row(weighed, made, form) for made in weighed.scores_in_order()]
    headings = ("khối", "cơ quan", "chỉ số", "độ phủ", "điểm có nguồn", "số mục", "máy", "người", "ghi chú")
    fields = ("block", "agency", "value", "coverage", "sourced", "items", "by_machine", "by_person", "withheld")
    print_table(headings if form == "table" else fields, rows, form, title=weighed.method.title)
    print_notes(weighed.scores_in_order())


def score_row(weighed: Weighed, made: IndexScore, form: str) -> tuple[object, ...]:
    """One agency's score with what must stand beside it."""
    items = f"{made.items_judged}/{made.items_total}"
    block = made.block.value if made.block else ""
    settled = (made.by_machine, made.by_person)
    decimals = weighed.method.rank.decimals
    if form == "table":
        value = "" if made.value is None else decimal_text(made.value, decimals)
        shares = [f"{decimal_text(share * 100, 1)} %" for share in (made.coverage, made.sourced)]
        return (block, weighed.agencies[made.agency].name, value, *shares, items, *settled, made.withheld)
    value = "" if made.value is None else decimal_text(made.value, decimals, ".")
    shares = [decimal_text(share, 4, ".") for share in (made.coverage, made.sourced)]
    return (block, made.agency, value, *shares, items, *settled, made.withheld)


def print_notes(scores: Iterable[IndexScore]) -> None:
    """Says on standard error, once each, what must be said beside the scores."""
    for note in dict.fromkeys(note for made in scores for note in made.notes):
        click.echo(note, err=True)
