"""`kiemcong review`: the page auditors work on, and the chain of what they decided, carried elsewhere and back."""

from __future__ import annotations

import socket
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from checklists.load import load_checklist
from checklists.model import Claim
from output import reviews
from output.accounts import Role, accounts, create_account
from output.case_folder import write_case
from output.commands.place_and_time import workspace_option
from output.exits import Exit, Stop
from output.judging import CHECKLIST
from output.store import read
from output.workspace import open_workspace

FIRST = "quan-tri"
"""The login of the account made at the first start."""

KEPT_SECONDS = 75
"""How long an idle connection is kept: longer than people look at a page before the next press, so that none is closed under it."""


@click.group("review", invoke_without_command=True)
@workspace_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8043,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.pass_context
def review(context: click.Context, workspace: Path, port: int) -> None:
    """Serve the review page on 127.0.0.1, or work with the chain of reviews.

    The first start creates an administrator and says how to log in; further accounts are made on the page itself.
    """
    context.obj = workspace
    if context.invoked_subcommand is not None:
        return
    listening = listen(port)
    with closing(listening):
        first_account(workspace)
        serve(workspace, listening)


def first_account(workspace: Path) -> None:
    """An administrator exists; where none did, one is made and its password told, once."""
    with open_workspace(workspace) as opened:
        if accounts(opened.conn):
            return
        password = create_account(opened.conn, FIRST, "Quản trị", Role.ADMINISTRATOR, now=datetime.now(UTC))
    click.echo(f"first start: log in as “{FIRST}” with the password  {password}")
    click.echo("it is shown this once and is changed at first use; then make accounts for auditors under “Tài khoản”")


def listen(port: int) -> socket.socket:
    """A socket on 127.0.0.1. Raises Stop where the port is taken."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as taken:
        raise Stop(f"port {port} cannot be listened on — choose another with --port", Exit.BAD_INPUT) from taken


def serve(workspace: Path, listening: socket.socket) -> None:
    """The page is served until Ctrl-C, which is how it ends."""
    import uvicorn

    from output.web.app import create_app

    config = uvicorn.Config(
        create_app(workspace),
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=KEPT_SECONDS,
    )
    click.echo(f"review page: http://127.0.0.1:{listening.getsockname()[1]}/  (Ctrl-C ends it)")
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


@review.command("head")
@click.pass_obj
def head(workspace: Path) -> None:
    """Print how many entries the chain has and the hash of the last. Kept elsewhere, it shows any later change."""
    with open_workspace(workspace) as opened:
        number, last = reviews.head(opened.conn)
    click.echo(f"{number} {last}")


@review.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def export(workspace: Path, file: Path) -> None:
    """Write all reviews and appeals, with what they name, as JSON Lines."""
    with open_workspace(workspace) as opened:
        lines = list(reviews.export_lines(opened.conn))
        number, last = reviews.head(opened.conn)
    try:
        file.write_bytes(b"".join(lines))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as missing:
        raise Stop(f"{file} cannot be written: {missing.strerror}", Exit.BAD_INPUT) from missing
    click.echo(f"{file}: {number} entries, head {last}")


@review.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def import_command(workspace: Path, file: Path) -> None:
    """Add the reviews of an exported file that the workspace does not have yet; its chain must go on from the one here."""
    with open_workspace(workspace) as opened:
        added = reviews.import_lines(opened.conn, file.read_bytes().splitlines(keepends=True), str(file))
        number, last = reviews.head(opened.conn)
    click.echo(f"{added} entries added; {number} in all, head {last}")


@review.command("export-case")
@click.argument("claim", metavar="ID")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    default="tests/items",
    show_default=True,
    help="Where cases stand.",
)
@click.pass_obj
def export_case(workspace: Path, claim: str, target: Path) -> None:
    """Write an overturn out as a test case folder. ID is the claim's: CAMPAIGN/AGENCY/ITEM."""
    with open_workspace(workspace) as opened:
        found = read(opened.store_path, "SELECT record FROM claims WHERE id = ?", (claim,), Claim)
        if not found:
            raise Stop(f"there is no claim “{claim}” — it is written CAMPAIGN/AGENCY/ITEM", Exit.BAD_INPUT)
        decided = list(reviews.reviews(opened.conn, claim=claim))
        folder = write_case(opened.visits, load_checklist(CHECKLIST), found[0], decided, target)
    click.echo(f"case: {folder} — remove what names persons before it is kept, then run its test")
