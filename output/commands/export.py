"""`kiemcong export`: a campaign's tables as files."""

from __future__ import annotations

from pathlib import Path

import click

from output.commands.place_and_time import workspace_option
from output.commands.score import method_option, print_notes
from output.export.write import export_campaign
from output.tables import format_option, print_table
from output.weighing import weigh_campaign
from output.workspace import open_workspace


@click.command()
@workspace_option
@click.option("--campaign", required=True, metavar="YEAR", help="The campaign to export.")
@method_option
@click.argument("folder", type=click.Path(path_type=Path))
@format_option
def export(workspace: Path, campaign: str, method: str, folder: Path, form: str) -> None:
    """Write the campaign's ranked tables, findings and contributions into FOLDER, each as CSV, JSON and XLSX, with a manifest.

    Everything is made anew from the judged claims: the same claims, method and visits give the same bytes. An earlier export in FOLDER is replaced.
    """
    with open_workspace(workspace) as opened:
        weighed = weigh_campaign(opened, campaign, method)
        written = export_campaign(opened, weighed, folder)
    print_table(("file", "bytes"), [(str(path), path.stat().st_size) for path in written], form)
    print_notes(weighed.scores_in_order())
