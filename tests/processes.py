"""Processes and the machine as the kernel tells of them."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path


def processes_below(parent: int, word: str) -> list[int]:
    """The processes a process started, and those they did, whose name holds a word; whoever started another comes before it.

    Their numbers do not tell that: the kernel starts again from low ones once they run out.
    """
    parents, names = {}, {}
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                head, _, tail = (path / "stat").read_text().rpartition(")")
            except OSError:
                continue
            parents[int(path.name)], names[int(path.name)] = int(tail.split()[1]), head
    line = [parent]
    for process in line:
        line.extend(child for child, starter in parents.items() if starter == process)
    return [process for process in line[1:] if word in names[process]]


def commands_below(parent: int) -> list[list[str]]:
    """The words of the commands by which processes below another were started; a process that is no more is left out."""
    found = []
    for process in processes_below(parent, ""):
        with suppress(OSError):
            found.append(Path(f"/proc/{process}/cmdline").read_text(errors="replace").split("\0"))
    return found


def idle_share(seconds: float) -> float:
    """The share of the machine's processors that were idle in so many seconds from now, in which this process sleeps."""
    before = _ticks()
    time.sleep(seconds)
    spent = [after - start for start, after in zip(before, _ticks(), strict=True)]
    return sum(spent[3:5]) / sum(spent)


def _ticks() -> list[int]:
    """Clock ticks all processors spent so far: user, nice, system, idle, waiting for disks, … (proc(5))."""
    return [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
