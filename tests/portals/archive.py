"""What lies deep in a portal: titles nobody wrote one by one, and pages of everything posted in a month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import gcd, prod
from string import Formatter
from typing import TYPE_CHECKING, Any

from tests.portals.model import Articles, Documents, Section
from tests.portals.pages import Node, Page

if TYPE_CHECKING:
    from tests.portals.build import Built

_PER_PAGE = 20


def archived(given: Articles | Documents, words: Mapping[str, list[str]]) -> Iterator[str]:
    """The titles or rows of a list's archive, the same each time: every pattern in turn, its words picked so that none comes twice."""
    for place in range(given.archive):
        turn, which = divmod(place, len(given.patterns))
        pattern = given.patterns[which]
        pools = {name: words[name] for _, name, _, _ in Formatter().parse(pattern) if name}
        many = prod(len(pool) for pool in pools.values())
        if turn >= many:
            raise ValueError(f"too few words for {given.archive} titles: {pattern}")
        rest = (turn * _stride(many) + 7 * which) % many
        picked = {}
        for name, pool in pools.items():
            rest, at = divmod(rest, len(pool))
            picked[name] = pool[at]
        filled = pattern.format(**picked)
        yield filled[:1].upper() + filled[1:]


def _stride(many: int) -> int:
    return next(step for step in range(many * 5 // 8 + 1, 2 * many + 2) if gcd(step, many) == 1)


def months(built: Built) -> Iterator[tuple[Node, list[tuple[Page, Callable[[], str]]]]]:
    """The months things were posted in, latest first, each with its pages; none on platforms that have no such pages."""
    pattern = str(built.layout.get("month", ""))
    dated = [
        (item, section)
        for key, section in built.keys.items()
        if pattern and section.articles and section.articles.dated
        for item in built.items.get(key, [])
    ]
    for when in sorted({item["date"].replace(day=1) for item, _ in dated}, reverse=True):
        found = [pair for pair in dated if pair[0]["date"].replace(day=1) == when]
        found.sort(key=lambda pair: pair[0]["date"], reverse=True)
        first, label = pattern.format(when=when), f"Tháng {when:%m} {when:%Y}"
        node = Node(f"{label} ({len(found)})", first, False, (), f"{when:%Y-%m}")
        yield node, list(_pages(built, found, first, f"Lưu trữ {label}"))


def _pages(
    built: Built, found: list[tuple[dict[str, Any], Section]], first: str, title: str
) -> Iterator[tuple[Page, Callable[[], str]]]:
    chunks = [found[at : at + _PER_PAGE] for at in range(0, len(found), _PER_PAGE)]
    further = range(2, len(chunks) + 1)
    paths = [first, *(built.layout["more"].format(path=first, page=number) for number in further)]
    for number, chunk in enumerate(chunks):
        page = Page(paths[number], title, "section", "", None)
        shown = {"items": [item for item, _ in chunk], "section": chunk[0][1], "paths": paths, "at": number}
        yield page, partial(built.render, "articles.html", page, **shown)
