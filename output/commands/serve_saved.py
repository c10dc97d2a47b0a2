"""`kiemcong serve-saved`: a folder of saved pages answers on loopback, to be visited like a portal."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from output.saved_site import read_saved, serve_saved


@click.command("serve-saved")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="Port; 0 lets the system choose."
)
def serve_saved_command(directory: Path, port: int) -> None:
    """Serve the saved pages in DIRECTORY on 127.0.0.1 until Ctrl-C.

    DIRECTORY is a plain tree of pages, or pages named 0001.html, 0002.html, … with a crawl.json that lists
    their addresses in that order.
    """
    site = read_saved(directory)
    with serve_saved(directory, port) as address:
        click.echo(address)
        for lost in site.missing:
            click.echo(f"not in the saved copy, answers 404: {lost}", err=True)
        click.echo(f"visit it with: kiemcong visit --portal {address} --only-network 127.0.0.0/8", err=True)
        click.echo("stop with Ctrl-C", err=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
