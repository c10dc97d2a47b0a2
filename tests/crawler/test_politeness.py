"""The pace towards hosts and addresses."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from multiprocessing.queues import Queue
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.politeness import backoff, cool, cooling, crawl_delay, open_pace, recover, reserve, user_agent

T0 = 1_000_000.0
ONE, TWO = "203.0.113.1", "203.0.113.2"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_pace(tmp_path / "pace.sqlite")) as connection:
        yield connection


def test_a_host_is_asked_once_in_a_gap(db: sqlite3.Connection) -> None:
    assert [reserve(db, "a.vn", [ONE], 1.0, T0) for _ in range(3)] == [0, 1, 2]
    assert reserve(db, "A.VN", [], 1.0, T0 + 2.5) == 0.5
    assert reserve(db, "b.vn", [TWO], 1.0, T0) == 0
    assert reserve(db, "a.vn", [ONE], 1.0, T0 + 60) == 0


def test_hosts_behind_one_address_share_its_pace(db: sqlite3.Connection) -> None:
    assert reserve(db, "a.vn", [ONE], 1.0, T0) == 0
    assert reserve(db, "b.vn", [TWO, ONE], 1.0, T0) == 1
    assert reserve(db, "c.vn", [TWO], 1.0, T0) == 2


def test_no_gap_on_loopback(db: sqlite3.Connection) -> None:
    assert [reserve(db, "127.0.0.1", ["127.0.0.1"], 0.0, T0) for _ in range(3)] == [0, 0, 0]


def test_a_crawl_delay_holds_for_its_host_alone(db: sqlite3.Connection) -> None:
    crawl_delay(db, "a.vn", 5)
    assert [reserve(db, "a.vn", [ONE], 1.0, T0) for _ in range(2)] == [0, 5]
    assert reserve(db, "b.vn", [ONE], 1.0, T0) == 6
    crawl_delay(db, "a.vn", 0)
    reserve(db, "a.vn", [], 1.0, T0 + 100)
    assert reserve(db, "a.vn", [], 1.0, T0 + 100) == 1


def test_retry_after_is_obeyed(db: sqlite3.Connection) -> None:
    assert cool(db, "a.vn", [ONE], T0, until=T0 + 120) == T0 + 120
    assert cooling(db, "a.vn", [], T0 + 20) == 100
    assert cooling(db, "b.vn", [ONE], T0 + 20) == 100
    assert cooling(db, "b.vn", [TWO], T0) == 0
    assert reserve(db, "b.vn", [ONE], 1.0, T0) == 120
    assert cool(db, "a.vn", [], T0, until=T0 + 5) == T0 + 120


def test_a_clock_set_back_makes_nobody_wait_for_it(db: sqlite3.Connection) -> None:
    day = 86_400.0
    assert reserve(db, "a.vn", [ONE], 1.0, T0) == 0
    cool(db, "b.vn", [TWO], T0, until=T0 + 120)
    assert reserve(db, "a.vn", [ONE], 1.0, T0) == 1
    assert cooling(db, "b.vn", [TWO], T0 - day) == 120
    # What was reserved or rested still holds, counted from the new time.
    assert reserve(db, "a.vn", [ONE], 1.0, T0 - day) == 2
    assert cooling(db, "b.vn", [TWO], T0 - day + 20) == 100
    assert reserve(db, "b.vn", [TWO], 1.0, T0 - day + 20) == 100
    assert reserve(db, "a.vn", [ONE], 1.0, T0 - day + 50) == 0
    # A few seconds' difference is none: two processes' clocks.
    assert reserve(db, "a.vn", [ONE], 1.0, T0 - day + 45) == 6


def test_pauses_and_gaps_double_up_to_a_limit_and_come_back_slowly(db: sqlite3.Connection) -> None:
    rules = backoff()
    pauses = [cool(db, "a.vn", [], T0 + n * 10_000) - (T0 + n * 10_000) for n in range(rules.most_doublings + 2)]
    assert pauses[:3] == [rules.first_seconds, 2 * rules.first_seconds, 4 * rules.first_seconds]
    assert pauses[-1] == pauses[-2] == rules.first_seconds * 2 ** (rules.most_doublings - 1)

    def gap(now: float) -> float:
        reserve(db, "a.vn", [], 1.0, now)
        return reserve(db, "a.vn", [], 1.0, now)

    assert gap(T0 + 200_000) == 2**rules.most_doublings
    for _ in range(rules.good_answers - 1):
        recover(db, "a.vn", [])
    assert gap(T0 + 300_000) == 2**rules.most_doublings
    recover(db, "a.vn", [])
    assert gap(T0 + 400_000) == 2 ** (rules.most_doublings - 1)
    for _ in range(rules.good_answers * rules.most_doublings):
        recover(db, "a.vn", [])
    assert gap(T0 + 500_000) == 1


def test_a_bad_answer_starts_the_count_anew(db: sqlite3.Connection) -> None:
    cool(db, "a.vn", [], T0)
    for _ in range(backoff().good_answers - 1):
        recover(db, "a.vn", [])
    cool(db, "a.vn", [], T0)
    recover(db, "a.vn", [])
    reserve(db, "a.vn", [], 1.0, T0 + 10_000)
    assert reserve(db, "a.vn", [], 1.0, T0 + 10_000) == 4


asks = st.lists(
    st.tuples(st.sampled_from("abc"), st.frozensets(st.sampled_from([ONE, TWO])), st.floats(0, 3)), max_size=25
)


@given(asks)
def test_no_two_reservations_of_a_host_or_address_are_closer_than_the_gap(
    asked: list[tuple[str, frozenset[str], float]],
) -> None:
    with closing(open_pace(Path(":memory:"))) as db:
        now, starts = T0, dict[str, list[float]]()
        for host, addresses, pause in asked:
            now += pause
            start = now + reserve(db, host, addresses, 1.0, now)
            for key in (host, *addresses):
                starts.setdefault(key, []).append(start)
    for times in starts.values():
        assert all(later - earlier >= 1.0 - 1e-6 for earlier, later in pairwise(times))


def visit(path: Path, host: str, times: int, gap: float, done: Queue[float]) -> None:
    """Navigations as they are reserved; a worker that wakes late says nothing of the pace."""
    with closing(open_pace(path)) as db:
        for _ in range(times):
            now = time.time()
            wait = reserve(db, host, [ONE], gap, now)
            done.put(now + wait)
            time.sleep(wait)


def test_the_gap_holds_over_processes(tmp_path: Path) -> None:
    path, gap = tmp_path / "pace.sqlite", 0.02
    context = multiprocessing.get_context("fork")
    done: Queue[float] = context.Queue()
    open_pace(path).close()
    workers = [context.Process(target=visit, args=(path, host, 10, gap, done)) for host in ("a.vn", "a.vn", "b.vn")]
    for worker in workers:
        worker.start()
    seen = sorted(done.get(timeout=60) for _ in range(30))
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert min(later - earlier for earlier, later in pairwise(seen)) >= gap - 1e-6


def test_the_user_agent_names_whom_to_write_to() -> None:
    assert user_agent("a@b.gov.vn").startswith("KiemCong/")
    assert user_agent("a@b.gov.vn").endswith("(+mailto:a@b.gov.vn)")
