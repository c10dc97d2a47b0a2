"""The rows of an export, by column: ranked tables, findings element by element, contributions. Pure but for reading what pages a visit has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from checklists.model import Checklist, Element, ElementFinding, Finding, Item, Pointer
from crawler.archive import BlobKind
from crawler.model import Block, PageVisit
from crawler.visit_folder import blob_path, read_pages, sealed_visits
from output.export.sheets import Cell
from output.stored_pages import PROBES, Evidence
from output.weighing import Weighed
from scoring.model import IndexScore
from scoring.rank import decimal_text

Row = dict[str, Cell]

YES, NO = "có", "không"


def ranked_rows(weighed: Weighed, block: Block) -> list[Row]:
    """A block's table as published: ranked agencies, those without a score, those not assessed."""
    scores = {score.agency: score for score in weighed.scores[block]}
    rows = [
        {**agency_cells(weighed, row.agency), "rank": row.rank, "index": row.value, **score_cells(scores[row.agency])}
        for row in weighed.ranks[block]
    ]
    return rows + [
        {**agency_cells(weighed, name), **UNSCORED, "note": reason}
        for name, reason in weighed.left_out.items()
        if weighed.agencies[name].block is block
    ]


UNSCORED: Row = {
    "rank": None, "index": "", "coverage": "", "sourced": "", "items_judged": None, "items_total": None,
}  # fmt: skip
"""The cells of an agency that was not assessed."""


def agency_cells(weighed: Weighed, agency: str) -> Row:
    return {"agency": weighed.agencies[agency].name, "portal": weighed.agencies[agency].portal}


def score_cells(score: IndexScore) -> Row:
    """What stands beside a score."""
    return {
        "note": score.withheld,
        "coverage": decimal_text(score.coverage * 100, 1),
        "sourced": decimal_text(score.sourced * 100, 1),
        "items_judged": score.items_judged,
        "items_total": score.items_total,
    }


def finding_rows(weighed: Weighed, findings: Iterable[Finding], evidence: Evidence) -> list[Row]:
    """A row for each element of each finding, in the findings' order; paths go from the folder of visits, `../probes` for what probes stored."""
    items = {item.id: item for item in weighed.checklist.items}
    visits = evidence.visits
    sealed = set(sealed_visits(visits))
    pages: dict[str, dict[str, PageVisit]] = {}
    rows = []
    for finding in findings:
        if finding.visit not in pages:
            seen = read_pages(visits / finding.visit) if finding.visit in sealed else ()
            pages[finding.visit] = {page.id: page for page in seen}
        whole = finding_cells(weighed, finding, items.get(finding.item))
        elements = element_titles(weighed.checklist, finding.item)
        rows += [
            {
                **whole,
                **element_cells(each, elements),
                **pointer_cells(finding.visit, each, pages[finding.visit]),
                **probe_cells(finding, each, evidence),
            }
            for each in finding.elements
        ]
    return rows


def finding_cells(weighed: Weighed, finding: Finding, item: Item | None) -> Row:
    """What all rows of a finding share."""
    agency = weighed.agencies[finding.agency]
    return {
        "finding": finding.id,
        "block": agency.block.value,
        "agency": agency.id,
        "agency_name": agency.name,
        "visit": finding.visit,
        "seen_at": finding.seen_at,
        "item": finding.item,
        "item_title": item.title if item else "",
        "law": item.law.clause if item else "",
        "item_outcome": finding.outcome.value,
        "needs_person": YES if finding.needs_person else NO,
    }


def element_titles(checklist: Checklist, item: str) -> dict[str, Element]:
    """The elements of an item by id."""
    return {element.id: element for each in checklist.items if each.id == item for element in each.elements}


def element_cells(each: ElementFinding, elements: Mapping[str, Element]) -> Row:
    """The verdict on one element."""
    return {
        "element": each.element,
        "element_title": elements[each.element].title if each.element in elements else "",
        "outcome": each.verdict.outcome.value,
        "reason": each.verdict.reason,
        "message": each.message,
        "statistic": YES if each.statistic else NO,
        "clicks": each.clicks,
        "pointers": len(each.verdict.seen),
    }


def pointer_cells(visit: str, each: ElementFinding, pages: Mapping[str, PageVisit]) -> Row:
    """The first place a verdict rests on, and the files that show it; empty where it rests on nothing seen."""
    if not each.verdict.seen:
        return dict.fromkeys(("page", "quote", "selector", "evidence", "picture"), "")
    pointer = each.verdict.seen[0]
    page = pages.get(pointer.page) or next((page for page in pages.values() if blob_of(pointer, page)), None)
    evidence = blob_of(pointer, page) if page else ""
    picture = blob_path(page.screenshot, BlobKind.PICTURE) if page and page.screenshot else ""
    return {
        "page": pointer.url,
        "quote": pointer.quote,
        "selector": pointer.selector,
        "evidence": f"{visit}/{evidence}" if evidence else "",
        "picture": f"{visit}/{picture}" if picture else "",
    }


def probe_cells(finding: Finding, each: ElementFinding, evidence: Evidence) -> Row:
    """The files that show what a verdict rests on where a probe stored them; nothing where it rests on a visit."""
    pointer = next(iter(each.verdict.seen), None)
    page = evidence.pointed(finding.id, pointer) if pointer and PROBES in pointer.page else None
    if page is None:
        return {}
    folder = f"../{evidence.probes.name}/{page.folder.name}"
    return {
        "evidence": f"{folder}/{blob_path(*page.source)}" if page.source else "",
        "picture": f"{folder}/{blob_path(page.picture, BlobKind.PICTURE)}" if page.picture else "",
    }


def blob_of(pointer: Pointer, page: PageVisit) -> str:
    """The file of the page the pointer points into, below its visit folder; '' where it is none of the page's."""
    for name, kind in ((page.dom, BlobKind.DOM), (page.body, BlobKind.BODY), (page.screenshot, BlobKind.PICTURE)):
        if name == pointer.sha256:
            return blob_path(name, kind)
    return ""


def contribution_rows(weighed: Weighed) -> list[Row]:
    """A row for each leaf of each score, in the order of the scores and of the method."""
    return [row for block in weighed.scores.values() for score in block for row in score_rows(weighed, score)]


def score_rows(weighed: Weighed, score: IndexScore) -> Sequence[Row]:
    """A row for each leaf of one score."""
    agency = weighed.agencies[score.agency]
    return [
        {
            "block": agency.block.value,
            "agency": agency.id,
            "agency_name": agency.name,
            "item": weighed.method.leaves[part.leaf].item,
            "element": weighed.method.leaves[part.leaf].element or weighed.method.leaves[part.leaf].measure,
            "outcome": part.outcome,
            "earned": six_decimals(part.earned),
            "applicable": six_decimals(part.applicable),
            "share": six_decimals(part.share),
            "points_source": weighed.method.leaves[part.leaf].source.text,
            "assumed": YES if part.assumed else NO,
        }
        for part in score.contributions
    ]


def six_decimals(value: Fraction) -> str:
    """A number with a decimal comma, never as a fraction: a spreadsheet would take 1/2 for a date."""
    return decimal_text(value, 6)
