"""What recurs over a portal's pages: menus, footers, side boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from crawler.model import PageFacts
from crawler.text import fold

FEWEST_PAGES, SHARE = 3, 0.3
"""A text belongs to the template if it stands on at least this many pages and this share of them; assumed."""


def template_texts(pages: Iterable[PageFacts]) -> frozenset[str]:
    """The folded texts that recur over pages of different content. Pages with the same bytes count once, files not at all."""
    counts: Counter[str] = Counter()
    seen: set[object] = set()
    for page in pages:
        folded = frozenset(fold(text.text) for text in page.texts)
        if not folded or page.evidence in seen or folded in seen:
            continue
        seen |= {page.evidence, folded}
        counts.update(folded)
    different = len(seen) / 2
    needed = max(FEWEST_PAGES, SHARE * different)
    return frozenset(text for text, count in counts.items() if text and count >= needed)
