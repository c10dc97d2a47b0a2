"""What to ask a portal's search box: the title of an article known to exist, and a word that stands nowhere. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.gather.asks import Ask
from crawler.gather.pursuit import SeenPage
from crawler.model import Form, Role, TargetKind, TargetSet, VisitStatus

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
    queries = ((Role.SEARCH_KNOWN, known_title(pages)), (Role.SEARCH_NONSENSE, targets.nonsense_query))
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
    """The title of an article that was read, '' where none was: one of plain words where there is one, since boxes choke on numbers and signs."""
    titles = [p.ask.label for p in pages if p.ask.role is Role.DETAIL and p.status is VisitStatus.OK]
    plain = [title for title in titles if all(c.isalpha() or c in " ,-" for c in title)]
    for choice in (plain, titles):
        for fewest in (LONG_TITLE, SHORT_TITLE):
            for title in choice:
                if len(title.split()) >= fewest:
                    return title
    return ""
