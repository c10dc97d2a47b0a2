"""`kiemcong agencies`: the registry listed, shown, and brought up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from click.core import ParameterSource

from crawler.registry import EMBEDDED_EDITION, Registry, embedded_registry, resolve
from crawler.registry_changes import amend, describe
from crawler.sheets import read_sheet
from output.commands.place_and_time import block_option, workspace_option
from output.editions import editions, store_edition
from output.tables import format_option, print_table
from output.workspace import DATABASE, Workspace, open_workspace


@click.group()
def agencies() -> None:
    """List, show and update the agencies that are assessed."""


@agencies.command("list")
@workspace_option
@block_option
@format_option
def list_agencies(workspace: Path, block: tuple[str, ...], form: str) -> None:
    """List the agencies of the registry in use, in its order."""
    with _registry_at(workspace) as (edition, registry):
        rows = [
            [described[column] for column in _LIST]
            for agency in registry.agencies
            if not block or agency.block in block
            for described in [describe(registry, agency)]
        ]
    print_table(_LIST, rows, form, f"Danh sách cơ quan ({len(rows)}), bản {edition}")


@agencies.command()
@click.argument("name")
@workspace_option
@format_option
def show(name: str, workspace: Path, form: str) -> None:
    """Show one agency, meant by its name, alias, id or address."""
    with _registry_at(workspace) as (_, registry):
        agency = resolve(registry, name)
        described = describe(registry, agency)
    if form == "table":
        print_table(["field", "value"], list(described.items()), form, agency.name)
    else:
        print_table(list(described), [list(described.values())], form)


@agencies.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@workspace_option
@click.option("--edition", metavar="NAME", help="What to call the new edition (default: the old name and a number).")
@format_option
def import_agencies(file: Path, workspace: Path, edition: str | None, form: str) -> None:
    """Bring the registry up to date from a CSV or XLSX file; the result is a new edition of this workspace.

    A row means an agency by `id`, else by `name`. An empty cell leaves a field as it is, `-` empties it. An unknown id with block and name
    adds an agency. Anything wrong stops the import, and nothing is written.
    """
    with open_workspace(workspace) as opened:
        amended, changes = amend(opened.registry, read_sheet(file))
        if changes:
            name = edition or next_edition(opened)
            store_edition(
                opened.conn,
                name,
                amended,
                parent=opened.edition,
                file=file.name,
                sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
                now=datetime.now(UTC),
            )
            click.echo(f"edition {name}: {len(changes)} changes", err=True)
        else:
            click.echo("nothing to change", err=True)
    rows = [[change.agency, change.field, change.before, change.after] for change in changes]
    print_table(["agency", "field", "before", "after"], rows, form, "Thay đổi")


def next_edition(workspace: Workspace) -> str:
    """The name of the next edition: the first part of the one in use and the lowest number free."""
    taken = editions(workspace.conn)
    first = workspace.edition.split(".")[0]
    return next(name for number in range(1, len(taken) + 2) if (name := f"{first}.{number}") not in taken)


@contextmanager
def _registry_at(path: Path) -> Iterator[tuple[str, Registry]]:
    """The edition in use at a workspace; the one that ships where no workspace was named and the current folder is none."""
    named = click.get_current_context().get_parameter_source("workspace") is not ParameterSource.DEFAULT
    if not named and not (path / DATABASE).exists():
        yield EMBEDDED_EDITION, embedded_registry()
        return
    with open_workspace(path) as workspace:
        yield workspace.edition, workspace.registry


_LIST = ["id", "block", "name", "portal", "not_assessed", "valid_to", "successor"]
