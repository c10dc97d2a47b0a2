"""Which portals refuse us, and the letter that asks to be let in."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import ledger
from crawler.model import StopReason, VisitStatus
from crawler.politeness import user_agent
from crawler.slots import PlannedVisit
from output.allow_list import Met, Refused, is_wall, refused_portals, request_text
from output.cli import run
from output.exits import Exit
from output.workspace import Workspace, init_workspace, open_workspace

NOW = datetime(2017, 3, 1, 2, 30, tzinfo=UTC)
CONTACT = "kiemthu@example.vn"
AGENCIES = ("da-nang", "ha-noi", "lao-cai")


def attempt(workspace: Workspace, at: datetime, status: VisitStatus, stop: StopReason, folder: str = "") -> None:
    held = ledger.lease(workspace.conn, now=at, owner="thử", ttl=timedelta(minutes=5))
    assert held
    ledger.finish(workspace.conn, held, now=at, status=status, stop=stop, folder=folder and held.slot)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Đà Nẵng refuses twice and lets in the third time, Hà Nội walls us off mid-visit, Lào Cai is only down."""
    path = tmp_path_factory.mktemp("allow") / "ws"
    with init_workspace(path, CONTACT) as workspace:
        slots = [
            PlannedVisit(campaign="2016", agency=agency, number=1, at=NOW + timedelta(days=number))
            for number, agency in enumerate(AGENCIES)
        ]
        ledger.store_plan(workspace.conn, slots, now=NOW)
        attempt(workspace, NOW, VisitStatus.BLOCKED, StopReason.BLOCKED)
        attempt(workspace, NOW + timedelta(hours=1), VisitStatus.CAPTCHA, StopReason.BLOCKED)
        attempt(workspace, NOW + timedelta(hours=7), VisitStatus.OK, StopReason.DONE, "x")
        attempt(workspace, NOW + timedelta(days=1), VisitStatus.OK, StopReason.BLOCKED, "x")
        attempt(workspace, NOW + timedelta(days=2), VisitStatus.REFUSED, StopReason.UNREACHABLE)
    return path


def test_every_refused_visit_counts_and_nothing_else(folder: Path) -> None:
    with open_workspace(folder) as workspace:
        refused = refused_portals(workspace, "2016")
        assert refused_portals(workspace, "2017") == ()
    assert {one.agency: [met.status.value for met in one.met] for one in refused} == {
        "da-nang": ["blocked", "captcha"],
        "ha-noi": ["ok"],
    }
    assert {one.agent for one in refused} == {user_agent(CONTACT)}
    assert is_wall(VisitStatus.ROBOTS, StopReason.UNREACHABLE)
    assert not is_wall(VisitStatus.CLIENT_ERROR, StopReason.UNREACHABLE)


def test_the_letter_says_who_when_what_and_by_what_right(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["allow-list", "Đà Nẵng", "--workspace", str(folder), "--campaign", "2016"]
    assert run([*command, "--from-address", "203.0.113.7"]) == Exit.DONE
    letter = capsys.readouterr().out
    for said in (
        "danang.gov.vn", "09:30 ngày 01/03/2017: bị chặn", "10:30 ngày 01/03/2017: đòi nhập mã", user_agent(CONTACT), CONTACT,
        "203.0.113.7", "Điều 10 Nghị định số 43/2011/NĐ-CP", "đợt kiểm tra 2016",
    ):  # fmt: skip
        assert said.lower() in letter.lower(), said
    assert "$" not in letter
    assert run(command) == Exit.DONE
    assert "[điền địa chỉ IP" in capsys.readouterr().out


def test_the_list_and_what_is_not_on_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["allow-list", "--workspace", str(folder), "--campaign", "2016"]
    assert run([*command, "--format", "csv"]) == Exit.DONE
    rows = {row["agency"]: row for row in csv.DictReader(capsys.readouterr().out.splitlines())}
    assert rows.keys() == {"da-nang", "ha-noi"}
    assert (rows["da-nang"]["times"], rows["da-nang"]["answer"]) == ("2", "đòi nhập mã")
    assert rows["ha-noi"]["answer"] == "trang chủ trả lời, các trang sau bị chặn"
    assert run([*command, "lao-cai"]) == Exit.BAD_INPUT
    assert "refused no visit" in capsys.readouterr().err
    assert run([*command, "da-nang", "--from-address", "nha-tôi"]) == Exit.BAD_INPUT


def test_what_a_portal_or_a_registry_says_cannot_bend_the_letter() -> None:
    hostile = "$agent ${contact} \u202egnp.exe\x00"
    refused = Refused(
        agency="x", agency_name=hostile, portal="http://x/" + "a" * 5000, campaign="2016", agent="KiemCong",
        met=tuple(Met(at=NOW, status=VisitStatus.BLOCKED) for _ in range(40)),
    )  # fmt: skip
    letter = request_text(refused, contact=CONTACT)
    assert "$agent ${contact} ⟨U+202E⟩gnp.exe⟨U+0000⟩" in letter
    assert letter.count("bị chặn") == 10
    assert len(letter) < 3000
