"""Probes under way: where worker processes get their batches, where the outcome is booked, and how a round of them is run."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from crawler.database import connect
from crawler.ledger import Fenced
from crawler.process import still_runs, this_process
from crawler.services import batches
from crawler.services.batch_folder import states_of
from crawler.services.model import Service
from crawler.services.plan import probed
from crawler.services.probe import BatchJob, SealedBatch
from crawler.services.work import probe
from crawler.spiders.service import ProbeOptions
from crawler.visit_folder import clear_unsealed, is_sealed, sealed_visits
from output.exits import Exit, Stop
from output.services import load_services
from output.workspace import DATABASE, Workspace

LEASE = timedelta(minutes=15)
"""A batch in which no try was made for so long is taken to be interrupted, and leased anew."""
FOREVER = timedelta(days=3650)
"""A lease on a simulated clock."""

RENEW_SECONDS = 60.0


class ProbeRound(msgspec.Struct, frozen=True, kw_only=True):
    """What worker processes need to make the due batches of a workspace.

    now stands still where given, else it is the clock's. replay makes every planned batch at once, each at its own planned time.
    """

    database: Path
    options: ProbeOptions
    now: datetime | None = None
    replay: bool = False


class BatchEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something to show: a batch began, was sealed, or broke."""

    batch: str
    what: str
    detail: str = ""


Tell = Callable[[BatchEvent], None]


class LedgerBatches:
    """Hands a spider the due batches of a workspace and books what becomes of them."""

    def __init__(self, round_: ProbeRound, tell: Tell, began: Callable[[datetime], None] = lambda _: None) -> None:
        self._round = round_
        self._tell = tell
        self._began = began
        self._db = connect(round_.database)
        self._held: dict[str, tuple[batches.BatchLease, datetime, float]] = {}
        self._ttl = FOREVER if round_.replay else LEASE
        self._services = {service.id: service for service in probed(load_services(self._db))}

    def take(self) -> BatchJob | None:
        """The next due batch, leased; None when nothing is due."""
        now = self._now()
        held = batches.lease(self._db, now=now, owner=this_process(), ttl=self._ttl, sealed=self._is_sealed)
        if held is None:
            return None
        self._held[held.batch.id] = (held, now, time.monotonic())
        services = self._members(held)
        last = batches.last_states(self._db, held.batch.campaign, (each.id for each in services))
        self._began(now)
        self._tell(BatchEvent(batch=held.batch.id, what="began", detail=f"{len(services)} services"))
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
        self._tell(BatchEvent(batch=job.batch.id, what="sealed", detail=detail))

    def failed(self, job: BatchJob, error: str) -> None:
        """The attempt is booked as broken on our side."""
        at = self.clock(job)()
        held, *_ = self._held.pop(job.batch.id)
        with suppress(Fenced):  # another worker has it now
            if self._is_sealed(job.batch.id):
                batches.finish(self._db, held, states_of(self._round.options.probes / job.batch.id), now=self._at(at))
            else:
                batches.release(self._db, held, error, now=self._at(at))
        self._tell(BatchEvent(batch=job.batch.id, what="broke on our side", detail=error))

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
            return self._at(datetime.now().astimezone())
        return batches.next_planned(self._db) or datetime.now().astimezone()

    def _at(self, now: datetime) -> datetime:
        """The time it is for the ledger: fixed, simulated, or the clock's."""
        return now if self._round.replay else self._round.now or datetime.now().astimezone()


def tidy(workspace: Workspace, now: datetime | None) -> None:
    """What dead workers left is put right: sealed batches booked, their leases taken back, unsealed folders removed.

    now None stands for a simulated clock, on which it is as late as the earliest batch still open.
    """
    root = workspace.probes
    now = now or batches.earliest_open(workspace.conn) or datetime.now().astimezone()
    batches.reconcile(workspace.conn, sealed_visits(root), lambda name: states_of(root / name), now=now)
    batches.expire(workspace.conn, now, alive=still_runs)
    clear_unsealed(root)


def run_round(workspace: Workspace, round_: ProbeRound, tell: Tell) -> None:
    """Every batch due now is made by one worker process; returns when none is left. Ctrl-C ends the worker; its batches are redone later."""
    context = multiprocessing.get_context("spawn")
    inbox, outbox = context.Pipe(duplex=False)
    process = context.Process(target=_worker, args=(round_, outbox), daemon=True)
    process.start()
    outbox.close()
    try:
        while True:
            try:
                tell(inbox.recv())
            except EOFError:
                break
        process.join()
    finally:
        if process.is_alive():
            process.terminate()
            process.join(10)
        tidy(workspace, None if round_.replay else round_.now or datetime.now().astimezone())
    if process.exitcode:
        raise Stop(
            f"the probing process ended early (exit {process.exitcode}) — see the log above; run again to go on",
            Exit.UNREACHABLE,
        )


def _worker(round_: ProbeRound, outbox: multiprocessing.connection.Connection) -> None:
    """A worker process. It leaves Ctrl-C to the parent, and ends when the parent is gone."""
    from output.running import die_with_parent

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    feed = LedgerBatches(round_, outbox.send)
    probe(feed, round_.options)
    feed.close()
    outbox.close()


def database_of(workspace: Workspace) -> Path:
    """The file of the workspace's plan and ledger."""
    return (workspace.path / DATABASE).resolve()
