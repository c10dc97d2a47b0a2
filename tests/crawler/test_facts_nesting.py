"""What a menu puts below a link."""

from __future__ import annotations

from crawler.addresses import key
from crawler.facts.nesting import nested
from crawler.facts.parse import parse

MENU = b"""<ul><li><a href="/a">A</a><ul><li><a href="/a1">A1</a></li><li><span><a href="/a2">A2</a></span></li></ul></li>
<li><a href="/b">B</a></li></ul><p><a href="/a">A</a> <a href="/c">C</a></p>"""


def test_the_links_of_the_sub_list_are_below() -> None:
    found = nested(parse(MENU, "text/html; charset=utf-8"), "http://x.vn/")
    assert found == {key("http://x.vn/a"): {key("http://x.vn/a1"), key("http://x.vn/a2")}}


def test_a_list_too_long_for_a_menu_is_none() -> None:
    members = b"".join(b'<li><a href="/%d">x</a></li>' % n for n in range(41))
    assert (
        nested(parse(b'<ul><li><a href="/a">A</a><ul>' + members + b"</ul></li></ul>", "text/html"), "http://x.vn/")
        == {}
    )


def test_a_box_of_another_kind_after_a_link_of_a_menu_is_below_it() -> None:
    menu = """<nav><a href="/">Home</a><div><a href="/a">A</a><div><a href="/a1">A1</a></div></div>
    <dl><dt><a href="/b">B</a></dt><dd><a href="/b1">B1</a></dd></dl><span><a href="/c">C</a></span><span><a href="/d">D</a></span></nav>
    <div><a href="/e">E</a><div><a href="/e1">E1</a></div></div>"""
    found = nested(parse(menu.encode(), "text/html"), "http://x.vn/", boxes=True)
    below = {name.rpartition("/")[2]: {one.rpartition("/")[2] for one in names} for name, names in found.items()}
    assert (below["a"], below["b"]) == ({"a1"}, {"b1"})
    assert not below.keys() & {"c", "d", "e"}
    assert nested(parse(menu.encode(), "text/html"), "http://x.vn/") == {}
