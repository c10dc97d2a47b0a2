"""A portal of thousands of pages made up as they are asked for, with what makes such portals endless: pagers, sort orders, facets, calendars,
session ids. Nothing is random: the same portal gives the same pages."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from crawler.model import Target, TargetKind, TargetSet

ROOT = "http://portal.test"
PER_PAGE = 20
SEARCH_BOX = "<form action='/tim'><input type='text' name='q' placeholder='Tìm kiếm'></form>"


@dataclass
class LargePortal:
    """Every section of a target set, each with so many articles. Traps are switched on one by one; `asked` counts answers."""

    targets: TargetSet
    articles: int = 200
    missing: frozenset[str] = frozenset()
    sessions: bool = False
    calendars: bool = False
    facets: bool = False
    labelled_days: bool = False
    asked: int = 0
    sections: list[Target] = field(init=False)

    def __post_init__(self) -> None:
        self.sections = [
            each for each in self.targets.targets if each.kind is TargetKind.SECTION and each.id not in self.missing
        ]

    def size(self) -> int:
        """Pages with an address of their own, pagers and traps not counted."""
        return 1 + len(self.sections) * (1 + self.articles)

    def answer(self, url: str) -> str | None:
        """The page at an address, None where there is none."""
        self.asked += 1
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/":
            return self._page("Cổng thông tin điện tử tỉnh Mẫu", "<p>Chào mừng</p>")
        if found := re.fullmatch(r"/m/(\d+)", parts.path):
            number = int(found[1])
            return self._section(number, query) if number < len(self.sections) else None
        if found := re.fullmatch(r"/m/(\d+)/bai-(\d+)", parts.path):
            return self._article(int(found[1]), int(found[2]))
        if parts.path == "/so-do":
            return self._page("Sơ đồ trang", "<p>Các chuyên mục của trang</p>")
        if parts.path == "/tim":
            return self._page("Kết quả tìm kiếm", f"<p>{query.get('q', '')}</p>")
        if re.fullmatch(r"/khac/\d+", parts.path):
            return self._page("Chuyện bên lề", f"<p>Trang số {parts.path}</p>")
        if re.fullmatch(r"/lich-su-kien(/\d+)*", parts.path):
            return self._day(parts.path)
        return None

    def _page(self, title: str, body: str, crumbs: str = "") -> str:
        menu = "".join(f'<li><a href="/m/{n}">{each.labels[0]}</a></li>' for n, each in enumerate(self.sections))
        menu += '<li><a href="/so-do">Sơ đồ trang</a></li>' + "".join(
            f'<li><a href="/khac/{n}">Chuyện bên lề {chr(64 + n)}</a></li>' for n in range(1, 27)
        )
        text = (
            f"<html><head><title>{title}</title></head><body>{SEARCH_BOX}<nav><ul><li><a href='/'>Trang chủ</a></li>{menu}</ul></nav>{crumbs}"
            f"<main><h1>{title}</h1>{body}</main><aside>{self._calendar()}</aside>"
            f"<footer><p>Bản quyền thuộc về tỉnh Mẫu</p></footer></body></html>"
        )
        return self._with_session(text) if self.sessions else text

    def _with_session(self, text: str) -> str:
        """Every address carries a token that is new on every answer."""
        token = hashlib.md5(str(self.asked).encode()).hexdigest()
        return re.sub(
            r"""href=(["'])(/[^"']*)""",
            lambda found: f"href={found[1]}{found[2]}{'&' if '?' in found[2] else '?'}phien={token}",
            text,
        )

    def _section(self, number: int, query: dict[str, str]) -> str:
        target = self.sections[number]
        page = int(query.get("trang", "1"))
        first = (page - 1) * PER_PAGE + 1
        items = "".join(
            f'<li><a href="/m/{number}/bai-{n}">{self._title(number, n)}</a> <span>{_day_of(n)}</span></li>'
            for n in range(first, min(first + PER_PAGE, self.articles + 1))
        )
        pager = "".join(f'<a href="/m/{number}?trang={n}">{n}</a>' for n in range(1, self.articles // PER_PAGE + 1))
        sorts = "".join(
            f'<a href="/m/{number}?sapxep={by}&chieu={way}">{target.labels[0]} theo {name}</a>'
            for by, name in (("ngay", "ngày đăng"), ("ten", "tên"), ("xem", "lượt xem"))
            for way in ("tang", "giam")
        )
        return self._page(
            target.labels[0],
            f"<p>{sorts}</p><ul>{items}</ul><div class='paging'>{pager}</div>{self._facets(number, query)}",
        )

    def _facets(self, number: int, query: dict[str, str]) -> str:
        if not self.facets:
            return ""
        chosen = "&".join(f"{name}={value}" for name, value in sorted(query.items()))
        links = "".join(
            f'<a href="/m/{number}?{chosen}&{name}={value}">{label} {value}</a>'
            for name, label in (
                ("loai", "Văn bản loại"),
                ("linhvuc", "Lĩnh vực"),
                ("nam", "Thống kê năm"),
                ("coquan", "Đơn vị"),
            )
            for value in range(2010, 2017)
            if name not in query
        )
        return f"<div class='sidebar'>{links}</div>"

    def _article(self, number: int, n: int) -> str | None:
        if number >= len(self.sections) or not 1 <= n <= self.articles:
            return None
        related = "".join(
            f'<li><a href="/m/{number}/bai-{(n + step) % self.articles + 1}">{self._title(number, (n + step) % self.articles + 1)}</a></li>'
            for step in (7, 13, 31)
        )
        crumbs = f"<div class='breadcrumb'><a href='/'>Trang chủ</a> » <a href='/m/{number}'>{self.sections[number].labels[0]}</a></div>"
        prose = "<p>" + "Ủy ban nhân dân tỉnh đã họp bàn về nội dung này. " * 20 + f"{number}-{n}</p>"
        return self._page(self._title(number, n), f"<p>{_day_of(n)}</p>{prose}<ul>{related}</ul>", crumbs)

    def _title(self, number: int, n: int) -> str:
        return f"Tỉnh họp bàn việc thứ {n} về nội dung {number} trong tháng này"

    def _calendar(self) -> str:
        if not self.calendars:
            return ""
        label = "Lịch công tác ngày " if self.labelled_days else ""
        seed = self.asked % 12 + 1
        days = "".join(f'<a href="/lich-su-kien/2017/{seed}/{day}">{label}{day}</a>' for day in range(1, 29))
        return f"<a href='/lich-su-kien/2017/{seed + 1}'>Tháng sau</a>{days}"

    def _day(self, path: str) -> str:
        return self._page(
            "Sự kiện trong ngày",
            f"<p>Không có sự kiện nào {path.replace('/', ' ')}. " + "Mời xem ngày khác. " * 20 + "</p>",
        )


def _day_of(n: int) -> str:
    return f"{28 - n % 28:02d}/{12 - n // 28 % 12:02d}/{2016 - n // 336}"
