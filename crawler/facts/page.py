"""Everything a page says."""

from __future__ import annotations

from crawler.facts.controls import controls
from crawler.facts.documents import documents
from crawler.facts.entries import entries
from crawler.facts.links import Resolver, base_of, file_name
from crawler.facts.outline import outline
from crawler.facts.tables import tables
from crawler.facts.texts import texts
from crawler.facts.tree import Parsed, selector_of
from crawler.model import DateMention, Link, PageFacts, PageVisit, Text
from crawler.text import find_dates, nfc_clean

MOST_IMAGES = 500
"""Pictures read of one page; assumed ample."""


def page_facts(parsed: Parsed, url: str, evidence: str, visit: PageVisit | None = None) -> PageFacts:
    """The page as facts. evidence is the hash of the bytes `parsed` was read from; url the address they came from."""
    resolve = Resolver(base_of(parsed, url))
    seen = outline(parsed, url, selectors=True)
    runs = texts(parsed)
    rows = tables(parsed, resolve)
    items = entries(parsed, url)
    return PageFacts(
        url=url,
        evidence=evidence,
        outline=seen,
        texts=runs,
        tables=rows,
        entries=items,
        dates=_dates(runs),
        documents=documents(parsed, url, runs, rows, items, seen),
        images=_images(parsed, resolve),
        meta=_meta(parsed),
        visit=visit,
        controls=controls(parsed),
        undescribed=_undescribed(parsed),
    )


def _dates(runs: tuple[Text, ...]) -> tuple[DateMention, ...]:
    return tuple(
        DateMention(found.date, run.text[found.start : found.end], run.selector)
        for run in runs
        for found in find_dates(run.text)
    )


def _images(parsed: Parsed, resolve: Resolver) -> tuple[Link, ...]:
    """The page's pictures, those drawn in place where they are named; label is what they are said to show and the words of their file name."""
    found = []
    for element in parsed.elements:
        said = nfc_clean(element.get("aria-label")) if element.tag == "svg" and not element.hidden else ""
        if said.count(" ") >= 2:  # an emblem or icon has a shorter name
            found.append(Link(url=resolve.base, label=said, place=element.place, selector=selector_of(element)))
        if element.tag != "img":
            continue
        source = element.get("src") or element.get("data-src") or element.get("data-original")
        url = resolve(source)
        if not url:
            continue
        said = nfc_clean(element.get("alt")) or nfc_clean(element.get("title"))
        name = file_name(source)
        label = said if name in said else f"{said} {name}".strip()
        found.append(
            Link(
                url=url,
                label=label,
                place=element.place,
                title=nfc_clean(element.get("title")),
                selector=selector_of(element),
            )
        )
        if len(found) >= MOST_IMAGES:
            break
    return tuple(found)


def _undescribed(parsed: Parsed) -> tuple[str, ...]:
    """The selectors of pictures that say nothing to those who cannot see them: no alt, no label, no role that marks them as decoration."""
    found = [
        selector_of(element)
        for element in parsed.elements
        if element.tag == "img"
        and not element.hidden
        and "alt" not in element.attributes
        and not (element.get("aria-label") or element.get("aria-labelledby") or element.get("title"))
        and element.get("role") not in ("presentation", "none")
    ]
    return tuple(found[:MOST_IMAGES])


def _meta(parsed: Parsed) -> dict[str, str]:
    """The page's metadata by lower-case name (dc.title, description, og:title); the first value that says something stands."""
    found: dict[str, str] = {}
    for element in parsed.elements:
        if element.tag == "meta":
            name = (
                (element.get("name") or element.get("property") or element.get("http-equiv") or element.get("itemprop"))
                .strip()
                .lower()
            )
            if name and not found.get(name):
                found[name] = nfc_clean(element.get("content"))
    return found
