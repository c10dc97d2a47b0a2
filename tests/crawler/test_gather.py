"""One visit over small sites held in memory: what is asked for, in which order, and what is said to have been seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
import pytest

from crawler.facts.outline import outline
from crawler.facts.parse import Parsed, parse
from crawler.gather.answers import Answer
from crawler.gather.asks import Ask
from crawler.gather.machine import Gathering
from crawler.gather.maps import MOST_MAPS
from crawler.gather.pursuit import SeenPage
from crawler.gather.searches import plan_searches
from crawler.model import (
    Block,
    Budget,
    CandidateState,
    Role,
    StopReason,
    Target,
    TargetKind,
    TargetSet,
    TargetView,
    VisitRequest,
    VisitStatus,
)

ROOT = "http://portal.test"
NEWS = Target(id="news", labels=("Tin tức", "Tin tức - Sự kiện"), details=2)
SCHEDULE = Target(id="leader-schedule", labels=("Lịch công tác",), rejects=("Lịch tiếp công dân",))
MAP = Target(id="administrative-map", labels=("Bản đồ hành chính",))
HOME = Target(id="home", kind=TargetKind.HOME)
SEARCH = Target(id="search", kind=TargetKind.SEARCH)
TARGETS = TargetSet(
    checklist="test",
    targets=(HOME, SEARCH, NEWS, SCHEDULE, MAP),
    sitemap_labels=("Sơ đồ trang",),
    nonsense_query="xyzkhongco",
    digest="0" * 64,
)
REQUEST = VisitRequest(
    id="test.a.1",
    campaign="test",
    agency="a",
    agency_name="Tỉnh A",
    block=Block.TINH,
    portal=f"{ROOT}/",
    declared_address=f"{ROOT}/",
    now=datetime(2017, 3, 15, tzinfo=UTC),
)
MENU = """<nav><ul><li><a href="/">Trang chủ</a></li><li><a href="/tin">Tin tức</a></li>
<li><a href="/lich">Lịch công tác</a></li><li><a href="/gt">Giới thiệu</a></li></ul></nav>"""


def page(title: str, body: str, menu: str = MENU) -> str:
    filler = "<p>" + "Nội dung trang của cơ quan. " * 20 + f"{title}</p>"
    return f"<html><head><title>{title}</title></head><body>{menu}<h1>{title}</h1>{body}{filler}</body></html>"


ARTICLES = "".join(
    f'<li><a href="/tin/{n}">Bản tin số {n} về hoạt động của tỉnh trong tháng</a> <span>0{n}/03/2017</span></li>'
    for n in (1, 3, 2, 4)
)
SITE = {
    "/": page("Cổng thông tin tỉnh A", ""),
    "/tin": page("Tin tức", f"<ul>{ARTICLES}</ul>"),
    "/lich": page("Lịch công tác", "<table><tr><td>Thứ hai</td></tr></table>"),
    "/gt": page("Giới thiệu", "<p>Về tỉnh</p>"),
    **{
        f"/tin/{n}": page(f"Bản tin số {n} về hoạt động của tỉnh trong tháng", f"<p>Ngày 0{n}/03/2017</p>")
        for n in (1, 2, 3, 4)
    },
}


Site = Mapping[str, str | bytes | VisitStatus]
"""What stands at each address: a page, a file, or what becomes of who asks for it."""


def answer(site: Site, ask: Ask) -> Answer:
    found = site.get(ask.url.removeprefix(ROOT), VisitStatus.NOT_FOUND)
    if isinstance(found, VisitStatus):
        return Answer(status=found, final_url=ask.url)
    if isinstance(found, bytes):
        return Answer(status=VisitStatus.OK, final_url=ask.url, size=len(found))
    if ask.role is Role.ROBOTS or ask.url.endswith(".xml"):
        return Answer(status=VisitStatus.OK, final_url=ask.url, text=found)
    parsed = parse(found.encode(), "text/html; charset=utf-8")
    seen = outline(parsed, ask.url)
    return Answer(status=VisitStatus.OK, final_url=ask.url, size=len(found), outline=seen, tree=parsed)


def visit(site: Site, request: VisitRequest = REQUEST, targets: TargetSet = TARGETS) -> tuple[Gathering, list[str]]:
    asked: list[str] = []

    stored = 0

    def reread(number: int) -> Parsed | None:
        assert number < stored, "a page is stored once it was taken"
        found = site.get(gathering.pages[number].ask.url.removeprefix(ROOT))
        return parse(found.encode(), "text/html; charset=utf-8") if isinstance(found, str) else None

    gathering = Gathering(request, targets, reread)
    while (ask := gathering.next()) is not None:
        asked.append(ask.url.removeprefix(ROOT))
        gathering.take(ask, answer(site, ask))
        stored = len(gathering.pages)
        assert len(asked) < 300
    return gathering, asked


def views(gathering: Gathering) -> dict[str, TargetView]:
    return {view.target: view for view in gathering.finish()}


def test_sections_are_found_sampled_newest_first_and_absence_is_seen_in_full() -> None:
    gathering, asked = visit(SITE)
    seen = views(gathering)
    assert seen["news"].landings == (f"{ROOT}/tin",)
    assert seen["news"].details == (f"{ROOT}/tin/4", f"{ROOT}/tin/3")
    assert seen["leader-schedule"].landings == (f"{ROOT}/lich",)
    assert seen["administrative-map"] == TargetView(target="administrative-map", full=True)
    assert gathering.stop is StopReason.DONE
    assert asked[0] == "/robots.txt"
    assert asked[2] == "/"


def test_what_menus_name_is_read_before_samples_while_a_section_is_missing() -> None:
    """A section under a name that tells nothing is found before the members of another's list are read."""
    named = {path: text.replace(">Lịch công tác</a>", ">Thông tin chung</a>") for path, text in SITE.items()}
    gathering, asked = visit(named)
    assert views(gathering)["leader-schedule"].landings == (f"{ROOT}/lich",)
    assert asked.index("/lich") < min(asked.index(path) for path in asked if path.startswith("/tin/"))
    assert len([path for path in asked if path.startswith("/tin/")]) == len(views(gathering)["news"].details)


@pytest.mark.parametrize("box", ["<div><h3>Tin tức mới</h3></div>", "<aside><h2>Tin tức mới</h2></aside>"])
def test_a_box_beside_a_section_is_not_taken_for_the_section_it_names(box: str) -> None:
    """Neither a box to the side, nor one in the body while a link that says it better waits to be read."""
    menu = MENU.replace("Trang chủ</a></li>", 'Trang chủ</a></li><li><a href="/ban-do">Bản đồ hành chính</a></li>')
    site = {path: text.replace(MENU, menu) for path, text in SITE.items()}
    site["/ban-do"] = page("Bản đồ hành chính", f"<p>Bản đồ</p>{box}", menu)
    gathering, asked = visit(site)
    assert asked.index("/ban-do") < asked.index("/tin")
    assert views(gathering)["news"].landings == (f"{ROOT}/tin",)


def test_the_same_site_is_asked_for_in_the_same_order() -> None:
    assert visit(SITE)[1] == visit(dict(reversed(SITE.items())))[1]


def test_a_section_that_only_stands_in_the_site_map_is_found() -> None:
    menu = MENU.replace("</ul>", '<li><a href="/so-do">Sơ đồ trang</a></li></ul>')
    site = {path: text.replace(MENU, menu) for path, text in SITE.items()}
    site["/so-do"] = page("Sơ đồ trang", '<ul><li><a href="/p?id=77">Bản đồ hành chính</a></li></ul>', menu)
    site["/p?id=77"] = page("Bản đồ hành chính", "<p>Bản đồ</p>", menu)
    assert views(visit(site)[0])["administrative-map"].landings == (f"{ROOT}/p?id=77",)


def test_a_site_map_that_failed_leaves_absence_unproven() -> None:
    menu = MENU.replace("</ul>", '<li><a href="/so-do">Sơ đồ trang</a></li></ul>')
    site: dict[str, str | VisitStatus] = {path: text.replace(MENU, menu) for path, text in SITE.items()}
    site["/so-do"] = VisitStatus.SERVER_ERROR
    view = views(visit(site)[0])["administrative-map"]
    assert not view.full
    assert view.gap == "site-map-failed"


def test_a_failed_candidate_leaves_absence_unproven_and_is_tried_twice() -> None:
    site: dict[str, str | VisitStatus] = {**SITE, "/lich": VisitStatus.SERVER_ERROR}
    gathering, asked = visit(site)
    view = views(gathering)["leader-schedule"]
    assert asked.count("/lich") == 2
    assert not view.full
    assert view.gap == "candidates-failed"
    assert [c.state for c in view.candidates] == [CandidateState.FAILED]


def test_a_dead_link_is_the_portals_own_word_and_proves_absence() -> None:
    site: dict[str, str | VisitStatus] = {**SITE, "/lich": VisitStatus.NOT_FOUND}
    view = views(visit(site)[0])["leader-schedule"]
    assert view.full
    assert view.landings == ()


def test_a_page_that_calls_itself_something_else_is_only_a_doubtful_landing() -> None:
    site = {**SITE, "/lich": page("Thông báo nghỉ lễ", "<p>Nghỉ</p>")}
    menu = MENU.replace("</ul>", '<li><a href="/lich2">Lịch công tác tuần</a></li></ul>')
    site = {path: text.replace(MENU, menu) for path, text in site.items()}
    site["/lich2"] = page("Lịch công tác", "<p>Thứ hai</p>", menu)
    view = views(visit(site)[0])["leader-schedule"]
    assert view.landings == (f"{ROOT}/lich2",)


def test_robots_txt_keeps_us_out_and_what_it_hides_is_not_called_absent() -> None:
    site = {**SITE, "/robots.txt": "User-agent: *\nDisallow: /lich\nCrawl-delay: 3"}
    gathering, asked = visit(site)
    assert "/lich" not in asked
    assert gathering.robots.crawl_delay(f"{ROOT}/tin") == 3.0
    assert [p.ask.url for p in gathering.pages if p.status is VisitStatus.ROBOTS] == [f"{ROOT}/lich"]
    assert views(gathering)["leader-schedule"].gap == "candidates-failed"


def answered(text: str, status: VisitStatus = VisitStatus.OK, http_status: int = 200) -> Answer:
    return Answer(status=status, final_url=f"{ROOT}/robots.txt", http_status=http_status, text=text)


def test_a_server_that_fails_to_give_its_rules_is_asked_once_more_and_then_left_alone() -> None:
    """RFC 9309, 2.3.1.4: what a server error hides may be a ban; what nobody asked for is no verdict on the portal either."""
    failing = answered("", VisitStatus.SERVER_ERROR, 500)
    gathering = Gathering(REQUEST, TARGETS, lambda _: None)
    first = gathering.next()
    assert first is not None
    assert first.role is Role.ROBOTS
    assert gathering.take(first, failing).rest, "the second try comes after a rest"
    second = gathering.next()
    assert second is not None
    assert (second.url, second.again) == (first.url, True)
    assert not gathering.take(second, failing).rest
    assert gathering.next() is None
    assert gathering.stop is StopReason.UNREACHABLE
    assert {page.status for page in gathering.pages} == {VisitStatus.SERVER_ERROR}
    assert gathering.spent.navigations == 2


def test_rules_that_come_at_the_second_try_hold() -> None:
    gathering = Gathering(REQUEST, TARGETS, lambda _: None)
    for answer in (answered("", VisitStatus.SERVER_ERROR, 503), answered("User-agent: *\nDisallow: /lich")):
        ask = gathering.next()
        assert ask is not None
        gathering.take(ask, answer)
    assert gathering.robots.barred(f"{ROOT}/lich") is VisitStatus.ROBOTS
    assert gathering.robots.barred(f"{ROOT}/tin") is None
    third = gathering.next()
    assert third is not None
    assert third.role is Role.RANDOM_PATH


def test_a_home_page_that_fails_ends_the_visit_and_nothing_is_seen() -> None:
    gathering, _ = visit({"/": VisitStatus.REFUSED})
    assert gathering.stop is StopReason.UNREACHABLE
    assert all(not view.full for view in gathering.finish())


def test_an_unknown_path_sent_home_is_not_taken_for_a_page() -> None:
    home = SITE["/"]
    site = {**SITE, "/lich": home}

    class Everything(dict[str, str | VisitStatus]):
        def get(self, key: str, default: object = None) -> str | VisitStatus:  # type: ignore[override]
            return super().get(key, home)

    gathering, _ = visit(Everything(site))
    page_seen = next(p for p in gathering.pages if p.ask.url == f"{ROOT}/lich")
    assert page_seen.status in (VisitStatus.HOME_FALLBACK, VisitStatus.SOFT_NOT_FOUND)


def test_refusals_in_a_row_end_the_visit_as_blocked() -> None:
    site = {path: VisitStatus.RATE_LIMITED if path != "/" else text for path, text in SITE.items()}
    menu = "<nav>" + "".join(f'<a href="/lich/{n}">Lịch công tác {n}</a>' for n in range(9)) + "</nav>"
    site["/"] = page("Cổng", "", menu)
    site |= {f"/lich/{n}": VisitStatus.RATE_LIMITED for n in range(9)}
    gathering, _ = visit(site)
    assert gathering.stop is StopReason.BLOCKED


@pytest.mark.parametrize(
    ("budget", "stop"),
    [
        (Budget(navigations=4), StopReason.NAVIGATIONS),
        (Budget(megabytes=0), StopReason.MEGABYTES),
        (Budget(seconds=0), StopReason.SECONDS),
    ],
)
def test_a_budget_ends_the_visit_and_leaves_absence_unproven(budget: Budget, stop: StopReason) -> None:
    gathering, _ = visit(SITE, msgspec.structs.replace(REQUEST, budget=budget))
    assert gathering.stop is stop
    if stop is StopReason.NAVIGATIONS:
        left = gathering.unseen()
        assert [(one.url.removeprefix(ROOT), one.target) for one in left] == [("/lich", "leader-schedule")]
        assert left[0].score > 0.8
    assert not views(gathering)["administrative-map"].full


def test_the_search_box_is_asked_for_a_known_title_and_for_nonsense() -> None:
    box = '<form action="/tim" method="get"><input type="text" name="q" placeholder="Tìm kiếm"></form>'
    site = {path: text.replace(MENU, MENU + box) for path, text in SITE.items()}
    site["/"] = site["/"].replace("<h1>", "<h1>")
    gathering, _ = visit(site)
    asked = [(p.ask.role, p.ask.query) for p in gathering.pages if p.ask.query]
    assert asked == [
        (Role.SEARCH_KNOWN, "Bản tin số 4 về hoạt động của tỉnh trong tháng"),
        (Role.SEARCH_NONSENSE, "xyzkhongco"),
    ]


def test_a_search_box_is_asked_for_an_article_of_its_own_host() -> None:
    box = '<form action="/tim" method="get"><input type="text" name="q" placeholder="Tìm kiếm"></form>'
    html = page("Cổng thông tin tỉnh A", f"<ul>{ARTICLES}</ul>", MENU + box)
    home = SeenPage(
        0, Ask(url=f"{ROOT}/", role=Role.HOME), f"{ROOT}/", VisitStatus.OK, outline(parse(html.encode()), f"{ROOT}/")
    )
    there = "http://mot-cua.portal.test/tin/7"
    title = "Bản tin của một cổng khác về hoạt động trong tháng"
    article = SeenPage(1, Ask(url=there, role=Role.DETAIL, label=title), there, VisitStatus.OK, None)
    known, _ = plan_searches(TARGETS, [home, article])
    assert known.query == "Bản tin số 1 về hoạt động của tỉnh trong tháng"


def test_clicks_are_counted_along_the_shortest_way() -> None:
    gathering, _ = visit(SITE)
    clicks = clicks_of(gathering)
    assert (clicks["/"], clicks["/tin"], clicks["/tin/4"]) == (0, 1, 2)


def test_clicks_follow_ordinary_links_where_a_script_leads_there_too() -> None:
    menu = """<nav><ul><li><a href="/">Trang chủ</a></li><li><a href="/so-do">Sơ đồ trang</a></li>
    <li onclick="location.href='/tin'">Tin tức</li><li onclick="location.href='/lich'">Lịch công tác</li></ul></nav>"""
    links = '<ul><li><a href="/tin">Tin tức</a></li></ul>'
    site = {
        "/": page("Cổng thông tin tỉnh A", "", menu),
        "/so-do": page("Sơ đồ trang", links, menu),
        "/tin": page("Tin tức", f"<ul>{ARTICLES}</ul>", menu),
        "/lich": page("Lịch công tác", "<table><tr><td>Thứ hai</td></tr></table>", menu),
    }
    clicks = clicks_of(visit(site)[0])
    assert (clicks["/tin"], clicks["/so-do"]) == (2, 1)
    assert clicks["/lich"] == 1  # only a script leads there


def clicks_of(gathering: Gathering) -> dict[str, int | None]:
    """The clicks to each page taken, by its path."""
    return {p.ask.url.removeprefix(ROOT): c for p, c in zip(gathering.pages, gathering.clicks(), strict=True)}


def test_a_section_kept_on_another_host_is_never_called_absent_unseen() -> None:
    menu = MENU.replace("</ul>", '<li><a href="http://other.test/ban-do">Bản đồ hành chính</a></li></ul>')
    site = {path: text.replace(MENU, menu) for path, text in SITE.items()}
    gathering, asked = visit(site)
    view = views(gathering)["administrative-map"]
    assert (view.full, view.gap) == (False, "candidates-unvisited")
    assert not any("other.test" in url for url in asked)


def test_a_section_kept_on_a_state_host_is_read_one_page_deep() -> None:
    menu = MENU.replace("</ul>", '<li><a href="http://bando.gov.vn/a">Bản đồ hành chính</a></li></ul>')
    site = {path: text.replace(MENU, menu) for path, text in SITE.items()}
    inner = '<nav><a href="http://bando.gov.vn/lich">Lịch công tác</a></nav>'
    site["http://bando.gov.vn/a"] = page("Bản đồ hành chính", "", inner)
    gathering, asked = visit(site)
    assert views(gathering)["administrative-map"].landings == ("http://bando.gov.vn/a",)
    assert [url for url in asked if "bando" in url] == ["http://bando.gov.vn/robots.txt", "http://bando.gov.vn/a"]


def test_a_page_that_only_leads_where_menus_lead_is_no_section_and_what_it_leads_to_may_be() -> None:
    menu = """<nav><ul><li><a href="/">Trang chủ</a></li><li><a href="/tin">Tin tức</a><ul><li><a href="/su-kien">Sự kiện</a></li></ul></li>
    <li><a href="/gt">Giới thiệu</a></li><li><a href="/lh">Liên hệ</a></li></ul></nav>"""
    bare = f"<html><head><title>Tin tức</title></head><body>{menu}<h1>Tin tức</h1></body></html>"
    site = {
        "/": page("Cổng thông tin tỉnh A", "", menu),
        "/tin": bare,
        "/su-kien": page("Sự kiện", f"<ul>{ARTICLES}</ul>", menu),
        "/gt": page("Giới thiệu", "<p>Về tỉnh</p>", menu),
        "/lh": page("Liên hệ", "<p>Số 1</p>", menu),
        **{path: text for path, text in SITE.items() if path.startswith("/tin/")},
    }
    news = views(visit(site)[0])["news"]
    assert news.landings == (f"{ROOT}/tin", f"{ROOT}/su-kien")
    assert news.details == (f"{ROOT}/tin/4", f"{ROOT}/tin/3")


def test_a_section_behind_short_pages_that_lead_on_is_found() -> None:
    short = (
        "<html><head><title>{0}</title></head><body>" + MENU + "<h1>{0}</h1><p><a href='{1}'>{2}</a></p></body></html>"
    )
    site = {
        **SITE,
        "/gt": short.format("Giới thiệu", "/chuyen-trang", "Chuyên trang"),
        "/chuyen-trang": short.format("Chuyên trang", "/dia-gioi", "Địa giới"),
        "/dia-gioi": short.format("Địa giới", "/ban-do", "Xem bản đồ"),
        "/ban-do": page("Bản đồ hành chính", "<img src='bd.png'>"),
    }
    assert views(visit(site)[0])["administrative-map"].landings == (f"{ROOT}/ban-do",)


def test_a_page_without_headings_is_known_by_the_first_of_its_own_words() -> None:
    site = {
        **SITE,
        "/gt": "<html><head><title>Cổng thông tin tỉnh A</title></head><body>"
        + MENU
        + "<div>Bản đồ hành chính tỉnh A</div><p>"
        + "Ranh giới các huyện. " * 20
        + "</p></body></html>",
    }
    assert views(visit(site)[0])["administrative-map"].landings == (f"{ROOT}/gt",)


def xml(*paths: str) -> str:
    return "<urlset>" + "".join(f"<url><loc>{ROOT}{path}</loc></url>" for path in paths) + "</urlset>"


MAP_PAGE = {"/dia-phuong/ban-do-hanh-chinh": page("Bản đồ hành chính", "<p>Bản đồ</p>")}


def test_all_that_a_site_map_names_is_read_while_something_is_missing_and_pagers_are_no_menu() -> None:
    menu = MENU.replace("</ul>", '<li><a href="/so-do">Sơ đồ trang</a></li></ul>')
    pager = '<nav class="pager"><a href="/tin?trang=2">2</a> <a href="/tin?trang=3">Trang sau</a></nav>'
    site = {path: (body.replace(MENU, menu) if isinstance(body, str) else body) for path, body in SITE.items()}
    site["/tin"] = page("Tin tức", f"<ul>{ARTICLES}</ul>{pager}", menu)
    site["/so-do"] = page("Sơ đồ trang", '<ul><li><a href="/hoi-am">Hồi âm địa phương</a></li></ul>', menu)
    site["/hoi-am"] = page("Hồi âm địa phương", "", menu)
    _, asked = visit(site)
    assert "/hoi-am" in asked
    assert not [path for path in asked if "trang=" in path]


def test_sitemap_xml_gives_candidates_that_no_link_leads_to() -> None:
    site = {
        **SITE,
        **MAP_PAGE,
        "/sitemap.xml": xml("/tin/9", "/dia-phuong/ban-do-hanh-chinh", "/tai-lieu/ban-do-hanh-chinh.pdf"),
    }
    gathering, asked = visit(site)
    assert views(gathering)["administrative-map"].landings == (f"{ROOT}/dia-phuong/ban-do-hanh-chinh",)
    assert clicks_of(gathering)["/dia-phuong/ban-do-hanh-chinh"] is None
    assert "/tin/9" not in asked
    assert asked.index("/sitemap.xml") > asked.index("/lich")


def test_sitemap_xml_is_not_asked_for_where_nothing_is_missing() -> None:
    menu = MENU.replace("</ul>", '<li><a href="/dia-phuong/ban-do-hanh-chinh">Bản đồ hành chính</a></li></ul>')
    _, asked = visit({path: text.replace(MENU, menu) for path, text in {**SITE, **MAP_PAGE}.items()})
    assert "/sitemap.xml" not in asked


def test_the_lists_robots_txt_names_are_read_instead_of_the_customary_one() -> None:
    index = f"<sitemapindex><loc>{ROOT}/bai-viet.xml</loc><loc>{ROOT}/chuyen-muc.xml</loc></sitemapindex>"
    robots = f"Sitemap: {ROOT}/tat-ca.xml\nSitemap: http://other.test/sitemap.xml"
    listing = xml("/dia-phuong/ban-do-hanh-chinh")
    gathering, asked = visit(
        {**SITE, **MAP_PAGE, "/robots.txt": robots, "/tat-ca.xml": index, "/chuyen-muc.xml": listing}
    )
    assert views(gathering)["administrative-map"].landings == (f"{ROOT}/dia-phuong/ban-do-hanh-chinh",)
    assert [path for path in asked if path.endswith(".xml")] == ["/tat-ca.xml", "/chuyen-muc.xml"]


def test_an_index_without_end_costs_a_few_pages() -> None:
    index = "<sitemapindex>" + "".join(f"<loc>{ROOT}/s{n}.xml</loc>" for n in range(500)) + "</sitemapindex>"
    lists = {f"/s{n}.xml": xml(*(f"/ban-do-hanh-chinh/{n}-{m}" for m in range(50))) for n in range(500)}
    _, asked = visit({**SITE, "/sitemap.xml": index, **lists})
    assert sum(path.endswith(".xml") for path in asked) == MOST_MAPS
    assert len(asked) < 40


def test_a_list_nobody_named_may_fail_one_that_was_named_leaves_absence_unproven() -> None:
    failing: dict[str, str | VisitStatus] = {**SITE, "/sitemap.xml": VisitStatus.SERVER_ERROR}
    assert views(visit(failing)[0])["administrative-map"].full
    view = views(visit({**failing, "/robots.txt": f"Sitemap: {ROOT}/sitemap.xml"})[0])["administrative-map"]
    assert (view.full, view.gap) == (False, "site-map-failed")


def with_menu(items: str, site: Mapping[str, str] = SITE) -> dict[str, str | VisitStatus]:
    """The site with further members in every menu."""
    return {path: text.replace(MENU, MENU.replace("</ul>", items + "</ul>")) for path, text in site.items()}


KIN = "http://bando.portal.test"
KIN_MENU = f"""<nav><ul><li><a href="{KIN}/tin-tuc">Tin tức</a></li><li><a href="{KIN}/lich">Lịch công tác</a></li></ul></nav>"""
KIN_PAGES = {
    f"{KIN}/": page("Bản đồ hành chính", "<p>Bản đồ</p>", KIN_MENU),
    f"{KIN}/tin-tuc": page("Tin tức", "<p>Tin của nơi khác</p>", KIN_MENU),
    f"{KIN}/lich": page("Lịch công tác", "<p>Lịch của nơi khác</p>", KIN_MENU),
}


def test_a_further_host_of_the_agency_is_followed_for_the_section_the_menu_names_there() -> None:
    site = with_menu(f'<li><a href="{KIN}/">Bản đồ hành chính</a></li>')
    site["/lich"] = VisitStatus.NOT_FOUND
    gathering, asked = visit({**site, **KIN_PAGES, f"{KIN}/robots.txt": "User-agent: *\nCrawl-delay: 5"})
    seen = views(gathering)
    assert seen["administrative-map"].landings == (f"{KIN}/",)
    assert seen["leader-schedule"].landings == ()
    assert seen["news"].landings == (f"{ROOT}/tin",)
    assert asked.index(f"{KIN}/robots.txt") == asked.index(f"{KIN}/") - 1
    assert gathering.robots.crawl_delay(f"{KIN}/x") == 5.0


def test_other_agencies_under_the_same_domain_are_not_entered() -> None:
    site = with_menu(f'<li><a href="{KIN}/">Sở Bản đồ tỉnh A</a></li>')
    _, asked = visit({**site, **KIN_PAGES})
    assert not [url for url in asked if url.startswith(KIN)]
    body = {**SITE, "/gt": page("Giới thiệu", f'<p><a href="{KIN}/">Bản đồ hành chính</a></p>')}
    _, asked = visit({**body, **KIN_PAGES})
    assert not [url for url in asked if url.startswith(KIN)]


def test_a_department_does_not_take_its_provinces_hosts_for_its_own() -> None:
    site = with_menu(f'<li><a href="{KIN}/">Bản đồ hành chính</a></li>')
    _, asked = visit({**site, **KIN_PAGES}, msgspec.structs.replace(REQUEST, block=Block.SO))
    assert [url for url in asked if url.startswith(KIN)] == [f"{KIN}/robots.txt", f"{KIN}/"]
    department = msgspec.structs.replace(REQUEST, block=Block.SO, portal="http://so.portal.test/")
    moved = {path.replace("/", "http://so.portal.test/", 1): text for path, text in site.items()}
    gathering, asked = visit({**moved, **KIN_PAGES}, department)
    assert not [url for url in asked if url.startswith(KIN)]
    assert views(gathering)["administrative-map"].gap == "candidates-unvisited"
