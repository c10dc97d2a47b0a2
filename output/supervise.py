"""Worker processes looked after: started when something is due, started anew when they die, asked to end when the runner is to stop."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import msgspec

from output.exits import Exit, Stop
from output.operations import Operations

KILL_AFTER = 15.0
"""Seconds a worker gets, beyond the time to finish what is under way, to end by itself."""
LONGEST_PAUSE = 60.0


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something to show: a visit or batch began, went on by a page, or ended. navigations is 0 where pages are not counted."""

    visit: str
    what: str
    navigations: int = 0
    detail: str = ""


Tell = Callable[[Event], None]
Work = Callable[[Any, Tell], None]


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of work. most: worker processes at once; due: pieces that could begin now; left: whether any may still come; tidy puts right what
    dead workers left. A worker runs `work(given(), tell)` in a process of its own, where both are sent by pickle; `given` is asked anew for each."""

    name: str
    most: int
    due: Callable[[], int]
    left: Callable[[], bool]
    tidy: Callable[[], None]
    work: Work
    given: Callable[[], Any]


@dataclass
class _Worker:
    crew: Crew
    process: BaseProcess
    inbox: Connection | None


@dataclass
class _Run:
    """A runner's moving parts. stops: how often it was asked to stop. Times are those of time.monotonic()."""

    tell: Tell
    rules: Operations
    stay: bool
    workers: list[_Worker] = field(default_factory=list)
    deaths: deque[float] = field(default_factory=deque)
    not_before: float = 0.0
    waiting: dict[str, int] = field(default_factory=dict)
    stops: int = 0
    full: bool = False
    wake: int = -1


def supervise(
    crews: Sequence[Crew],
    tell: Tell,
    rules: Operations,
    *,
    stay: bool = False,
    chores: Callable[[], None] = lambda: None,
    pause: Callable[[], None] | None = None,
) -> None:
    """Everything due is made by worker processes; returns when nothing is, with `stay` when nothing is left at all.

    `chores` are done at every look; `pause`, where given, is called after each instead of nothing, for a simulated clock. Raises
    Stop(INTERRUPTED) where SIGTERM or SIGINT asked for it: what is under way is finished within the rules' drain_seconds or given back; a second
    signal kills the workers at once, and what they held is taken back by the next runner. Raises Stop(DISK) where a worker met a full disk, unless
    it stays, and Stop(WORKERS) where workers died too often.
    """
    run = _Run(tell=tell, rules=rules, stay=stay)
    with _signals(run):
        try:
            while not run.stops:
                if _cared_for(run, crews, chores):
                    for crew in crews:
                        _start(run, crew)
                if not run.workers and not any(crew.left() if stay else crew.due() for crew in crews):
                    return
                _relay(run, rules.look_seconds if stay else min(1.0, rules.look_seconds))
                _reap(run)
                if pause is not None:
                    pause()
        finally:
            _end(run)
            _tidy(crews)
    raise Stop("stopped; what was sealed stays, the rest is made by the next run", Exit.INTERRUPTED)


def _tidy(crews: Sequence[Crew]) -> None:
    for crew in crews:
        crew.tidy()


def _cared_for(run: _Run, crews: Sequence[Crew], chores: Callable[[], None]) -> bool:
    """Whether all could be put right and every chore be done. A full disk is told, once, and outlasted by a runner that stays."""
    try:
        _tidy(crews)
        chores()
    except OSError as problem:
        if not (run.stay and full_disk(problem)):
            raise
        if not run.full:
            run.tell(Event(visit="runner", what="the disk is full", detail=str(problem)))
        run.full = True
        return False
    run.full = False
    return True


def _start(run: _Run, crew: Crew) -> None:
    """Workers for what is due. While some run, another is started only for what they left waiting since the last look."""
    due = crew.due()
    running = sum(worker.crew is crew for worker in run.workers)
    wanted = due if not running else min(due, run.waiting.get(crew.name, 0))
    run.waiting[crew.name] = due
    if time.monotonic() < run.not_before:
        return
    for _ in range(min(crew.most - running, wanted)):
        context = multiprocessing.get_context("spawn")
        inbox, outbox = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(crew.work, crew.given(), outbox), daemon=True)
        process.start()
        outbox.close()
        run.workers.append(_Worker(crew, process, inbox))


def _work(work: Work, given: Any, outbox: Connection) -> None:
    """A worker process. Ctrl-C is the runner's to act on, and its end is the worker's."""
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    try:
        work(given, outbox.send)
    except Exception as problem:
        if not full_disk(problem):
            raise
        sys.exit(Exit.DISK)
    outbox.close()


def full_disk(problem: BaseException) -> bool:
    """Whether a full disk is what went wrong, alone or among others."""
    if isinstance(problem, BaseExceptionGroup):
        return any(full_disk(each) for each in problem.exceptions)
    return isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT)


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent is gone, so that no visit goes on that no one knows of."""
    parent = os.getppid()
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:
        os._exit(1)


def _relay(run: _Run, seconds: float) -> None:
    """Pass on what workers tell, for so many seconds or until one ends or the runner is asked to stop."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        inboxes = {worker.inbox: worker for worker in run.workers if worker.inbox is not None}
        ready = wait([*inboxes, run.wake], timeout=left)
        if run.wake in ready:
            os.read(run.wake, 100)
            return
        for inbox in ready:
            worker = inboxes[inbox]  # type: ignore[index]
            if not _heard(run, worker):
                return


def _heard(run: _Run, worker: _Worker) -> bool:
    """One event passed on; False where the worker has nothing more to tell: it has ended, or is about to."""
    assert worker.inbox is not None
    try:
        run.tell(worker.inbox.recv())
    except (EOFError, OSError):  # killed in the middle of a word
        worker.inbox.close()
        worker.inbox = None
        return False
    return True


def _reap(run: _Run) -> None:
    """Workers that ended are let go; the deaths among them are counted. Raises Stop(DISK) or Stop(WORKERS)."""
    for worker in [each for each in run.workers if each.inbox is None]:
        worker.process.join(KILL_AFTER)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        run.workers.remove(worker)
        code = worker.process.exitcode
        if code == Exit.DISK and not run.stay:
            raise Stop("the disk is full — free space and run again to go on", Exit.DISK)
        if code:
            _mourn(run, worker, code)


def _mourn(run: _Run, worker: _Worker, code: int) -> None:
    now, rules = time.monotonic(), run.rules
    run.deaths.append(now)
    while run.deaths[0] < now - rules.death_minutes * 60:
        run.deaths.popleft()
    run.not_before = now + min(LONGEST_PAUSE, 2.0 ** (len(run.deaths) - 1))
    why = "the disk is full" if code == Exit.DISK else f"exit {code}"
    run.tell(Event(visit=f"worker {worker.process.pid}", what=f"died ({why})", detail=f"making {worker.crew.name}"))
    if len(run.deaths) > rules.deaths:
        raise Stop(
            f"{len(run.deaths)} workers died within {rules.death_minutes:g} minutes, the last with {why} — see the log above;"
            " run again to go on",
            Exit.WORKERS,
        )


def _end(run: _Run) -> None:
    """Every worker has ended: by itself where the drain lasts, else killed."""
    until = time.monotonic() + run.rules.drain_seconds + KILL_AFTER
    for worker in run.workers:
        worker.process.terminate()
    while any(worker.inbox for worker in run.workers) and run.stops < 2 and time.monotonic() < until:
        _relay(run, min(1.0, until - time.monotonic()))
    for worker in run.workers:
        if worker.inbox is None:
            worker.process.join(1.0)
        worker.process.kill()
        worker.process.join()
        if worker.inbox is not None:
            worker.inbox.close()
    run.workers.clear()


@contextmanager
def _signals(run: _Run) -> Iterator[None]:
    """SIGTERM and SIGINT are counted, and end a wait, until the block ends."""
    run.wake, bell = os.pipe()
    os.set_blocking(bell, False)

    def asked(_number: int, _frame: object) -> None:
        run.stops += 1
        os.write(bell, b"!")

    before = {each: signal.signal(each, asked) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(bell)
        os.close(run.wake)
