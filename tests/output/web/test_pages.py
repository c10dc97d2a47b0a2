"""The pages beside the queue: schedule, agency, campaign, method; many claims at once; what goes wrong told."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from starlette.testclient import TestClient

from crawler import ledger
from crawler.model import StopReason, VisitStatus
from crawler.slots import PlannedVisit
from output.store import read_claims, read_findings, read_visits, write_judged
from output.web.board import read_lines
from output.weighing import weigh_campaign
from output.workspace import Workspace, open_workspace
from tests.output.web.bench import (
    CLAIM,
    NEWS,
    NOW,
    SEARCH,
    Bench,
    csrf,
    visit_of,
)


def test_a_visit_is_moved_and_runners_pause(bench: Bench) -> None:
    with open_workspace(bench.path) as workspace:
        planned = [
            PlannedVisit(campaign="2016", agency="da-nang", number=n, at=NOW + timedelta(days=n)) for n in (3, 4)
        ]
        ledger.store_plan(workspace.conn, planned, now=NOW)
    client = bench.client("kiem")
    form = {"csrf": csrf(client.get("/schedule").text), "slot": "2016.da-nang.4"}
    assert client.post("/schedule/move", data=form | {"at": "hôm qua"}).status_code == 400
    assert client.post("/schedule/move", data=form | {"at": "2017-03-01T09:00"}).status_code == 400
    assert client.post("/schedule/move", data=form | {"at": "2017-03-22T09:00"}).status_code == 303
    with open_workspace(bench.path) as workspace:
        assert {slot.id: slot.at.isoformat() for slot in ledger.slots(workspace.conn)} == {
            "2016.da-nang.3": (NOW + timedelta(days=3)).isoformat(),
            "2016.da-nang.4": "2017-03-22T02:00:00+00:00",
        }
    client.post("/schedule/pause", data=form | {"to": "pause"})
    assert "Đang tạm dừng" in client.get("/schedule").text
    client.post("/schedule/pause", data=form | {"to": "resume"})
    assert "Đang tạm dừng" not in client.get("/schedule").text


def test_agency_campaign_and_method_pages_stand(still: Bench) -> None:
    client = still.client("diem")
    assert "kiemcong score" in client.get("/agency/2016/da-nang").text
    assert client.get("/agency/2016/khong-co").status_code == 404
    campaign = client.get("/campaign").text
    assert "Kết luận còn cần người xem" in campaign
    assert "Tình trạng phía ta" in campaign
    method = client.get("/method").text
    assert NEWS.law.clause in method
    assert "cần hai người" in method
    assert "ngừng hoạt động khi không lần nào hoạt động" in method
    thumbnail = client.get(f"/thumbnail{CLAIM.removeprefix('/claim')}/{SEARCH.elements[0].id}")
    assert thumbnail.headers["content-type"] == "image/png"
    assert client.get("/?campaign=1999").status_code == 404


def test_many_claims_are_read_once_and_shown_by_the_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What listing costs does not grow with the claims but for one reading of the store: `python -m benchmarks.review` says how long it takes."""
    store = bench.path / "store.sqlite"
    (claim,) = [one for one in read_claims(store, "2016") if one.id == CLAIM.removeprefix("/claim/")]
    statements: list[str] = []
    readings: list[Path] = []

    def traced(path: Path) -> Workspace:
        workspace = open_workspace(path)
        workspace.conn.set_trace_callback(statements.append)
        return workspace

    def counted(store: Path, *known: Any) -> Any:
        readings.append(store)
        return read_lines(store, *known)

    monkeypatch.setattr("output.web.desk.open_workspace", traced)
    monkeypatch.setattr("output.web.board.read_lines", counted)
    client = bench.client("an")
    asked = (
        "/",
        "/?page=9",
        "/?item=muc-7&outcome=partly_met&age=older",
        "/?reason=thu&assignee=nobody&state=negative",
    )
    made = {}
    for count in (10, 2_000):
        many = [
            msgspec.structs.replace(claim, agency=f"co-quan-{n // 40}", item=f"muc-{n % 40}", digest=str(n)) for n in range(count)
        ]  # fmt: skip
        write_judged(store, "2016", read_visits(store, "2016"), read_findings(store, "2016"), many)
        client.get("/")
        readings.clear()
        statements.clear()
        rows = [len(HTMLParser(client.get(path).text).css("a[data-row]")) for path in asked]
        made[count] = len(statements), len(readings)
        assert max(rows) == min(count, 50)
    assert made[10] == made[2_000]
    assert made[10][1] == 0, "the store is not read again while it stays as it is"


def test_a_campaign_is_planned_and_its_progress_told(bench: Bench) -> None:
    client = bench.client("kiem")
    form = {"csrf": csrf(client.get("/schedule").text), "campaign": "2017", "block": "cqtcp", "visits": "2"}
    refused = client.post("/schedule/plan", data=form | {"first": "2018-03-09", "last": "2018-03-01"})
    assert refused.status_code == 400
    assert "Không lập được lịch" in refused.text
    assert client.post("/schedule/plan", data=form).status_code == 303
    with open_workspace(bench.path) as workspace:
        slots = ledger.slots(workspace.conn, "2017")
    assert len(slots) == 16, "eight agencies, two visits each"
    told = client.get("/schedule/progress")
    assert told.headers["content-type"].startswith("text/event-stream")
    assert '"planned": 16' in told.text
    assert "Tháng 2/2018" in client.get("/campaign?campaign=2017").text


def test_what_goes_wrong_is_told_as_a_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    client = bench.client("an")
    (bench.path / "store.sqlite").write_bytes(b"no database, and long enough to be sure of it " * 20)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "kiemcong evaluate" in answer.text
    monkeypatch.setattr("output.web.pages.method.rules", lambda: 1 / 0)
    calm = TestClient(
        bench.app, base_url="http://127.0.0.1", raise_server_exceptions=False, cookies=dict(client.cookies)
    )
    broken = calm.get("/method")
    assert broken.status_code == 500
    assert "gặp lỗi" in broken.text
    assert "ZeroDivisionError" not in broken.text
    assert "default-src 'none'" in broken.headers["content-security-policy"]


def test_the_agency_page_shows_what_each_item_brought_and_what_is_missing(bench: Bench) -> None:
    with open_workspace(bench.path) as workspace:
        weigh_campaign(workspace, "2016", "btttt-2016")
    page = HTMLParser(bench.client("diem").get("/agency/2016/da-nang").text)
    bars = {row.css_first("a").text(): row for row in page.css(".bars tbody tr")}
    search = bars[SEARCH.title]
    assert search.css_first("svg").attributes["aria-label"] == "đạt 50 %, chưa rõ 0 %, thiếu 50 %"
    widths = [int(rect.attributes["width"] or 0) for rect in search.css("svg > rect")]
    assert sum(widths) == 1000
    gap = page.css_first("section:nth-child(2) tbody tr")
    assert SEARCH.elements[1].title in gap.text()
    assert SEARCH.elements[1].mend in gap.text()
    assert "chưa bị trừ điểm" in page.text()
    visits = page.css("main > section:last-of-type tbody td:first-child")
    assert [cell.text() for cell in visits] == ["2016.da-nang.1", "2016.da-nang.2"]
    assert page.text().count("còn 1 liên kết đáng mở, giống nhất 0.71") == 2


def test_the_campaign_page_tells_who_failed_and_who_blocks_us(bench: Bench) -> None:
    with open_workspace(bench.path) as workspace:
        store = workspace.store_path
        visits = [*read_visits(store, "2016"), visit_of("lao-cai", "Lào Cai", 1, VisitStatus.BLOCKED)]
        write_judged(store, "2016", visits, read_findings(store, "2016"), read_claims(store, "2016"))
        planned = [
            PlannedVisit(campaign="2016", agency="da-nang", number=n, at=NOW - timedelta(hours=n)) for n in (3, 4)
        ]
        ledger.store_plan(workspace.conn, planned, now=NOW)
        held = ledger.lease(workspace.conn, now=NOW, owner="thử", ttl=timedelta(minutes=5))
        assert held
        ledger.finish(
            workspace.conn,
            held,
            now=NOW,
            status=VisitStatus.CONNECT_TIMEOUT,
            stop=StopReason.UNREACHABLE,
            error="<b>quá lâu",
        )
    page = bench.client("kiem").get("/campaign").text
    assert "kết nối quá lâu" in page
    assert "&lt;b&gt;quá lâu" in page
    assert "Lào Cai</bdi> – bị chặn" in page
    assert "KiemCong/0.1" in page, "the text for an allow-list names what we are called"
    assert "an@example.vn" in page
    assert re.search(r'class="has[^"]*"[^>]*><small>20</small> <b>0/2</b>', page), "both visits in the calendar"
    assert re.search(r'class="level4"><a [^>]*item=search[^>]*>2/2</a>', page), "the heat map"
