"""Tabs and pagers that lead to no address: which are pressed, which need not be, which never are."""

from __future__ import annotations

import pytest

from crawler.facts.parse import parse
from crawler.facts.turning import MOST_TABS, turns


def pressed(body: str) -> list[tuple[str, bool]]:
    return [
        (turn.label, turn.is_next) for turn in turns(parse(f"<html><body>{body}</body></html>".encode(), "text/html"))
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<div class=pager><a href=\"javascript:__doPostBack('g','Page$2')\">2</a></div>",
        "<table><tr><td><a href=\"javascript:__doPostBack('g','Page$2')\">2</a></td></tr></table>",
        "<ul class=pagination><li><a href='#' onclick='return more(2)'>»</a></li></ul>",
        "<div id=phan-trang><span onclick='xem(2)'>Trang sau</span></div>",
        "<ul><li>Tin</li></ul><button type=button class='btn load-more'>Xem thêm</button>",
        "<ul><li>Tin</li></ul><a href='#' class=btn onclick='loadMore(2)'>Tải thêm</a>",
    ],
)
def test_what_shows_the_next_page_by_script_is_pressed(body: str) -> None:
    ((_, is_next),) = pressed(body + body)
    assert is_next


@pytest.mark.parametrize(
    "body",
    [
        "<ul class='nav nav-tabs'><li><a href='#a' data-toggle=tab>Quy hoạch</a></li></ul><div id=a></div>",
        "<div role=tablist><button role=tab aria-controls=x>Quy hoạch</button></div><div id=x hidden></div>",
        "<div class=ajax__tab_header><span><a href=\"javascript:__doPostBack('t','1')\">Quy hoạch</a></span></div>",
        "<ul class=tabs><li onclick='mo(1)'>Quy hoạch</li></ul>",
        "<div role=tab onclick='mo(1)'><a data-toggle=collapse href='#a'>Quy hoạch</a></div><div id=a></div>",
    ],
)
def test_a_tab_whose_content_is_not_there_is_pressed(body: str) -> None:
    assert pressed(body) == [("Quy hoạch", False)]


@pytest.mark.parametrize(
    "body",
    [
        "<ul class=nav-tabs><li><a href='#a' data-toggle=tab>Quy hoạch</a></li></ul><div id=a style='display:none'>Nội dung</div>",
        "<ul class=tabs><li class=active><a href='#'>Quy hoạch</a></li></ul>",
        "<div role=tab><h4><a data-toggle=collapse href='#a'>Quy hoạch</a></h4></div><div id=a class=collapse>Nội dung</div>",
        "<div role=tab><button data-bs-target='#a'>Quy hoạch</button></div><div id=a>Nội dung</div>",
        "<div class=pager><a href='/tin?trang=2'>2</a></div>",
        "<a href='#'>Quy hoạch</a>",
        "<p><a href=\"javascript:__doPostBack('x','')\">2</a></p>",
        "<div class=tabs><a href='javascript:dangNhap()'>Đăng nhập</a><a href='javascript:gui()'>Gửi ý kiến</a></div>",
        "<form class=tabs><button>Quy hoạch</button><input type=submit value=2></form>",
        "<p>Đoạn dài</p><button type=button class=toggle>Xem thêm</button>",
        "<a class=load-more href='/tin'>Xem thêm</a>",
        "<form><button class=load-more>Xem thêm</button></form>",
        "<nav><ul class=tabs><li><a href='#'>Quy hoạch</a></li></ul></nav>",
    ],
)
def test_what_is_open_leads_somewhere_or_acts_is_not_pressed(body: str) -> None:
    assert pressed(body) == []


def test_only_so_many_tabs_are_pressed() -> None:
    assert (
        len(pressed("<div class=tabs>" + "".join(f"<a href='#'>Tháng {n}</a>" for n in range(12)) + "</div>"))
        == MOST_TABS
    )
