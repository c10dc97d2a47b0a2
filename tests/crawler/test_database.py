"""Databases shared by processes: opened by many at once while there is none yet."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Barrier
from pathlib import Path

from crawler.database import connect

FORK = multiprocessing.get_context("fork")
OPENERS, ROUNDS = 4, 20


def open_new(folder: Path, barrier: Barrier) -> None:
    """Open so many databases that nobody opened before, each at the same moment as the others."""
    for number in range(ROUNDS):
        barrier.wait(30)
        connect(folder / f"{number}.sqlite").close()


def test_processes_that_open_a_new_database_at_once_wait_for_each_other(tmp_path: Path) -> None:
    barrier = FORK.Barrier(OPENERS)
    openers = [FORK.Process(target=open_new, args=(tmp_path, barrier)) for _ in range(OPENERS)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join(60)
    assert [opener.exitcode for opener in openers] == [0] * OPENERS
