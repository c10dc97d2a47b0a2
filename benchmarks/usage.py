"""What a process has used so far, told as a line of JSON, and a process run until it ends with those lines read."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SAMPLE_EVERY = 250
"""Pages between two samples."""


class Sample(NamedTuple):
    """After so many pages: CPU seconds (user and system), resident megabytes, and when, in seconds of the machine's own clock."""

    pages: int
    cpu: float
    rss: float
    at: float


def report(pages: int) -> None:
    """Print this process's sample."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    sample = Sample(pages, used.ru_utime + used.ru_stime, resident, time.monotonic())
    print(json.dumps(sample._asdict()), flush=True)


def run(module: str, *arguments: str) -> list[Sample]:
    """The samples a module printed."""
    with running(module, *arguments) as process:
        return samples_of(process)


@contextmanager
def running(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A module in a process of its own."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process


def samples_of(process: subprocess.Popen[str]) -> list[Sample]:
    """What a process printed until it ended. CalledProcessError where it failed."""
    printed, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return [Sample(**json.loads(line)) for line in printed.splitlines() if line.startswith("{")]


@contextmanager
def served(pages: int, addresses: Sequence[str] = ("127.0.0.1",)) -> Iterator[list[str]]:
    """The address of a made-up portal of so many pages on each loopback address, served by a process of its own."""
    command = [sys.executable, "-m", "benchmarks.server", str(pages), *addresses]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            ports = server.stdout.readline().split()
            yield [f"http://{address}:{port}/" for address, port in zip(addresses, ports, strict=True)]
        finally:
            server.stdin.close()


def per_page(samples: list[Sample]) -> float:
    """CPU milliseconds a page between the first and the last sample, so that starting up is left out."""
    first, last = samples[0], samples[-1]
    return 1000 * (last.cpu - first.cpu) / (last.pages - first.pages)
