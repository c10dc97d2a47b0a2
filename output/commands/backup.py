"""`kiemcong backup`: copies of what cannot be made anew, and one of them put back."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.clock import wall
from output.backups import back_up, backups, restore
from output.commands.place_and_time import workspace_option
from output.exits import Exit, Stop
from output.operations import operations
from output.workspace import BACKUPS, open_workspace

BACKUP_PLACE = click.option(
    "--backups",
    "place",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where copies are kept [default: backups/ in the workspace].",
)


@click.command("backup")
@workspace_option
@BACKUP_PLACE
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=operations().backups_kept,
    show_default=True,
    help="How many copies are kept; older ones are removed.",
)
@click.option(
    "--restore", "restored", metavar="FILE", help="Put this copy back: a path, or 'last'. Stop the runner first."
)
def backup_command(workspace: Path, place: Path | None, keep: int, restored: str | None) -> None:
    """Copy workspace.sqlite (plan, ledger, reviews, accounts) while others write it, or put a copy back. `kiemcong run` makes a copy every day.

    The file in use before is kept beside it when a copy is put back; visits sealed since the copy are booked again from their folders.
    """
    folder = place or workspace / BACKUPS
    if restored is None:
        with open_workspace(workspace) as opened:
            made = back_up(opened.conn, folder, keep=keep, now=wall())
        if made is None:
            raise Stop(f"another process is making a copy in {folder} right now", Exit.WORKSPACE)
        click.echo(f"{made} ({made.stat().st_size / 1e6:.1f} MB)")
        return
    chosen = backups(folder)[-1:] if restored == "last" else [Path(restored)]
    if not chosen:
        raise Stop(f"{folder} holds no copy", Exit.WORKSPACE)
    kept = restore(workspace, chosen[0], wall())
    click.echo(f"{chosen[0]} is in use again" + (f"; what was before lies in {kept}" if kept else ""))
