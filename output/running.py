"""Visits under way: where worker processes get their work, where its outcome is booked, and how a round of them is run."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue as ProcessQueue
from pathlib import Path
from queue import Empty

import msgspec

from crawler import ledger
from crawler.database import connect
from crawler.jobs import Job, WorkOptions
from crawler.model import Block, Budget, StopReason, TargetSet, VisitRequest, VisitStatus
from crawler.process import still_runs, this_process
from crawler.registry import Registry, portals_of
from crawler.slots import SlotState
from crawler.visit_folder import clear_unsealed, is_sealed, sealed_visits
from crawler.visiting import Sealed, Step
from crawler.work import work
from output.exits import Exit, Stop
from output.pausing import paused_by
from output.workspace import DATABASE, Workspace

LEASE = timedelta(minutes=5)
"""A visit that showed no page for this long is taken to be interrupted, and its slot is leased anew."""
FOREVER = timedelta(days=3650)
"""A lease on a simulated clock, where the time of one visit says nothing of the life of another."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something to show: a visit began, went on by a page, or ended."""

    visit: str
    what: str
    navigations: int = 0
    detail: str = ""


Tell = Callable[[Event], None]


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What worker processes need to make the due visits of a workspace.

    now stands still where given, else it is the clock's. replay makes every planned visit at once, each at its own planned time.
    """

    database: Path
    registry: Registry
    targets: dict[Block, TargetSet]
    options: WorkOptions
    budget: Budget = Budget()
    pictures: bool = True
    now: datetime | None = None
    replay: bool = False


class LedgerFeed:
    """Hands a spider the due visits of a workspace and books what becomes of them."""

    def __init__(self, round_: Round, tell: Tell) -> None:
        self._round = round_
        self._tell = tell
        self._db = connect(round_.database)
        self._held: dict[str, tuple[ledger.Lease, datetime]] = {}
        self._ttl = FOREVER if round_.replay else LEASE

    def take(self) -> Job | None:
        """The next due visit, leased; None when nothing is due or a person has paused the runners. A replay is nobody's to pause."""
        if not self._round.replay and paused_by(self._db):
            return None
        now = self._now()
        held = ledger.lease(self._db, now=now, owner=this_process(), ttl=self._ttl, sealed=self._is_sealed)
        if held is None:
            return None
        request = request_for(self._round, held, now)
        self._held[request.id] = (held, now)
        self._tell(Event(visit=request.id, what="began", detail=request.portal))
        return Job(request=request, targets=self._round.targets[request.block], last=held.last)

    def alive(self, job: Job, step: Step) -> None:
        """The lease is prolonged and the page shown."""
        held, now = self._held[job.request.id]
        self._held[job.request.id] = (ledger.renew(self._db, held, now=self._at(now), ttl=self._ttl), now)
        self._tell(Event(visit=job.request.id, what="page", navigations=step.navigations, detail=step.url))

    def done(self, job: Job, sealed: Sealed) -> None:
        """The attempt is booked with what the portal answered."""
        held, now = self._held.pop(job.request.id)
        visit = sealed.visit
        ledger.finish(
            self._db,
            held,
            now=self._at(now),
            status=visit.status,
            stop=visit.stop,
            folder=job.request.id if sealed.folder else "",
            error=sealed.error,
            rest=timedelta(seconds=sealed.rest),
        )
        what = "sealed" if visit.reached else f"not reached ({visit.status.value})"
        self._tell(Event(visit=job.request.id, what=what, navigations=visit.navigations, detail=visit.stop.value))

    def ours(self, job: Job, error: str) -> None:
        """The visit is given back for a while; it counts neither for nor against the portal."""
        held, now = self._held.pop(job.request.id)
        again = self._at(now) + timedelta(minutes=ledger.patience().ours_minutes)
        ledger.release(self._db, held, error, now=self._at(now), again=again)
        self._tell(Event(visit=job.request.id, what="given back", detail=error))

    def failed(self, job: Job, error: str) -> None:
        """The attempt is booked as broken on our side; it is tried again later, as often as patience allows."""
        held, now = self._held.pop(job.request.id)
        ours = VisitStatus.OURS
        ledger.finish(self._db, held, now=self._at(now), status=ours, stop=StopReason.OURS, error=error)
        self._tell(Event(visit=job.request.id, what="broke on our side", detail=error))

    def _is_sealed(self, visit: str) -> bool:
        return is_sealed(self._round.options.visits, visit)

    def _now(self) -> datetime:
        """The time it is for the next visit: in a replay its own, though earlier ones are still being made by other workers."""
        if self._round.replay:
            waiting = [slot.ready for slot in ledger.slots(self._db) if slot.state is SlotState.PLANNED]
            return min(waiting, default=moment(self._db, self._round))
        return moment(self._db, self._round)

    def _at(self, now: datetime) -> datetime:
        """The time it is for the ledger: fixed, simulated, or the clock's."""
        return now if self._round.replay else moment(self._db, self._round)


def moment(db: sqlite3.Connection, round_: Round) -> datetime:
    """The time it is for the ledger: the clock's, or the time given; in a replay that of the first visit still to be made."""
    if not round_.replay:
        return round_.now or datetime.now().astimezone()
    every = ledger.slots(db)
    waiting = [slot.ready for slot in every if slot.state in (SlotState.PLANNED, SlotState.LEASED)]
    return min(waiting or [slot.at for slot in every], default=datetime.now().astimezone())


def request_for(round_: Round, held: ledger.Lease, now: datetime) -> VisitRequest:
    """The visit a lease stands for, with the addresses the registry has for its agency."""
    agency = next((a for a in round_.registry.agencies if a.id == held.agency), None)
    portals = portals_of(round_.registry, held.agency)
    if agency is None or not portals:
        raise Stop(
            f"the plan names {held.agency}, which the registry has no portal for — import it, or plan again",
            Exit.BAD_INPUT,
        )
    siblings = {portal.sibling: portal.url for portal in portals if portal.sibling}
    return VisitRequest(
        id=held.slot,
        campaign=held.campaign,
        agency=agency.id,
        agency_name=agency.name,
        block=Block(agency.block),
        portal=portals[0].url,
        declared_address=portals[0].url,
        now=now,
        number=held.number,
        attempt=held.attempt,
        siblings=siblings,
        budget=round_.budget,
        pictures=round_.pictures,
    )


class OneVisit:
    """A feed of a single visit that is in no plan. `sealed` and `error` tell what became of it."""

    def __init__(self, request: VisitRequest, targets: TargetSet, tell: Tell) -> None:
        self._jobs = [Job(request=request, targets=targets)]
        self._tell = tell
        self.sealed: Sealed | None = None
        self.error = ""

    def take(self) -> Job | None:
        """The visit, once."""
        return self._jobs.pop() if self._jobs else None

    def alive(self, job: Job, step: Step) -> None:
        """The page is shown."""
        self._tell(Event(visit=job.request.id, what="page", navigations=step.navigations, detail=step.url))

    def done(self, _: Job, sealed: Sealed) -> None:
        """The outcome is kept."""
        self.sealed = sealed

    def ours(self, _: Job, error: str) -> None:
        """The error is kept."""
        self.error = error

    def failed(self, _: Job, error: str) -> None:
        """The error is kept."""
        self.error = error


# --- a round of visits by worker processes ---------------------------------------------------------------------------------------------------


def tidy(workspace: Workspace, round_: Round) -> None:
    """What dead workers left is put right: their leases taken back, sealed visits booked, unsealed folders removed."""
    now = moment(workspace.conn, round_)
    ledger.reconcile(workspace.conn, sealed_visits(workspace.visits), now=now)
    ledger.expire(workspace.conn, now, alive=still_runs)
    clear_unsealed(workspace.visits)


def run_round(workspace: Workspace, round_: Round, workers: int, tell: Tell) -> None:
    """Every visit due now is made by `workers` processes; returns when none is left. Ctrl-C ends the workers; their visits are redone later."""
    context = multiprocessing.get_context("spawn")
    events: ProcessQueue[Event] = context.Queue()
    processes: list[BaseProcess] = [
        context.Process(target=_worker, args=(round_, events), daemon=True) for _ in range(workers)
    ]
    for process in processes:
        process.start()
    try:
        _relay(processes, events, tell)
    finally:
        _end(processes)
        tidy(workspace, round_)
    broken = [process.exitcode for process in processes if process.exitcode]
    if Exit.DISK in broken:
        raise Stop(f"the disk that holds {workspace.visits} is full — free space and run again to go on", Exit.DISK)
    if broken:
        raise Stop(
            f"{len(broken)} of {workers} workers ended early (exit {broken[0]}) — see the log above; run again to go on",
            Exit.UNREACHABLE,
        )


def _relay(processes: Sequence[BaseProcess], events: ProcessQueue[Event], tell: Tell) -> None:
    while True:
        running = any(process.is_alive() for process in processes)
        try:
            tell(events.get(timeout=0.2))
        except Empty:
            if not running:
                return


def _end(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        if process.is_alive():
            process.terminate()
    for process in processes:
        process.join(timeout=10)
        if process.is_alive():
            process.kill()
            process.join()


def _worker(round_: Round, events: ProcessQueue[Event]) -> None:
    """A worker process. It leaves Ctrl-C to the parent, and ends when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    try:
        work(LedgerFeed(round_, events.put), round_.options)
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        sys.exit(Exit.DISK)


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent is killed, so that no visit goes on that no one knows of."""
    parent = os.getppid()
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:
        os._exit(1)


def database_of(workspace: Workspace) -> Path:
    """The file of the workspace's plan and ledger."""
    return (workspace.path / DATABASE).resolve()
