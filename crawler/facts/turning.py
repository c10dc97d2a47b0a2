"""What turns a list's page or opens a tab by script, and leads to no address of its own: such a part of a page is seen only after it was pressed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from crawler.facts.links import label_of
from crawler.facts.tree import Element, Parsed, selector_of
from crawler.model import Place
from crawler.text import fold
from crawler.vocabulary import words

MOST_TABS = 4
"""Tabs of one page that are pressed. Assumed."""
LONGEST_LABEL = 80
_REACH = 5
"""Boxes around something in which a name of a tab strip or a pager counts."""
_OUTSIDE = (Place.MENU, Place.FOOTER, Place.BREADCRUMB)
_PANELS = ("aria-controls", "data-target", "data-bs-target", "href")
_HANDLED = frozenset(("a", "li", "span", "div", "td", "button"))


class Turn(NamedTuple):
    """Something to press on a page: its label, its selector, and whether it shows the list's next page or more of it rather than a tab."""

    label: str
    selector: str
    is_next: bool


def turns(parsed: Parsed) -> tuple[Turn, ...]:
    """The tabs of the page whose content is not in it, and what shows its list's next page, else what adds to the list, if that leads to no address.
    Never a button that sends a form, nor what is named like one."""
    tabs: list[Turn] = []
    following: Turn | None = None
    more: Turn | None = None
    ids = {element.get("id"): element for element in parsed.elements if "id" in element.attributes}
    for element in parsed.elements:
        if element.tag not in _HANDLED or element.hidden or element.place in _OUTSIDE:
            continue
        if more is None and _adds(element):
            more = Turn(label_of(element), selector_of(element), is_next=True)
            continue
        if not _is_scripted(element):
            continue
        label = label_of(element)
        if not label or len(label) > LONGEST_LABEL or _acts(label):
            continue
        if following is None and _is_next(element, label):
            following = Turn(label, selector_of(element), is_next=True)
        elif len(tabs) < MOST_TABS and _is_tab(element) and not _is_open(element, ids):
            tabs.append(Turn(label, selector_of(element), is_next=False))
    following = following or more
    return (*tabs, *((following,) if following else ()))


def _is_scripted(element: Element) -> bool:
    """It is there to be pressed and leads nowhere by itself. A button that sends its form is not meant."""
    attributes = element.attributes
    if element.tag == "a":
        href = element.get("href").strip()
        return not href or href[0] == "#" or href[:11].lower() == "javascript:"
    if element.tag == "button" and element.get("type").lower() != "button" and attributes.get("role") != "tab":
        return False
    return "onclick" in attributes or attributes.get("role") == "tab" or _toggles(element)


def _adds(element: Element) -> bool:
    """It adds members to a list by script: called so, and in its own class or script named for it, since a button beside a text may say the same."""
    if element.tag not in ("a", "button") or not (_is_scripted(element) or element.get("type").lower() == "button"):
        return False
    named = _pattern("more_names").search(
        f"{element.get('class')} {element.get('id')} {_script(element)}".lower()[:500]
    )
    return named is not None and fold(label_of(element)) in _more_labels()


def _toggles(element: Element) -> bool:
    return (element.get("data-toggle") or element.get("data-bs-toggle")) in ("tab", "pill")


def _acts(label: str) -> bool:
    """The label names something done, not something shown: logging in, sending, voting, deleting."""
    said = f"{fold(label)} "
    return any(said.startswith(f"{fold(word)} ") for word in words("acting_labels"))


def _is_next(element: Element, label: str) -> bool:
    said = fold(label)
    if said != "2" and (said or label.strip()) not in _next_labels():
        return False
    return _within(element, "pager_names") or bool(_pattern("pager_scripts").search(_script(element)))


def _is_tab(element: Element) -> bool:
    if element.get("role") == "tab" or _toggles(element):
        return True
    return _within(element, "tab_names") and element.tag in ("a", "li", "span", "button")


def _is_open(element: Element, ids: dict[str, Element]) -> bool:
    """What the tab shows is on the page already: it is the open one, or its panel has text."""
    chosen = f"{element.get('class')} {element.parent.get('class') if element.parent else ''}".lower().split()
    if element.get("aria-selected") == "true" or {"active", "selected", "current"} & set(chosen):
        return True
    if element.tag in ("li", "span") and element.links:
        return True  # the link in it is what is pressed
    # The heading of a folding part is often marked as its tab, while what is pressed is the link in it.
    pressed = [element, *(child for child in _elements_in(element) if child.tag in ("a", "button"))]
    names = (one.get(name).strip().removeprefix("#") for one in pressed for name in _PANELS)
    return any(panel is not None and panel.chars > 0 for panel in map(ids.get, names))


def _elements_in(element: Element) -> Iterator[Element]:
    for child in element.children:
        if isinstance(child, Element):
            yield child
            yield from _elements_in(child)


def _script(element: Element) -> str:
    return f"{element.get('onclick')} {element.get('href')}"[:500]


def _within(element: Element, names: str) -> bool:
    node: Element | None = element
    for _ in range(_REACH):
        if node is None or node.tag in ("body", "form"):
            return False
        if _pattern(names).search(f"{node.get('class')} {node.get('id')}"[:300].lower()):
            return True
        node = node.parent
    return False


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("|".join(words(name)))


@cache
def _next_labels() -> frozenset[str]:
    return frozenset(fold(label) or label for label in words("next_labels"))


@cache
def _more_labels() -> frozenset[str]:
    return frozenset(map(fold, words("more_labels")))
