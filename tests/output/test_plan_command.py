"""`kiemcong plan` and `kiemcong status` as a user runs them."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import ledger
from crawler.model import StopReason, VisitStatus
from output.cli import run
from output.exits import Exit
from output.workspace import init_workspace, open_workspace

BEFORE = "2017-01-20"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    init_workspace(path, "a@b.gov.vn").close()
    return path


def plan(folder: Path, *options: str) -> int:
    return run(["plan", "--workspace", str(folder), "--campaign", "2016", "--now", BEFORE, *options])


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(capsys.readouterr().out.splitlines()))


def test_the_calendar_shows_two_months_and_leaves_tet_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(folder) == 0
    told = capsys.readouterr().out
    assert "tháng 2/2017" in told
    assert "tháng 3/2017" in told
    assert "│ 1     │ 2: " in told


def test_the_list_holds_every_assessed_agency_and_repeats(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(folder, "--format", "csv") == 0
    first = rows(capsys)
    assert len(first) == 270
    assert len({row["agency"] for row in first}) == 90
    assert {row["state"] for row in first} == {"planned"}
    assert plan(folder, "--format", "csv") == 0
    assert rows(capsys) == first
    assert plan(folder, "--format", "csv", "--seed", "2") == 0
    assert rows(capsys) != first


def test_narrowing_to_a_block_or_an_agency(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(folder, "--block", "cqtcp", "--visits", "1", "--format", "csv") == 0
    assert {row["block"] for row in rows(capsys)} == {"cqtcp"}
    assert plan(folder, "--agency", "TP Đà Nẵng", "--agency", "hanoi.gov.vn", "--visits", "2", "--format", "csv") == 0
    listed = rows(capsys)
    assert len(listed) == 8 + 4


def test_planning_again_leaves_visits_begun_where_they_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(folder, "--format", "csv") == 0
    first = {row["visit"]: row["at"] for row in rows(capsys)}
    moment = datetime(2017, 2, 2, 6, tzinfo=UTC)
    with open_workspace(folder) as opened:
        begun = [
            held.slot
            for _ in range(3)
            if (held := ledger.lease(opened.conn, now=moment, owner="me", ttl=timedelta(hours=1)))
        ]
    assert len(begun) == 3
    assert plan(folder, "--window", "2017-03-01..2017-04-28", "--visits", "2", "--format", "csv") == 0
    second = {row["visit"]: row for row in rows(capsys)}
    assert {slot: second[slot]["at"] for slot in begun} == {slot: first[slot] for slot in begun}
    assert {second[slot]["state"] for slot in begun} == {"under-way"}
    assert len(second) == 180
    assert all(row["at"] >= "2017-03-01" for slot, row in second.items() if slot not in begun)


def test_agencies_that_ended_are_left_out_and_named_ones_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window = "2026-02-02..2026-04-10"
    command = ["plan", "--workspace", str(folder), "--campaign", "2025", "--window", window, "--now", "2026-01-01"]
    assert run([*command, "--block", "tinh", "--format", "csv"]) == 0
    assert len({row["agency"] for row in rows(capsys)}) == 34
    assert run([*command, "--agency", "Hà Giang", "--agency", "Bộ Công an", "--agency", "Atlantis"]) == Exit.BAD_INPUT
    told = capsys.readouterr().err
    assert "tuyen-quang" in told
    assert "Bộ Công an is not assessed" in told
    assert "Atlantis" in told


@pytest.mark.parametrize(
    "options",
    [
        ["--window", "2017-03-31..2017-02-01"],
        ["--window", "soon"],
        ["--window", "2017-01-26..2017-01-31"],
        ["--visits", "0"],
        ["--block", "xa"],
        ["--now", "yesterday"],
    ],
)
def test_a_bad_plan_stores_nothing(options: list[str], folder: Path) -> None:
    assert plan(folder, *options) == Exit.BAD_INPUT
    with open_workspace(folder) as opened:
        assert ledger.slots(opened.conn) == ()


def test_a_plan_in_the_past_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(folder, "--now", "2017-06-01", "--agency", "da-nang") == 0
    assert "3 visits lie in the past" in capsys.readouterr().err


def test_status_counts_what_became_of_the_visits(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = ["status", "--workspace", str(folder)]
    assert run(status) == 0
    assert "kiemcong plan" in capsys.readouterr().out
    three_days = ["--window", "2017-02-06..2017-02-08"]
    assert plan(folder, *three_days, "--agency", "da-nang", "--agency", "ha-noi", "--format", "json") == 0
    at = {row["visit"]: datetime.fromisoformat(row["at"]) for row in json.loads(capsys.readouterr().out)}
    with open_workspace(folder) as opened:
        ttl = timedelta(minutes=5)
        now = at["2016.ha-noi.1"]
        held = ledger.lease(opened.conn, now=now, owner="me", ttl=ttl, agencies=["ha-noi"])
        assert held
        ledger.finish(
            opened.conn, held, now=now, status=VisitStatus.REFUSED, stop=StopReason.UNREACHABLE, error="port 80 shut"
        )
        at_da_nang = at["2016.da-nang.1"]
        held = ledger.lease(opened.conn, now=at_da_nang, owner="me", ttl=ttl, agencies=["da-nang"])
        assert held
        ledger.finish(opened.conn, held, now=at_da_nang, status=VisitStatus.OK, stop=StopReason.DONE, folder=held.slot)
    later = (now + timedelta(minutes=30)).isoformat()
    assert run([*status, "--now", later, "--format", "csv"]) == 0
    da_nang, ha_noi = sorted(rows(capsys), key=lambda row: row["agency"])
    assert (da_nang["done"], da_nang["planned"]) == ("1", "2")
    assert (ha_noi["done"], ha_noi["last_error"]) == ("0", "refused port 80 shut")
    assert ha_noi["next"] == (now + timedelta(hours=1)).isoformat(timespec="minutes")
    assert run([*status, "--now", "2018-01-01", "--format", "csv"]) == 0
    assert {row["missed-by-us"] for row in rows(capsys)} == {"2", "3"}
    assert run([*status, "--now", later]) == 0
    told = capsys.readouterr().out
    assert "port 80 shut" in told
    assert "Sắp tới" in told
