"""What a process has used so far, told as a line of JSON, and a process run until it ends with those lines read."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

SAMPLE_EVERY = 250
"""Pages between two samples."""

_TURNS = "KIEMCONG_BENCH_TURNS"
"""Set where a process works in turns with another."""


class Sample(NamedTuple):
    """After so many pages: CPU seconds (user and system), resident megabytes, and when, in seconds of the machine's own clock."""

    pages: int
    cpu: float
    rss: float
    at: float


def report(pages: int) -> None:
    """Print this process's sample; where it takes turns with another (in_turns), wait until it may go on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    sample = Sample(pages, used.ru_utime + used.ru_stime, resident, time.monotonic())
    print(json.dumps(sample._asdict()), flush=True)
    if _TURNS in os.environ:
        sys.stdin.readline()


def run(module: str, *arguments: str) -> list[Sample]:
    """The samples a module printed."""
    with running(module, *arguments) as process:
        return samples_of(process)


@contextmanager
def running(module: str, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A module in a process of its own, with what is added to its environment."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process


def in_turns(one: Sequence[str], other: Sequence[str], samples: int) -> tuple[list[Sample], list[Sample]]:
    """The samples of two modules with their arguments, of which one waits while the other works: both until their first sample, then the first for so
    many more, the second for one more, and so on until the first ends. CalledProcessError where it failed or the second ended before it. A machine
    shared with others is not as fast all the time; in turns both meet the same."""
    with running(*one, **{_TURNS: "1"}) as first:
        ours = _read(first, 1)
        with running(*other, **{_TURNS: "1"}) as second:
            theirs = _read(second, 1)
            while more := _turn(first, samples):
                ours += more
                if not (answered := _turn(second, 1)):
                    raise subprocess.CalledProcessError(second.wait(), second.args)
                theirs += answered
            second.kill()
    if first.returncode:
        raise subprocess.CalledProcessError(first.returncode, first.args)
    return ours, theirs


def _turn(process: subprocess.Popen[str], samples: int) -> list[Sample]:
    """Let a process that waits go on for so many samples; fewer where it ends before, none where it has ended."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # written past the buffer, which would be written once more on closing
        os.write(process.stdin.fileno(), b"\n" * samples)
    return _read(process, samples)


def _read(process: subprocess.Popen[str], samples: int) -> list[Sample]:
    """The next samples a process prints, fewer where it ends before."""
    assert process.stdout is not None
    lines = (line for line in process.stdout if line.startswith("{"))
    return [_sample(line) for line in islice(lines, samples)]


def samples_of(process: subprocess.Popen[str]) -> list[Sample]:
    """What a process printed until it ended. CalledProcessError where it failed."""
    printed, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return [_sample(line) for line in printed.splitlines() if line.startswith("{")]


def _sample(line: str) -> Sample:
    return Sample(**json.loads(line))


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
