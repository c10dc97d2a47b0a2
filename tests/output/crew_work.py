"""What workers do in the tests of `output.supervise`: modules they import are few, so that they start at once."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path

from output.supervise import Event, Tell


def take(folder: Path) -> Path | None:
    """A piece of work, taken out of a folder of files."""
    for piece in sorted(folder.glob("piece-*")):
        piece.unlink()
        return piece
    return None


def make_all(folder: Path, tell: Tell) -> None:
    """Every piece there is."""
    while (piece := take(folder)) is not None:
        tell(Event(visit=piece.name, what="sealed"))


def die(folder: Path, tell: Tell) -> None:
    """Takes a piece and is killed over it."""
    take(folder)
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(folder: Path, tell: Tell) -> None:
    """Is killed the first time and works the second."""
    mark = folder / "died"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    make_all(folder, tell)


def meet_full_disk(folder: Path, tell: Tell) -> None:
    """Ends as a worker does whose disk is full, among other troubles."""
    take(folder)
    raise ExceptionGroup("lanes", [ValueError("x"), OSError(errno.ENOSPC, "No space left on device")])


def never_end(folder: Path, tell: Tell) -> None:
    """Takes no notice of being told to stop."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tell(Event(visit=str(os.getpid()), what="began"))
    while True:
        time.sleep(60)
