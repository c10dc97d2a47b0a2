"""Markup that would make a reader of HTML work without end, made harmless before it is read.

Reading HTML by its standard takes time quadratic in the depth of open boxes, in the attributes of a tag and in the options of a list, and
makes one copy of every open text style for each paragraph. Browsers cap most of this. Pages that stay far below the caps come through untouched.
"""

from __future__ import annotations

import re

FEW_TAGS = 2000
"""Opening tags up to which no page can cost much; it is then not even looked at."""
DEEPEST = 256
"""Boxes open at once (browsers cap at 512)."""
MOST_STYLES = 12
"""Text styles open at once; assumed ample, pasted office text has about eight."""
MOST_OPTIONS = 1500
"""Options of one list; assumed ample, the longest lists of places have about seven hundred."""
LONGEST_TAG, MOST_WORDS = 16_000, 1000
"""A tag longer than this in characters and words is cut; pictures held in an attribute are long, but one word."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,20})")
_STYLES = frozenset(("b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"))
_CELLS = frozenset(("td", "th", "caption"))
# Void elements, and those that end themselves when the next begins.
_SHALLOW = frozenset(
    (
        "a", "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "frame", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr",
        "html", "img", "input", "li", "link", "meta", "optgroup", "p", "param", "script", "source", "style", "tbody", "tfoot",
        "thead", "title", "tr", "track", "wbr",
    )
)  # fmt: skip


def tamed(text: str) -> str:
    """The text with opening tags beyond the caps turned into comments, and tags of thousands of attributes cut."""
    return _few_boxes(_short_tags(text))


def _short_tags(text: str) -> str:
    """The text with every stretch that could be one endless tag closed; in scripts and prose, where it may be none, that changes no word."""
    if not _has_long_stretch(text):
        return text
    parts = text.split(">")
    return ">".join(
        ">".join(part[i : i + LONGEST_TAG] for i in range(0, len(part), LONGEST_TAG))
        if len(part) > LONGEST_TAG and len(part.split(None, MOST_WORDS)) > MOST_WORDS
        else part
        for part in parts
    )


def _has_long_stretch(text: str) -> bool:
    """Whether more than LONGEST_TAG characters stand anywhere without a `>`."""
    start = 0
    while len(text) - start > LONGEST_TAG:
        last = text.rfind(">", start, start + LONGEST_TAG + 1)
        if last < 0:
            return True
        start = last + 1
    return False


def _few_boxes(text: str) -> str:
    if text.count("<") - text.count("</") <= FEW_TAGS:
        return text
    kept: list[str] = []
    position = boxes = styles = tables = options = 0
    for match in _TAG.finditer(text):
        closing, tag = match[1], match[2].lower()
        if tag == "option":
            options += not closing
            if options > MOST_OPTIONS:
                options, position = _drop(text, kept, position, match.start(), options)
            continue
        if tag in _SHALLOW:
            continue
        if tag in _CELLS and tables:
            styles = 0  # a cell has styles of its own
        elif tag in _STYLES:
            styles = max(styles - 1, 0) if closing else styles + 1
            if styles > MOST_STYLES:
                styles, position = _drop(text, kept, position, match.start(), styles)
        else:
            step = -1 if closing else 1
            options = 0 if tag == "select" else options
            tables = max(tables + step, 0) if tag == "table" else tables
            boxes = max(boxes + step, 0)
            if boxes > DEEPEST:
                boxes, position = _drop(text, kept, position, match.start(), boxes)
    return "".join(kept) + text[position:] if kept else text


def _drop(text: str, kept: list[str], position: int, start: int, count: int) -> tuple[int, int]:
    """Turn the tag at start into a comment; gives the count without it and where the text goes on."""
    kept += (text[position:start], "<!")
    return count - 1, start + 1
