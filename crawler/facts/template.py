"""What recurs over a portal's pages: menus, footers, side boxes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from crawler.model import PageFacts
from crawler.text import fold

FEWEST_PAGES, SHARE = 3, 0.3
"""A text belongs to the template if it stands on at least this many pages and this share of them; assumed."""

_TICKING = re.compile(r"(?<!\d)\d{1,2}:\d{1,2}:\d{1,2}(?!\d)")
"""A time of day to the second: a clock that ran on while the page was looked at, or the moment a visitor came."""


@lru_cache(maxsize=65536)
def recurring_form(text: str) -> str:
    """What texts that recur share: the text folded, but for what a clock in it shows."""
    return fold(_TICKING.sub(" ", text) if text.count(":") > 1 else text)


def template_texts(pages: Iterable[PageFacts]) -> frozenset[str]:
    """The texts, as recurring_form has them, that recur over pages of different content. Pages with the same bytes count once, files not at all."""
    counts: Counter[str] = Counter()
    seen: set[object] = set()
    for page in pages:
        folded = frozenset(recurring_form(text.text) for text in page.texts)
        if not folded or page.evidence in seen or folded in seen:
            continue
        seen |= {page.evidence, folded}
        counts.update(folded)
    different = len(seen) / 2
    needed = max(FEWEST_PAGES, SHARE * different)
    return frozenset(text for text, count in counts.items() if text and count >= needed)
