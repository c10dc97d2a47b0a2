"""What a page offers to press that leads to no page of its own: buttons, and links that only run a script."""

from __future__ import annotations

from crawler.facts.links import label_of
from crawler.facts.tree import Element, Parsed, selector_of
from crawler.model import Control
from crawler.text import nfc_clean

MOST_CONTROLS = 300
"""Controls read of one page; assumed ample."""
LONGEST_SCRIPT = 300
"""Characters of a handler that are kept."""
_PRESSED = frozenset(("submit", "button", "image"))


def controls(parsed: Parsed) -> tuple[Control, ...]:
    """The page's controls in order: elements with a click handler, buttons, and links whose address is a script or the page itself."""
    found = []
    for element in parsed.elements:
        if element.hidden or not _is_control(element):
            continue
        script = " ".join(filter(None, (element.get("onclick"), _scripted(element.get("href")))))
        found.append(
            Control(
                label=_said(element),
                script=script[:LONGEST_SCRIPT],
                selector=selector_of(element),
                place=element.place,
                icon=" ".join(each.get("class") for each in parsed.within(element)[:6]).strip(),
            )
        )
        if len(found) >= MOST_CONTROLS:
            break
    return tuple(found)


def _is_control(element: Element) -> bool:
    tag = element.tag
    if tag == "button" or "onclick" in element.attributes:
        return True
    if tag == "input":
        return element.get("type").strip().lower() in _PRESSED
    if tag == "a":
        href = element.get("href").strip()
        return not href or href.startswith("#") or bool(_scripted(href))
    return False


def _scripted(href: str) -> str:
    href = href.strip()
    return href if href[:11].lower() == "javascript:" else ""


def _said(element: Element) -> str:
    """What a control is called: as a link is, else its value; its title beside that where it has both."""
    label = nfc_clean(element.get("value") or element.get("alt")) if element.tag == "input" else label_of(element)
    title = nfc_clean(element.get("title"))
    return f"{label} {title}".strip()[:LONGEST_SCRIPT] if title and title != label else label
