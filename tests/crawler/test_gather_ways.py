"""Every way a portal may lead to a section: the section is found, whatever the link is made of."""

from __future__ import annotations

import pytest

from crawler.gather import spending
from crawler.model import Role, VisitStatus
from tests.crawler.test_gather import ARTICLES, MENU, ROOT, SITE, page, views, visit

MAP_PAGE = page("Bản đồ hành chính", "<p>Bản đồ</p>")
WAYS = {
    "a list that jumps": '<select onchange="location=this.value"><option value="">Chọn</option><option value="/x9">Bản đồ hành chính</option></select>',
    "a click handler": "<div onclick=\"window.location.href='/x9'\">Bản đồ hành chính</div>",
    "a script for an address": "<a href=\"javascript:window.open('/x9')\">Bản đồ hành chính</a>",
    "a picture with a text": '<a href="/x9"><img src="/i/1.png" alt="Bản đồ hành chính"></a>',
    "a picture with a title": '<a href="/x9"><img src="/i/1.png" title="Bản đồ hành chính"></a>',
    "a picture's file name": '<a href="/x9"><img src="/i/ban-do-hanh-chinh.png"></a>',
    "an image map": '<map name=m><area href="/x9" alt="Bản đồ hành chính" coords="0,0,9,9"></map><img usemap="#m" src="/i/2.png">',
    "a label for those who cannot see": '<a href="/x9" aria-label="Bản đồ hành chính"><i class=icon></i></a>',
    "a hidden sub-menu": '<ul><li>Địa phương<ul style="display:none"><li><a href="/x9">Bản đồ hành chính</a></li></ul></li></ul>',
    "a typing error": '<a href="/x9">Bản đồ hành chnh</a>',
    "letters without marks": '<a href="/x9">Ban do hanh chinh</a>',
    "decomposed letters": '<a href="/x9">Ba\u0309n đo\u0302\u0300 hành chính</a>',
    "a telling address": '<a href="/ban-do-hanh-chinh.aspx">Xem tiếp</a>',
    "the footer": '<footer><a href="/x9">Bản đồ hành chính</a></footer>',
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_section_is_found_by(way: str) -> None:
    site = {path: text.replace(MENU, MENU + way) for path, text in SITE.items()}
    site |= {"/x9": MAP_PAGE, "/ban-do-hanh-chinh.aspx": MAP_PAGE}
    view = views(visit(site)[0])["administrative-map"]
    assert len(view.landings) == 1
    assert view.full


def test_a_set_of_frames_is_entered_and_its_menu_followed() -> None:
    site = {path: text.replace(MENU, "") for path, text in SITE.items()}
    site["/"] = (
        "<html><head><title>Cổng</title></head><frameset><frame src='/menu.htm'><frame src='/giua.htm'></frameset></html>"
    )
    site["/menu.htm"] = f"<html><body>{MENU}</body></html>"
    site["/giua.htm"] = page("Trang giữa", "", "")
    seen = views(visit(site)[0])
    assert seen["news"].landings == (f"{ROOT}/tin",)
    assert seen["leader-schedule"].landings == (f"{ROOT}/lich",)


def test_a_frame_within_a_page_is_entered() -> None:
    inner = f"<iframe src='/khung'></iframe>{MENU}"
    site = {**SITE, "/": page("Cổng thông tin tỉnh A", inner, "")}
    site = {path: text.replace(MENU, "") for path, text in site.items()}
    site["/khung"] = f"<html><body>{MENU}</body></html>"
    assert views(visit(site)[0])["news"].landings == (f"{ROOT}/tin",)


def test_a_frame_on_a_host_of_the_agency_is_entered_one_of_strangers_is_not() -> None:
    site = {path: text.replace(MENU, "") for path, text in SITE.items()}
    frames = "<frame src='http://menu.portal.test/'><frame src='http://dem.test/khung'>"
    site["/"] = f"<html><head><title>Cổng</title></head><frameset>{frames}</frameset></html>"
    menu = MENU.replace('href="/', f'href="{ROOT}/')
    site["http://menu.portal.test/"] = f"<html><body>{menu}</body></html>"
    gathering, asked = visit(site)
    assert views(gathering)["news"].landings == (f"{ROOT}/tin",)
    assert not [url for url in asked if "dem.test" in url]


def test_the_national_database_of_laws_is_read_one_page_deep_and_marked_as_not_the_portals_own() -> None:
    menu = MENU.replace("</ul>", '<li><a href="http://vbpl.vn/tinha">Bản đồ hành chính</a></li></ul>')
    site = {path: text.replace(MENU, menu) for path, text in SITE.items()}
    site["http://vbpl.vn/tinha"] = page(
        "Bản đồ hành chính", f"<ul>{ARTICLES}</ul>", '<nav><a href="/lich">Lịch công tác</a></nav>'
    )
    gathering, asked = visit(site)
    assert views(gathering)["administrative-map"].landings == ("http://vbpl.vn/tinha",)
    assert [url for url in asked if "vbpl.vn" in url] == ["http://vbpl.vn/robots.txt", "http://vbpl.vn/tinha"]


def test_session_ids_in_every_known_shape_are_one_address() -> None:
    count = 0

    class Minting(dict[str, str]):
        def get(self, key: str, default: object = None) -> str | None:  # type: ignore[override]
            nonlocal count
            count += 1
            path = key.partition(";")[0].partition("?")[0].removeprefix("/(S(")
            path = f"/{path.partition('))/')[2]}" if key.startswith("/(S(") else path
            found = super().get(path, str(default))
            if found is None or not found.startswith("<html"):
                return found
            token = f"{count:024x}"
            return (
                found.replace('href="/tin"', f'href="/tin;jsessionid={token}"')
                .replace('href="/lich"', f'href="/(S({token}))/lich"')
                .replace('href="/gt"', f'href="/gt?PHPSESSID={token}"')
            )

    gathering, asked = visit(Minting(SITE))
    read = [path for path in asked if path.startswith(("/tin;", "/(S(", "/gt"))]
    assert len(read) == 3
    assert views(gathering)["leader-schedule"].landings


def test_a_failed_page_in_the_menu_is_not_followed_in_each_of_its_guises() -> None:
    days = "".join(f'<a href="/lich/ngay/{day}">Lịch công tác ngày {day}</a>' for day in range(1, 31))
    site: dict[str, str | VisitStatus] = {**SITE, "/": SITE["/"].replace("</nav>", days + "</nav>")}
    del site["/lich"]
    site |= {f"/lich/ngay/{day}": page("Sự kiện trong ngày", "<p>Không có</p>") for day in range(1, 31)}
    gathering, asked = visit(site)
    assert len([path for path in asked if path.startswith("/lich/ngay/")]) <= 6
    states = {candidate.state.value for candidate in views(gathering)["leader-schedule"].candidates}
    assert {"rejected", "alike"} <= states


def test_a_search_box_without_a_form_is_asked_for_the_title_of_an_article_that_only_home_names() -> None:
    link = "<p><a href='/bai/1'>Tỉnh khởi công cầu mới qua sông vào tháng sau</a></p>"
    box = "<div><input type=text id=tukhoa placeholder='Tìm kiếm'><span onclick='tim()'>Tìm</span></div>"
    site = {"/": page("Cổng thông tin tỉnh A", box + link), "/gt": SITE["/gt"]}
    gathering, _ = visit(site)
    searches = [seen.ask for seen in gathering.pages if seen.ask.query]
    assert [(ask.role, ask.query) for ask in searches] == [
        (Role.SEARCH_KNOWN, "Tỉnh khởi công cầu mới qua sông vào tháng sau"),
        (Role.SEARCH_NONSENSE, "xyzkhongco"),
    ]
    assert all(ask.form is not None and ask.form.action == "" for ask in searches)


VAGUE = "Chương trình, lịch công tác và những hoạt động khác của cơ quan trong thời gian sắp tới"


def menu_of(*labels: str) -> dict[str, str]:
    """A portal whose menu names these pages; the vague one holds the schedule."""
    links = "".join(f'<li><a href="/m/{n}">{label}</a></li>' for n, label in enumerate(labels))
    menu = f"<nav><ul>{links}</ul></nav>"
    names = ["Lịch công tác" if label == VAGUE else label for label in labels]
    pages = {f"/m/{n}": page(name, "<p>Nội dung</p>", menu) for n, name in enumerate(names)}
    return {"/": page("Cổng thông tin tỉnh A", "", menu), **pages}


def test_a_menu_that_shortens_a_section_s_name_is_read_first() -> None:
    short = "Bản đồ"
    site = menu_of(*OTHERS, short)
    site[f"/m/{len(OTHERS)}"] = MAP_PAGE
    gathering, asked = visit(site)
    assert asked.index(f"/m/{len(OTHERS)}") < asked.index("/m/0")
    assert views(gathering)["administrative-map"].landings


OTHERS = [f"{word} của ngành" for word in ("Thi đua", "Phong trào", "Thư viện", "Bạn đọc", "Góc ảnh", "Thể thao")]


def test_menus_are_read_first_where_they_may_lead_to_what_is_missing() -> None:
    asked = visit(menu_of(*OTHERS, VAGUE))[1]
    assert asked.index(f"/m/{len(OTHERS)}") < asked.index("/m/0")


def test_nothing_is_called_absent_that_a_menu_not_read_to_its_end_may_lead_to(monkeypatch: pytest.MonkeyPatch) -> None:
    site = menu_of(*OTHERS, VAGUE)
    assert views(visit(site)[0])["leader-schedule"].landings
    monkeypatch.setattr(spending, "AIM", 3)
    cut = views(visit(site)[0])
    assert (cut["leader-schedule"].full, cut["leader-schedule"].gap) == (False, "menus-unread")
    assert cut["administrative-map"].full  # nothing left unread is like it
