"""The review page route by route: who may, what a write takes, what every answer carries, and what people's decisions come to."""

from __future__ import annotations

import re
import shutil
import time
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from starlette.testclient import TestClient

from checklists.model import Outcome
from checklists.review import Act
from crawler import ledger
from crawler.model import StopReason, VisitStatus
from crawler.slots import PlannedVisit
from output import reviews
from output.accounts import TRIES, Role, find_account, set_account
from output.store import open_store, read_claims, read_findings, read_visits, write_judged
from output.web.access import RIGHTS, Right
from output.web.app import LARGEST_BODY, ROUTES, Entry
from output.web.session import COOKIE, IDLE, WHOLE
from output.weighing import weigh_campaign
from output.workspace import open_workspace
from tests.output.web.bench import HOSTILE, NEWS, NOW, PASSWORD, PEOPLE, SEARCH, Bench, csrf, hidden, make, visit_of

CLAIM = "/claim/2016/da-nang/search"
FOUND = f"element.{SEARCH.elements[1].id}"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("review") / "ws")


@pytest.fixture
def bench(pristine: Path, tmp_path: Path) -> Bench:
    return Bench(shutil.copytree(pristine, tmp_path / "ws"))


@pytest.fixture(scope="module")
def still(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A bench nobody writes to."""
    return Bench(shutil.copytree(pristine, tmp_path_factory.mktemp("still") / "ws"))


def send(bench: Bench, who: str, act: str, claim: str = CLAIM, **fields: str) -> int:
    """What the claim page's form gives when the person sends it; '.' in a field's name is written '__'."""
    client = bench.client(who)
    form = hidden(client.get(claim).text, f"{claim}/decide")
    path = f"{claim}/recheck" if act == "recheck" else f"{claim}/decide"
    return client.post(
        path, data=form | {"act": act} | {k.replace("__", "."): v for k, v in fields.items()}
    ).status_code


def entries(bench: Bench) -> list[reviews.Review]:
    with open_workspace(bench.path) as workspace:
        return list(reviews.reviews(workspace.conn))


# --- who may ---------------------------------------------------------------------------------------------------------------------------


def path_of(entry: Entry) -> str:
    """An address under which the route answers."""
    known = {"campaign": "2016", "agency": "da-nang", "item": "search", "number:int": "1", "name": "a" * 64,
             "visit": "2016.da-nang.1", "page": "0000", "element": SEARCH.elements[0].id}  # fmt: skip
    return re.sub(r"{([^}]+)}", lambda found: known[found[1]], entry.path)


@pytest.mark.parametrize("who", [None, *PEOPLE])
def test_every_route_lets_in_its_roles_and_nobody_else(bench: Bench, who: str | None) -> None:
    client = bench.client(who) if who else bench.anyone()
    token = csrf(client.get("/password" if who else "/login").text)
    for entry in sorted(ROUTES, key=lambda entry: entry.path == "/logout"):
        data = {"csrf": token} if entry.method == "POST" else None
        answer = client.request(entry.method, path_of(entry), data=data)
        if entry.right is Right.NOBODY:
            assert answer.status_code in (200, 401), entry
        elif who is None:
            assert answer.status_code == 303, entry
            assert answer.headers["location"].startswith("/login?"), entry
        elif PEOPLE[who] in RIGHTS[entry.right]:
            assert answer.status_code not in (401, 403), entry
            assert not answer.headers.get("location", "").startswith("/login?"), entry
        else:
            assert answer.status_code == 403, entry
            assert "không có quyền" in answer.text, entry


def test_no_write_without_its_own_forms_token(bench: Bench) -> None:
    foreign = csrf(bench.client("diem").get("/password").text)
    for entry in ROUTES:
        if entry.method != "POST":
            continue
        who = next((login for login, role in PEOPLE.items() if role in RIGHTS.get(entry.right, ())), "an")
        client = bench.client(who)
        token = csrf(client.get("/password").text)
        for data, headers in (
            ({}, {}),
            ({"csrf": token[:-1] + "~"}, {}),
            ({"csrf": foreign}, {}),
            ({"csrf": token}, {"origin": "http://evil.example"}),
            ({"csrf": token}, {"origin": "null"}),
            ({"csrf": token}, {"sec-fetch-site": "cross-site"}),
        ):
            answer = client.post(path_of(entry), data=data, headers=headers)
            assert answer.status_code == 403, (entry, data, headers)
            assert "không còn hiệu lực" in answer.text
    assert entries(bench) == []


def active(page: str) -> list[str]:
    """What in a page could act by itself: scripts that are not ours, handlers and styles in attributes, addresses of other schemes or hosts."""
    found = []
    for node in HTMLParser(page).css("*"):
        found += [f"{node.tag} {name}" for name in node.attributes if name.startswith("on") or name == "style"]
        for name in ("src", "href", "action", "formaction"):
            address = node.attributes.get(name) or ""
            followed = node.tag == "a" and address.startswith(("http://", "https://"))
            if address and not address.startswith(("/", "#")) and not followed:
                found.append(f"{node.tag} {name}={address[:80]}")
        if node.tag in ("style", "iframe", "object", "embed", "base") or (node.tag == "script" and node.text().strip()):
            found.append(node.tag)
    return found


@pytest.mark.parametrize(
    "path", ["/", CLAIM, "/login", "/none", "/static/app.css", "/evidence/2016.da-nang.1/0000/picture"]
)
def test_every_answer_forbids_what_the_page_does_not_need(still: Bench, path: str) -> None:
    answer = still.client("an").get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in policy or "sandbox" in policy
    if answer.headers["content-type"].startswith("text/html"):
        assert answer.headers["cache-control"] == "no-store"
        assert active(answer.text) == []


def test_sessions_are_kept_from_scripts_and_other_sites_and_end(bench: Bench) -> None:
    client = bench.client("an")
    cookie = client.get("/").headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    forged = bench.anyone()
    forged.cookies.set(COOKIE, client.cookies[COOKIE][:-2] + "xx", domain="127.0.0.1")
    assert forged.get("/").status_code == 303
    bench.now += IDLE - timedelta(minutes=1)
    assert client.get("/").status_code == 200
    bench.now += IDLE - timedelta(minutes=1)
    assert client.get("/").status_code == 200, "every request lets it go on"
    bench.now += IDLE + timedelta(seconds=1)
    assert client.get("/").headers["location"] == "/login?next=%2F&ended=1"


def test_a_session_lasts_a_working_day_at_most(bench: Bench) -> None:
    client = bench.client("an")
    for _ in range(int(WHOLE / timedelta(minutes=50)) + 1):
        assert client.get("/method").status_code in (200, 303)
        bench.now += timedelta(minutes=50)
    assert client.get("/method").status_code == 303


def test_a_role_taken_away_ends_the_session_and_so_does_logging_out(bench: Bench) -> None:
    client = bench.client("an")
    with open_workspace(bench.path) as workspace:
        set_account(workspace.conn, "an", role=Role.SCORER, disabled=False)
    assert client.get("/").status_code == 303
    other = bench.client("binh")
    held = dict(other.cookies)
    other.post("/logout", data={"csrf": csrf(other.get("/").text)})
    stolen = bench.anyone()
    stolen.cookies.update(held)
    assert stolen.get("/").status_code == 303


def test_wrong_passwords_lock_the_account(bench: Bench) -> None:
    client = bench.anyone()
    form = {"login": "an", "csrf": csrf(client.get("/login").text), "next": "//evil.example/"}
    for _ in range(TRIES):
        assert "không đúng" in client.post("/login", data=form | {"password": "sai"}).text
    assert "tạm khóa" in client.post("/login", data=form | {"password": PASSWORD}).text
    bench.now += timedelta(minutes=16)
    form["csrf"] = csrf(client.get("/login").text)
    assert client.post("/login", data=form | {"password": PASSWORD}).headers["location"] == "/", "never to another host"


def test_a_password_given_by_somebody_else_is_changed_first(bench: Bench) -> None:
    chu = bench.client("chu")
    form = {"csrf": csrf(chu.get("/accounts").text), "login": "moi", "name": "Người mới", "role": "auditor"}
    given = re.search(r'id="given">([^<]+)<', chu.post("/accounts", data=form).text)
    assert given
    client = bench.anyone()
    client.post(
        "/login", data={"login": "moi", "password": given[1], "csrf": csrf(client.get("/login").text), "next": "/"}
    )
    assert client.get("/").headers["location"] == "/password"
    token = csrf(client.get("/password").text)
    short = {"csrf": token, "old": given[1], "new": "ngắn", "again": "ngắn"}
    assert client.post("/password", data=short).status_code == 400
    assert client.post("/password", data=short | {"new": PASSWORD, "again": PASSWORD}).status_code == 303
    assert client.get("/").status_code == 200
    assert client.get("/accounts").status_code == 403


def test_a_name_somebody_elses_dns_leads_here_is_refused(still: Bench) -> None:
    assert TestClient(still.app, base_url="http://evil.example").get("/login").status_code == 400


def test_a_body_too_large_is_refused(bench: Bench) -> None:
    client = bench.client("kiem")
    form = hidden(client.get(CLAIM).text, f"{CLAIM}/appeal") | {"text": "Đã có."}
    answer = client.post(f"{CLAIM}/appeal", data=form, files={"file": ("to.bin", bytes(LARGEST_BODY + 1))})
    assert answer.status_code == 413
    assert entries(bench) == []


# --- what portals may try ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/claim/2016/xau/search", "/agency/2016/xau", "/campaign"])
def test_what_a_portal_wrote_is_only_ever_text(still: Bench, path: str) -> None:
    answer = still.client("an").get(path)
    assert answer.status_code == 200
    page = answer.text
    assert active(page) == []
    assert "\x00" not in page
    assert "\u202e" not in page
    assert len(page) < 200_000, "cut where it is long"
    if path.startswith("/claim"):
        assert "⟨U+202E⟩" in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "javascript:alert(6)" in page, "shown as text"


def test_captured_pages_are_never_served_as_pages(still: Bench) -> None:
    client = still.client("an")
    source = client.get("/evidence/2016.xau.1/0000/source")
    assert source.headers["content-type"] == "text/plain; charset=utf-8"
    assert "sandbox" in source.headers["content-security-policy"]
    assert "<script>alert(4)</script>" in source.text
    shown = client.get("/evidence/2016.xau.1/0000/picture")
    assert shown.headers["content-type"] == "image/png"
    assert client.get("/evidence/2016.xau.1/0001/picture").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/evidence/..%2f..%2fetc/0000/picture",
        "/evidence/../0000/source",
        "/evidence/.unsealed/0000/source",
        "/evidence/2016.da-nang.1/..%2f..%2fmanifest.json/source",
        "/file/..%2fworkspace.sqlite",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/claim/..%2f/x/y",
        "/agency/2016/..%2f..",
        "/thumbnail/2016/da-nang/search/..%2f",
    ],
)
def test_no_address_reaches_the_file_system(still: Bench, path: str) -> None:
    answer = still.client("an").get(path)
    assert answer.status_code == 404
    assert b"SQLite" not in answer.content


# --- the working day --------------------------------------------------------------------------------------------------------------------


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
    assert "Kết luận còn cần người xem" in client.get("/campaign").text
    method = client.get("/method").text
    assert NEWS.law.clause in method
    assert "cần hai người" in method
    thumbnail = client.get(f"/thumbnail{CLAIM.removeprefix('/claim')}/{SEARCH.elements[0].id}")
    assert thumbnail.headers["content-type"] == "image/png"
    assert client.get("/?campaign=1999").status_code == 404


def test_ten_thousand_claims_are_listed_and_narrowed_at_once(bench: Bench) -> None:
    (claim,) = [
        one for one in read_claims(bench.path / "store.sqlite", "2016") if one.id == CLAIM.removeprefix("/claim/")
    ]
    with open_store(bench.path / "store.sqlite") as db:
        (columns,) = db.conn.execute("SELECT * FROM claims WHERE id = ?", (claim.id,)).fetchall()
        names = [row[1] for row in db.conn.execute("PRAGMA table_info(claims)").fetchall()]
        rows = []
        for number in range(10_000):
            made = msgspec.structs.replace(
                claim, agency=f"co-quan-{number // 40}", item=f"muc-{number % 40}", digest=str(number)
            )
            row = dict(zip(names, columns, strict=True)) | {"id": made.id, "agency": made.agency, "item": made.item}
            rows.append(row | {"digest": made.digest, "record": msgspec.json.encode(made).decode()})
        db.table("claims").insert_all(rows)
    client = bench.client("an")
    client.get("/")
    for path in (
        "/",
        "/?page=100",
        "/?item=muc-7&outcome=partly_met&age=week",
        "/?reason=thu&assignee=nobody&state=negative",
    ):
        times = []
        for _ in range(3):
            began = time.perf_counter()
            assert client.get(path).status_code == 200
            times.append(time.perf_counter() - began)
        assert min(times) < 0.2, (path, times)


def test_find_account_knows_everyone(still: Bench) -> None:
    with open_workspace(still.path) as workspace:
        assert all(find_account(workspace.conn, login) for login in PEOPLE)


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
