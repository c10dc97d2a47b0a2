"""What a runner does beside its work: says that it is up, copies the database, watches the disk and the clock, and tells what it finds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.clock import Clock
from output.backups import back_up, backup_due
from output.exits import Exit, Stop
from output.health import readings
from output.operations import MEGABYTE, Operations, free_bytes
from output.runners import say_gone, say_up
from output.supervise import Event, Tell
from output.workspace import Workspace

CLOCK_SET = timedelta(minutes=1)
"""A clock that went by so much more or less than time did was set."""


class Upkeep(AbstractContextManager["Upkeep"]):
    """One runner's chores; `turn` does those that are due. least_free in bytes; backups: where copies go. A replay, whose clock says nothing of
    the plan's times, only watches the disk."""

    def __init__(
        self,
        workspace: Workspace,
        rules: Operations,
        tell: Tell,
        *,
        clock: Clock,
        least_free: int,
        backups: Path,
        stay: bool,
        replay: bool = False,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspace, self._rules, self._tell, self._clock = workspace, rules, tell, clock
        self._least_free, self._backups, self._stay, self._replay = least_free, backups, stay, replay
        self._steady = steady
        self._last: tuple[datetime, float] | None = None
        self._beat: datetime | None = None
        self._full = False
        self._wrong: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        say_gone(self._workspace.conn)

    def turn(self) -> None:
        """What is due now is done. Raises Stop(DISK) where there is no room and the runner does not stay until there is."""
        self._watch_disk()
        if self._replay:
            return
        now = self._clock()
        self._watch_clock(now)
        minutes = timedelta(minutes=self._rules.beat_minutes)
        # Either way: after the clock was set back it would else be long until the next.
        if self._beat is None or abs(now - self._beat) >= minutes:
            self._beat = now
            say_up(self._workspace.conn, now)
            self._back_up(now)
            self._look_after_health(now)

    def _watch_clock(self, now: datetime) -> None:
        steady = self._steady()
        if self._last is not None:
            before, then = self._last
            moved = now - before - timedelta(seconds=steady - then)
            if abs(moved) > CLOCK_SET:
                way = "forward" if moved > timedelta(0) else "back"
                self._say("the clock was set", f"{way} by {abs(moved)}; it is {now.isoformat(timespec='seconds')}")
        self._last = (now, steady)

    def _watch_disk(self) -> None:
        free = free_bytes(self._workspace.visits)
        full = free < self._least_free
        if full != self._full:
            room = f"{free // MEGABYTE} MB free, {self._least_free // MEGABYTE} MB wanted"
            self._say("no visit begins, the disk is nearly full" if full else "the disk has room again", room)
        self._full = full
        if full and not self._stay:
            raise Stop(
                f"the disk that holds {self._workspace.visits} has {free // MEGABYTE} MB free and no visit begins under"
                f" {self._least_free // MEGABYTE} — free space, or lower the bar: --least-free MB",
                Exit.DISK,
            )

    def _back_up(self, now: datetime) -> None:
        every = timedelta(hours=self._rules.backup_hours)
        if not backup_due(self._backups, every, now):
            return
        try:
            made = back_up(self._workspace.conn, self._backups, keep=self._rules.backups_kept, now=now)
        except OSError as problem:
            self._say("no backup could be made", str(problem))
        else:
            if made:
                self._say("backed up", made.name)

    def _look_after_health(self, now: datetime) -> None:
        """What goes wrong is told once, and once more when it is well again."""
        found = readings(self._workspace, now, backups=self._backups)
        wrong = {reading.rule.id for reading in found if reading.wrong}
        for reading in found:
            rule = reading.rule
            figures = f"{rule.id} {reading.shown} of {reading.cases}, wanted {reading.bar}"
            if rule.id in wrong - self._wrong:
                self._say("NOT WELL", f"{figures}: {rule.log}")
            elif rule.id in self._wrong - wrong:
                self._say("well again", figures if reading.shown else rule.id)
        self._wrong = wrong

    def _say(self, what: str, detail: str) -> None:
        self._tell(Event(visit="runner", what=what, detail=detail))
