"""Site maps for machines: read while a target is missing, after everything links led to. They have no labels, only addresses, so they give
candidates and prove no absence."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from urllib.parse import urlsplit

from crawler.facts.sitemaps import Listed
from crawler.gather.asks import Ask
from crawler.model import Role
from crawler.vocabulary import words

MOST_MAPS = 5
"""Lists read in one visit. Assumed."""
MOST_WEIGHED = 1000
"""Addresses weighed of one list, those nearest to the root first. Assumed: sections stand there."""
BEST_OF_A_TARGET = 2
"""Addresses proposed for one target out of one list. Assumed."""
DECLARED = "robots.txt"
"""The label of a list that robots.txt names."""


class Maps:
    """Lists to read: those robots.txt or a link named, else the customary address."""

    def __init__(self, customary: str) -> None:
        self._customary = customary
        self._waiting: deque[Ask] = deque()
        self._known: set[str] = set()
        self._handed_out = 0

    def add(self, url: str, label: str) -> None:
        """A list of addresses is said to lie here."""
        if url not in self._known:
            self._known.add(url)
            self._waiting.append(Ask(url=url, role=Role.SITEMAP, label=label))

    def add_index(self, lists: Iterable[str]) -> None:
        """Take up the lists of an index, those of sections before those of articles."""
        for url in sorted(lists, key=_lists_articles):
            self.add(url, DECLARED)

    def next(self) -> Ask | None:
        """The next list to read, None where there is none or enough were read."""
        if not self._known:
            self.add(self._customary, "")
        if self._handed_out >= MOST_MAPS or not self._waiting:
            return None
        self._handed_out += 1
        return self._waiting.popleft()


def nearest_root(found: Listed) -> list[str]:
    """The pages of a list that may be sections: those with the shortest addresses, as many as are weighed."""
    return sorted(found.pages, key=lambda url: (urlsplit(url).path.rstrip("/").count("/"), len(url)))[:MOST_WEIGHED]


def _lists_articles(url: str) -> bool:
    name = url.rpartition("/")[2].lower()
    return not any(word in name for word in words("section_lists"))
