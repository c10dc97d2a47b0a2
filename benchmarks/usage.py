"""What a process has used so far, told as a line of JSON, and a process run until it ends with those lines read."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

SAMPLE_EVERY = 250
"""Pages between two samples."""


class Sample(NamedTuple):
    """After so many pages: CPU seconds (user and system) and resident megabytes."""

    pages: int
    cpu: float
    rss: float


def report(pages: int) -> None:
    """Print this process's sample."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    print(json.dumps({"pages": pages, "cpu": used.ru_utime + used.ru_stime, "rss": resident}), flush=True)


def run(module: str, *arguments: str) -> tuple[list[Sample], float]:
    """The samples a module printed, and the CPU seconds the operating system counted for its whole process, start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, check=True, env=environment
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    samples = [Sample(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
    return samples, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def per_page(samples: list[Sample]) -> float:
    """CPU milliseconds a page between the first and the last sample, so that starting up is left out."""
    first, last = samples[0], samples[-1]
    return 1000 * (last.cpu - first.cpu) / (last.pages - first.pages)
