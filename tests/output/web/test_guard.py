"""The guard of the review page: who may, what a write takes, what every answer carries, and what portals may try."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from starlette.testclient import TestClient

from output.accounts import TRIES, Role, set_account
from output.web.access import RIGHTS, Right
from output.web.app import LARGEST_BODY, ROUTES, Entry
from output.web.pages.evidence import said_by_file
from output.web.session import COOKIE, IDLE, WHOLE
from output.workspace import open_workspace
from tests.output.web.bench import (
    CLAIM,
    PASSWORD,
    PEOPLE,
    SEARCH,
    Bench,
    csrf,
    entries,
    hidden,
)
from tests.portals.office_files import pdf

# --- who may ---------------------------------------------------------------------------------------------------------------------------


def path_of(entry: Entry) -> str:
    """An address under which the route answers."""
    known = {"campaign": "2016", "agency": "da-nang", "item": "search", "number:int": "1", "name": "a" * 64,
             "visit": "2016.da-nang.1", "page": "0000", "element": SEARCH.elements[0].id,
             "batch": "2016.probes.000", "service": "mot"}  # fmt: skip
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


def test_an_attached_file_is_shown_by_what_it_says() -> None:
    said = said_by_file(
        pdf([["Quyết định số 12/QĐ-UBND"], ["Điều 1. Ban hành kèm theo Quyết định này quy chế làm việc."] * 20])
    )
    assert said.startswith("[pdf, ")
    assert "Quyết định số 12/QĐ-UBND" in said
    assert "%PDF" not in said
    assert "bản quét" in said_by_file(pdf([["x"]], scanned=True))
    assert "không được đọc" in said_by_file(b"Rar!\x1a\x07")


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
