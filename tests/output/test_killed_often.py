"""Visitors killed at a hundred instants of gathering and sealing: what is sealed in the end is what nobody's death would have left."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from checklists.load import load_checklist
from crawler import ledger
from crawler.clock import Still
from crawler.ledger import Ending
from crawler.model import PageVisit
from crawler.plan import VIETNAM
from crawler.slots import SlotState
from crawler.visit_folder import UNSEALED, read_pages, read_visit, sealed_visits
from output.exits import Exit, Stop
from output.judging import CHECKLIST, judge
from output.operations import operations
from output.running import visits_crew
from output.supervise import supervise
from output.verify import check_folder
from output.workspace import Workspace
from tests.output.country import Country, country, planned, round_of

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("spawns_lightly")]
KILLS = 100
AGENCIES = [f"huyen-{number}" for number in range(30)]
START = datetime(2017, 3, 13, 9, tzinfo=VIETNAM)
TIMES = [START + timedelta(minutes=minute) for minute in range(10)]
MOST_REQUESTS = 30
"""Of one life. A visit takes seven or more and two are made at once, so that a life makes about two visits and a hundred lives leave some over."""


def kill_workers() -> None:
    for worker in multiprocessing.active_children():
        with suppress(ProcessLookupError):
            os.kill(worker.pid or 0, signal.SIGKILL)


def made(workspace: Workspace, served: Country) -> bool:
    """Whether everything due was made, by one worker that nobody replaces when it dies."""
    rules = msgspec.structs.replace(operations(), deaths=0)
    round_ = round_of(workspace, served, Still(TIMES[-1]), concurrency=2, stay=rules.staying(linger=False))
    try:
        supervise([visits_crew(workspace, round_, 1)], lambda _: None, rules)
    except Stop as stop:
        if stop.code != Exit.WORKERS:
            raise
        return False
    return True


@contextmanager
def killed_at_request(served: Country, number: int, late: float) -> Iterator[None]:
    """The worker dies at the so-many-th request from now: before it is answered, or a little later."""
    lock, left = threading.Lock(), [number]

    def before(_agency: str, _path: str) -> None:
        with lock:
            left[0] -= 1
            due = left[0] == 0
        if due and late:
            threading.Timer(late, kill_workers).start()
        elif due:
            kill_workers()

    served.before = before
    yield
    served.before = lambda _agency, _path: None


@contextmanager
def killed_while_sealing(visits: Path, after: int, late: float) -> Iterator[None]:
    """The worker dies when it is seen to begin sealing a visit after it sealed so many, or a little later."""
    over = threading.Event()
    unsealed = visits / UNSEALED
    enough = len(sealed_visits(visits)) + after
    left = set(unsealed.glob("*/visit.json"))

    def watch() -> None:
        while not over.is_set():
            sealing = set(unsealed.glob("*/visit.json")) - left
            if sealing and (not after or len(sealed_visits(visits)) >= enough):
                time.sleep(late)
                kill_workers()
                return
            time.sleep(0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield
    over.set()
    watcher.join()


def content(folder: Path) -> object:
    """What a verdict can depend on: everything of a visit but when its pages came, how long they took and which attempt it was."""
    visit = read_visit(folder)
    request = msgspec.structs.replace(visit.request, attempt=0)
    whole = msgspec.structs.replace(visit, request=request, started_at=START, finished_at=START)
    return whole, [timeless(page) for page in read_pages(folder)]


def timeless(page: PageVisit) -> PageVisit:
    headers = tuple((name, value) for name, value in page.headers if name != "Date")
    return msgspec.structs.replace(page, started_at=START, timings={}, headers=headers)


def test_a_hundred_kills_leave_the_same_sealed_set_as_none(tmp_path: Path) -> None:
    chance = random.Random(43)
    met = {"gathering": 0, "sealing": 0}
    with (
        country(*AGENCIES) as served,
        planned(tmp_path / "calm", AGENCIES, TIMES) as calm,
        planned(tmp_path / "killed", AGENCIES, TIMES) as killed,
    ):
        assert made(calm, served)
        unsealed = killed.visits / UNSEALED
        for kill in range(KILLS):
            late = chance.choice((0.0, chance.uniform(0, 0.03)))
            killer = (
                killed_while_sealing(killed.visits, chance.randrange(3), late / 10)
                if kill % 3 == 0
                else killed_at_request(served, chance.randrange(1, MOST_REQUESTS), late)
            )
            with killer:
                assert not made(killed, served), f"all was made before kill {kill}"
            for left in unsealed.iterdir():
                met["sealing" if (left / "visit.json").exists() else "gathering"] += 1
                # Only what was not touched for a minute is cleared.
                os.utime(left, (0, 0))
        assert made(killed, served)
        tries = ledger.attempts(killed.conn)
        assert {slot.state for slot in ledger.slots(killed.conn)} == {SlotState.DONE}
        assert sum(each.ending is Ending.SEALED for each in tries) == len(AGENCIES) * len(TIMES)
        assert {each.ending for each in tries} == {Ending.SEALED, Ending.INTERRUPTED}
        assert sealed_visits(killed.visits) == sealed_visits(calm.visits)
        checklist = load_checklist(CHECKLIST)
        for name in sealed_visits(calm.visits):
            one, other = calm.visits / name, killed.visits / name
            assert content(one) == content(other), name
            assert check_folder(other).damages == ()
        for name in (f"2016.{agency}.1" for agency in AGENCIES):
            assert judge(checklist, [calm.visits / name]) == judge(checklist, [killed.visits / name]), name
        assert not list(unsealed.iterdir())
    print(f"{KILLS} kills met {met['gathering']} visits being gathered and {met['sealing']} being sealed")
    assert met["gathering"]
    assert met["sealing"]
