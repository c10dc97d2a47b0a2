"""A whole check window by itself, on a simulated clock: `kiemcong run`'s own supervisor, workers, retries, backups and health over small portals."""

from __future__ import annotations

import os
import signal
import struct
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from crawler import ledger
from crawler.ledger import Ending, SlotState
from crawler.model import Agency, Block, VisitStatus
from crawler.plan import VIETNAM, Window, habits, plan_visits
from crawler.services import batches
from crawler.services.model import Service, probe_rules
from crawler.services.plan import groups, plan_batches, probed
from crawler.slots import patience
from crawler.spiders.service import ProbeOptions
from crawler.visit_folder import is_sealed, read_visit
from output.backups import backups, made_at
from output.exits import Stop
from output.operations import operations
from output.probing import ProbeRound, probes_crew
from output.running import visits_crew
from output.services import store_services
from output.supervise import Crew, Event, supervise
from output.upkeep import Upkeep
from output.workspace import Workspace
from tests.output.country import Country, country, planned, round_of

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class SharedClock(msgspec.Struct, frozen=True):
    """A clock several processes read from a file and one sets."""

    file: str

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(struct.unpack("d", Path(self.file).read_bytes())[0], VIETNAM)

    def set(self, moment: datetime) -> None:
        with Path(self.file).open("r+b" if Path(self.file).exists() else "wb") as file:
            file.write(struct.pack("d", moment.timestamp()))


class Simulation:
    """A workspace whose time goes on whenever nobody has anything to do, to the moment when somebody has.

    Agencies named dead-… never answer well, those named late-… not within half an hour of a visit's planned time. `jumps`: by how much the clock is
    set in the middle of a visit, at the first one after a moment. off: when the machine is switched off, and for how long.
    """

    def __init__(
        self, folder: Path, served: Country, workspace: Workspace, first: date, days: int, visits: int
    ) -> None:
        self.workspace, self.served = workspace, served
        self.clock = SharedClock(str(folder / "clock"))
        self.start = datetime(first.year, first.month, first.day, tzinfo=VIETNAM)
        self.clock.set(self.start)
        self.told: list[tuple[datetime, Event]] = []
        self.memory: list[tuple[int, float]] = []
        self.jumps: list[tuple[datetime, timedelta]] = []
        self.off: list[tuple[datetime, timedelta]] = []
        self.moved = timedelta(0)
        agencies = [Agency(id=each, block=Block.HUYEN, name=each) for each in served.agencies if each != "dvc"]
        window = Window(first, first + timedelta(days=days - 1))
        plan = plan_visits(agencies, window, visits, 1, campaign="2016")
        ledger.store_plan(workspace.conn, plan, now=self.start)
        self.at = {visit.id: visit.at for visit in plan}
        self.half_hours = {visit.agency: [v.at for v in plan if v.agency == visit.agency] for visit in plan}
        served.before = self.before
        # One every beat_minutes would be some twenty thousand looks at the same files.
        self.rules = msgspec.structs.replace(operations(), look_seconds=0.02, beat_minutes=60)
        self.stay = msgspec.structs.replace(self.rules.staying(linger=True), linger=3.0, look=0.02)

    def before(self, agency: str, path: str) -> int | None:
        now = self.clock()
        if self.jumps and now >= self.jumps[0][0] and path == "/":
            _, by = self.jumps.pop(0)
            self.moved += by
            self.clock.set(now + by)
        down = agency.startswith("dead") or (
            agency.startswith("late")
            and any(timedelta(0) <= now - at < timedelta(minutes=30) for at in self.half_hours[agency])
        )
        return 500 if down else None

    def plan_probes(self, first: date, days: int) -> None:
        rules = probe_rules()
        found = [
            Service(id=f"s{n}", agency="huyen-0", name=f"Dịch vụ {n}", level=3, url=f"http://dvc.gov.vn/{path}")
            for n, path in enumerate(("tin", "lh"))
        ]  # fmt: skip
        store_services(self.workspace.conn, found, file="thu", now=self.start)
        placed = groups(probed(found), rules.batch_services, 1)
        window = Window(first, first + timedelta(days=days - 1))
        planned = plan_batches("2016", placed.values(), window, rules, 1)
        batches.store_plan(self.workspace.conn, "2016", placed, planned, now=self.start, grace=rules.grace)

    def crews(self) -> list[Crew]:
        opened, rules = self.workspace, probe_rules()
        options = ProbeOptions(
            probes=opened.probes.resolve(), pace=opened.pace_path.resolve(), user_agent="KiemCong/test", rules=rules,
            controls=("http://dvc.gov.vn/",), world=self.served.world, gap=0.0, spacing=0.0, stay=self.stay,
        )  # fmt: skip
        visits = visits_crew(opened, round_of(opened, self.served, self.clock, stay=self.stay), 1)
        if batches.earliest_open(opened.conn) is None:
            return [visits]
        return [visits, probes_crew(opened, ProbeRound(database=opened.database, options=options, clock=self.clock))]

    def tell(self, event: Event) -> None:
        self.told.append((self.clock(), event))
        if event.what == "sealed" and event.detail == "done":
            pid = int(ledger.attempts(self.workspace.conn, event.visit)[-1].owner.split(":")[1])
            pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
            self.memory.append((pid, int(pages) * os.sysconf("SC_PAGESIZE") / 1e6))

    def go_on(self) -> None:
        """The clock goes to the next moment when somebody has something to do, if nobody has now; SIGTERM where the machine is switched off then."""
        now, conn = self.clock(), self.workspace.conn
        slots = ledger.slots(conn)
        under_way = conn.execute("SELECT count(*) FROM batches WHERE state = 'leased'").fetchone()[0]
        if under_way or any(slot.state is SlotState.LEASED for slot in slots):
            return
        if ledger.due(conn, now) or batches.due_count(conn, now):
            return
        last = backups(self.workspace.backups)[-1:]
        moments = [slot.ready for slot in slots if slot.state is SlotState.PLANNED]
        beat = timedelta(minutes=self.rules.beat_minutes)
        moments += [made_at(each) + DAY + beat for each in last if moments]
        if batch := batches.next_planned(conn):
            moments.append(batch)
        later = min((moment for moment in moments if moment > now), default=None)
        if later is None:
            return
        if self.off and later >= self.off[0][0]:
            self.clock.set(self.off[0][0])
            os.kill(os.getpid(), signal.SIGTERM)
            return
        self.clock.set(later)

    def run(self) -> None:
        """The runner is up until the machine is switched off, or for good."""
        upkeep = Upkeep(
            self.workspace, self.rules, self.tell, clock=self.clock, least_free=0, backups=self.workspace.backups, stay=True,
            steady=lambda: (self.clock() - self.moved).timestamp(),
        )  # fmt: skip
        with upkeep:
            supervise(self.crews(), self.tell, self.rules, stay=True, chores=upkeep.turn, pause=self.go_on)

    def run_all(self) -> None:
        """The whole window, switched off and on again as planned."""
        for began, lasts in list(self.off):
            with pytest.raises(Stop, match="stopped"):
                self.run()
            self.off.pop(0)
            self.clock.set(began + lasts)
        self.run()


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine is set to New York's time, whose summer time begins within the window."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def check_window(made: Simulation, agencies: int, visits: int, off: tuple[datetime, timedelta]) -> None:
    """Every slot is accounted for as it should be."""
    workspace, rules = made.workspace, patience()
    slots = ledger.slots(workspace.conn)
    assert len(slots) == agencies * visits
    gone = off[0], off[0] + off[1]
    for slot in slots:
        tries = ledger.attempts(workspace.conn, slot.id)
        if gone[0] <= slot.at and slot.deadline <= gone[1]:
            assert (slot.state, tries) == (SlotState.MISSED, ()), slot.id
            continue
        assert slot.state is SlotState.DONE, slot
        assert is_sealed(workspace.visits, slot.id)
        assert [each.ending for each in tries] == [Ending.FAILED] * (len(tries) - 1) + [Ending.SEALED], slot.id
        for number, (one, two) in enumerate(pairwise(tries)):
            assert one.ended
            assert two.begun - one.ended >= timedelta(hours=rules.retry_hours[number]), slot.id
        visit = read_visit(workspace.visits / slot.id)
        assert visit.request.now.utcoffset() == timedelta(hours=7)
        if slot.agency.startswith("dead"):
            assert visit.status is VisitStatus.SERVER_ERROR
        else:
            assert visit.status is VisitStatus.OK
        spans = [(f"{start:0>5}", f"{end:0>5}") for start, end in habits().hours]
        begun = f"{slot.at.astimezone(VIETNAM):%H:%M}"
        assert any(start <= begun <= end for start, end in spans), slot


def check_backups(made: Simulation, off: tuple[datetime, timedelta]) -> None:
    """A copy was made every day the runner was up, and only the last are kept."""
    times = [at for at, event in made.told if event.what == "backed up"]
    assert [event for _, event in made.told if event.what == "no backup could be made"] == []
    for one, two in pairwise(times):
        assert two - one <= DAY + 2 * HOUR or one <= off[0] <= two, (one, two)
    kept = backups(made.workspace.backups)
    assert len(kept) == min(len(times), made.rules.backups_kept)
    assert made_at(kept[-1]) == max(times).replace(microsecond=0)


@pytest.mark.usefixtures("spawns_lightly", "far_away")
def test_a_fortnight_by_itself(tmp_path: Path) -> None:
    names = ("huyen-0", "huyen-1", "late-0", "dead-0", "dvc")
    first = date(2017, 3, 6)
    with country(*names) as served, planned(tmp_path / "ws", names[:-1], []) as workspace:
        made = Simulation(tmp_path, served, workspace, first, 12, 2)
        made.plan_probes(first, 1)
        off = (made.start + 3 * DAY, 4 * DAY + 12 * HOUR)
        made.off.append(off)
        made.jumps += [(made.start, 2 * HOUR), (made.start + 8 * DAY, -2 * HOUR)]
        made.run_all()
        check_window(made, 4, 2, off)
        check_backups(made, off)
        assert not made.jumps
        check_clock_told(made)
        assert Counter(each.state for each in batches.batches(workspace.conn)) == {batches.BatchState.DONE: 4}


@pytest.mark.long
@pytest.mark.usefixtures("spawns_lightly", "far_away")
def test_a_whole_window_over_thirty_portals(tmp_path: Path) -> None:
    names = (
        *(f"huyen-{n}" for n in range(24)),
        *(f"late-{n}" for n in range(3)),
        *(f"dead-{n}" for n in range(3)),
        "dvc",
    )
    first, days = date(2017, 2, 1), 59
    with country(*names) as served, planned(tmp_path / "ws", names[:-1], []) as workspace:
        made = Simulation(tmp_path, served, workspace, first, days, 3)
        made.plan_probes(first, 12)
        off = (made.start + 5 * DAY, 5 * DAY)
        made.off.append(off)
        made.jumps += [(made.start + 3 * DAY, 3 * HOUR), (made.start + 40 * DAY, -3 * HOUR)]
        began = time.monotonic()
        made.run_all()
        took = time.monotonic() - began
        check_window(made, 30, 3, off)
        check_backups(made, off)
        check_clock_told(made)
        assert any(slot.state is SlotState.MISSED for slot in ledger.slots(workspace.conn))
        counts = Counter(each.state for each in batches.batches(workspace.conn))
        # Batches may begin up to three hours late; those of the days off are missed.
        assert set(counts) == {batches.BatchState.DONE, batches.BatchState.MISSED}
        assert 4 * 4 <= counts[batches.BatchState.MISSED] <= 6 * 4
        told = [event.detail for _, event in made.told if event.what == "NOT WELL"]
        assert any(detail.startswith("visits-missed") for detail in told)
    worker = Counter(pid for pid, _ in made.memory).most_common(1)[0][0]
    sizes = [size for pid, size in made.memory if pid == worker]
    early, late = max(sizes[: len(sizes) // 4]), sizes[-1]
    print(
        f"{len(made.told)} events, {took:.0f} s; a worker of {len(sizes)} visits: {early:.0f} MB early, {late:.0f} MB late"
    )
    assert len(sizes) > 20
    assert late < 1.1 * early


def check_clock_told(made: Simulation) -> None:
    """The log says when the clock was set, and no visit was made twice for it (`check_window` looks at every attempt)."""
    told = [event.detail.split(";")[0] for _, event in made.told if event.what == "the clock was set"]
    assert [each.split()[0] for each in told if "day" not in each] == ["forward", "back"]
