"""Which links a menu or site map puts below another."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.addresses import key
from crawler.facts.links import Resolver, base_of, link_of
from crawler.facts.tree import Element, Parsed

ITEMS = frozenset({"li", "dd"})
CLIMB = 3
"""Elements between a link and the list's member it names (assumed)."""
MOST_BELOW = 40
"""Links below another, above which the list is the page itself and no sub-menu (assumed)."""


def nested_below(parsed: Parsed, url: str, above: str) -> tuple[str, ...]:
    """The addresses of the links in the same list member as a link to `above` that its sub-list holds, in order; url is the page's own."""
    resolve, wanted = Resolver(base_of(parsed, url)), key(above)
    found: list[str] = []
    for element in parsed.elements:
        if element.tag == "a" and (link := link_of(parsed, element, resolve)) and key(link.url) == wanted:
            item = _item_of(element)
            inside = [] if item is None else [one for one in _links(parsed, item, resolve) if key(one) != wanted]
            found += inside if len(inside) <= MOST_BELOW else []
    return tuple(dict.fromkeys(found))


def _item_of(element: Element) -> Element | None:
    """The list member a link names, None where it stands in none."""
    for _ in range(CLIMB):
        if element.parent is None:
            return None
        element = element.parent
        if element.tag in ITEMS:
            return element
    return None


def _links(parsed: Parsed, item: Element, resolve: Resolver) -> Iterator[str]:
    for element in parsed.elements[item.at : item.end]:
        if element.tag == "a" and (link := link_of(parsed, element, resolve)):
            yield link.url
