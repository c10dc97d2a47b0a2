"""Workers looked after: replaced when they die, not for ever, and ended when the runner is to stop."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import msgspec
import pytest

from crawler.process import runs, this_process
from output.exits import Exit, Stop
from output.operations import Operations, operations
from output.supervise import Crew, Event, Work, supervise
from tests.output import crew_work

pytestmark = pytest.mark.usefixtures("spawns_lightly")
RULES = msgspec.structs.replace(operations(), look_seconds=0.05, drain_seconds=0.0, deaths=1)


def crew(folder: Path, work: Work, most: int = 1) -> Crew:
    """A crew whose pieces of work are files in a folder."""
    return Crew(
        name="pieces",
        most=most,
        due=lambda: len(list(folder.glob("piece-*"))),
        left=lambda: bool(list(folder.glob("*-*"))),
        tidy=lambda: None,
        work=work,
        given=lambda: folder,
    )


def supervised(folder: Path, work: Work, rules: Operations = RULES, *, stay: bool = False) -> list[Event]:
    told: list[Event] = []
    supervise([crew(folder, work)], told.append, rules, stay=stay)
    return told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(3):
        (tmp_path / f"piece-{number}").touch()
    return tmp_path


def test_everything_due_is_made_and_told(folder: Path) -> None:
    assert [event.visit for event in supervised(folder, crew_work.make_all)] == ["piece-0", "piece-1", "piece-2"]
    assert supervised(folder, crew_work.make_all) == []


def test_a_dead_worker_is_replaced(folder: Path) -> None:
    told = supervised(folder, crew_work.die_once)
    assert [event.what for event in told] == ["died (exit -9)", "sealed", "sealed", "sealed"]
    assert told[0].detail == "making pieces"


def test_workers_that_die_again_and_again_end_the_runner(folder: Path) -> None:
    with pytest.raises(Stop, match="2 workers died within 30 minutes, the last with exit -9") as stop:
        supervised(folder, crew_work.die)
    assert stop.value.code == Exit.WORKERS


def test_a_full_disk_ends_a_round_and_is_outlasted_by_one_that_stays(folder: Path) -> None:
    with pytest.raises(Stop, match="disk is full") as stop:
        supervised(folder, crew_work.meet_full_disk)
    assert stop.value.code == Exit.DISK
    (folder / "piece-2").unlink()
    told = supervised(folder, crew_work.meet_full_disk, stay=True)
    assert [event.what for event in told] == ["died (the disk is full)"]


def test_one_that_stays_waits_for_what_comes_due(folder: Path) -> None:
    for piece in ("piece-1", "piece-2"):
        (folder / piece).unlink()
    (folder / "piece-0").rename(folder / "later-piece-0")
    told: list[Event] = []
    looks = 0

    def time_goes_by() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            (folder / "later-piece-0").rename(folder / "piece-0")

    supervise([crew(folder, crew_work.make_all)], told.append, RULES, stay=True, chores=time_goes_by)
    assert [event.visit for event in told] == ["piece-0"]
    assert looks >= 3


def test_chores_that_meet_a_full_disk_are_told_once_and_outlasted_by_one_that_stays(folder: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    told: list[Event] = []
    looks = 0

    def chores() -> None:
        nonlocal looks
        looks += 1
        if looks <= 3:
            raise full

    supervise([crew(folder, crew_work.make_all)], told.append, RULES, stay=True, chores=chores)
    assert [event.what for event in told] == ["the disk is full", "sealed", "sealed", "sealed"]
    looks = 0
    with pytest.raises(OSError, match="No space left"):
        supervise([crew(folder, crew_work.make_all)], told.append, RULES, chores=chores)


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_stops_at_once(folder: Path, first: signal.Signals) -> None:
    workers: list[int] = []

    def tell(event: Event) -> None:
        workers.append(int(event.visit))
        os.kill(os.getpid(), first)
        # Another one, as two of a kind may be taken for one.
        os.kill(os.getpid(), signal.SIGINT if first is signal.SIGTERM else signal.SIGTERM)

    # Ten minutes' drain, which a worker that takes no notice would use up.
    rules = msgspec.structs.replace(RULES, drain_seconds=600.0)
    with pytest.raises(Stop, match="stopped") as stop:
        supervise([crew(folder, crew_work.never_end)], tell, rules)
    assert stop.value.code == Exit.INTERRUPTED
    machine = this_process().partition(":")[0]
    assert [runs(f"{machine}:{pid}:") for pid in workers] == [False]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_signal_ends_one_that_waits(folder: Path) -> None:
    for piece in folder.iterdir():
        piece.rename(folder / f"later-{piece.name}")
    rules = msgspec.structs.replace(RULES, look_seconds=600.0)
    with pytest.raises(Stop, match="stopped"):
        supervise(
            [crew(folder, crew_work.make_all)], lambda _: None, rules, stay=True,
            chores=lambda: os.kill(os.getpid(), signal.SIGTERM),
        )  # fmt: skip
