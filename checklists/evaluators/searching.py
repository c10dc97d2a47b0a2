"""Is there a search box, and does it find an article that exists?"""

from __future__ import annotations

from fractions import Fraction
from urllib.parse import parse_qsl, urlsplit

from checklists.evaluators.looking import Looked
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.model import Outcome, Verdict
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
    tried = [ask(looked, page, parameters.share) for page in looked.known]
    return next((one for one in tried if one.outcome is Outcome.MET), tried[0])


def ask(looked: Looked, page: PageFacts, share: Fraction) -> Verdict:
    """What one page of answers shows: the article, more often than the nonsense question brings it (a box of newest articles stands on every
    page), or not."""
    query = page.visit.query if page.visit else ""
    hits = results(page, query, share)
    if not hits:
        if page.outline.scripted or page.outline.text_length == 0:
            return unsure("unreadable", point(page, page.outline.title), query=query)
        same = bool(looked.nonsense) and same_answers(page, looked.nonsense[0])
        return not_met("same-as-nonsense" if same else "not-found", point(page, page.outline.title), query=query)
    here = point(page, *hits[0])
    if not looked.nonsense:
        return unsure("no-contrast", here, query=query)
    if len(hits) > max(len(results(other, query, share)) for other in looked.nonsense):
        return met("met", here, query=query)
    return not_met("same-as-nonsense", here, query=query)


def gap_of(looked: Looked) -> str:
    views = [view.gap for view in looked.visit.views if view.gap and view.target in {one.id for one in looked.sections}]
    return "; ".join(views) or "lượt truy cập không hỏi thử"


def results(page: PageFacts, query: str, share: Fraction) -> list[tuple[str, str]]:
    """The links of a page of answers that carry enough of the query's words and lead away from it, as (label, selector)."""
    wanted = set(fold(query).split())
    if not wanted:
        return []
    links = [(link.label or link.title, link.selector, link.url) for link in page.outline.links]
    entries = [(entry.title, entry.selector, entry.url) for entry in page.entries]
    return [
        (label, selector)
        for label, selector, url in links or entries
        if Fraction(len(wanted & set(fold(label).split())), len(wanted)) >= share
        and not asks_again(url, page.url, query)
    ]


def asks_again(url: str, here: str, query: str) -> bool:
    """Whether an address asks the same once more (another page or order of the answers): it lies where the answers do and carries the whole query."""
    one, other = urlsplit(url), urlsplit(here)
    if (one.netloc, one.path) != (other.netloc, other.path):
        return False
    return not one.query or any(fold(value) == fold(query) for _, value in parse_qsl(one.query))


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
