"""Visits under way: where worker processes get their work, where its outcome is booked, and what is put right after them."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from crawler import ledger
from crawler.clock import Clock, wall
from crawler.database import connect
from crawler.jobs import Job, WorkOptions
from crawler.ledger import Fenced
from crawler.model import Agency, AgencyPortal, Block, Budget, StopReason, TargetSet, VisitRequest, VisitStatus
from crawler.process import runs, this_process
from crawler.registry import Registry, portals_of
from crawler.slots import SlotState
from crawler.underway import Step
from crawler.visit_folder import clear_unsealed, is_sealed, sealed_visits
from crawler.visiting import Sealed
from crawler.work import work
from output.exits import Exit, Stop
from output.operations import free_bytes
from output.pausing import paused_by
from output.supervise import Crew, Event, Tell
from output.workspace import Workspace

LEASE = timedelta(minutes=5)
"""A visit that showed no page for this long, by a worker nobody here can see, is taken to be interrupted, and its slot is leased anew."""
FOREVER = timedelta(days=3650)
"""A lease on a simulated clock, where the time of one visit says nothing of the life of another."""


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What worker processes need to make the due visits of a workspace.

    replay makes every planned visit at once, each at its own planned time, whatever the clock. No visit begins with less than `least_free` bytes
    of disk.
    """

    database: Path
    registry: Registry
    targets: dict[Block, TargetSet]
    options: WorkOptions
    budget: Budget = Budget()
    pictures: bool = True
    clock: Clock = wall
    replay: bool = False
    least_free: int = 0


class LedgerFeed:
    """Hands a spider the due visits of a workspace and books what becomes of them."""

    def __init__(self, round_: Round, tell: Tell) -> None:
        self._round = round_
        self._tell = tell
        self._db = connect(round_.database)
        self._held: dict[str, tuple[ledger.Lease, datetime]] = {}
        self._ttl = FOREVER if round_.replay else LEASE

    def take(self) -> Job | None:
        """The next due visit, leased; None when nothing may begin now. A replay is nobody's to pause."""
        now = self._now()
        if not may_begin(self._db, self._round) or not ledger.due(self._db, now):
            return None
        held = ledger.lease(self._db, now=now, owner=this_process(), ttl=self._ttl, sealed=self._is_sealed, alive=runs)
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
        with suppress(Fenced):  # another worker took it over, and will find it sealed or make it
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
        with suppress(Fenced):
            ledger.release(self._db, held, error, now=self._at(now), again=again)
        self._tell(Event(visit=job.request.id, what="given back", detail=error))

    def failed(self, job: Job, error: str) -> None:
        """The attempt is booked as broken on our side; it is tried again later, as often as patience allows."""
        held, now = self._held.pop(job.request.id)
        if self._is_sealed(job.request.id):
            ledger.reconcile(self._db, [job.request.id], now=self._at(now))
        with suppress(Fenced):  # another worker has it now
            ledger.finish(self._db, held, now=self._at(now), status=VisitStatus.OURS, stop=StopReason.OURS, error=error)
        self._tell(Event(visit=job.request.id, what="broke on our side", detail=error))

    def released(self, job: Job, reason: str) -> None:
        """The slot is free again at once."""
        held, now = self._held.pop(job.request.id)
        with suppress(Fenced):
            ledger.release(self._db, held, reason, now=self._at(now))
        self._tell(Event(visit=job.request.id, what="given back", detail=reason))

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

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


def may_begin(db: sqlite3.Connection, round_: Round) -> bool:
    """Whether a visit may begin at all: nobody has paused the runners, which a replay ignores, and the disk has room."""
    room = free_bytes(round_.options.visits) >= round_.least_free
    return room and (round_.replay or not paused_by(db))


def moment(db: sqlite3.Connection, round_: Round) -> datetime:
    """The time it is for the ledger: the clock's; in a replay that of the first visit still to be made."""
    if not round_.replay:
        return round_.clock()
    every = ledger.slots(db)
    waiting = [slot.ready for slot in every if slot.state in (SlotState.PLANNED, SlotState.LEASED)]
    return min(waiting or [slot.at for slot in every], default=round_.clock())


def request_for(round_: Round, held: ledger.Lease, now: datetime) -> VisitRequest:
    """The visit a lease stands for, with the addresses the registry has for its agency."""
    agency, portals = agency_of(round_.registry, held.agency)
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


def agency_of(registry: Registry, name: str) -> tuple[Agency, tuple[AgencyPortal, ...]]:
    """A planned agency and its portals, the main one first. Raises Stop where the registry has none."""
    agency = next((each for each in registry.agencies if each.id == name), None)
    portals = portals_of(registry, name)
    if agency is None or not portals:
        raise Stop(
            f"the plan names {name}, which the registry has no portal for — import it, or plan again", Exit.BAD_INPUT
        )
    return agency, portals


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

    released = failed


# --- visits by worker processes --------------------------------------------------------------------------------------------------------------


def visits_crew(workspace: Workspace, round_: Round, workers: int) -> Crew:
    """The crew that makes the planned visits of a workspace. Raises Stop where the registry does not know whom the plan names."""
    slots = ledger.slots(workspace.conn)
    for agency in sorted({slot.agency for slot in slots if slot.state is SlotState.PLANNED}):
        agency_of(round_.registry, agency)

    def due() -> int:
        if not may_begin(workspace.conn, round_):
            return 0
        if round_.replay:
            return sum(slot.state is SlotState.PLANNED for slot in ledger.slots(workspace.conn))
        return len(ledger.due(workspace.conn, round_.clock()))

    def left() -> bool:
        return any(slot.state in (SlotState.PLANNED, SlotState.LEASED) for slot in ledger.slots(workspace.conn))

    def given() -> Round:
        # Agencies may have been imported and planned since the runner began.
        return msgspec.structs.replace(round_, registry=workspace.registry)

    return Crew(
        name="visits", most=workers, due=due, left=left, tidy=lambda: tidy(workspace, round_), work=make, given=given
    )


def make(round_: Round, tell: Tell) -> None:
    """A worker process's work: every visit that is due, until there is none."""
    with closing(LedgerFeed(round_, tell)) as feed:
        work(feed, round_.options)


def tidy(workspace: Workspace, round_: Round) -> None:
    """What dead workers left is put right: their leases taken back, sealed visits booked, unsealed folders removed."""
    now = moment(workspace.conn, round_)
    ledger.reconcile(workspace.conn, sealed_visits(workspace.visits), now=now)
    ledger.expire(workspace.conn, now, alive=runs)
    clear_unsealed(workspace.visits)
