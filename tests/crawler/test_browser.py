"""What the browser makes of pages, kind and hostile, seen through a real Chromium."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

from crawler.browser import Browser, Capture, NoBrowser, Session, find_browser, site_of
from crawler.model import VisitStatus
from crawler.netguard import OPEN_WORLD, World
from crawler.proxy import GuardProxy
from crawler.tab import Waits
from tests.crawler.loopback import Answer, Site, page, serving
from tests.processes import commands_below, processes_below

browser_test = pytest.mark.browser
in_module_loop = pytest.mark.asyncio(loop_scope="module")
HOME = "http://danang.gov.vn/"
WAITS = Waits(quiet=0.2, settle=1.5, answer=2, first_byte=3, whole=20, pressed=0.8)
PNG = b"\x89PNG\r\n\x1a\n" + bytes.fromhex(
    "0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def answer(path: str, body: str) -> Answer:
    if path.endswith(".png"):
        return 200, [("Content-Type", "image/png")], PNG
    if path == "/style.css":
        return 200, [("Content-Type", "text/css"), ("Cache-Control", "no-store")], b".red{background:#f00}"
    if path == "/data":
        return page(
            "<ul>" + "".join(f"<li>Thủ tục số {number} của thành phố Đà Nẵng</li>" for number in range(20)) + "</ul>"
        )
    if path.startswith("/tim"):
        return page(f"<meta charset=utf-8><title>Kết quả</title><h1>Kết quả cho {path}{body}</h1>")
    if path == "/tep":
        return (
            200,
            [("Content-Type", "application/zip"), ("Content-Disposition", "attachment; filename=mau.zip")],
            b"PK",
        )
    if path == "/script":
        return page("<meta charset=utf-8><script>document.write('<p>đã ' + 'chạy</p>')</script>")
    if path == "/403":
        return page("Cấm", 403)
    return page(f"<title>{path}</title><p>trang {path}</p>")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving(answer) as running:
        yield running


@pytest.fixture(scope="module")
def stranger() -> Iterator[Site]:
    def script(path: str, _body: str) -> Answer:
        return 200, [("Content-Type", "text/javascript"), ("Access-Control-Allow-Origin", "*")], SPA_SCRIPT

    with serving(script) as running:
        yield running


SPA_SCRIPT = b"document.querySelector('#app').innerHTML = '<h1>' + 'noi dung '.repeat(60) + '</h1>'"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(site: Site, stranger: Site) -> AsyncIterator[Browser]:
    here = f"127.0.0.1:{site.port}"
    world = World(
        only_networks=("127.0.0.1/32",),
        resolve={"danang.gov.vn": here, "sotttt.danang.gov.vn": here, "cdn.vn": f"127.0.0.1:{stranger.port}"},
    )
    async with (
        GuardProxy(world) as proxy,
        Browser(proxy, user_agent="KiemCong (thu)", waits=WAITS, visits_each=4) as started,
    ):
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def session(browser: Browser) -> AsyncIterator[Session]:
    async with browser.visit(["danang.gov.vn"]) as opened:
        yield opened


async def shown(session: Session, body: str, url: str = HOME, **options: Any) -> Capture:
    """The capture of a page given as text."""
    whole = f"<!doctype html><html><head><meta charset=utf-8><title>t</title></head><body style='margin:0'>{body}</body></html>"
    return await session.capture(url, whole.encode(), "text/html; charset=utf-8", **options)


def picture(capture: Capture) -> Image.Image:
    assert capture.screenshot is not None
    return Image.open(io.BytesIO(capture.screenshot)).convert("RGB")


def boxes(capture: Capture) -> dict[str, list[int]]:
    assert capture.layout is not None
    return {box[0]: box[1:] for box in json.loads(capture.layout)["boxes"]}


def is_near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 30 for a, b in zip(pixel, colour, strict=True))


@browser_test
@in_module_loop
async def test_dom_boxes_and_picture_belong_together(session: Session, site: Site) -> None:
    site.log.clear()
    body = (
        "<link rel=stylesheet href=/style.css><div style='height:100vh'></div><p class=red style='height:60px;width:300px'>Lịch công tác</p>"
        "<div style='position:fixed;bottom:0;height:20px;width:20px;background:#00f'></div><o:p>từ Word</o:p><svg width=10 height=10><g/></svg>"
        "<script>setInterval(()=>{document.querySelector('p').style.marginTop=Math.random()*500+'px'},5)</script>"
    )
    capture = await shown(session, body)
    assert (capture.error, capture.status, capture.http_status) == ("", VisitStatus.OK, None)
    assert capture.final_url == HOME
    assert capture.dom.startswith(b"<!DOCTYPE html>")
    tree = LexborHTMLParser(capture.dom)
    found = boxes(capture)
    for selector in found:
        if "o\\:p" not in selector:
            assert len(tree.css(selector)) == 1, selector
    (selector,) = [one for one in found if tree.css(one) and (tree.css_first(one).attributes.get("class") == "red")]
    assert re.fullmatch(r"html > body:nth-child\(2\) > p:nth-child\(\d\)", selector)
    x, y, width, height = found[selector]
    assert (width, height) == (300, 60)
    image = picture(capture)
    layout = json.loads(capture.layout or b"")
    assert image.size == (layout["width"], layout["clipped_height"]) == (1366, layout["height"])
    assert is_near(image.getpixel((x + 150, y + 30)), (255, 0, 0))
    assert not is_near(image.getpixel((x + 150, y - 8)), (255, 0, 0))
    assert not is_near(image.getpixel((x + 150, y + height + 8)), (255, 0, 0))
    assert site.paths().count("/style.css") == 1
    assert "/" not in site.paths()
    assert any("o\\:p" in one for one in found)


@browser_test
@in_module_loop
async def test_what_a_page_is_made_of_is_fetched_once_a_visit(session: Session, site: Site) -> None:
    site.log.clear()
    for _ in range(2):
        capture = await shown(session, "<link rel=stylesheet href=/style.css><img src=/anh.png><p>a</p>", picture=False)
        assert capture.screenshot is None
        assert capture.layout is None
        assert capture.requested == ("danang.gov.vn",)
    assert site.paths().count("/style.css") == 1
    assert site.paths().count("/anh.png") == 1


@browser_test
@in_module_loop
async def test_late_content_is_waited_for_and_lazy_images_loaded(session: Session, site: Site) -> None:
    site.log.clear()
    body = (
        "<div id=app></div><script>setTimeout(()=>fetch('/data').then(r=>r.text()).then(t=>{app.innerHTML=t}),100)</script>"
        "<div style='height:5000px'></div><img loading=lazy src=/luoi.png width=50 height=50>"
    )
    capture = await shown(session, body)
    assert "Thủ tục số 19" in capture.dom.decode()
    assert "/luoi.png" in site.paths()
    assert capture.note == ""


@browser_test
@in_module_loop
async def test_every_part_of_a_long_page_comes_into_view_before_it_is_frozen(session: Session) -> None:
    """However fast the page is passed over: what waits to be seen, or for a scroll event, is told of every part down to the clip."""
    parts = "".join(f"<div class=part style='height:990px'>phần {number}</div>" for number in range(12))
    script = (
        "const watch=new IntersectionObserver(all=>all.forEach(e=>{if(e.isIntersecting)e.target.title='thấy'}));"
        "const parts=[...document.querySelectorAll('.part')];parts.forEach(part=>watch.observe(part));"
        "addEventListener('scroll',()=>parts.forEach(p=>{if(p.getBoundingClientRect().top<innerHeight)p.lang='vi'}))"
    )
    capture = await shown(session, f"<style>body{{margin:0}}</style>{parts}<script>{script}</script>")
    seen = LexborHTMLParser(capture.dom).css(".part")
    assert [part.attributes.get("title") for part in seen] == ["thấy"] * 9 + [None] * 3
    assert [part.attributes.get("lang") for part in seen] == ["vi"] * 9 + [None] * 3
    assert "8000" in capture.note


@browser_test
@in_module_loop
async def test_legacy_encodings_are_read_as_declared(session: Session) -> None:
    capture = await session.capture(HOME, "<p>Đà Nẵng</p>".encode("utf-16"), "text/html; charset=utf-16", picture=False)
    assert "Đà Nẵng" in capture.dom.decode()


@browser_test
@in_module_loop
async def test_a_hostile_page_is_survived_and_told(session: Session, site: Site) -> None:
    site.log.clear()
    body = (
        "<p>nội dung</p><div style='height:3000000px'></div><script>"
        "addEventListener('beforeunload', e => {e.preventDefault(); e.returnValue='x'});"
        "alert('Chào mừng'); confirm('?'); window.open('/popup'); window.print = null;"
        "Array.prototype.toJSON = () => 'broken'; document.querySelectorAll = () => []; Object.defineProperty(document,'doctype',{get(){throw 1}});"
        "setTimeout(()=>{location='/noi-khac'},50); history.pushState = null; setInterval(()=>{document.body.append(new Text('.'))},20)"
        "</script>"
    )
    capture = await shown(session, body)
    assert capture.error == ""
    assert "nội dung" in capture.dom.decode()
    assert capture.moved_to == HOME + "noi-khac"
    for word in ("Chào mừng", "8000 px", "noi-khac", "thay đổi"):
        assert word in capture.note
    assert picture(capture).size == (1366, 8000)
    assert not {"/popup", "/noi-khac"} & set(site.paths())


@browser_test
@in_module_loop
async def test_pages_without_end_and_broken_ways_back_are_survived(session: Session, site: Site) -> None:
    site.log.clear()
    endless = await shown(
        session,
        "<ul id=ds></ul><script>let n=0;const more=()=>{for(let i=0;i<30;i++){const li=document.createElement('li');li.style.height='40px';"
        "li.textContent='Tin '+(++n);ds.append(li)}};more();addEventListener('scroll',()=>more())</script>",
    )
    assert endless.error == ""
    assert "Tin 30" in endless.dom.decode()
    assert picture(endless).size[1] <= 8000
    ways = await shown(
        session,
        "<p>nội dung chính</p><script>for(let i=0;i<300;i++){try{history.pushState({},'','?b='+i)}catch(e){break}} history.back(); history.go(-2);"
        "onpopstate=()=>history.pushState({},'','?khong-cho-ve');for(let i=0;i<20;i++)window.open('/popup'+i);"
        "const a=document.createElement('a');a.href='/tep';a.download='x.zip';document.body.append(a);a.click();"
        "const f=document.createElement('iframe');f.src='/tep';document.body.append(f);window.print();window.stop()</script>",
    )
    assert ways.error == ""
    assert "nội dung chính" in ways.dom.decode()
    assert not [path for path in site.paths() if path.startswith("/popup")]
    after = await shown(session, "<p>trang sau</p>", picture=False)
    assert "trang sau" in after.dom.decode()


@browser_test
@in_module_loop
async def test_a_consent_bar_at_the_edge_is_refused_never_agreed_to(session: Session) -> None:
    box = (
        "<div style='height:1200px'>"
        + "chữ trên trang " * 30
        + "</div><div id=o class=cookie-bar style='position:fixed;bottom:0;left:0;right:0;background:#ccc'>"
        'Trang này dùng cookie <button onclick="document.body.dataset.agreed=1">Đồng ý</button>'
        '<button onclick="o.remove()">Từ chối</button></div>'
    )
    seen = await shown(session, box)
    assert "data-agreed" not in seen.dom.decode()
    assert "cookie-bar" not in seen.dom.decode()
    assert "từ chối" in seen.note


@browser_test
@in_module_loop
async def test_what_turns_a_list_is_pressed_and_what_sends_a_form_is_not(session: Session, site: Site) -> None:
    body = (
        "<form method=post action=/gui><button id=b>Gửi</button></form><div class=tabs><a id=t href='#' onclick=\"kq.textContent='Đã mở';return false\">"
        "Quy hoạch</a></div><a href='#'>Quy hoạch khác</a><p id=kq></p>"
    ).encode()
    site.log.clear()
    opened = await session.press(
        HOME, body, "text/html; charset=utf-8", selector="#t", label="Quy hoạch", picture=False
    )
    assert "Đã mở" in opened.dom.decode()
    assert opened.note == "đã bấm “Quy hoạch”"
    moved = await session.press(
        HOME, body, "text/html; charset=utf-8", selector="#gone", label="QUY HOẠCH", picture=False
    )
    assert "Đã mở" in moved.dom.decode()
    for selector, label in (("#b", "Gửi"), ("#t", "Tên khác")):
        refused = await session.press(
            HOME, body, "text/html; charset=utf-8", selector=selector, label=label, picture=False
        )
        assert refused.status is VisitStatus.OURS
    assert "/gui" not in site.paths()


@browser_test
@in_module_loop
async def test_a_tab_that_only_shows_what_was_hidden_is_pressed_and_a_clock_is_no_answer(session: Session) -> None:
    tab = '<button type=button role=tab id={0} onclick="a.hidden={1};b.hidden={2}">{3}</button>'
    strip = tab.format("ta", "false", "true", "Tóm tắt") + tab.format("tb", "true", "false", "Toàn văn")
    clock = "<p id=c>08:00:00</p><script>setInterval(() => c.textContent = new Date().toTimeString().slice(0, 8), 50)</script>"
    dead = "<button type=button role=tab id=d>Không làm gì</button>"
    body = f"{strip}{dead}{clock}<div id=a>Bài tóm tắt</div><div id=b hidden>Bài đầy đủ</div>".encode()
    html = "text/html; charset=utf-8"
    opened = await session.press(HOME, body, html, selector="#tb", label="Toàn văn", picture=False)
    assert opened.status is VisitStatus.OK
    assert b'<div id="b">' in opened.dom
    nothing = await session.press(HOME, body, html, selector="#d", label="Không làm gì", picture=False)
    assert nothing.status is VisitStatus.OURS


@browser_test
@in_module_loop
async def test_overlays_are_closed_by_refusing_or_hidden_for_the_picture(session: Session) -> None:
    ground = "<div style='height:900px;background:#0f0'>" + "chữ trên trang " * 30 + "</div>"
    cover = "position:fixed;inset:0;background:#f00"
    refused = await shown(
        session,
        f"{ground}<div id=o style='{cover}'><button onclick=\"o.innerText='sai'\">Đồng ý</button>"
        "<button onclick='o.remove()'> TỪ  CHỐI </button></div>",
    )
    assert "từ chối" in refused.note
    assert "sai" not in refused.dom.decode()
    assert is_near(picture(refused).getpixel((1000, 800)), (0, 255, 0))
    hidden = await shown(
        session, f"{ground}<div id=o style='{cover}'><form><button>Đóng</button></form>Đăng ký nhận tin</div>"
    )
    assert "Đăng ký nhận tin" in hidden.dom.decode()
    assert "ẩn 1" in hidden.note
    assert is_near(picture(hidden).getpixel((1000, 800)), (0, 255, 0))
    app = await shown(session, f"<div style='{cover}'>{'nội dung chính ' * 30}</div>")
    assert app.note == ""
    assert is_near(picture(app).getpixel((1000, 800)), (255, 0, 0))


@browser_test
@in_module_loop
async def test_third_parties_stay_out_unless_the_page_is_empty_without_them(session: Session, stranger: Site) -> None:
    stranger.log.clear()
    full = await shown(
        session, "<div id=app>" + "chữ " * 100 + "</div><script src=http://cdn.vn/a.js></script>", picture=False
    )
    assert full.refused == ("cdn.vn",)
    assert stranger.log == []
    empty = await shown(session, "<div id=app></div><script src=http://cdn.vn/a.js></script>", picture=False)
    assert "noi dung" in empty.dom.decode()
    assert "bên thứ ba" in empty.note
    assert "cdn.vn" in empty.requested
    sibling = await shown(session, "<img src=http://sotttt.danang.gov.vn/x.png>", picture=False)
    assert sibling.refused == ()


@browser_test
@in_module_loop
async def test_navigating_tells_status_downloads_and_refusals(session: Session, site: Site) -> None:
    good, forbidden, file, outside = [
        await session.capture(url, picture=False)
        for url in (HOME + "trang", HOME + "403", HOME + "tep", "http://khac.gov.vn/")
    ]
    assert (good.http_status, good.status) == (200, VisitStatus.OK)
    assert "trang /trang" in good.dom.decode()
    assert (forbidden.http_status, forbidden.status) == (403, VisitStatus.CLIENT_ERROR)
    assert (file.status, file.error) == (VisitStatus.OFF_LIMITS, "a file to download, not a page")
    assert outside.status is VisitStatus.OFF_LIMITS
    assert "closed world" in outside.error
    assert outside.dom == b""


@browser_test
@in_module_loop
async def test_searching_types_the_query_and_sends_only_that_form(session: Session, site: Site) -> None:
    site.log.clear()
    two_forms = (
        "<form id=gop-y action=/gop-y><input name=q><button>Gửi</button></form>"
        "<form id=tim action=/tim target=_blank><input type=hidden name=m value=1><input name=tu></form>"
    )
    found = await session.search(
        HOME, two_forms.encode(), "text/html; charset=utf-8", field_name="tu", query="lịch công tác",
        form_selector="html > body:nth-child(2) > form:nth-child(2)",
    )  # fmt: skip
    assert found.error == ""
    assert found.http_status == 200
    assert found.final_url == HOME + "tim?m=1&tu=l%E1%BB%8Bch+c%C3%B4ng+t%C3%A1c"
    assert "Kết quả cho" in found.dom.decode()
    assert not any(path.startswith("/gop-y") for path in site.paths())
    boxless = (
        "<div><input id=tu type=text><span onclick=\"fetch('/tim?q='+tu.value).then(r=>r.text()).then(t=>{kq.innerHTML=t})\">Tìm</span></div>"
        "<div id=kq></div>"
    )
    lone = await session.search(
        HOME, boxless.encode(), "text/html; charset=utf-8", form_selector="#tu", field_name="tu", query="abc"
    )
    assert "Kết quả cho /tim?q=abc" in lone.dom.decode()
    none = await session.search(HOME, b"<p>x</p>", form_selector="form", field_name="q", query="abc")
    assert none.status is VisitStatus.OURS
    assert none.error


@browser_test
@in_module_loop
async def test_a_page_that_hangs_or_dies_is_told_and_the_next_one_works(browser: Browser) -> None:
    async with browser.visit(["danang.gov.vn"]) as session:
        hung = await shown(session, "<p>treo</p><script>setTimeout(()=>{for(;;);},30)</script>", picture=False)
        assert hung.status is VisitStatus.BROWSER_CRASH
        assert hung.error
        died = await session.capture("chrome://crash", picture=False)
        assert died.error
        fine = await shown(session, "<p>vẫn chạy</p>", picture=False)
        assert "vẫn chạy" in fine.dom.decode()


@browser_test
@in_module_loop
async def test_a_killed_browser_is_started_anew(browser: Browser) -> None:
    async with browser.visit(["danang.gov.vn"]) as session:
        await shown(session, "<p>một</p>", picture=False)
        before = processes_below(os.getpid(), "chrom")
        os.kill(before[0], signal.SIGKILL)
        await asyncio.sleep(0.3)
        again = await shown(session, "<p>hai</p>", picture=False)
        assert "hai" in again.dom.decode()


@browser_test
@in_module_loop
async def test_what_playwright_turns_off_in_the_browser_stays_off(session: Session) -> None:
    await shown(session, "<p>Một trang</p>")
    [command] = [words for words in commands_below(os.getpid()) if "--remote-debugging-pipe" in words]
    switch = "--disable-features="
    playwrights, heeded = [set(word.removeprefix(switch).split(",")) for word in command if word.startswith(switch)]
    assert playwrights
    assert playwrights < heeded


@browser_test
@in_module_loop
async def test_a_tab_is_used_again_unless_its_page_misbehaved(session: Session, site: Site) -> None:
    """What a page left running has no part in the next one's picture, and a page that opens dialogs has its tab to itself."""
    site.log.clear()
    telling = "<p>trang đầu</p><script>setInterval(()=>fetch('/data'),150)</script>"
    first = await shown(session, telling, picture=False)
    assert first.error == ""
    assert session._tab is None  # it never came to rest
    await shown(session, "<p>trang hai</p><script>setTimeout(()=>{location='/noi-khac'},60000)</script>", picture=False)
    kept = session._tab
    assert kept is not None
    site.log.clear()
    third = await shown(session, "<p>trang ba</p><script>document.body.append('chạy '+history.length)</script>")
    assert "trang ba" in third.dom.decode()
    assert "chạy" in third.dom.decode()
    assert "trang hai" not in third.dom.decode()
    assert (third.note, third.moved_to) == ("", "")
    assert session._tab is kept
    asked = await session.capture(HOME + "script", picture=False)  # not from stored bytes: a tab of its own
    assert "đã chạy" in asked.dom.decode()
    assert session._tab is not kept
    await shown(session, "<p>trang bốn</p><script>alert('x')</script>", picture=False)
    assert session._tab is None
    assert set(site.paths()) <= {"/favicon.ico", "/script"}


@browser_test
@in_module_loop
async def test_pages_told_apart_by_their_fragments_only_are_each_brought_up(session: Session) -> None:
    """Portals built by scripts have one document and a route after # for each page."""
    routed = "<h1 id=h></h1><script>h.textContent = 'trang ' + location.hash.slice(2)</script>"
    routes = [await shown(session, routed, f"{HOME}app#/{name}", picture=False) for name in ("mot", "hai", "hai")]
    assert [route.error for route in routes] == ["", "", ""]
    names = [re.findall("<h1.*?>(.*?)</h1>", route.dom.decode()) for route in routes]
    assert names == [["trang mot"], ["trang hai"], ["trang hai"]]


@browser_test
@in_module_loop
async def test_a_page_once_frozen_asks_for_nothing_more(session: Session, site: Site) -> None:
    """Neither its own scripts nor a frame's run on while the visit reads elsewhere, however late they meant to."""
    timers = "setTimeout(() => fetch('/muon'), 1500); setInterval(() => fetch('/mai'), 900)"
    late = f"<script>{timers}; addEventListener('pagehide', () => navigator.sendBeacon('/roi-di'))</script>"
    framed = f'<iframe srcdoc="{escape(late)}"></iframe><meta http-equiv=refresh content="3; url=/doi-trang">'
    site.log.clear()
    first = await shown(session, f"<p>trang đầu</p>{late}{framed}")
    assert first.error == ""
    assert session._tab is not None
    await asyncio.sleep(3)
    assert set(site.paths()) <= {"/favicon.ico"}
    second = await shown(session, "<p>trang hai</p>")
    assert "trang hai" in second.dom.decode()
    await asyncio.sleep(0.3)
    assert set(site.paths()) <= {"/favicon.ico"}


@browser_test
@in_module_loop
async def test_many_visits_at_once_and_profiles_apart(browser: Browser) -> None:
    async def one(number: int) -> Capture:
        async with browser.visit(["danang.gov.vn"]) as session:
            body = f"<p>{number}</p><script>document.body.append('cookie:'+document.cookie);document.cookie='a={number}'</script>"
            return await shown(session, body, picture=False)

    for number, capture in enumerate(await asyncio.gather(*(one(number) for number in range(4)))):
        assert f"<p>{number}</p>" in capture.dom.decode()
        assert "cookie:</body>" in capture.dom.decode()


@browser_test
@in_module_loop
async def test_nothing_leaves_but_through_the_guard() -> None:
    with serving(lambda _path, _body: page("nơi không được đến")) as canary:
        bait = "".join(
            f"<img src=http://{host}:{canary.port}/i><iframe src=http://{host}:{canary.port}/f></iframe>"
            f"<script>fetch('http://{host}:{canary.port}/x',{{mode:'no-cors'}}).catch(()=>0);new WebSocket('ws://{host}:{canary.port}/w');"
            f"navigator.sendBeacon('http://{host}:{canary.port}/b');new EventSource('http://{host}:{canary.port}/e')</script>"
            f"<link rel=preconnect href=http://{host}:{canary.port}><link rel=dns-prefetch href=//{host}:{canary.port}>"
            for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0x7f.1")
        )
        rtc = f"<script>new RTCPeerConnection({{iceServers:[{{urls:'stun:127.0.0.1:{canary.port}'}}]}}).createDataChannel('x')</script>"
        away = f"<script>setTimeout(()=>{{location='http://127.0.0.1:{canary.port}/away'}},100)</script>"
        async with (
            GuardProxy(OPEN_WORLD) as proxy,
            Browser(proxy, user_agent="KiemCong (thu)", waits=WAITS) as browser,
            browser.visit(["danang.gov.vn", "127.0.0.1"]) as session,
        ):
            capture = await shown(session, bait + rtc + away)
            direct = await session.capture(f"http://127.0.0.1:{canary.port}/direct", picture=False)
        assert capture.error == ""
        assert "127.0.0.1" in capture.refused
        assert direct.status is VisitStatus.OFF_LIMITS
        assert canary.log == []


def test_the_site_of_a_host_is_its_registrable_domain() -> None:
    assert site_of("sotttt.danang.gov.vn") == site_of("DANANG.gov.vn.") == "danang.gov.vn"
    assert site_of("127.0.0.1") == "127.0.0.1"
    assert site_of("localhost") == "localhost"
    assert site_of("hue.gov.vn") != site_of("danang.gov.vn")


def test_no_browser_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.delenv("KIEMCONG_BROWSER", raising=False)
    with pytest.raises(NoBrowser, match="apt-get install chromium"):
        find_browser()
    snap = tmp_path / "chromium-browser"
    snap.write_text("#!/bin/sh\nexec /snap/bin/chromium\n")
    snap.chmod(0o755)
    with pytest.raises(NoBrowser, match="is a snap"):
        find_browser()
    own = tmp_path / "chromium-1200" / "chrome-linux" / "chrome"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"\x7fELF")
    own.chmod(0o755)
    assert find_browser() == str(own)
    monkeypatch.setenv("KIEMCONG_BROWSER", "/nirgends/chromium")
    with pytest.raises(NoBrowser, match="/nirgends/chromium"):
        find_browser()
