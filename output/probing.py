"""Probes under way: where worker processes get their batches, where the outcome is booked, and what is put right after them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from crawler.clock import Clock, wall
from crawler.database import connect
from crawler.ledger import Fenced
from crawler.process import runs, this_process
from crawler.services import batches
from crawler.services.batch_folder import states_of
from crawler.services.model import Service
from crawler.services.probe import BatchJob, SealedBatch
from crawler.services.work import probe
from crawler.spiders.service import ProbeOptions
from crawler.visit_folder import clear_unsealed, is_sealed, sealed_visits
from output.operations import free_bytes
from output.pausing import paused_by
from output.services import probe_subjects
from output.supervise import Crew, Event, Tell
from output.workspace import Workspace

LEASE = timedelta(minutes=15)
"""A batch in which no try was made for so long is taken to be interrupted, and leased anew."""
FOREVER = timedelta(days=3650)
"""A lease on a simulated clock."""

RENEW_SECONDS = 60.0


class ProbeRound(msgspec.Struct, frozen=True, kw_only=True):
    """What worker processes need to make the due batches of a workspace.

    replay makes every planned batch at once, each at its own planned time, whatever the clock. No batch begins with less than `least_free` bytes
    of disk.
    """

    database: Path
    options: ProbeOptions
    clock: Clock = wall
    replay: bool = False
    least_free: int = 0


class LedgerBatches:
    """Hands a spider the due batches of a workspace and books what becomes of them."""

    def __init__(self, round_: ProbeRound, tell: Tell, began: Callable[[datetime], None] = lambda _: None) -> None:
        self._round = round_
        self._tell = tell
        self._began = began
        self._db = connect(round_.database)
        self._held: dict[str, tuple[batches.BatchLease, datetime, float]] = {}
        self._ttl = FOREVER if round_.replay else LEASE
        self._services = {subject.id: subject for subject in probe_subjects(self._db)}

    def take(self) -> BatchJob | None:
        """The next due batch, leased; None when nothing may begin now. A replay is nobody's to pause."""
        now = self._now()
        if not may_begin(self._db, self._round) or not batches.due_count(self._db, now):
            return None
        held = batches.lease(self._db, now=now, owner=this_process(), ttl=self._ttl, sealed=self._is_sealed, alive=runs)
        if held is None:
            return None
        self._held[held.batch.id] = (held, now, time.monotonic())
        services = self._members(held)
        last = batches.last_states(self._db, held.batch.campaign, (each.id for each in services))
        self._began(now)
        self._tell(Event(visit=held.batch.id, what="began", detail=f"{len(services)} services"))
        return BatchJob(batch=held.batch, services=services, last=last, attempt=held.attempt)

    def clock(self, job: BatchJob) -> Callable[[], datetime]:
        """The time within a batch: from its own beginning on, however the round's clock stands."""
        _, now, began = self._held[job.batch.id]
        return lambda: now + timedelta(seconds=time.monotonic() - began)

    def alive(self, job: BatchJob) -> None:
        """The lease is prolonged, once a minute."""
        held, now, _ = self._held[job.batch.id]
        at = self.clock(job)()
        if not self._round.replay and (held.until - at) < self._ttl - timedelta(seconds=RENEW_SECONDS):
            renewed = batches.renew(self._db, held, now=self._at(at), ttl=self._ttl)
            self._held[job.batch.id] = (renewed, now, self._held[job.batch.id][2])

    def done(self, job: BatchJob, sealed: SealedBatch) -> None:
        """The batch is booked with the states it showed."""
        at = self.clock(job)()
        held, *_ = self._held.pop(job.batch.id)
        with suppress(Fenced):  # another worker took it over, and will find it sealed
            batches.finish(self._db, held, sealed.states, now=self._at(at))
        batch = sealed.batch
        detail = f"void: {batch.reason}" if batch.void else f"{batch.probes} probes"
        self._tell(Event(visit=job.batch.id, what="sealed", detail=detail))

    def failed(self, job: BatchJob, error: str) -> None:
        """The attempt is booked as broken on our side."""
        at = self.clock(job)()
        held, *_ = self._held.pop(job.batch.id)
        with suppress(Fenced):  # another worker has it now
            if self._is_sealed(job.batch.id):
                batches.finish(self._db, held, states_of(self._round.options.probes / job.batch.id), now=self._at(at))
            else:
                batches.release(self._db, held, error, now=self._at(at))
        self._tell(Event(visit=job.batch.id, what="broke on our side", detail=error))

    def released(self, job: BatchJob, reason: str) -> None:
        """The batch is free again at once."""
        at = self.clock(job)()
        held, *_ = self._held.pop(job.batch.id)
        with suppress(Fenced):
            batches.release(self._db, held, reason, now=self._at(at), broke=False)
        self._tell(Event(visit=job.batch.id, what="given back", detail=reason))

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def _members(self, held: batches.BatchLease) -> tuple[Service, ...]:
        names = batches.services_of(self._db, held.batch.campaign, held.batch.group)
        return tuple(self._services[name] for name in names if name in self._services)

    def _is_sealed(self, batch: str) -> bool:
        return is_sealed(self._round.options.probes, batch)

    def _now(self) -> datetime:
        if not self._round.replay:
            return self._round.clock()
        return batches.next_planned(self._db) or self._round.clock()

    def _at(self, now: datetime) -> datetime:
        """The time it is for the ledger: fixed, simulated, or the clock's."""
        return now if self._round.replay else self._round.clock()


def may_begin(db: sqlite3.Connection, round_: ProbeRound) -> bool:
    """Whether a batch may begin at all: nobody has paused the runners, which a replay ignores, and the disk has room."""
    room = free_bytes(round_.options.probes) >= round_.least_free
    return room and (round_.replay or not paused_by(db))


def tidy(workspace: Workspace, round_: ProbeRound) -> None:
    """What dead workers left is put right: sealed batches booked, their leases taken back, unsealed folders removed.

    On a simulated clock it is as late as the earliest batch still open.
    """
    root = workspace.probes
    now = batches.earliest_open(workspace.conn) if round_.replay else None
    now = now or round_.clock()
    batches.reconcile(workspace.conn, sealed_visits(root), lambda name: states_of(root / name), now=now)
    batches.expire(workspace.conn, now, alive=runs)
    clear_unsealed(root)


def probes_crew(workspace: Workspace, round_: ProbeRound) -> Crew:
    """The crew, of one worker, that makes the planned batches of a workspace."""

    def due() -> int:
        if not may_begin(workspace.conn, round_):
            return 0
        now = batches.next_planned(workspace.conn) if round_.replay else round_.clock()
        return batches.due_count(workspace.conn, now) if now else 0

    def left() -> bool:
        return batches.earliest_open(workspace.conn) is not None

    return Crew(
        name="probes", most=1, due=due, left=left, tidy=lambda: tidy(workspace, round_), work=make, given=lambda: round_
    )


def make(round_: ProbeRound, tell: Tell) -> None:
    """A worker process's work: every batch that is due, until there is none."""
    with closing(LedgerBatches(round_, tell)) as feed:
        probe(feed, round_.options)
