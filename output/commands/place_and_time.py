"""Which workspace a command works in, and which time it takes it to be."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import click

from crawler.model import Block
from crawler.plan import VIETNAM
from crawler.problems import bad_input

MORNING = time(9)
"""The hour meant by a day without one."""

workspace_option = click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    default=".",
    envvar="KIEMCONG_WORKSPACE",
    show_default="the current folder",
    help="The workspace to use.",
)

block_option = click.option(
    "--block",
    type=click.Choice([block.value for block in Block]),
    multiple=True,
    help="This block only; may be repeated.",
)

now_option = click.option("--now", metavar="TIME", help="The time it is taken to be (default: the clock's).")


def parse_now(text: str | None) -> datetime:
    """The moment written as 2017-03-15 (at MORNING) or 2017-03-15T09:00+07:00, Vietnam's zone where none is given; the clock's where
    nothing is written. Raises BadInput."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_input("--now", f"“{text}” is not a time", "write 2017-03-15 or 2017-03-15T09:00+07:00") from None
    if len(text) == len("2017-03-15"):
        moment = datetime.combine(moment, MORNING)
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
