"""The rules that say when something is wrong with us, on workspaces where it is and where it is not."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from crawler import ledger
from crawler.ledger import PlannedVisit
from crawler.model import PageVisit, StopReason, TargetView, VisitStatus
from crawler.plan import VIETNAM
from crawler.spiders.lanes import STOPPED
from crawler.visit_folder import open_writer
from output import health
from output.cli import run
from output.commands import status as showing
from output.exits import Exit
from output.health import MEASURES, health_rules, readings
from output.operations import MEGABYTE
from output.workspace import Workspace, init_workspace
from tests.crawler.test_visit_folder import TARGETS, a_visit

START = datetime(2017, 3, 13, 9, tzinfo=VIETNAM)
HOUR = timedelta(hours=1)
COUNT = 20


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = init_workspace(tmp_path / "ws", "a@b.gov.vn", now=START)
    planned = [PlannedVisit(campaign="2016", agency=f"a{n:02}", number=1, at=START) for n in range(COUNT)]
    ledger.store_plan(made.conn, planned, now=START)
    return made


def visited(
    workspace: Workspace,
    statuses: list[VisitStatus],
    *,
    pages: VisitStatus = VisitStatus.OK,
    landed: bool = True,
    at: datetime = START,
) -> None:
    """One attempt for each status: sealed where it is OK, else failed."""
    for status in statuses:
        held = ledger.lease(workspace.conn, now=at, owner="me", ttl=HOUR)
        assert held
        if status is VisitStatus.OK:
            seal(workspace, held.slot, pages, landed=landed)
        stop = StopReason.DONE if status is VisitStatus.OK else StopReason.UNREACHABLE
        folder = held.slot if status is VisitStatus.OK else ""
        ledger.finish(workspace.conn, held, now=at, status=status, stop=stop, folder=folder)


def seal(workspace: Workspace, name: str, pages: VisitStatus, *, landed: bool) -> None:
    views = (
        TargetView(target="news", full=True, landings=("http://portal.gov.vn/1",) if landed else ()),
        TargetView(target="schedule", full=True, landings=("http://portal.gov.vn/2",)),
    )
    with open_writer(workspace.visits, name, 1, started_at=START) as writer:
        for number in range(15):
            url = f"http://portal.gov.vn/{number}"
            writer.page(PageVisit(id=f"{number}", requested_url=url, final_url=url, status=pages, started_at=START))
        writer.seal(msgspec.structs.replace(a_visit(name), views=views), TARGETS)


def wrong(workspace: Workspace, now: datetime = START + HOUR) -> set[str]:
    return {reading.rule.id for reading in readings(workspace, now) if reading.wrong}


def test_every_rule_can_be_read() -> None:
    rules = health_rules()
    assert "assumed" in rules.source
    for rule in rules.rules:
        assert rule.measure in MEASURES
        assert (rule.below is None) != (rule.above is None), rule.id
        assert rule.log
        assert rule.message
    assert len({rule.id for rule in rules.rules}) == len(rules.rules)


def test_a_good_day_breaks_no_rule(workspace: Workspace) -> None:
    visited(workspace, [VisitStatus.OK] * 17 + [VisitStatus.REFUSED, VisitStatus.BLOCKED, VisitStatus.NOT_FOUND])
    assert wrong(workspace) == set()


def test_too_few_cases_say_nothing(workspace: Workspace) -> None:
    visited(workspace, [VisitStatus.REFUSED] * 5)
    found = {reading.rule.id: reading for reading in readings(workspace, START + HOUR)}
    assert (found["portals-reached"].value, found["portals-reached"].cases) == (None, 5)
    assert wrong(workspace) == set()


@pytest.mark.parametrize(
    ("statuses", "broken"),
    [
        ([VisitStatus.REFUSED] * 8 + [VisitStatus.OK] * 12, {"portals-reached"}),
        ([VisitStatus.OURS] * 3 + [VisitStatus.OK] * 17, {"our-faults"}),
        ([VisitStatus.BLOCKED] * 3 + [VisitStatus.CAPTCHA] * 4 + [VisitStatus.OK] * 13, {"walls", "portals-reached"}),
    ],
)
def test_what_goes_wrong_on_the_whole_is_ours(
    workspace: Workspace, statuses: list[VisitStatus], broken: set[str]
) -> None:
    visited(workspace, statuses)
    assert wrong(workspace) == broken


def test_pages_that_fail_within_visits(workspace: Workspace) -> None:
    visited(workspace, [VisitStatus.OK] * 15)
    visited(workspace, [VisitStatus.OK] * 4, pages=VisitStatus.RESET)
    assert wrong(workspace) == {"pages-failing"}
    assert "pages-failing" not in wrong(workspace, START + 30 * HOUR)


def test_targets_found_on_no_portal(workspace: Workspace) -> None:
    visited(workspace, [VisitStatus.OK] * 14, landed=False)
    assert wrong(workspace) == set()
    visited(workspace, [VisitStatus.OK], landed=False)
    assert wrong(workspace) == {"targets-never-found"}
    visited(workspace, [VisitStatus.OK])
    assert wrong(workspace) == set()


def test_visits_nobody_makes(workspace: Workspace) -> None:
    visited(workspace, [VisitStatus.OK] * 19)
    assert wrong(workspace, START + 5 * HOUR) == set()
    assert wrong(workspace, START + 7 * HOUR) == {"visits-waiting"}
    # Its time ran out; what was due is missed, and nothing is left to back up for.
    assert wrong(workspace, START + 73 * HOUR) == {"visits-missed", "backup-age"}
    ledger.expire(workspace.conn, START + 73 * HOUR)
    assert wrong(workspace, START + 73 * HOUR) == {"visits-missed"}


def test_what_was_given_back_because_the_worker_was_stopped_is_no_fault(workspace: Workspace) -> None:
    for reason, broken in ((STOPPED, set()), ("our own network is down", {"our-faults"})):
        for _ in range(8):
            held = ledger.lease(workspace.conn, now=START, owner="me", ttl=HOUR)
            assert held
            ledger.release(workspace.conn, held, reason, now=START, again=START + 3 * HOUR)
        ledger.expire(workspace.conn, START)
        assert wrong(workspace) == broken


def test_a_full_disk_and_an_old_copy(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    visited(workspace, [VisitStatus.OK] * 18)
    monkeypatch.setattr(health, "free_bytes", lambda _: 4000 * MEGABYTE)
    assert wrong(workspace) == {"disk-space"}
    (workspace.backups).mkdir()
    (workspace.backups / "workspace-20170301T000000Z.sqlite").touch()
    assert wrong(workspace) == {"disk-space", "backup-age"}
    (workspace.backups / f"workspace-{START.astimezone(UTC):%Y%m%dT%H%M%SZ}.sqlite").touch()
    assert wrong(workspace) == {"disk-space"}


def test_the_command_tells_and_its_exit_code_too(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    visited(workspace, [VisitStatus.OK] * 12)
    place = ["--workspace", str(workspace.path), "--now", (START + HOUR).isoformat()]
    assert run(["status", "--health", *place]) == 0
    visited(workspace, [VisitStatus.REFUSED] * 8)
    capsys.readouterr()
    assert run(["status", "--health", "--format", "json", *place]) == Exit.FINDINGS
    told = {row["rule"]: row for row in json.loads(capsys.readouterr().out)}
    assert (told["portals-reached"]["well"], told["portals-reached"]["value"]) == ("✗", "60%")
    assert told["portals-reached"]["bar"] == "≥ 70%"
    assert told["visits-missed"]["well"] == "✓"
    assert run(["status", *place]) == 0
    assert "Ít cổng truy cập được" in capsys.readouterr().out


def test_following_prints_what_changed_until_ctrl_c(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    naps = 0

    def nap(_: float) -> None:
        nonlocal naps
        naps += 1
        if naps == 2:
            visited(workspace, [VisitStatus.OK])
        if naps == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", nap)
    # Others write to the same disk meanwhile.
    monkeypatch.setattr(showing, "free_bytes", lambda _: 40_000 * MEGABYTE)
    monkeypatch.setattr(health, "free_bytes", lambda _: 40_000 * MEGABYTE)
    place = ["--workspace", str(workspace.path), "--now", START.isoformat()]
    assert run(["status", "--follow", *place]) == 0
    told = capsys.readouterr().out
    assert told.count("Lượt truy cập") == 2
    assert "none is up" in told
