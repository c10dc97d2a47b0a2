"""What may be said of something that was not found: absent where everything was seen, empty, or open with what kept it from being told."""

from __future__ import annotations

from checklists.evaluators.headings import HEADING_TAGS
from checklists.evaluators.looking import Looked
from checklists.evaluators.registry import Evaluator
from checklists.evaluators.seen import OWN_PLACES, Seen, is_marker, own_forms
from checklists.evaluators.verdicts import not_met, point, unsure
from checklists.model import Section, Verdict, Vocabulary
from crawler import frontier
from crawler.addresses import domain
from crawler.facts.legacy import Legacy, garbled
from crawler.labels import matcher
from crawler.model import Link, PageFacts, Place, Role, TargetKind, TargetView


def absence(
    vocabulary: Vocabulary,
    sections: tuple[Section, ...],
    views: list[TargetView | None],
    looked: Looked,
    evaluator: Evaluator,
    verdict: Verdict,
) -> Verdict:
    """A negative verdict where the view was full; unsure with what was missing where it was not; the plainer reason where the section's
    pages hold nothing, or there is no page of it."""
    wanted = [
        (section, view)
        for section, view in zip(sections, views, strict=True)
        if section.target.kind is not TargetKind.HOME
    ]
    own = [seen for seen in looked.seen if not seen.partial]
    for _, view in wanted:
        if view is None or not view.full:
            gap = in_words(vocabulary, view.gap if view else "candidates-unvisited")
            return unsure("view-incomplete" if not own else "samples-incomplete", gap=gap, **carried(verdict))
    if own and any(view is not None and not view.samples_full for _, view in wanted):
        return unsure("samples-incomplete", gap=in_words(vocabulary, "hub-samples"), **carried(verdict))
    if evaluator.details and looked.unread:
        return unsure("samples-incomplete", gap=in_words(vocabulary, "hub-samples"), **carried(verdict))
    if not own and (link := elsewhere(looked, [section for section, _ in wanted])):
        assert looked.home is not None
        here = point(looked.home, link.label, link.selector)
        return unsure("view-incomplete", here, gap=in_words(vocabulary, "elsewhere"))
    if not own and any(half_read(looked, hub) for section, _ in wanted for hub in section.target.within):
        return unsure("view-incomplete", gap=in_words(vocabulary, "hub-samples"))
    if not looked.seen:
        return verdict
    if any(unrendered(seen.page) for seen in own):
        return unsure("view-incomplete", gap=in_words(vocabulary, "not-rendered"))
    if wanted and not evaluator.everywhere and any(lost(seen.page) for seen in own):
        return unsure("samples-incomplete", gap=in_words(vocabulary, "garbled"), **carried(verdict))
    return verdict if looked.files else empty(vocabulary, own, looked.home) or verdict


def elsewhere(looked: Looked, sections: list[Section]) -> Link | None:
    """A link on home that bears the very name of a section nobody found, and leads to a host the visit does not go to."""
    if looked.home is None or not sections:
        return None
    request = looked.visit.request
    ours = {domain(url) for url in (request.portal, request.declared_address, *request.siblings.values())}
    names = matcher([section.target for section in sections])
    for link in looked.home.outline.links:
        if link.place in ELSEWHERE and link.url.startswith("http") and domain(link.url) not in ours:
            found = frontier.weigh_text(names, link.label)
            if any(one.score >= NAMESAKE for one in found.values()):
                return link
    return None


ELSEWHERE = OWN_PLACES | {Place.MENU}
NAMESAKE = 0.95
"""How like a section's label that of a link off the portal must be for the section to be taken to lie there (assumed)."""


def half_read(looked: Looked, hub: str) -> bool:
    """Whether a section that may hold another was found but its pages were not all read."""
    view = next((view for view in looked.visit.views if view.target == hub), None)
    return view is not None and bool(view.landings) and not view.samples_full


def in_words(vocabulary: Vocabulary, code: str) -> str:
    """What a gap's or a status's code means, the code itself where the checklist has no words for it."""
    return vocabulary.gaps.get(code, code)


def carried(verdict: Verdict) -> dict[str, str]:
    """The values of a verdict that an unsure one about the same pages keeps."""
    return {key: value for key, value in verdict.values.items() if key != "gap"}


def unrendered(page: PageFacts) -> bool:
    """Whether a page is built by script and was not rendered."""
    return page.outline.scripted and not (page.visit and page.visit.dom)


def lost(page: PageFacts) -> bool:
    """Whether a page's letters were lost on their way, so that no word is found on it."""
    return garbled(page.texts)[0] is Legacy.LOST


def empty(vocabulary: Vocabulary, own: list[Seen], home: PageFacts | None) -> Verdict | None:
    """The verdict that a section's pages hold nothing, None where one of them holds something. The hub or home page is no section of its own."""
    pages = [seen for seen in own if seen.role in {Role.LANDING, Role.DETAIL}]
    if not pages:
        return None
    marked = None
    for seen in pages:
        marker = next((text for text in seen.page.texts if is_marker(text.text, vocabulary.empty_markers)), None)
        limit = vocabulary.marked_characters if marker else vocabulary.empty_characters
        if holds_something(seen, home) or substance(seen) >= limit:
            return None
        if marker and marked is None:
            marked = point(seen.page, marker.text, marker.selector)
    if marked is not None:
        return not_met("under-construction", marked)
    return not_met("empty-section", point(pages[0].page, pages[0].page.outline.title))


def holds_something(seen: Seen, home: PageFacts | None) -> bool:
    """Whether a page has lists, tables, documents, frames or a form of its own."""
    asks = any(not form.searches for form in own_forms(seen.page, home))
    return bool(seen.entries or seen.tables or seen.documents or seen.page.outline.frames or asks)


def substance(seen: Seen) -> int:
    """The characters of a page's own texts that are no heading and not its title."""
    names = {heading.text for heading in seen.page.outline.headings} | {seen.page.outline.title}
    return sum(len(text.text) for text in seen.texts if text.tag not in HEADING_TAGS and text.text not in names)
