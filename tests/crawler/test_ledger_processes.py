"""The ledger under several processes, and under processes killed anywhere."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import ledger
from crawler.database import connect
from crawler.ledger import Ending, PlannedVisit, SlotState
from crawler.model import StopReason, VisitStatus
from crawler.process import still_runs, this_process

NOW = datetime(2017, 2, 2, 2, tzinfo=UTC)
TTL = timedelta(minutes=10)
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "workspace.sqlite"
    with closing(connect(path)) as db:
        ledger.create_tables(db)
    return path


def store(path: Path, agencies: int, visits: int) -> None:
    planned = [
        PlannedVisit(campaign="2016", agency=f"a{agency}", number=number, at=NOW)
        for agency in range(agencies)
        for number in range(1, visits + 1)
    ]
    with closing(connect(path)) as db:
        ledger.store_plan(db, planned, now=NOW)


def work_alone(path: Path, folder: Path, turns: int) -> None:
    """Leases and finishes; an agency's own file proves that nobody else is there."""
    with closing(connect(path)) as db:
        for _ in range(turns):
            held = ledger.lease(db, now=NOW, owner=this_process(), ttl=TTL)
            if held is None:
                continue
            presence = folder / held.agency
            presence.touch(exist_ok=False)
            presence.unlink()
            ledger.finish(db, held, now=NOW, status=VisitStatus.OK, stop=StopReason.DONE, folder=held.slot)


def test_workers_never_meet_at_an_agency_and_no_visit_is_made_twice(database: Path, tmp_path: Path) -> None:
    store(database, agencies=4, visits=15)
    folder = tmp_path / "present"
    folder.mkdir()
    workers = [FORK.Process(target=work_alone, args=(database, folder, 40)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    with closing(connect(database)) as db:
        tries = ledger.attempts(db)
        assert {slot.state for slot in ledger.slots(db)} == {SlotState.DONE}
    assert len(tries) == 60
    assert len({attempt.slot for attempt in tries}) == 60
    assert len({attempt.owner for attempt in tries}) > 1


def work_and_die(path: Path, visits: Path, steps: int) -> None:
    """Makes visits until none is due; the process ends, as if killed, before its steps-th SQL statement or folder."""
    left = steps

    def step(_: object = None) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os._exit(9)

    db = connect(path)
    db.set_trace_callback(step)
    sealed = {folder.name for folder in visits.iterdir()}
    ledger.reconcile(db, sealed, now=NOW)
    ledger.expire(db, NOW, alive=still_runs)
    while held := ledger.lease(db, now=NOW, owner=this_process(), ttl=TTL):
        step()
        (visits / held.slot).mkdir()
        ledger.finish(db, held, now=NOW, status=VisitStatus.OK, stop=StopReason.DONE, folder=held.slot)
    db.set_trace_callback(None)
    db.close()


def run(path: Path, visits: Path, steps: int) -> int:
    worker = FORK.Process(target=work_and_die, args=(path, visits, steps))
    worker.start()
    worker.join(300)
    assert worker.exitcode is not None
    return worker.exitcode


def test_a_worker_killed_before_any_step_loses_no_visit_and_makes_none_twice(database: Path, tmp_path: Path) -> None:
    visits = tmp_path / "visits"
    visits.mkdir()
    store(database, agencies=3, visits=2)
    codes = [run(database, visits, steps) for steps in range(1, 60)]
    assert codes.count(9) >= 20
    assert codes[-1] == 0
    with closing(connect(database)) as db:
        assert {slot.state for slot in ledger.slots(db)} == {SlotState.DONE}
        endings = [attempt.ending for attempt in ledger.attempts(db)]
    # mkdir refuses a folder that exists, so six sealed folders and no failed worker mean that each visit was made once.
    assert len(list(visits.iterdir())) == 6
    assert set(codes) == {0, 9}
    assert endings.count(Ending.SEALED) == 6
    assert endings.count(Ending.INTERRUPTED) == len(endings) - 6 > 0


def test_the_name_of_a_process_tells_whether_it_runs() -> None:
    assert still_runs(this_process())
    machine, number, _ = this_process().split(":")
    assert not still_runs(f"{machine}:{number}:1")
    assert still_runs("another-machine:1:1")
    assert still_runs("nonsense")
    child = FORK.Process(target=int)
    child.start()
    name = f"{machine}:{child.pid}:"
    child.join()
    assert not still_runs(name)


def test_a_write_is_wholly_undone_when_it_fails(database: Path) -> None:
    with closing(connect(database)) as db:
        with pytest.raises(sqlite3.IntegrityError):
            ledger.store_plan(
                db,
                [
                    PlannedVisit(campaign="2016", agency="a", number=1, at=NOW),
                    PlannedVisit(campaign="2016", agency="a", number=0, at=NOW),
                ],
                now=NOW,
            )
        assert not db.in_transaction
        assert ledger.slots(db) == ()


def test_a_full_disk_is_told_as_one(database: Path) -> None:
    with closing(connect(database)) as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
        planned = [PlannedVisit(campaign="2016", agency=f"a{n}", number=1, at=NOW) for n in range(500)]
        with pytest.raises(OSError, match="No space left") as full:
            ledger.store_plan(db, planned, now=NOW)
        assert full.value.filename == str(database)
        assert ledger.slots(db) == ()
