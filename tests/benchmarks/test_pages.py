"""The benchmark's pages are what its figures claim: their size, their links, the same every time, and enough of them in reach."""

from __future__ import annotations

import re

from benchmarks.pages import BYTES, LINKS, TEMPTING, address, page
from benchmarks.server import answer

PAGES = 5_000


def test_every_page_has_the_size_and_links_the_figures_are_for() -> None:
    for number in (0, 1, 249, 250, 4_999):
        body = page(number, PAGES)
        assert abs(len(body) - BYTES) < 600
        assert body.count(b"<a ") == LINKS
        assert page(number, PAGES) == body


def test_following_links_reaches_every_page() -> None:
    pages, reached, waiting = 900, {0}, [0]
    while waiting:
        found = {int(n) for n in re.findall(rb'href="/trang/(\d+)\.html"', page(waiting.pop(), pages))}
        waiting.extend(found - reached)
        reached |= found
    assert reached == set(range(pages))


def test_the_tempting_label_is_never_a_heading() -> None:
    body = page(1, PAGES).decode()
    assert TEMPTING in body
    assert not [heading for heading in re.findall(r"<(?:title|h\d)[^>]*>([^<]*)", body) if TEMPTING in heading]


def test_server_answers_pages_of_the_portal_and_refuses_the_address_that_cannot_exist() -> None:
    assert answer(address(7).encode(), PAGES).endswith(page(7, PAGES))
    assert answer(b"/khong-co-trang-nay-1", PAGES).startswith(b"HTTP/1.1 404")
    assert answer(b"/muc-1.html", PAGES).startswith(b"HTTP/1.1 200")
