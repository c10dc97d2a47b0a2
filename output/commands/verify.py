"""`kiemcong verify`: whether the evidence is still what was sealed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from output.exits import Exit, Stop
from output.reviews import chain_problem, head
from output.tables import format_option, print_table
from output.verify import Checked, check_folder, visit_folders
from output.workspace import DATABASE, open_workspace

LINE_EVERY = 50
"""Visits between two lines of progress where there is no terminal."""


@click.command()
@click.argument("visits", nargs=-1, metavar="[VISIT]...")
@click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    envvar="KIEMCONG_WORKSPACE",
    default=".",
    show_default=True,
    help="The workspace to look in.",
)
@format_option
def verify(visits: tuple[str, ...], workspace: Path, form: str) -> None:
    """Re-read sealed visits and name every damaged file, then follow the chain of reviews and name its first broken link.

    VISIT is a visit's id or a path to its folder; without any, all visits of the workspace and its reviews are read. Exits 1 if anything is damaged.
    """
    checked = list(followed(folders_named(visits, workspace)))
    rows = [(damage.visit, damage.file, damage.problem) for one in checked for damage in one.damages]
    reviewed = "" if visits else follow_reviews(workspace, rows)
    if rows or form != "table":
        print_table(("visit", "file", "problem"), rows, form)
    click.echo(summary(checked), err=True)
    if reviewed:
        click.echo(reviewed, err=True)
    if rows:
        raise click.exceptions.Exit(Exit.FINDINGS)


def folders_named(names: Sequence[str], workspace: Path) -> list[Path]:
    """The folders of the visits named, of all visits of the workspace where none is. Stop where one is not there."""
    paths = [Path(name) for name in names]
    if names and all(path.is_dir() for path in paths):
        return [path.resolve() for path in paths]
    with open_workspace(workspace) as opened:
        roots = (opened.visits, opened.probes)
    if not names:
        return [folder for root in roots for folder in visit_folders(root)]
    found = {
        name: root / name for root in roots for name in names if (root / name).is_dir() and Path(name).name == name
    }
    if missing := [name for name in names if name not in found]:
        raise Stop(
            f"no visit {', '.join(missing)} in {roots[0]} — `ls {roots[0]}` shows which there are", Exit.BAD_INPUT
        )
    return [found[name] for name in names]


def follow_reviews(workspace: Path, rows: list[tuple[str, str, str]]) -> str:
    """One line on the chain of reviews, '' where there are none; a broken link is added to the rows."""
    with open_workspace(workspace) as opened:
        number, last = head(opened.conn)
        problem = chain_problem(opened.conn)
    if problem:
        rows.append(("reviews", DATABASE, problem))
        return "reviews: the chain is broken"
    return f"reviews: {number} entries, head {last} — sound" if number else ""


def followed(folders: Sequence[Path]) -> Iterator[Checked]:
    """Each folder checked, with progress on standard error: a bar on a terminal, else a line now and then."""
    console = Console(stderr=True)
    if console.is_terminal:
        yield from (check_folder(folder) for folder in track(folders, "verifying", console=console, transient=True))
        return
    for number, folder in enumerate(folders, 1):
        yield check_folder(folder)
        if number % LINE_EVERY == 0:
            click.echo(f"verified {number} of {len(folders)} visits", err=True)


def summary(checked: Sequence[Checked]) -> str:
    """One line on what was read and whether it is sound."""
    files, size = sum(one.files for one in checked), sum(one.size for one in checked)
    damaged = [one for one in checked if one.damages]
    read = f"visits: {len(checked)}, files: {files}, {size / 1e6:.1f} MB read"
    if not damaged:
        return f"{read} — sound" if checked else "no sealed visits yet"
    return f"{read} — damages: {sum(len(one.damages) for one in damaged)}, damaged visits: {len(damaged)}"
