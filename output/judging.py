"""Joins the rooms offline: sealed folders in, findings, claims and pictures out. Same folders and same checklist, same records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from checklists.evaluate import evaluate
from checklists.merge import merge
from checklists.model import Checklist, Claim, ElementClaim, Finding, Item
from checklists.services import described, service_of
from crawler.archive import BlobKind, picture_type
from crawler.dossier import read_dossier
from crawler.model import Dossier
from crawler.visit_folder import read_visit, sealed_visits
from output.report.picture import outlined
from output.stored_pages import Evidence

CHECKLIST = "nd43-2011"
"""The checklist judged by, until a campaign can name another."""

AD_HOC = "adhoc"
"""The campaign of visits that are in no plan; they are never scored."""

CONTEXT = 260
"""CSS pixels shown around an outlined element."""


def folders_of(visits: Path, campaign: str) -> tuple[Path, ...]:
    """The sealed folders of a campaign, in the order of their ids."""
    folders = [visits / name for name in sealed_visits(visits)]
    return tuple(folder for folder in folders if read_visit(folder).request.campaign == campaign)


def campaigns_of(visits: Path) -> list[str]:
    """The campaigns that have sealed visits, in order; visits outside any plan left out."""
    return sorted({read_visit(visits / name).request.campaign for name in sealed_visits(visits)} - {AD_HOC})


def judge(
    checklist: Checklist,
    folders: Iterable[Path],
    shown: Callable[[], None] = lambda: None,
    also: Callable[[Dossier], None] = lambda _: None,
) -> tuple[Finding, ...]:
    """The findings of every folder, in the order of folders and items; `shown` is called after each folder, `also` is handed its dossier."""
    findings: list[Finding] = []
    for folder in folders:
        dossier = read_dossier(folder)
        findings += evaluate(checklist, dossier)
        also(dossier)
        shown()
    return tuple(findings)


def item_for(checklist: Checklist, claim: Claim | Finding, name: str = "") -> Item | None:
    """The item a claim is about; that of services, called by the service's name, where it is about one; None where there is none here."""
    if service := service_of(claim.item):
        return described(name or service)
    return next((item for item in checklist.items if item.id == claim.item), None)


def claims_of(checklist: Checklist, findings: Iterable[Finding]) -> tuple[Claim, ...]:
    """One claim for each agency and item, by agency and then in the checklist's order."""
    place = {item.id: number for number, item in enumerate(checklist.items)}
    ordered = sorted(findings, key=lambda f: (f.campaign, f.agency, place[f.item], f.visit))
    return tuple(merge(tuple(group)) for _, group in groupby(ordered, key=lambda f: (f.campaign, f.agency, f.item)))


def outlined_element(evidence: Evidence, element: ElementClaim, label: str = "") -> bytes | None:
    """The picture that proves an element, cut to its surroundings with the proving element outlined; None where there is none to show."""
    pointer = next(iter(element.verdict.seen), None)
    page = evidence.pointed(element.finding, pointer) if pointer else None
    if pointer is None or page is None or page.picture is None or page.layout is None:
        return None
    picture, layout = page.read(page.picture, BlobKind.PICTURE), page.read(page.layout, BlobKind.LAYOUT)
    return outlined(picture, layout, pointer, context=CONTEXT, label=label).picture


def write_pictures(evidence: Evidence, checklist: Checklist, claims: Iterable[Claim], target: Path) -> list[Path]:
    """A picture for each element shown by one, written below `target` as <item>.<element>; their paths."""
    written = []
    for claim in claims:
        item = item_for(checklist, claim)
        titles = {element.id: element.title for element in item.elements} if item else {}
        for element in claim.elements:
            picture = outlined_element(evidence, element, titles.get(element.element, element.element))
            if picture is not None:
                ending = picture_type(picture).rpartition("/")[2].replace("jpeg", "jpg")
                target.mkdir(parents=True, exist_ok=True)
                path = target / f"{claim.item}.{element.element}.{ending}"
                path.write_bytes(picture)
                written.append(path)
    return written
