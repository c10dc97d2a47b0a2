"""Whole visits to small sites on loopback: what is found, rendered, kept and told."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from crawler.browser import Browser
from crawler.ledger import Attempt, Ending
from crawler.model import Budget, Dossier, Role, StopReason, VisitRequest, VisitStatus
from crawler.netguard import World
from crawler.proxy import GuardProxy
from crawler.tab import Waits
from crawler.visit_folder import read_pages, read_visit
from output.endings import cut_short, ending
from tests.crawler.loopback import Answer, Site, page, serving
from tests.crawler.test_gather import REQUEST, TARGETS
from tests.crawler.visits import Visited, visited

Pages = dict[str, str | Answer]
Look = Callable[..., Awaitable[tuple[Visited, Site]]]
browser_test = pytest.mark.browser
HOST = "http://mau.gov.vn"
ASKED = msgspec.structs.replace(REQUEST, portal=f"{HOST}/", declared_address=f"{HOST}/", pictures=False)
WAITS = Waits(quiet=0.2, settle=2.0, answer=4, first_byte=5, whole=30, pressed=1.0)
PROSE = "<p>" + "Nội dung trang của cơ quan. " * 20 + "</p>"
NEWS = "".join(
    f"<li><a href='/tin/{n}'>Bản tin số {n} về hoạt động của tỉnh trong tháng</a> <span>0{n}/03/2017</span></li>"
    for n in (1, 2, 3, 4)
)


def whole(title: str, body: str, menu: str = "") -> str:
    return f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title></head><body>{menu}<h1>{title}</h1>{body}{PROSE}</body></html>"


def sites(pages: Pages) -> Callable[[str, str], Answer]:
    def answer(path: str, _body: str) -> Answer:
        found = pages.get(path)
        if found is None:
            return page("<h1>Không tìm thấy</h1>", 404)
        return page(found) if isinstance(found, str) else found

    return answer


MENU = "<nav><ul><li><a href='/tin'>Tin tức</a></li><li><a href='/lich'>Lịch công tác</a></li><li><a href='/gt'>Giới thiệu</a></li></ul></nav>"
PAGES: Pages = {
    "/": whole("Cổng thông tin", "", MENU),
    "/tin": whole("Tin tức", f"<ul>{NEWS}</ul>", MENU),
    "/lich": whole("Lịch công tác", "<p>Thứ hai</p>", MENU),
    "/gt": whole("Giới thiệu", "<p>Về tỉnh</p>", MENU),
    **{f"/tin/{n}": whole(f"Bản tin số {n} về hoạt động của tỉnh trong tháng", "", MENU) for n in (1, 2, 3, 4)},
}


@pytest_asyncio.fixture
async def look(tmp_path: Path) -> AsyncIterator[Look]:
    """Visits the given pages; with a browser where told."""

    async def one(pages: Pages, *, render: bool = False, request: VisitRequest = ASKED) -> tuple[Visited, Site]:
        with serving(sites(pages) if isinstance(pages, dict) else pages) as site:
            if not render:
                return await visited(tmp_path, site.port, request, TARGETS), site
            world = World(only_networks=("127.0.0.1/32",), resolve={"mau.gov.vn": f"127.0.0.1:{site.port}"})
            async with GuardProxy(world) as proxy, Browser(proxy, user_agent="KiemCong (thu)", waits=WAITS) as browser:
                return await visited(tmp_path, site.port, request, TARGETS, browser), site

    yield one


def landings(dossier: Dossier, target: str) -> tuple[str, ...]:
    view = dossier.view(target)
    assert view is not None
    return tuple(url.removeprefix(HOST) for url in view.landings)


async def test_a_packed_list_of_addresses_is_read_and_is_no_page_to_judge(look: Look) -> None:
    text = f"<urlset><loc>{HOST}/dia-phuong/ban-do-hanh-chinh</loc></urlset>"
    packed: Answer = (200, [("Content-Type", "application/gzip")], gzip.compress(text.encode()))
    seen, _ = await look({**PAGES, "/robots.txt": (200, [("Content-Type", "text/plain")], f"Sitemap: {HOST}/m.xml.gz".encode()),
                          "/m.xml.gz": packed, "/dia-phuong/ban-do-hanh-chinh": whole("Bản đồ hành chính", "", MENU)})  # fmt: skip
    assert landings(seen.dossier, "administrative-map") == ("/dia-phuong/ban-do-hanh-chinh",)
    assert not [one for one in seen.dossier.pages if one.url.endswith(".gz")]
    missing, _ = await look(PAGES, request=msgspec.structs.replace(ASKED, id="test.a.2"))
    assert f"{HOST}/sitemap.xml" in missing.paced
    assert not [row for row in missing.dossier.failures if row.role is Role.SITEMAP]


async def test_robots_txt_is_read_as_it_is_served_and_kept(look: Look) -> None:
    rules: Answer = (200, [("Content-Type", "text/plain; charset=utf-8")], b"User-agent: *\nDisallow: /lich")
    seen, site = await look({**PAGES, "/robots.txt": rules})
    assert "/tin" in site.paths()
    assert "/lich" not in site.paths()
    assert [row.requested_url for row in seen.dossier.failures if row.status is VisitStatus.ROBOTS] == [f"{HOST}/lich"]


async def test_rules_of_a_host_home_sends_on_to_are_read_before_it_is_asked(look: Look) -> None:
    """Rows stay in step with the pages though one came in between; a host that bars us is not asked for its home."""
    moved = "http://khac.gov.vn"

    def answer(path: str, _body: str) -> Answer:
        if path == "/":
            return page("", 302, ("Location", f"{moved}/cong"))
        return (
            page("User-agent: *\nDisallow: /lich")
            if path == "/robots.txt"
            else sites({**PAGES, "/cong": PAGES["/"]})(path, "")
        )

    seen, site = await look(answer)
    asked = [(host, path) for host, _, path in site.log]
    assert asked.index(("khac.gov.vn", "/robots.txt")) < asked.index(("khac.gov.vn", "/cong"))
    assert asked.count(("khac.gov.vn", "/robots.txt")) == 1
    assert ("khac.gov.vn", "/tin") in asked
    assert ("khac.gov.vn", "/lich") not in asked
    rows = read_pages(Path(seen.sealed.folder))
    assert [row.id for row in rows] == [f"{number:04d}" for number in range(1, len(rows) + 1)]
    (home,) = (row for row in rows if row.role is Role.HOME)
    assert (home.final_url, home.status) == (f"{moved}/cong", VisitStatus.OK)

    def barring(path: str, _body: str) -> Answer:
        return page("User-agent: *\nDisallow: /cong") if path == "/robots.txt" else answer(path, "")

    shut, site = await look(barring, request=msgspec.structs.replace(ASKED, id="test.a.2"))
    assert ("khac.gov.vn", "/cong") not in [(host, path) for host, _, path in site.log]
    assert shut.sealed.visit.status is VisitStatus.ROBOTS


@browser_test
async def test_a_menu_that_only_scripts_build_is_followed(look: Look) -> None:
    script = """<script>const menu = {"muc": [["/tin", "Tin tức"], ["/lich", "Lịch công tác"], ["/gt", "Giới thiệu"]]};
    setTimeout(() => { const nav = document.createElement('nav');
      nav.innerHTML = menu.muc.map(([a, b]) => `<li><a href="${a}">${b}</a></li>`).join(''); document.body.prepend(nav); }, 150)</script>"""
    pages = {path: text.replace(MENU, script) if isinstance(text, str) else text for path, text in PAGES.items()}
    blind, _ = await look(pages, request=msgspec.structs.replace(ASKED, id="test.a.2"))
    assert landings(blind.dossier, "news") == ()
    seen, _ = await look(pages, render=True)
    assert landings(seen.dossier, "news") == ("/tin",)
    assert landings(seen.dossier, "leader-schedule") == ("/lich",)
    assert not [one for one in seen.dossier.pages if one.visit and one.visit.screenshot]


@browser_test
async def test_a_section_that_lists_nothing_in_its_bytes_is_rendered_before_it_is_called_empty(
    look: Look,
) -> None:
    late = "<ul id=ds></ul><script>fetch('/ds').then(r => r.text()).then(t => { document.getElementById('ds').innerHTML = t })</script>"
    pages: Pages = {**PAGES, "/tin": whole("Tin tức", late, MENU), "/ds": NEWS}
    seen, _ = await look(pages, render=True)
    view = seen.dossier.view("news")
    assert view is not None
    assert [url.removeprefix(HOST) for url in view.details] == ["/tin/4", "/tin/3"]
    (landing,) = seen.dossier.pages_of("news", Role.LANDING)
    assert len(landing.entries) == 4
    assert seen.sealed.visit.status is VisitStatus.OK


FORM = """<form method=post action=/vb id=f><input type=hidden name=__EVENTTARGET id=__EVENTTARGET><input type=hidden name=__EVENTARGUMENT id=__EVENTARGUMENT>
<script>function __doPostBack(a, b) { var f = document.getElementById('f'); f.__EVENTTARGET.value = a; f.__EVENTARGUMENT.value = b; f.submit(); }</script>
<div class=tab-strip><a class=active href="javascript:__doPostBack('tab','0')">Mới</a><a href="javascript:__doPostBack('tab','1')">Bản đồ hành chính</a></div>
<input type=submit name=gui value="Gửi góp ý"><a href="javascript:__doPostBack('xoa','1')">Xóa</a>
<table class=GridView>%s<tr class=GridPager><td><span>1</span> <a href="javascript:__doPostBack('ds','Page$2')">2</a>
<a href="javascript:__doPostBack('ds','Page$3')">3</a></td></tr></table></form>"""


@browser_test
async def test_tabs_and_pagers_that_post_back_are_pressed_and_nothing_else_is(look: Look) -> None:
    posts: list[str] = []

    def row(n: int) -> str:
        return f"<tr><td><a href='/tin/{n}'>Bản tin số {n} về hoạt động của tỉnh trong tháng</a></td></tr>"

    def answer(path: str, body: str) -> Answer:
        if path == "/vb":
            posts.append(body)
            tab = "<p>Bản đồ địa giới các huyện</p>" if "TARGET=tab" in body else row(2)
            return page(whole("Tin tức", FORM % tab, MENU))
        moved = "<script>history.replaceState({}, '', '/tin?da-xem=1')</script>"
        return sites({**PAGES, "/tin": whole("Tin tức", FORM % row(1) + moved, MENU)})(path, body)

    seen, _ = await look(answer, render=True, request=msgspec.structs.replace(ASKED, pictures=True))
    assert sorted(posts) == ["__EVENTTARGET=ds&__EVENTARGUMENT=Page%242", "__EVENTTARGET=tab&__EVENTARGUMENT=1"]
    view = seen.dossier.view("news")
    assert view is not None
    assert [url.removeprefix(HOST) for url in view.details] == ["/tin/1", "/tin/2"]
    (map_page,) = seen.dossier.pages_of("administrative-map", Role.LANDING)
    assert any("địa giới các huyện" in text.text for text in map_page.texts)
    assert map_page.visit is not None
    assert map_page.visit.note == "đã bấm “Bản đồ hành chính”"
    assert seen.paced.count(f"{HOST}/tin") == 3


@browser_test
@pytest.mark.parametrize(("listed", "pressed"), [((1,), True), ((1, 2, 3, 4), False)])
async def test_a_short_list_is_made_longer_by_its_button(look: Look, listed: tuple[int, ...], pressed: bool) -> None:
    def row(n: int) -> str:
        return f"<li><a href='/tin/{n}'>Bản tin số {n} về hoạt động của tỉnh trong tháng</a></li>"

    script = """<script>document.querySelector('.load-more').addEventListener('click', () => fetch('/them').then(a => a.text()).then(t =>
        document.querySelector('#ds').insertAdjacentHTML('beforeend', t)))</script>"""
    rows = "".join(map(row, listed))
    news = f"<ul id=ds>{rows}</ul><button type=button class='btn load-more'>Xem thêm</button>{script}"
    more = page("".join(map(row, (2, 3, 4))))
    seen, site = await look(
        {**PAGES, "/tin": whole("Tin tức", news, MENU), "/them": more},
        render=True,
        request=msgspec.structs.replace(ASKED, pictures=True),
    )
    assert ("/them" in site.paths()) is pressed
    view = seen.dossier.view("news")
    assert view is not None
    assert len(view.details) >= 2
    assert (f"{HOST}/tin/2" in view.details) or not pressed


async def test_what_a_budget_left_unseen_is_sealed_with_how_promising_it_looked(look: Look, tmp_path: Path) -> None:
    seen, _ = await look(PAGES, request=msgspec.structs.replace(ASKED, budget=Budget(navigations=4)))
    visit = read_visit(Path(seen.sealed.folder))
    assert (visit.stop, visit.left_unseen) == (StopReason.NAVIGATIONS, len(visit.unseen))
    assert visit.unseen[0].score >= max(one.score for one in visit.unseen) > 0.8
    assert ending(visit).startswith("kết thúc: hết số lần mở trang; còn ")
    tried = Attempt(
        slot="s", number=1, token=1, owner="o", begun=visit.started_at, ending=Ending.SEALED, folder=visit.request.id
    )
    assert cut_short(tmp_path, [tried]) == [visit]
