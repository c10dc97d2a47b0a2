"""`kiemcong init` and `kiemcong migrate`: a workspace made, and brought to this program's version."""

from __future__ import annotations

from pathlib import Path

import click

from output.commands.place_and_time import workspace_option
from output.workspace import init_workspace, migrate_workspace


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--contact", required=True, metavar="EMAIL", help="Whom a portal's keeper may write to; sent in the User-Agent."
)
def init(folder: Path, contact: str) -> None:
    """Make a workspace: plan and ledger, results, pace, and a folder for the visits."""
    with init_workspace(folder, contact) as workspace:
        count = len(workspace.registry.agencies)
        click.echo(f"workspace {folder}: {count} agencies, edition {workspace.edition}, contact {contact}")


@click.command()
@workspace_option
def migrate(workspace: Path) -> None:
    """Bring a workspace of an older version to this program's; the old file is kept beside it."""
    before, after = migrate_workspace(workspace)
    click.echo(f"workspace {workspace}: version {after}" + (f", was {before}" if before != after else " already"))
