"""An auditor's overturn as a test case: the pages it rests on, files and pictures beside them, what could not be read, and the outcomes people
settled on.

The folder has the form of the cases under tests/items: case.yml beside the pages, its name ending in the outcome. The portal's own address is
written as the cases' common one, so that links within the portal stay within it.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from checklists.evaluate import item_outcome
from checklists.model import Checklist, Claim, Item, Outcome
from checklists.review import Review, Standing, machine_outcomes, standing
from checklists.services import service_of
from crawler.archive import BlobKind, picture_type
from crawler.dossier import is_html
from crawler.model import PageVisit, Role, Visit, VisitStatus
from crawler.plan import VIETNAM
from crawler.visit_folder import read_blob, read_pages, read_visit
from output.exits import Exit, Stop
from output.stored_pages import PROBES

HOST = "http://mau.gov.vn"
"""The address every case's portal has."""


def write_case(visits: Path, checklist: Checklist, claim: Claim, decided: list[Review], target: Path) -> Path:
    """The case's folder below target, as <item>/<agency>-<campaign>.<outcome>. Raises Stop where people did not overturn the claim as it is now,
    its checklist or visit is not here, or the folder is there already."""
    if service_of(claim.item):
        raise Stop(
            f"{claim.id}: a claim on a service rests on weeks of probes, for which cases have no form", Exit.BAD_INPUT
        )
    machine = machine_outcomes(claim)
    left = standing(claim.digest, machine, decided)
    changed = [name for name, one in left.elements.items() if one.people and one.outcome is not machine[name]]
    item = next((one for one in checklist.items if one.id == claim.item), None)
    if not changed or item is None:
        raise Stop(f"{claim.id}: no overturn counts on the claim as it is now", Exit.BAD_INPUT)
    finding = next(one.finding for one in claim.elements if one.element == changed[0])
    source = visits / finding.rpartition("/")[0]
    if PROBES in source.name:
        raise Stop(f"{claim.id}: what was overturned rests on probes, for which cases have no form", Exit.BAD_INPUT)
    visit = read_visit(source)
    expected = {name: one.outcome for name, one in left.elements.items()}
    duties = [expected[one.element] for one in claim.elements if not one.statistic]
    folder = target / item.id / f"{claim.agency}-{claim.campaign}.{item_outcome(duties).value}"
    if folder.exists():
        raise Stop(f"{folder} is there already — remove it, or name another folder with --to", Exit.BAD_INPUT)
    every = read_pages(source)
    sections = sections_of(item, checklist)
    folder.mkdir(parents=True)
    rows = [
        write_page(source, folder, number, page, visit) for number, page in enumerate(wanted_pages(every, sections), 1)
    ]
    case = case_of(visit, item, rows, expected, left, changed) | failures_of(every, sections, visit)
    (folder / "case.yml").write_text(yaml.safe_dump(case, allow_unicode=True, sort_keys=False, width=140), "utf-8")
    return folder


def sections_of(item: Item, checklist: Checklist) -> frozenset[str]:
    """The sections an item is looked for in, and those that may hold them."""
    sections = {name for element in item.elements for name in element.sections}
    return frozenset(sections | {outer for name in sections for outer in checklist.section(name).target.within})


def answers(page: PageVisit, sections: frozenset[str]) -> bool:
    """Whether a page is home or answers to one of the sections."""
    return page.role is Role.HOME or any(role.target in sections for role in page.roles)


def wanted_pages(pages: tuple[PageVisit, ...], sections: frozenset[str]) -> list[PageVisit]:
    """Home, and the pages and files that answer to the sections, as far as anything of them was kept."""
    return [
        page for page in pages if answers(page, sections) and page.status is VisitStatus.OK and (page.dom or page.body)
    ]


def failures_of(pages: tuple[PageVisit, ...], sections: frozenset[str], visit: Visit) -> dict[str, object]:
    """What of the sections could not be read, as case.yml says it; nothing where all was."""
    found = [
        {"url": placed(page.final_url, visit), "status": page.status.value}
        for page in pages
        if page.status is not VisitStatus.OK and answers(page, sections)
    ]
    return {"failures": found} if found else {}


def placed(url: str, visit: Visit) -> str:
    """An address with the portal's own host written as every case's."""
    return url.replace(origin_of(visit), HOST)


def origin_of(visit: Visit) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(visit.request.portal))


def write_page(source: Path, folder: Path, number: int, page: PageVisit, visit: Visit) -> dict[str, str]:
    """The page stands in the folder as it was judged: its DOM or its text, a file as its bytes, and its picture for who reads the case. Returns
    its row of case.yml."""
    name, kind = (page.dom, BlobKind.DOM) if page.dom else (page.body, BlobKind.BODY)
    assert name is not None
    content = read_blob(source, name, kind)
    is_text = page.dom is not None or (page.role is not Role.ATTACHMENT and is_html(page.content_type))
    file = f"{number:02}{'.html' if is_text else ending_of(page.final_url)}"
    if is_text:
        content = content.decode("utf-8", "replace").replace(origin_of(visit), HOST).encode()
    (folder / file).write_bytes(content)
    row = {"file": file, "url": page.final_url.replace(origin_of(visit), "", 1) or "/", "role": page.role.value}
    if not is_text:
        row |= {"content_type": page.content_type, "label": page.label}
        row |= {"part": "true"} if page.part else {}
    if page.role is not Role.HOME and page.roles:
        row |= {"target": page.roles[0].target, "role": page.roles[0].role.value}
    if page.query:
        row["query"] = page.query
    if page.clicks is not None and page.role is not Role.HOME:
        row["clicks"] = str(page.clicks)
    if page.screenshot:
        picture = read_blob(source, page.screenshot, BlobKind.PICTURE)
        row["picture"] = f"{number:02}.{picture_type(picture).rpartition('/')[2].replace('jpeg', 'jpg')}"
        (folder / row["picture"]).write_bytes(picture)
    return row


def ending_of(url: str) -> str:
    """How a file's name ends, by its address: a short ending of letters and digits, or .bin."""
    found = re.search(r"\.[A-Za-z0-9]{1,5}$", urlsplit(url).path)
    return found[0].lower() if found else ".bin"


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
