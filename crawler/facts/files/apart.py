"""A file read by a process of its own, with limits on time and memory: a hostile one costs no more."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache

import msgspec

from crawler.facts.files.kinds import READABLE, kind_of
from crawler.facts.files.limits import WALL_SECONDS
from crawler.model import FileState, FileText


@lru_cache(maxsize=64)
def read_apart(data: bytes) -> FileText:
    """As contents.read_file; `unread` where the other process was ended for taking too much time or memory, or the kind is not read."""
    if kind_of(data) not in READABLE:
        return FileText(FileState.UNREAD)
    asked = [sys.executable, "-W", "ignore", "-m", "crawler.facts.files"]
    try:
        done = subprocess.run(asked, input=data, capture_output=True, timeout=WALL_SECONDS, check=True)  # noqa: S603 - ourselves
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return FileText(FileState.UNREAD)
    return msgspec.json.decode(done.stdout, type=FileText)
