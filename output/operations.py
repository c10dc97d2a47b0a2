"""The numbers by which a runner looks after itself, as they stand in operations.yml."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from crawler.stay import Stay
from crawler.yaml_text import parse_text

MEGABYTE = 1_000_000


class Operations(msgspec.Struct, frozen=True, kw_only=True):
    """operations.yml: each field as its comment there says."""

    source: str
    look_seconds: float
    linger_seconds: float
    drain_seconds: float
    stuck_minutes: float
    deaths: int
    death_minutes: float
    backup_hours: float
    backups_kept: int
    least_free_megabytes: int
    beat_minutes: float

    def staying(self, *, linger: bool) -> Stay:
        """How a worker waits and stops; linger: it may stay for a while with nothing to do."""
        return Stay(
            linger=self.linger_seconds if linger else 0.0, drain=self.drain_seconds, stuck=self.stuck_minutes * 60
        )


@cache
def operations() -> Operations:
    """The numbers of operations.yml."""
    text = files("output").joinpath("operations.yml").read_text(encoding="utf-8")
    return msgspec.convert(parse_text(text, "operations.yml")[0], Operations, strict=False)


def free_bytes(folder: Path) -> int:
    """Bytes that may still be written on the disk that holds a folder, made or still to be made."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    found = os.statvfs(there)
    return found.f_bavail * found.f_frsize
