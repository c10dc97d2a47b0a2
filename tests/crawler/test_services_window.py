"""A whole check window on a simulated clock: generated probes through the real ledger, sealing and classifier; every verdict is the truth."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from checklists.liveness import LOCAL, Stability, stability
from crawler.database import connect
from crawler.model import Vantage, VisitStatus
from crawler.plan import Window
from crawler.services import batches
from crawler.services.batch_folder import open_batch
from crawler.services.model import Batch, Layer, Outcome, PlannedBatch, Probe, Service, Try, probe_rules
from crawler.services.plan import groups, plan_batches
from output.services_seen import Days, batches_seen, campaign_liveness
from scoring.counting import counting_rule, shown_dead

FIRST = date(2017, 2, 1)
START = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=LOCAL)
RULE = counting_rule()
VERDICTS = {
    "steady": Stability.STABLE,
    "one-in-forty": Stability.STABLE,
    "flapping": Stability.UNSTABLE,
    "nightly": Stability.UNSTABLE,
    "short-outage": Stability.STABLE,
    "week-outage": Stability.UNSTABLE,
    "blocked": Stability.UNDETERMINED,
    "half-blocked": Stability.UNDETERMINED,
    "dead": Stability.UNSTABLE,
}
KINDS = tuple(VERDICTS)


def shows(kind: str, number: int, at: datetime, count: int) -> Outcome:
    """What a service of a kind shows at its count-th probe."""
    day = (at - START).total_seconds() / 86400
    down = {
        "one-in-forty": (count + number) % 40 == 0,
        "flapping": (count + number) % 3 == 0,
        "nightly": at.hour >= 18,
        "short-outage": 5 <= day < 6.2,
        "week-outage": 5 <= day < 12,
        "dead": True,
    }.get(kind, False)
    if kind == "blocked" or (kind == "half-blocked" and count % 2):
        return Outcome.BLOCKED
    return Outcome.DOWN if down else Outcome.ALIVE


def resident() -> float:
    """Megabytes this process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def run_window(folder: Path, services: int, days: int) -> dict[str, float]:
    """The window run from plan to verdict; figures of what it took."""
    rules = probe_rules()
    found = [
        Service(id=f"s{n:05d}", agency="a", name=str(n), level=3, url=f"http://h{n % (services // 5)}.gov.vn/{n}")
        for n in range(services)
    ]
    placed = groups(found, rules.batch_services, 1)
    window = Window(FIRST, FIRST + timedelta(days=days - 1))
    planned = plan_batches("2016", placed.values(), window, rules, 1)
    counts = dict.fromkeys(placed, 0)
    void = 0
    memory: dict[int, float] = {}
    with closing(connect(folder / "workspace.sqlite")) as db:
        batches.create_tables(db)
        # What a power cut may lose is no part of this test, and a disk's patience is not measured here.
        db.execute("PRAGMA synchronous = NORMAL")
        batches.store_plan(db, "2016", placed, planned, now=START, grace=rules.grace)
        while (now := batches.next_planned(db)) is not None:
            held = batches.lease(db, now=now, owner="one", ttl=timedelta(hours=1))
            assert held is not None
            local = held.batch.at.astimezone(LOCAL)
            cut = (local.date() - FIRST).days == 3
            void += cut
            members = batches.services_of(db, "2016", held.batch.group)
            last = batches.last_states(db, "2016", members)
            states = seal(folder / "probes", held.batch, members, counts, last, cut)
            batches.finish(db, held, {} if cut else states, now=now)
            memory[(local.date() - FIRST).days] = resident()
        slowest = max(
            timed(lambda: batches.lease(db, now=START, owner="one", ttl=timedelta(hours=1))),
            timed(lambda: batches.last_states(db, "2016", members)),
            timed(lambda: batches.counts(db, "2016", START)),
            timed(lambda: batches.due_count(db, START)),
            timed(lambda: batches.next_planned(db)),
        )
        assert batches.counts(db, "2016", START)["done"] == len(planned)
    began = time.monotonic()
    marks = Days(FIRST, days)
    seen = campaign_liveness(batches_seen(folder / "probes", "2016"), RULE.stable, marks.add)
    reading = time.monotonic() - began
    assert seen.keys() == placed.keys()
    for name, live in seen.items():
        kind = KINDS[int(name[1:]) % len(KINDS)]
        assert live.sightings == counts[name]
        assert stability(live, RULE.stable) is VERDICTS[kind], (name, kind, live)
        assert shown_dead(live, RULE.dead) is (kind == "dead")
        assert (live.ours > 0) is (void > 0)
    assert marks.of("s00000")[3] == (0, 0)
    grown = max(memory.values()) - memory[0]
    return {
        "attempts": sum(counts.values()),
        "batches": len(planned),
        "grown": grown,
        "slowest": slowest,
        "reading": reading,
    }


def seal(
    probes: Path, batch: PlannedBatch, members: list[str], counts: dict[str, int], last: dict[str, Outcome], cut: bool
) -> dict[str, tuple[datetime, Outcome]]:
    """A batch sealed with what its services show."""
    states = {}
    at = batch.at.astimezone(LOCAL)
    with open_batch(probes, batch.id, 1, started_at=at) as writer:
        for name in members:
            number = int(name[1:])
            outcome = Outcome.DOWN if cut else shows(KINDS[number % len(KINDS)], number, at, counts[name])
            counts[name] += 1
            layer = Layer.HTTP if outcome is Outcome.DOWN else Layer.NONE
            tried = Try(
                at=at, outcome=outcome, layer=layer, status=VisitStatus.OK, http_status=200, address="127.0.0.1"
            )
            changed = outcome in (Outcome.ALIVE, Outcome.DOWN) and last.get(name) is not outcome
            writer.probe(
                Probe(
                    service=name,
                    url="http://a.gov.vn/",
                    at=at,
                    outcome=outcome,
                    layer=layer,
                    changed=changed,
                    tries=(tried,),
                )
            )
            if outcome in (Outcome.ALIVE, Outcome.DOWN):
                states[name] = (at, outcome)
        writer.seal_batch(
            Batch(
                id=batch.id, campaign="2016", group=batch.group, stratum=batch.stratum, planned_at=at, started_at=at,
                finished_at=at, probes=len(members), controls=(), rules_digest="0" * 64, software="kiemcong test",
                vantage=Vantage(), void=cut,
            )
        )  # fmt: skip
    return states


def timed(question: Callable[[], object]) -> float:
    """Seconds a question takes, the best of three."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        question()
        taken.append(time.perf_counter() - began)
    return min(taken)


def test_three_weeks_of_ninety_services(tmp_path: Path) -> None:
    found = run_window(tmp_path, services=90, days=21)
    assert found["attempts"] == 90 * 4 * 21
    assert found["slowest"] < 0.1
    assert found["grown"] < 50


@pytest.mark.long
def test_the_whole_window_of_twelve_thousand_services(tmp_path: Path) -> None:
    found = run_window(tmp_path, services=12_000, days=59)
    print(found)
    assert found["attempts"] == 12_000 * 4 * 59
    assert found["slowest"] < 0.1
    assert found["grown"] < 50
