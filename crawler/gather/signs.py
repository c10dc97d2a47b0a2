"""Pages taken for what their own text says they are, where no name led to them."""

from __future__ import annotations

from crawler.facts.texts import runs
from crawler.facts.tree import joined
from crawler.frontier import CONFIRMED, Weighed, weigh_text
from crawler.gather.course import Course
from crawler.gather.pursuit import SeenPage
from crawler.model import Place, Role, Target, VisitStatus
from crawler.text import fold

FEWEST_SIGNS, SIGNS_SHARE = 2, 0.5
"""Signs a page must bear, at least and as a share of the target's, to be taken for its landing page by its text alone. The least will do on
a page of the section the target may be a part of."""


MOST_PAGES = 60
"""Pages of a visit looked at for signs, the first read before later ones."""
LONGEST_NAME = 110
"""Characters of a text that may be a page's name."""
NO_NAME = frozenset(("p", "li"))
"""Blocks whose text is no page's name."""


class Signs:
    """Looks for the signs of targets in pages' own texts, and for their names in the first of them. What also stands on home is no page's own."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._signs = {
            sign: frozenset(sign.split()) for pursuit in course.pursuits.values() for sign in _signs(pursuit.target)
        }
        self._pages: list[SeenPage] = []
        self._borne: dict[int, frozenset[str]] = {}
        self._called: dict[int, dict[str, Weighed]] = {}

    def note(self, page: SeenPage) -> None:
        """A page was taken. It is read while its tree is at hand, unless it may yet be judged by what its scripts make of it."""
        if page.ask.role is Role.CANDIDATE and page.status is VisitStatus.OK and len(self._pages) < MOST_PAGES:
            self._pages.append(page)
            if self._course.at_hand is not None and not page.roles:
                self._read(page)

    def bearers(self, target: Target) -> dict[int, float]:
        """The share of the target's signs each page bears that may be its landing page, or how like the target it is called, by its number."""
        signs = _signs(target)
        found: dict[int, float] = {}
        for page in self._pages:
            within = any(role.target in target.within for role in page.roles)
            if page.roles and not within:
                continue
            self._read(page)
            called = self._called[page.number].get(target.id)
            if not page.roles and called is not None and called.score >= CONFIRMED:
                found[page.number] = called.score
                continue
            if not within and self.called_otherwise(page, target):
                continue
            borne = sum(sign in self._borne[page.number] for sign in signs)
            if borne >= (FEWEST_SIGNS if within else max(FEWEST_SIGNS, len(signs) * SIGNS_SHARE)):
                found[page.number] = borne / len(signs)
        return found

    def called_otherwise(self, page: SeenPage, target: Target) -> bool:
        """Whether a page bears the name of another target that has no landing page yet, and so is no part of this one by its text or place."""
        self._read(page)
        return any(
            called.score >= CONFIRMED and name != target.id and not self._course.pursuits[name].landings
            for name, called in self._called[page.number].items()
        )

    def _read(self, page: SeenPage) -> None:
        """Note what a page is called and which signs its own texts bear; once."""
        if page.number in self._borne:
            return
        with self._course.tree(page) as parsed:
            stretches = runs(parsed.root) if parsed else []
        home = self._course.said_by_home()
        own = [
            (block, text, words)
            for block, run in stretches
            if tuple(run) not in home.stretches and (text := joined(run)) and (words := fold(text)) not in home.texts
        ]
        first = next((text for block, text, _ in own if block.place is Place.BODY and block.tag not in NO_NAME), "")
        self._called[page.number] = weigh_text(self._course.names, first) if len(first) <= LONGEST_NAME else {}
        said = f" {' | '.join(words for _, _, words in own)} "
        words_said = frozenset(said.split())
        self._borne[page.number] = frozenset(
            sign for sign, words in self._signs.items() if words <= words_said and f" {sign} " in said
        )


def _signs(target: Target) -> list[str]:
    return [fold(sign) for sign in target.signs]
