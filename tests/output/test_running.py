"""Visits by worker processes: everything planned is made once, whatever is killed, stopped or shared on the way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

import msgspec
import pytest

from crawler import ledger
from crawler.clock import Still
from crawler.database import connect
from crawler.ledger import Ending
from crawler.model import StopReason, VisitStatus
from crawler.plan import VIETNAM
from crawler.slots import SlotState
from crawler.visit_folder import UNSEALED, read_visit, sealed_visits
from output.exits import Exit, Stop
from output.operations import Operations, operations
from output.running import LedgerFeed, visits_crew
from output.supervise import Event, supervise
from output.verify import check_folder
from output.workspace import Workspace, open_workspace
from tests.crawler.loopback import Countdown
from tests.output.country import ROOT, TITLES, Country, country, planned, round_of

pytestmark = pytest.mark.usefixtures("spawns_lightly")
AGENCIES = ("mot", "hai", "ba")
START = datetime(2017, 3, 13, 9, tzinfo=VIETNAM)


def days(count: int) -> list[datetime]:
    return [START + timedelta(days=day) for day in range(count)]


def run_replay(path: Path, served: Country, *more: str) -> subprocess.Popen[bytes]:
    """`kiemcong run --replay` on a workspace, in a process group of its own."""
    command = [sys.executable, "-c", "from output.cli import main; main()", "run", "--workspace", str(path), "--replay"]
    return subprocess.Popen(
        [*command, "--workers", "1", *served.options, *more],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=ROOT,
    )


def supervised(
    workspace: Workspace, served: Country, *, workers: int = 1, at: datetime = START, drain: float = 60
) -> list[Event]:
    """Everything due at a moment made in this process' own workers; what they told."""
    told: list[Event] = []
    rules = replaced(drain_seconds=drain)
    round_ = round_of(workspace, served, Still(at), stay=rules.staying(linger=False))
    supervise([visits_crew(workspace, round_, workers)], told.append, rules)
    return told


def replaced(**more: float) -> Operations:
    return msgspec.structs.replace(operations(), **more)


def check_all_made_once(path: Path, visits: int) -> None:
    """Every planned visit is sealed, sound and booked once; nothing is left half-made."""
    wanted = sorted(f"2016.{each}.{n}" for each in AGENCIES for n in range(1, visits + 1))
    with open_workspace(path) as workspace:
        assert sealed_visits(workspace.visits) == wanted
        assert {slot.state for slot in ledger.slots(workspace.conn)} == {SlotState.DONE}
        for slot in wanted:
            endings = [attempt.ending for attempt in ledger.attempts(workspace.conn, slot)]
            assert endings.count(Ending.SEALED) == 1
            assert check_folder(workspace.visits / slot).damages == ()
        leftovers = workspace.visits / UNSEALED
        assert not leftovers.is_dir() or not list(leftovers.iterdir())


def held_by(database: Path) -> list[int]:
    """The process ids of the workers that hold a lease now."""
    db = connect(database)
    try:
        return [int(each.owner.split(":")[1]) for each in ledger.attempts(db) if each.ending is None]
    finally:
        db.close()


def at_request(served: Country, number: int, act: Callable[[], None]) -> None:
    """`act` is called before the so-many-th request from now is answered."""
    lock, left = threading.Lock(), [number]

    def before(_agency: str, _path: str) -> None:
        with lock:
            left[0] -= 1
            due = left[0] == 0
        if due:
            act()

    served.before = before


def test_killing_everything_at_any_instant_loses_no_visit_and_makes_none_twice(tmp_path: Path) -> None:
    """Kills at instants of the work; the long test of a hundred stands in test_killed_often.py."""
    visits, kills, chance = 3, 2, random.Random(3)
    with country(*AGENCIES) as served:
        planned(tmp_path / "ws", AGENCIES, days(visits)).close()
        killer = Countdown()
        served.before = lambda _agency, _path: killer.count()
        for kill in range(kills + 1):
            run = run_replay(tmp_path / "ws", served)
            if kill < kills:
                killer.set(run.pid, chance.randrange(1, 14))
            _, told = run.communicate(timeout=300)
            killer.stop()
            assert run.returncode == (0 if kill == kills else -signal.SIGKILL), told.decode()
    with open_workspace(tmp_path / "ws") as workspace:
        # What a killed attempt left is only cleared once it is a minute old.
        for left in (workspace.visits / UNSEALED).glob("*"):
            os.utime(left, (0, 0))
        supervised(workspace, served)
    check_all_made_once(tmp_path / "ws", visits)
    visit = read_visit(tmp_path / "ws" / "visits" / "2016.mot.1")
    assert (visit.status, visit.stop) == (VisitStatus.OK, StopReason.DONE)
    assert visit.request.now == START
    assert visit.vantage.closed_world.startswith("127.0.0.0/8")


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    with country(*AGENCIES) as served, planned(tmp_path / "ws", AGENCIES, days(1)) as workspace:
        at_request(served, 5, lambda: os.kill(held_by(workspace.database)[0], signal.SIGKILL))
        told = supervised(workspace, served)
        assert [event.what for event in told if event.visit.startswith("worker")] == ["died (exit -9)"]
        tries = ledger.attempts(workspace.conn)
    assert sum(attempt.ending is Ending.INTERRUPTED for attempt in tries) == 3
    assert len({attempt.owner for attempt in tries}) == 2
    with open_workspace(tmp_path / "ws") as workspace:
        for left in (workspace.visits / UNSEALED).glob("*"):
            os.utime(left, (0, 0))
        supervised(workspace, served)
    check_all_made_once(tmp_path / "ws", 1)


def test_sigterm_lets_what_is_under_way_end_and_takes_nothing_new(tmp_path: Path) -> None:
    with country(*AGENCIES) as served, planned(tmp_path / "ws", AGENCIES, days(2)) as workspace:
        at_request(served, 2, lambda: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(Stop, match="stopped") as stop:
            supervised(workspace, served, at=START + timedelta(days=1))
        assert stop.value.code == Exit.INTERRUPTED
        tries = ledger.attempts(workspace.conn)
        assert {attempt.ending for attempt in tries} == {Ending.SEALED}
        # Others were due: a whole day's visits, and the next day's of each agency once that was made.
        assert 1 <= len(tries) <= 3
        assert sealed_visits(workspace.visits) == sorted(attempt.slot for attempt in tries)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_what_outlasts_the_drain_is_given_back_and_made_again(tmp_path: Path) -> None:
    with country("mot") as served, planned(tmp_path / "ws", ("mot",), days(1)) as workspace:
        answered = threading.Event()

        def stop_and_hang() -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            answered.wait(300)

        at_request(served, 4, stop_and_hang)
        with pytest.raises(Stop, match="stopped"):
            supervised(workspace, served, drain=0.1)
        answered.set()
        (attempt,) = ledger.attempts(workspace.conn)
        assert (attempt.ending, attempt.error) == (Ending.RELEASED, "the worker was told to stop")
        assert ledger.due(workspace.conn, START)
        assert not list((workspace.visits / UNSEALED).iterdir())
        supervised(workspace, served)
        assert sealed_visits(workspace.visits) == ["2016.mot.1"]


def test_two_runners_share_the_work_and_never_visit_a_portal_together(tmp_path: Path) -> None:
    visits = 4
    with country(*AGENCIES) as served:
        planned(tmp_path / "ws", AGENCIES, days(visits)).close()
        meet = threading.Barrier(2)
        runners = set[bytes]()

        def before(agency: str, path: str) -> None:
            # The first two visits wait for each other, so that both runners are at work before either can finish all.
            if path == "/robots.txt" and len(runners) < 2:
                runners.add(agency.encode())
                meet.wait(300)

        served.before = before
        both = [run_replay(tmp_path / "ws", served, "--concurrency", "1") for _ in range(2)]
        for run in both:
            _, told = run.communicate(timeout=300)
            assert run.returncode == 0, told.decode()
        log = list(served.log)
    assert len(runners) == 2
    assert not meet.broken
    check_all_made_once(tmp_path / "ws", visits)
    with open_workspace(tmp_path / "ws") as workspace:
        # Each runner has one worker with one visit at a time, and the first two visits were under way together.
        first, second = sorted(ledger.attempts(workspace.conn), key=lambda attempt: attempt.token)[:2]
        assert first.owner != second.owner
    for agency, lines in groupby(sorted(log, key=lambda line: (line[0], line[2])), key=lambda line: line[0]):
        requests = list(lines)
        # No request began before the one before it was answered, and each visit asks in its own order: nobody came in between.
        assert all(one[3] <= two[2] for one, two in pairwise(requests)), agency
        paths = " ".join(path if path in (*TITLES, "/robots.txt") else "?" for _, path, _, _ in requests)
        made = paths.split("/robots.txt")
        assert made[0] == ""
        assert [each.strip() for each in made[1:]] == [made[1].strip()] * visits


def test_a_visit_our_own_network_kept_from_us_is_given_back_for_a_while(tmp_path: Path) -> None:
    told: list[Event] = []
    with country(*AGENCIES[:1]) as served, planned(tmp_path / "ws", AGENCIES[:1], [START]) as workspace:
        feed = LedgerFeed(round_of(workspace, served, Still(START)), told.append)
        job = feed.take()
        assert job is not None
        feed.ours(job, "our own network is down (http://luon-song.vn/: refused)")
        slot = ledger.slots(workspace.conn)[0]
        assert (slot.state, slot.ready) == (
            SlotState.PLANNED,
            START + timedelta(minutes=ledger.patience().ours_minutes),
        )
        assert [attempt.ending for attempt in ledger.attempts(workspace.conn)] == [Ending.RELEASED]
        assert feed.take() is None
        feed.close()
    assert [event.what for event in told] == ["began", "given back"]
    assert "our own network is down" in told[-1].detail
