"""What is read first: each section once before any of them twice, and what only leads on after what it leads to."""

from __future__ import annotations

import msgspec

from crawler.gather.pursuit import MOST_QUEUED
from crawler.model import Role, TargetSet
from tests.crawler.test_gather import ARTICLES, MENU, NEWS, REQUEST, ROOT, SCHEDULE, SITE, TARGETS, page, views, visit


def test_each_section_is_looked_for_once_before_any_is_looked_for_twice() -> None:
    menu = """<nav><a href="/tin">Tin tức</a> <a href="/su-kien">Tin tức - Sự kiện</a> <a href="/lich">Lịch công tác</a></nav>"""
    articles = f"<ul>{ARTICLES}</ul>"
    site = {path: page(path, "", menu) for path in ("/", "/gt")}
    site |= {path: text for path, text in SITE.items() if path.startswith("/tin/")}
    site["/tin"], site["/su-kien"] = page("Tin tức", articles, menu), page("Tin tức - Sự kiện", "<p>Một</p>", menu)
    site["/lich"] = page("Lịch công tác", "<table><tr><td>Thứ hai</td></tr></table>", menu)
    gathering, asked = visit(site, targets=wanting_two_of_news())
    assert [path for path in asked if path in ("/tin", "/lich", "/su-kien")] == ["/tin", "/lich", "/su-kien"]
    assert asked.index("/su-kien") < asked.index("/tin/4"), "further landing pages come before samples"
    assert views(gathering)["news"].landings == (f"{ROOT}/tin", f"{ROOT}/su-kien")


def wanting_two_of_news() -> TargetSet:
    targets = tuple(msgspec.structs.replace(one, landings=2) if one is NEWS else one for one in TARGETS.targets)
    return msgspec.structs.replace(TARGETS, targets=targets)


def headed(menu: str, bodies: dict[str, tuple[str, str]]) -> dict[str, str]:
    """A site whose menu is this and whose sections have these titles and bodies."""
    site = {"/": page("Cổng thông tin tỉnh A", "", menu)}
    site |= {path: page(title, body, menu) for path, (title, body) in bodies.items()}
    return site | {path: page(path, "<p>Ngày 01/03/2017</p>", menu) for path in SITE if path.startswith("/tin/")}


NESTED = """<nav><ul><li><a href="/dau">Tin tức</a><ul><li><a href="/tin">Tin tức - Sự kiện</a></li></ul></li>
<li><a href="/lich">Lịch công tác</a></li></ul></nav>"""


def test_what_heads_a_sub_menu_comes_after_what_is_as_good_below_it_and_is_read_all_the_same() -> None:
    bodies = {"/dau": ("Tin tức", "<p>Chuyên mục</p>"), "/tin": ("Tin tức - Sự kiện", f"<ul>{ARTICLES}</ul>")}
    bodies["/lich"] = ("Lịch công tác", "<table><tr><td>Thứ hai</td></tr></table>")
    gathering, asked = visit(headed(NESTED, bodies))
    assert asked.index("/tin") < asked.index("/lich") < asked.index("/dau")
    assert views(gathering)["news"].landings == (f"{ROOT}/tin", f"{ROOT}/dau")


def test_where_heads_are_sections_themselves_they_come_first() -> None:
    menu = NESTED.replace(
        "<nav><ul>",
        """<nav><ul><li><a href="/lich">Lịch công tác</a><ul><li><a href="/gt">Giới thiệu</a></li></ul></li>""",
    )
    bodies = {"/dau": ("Tin tức", f"<ul>{ARTICLES}</ul>"), "/tin": ("Tin tức - Sự kiện", f"<ul>{ARTICLES}</ul>")}
    bodies |= {"/lich": ("Lịch công tác", "<table><tr><td>Thứ hai</td></tr></table>"), "/gt": ("Giới thiệu", "")}
    gathering, asked = visit(headed(menu, bodies))
    assert asked.index("/lich") < asked.index("/dau") < asked.index("/tin")
    assert views(gathering)["news"].landings[0] == f"{ROOT}/dau"


def test_menu_pages_that_head_others_are_read_last() -> None:
    menu = """<nav><ul><li><a href="/a">Một</a><ul><li><a href="/b">Hai</a></li></ul></li><li><a href="/c">Ba</a></li></ul></nav>"""
    bodies = {path: (title, "<p>Không có gì</p>") for path, title in (("/a", "Một"), ("/b", "Hai"), ("/c", "Ba"))}
    _, asked = visit(headed(menu, bodies))
    assert [path for path in asked if path in bodies] == ["/b", "/c", "/a"]


def test_a_sibling_s_home_waits_for_the_portal_s_own_sections_but_comes_before_its_other_pages() -> None:
    sibling = "http://dvc.portal.test"
    request = msgspec.structs.replace(REQUEST, siblings={"dvc": f"{sibling}/"})
    menu = f"""<nav><a href="{sibling}/lich">Lịch công tác</a> <a href="/tin">Tin tức</a> <a href="/gt">Giới thiệu</a></nav>"""
    site = {path: page(path, f"<ul>{ARTICLES}</ul>", menu) for path in ("/", "/tin", "/gt")}
    site["/tin"] = page("Tin tức", f"<ul>{ARTICLES}</ul>", menu)
    site[f"{sibling}/"] = page("Dịch vụ", "", "")
    site[f"{sibling}/lich"] = page("Lịch công tác", "<table><tr><td>Thứ hai</td></tr></table>", "")
    gathering, asked = visit(site, request)
    assert asked.index(f"{sibling}/") < asked.index(f"{sibling}/lich")
    assert views(gathering)["leader-schedule"].landings == (f"{sibling}/lich",)
    elsewhere = {path: text.replace(f"{sibling}/lich", "/lich") for path, text in site.items()}
    _, asked = visit(elsewhere | {"/lich": site[f"{sibling}/lich"]}, request)
    assert max(asked.index("/tin"), asked.index("/lich")) < asked.index(f"{sibling}/")


def test_what_a_list_holds_is_a_sample_though_a_menu_names_it() -> None:
    box = """<nav><a href="/tin/1">Bản tin 1</a> <a href="/tin/3">Bản tin 3</a></nav>"""
    site = SITE | {"/tin": SITE["/tin"].replace("<h1>", f"{box}<h1>")}
    gathering, _ = visit(site)
    roles = {one.ask.url.removeprefix(ROOT): one.ask.role for one in gathering.pages}
    assert roles["/tin/4"] is Role.DETAIL
    assert roles["/tin/3"] is Role.DETAIL


def test_a_part_of_a_section_is_sampled_in_its_turn_and_is_no_sample() -> None:
    parts = """<nav><a href="/tin/tinh">Tin trong tỉnh</a> <a href="/tin/nuoc">Tin trong nước</a> <a href="/tin/the-gioi">Tin thế giới</a></nav>"""
    rows = "".join(
        f'<div class="o"><a href="/tin/{part}">Tin {part}, tất cả các bản tin</a></div>'
        for part in ("tinh", "nuoc", "the-gioi")
    )
    site = SITE | {
        "/tin": page("Tin tức", rows, MENU + parts),
        "/tin/tinh": page("Tin trong tỉnh", f"<ul>{ARTICLES}</ul>", MENU + parts),
    }
    site |= {"/tin/nuoc": b"%PDF-1.4", "/tin/the-gioi": page("Tin thế giới", "")}
    gathering, _ = visit(site)
    news = views(gathering)["news"]
    assert f"{ROOT}/tin/tinh" in news.landings
    assert f"{ROOT}/tin/4" in news.details
    assert f"{ROOT}/tin/tinh" not in news.details


def test_a_link_that_names_a_section_is_read_though_very_many_are_a_little_like_it() -> None:
    menu = MENU.replace(">Lịch công tác</a>", ">Khác</a>")
    doubtful = "".join(f"<a href=/x/{n}>Xem lịch công tác {n}</a> " for n in range(2 * MOST_QUEUED))
    home, schedule = page("Cổng thông tin tỉnh A", doubtful, menu), SITE["/lich"].replace(MENU, menu)
    cut = views(visit({"/": home})[0])["leader-schedule"]
    assert (cut.full, cut.gap) == (False, "candidates-unvisited")
    named = home.replace("<h1>", f"{doubtful}<a href=/lich-tuan>Lịch công tác</a><h1>")
    assert views(visit({"/": named, "/lich-tuan": schedule})[0])["leader-schedule"].landings == (f"{ROOT}/lich-tuan",)


def test_the_site_map_is_not_read_before_links_that_name_what_is_missing() -> None:
    links = """<a href="/so-do">Sơ đồ trang</a> <a href="/lich">Xem lịch công tác của các vị</a>"""
    site = {
        path: text.replace("</nav>", f"{links}</nav>").replace(f">{SCHEDULE.labels[0]}</a>", ">Khác</a>")
        for path, text in SITE.items()
    }
    _, asked = visit(site | {"/so-do": page("Sơ đồ", "")})
    assert asked.index("/tin") < asked.index("/lich") < asked.index("/so-do")
