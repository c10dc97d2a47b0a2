"""What holds for a process as a whole: a name by which others can tell, later and from it alone, whether it still runs; and how it frees memory."""

from __future__ import annotations

import gc
import os
import socket
from pathlib import Path

FEW_COLLECTIONS = (200_000, 20, 100)
"""A page is thousands of small objects that die together; collecting among them at Python's own pace costs a quarter of the time."""


def collect_seldom() -> None:
    """Objects in circles are looked for seldom from now on, and what was imported is not looked through at all, as it stays."""
    gc.set_threshold(*FEW_COLLECTIONS)
    gc.freeze()


def this_process() -> str:
    """The name of the running process: machine, process id and start time, joined by ':'."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def runs(name: str) -> bool | None:
    """True where the named process surely runs on this machine, False where it surely is gone (it ran here and its id is free or belongs to a
    later process), None where nobody here can tell."""
    machine, _, rest = name.partition(":")
    number, _, started = rest.partition(":")
    if machine != socket.gethostname() or not number.isdecimal():
        return None
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    now = _started(int(number))
    return now == started if started and now else None


def still_runs(name: str) -> bool:
    """False only where the named process is surely gone."""
    return runs(name) is not False


def _started(number: int) -> str:
    """Start time of a process in clock ticks since boot, '' where the system does not tell (no /proc)."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The command name stands in parentheses and may hold blanks; field 22 is counted from behind it.
    after_name = stat.rpartition(")")[2].split()
    state = after_name[0]
    return "ended" if state in "ZX" else after_name[19]
