"""What to ask a portal's search box: the title of an article known to exist, and a word that stands nowhere. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.addresses import site
from crawler.gather.asks import Ask
from crawler.gather.pursuit import SeenPage
from crawler.model import Form, Place, Role, TargetKind, TargetSet, VisitStatus

LONG_TITLE, SHORT_TITLE = 7, 4
"""Words of a title fit to search for, preferred and at least: a name or a heading is shorter."""


def plan_searches(targets: TargetSet, pages: Sequence[SeenPage]) -> list[Ask]:
    """The two queries for the first search box seen, or fewer: none without a box, none for a title where no article was read."""
    if not any(target.kind is TargetKind.SEARCH for target in targets.targets):
        return []
    box = search_box(pages)
    if box is None:
        return []
    holder, form = box
    here = [page for page in pages if site(page.final_url) == site(holder.final_url)]  # a box seldom knows other hosts
    queries = ((Role.SEARCH_KNOWN, known_title(here)), (Role.SEARCH_NONSENSE, targets.nonsense_query))
    return [
        Ask(url=holder.final_url, role=role, query=query, form=form, referrer=holder.final_url)
        for role, query in queries
        if query
    ]


def search_box(pages: Sequence[SeenPage]) -> tuple[SeenPage, Form] | None:
    """The first page with a search box, home before others, and the box."""
    for page in sorted((p for p in pages if p.outline), key=lambda p: p.ask.role is not Role.HOME):
        for form in page.outline.forms if page.outline else ():
            if form.searches:
                return page, form
    return None


def known_title(pages: Sequence[SeenPage]) -> str:
    """The title of an article that was read, else of one home leads to, '' where there is none: one of plain words where there is one, since boxes
    choke on numbers and signs."""
    read = [p.ask.label for p in pages if p.ask.role is Role.DETAIL and p.status is VisitStatus.OK]
    return _fit(read) or _fit(_headlines(pages))


def _headlines(pages: Sequence[SeenPage]) -> list[str]:
    home = next((page.outline for page in pages if page.ask.role is Role.HOME and page.outline), None)
    if home is None:
        return []
    own = (link for link in home.links if link.place is Place.BODY and site(link.url) == site(home.url))
    return [link.label for link in own if len(link.label.split()) >= LONG_TITLE]


def _fit(titles: Sequence[str]) -> str:
    plain = [title for title in titles if all(c.isalpha() or c in " ,-" for c in title)]
    for choice in (plain, titles):
        for fewest in (LONG_TITLE, SHORT_TITLE):
            for title in choice:
                if len(title.split()) >= fewest:
                    return title
    return ""
