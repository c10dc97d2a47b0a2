"""Which links a menu or site map puts below another."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from crawler.addresses import key
from crawler.facts.links import Resolver, base_of, link_of
from crawler.facts.tree import Element, Parsed
from crawler.model import Place

ITEMS = frozenset({"li", "dd"})
MENUS = frozenset({Place.MENU, Place.SIDE, Place.FOOTER})
NAMES = frozenset({"b", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "span", "strong"})
CLIMB = 3
"""Elements between a link and the list's member it names (assumed)."""
MOST_BELOW = 40
"""Links below another, above which the list is the page itself and no sub-menu (assumed)."""


def nested(parsed: Parsed, url: str, *, boxes: bool = False) -> dict[str, frozenset[str]]:
    """What stands below each link that others stand below, by keys: the links that follow it in the list member it names; with boxes, also those of
    the box of another kind that comes after a link in no list of a menu. url is the page's own."""
    resolve = Resolver(base_of(parsed, url))
    links = [
        (element, key(link.url))
        for element in parsed.elements
        if element.tag == "a" and (link := link_of(parsed, element, resolve))
    ]
    places = [element.at for element, _ in links]
    found: dict[str, frozenset[str]] = {}
    for element, name in links:
        if (reach := _reach(element, boxes=boxes)) is not None:
            inside = links[bisect_right(places, element.at) : bisect_left(places, reach)]
            below = frozenset(one for _, one in inside if one != name)
            if below and len(inside) <= MOST_BELOW:
                found[name] = found.get(name, frozenset()) | below
    return found


def _reach(element: Element, *, boxes: bool) -> int | None:
    """Where what stands below a link ends, None where nothing does."""
    item = _item_of(element)
    if item is not None:
        return item.end
    box = _box_after(element) if boxes and element.place in MENUS else None
    return None if box is None else box.end


def _item_of(element: Element) -> Element | None:
    """The list member a link names, None where it stands in none."""
    for _ in range(CLIMB):
        if element.parent is None:
            return None
        element = element.parent
        if element.tag in ITEMS:
            return element
    return None


def _box_after(element: Element) -> Element | None:
    """The element with links that comes next after a link or what holds it alone, where it is of another kind; None else."""
    for _ in range(CLIMB):
        if element.parent is None:
            return None
        beside = [one for one in element.parent.children if isinstance(one, Element) and one.at >= element.end]
        if beside:
            return beside[0] if beside[0].links and beside[0].tag not in (element.tag, "a") else None
        element = element.parent
        if element.tag not in NAMES or element.links > 1:
            return None
    return None
