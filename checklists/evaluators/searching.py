"""Is there a search box, and does it find an article that exists?"""

from __future__ import annotations

from fractions import Fraction

from checklists.evaluators.reading import Looked, met, not_met, point, unsure
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.model import Verdict
from crawler.model import PageFacts
from crawler.text import fold


class SearchBox(Parameters):
    """Nothing to set."""


def search_box(looked: Looked, parameters: SearchBox) -> Verdict:  # noqa: ARG001 (every evaluator is called alike)
    """Met where home or the page of the search has a box to search the portal with, or the box has answered."""
    pages = [*([looked.home] if looked.home else []), *(seen.page for seen in looked.seen)]
    for page in pages:
        form = next((form for form in page.outline.forms if form.searches), None)
        if form is not None:
            label = "; ".join(field.label or field.value for field in form.fields if field.label or field.value)
            return met("met", point(page, label or "ô tìm kiếm", form.selector))
    for page in looked.known:
        return met("met", point(page, page.outline.title))
    return not_met("none", *[point(page, page.outline.title) for page in pages[:1]])


class SearchResults(Parameters):
    """share: of the words of the article asked for that a result's link must carry."""

    share: Fraction = Fraction(4, 5)


def search_results(looked: Looked, parameters: SearchResults) -> Verdict:
    """Met where asking for an article's title brings a link of that title that the nonsense question does not bring."""
    if not looked.known:
        if search_box(looked, SearchBox()).reason == "none":
            return not_met("no-box")
        return unsure("not-tried", gap=gap_of(looked))
    missed: Verdict | None = None
    for page in looked.known:
        query = page.visit.query if page.visit else ""
        hit = result(page, query, parameters.share)
        if hit is None:
            if page.outline.scripted or page.outline.text_length == 0:
                missed = missed or unsure("unreadable", point(page, page.outline.title), query=query)
            elif looked.nonsense and same_answers(page, looked.nonsense[0]):
                missed = not_met("same-as-nonsense", point(page, page.outline.title), query=query)
            else:
                missed = missed or not_met("not-found", point(page, page.outline.title), query=query)
            continue
        label, selector = hit
        if not looked.nonsense:
            missed = unsure("no-contrast", point(page, label, selector), query=query)
        elif any(result(other, query, parameters.share) for other in looked.nonsense):
            missed = not_met("same-as-nonsense", point(page, label, selector), query=query)
        else:
            return met("met", point(page, label, selector), query=query)
    assert missed is not None  # known is not empty
    return missed


def gap_of(looked: Looked) -> str:
    views = [view.gap for view in looked.visit.views if view.gap and view.target in {one.id for one in looked.sections}]
    return "; ".join(views) or "lượt truy cập không hỏi thử"


def result(page: PageFacts, query: str, share: Fraction) -> tuple[str, str] | None:
    """The first link of a page of answers that carries enough of the query's words and leads away from it, as (label, selector)."""
    wanted = set(fold(query).split())
    if not wanted:
        return None
    here = page.url.split("?")[0]
    for link in page.outline.links:
        words = set(fold(link.label).split()) | set(fold(link.title).split())
        if Fraction(len(wanted & words), len(wanted)) >= share and link.url.split("?")[0] != here:
            return link.label or link.title, link.selector
    for entry in page.entries:
        words = set(fold(entry.title).split())
        if Fraction(len(wanted & words), len(wanted)) >= share and entry.url != page.url:
            return entry.title, entry.selector
    return None


def same_answers(page: PageFacts, other: PageFacts) -> bool:
    """Whether two pages of answers list the same links."""
    return {link.url for link in page.outline.links} == {link.url for link in other.outline.links}


EVALUATORS = {
    "search-box": Evaluator(search_box, SearchBox, {"met": (), "none": ()}),
    "search-results": Evaluator(
        search_results,
        SearchResults,
        {
            "met": ("query",),
            "not-found": ("query",),
            "same-as-nonsense": ("query",),
            "no-box": (),
            "not-tried": ("gap",),
            "unreadable": ("query",),
            "no-contrast": ("query",),
        },
    ),
}
