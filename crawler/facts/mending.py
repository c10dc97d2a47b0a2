"""A page's strings made Unicode where they were kept in an older encoding or read in a wrong one, and composed where letters and marks stand apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from crawler.facts.legacy import Legacy, Reading, Spread, read, spread, suspect
from crawler.facts.tree import Element

_UNREAD = frozenset(("script", "style"))
_SPOKEN = ("title", "alt", "content", "value", "placeholder", "aria-label", "summary", "label")
"""Attributes that hold words."""
_MOST_CHARACTERS = 400_000
"""Characters of a page that are read where its letters stand for others; the rest stays as it is shown. Assumed ample."""
_MARKS = "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
_FONT = re.compile(r"font(?:-family)?\s{0,3}:[^;]{0,200}?(\.vn\w{1,40})", re.IGNORECASE)


def mend(elements: list[Element], text: str, *, kept: bool) -> tuple[dict[str, Reading], Legacy]:
    """Makes the elements' strings Unicode in NFC. Gives those that were garbled, by what they became, and the encoding most of them were in.

    text is the page as it was decoded; kept tells that bytes which were no UTF-8 stand in it as letters of their own (legacy.kept_bytes).
    """
    changed: dict[str, Reading] = {}
    main = Legacy.NONE
    if kept or suspect(text):
        page = spread(_strings(elements))
        main = page.main or (Legacy.MISREAD if Legacy.MISREAD in page.kinds else Legacy.NONE)
        if kept or page.kinds:
            left = _MOST_CHARACTERS
            capitals = _capitals(elements) if Legacy.TCVN3 in page.kinds else bytes(len(elements))
            for element in elements:
                for at, child in enumerate(element.children):
                    if isinstance(child, str) and (not child.isascii() or capitals[element.at]):
                        left -= len(child)
                        if left < 0:
                            page = Spread()
                        reading = read(child, page)
                        new = reading.text.upper() if capitals[element.at] else reading.text
                        if new != child:
                            element.children[at] = new
                            changed[new] = reading
                for name in _SPOKEN:
                    if (value := element.get(name)) and not value.isascii():
                        left -= len(value)
                        element.attributes[name] = read(value, page if left >= 0 else Spread()).text
    if any(mark in text for mark in _MARKS):
        for element in elements:
            for at, child in enumerate(element.children):
                if isinstance(child, str) and not child.isascii():
                    element.children[at] = unicodedata.normalize("NFC", child)
    return changed, main


def misread(elements: list[Element], codec: str) -> dict[str, Reading]:
    """The strings of a page that browsers read in a wrong codec, by what they are, with what is shown instead."""
    return {
        string: Reading(string, Legacy.MISREAD, string.encode().decode(codec, "replace"))
        for string in _strings(elements)
        if not string.isascii()
    }


def _strings(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        if element.tag not in _UNREAD:
            for child in element.children:
                if isinstance(child, str):
                    yield child


def _capitals(elements: list[Element]) -> bytearray:
    """By element, 1 where its own text is shown in a font of the ABC family that has capitals for small letters (.VnTimeH), else 0."""
    found = bytearray(len(elements))
    for element in elements:
        name = element.get("face") if element.tag == "font" else ""
        if style := element.get("style"):
            name = match[1] if (match := _FONT.search(style[:2000])) else name
        if name.strip(" \"'").lower().startswith(".vn"):
            found[element.at] = name.split(",")[0].strip(" \"'").lower().endswith("h")
        elif not name and element.parent is not None:
            found[element.at] = found[element.parent.at]
    return found
