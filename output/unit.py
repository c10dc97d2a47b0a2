"""The runner as a systemd unit, filled in for this installation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from output.supervise import KILL_AFTER

MORE = 15
"""Seconds systemd waits beyond what the runner takes to stop."""


def unit_text(*, program: Path, user: str, workspace: Path, options: Sequence[str], backups: Path, drain: float) -> str:
    """The unit that runs `program run` with these options for a workspace as a user; all paths are made absolute."""
    place = workspace.resolve()
    command = [str(program.absolute()), "run", "--workspace", str(place), *options]
    text = files("output").joinpath("kiemcong.service").read_text(encoding="utf-8")
    places = dict.fromkeys([place, backups.resolve()])
    return text.format(
        workspace=escaped(str(place)),
        user=user,
        command=" ".join(quoted(part) for part in command),
        stop_seconds=f"{drain + KILL_AFTER + MORE:.0f}",
        writable=" ".join(quoted(str(each)) for each in places),
    )


def quoted(part: str) -> str:
    """A word of a systemd command line, in quotes where it needs them."""
    plain = escaped(part)
    return (
        plain if re.fullmatch(r"[^\s\"'\\;]+", plain) else '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )


def escaped(text: str) -> str:
    """Text in which systemd replaces nothing."""
    return text.replace("%", "%%")
