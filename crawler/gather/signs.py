"""Pages taken for what their own text says they are, where no name led to them."""

from __future__ import annotations

from itertools import islice

from crawler.facts.texts import texts
from crawler.frontier import CONFIRMED, Weighed, weigh_text
from crawler.gather.course import Course
from crawler.gather.pursuit import SeenPage
from crawler.model import Place, Role, Target, VisitStatus
from crawler.text import fold

FEWEST_SIGNS, SIGNS_SHARE = 2, 0.5
"""Signs a page must bear, at least and as a share of the target's, to be taken for its landing page by its text alone. The least will do on
a page of the section the target may be a part of."""


MOST_PAGES = 60
"""Pages of a visit looked at for signs, the first read before later ones: reading a text costs as much as gathering the page did."""


LONGEST_NAME = 110
"""Characters of a text that may be a page's name."""


class Signs:
    """Looks for the signs of targets in pages' own texts, each read once, and for their names in the first of them. What also stands on home is
    no page's own."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._texts: dict[int, str] = {}
        self._called: dict[int, dict[str, Weighed]] = {}

    def bearers(self, target: Target) -> dict[int, float]:
        """The share of the target's signs each page bears that may be its landing page, or how like the target it is called, by its number."""
        signs = [fold(sign) for sign in target.signs]
        found: dict[int, float] = {}
        read = (p for p in self._course.pages if p.ask.role is Role.CANDIDATE and p.status is VisitStatus.OK)
        for page in islice(read, MOST_PAGES):
            within = any(role.target in target.within for role in page.roles)
            if page.roles and not within:
                continue
            text = self._text_of(page)
            called = self._called[page.number].get(target.id)
            if not page.roles and called is not None and called.score >= CONFIRMED:
                found[page.number] = called.score
                continue
            borne = sum(f" {sign} " in text for sign in signs)
            if borne >= (FEWEST_SIGNS if within else max(FEWEST_SIGNS, len(signs) * SIGNS_SHARE)):
                found[page.number] = borne / len(signs)
        return found

    def _text_of(self, page: SeenPage) -> str:
        if page.number not in self._texts:
            parsed = self._course.reread(page.number)
            read = [(text, fold(text.text)) for text in texts(parsed)] if parsed else []
            if parsed:
                parsed.dissolve()
            own = [(text, words) for text, words in read if words not in self._course.texts_of_home()]
            first = next((text.text for text, _ in own if text.place is Place.BODY and text.tag not in {"p", "li"}), "")
            self._called[page.number] = weigh_text(self._course.names, first) if len(first) <= LONGEST_NAME else {}
            self._texts[page.number] = f" {' | '.join(words for _, words in own)} "
        return self._texts[page.number]
