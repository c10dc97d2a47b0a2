"""Pages taken for what their own text says they are, where no name led to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from crawler.facts.parse import Parsed
from crawler.facts.texts import texts
from crawler.gather.pursuit import SeenPage
from crawler.model import Role, Target, VisitStatus
from crawler.text import fold

FEWEST_SIGNS, SIGNS_SHARE = 2, 0.5
"""Signs a page must bear, at least and as a share of the target's, to be taken for its landing page by its text alone. The least will do on
a page of the section the target may be a part of."""


MOST_PAGES = 60
"""Pages of a visit looked at for signs, the first read before later ones: reading a text costs as much as gathering the page did."""


class Signs:
    """Looks for the signs of targets in pages' own texts, each read once. What also stands on home is no page's own."""

    def __init__(self, reread: Callable[[int], Parsed | None]) -> None:
        self._reread = reread
        self._texts: dict[int, str] = {}
        self._home: frozenset[str] | None = None

    def bearers(self, target: Target, pages: Sequence[SeenPage], home: SeenPage | None) -> dict[int, float]:
        """The share of the target's signs each page bears that may be its landing page, by the page's number."""
        signs = [fold(sign) for sign in target.signs]
        found: dict[int, float] = {}
        read = (page for page in pages if page.ask.role is Role.CANDIDATE and page.status is VisitStatus.OK)
        for page in islice(read, MOST_PAGES if signs else 0):
            within = any(role.target in target.within for role in page.roles)
            if page.roles and not within:
                continue
            text = self._text_of(page, home)
            borne = sum(f" {sign} " in text for sign in signs)
            if borne >= (FEWEST_SIGNS if within else max(FEWEST_SIGNS, len(signs) * SIGNS_SHARE)):
                found[page.number] = borne / len(signs)
        return found

    def _text_of(self, page: SeenPage, home: SeenPage | None) -> str:
        if page.number not in self._texts:
            if self._home is None:
                self._home = frozenset(self._paragraphs(home)) if home else frozenset()
            own = [text for text in self._paragraphs(page) if text not in self._home]
            self._texts[page.number] = f" {' | '.join(own)} "
        return self._texts[page.number]

    def _paragraphs(self, page: SeenPage) -> list[str]:
        parsed = self._reread(page.number)
        return [fold(text.text) for text in texts(parsed)] if parsed else []
