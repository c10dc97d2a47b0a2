"""What people's decisions come to: the queue, confirming and overturning, conflicts, what goes stale, rechecks, appeals."""

from __future__ import annotations

import re
from datetime import timedelta

from checklists.model import Outcome
from checklists.review import Act
from crawler import ledger
from crawler.slots import PlannedVisit
from output.workspace import open_workspace
from tests.output.web.bench import (
    CLAIM,
    FOUND,
    HOSTILE,
    NOW,
    SEARCH,
    Bench,
    csrf,
    entries,
    hidden,
    send,
)


def test_the_queue_begins_with_what_wants_somebody_and_narrows(still: Bench) -> None:
    client = still.client("an")
    page = client.get("/").text
    assert re.findall(r'class="state (\w+)"', page) == ["open", "negative", "negative"]
    assert "3 trong 3 kết luận" in page
    assert client.get("/?item=news").text.count("data-row") == 1
    assert client.get("/?outcome=partly_met&agency=da-nang").text.count("data-row") == 1
    assert client.get("/?age=day").text.count("data-row") == 0
    assert client.get("/?age=week&block=tinh").text.count("data-row") == 3
    assert client.get("/?reason=khong-co").text.count("data-row") == 0
    assert client.get("/?page=99999999999&state=%00").status_code == 200


def test_assigning_and_going_on(bench: Bench) -> None:
    client = bench.client("an")
    token = csrf(client.get("/").text)
    claim = "2016/da-nang/search"
    client.post("/assign", data={"csrf": token, "claim": claim, "to": "me", "from": "queue"})
    assert client.get("/?assignee=an").text.count("data-row") == 1
    assert client.get("/?assignee=nobody").text.count("data-row") == 2
    assert client.get("/next?assignee=an").headers["location"] == f"/claim/{claim}?assignee=an"
    client.post("/assign", data={"csrf": token, "claim": claim, "to": "nobody"})
    assert client.get("/?assignee=an").text.count("data-row") == 0
    assert client.post("/assign", data={"csrf": token, "claim": "2016/x/y", "to": "me"}).status_code == 404
    first = client.get("/next").headers["location"]
    second = client.get(f"/next?after={first.removeprefix('/claim/')}").headers["location"]
    assert second != first
    back = client.get(f"/next?back=1&after={second.removeprefix('/claim/')}").headers["location"]
    assert back == first


def test_the_claim_page_shows_all_there_is_to_judge_by(still: Bench) -> None:
    page = still.client("an").get(CLAIM).text
    assert 'data-box="600.0 140.0 360.0 50.0 1.0"' in page
    assert "/evidence/2016.da-nang.2/0000/picture" in page
    assert SEARCH.law.clause in page
    assert SEARCH.guidance.split(".")[0] in page
    assert page.count("<li><b>") >= 2, "both visits as a strip"
    assert "đúng chuyên mục" in page
    missing = still.client("an").get("/claim/2016/da-nang/news").text
    assert "Trang này không được chụp ảnh" in missing


def test_confirming_counts_and_goes_on_to_the_next(bench: Bench) -> None:
    client, claim = bench.client("an"), "/claim/2016/xau/search"
    form = hidden(client.get(claim).text, f"{claim}/decide")
    answer = client.post(f"{claim}/decide", data=form | {"act": "confirm"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{CLAIM}?done="), "the next in the queue"
    (entry,) = entries(bench)
    assert (entry.act, entry.reviewer, entry.address, entry.reviewed_at) == (Act.CONFIRM, "an", "testclient", NOW)
    assert entry.claim == form["claim"]
    assert 'class="state person"' in client.get("/?agency=xau&item=search").text
    assert "Rút lại" in client.get(answer.headers["location"]).text


def test_an_overturn_takes_a_reason_and_a_second_person(bench: Bench) -> None:
    assert send(bench, "an", "overturn", text="Có.") == 400, "nothing was changed"
    assert send(bench, "an", "overturn", **{FOUND: "met"}) == 400, "no reason"
    assert send(bench, "an", "overturn", text="Có.", **{FOUND: "partly_met"}) == 400, "not to be chosen"
    assert send(bench, "an", "overturn", text="Tìm được.", **{FOUND: "met"}) == 303
    assert 'class="state second"' in bench.client("an").get("/?item=search&agency=da-nang").text
    own = bench.client("an").get(CLAIM).text
    assert "còn chờ người thứ hai" in own
    assert "Đồng ý sửa" not in own, "nobody approves their own"
    send(bench, "an", "overturn", text="Vẫn thế.", **{FOUND: "met"})
    assert 'class="state second"' in bench.client("an").get("/?item=search&agency=da-nang").text
    offered = bench.client("binh").get(CLAIM).text
    assert "Đồng ý sửa" in offered
    assert re.search(rf'name="{FOUND}" value="met" checked', offered), "prefilled as proposed"
    assert send(bench, "binh", "overturn", text="Đồng ý.") == 303
    assert 'class="state person"' in bench.client("an").get("/?item=search&agency=da-nang").text


def test_the_second_of_two_is_told_that_the_claim_changed_and_nothing_is_lost(bench: Bench) -> None:
    an, binh = bench.client("an"), bench.client("binh")
    first, second = (hidden(client.get(CLAIM).text, f"{CLAIM}/decide") for client in (an, binh))
    assert an.post(f"{CLAIM}/decide", data=first | {"act": "confirm"}).status_code == 303
    told = binh.post(f"{CLAIM}/decide", data=second | {"act": "overturn", FOUND: "met", "text": "Tôi thấy có."})
    assert told.status_code == 409
    assert "an vừa ghi “xác nhận”" in told.text
    assert "Tôi thấy có." in told.text, "what was typed is kept"
    assert re.search(rf'name="{FOUND}" value="met" checked', told.text)
    assert len(entries(bench)) == 1
    again = hidden(told.text, f"{CLAIM}/decide") | {"act": "overturn", "text": "Tôi thấy có."}
    assert binh.post(f"{CLAIM}/decide", data=again).status_code == 303


def test_a_decision_on_a_claim_judged_again_meanwhile_is_refused_and_old_ones_go_stale(bench: Bench) -> None:
    client = bench.client("an")
    assert send(bench, "an", "confirm") == 303
    form = hidden(client.get(CLAIM).text, f"{CLAIM}/decide")
    bench.rejudge("Tìm kiếm nâng cao", Outcome.MET)
    told = client.post(f"{CLAIM}/decide", data=form | {"act": "confirm"})
    assert told.status_code == 409
    assert "được đánh giá lại" in told.text
    page = client.get(CLAIM).text
    assert "Khi quyết định" in page, "both versions side by side"
    assert "Máy thấy: Tìm kiếm nâng cao" in page
    assert 'class="state stale"' in client.get("/?item=search&agency=da-nang").text
    assert send(bench, "an", "confirm") == 303
    assert 'class="state person"' in client.get("/?item=search&agency=da-nang").text


def test_undoing_is_a_new_entry_and_ones_own_only(bench: Bench) -> None:
    send(bench, "an", "confirm")
    (entry,) = entries(bench)
    for who, status in (("binh", 403), ("an", 303), ("an", 409)):
        client = bench.client(who)
        data = {"csrf": csrf(client.get(CLAIM).text), "target": entry.hash}
        assert client.post(f"{CLAIM}/undo", data=data).status_code == status, who
    assert [one.act for one in entries(bench)] == [Act.CONFIRM, Act.UNDO]
    assert 'class="state negative"' in bench.client("an").get("/?item=search&agency=da-nang").text


def test_a_recheck_takes_a_note_and_puts_a_visit_in_the_plan(bench: Bench) -> None:
    with open_workspace(bench.path) as workspace:
        planned = PlannedVisit(campaign="2016", agency="da-nang", number=3, at=NOW + timedelta(days=9))
        ledger.store_plan(workspace.conn, [planned], now=NOW)
    assert send(bench, "kiem", "recheck") == 400
    assert send(bench, "kiem", "recheck", text="Ảnh trắng.") == 303
    with open_workspace(bench.path) as workspace:
        slots = ledger.slots(workspace.conn)
        assert [(slot.id, slot.at) for slot in slots] == [("2016.da-nang.4", NOW), ("2016.da-nang.3", planned.at)]
    assert entries(bench)[0].visit == "2016.da-nang.4"
    assert 'class="state recheck"' in bench.client("an").get("/?item=search&agency=da-nang").text
    assert send(bench, "an", "recheck", text="Tôi cũng thấy thế.") == 303
    assert entries(bench)[1].visit == "2016.da-nang.4", "one visit serves both"


def test_an_appeal_reopens_the_claim_and_is_answered_once_decided(bench: Bench) -> None:
    send(bench, "an", "confirm")
    kiem, an = bench.client("kiem"), bench.client("an")
    form = hidden(kiem.get(CLAIM).text, f"{CLAIM}/appeal") | {
        "text": f"Đã có tại trang mới. {HOSTILE}",
        "address": "javascript:alert(7)",
    }
    content = b"<script>alert(8)</script>"
    sent = kiem.post(f"{CLAIM}/appeal", data=form, files={"file": ("..\\..\\trả lời.html", content, "text/html")})
    assert sent.status_code == 303, sent.text
    page = an.get(CLAIM).text
    assert 'class="state appealed"' in page
    assert "hạn trả lời <b>03/04/2017" in page
    assert "<script>alert" not in page
    appeal = entries(bench)[1]
    assert appeal.file_name == "trả lời.html"
    saved = an.get(f"/file/{appeal.file}")
    assert saved.content == content
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith("attachment")
    answer = hidden(page, f"{CLAIM}/answer") | {"text": "Đã xem lại."}
    assert "quyết định" in an.post(f"{CLAIM}/answer", data=answer).text, "first decide"
    send(bench, "an", "confirm", text="Vẫn không tìm được.")
    answer = hidden(an.get(CLAIM).text, f"{CLAIM}/answer") | {"text": "Đã xem lại, giữ nguyên."}
    assert an.post(f"{CLAIM}/answer", data=answer).status_code == 303
    assert 'class="state person"' in an.get(CLAIM).text
    letter = an.get(f"{CLAIM}/letter/2").text
    assert "Đã xem lại, giữ nguyên." in letter
    assert "không đạt" in letter
    assert an.post(f"{CLAIM}/answer", data=answer).status_code == 409
