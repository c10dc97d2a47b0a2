"""An auditor's overturn as a test case: the pages it rests on, what was looked at, and the outcomes people settled on.

The folder has the form of the cases under tests/items: case.yml beside the pages, its name ending in the outcome. The portal's own address is
written as the cases' common one, so that links within the portal stay within it.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import yaml

from checklists.evaluate import item_outcome
from checklists.model import Checklist, Claim, Item, Outcome
from checklists.review import Review, Standing, machine_outcomes, standing
from crawler.archive import BlobKind
from crawler.model import PageVisit, Role, Visit
from crawler.plan import VIETNAM
from crawler.visit_folder import read_blob, read_pages, read_visit
from output.exits import Exit, Stop

HOST = "http://mau.gov.vn"
"""The address every case's portal has."""


def write_case(visits: Path, checklist: Checklist, claim: Claim, decided: list[Review], target: Path) -> Path:
    """The case's folder below target, as <item>/<agency>-<campaign>.<outcome>. Raises Stop where people did not overturn the claim as it is now,
    its checklist or visit is not here, or the folder is there already."""
    machine = machine_outcomes(claim)
    left = standing(claim.digest, machine, decided)
    changed = [name for name, one in left.elements.items() if one.people and one.outcome is not machine[name]]
    item = next((one for one in checklist.items if one.id == claim.item), None)
    if not changed or item is None:
        raise Stop(f"{claim.id}: no overturn counts on the claim as it is now", Exit.BAD_INPUT)
    finding = next(one.finding for one in claim.elements if one.element == changed[0])
    source = visits / finding.rpartition("/")[0]
    visit = read_visit(source)
    expected = {name: one.outcome for name, one in left.elements.items()}
    duties = [expected[one.element] for one in claim.elements if not one.statistic]
    folder = target / item.id / f"{claim.agency}-{claim.campaign}.{item_outcome(duties).value}"
    if folder.exists():
        raise Stop(f"{folder} is there already — remove it, or name another folder with --to", Exit.BAD_INPUT)
    pages = wanted_pages(read_pages(source), item, checklist)
    folder.mkdir(parents=True)
    rows = [write_page(source, folder, number, page, visit) for number, page in enumerate(pages, 1)]
    case = case_of(visit, item, rows, expected, left, changed)
    (folder / "case.yml").write_text(yaml.safe_dump(case, allow_unicode=True, sort_keys=False, width=140), "utf-8")
    return folder


def wanted_pages(pages: tuple[PageVisit, ...], item: Item, checklist: Checklist) -> list[PageVisit]:
    """Home, and the pages that answer to a section of the item, as far as they are text."""
    sections = {name for element in item.elements for name in element.sections}
    sections |= {outer for name in sections for outer in checklist.section(name).target.within}
    return [
        page
        for page in pages
        if (page.role is Role.HOME or any(role.target in sections for role in page.roles))
        and (page.dom or (page.body and "html" in page.content_type.lower()) or (page.body and not page.content_type))
    ]


def write_page(source: Path, folder: Path, number: int, page: PageVisit, visit: Visit) -> dict[str, str]:
    """The page's text stands in the folder; returns its row of case.yml."""
    name, kind = (page.dom, BlobKind.DOM) if page.dom else (page.body, BlobKind.BODY)
    assert name is not None
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(visit.request.portal))
    text = read_blob(source, name, kind).decode("utf-8", "replace").replace(origin, HOST)
    file = f"{number:02}.html"
    (folder / file).write_text(text, "utf-8")
    row = {"file": file, "url": page.final_url.replace(origin, "", 1) or "/", "role": page.role.value}
    if page.role is not Role.HOME and page.roles:
        row |= {"target": page.roles[0].target, "role": page.roles[0].role.value}
    if page.query:
        row["query"] = page.query
    if page.clicks is not None and page.role is not Role.HOME:
        row["clicks"] = str(page.clicks)
    return row


def case_of(
    visit: Visit,
    item: Item,
    rows: list[dict[str, str]],
    expected: dict[str, Outcome],
    left: Standing,
    changed: list[str],
) -> dict[str, object]:
    """What case.yml says: the visit's circumstances, its pages and views, the outcome of each element, and whose decision that is."""
    sections = {name for element in item.elements for name in element.sections}
    views = {
        view.target: {"full": view.full, "gap": view.gap, "samples_full": view.samples_full}
        for view in visit.views
        if view.target in sections and not (view.full and view.samples_full)
    }
    because = {
        vote.reviewer: vote.text
        for vote in left.votes
        if any(vote.elements.get(name) == expected[name] for name in changed)
    }
    return {
        "block": visit.request.block.value,
        "now": visit.request.now.astimezone(VIETNAM).replace(tzinfo=None).isoformat(),
        "agency": visit.request.agency_name,
        "because": because,
        "pages": rows,
        "views": views,
        "elements": {name: outcome.value for name, outcome in expected.items()},
    }
