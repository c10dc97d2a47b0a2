"""Lists of addresses made for machines, good and broken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.facts.sitemaps import MOST_ADDRESSES, Listed, listed


def test_pages_are_listed_once_each_in_order() -> None:
    text = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc> http://a.test/x?a=1&amp;b=2 </loc><lastmod>2017-01-01</lastmod></url><url><loc><![CDATA[http://a.test/y]]></loc></url>
    <url><loc>http://a.test/y</loc></url><image:loc>http://a.test/anh</image:loc>"""
    assert listed(text).pages == ("http://a.test/x?a=1&b=2", "http://a.test/y", "http://a.test/anh")


def test_an_index_names_lists() -> None:
    text = "<sitemapindex><sitemap><loc>http://a.test/1.xml</loc></sitemap></sitemapindex>"
    assert listed(text) == Listed(lists=("http://a.test/1.xml",))


def test_a_plain_list_has_an_address_a_line() -> None:
    assert listed("http://a.test/x\n\nhttps://a.test/y \nnot one\n").pages == ("http://a.test/x", "https://a.test/y")


def test_what_is_no_list_gives_nothing() -> None:
    assert listed("<html><body>Không tìm thấy</body></html>") == Listed()
    assert listed("") == Listed()


def test_a_list_without_end_is_read_so_far_only() -> None:
    text = "".join(f"<loc>http://a.test/{n}</loc>" for n in range(MOST_ADDRESSES + 5))
    assert len(listed(text).pages) == MOST_ADDRESSES


@given(st.text(max_size=200))
def test_reading_never_fails(text: str) -> None:
    listed(text)
    listed(f"<urlset><loc>{text}</loc>")
