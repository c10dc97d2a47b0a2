"""A made-up portal of as many pages as asked: every page about 85 KB with 340 links, most of them the same large menu, as real portals have it.

Each body list leads on to pages not met before, under labels that look like a section worth opening and never are, so that a visit goes on
until its budget ends. Same number, same bytes.
"""

from __future__ import annotations

import random
from functools import cache

LINKS = 340
BYTES = 85_000
FAN_OUT = 20
"""New pages a page leads to."""
TEMPTING = "Lịch công tác"
"""A label that gathering follows; no page is headed so."""

SECTIONS = (
    "Giới thiệu", "Tin tức - Sự kiện", "Văn bản", "Thủ tục hành chính", "Dịch vụ công", "Chỉ đạo điều hành", "Quy hoạch - Kế hoạch",
    "Dự án đầu tư", "Đấu thầu mua sắm", "Thống kê", "Đề tài khoa học", "Phổ biến pháp luật", "Góp ý dự thảo", "Hỏi đáp", "Liên hệ",
)  # fmt: skip
PROSE = (
    "xã hội kinh tế phát triển nông thôn đô thị hạ tầng giao thông giáo dục y tế văn hóa du lịch môi trường công nghiệp thương mại "
    "doanh nghiệp hợp tác đầu tư quản lý nhà nước cải cách hành chính công khai minh bạch đại biểu hội nghị triển khai thực hiện "
    "nhiệm vụ trọng tâm kết quả địa phương nhân dân tỉnh huyện xã phường ban ngành đoàn thể chương trình mục tiêu quốc gia"
)
WORDS = PROSE.split()


def page(number: int, pages: int) -> bytes:
    """The page of that number (0 is home) of a portal with so many pages: UTF-8 HTML, BYTES long to within a few hundred, LINKS links."""
    random_words = random.Random(number)
    head, foot = _frame()
    name = "Trang chủ" if number == 0 else f"Bài viết thứ {number}"
    own = _list(number, pages, random_words, LINKS - _links_in_frame())
    start = head.replace("@TÊN@", name)
    size = len((start + own + foot).encode())
    return (start + own + _paragraphs(random_words, BYTES - size) + foot).encode()


def address(number: int) -> str:
    """The path of a page."""
    return "/" if number == 0 else f"/trang/{number}.html"


@cache
def _frame() -> tuple[str, str]:
    """What stands before and after the body of every page: a drop-down menu of three levels, a side box, a footer."""
    words = random.Random("menu")
    menu = "".join(_section(index, section, words) for index, section in enumerate(SECTIONS))
    side = "".join(_link(f"/chuyen-trang/{n}.html", _phrase(words, 4), "box-link") for n in range(24))
    foot = "".join(_link(f"/lien-ket/{n}.html", _phrase(words, 3), "footer-link") for n in range(16))
    head = (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>@TÊN@ | Cổng thông tin điện tử tỉnh Đo Thử</title>'
        '<link rel="stylesheet" href="/css/site.css"><script>window.menu = {open: false};</script></head><body>'
        '<header><a class="logo" href="/">Cổng thông tin điện tử tỉnh Đo Thử</a></header>'
        f'<nav id="menu"><ul class="nav navbar-nav">{menu}</ul></nav>'
        f'<div class="container"><aside class="col-left"><ul class="box">{side}</ul></aside><main><h1>@TÊN@</h1>'
    )
    return head, f"</main></div><footer><ul>{foot}</ul><p>Địa chỉ: 1 Đường Thử, tỉnh Đo Thử</p></footer></body></html>"


@cache
def _links_in_frame() -> int:
    return sum(part.count("<a ") for part in _frame())


def _section(index: int, title: str, words: random.Random) -> str:
    lists = []
    for group in range(3):
        leaves = "".join(
            _link(f"/muc-{index}/{group}/{leaf}.html", _phrase(words, 4), "dropdown-item") for leaf in range(4)
        )
        inner = f'<a class="dropdown-toggle" href="/muc-{index}/{group}.html">{_phrase(words, 3)}</a><ul class="dropdown-menu sub">{leaves}</ul>'
        lists.append(f'<li class="dropdown-submenu">{inner}</li>')
    return f'<li class="nav-item dropdown"><a class="nav-link" href="/muc-{index}.html">{title}</a><ul class="dropdown-menu">{"".join(lists)}</ul></li>'


def _list(number: int, pages: int, words: random.Random, links: int) -> str:
    """The page's own links: FAN_OUT children in a tree over all pages, the rest to pages picked at random, each with a date."""
    children = [n for n in range(number * FAN_OUT + 1, number * FAN_OUT + FAN_OUT + 1) if n < pages]
    others = [words.randrange(pages) for _ in range(links - len(children))]
    rows = [(child, f"{TEMPTING} số {child}") for child in children] + [(other, _phrase(words, 9)) for other in others]
    return '<ul class="list-news">' + "".join(_row(target, label, words) for target, label in rows) + "</ul>"


def _row(target: int, label: str, words: random.Random) -> str:
    day = f"{words.randint(1, 28):02}/{words.randint(1, 12):02}/2016"
    return (
        f'<li class="news-item"><div class="thumb"></div><div class="title"><a href="{address(target)}" title="{label}">{label}</a></div>'
        f'<span class="date">{day}</span><p class="summary">{_phrase(words, 14)}</p></li>'
    )


def _link(href: str, label: str, css: str) -> str:
    icon = '<i class="fa fa-angle-right" aria-hidden="true"></i>'
    return f'<li class="{css}"><a class="{css}__a" href="{href}" title="{label}">{icon}<span>{label}</span></a></li>'


def _paragraphs(words: random.Random, size: int) -> str:
    """Running text of about so many bytes."""
    made: list[str] = []
    while size > 0:
        made.append(f'<p style="text-align: justify;">{_phrase(words, 60)}.</p>')
        size -= len(made[-1].encode())
    return "".join(made)


def _phrase(words: random.Random, count: int) -> str:
    return " ".join(words.choice(WORDS) for _ in range(count)).capitalize()
