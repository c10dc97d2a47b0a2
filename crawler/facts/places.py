"""Where on the page each element stands: menu, footer, breadcrumb, side or body, judged from tags, roles, class and id words and link density."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawler.facts.tree import SILENT, Element
from crawler.model import Place
from crawler.vocabulary import words

_ROLES = {"navigation": Place.MENU, "menubar": Place.MENU, "menu": Place.MENU, "banner": Place.MENU, "contentinfo": Place.FOOTER,
          "complementary": Place.SIDE, "main": Place.BODY}  # fmt: skip
_TAGS = {"nav": Place.MENU, "header": Place.MENU, "footer": Place.FOOTER, "aside": Place.SIDE, "main": Place.BODY}
_CONTENT = frozenset(("article", "main", "section", "li", "td", "dialog"))
_LONGEST_NAME = 300
_WHOLE = 0.7  # assumed: an element with more of the page's elements than this is its frame, whatever it is called
_UNCOUNTED = SILENT | {"head"}
_DISPLAY_NONE = re.compile(r"(?:^|[;\s])(?:display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden)", re.IGNORECASE)

# A list is a menu where its names do not say so (tables of links): thresholds assumed.
_MENU_LINKS, _MENU_DENSITY, _MENU_LABEL, _MENU_BEFORE = 5, 0.85, 40, 0.4
_LISTS = frozenset(("ul", "ol", "tr", "table", "dl", "map"))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("|".join(words(name)))


@lru_cache(maxsize=8192)  # a portal's pages share their class names
def _named(classes: str, identity: str, label: str) -> Place | None:
    """The place an element's class, id and label words speak of, None where they speak of none."""
    name = f"{classes} {identity}"[:_LONGEST_NAME].lower()
    if _pattern("place_breadcrumb").search(name) or _pattern("place_breadcrumb").search(label[:_LONGEST_NAME].lower()):
        return Place.BREADCRUMB
    if _pattern("place_part").search(name):
        return None
    for place in (Place.FOOTER, Place.MENU, Place.SIDE):
        if _pattern(f"place_{place}").search(name):
            return place
    return None


def mark(elements: list[Element]) -> None:
    """Fill end, place, hidden, chars, link_chars and links of every element."""
    _hide(elements)
    _measure(elements)
    biggest, body = _WHOLE * len(elements), Place.BODY
    named = 0
    for element in elements:
        parent = element.parent
        if parent is None:
            continue
        place = parent.place
        attributes = element.attributes
        tag = element.tag
        own = _TAGS.get(tag)
        if own is not None and tag in ("header", "footer") and _in_content(element):
            own = None
        if attributes:
            role = attributes.get("role")
            if role:
                own = _ROLES.get(role.strip().lower(), own)
            classes, identity, label = attributes.get("class"), attributes.get("id"), attributes.get("aria-label")
            if classes or identity or label:
                names = _named(classes or "", identity or "", label or "")
                own = names if names is Place.BREADCRUMB else own or names
        if own is not None and _may_be(element, own, place, biggest):
            place = own
            named += own is Place.MENU and element.links >= _MENU_LINKS
        if place is not body:
            element.place = place
    if not named:
        _mark_by_density(elements)


def _may_be(element: Element, own: Place, outer: Place, biggest: float) -> bool:
    """Whether an element's own name may set its place, seeing what it stands in and how much of the page it holds."""
    if element.tag in ("body", "html"):
        return False
    if element.end - element.at > biggest and (own is not Place.MENU or element.tag not in ("nav", "header")):
        return False
    # What is in the footer stays footer, whatever menus it has; a header's breadcrumb is a breadcrumb.
    return outer in (Place.BODY, Place.SIDE) or own is Place.BREADCRUMB


def _in_content(element: Element) -> bool:
    node = element.parent
    while node is not None:
        if node.tag in _CONTENT:
            return True
        node = node.parent
    return False


def _hide(elements: list[Element]) -> None:
    """Fill hidden: of what is not displayed, and of all that stands in it."""
    hidden = False
    for element in elements:
        attributes = element.attributes
        if hidden and element.parent is not None and element.parent.hidden:
            element.hidden = True
        elif ("hidden" in attributes or "style" in attributes) and attributes.get("role") != "tabpanel":
            # One tab of several shows at a time, and a press shows each.
            style = attributes.get("style")
            element.hidden = "hidden" in attributes or bool(style and _DISPLAY_NONE.search(style))
            hidden = hidden or element.hidden


def _measure(elements: list[Element]) -> None:
    """Fill end, chars, link_chars and links; what is in an element comes before it."""
    for element in reversed(elements):
        tag, parent = element.tag, element.parent
        if parent is not None and element.end > parent.end:
            parent.end = element.end
        if tag in _UNCOUNTED:
            element.chars = element.link_chars = element.links = 0
            continue
        chars = element.chars
        for child in element.children:
            if child.__class__ is str:
                chars += len(child.strip())
        if chars:
            element.chars = chars
        if tag == "a" and "href" in element.attributes:
            element.links += 1
            element.link_chars = chars
        if parent is None:
            continue
        if chars and not element.hidden:
            parent.chars += chars
            parent.link_chars += element.link_chars
        if element.links:
            parent.links += element.links


def _mark_by_density(elements: list[Element]) -> None:
    """On a page whose names betray no menu: mark the first list made of short links, before most of the text, as one."""
    total, seen = elements[0].chars, 0
    for element in elements:
        if seen > _MENU_BEFORE * total:
            return
        if element.tag in _LISTS and element.end - element.at < _WHOLE * len(elements) and _is_menu(element):
            for inner in elements[element.at : element.end]:
                inner.place = Place.MENU
            return
        for child in element.children:
            if child.__class__ is str:
                seen += len(child.strip())


def _is_menu(element: Element) -> bool:
    """Whether nearly all an element says is short links."""
    return (
        element.links >= _MENU_LINKS
        and 0 < _MENU_DENSITY * element.chars <= element.link_chars
        and element.link_chars <= _MENU_LABEL * element.links
    )
