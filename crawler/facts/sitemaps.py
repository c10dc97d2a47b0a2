"""Addresses listed for machines: sitemap.xml, an index of such files, or one address a line (sitemaps.org)."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

MOST_ADDRESSES = 20_000
"""Addresses read of one list; assumed ample for what is looked for, which stands near the root."""
_LOC = re.compile(r"<(?:\w{1,20}:)?loc\s*>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]{1,2000})", re.IGNORECASE)
_INDEX = re.compile(r"<(?:\w{1,20}:)?sitemapindex\b", re.IGNORECASE)
_LINE = re.compile(r"^\s*(https?://\S{1,2000})\s*$", re.MULTILINE)


class Listed(NamedTuple):
    """What a list names: pages, or further lists where it is an index."""

    pages: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


def listed(text: str) -> Listed:
    """The addresses of one list, in its order; nothing where the text is no such list. Broken markup is read as far as it goes."""
    found = []
    for match in (_LOC if "<" in text[:2000] else _LINE).finditer(text):
        found.append(unescape(match[1]))
        if len(found) >= MOST_ADDRESSES:
            break
    addresses = tuple(dict.fromkeys(found))
    return Listed(lists=addresses) if _INDEX.search(text[:4000]) else Listed(pages=addresses)
