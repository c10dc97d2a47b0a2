"""What a menu puts below a link."""

from __future__ import annotations

from crawler.facts.nesting import nested_below
from crawler.facts.parse import parse

MENU = b"""<ul><li><a href="/a">A</a><ul><li><a href="/a1">A1</a></li><li><span><a href="/a2">A2</a></span></li></ul></li>
<li><a href="/b">B</a></li></ul><p><a href="/a">A</a> <a href="/c">C</a></p>"""


def test_the_links_of_the_sub_list_are_below() -> None:
    page = parse(MENU, "text/html; charset=utf-8")
    assert nested_below(page, "http://x.vn/", "http://x.vn/a") == ("http://x.vn/a1", "http://x.vn/a2")
    assert nested_below(page, "http://x.vn/", "http://x.vn/b") == ()
    assert nested_below(page, "http://x.vn/", "http://x.vn/c") == ()
