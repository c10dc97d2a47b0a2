"""The ledger of batches: leases, fences, states; and workers killed at any instant."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.database import connect
from crawler.ledger import Fenced
from crawler.manifest import read_manifest
from crawler.model import Vantage
from crawler.process import still_runs, this_process
from crawler.services import batches
from crawler.services.batch_folder import open_batch, read_batch, read_probes, states_of
from crawler.services.batches import BatchState
from crawler.services.model import Batch, Outcome, PlannedBatch, Probe
from crawler.visit_folder import is_sealed, sealed_visits

NOW = datetime(2017, 2, 2, 2, tzinfo=UTC)
TTL = timedelta(minutes=10)
GRACE = timedelta(hours=3)
FORK = multiprocessing.get_context("fork")
SERVICES = [f"s{number}" for number in range(20)]


def planned(count: int) -> list[PlannedBatch]:
    return [
        PlannedBatch(
            id=f"2016.probes.{n:03d}", campaign="2016", group=1, stratum="x", part=1, at=NOW + timedelta(seconds=n)
        )
        for n in range(count)
    ]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "workspace.sqlite"
    with closing(connect(path)) as db:
        batches.create_tables(db)
    return path


def store(path: Path, count: int, now: datetime = NOW) -> int:
    with closing(connect(path)) as db:
        return batches.store_plan(db, "2016", dict.fromkeys(SERVICES, 1), planned(count), now=now, grace=GRACE)


def test_a_batch_is_leased_once_finished_once_and_its_states_are_known(database: Path) -> None:
    store(database, 2)
    with closing(connect(database)) as db:
        assert batches.lease(db, now=NOW - TTL, owner="a", ttl=TTL) is None
        held = batches.lease(db, now=NOW, owner="a", ttl=TTL)
        assert held is not None
        assert batches.lease(db, now=NOW, owner="b", ttl=TTL) is None
        batches.finish(db, held, {"s1": (NOW, Outcome.DOWN)}, now=NOW)
        batches.finish(db, held, {"s1": (NOW, Outcome.ALIVE)}, now=NOW)
        assert batches.last_states(db, "2016", ["s1", "s2"]) == {"s1": Outcome.DOWN}
        assert batches.counts(db, "2016", NOW + TTL) == {
            "planned": 1, "leased": 0, "done": 1, "missed-by-us": 0, "due": 1,
        }  # fmt: skip


def test_a_lease_that_ran_out_is_fenced(database: Path) -> None:
    store(database, 1)
    with closing(connect(database)) as db:
        first = batches.lease(db, now=NOW, owner="a", ttl=TTL)
        assert first is not None
        renewed = batches.renew(db, first, now=NOW + TTL / 2, ttl=TTL)
        assert batches.lease(db, now=NOW + TTL, owner="b", ttl=TTL) is None
        second = batches.lease(db, now=renewed.until, owner="b", ttl=TTL)
        assert second is not None
        assert (second.attempt, second.token > first.token) == (2, True)
        for late in (lambda: batches.finish(db, first, {}, now=NOW), lambda: batches.renew(db, first, now=NOW, ttl=TTL),
                     lambda: batches.release(db, first, "x", now=NOW)):  # fmt: skip
            with pytest.raises(Fenced):
                late()


def test_what_is_late_is_missed_and_what_breaks_again_and_again_is_given_up(database: Path) -> None:
    store(database, 2)
    with closing(connect(database)) as db:
        for _ in range(batches.MOST_ATTEMPTS):
            held = batches.lease(db, now=NOW, owner="a", ttl=TTL)
            assert held is not None
            batches.release(db, held, "broke", now=NOW)
        assert batches.lease(db, now=NOW, owner="a", ttl=TTL) is None
        assert batches.expire(db, NOW + GRACE + TTL) == ("2016.probes.001",)
        assert {each.state for each in batches.batches(db)} == {BatchState.MISSED}


def test_planning_again_keeps_what_began_and_an_older_state_never_wins(database: Path) -> None:
    assert store(database, 5) == 5
    with closing(connect(database)) as db:
        held = batches.lease(db, now=NOW, owner="a", ttl=TTL)
        assert held is not None
        batches.finish(db, held, {"s1": (NOW + TTL, Outcome.ALIVE)}, now=NOW)
        assert store(database, 3) == 0
        assert [each.batch.id[-1] for each in batches.batches(db)] == ["0", "1", "2"]
        second = batches.lease(db, now=NOW + TTL, owner="a", ttl=TTL)
        assert second is not None
        batches.finish(db, second, {"s1": (NOW, Outcome.DOWN)}, now=NOW)
        assert batches.last_states(db, "2016", ["s1"]) == {"s1": Outcome.ALIVE}


def make(path: Path, probes: Path) -> None:
    """Makes every batch that is due, as a worker does: puts right what others left, leases, writes, seals, books."""
    with closing(connect(path)) as db:
        batches.reconcile(db, sealed_visits(probes), lambda name: states_of(probes / name), now=NOW)
        batches.expire(db, NOW, alive=still_runs)
        late = NOW + timedelta(hours=2)
        while held := batches.lease(
            db, now=late, owner=this_process(), ttl=TTL, sealed=lambda name: is_sealed(probes, name)
        ):
            with open_batch(probes, held.batch.id, held.attempt, started_at=NOW) as writer:
                for service in SERVICES:
                    writer.probe(
                        Probe(service=service, url="http://a.gov.vn/", at=held.batch.at, outcome=Outcome.ALIVE)
                    )
                writer.seal_batch(batch_of(held.batch))
            batches.finish(db, held, dict.fromkeys(SERVICES, (held.batch.at, Outcome.ALIVE)), now=late)


def batch_of(each: PlannedBatch) -> Batch:
    return Batch(
        id=each.id, campaign=each.campaign, group=each.group, stratum=each.stratum, planned_at=each.at, started_at=each.at,
        finished_at=each.at, probes=len(SERVICES), controls=(), rules_digest="0" * 64, software="kiemcong test", vantage=Vantage(),
    )  # fmt: skip


def test_workers_killed_at_twenty_random_instants_lose_no_sealed_probe_and_repeat_none(
    database: Path, tmp_path: Path
) -> None:
    probes = tmp_path / "probes"
    probes.mkdir()
    count = 60
    store(database, count)
    lots = random.Random(5)
    digests: dict[str, str] = {}
    killed = 0
    for _ in range(400):
        worker = FORK.Process(target=make, args=(database, probes))
        worker.start()
        assert worker.pid is not None
        if killed < 20:
            time.sleep(lots.uniform(0.01, 0.05))
            os.kill(worker.pid, signal.SIGKILL)
        worker.join(30)
        found = {name: read_manifest(probes / name).digest for name in sealed_visits(probes)}
        # What was sealed before is there still, the same to the byte.
        assert digests.items() <= found.items()
        digests = found
        if worker.exitcode != 0:
            killed += 1
        elif killed == 20:
            break
        else:  # faster than its murderer: more work, so that the next one is caught at it
            count += 60
            store(database, count)
    assert killed == 20
    assert len(digests) == count
    with closing(connect(database)) as db:
        assert {each.state for each in batches.batches(db)} == {BatchState.DONE}
        endings = dict(db.execute("SELECT ending, count(*) FROM batch_attempts GROUP BY ending").fetchall())
        twice = db.execute(
            "SELECT count(*) FROM batch_attempts WHERE ending = 'sealed' GROUP BY batch HAVING count(*) > 1"
        )
        assert twice.fetchall() == []
        assert batches.last_states(db, "2016", SERVICES) == dict.fromkeys(SERVICES, Outcome.ALIVE)
    assert endings["sealed"] == count
    assert endings.get("interrupted", 0) <= 20
    for name in digests:
        assert read_batch(probes / name).id == name
        assert [probe.service for probe in read_probes(probes / name)] == SERVICES
