"""Every case folder names its verdict: `<what>.<outcome>[.<reason>]`, judged from its pages through facts to findings."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from checklists.beyond import loose_pages
from checklists.evaluate import judge_item
from checklists.evaluators.seen import recurring_texts
from checklists.load import load_checklist
from checklists.model import Checklist, Finding
from checklists.targets import compile_targets
from crawler.dossier import file_page, is_html
from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.facts.template import template_texts
from crawler.model import (
    Block,
    Dossier,
    PageFacts,
    PageVisit,
    Role,
    StopReason,
    TargetRole,
    TargetView,
    Vantage,
    Visit,
    VisitRequest,
    VisitStatus,
)
from crawler.yaml_text import load_text

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/case.yml"))
HOST = "http://mau.gov.vn"


loaded = cache(load_checklist)


@pytest.fixture(scope="module")
def checklist() -> Checklist:
    return loaded()


def dossier_of(folder: Path, case: dict[str, Any], checklist: Checklist) -> Dossier:
    """The dossier a case describes: its pages read into facts, its views, full unless the case says otherwise."""
    now = datetime.fromisoformat(case["now"]).replace(tzinfo=timezone(timedelta(hours=7)))
    block = Block(case["block"])
    pages = tuple(page_of(folder, number, row) for number, row in enumerate(case.get("pages", [])))
    said = case.get("views", {})
    views = tuple(
        view_of(target.id, said.get(target.id, {}), pages)
        for target in compile_targets(checklist, block=block).targets
        if said.get(target.id) != "not-pursued"
    )
    request = VisitRequest(
        id="luot-1",
        campaign="thu",
        agency="mau",
        agency_name=case.get("agency", "UBND tỉnh Mẫu"),
        block=block,
        portal=HOST,
        declared_address=case.get("declared", HOST),
        now=now,
    )
    visit = Visit(
        request=request,
        targets_digest="",
        software="",
        vantage=Vantage(),
        started_at=now,
        finished_at=now,
        status=VisitStatus(case.get("status", "ok")),
        stop=StopReason.DONE,
        navigations=len(pages),
        bytes_read=0,
        views=views,
    )
    failures = tuple(failure_of(number, row) for number, row in enumerate(case.get("failures", [])))
    return Dossier(visit=visit, pages=pages, failures=failures, template=template_texts(pages))


def page_of(folder: Path, number: int, row: dict[str, str]) -> PageFacts:
    body = (folder / row["file"]).read_bytes()
    url = row.get("host") or HOST + row.get("url", f"/{row['file']}")
    role = Role(row["role"])
    visit = PageVisit(
        id=f"{number:04}",
        requested_url=url,
        final_url=url,
        status=VisitStatus.OK,
        started_at=datetime(2016, 1, 1, tzinfo=UTC),
        roles=(TargetRole(row["target"], role),) if "target" in row else (),
        role=role,
        query=row.get("query", ""),
        clicks=0 if role is Role.HOME else int(row.get("clicks", "1")),
        label=row.get("label", ""),
        part=row.get("part") == "true",
    )
    kind = row.get("content_type", "text/html; charset=utf-8")
    name = hashlib.sha256(body).hexdigest()
    if not is_html(kind):
        return file_page(body, visit, name)
    return page_facts(parse(body, kind), url, name, visit)


def failure_of(number: int, row: dict[str, str]) -> PageVisit:
    """A page that could not be read."""
    return PageVisit(
        id=f"f{number:03}",
        requested_url=row["url"],
        final_url=row["url"],
        status=VisitStatus(row["status"]),
        started_at=datetime(2016, 1, 1, tzinfo=UTC),
        role=Role(row.get("role", "candidate")),
    )


def view_of(target: str, said: dict[str, str], pages: tuple[PageFacts, ...]) -> TargetView:
    def urls(role: Role) -> tuple[str, ...]:
        return tuple(page.url for page in pages if page.visit and TargetRole(target, role) in page.visit.roles)

    return TargetView(
        target=target,
        full=said.get("full", "true") == "true",
        gap=said.get("gap", ""),
        samples_full=said.get("samples_full", "true") == "true",
        landings=urls(Role.LANDING),
        details=urls(Role.DETAIL),
    )


@cache
def case_of(folder: Path) -> dict[str, Any]:
    case, _ = load_text(folder / "case.yml")
    assert isinstance(case, dict)
    return case


@cache
def judged(folder: Path) -> Finding:
    """What the case shows of its item; no other item is judged."""
    checklist = loaded()
    dossier = dossier_of(folder, case_of(folder), checklist)
    item = next(item for item in checklist.items if item.id == folder.parent.name)
    loose = loose_pages(dossier, checklist.vocabulary.empty_markers)
    return judge_item(checklist, item, dossier, recurring_texts(dossier), loose)


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_folder_names_the_verdict(folder: Path) -> None:
    case, finding = case_of(folder), judged(folder)
    _, outcome, *reason = folder.name.split(".")
    told = {one.element: (one.verdict.outcome.value, one.verdict.reason, one.message) for one in finding.elements}
    if "element" in case:
        got = told[case["element"]]
        assert (got[0], *([got[1]] if reason else [])) == (outcome, *reason), told
    else:
        assert finding.outcome.value == outcome, told
    for element, expected in case.get("elements", {}).items():
        assert told[element][0] == expected, told


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_said_reads_well_and_points_at_the_page(folder: Path) -> None:
    finding = judged(folder)
    files = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    for one in finding.elements:
        assert "{" not in one.message
        assert one.message
        if one.verdict.outcome.value == "met":
            assert one.verdict.seen, one
        for pointer in one.verdict.seen:
            assert pointer.sha256 in files
            assert 0 < len(pointer.quote) <= 300


def test_every_item_has_a_case_met_missing_and_unsure(checklist: Checklist) -> None:
    seen: dict[str, set[str]] = {}
    for folder in CASES:
        seen.setdefault(folder.parent.name, set()).add(folder.name.split(".")[1])
    for item in checklist.items:
        told = seen.get(item.id, set())
        assert "met" in told, item.id
        assert told & {"partly_met", "not_met"}, item.id
        # What one visit alone cannot settle comes out unsure when visits are merged, not before.
        campaign_wide = all(element.apart_hours for element in item.elements)
        assert ("not_observed" if campaign_wide else "unsure") in told, item.id


MAKES = {
    "portlets": r'class="[^"]*portlet|/web/guest|asset[-_]publisher',
    "table layout": r"<font|bgcolor|cellpadding|<center",
    "HTML5": r"<(?:article|section|main|aside|time)\b",
    "grid classes": r'class="(?:container|row|col-|card|list-group)',
    "filled by script": r'ng-|v-if|id="(?:app|root)"|data-url=',
}
"""Makes of markup, and what tells them."""


def test_every_item_has_cases_of_three_makes_of_markup(checklist: Checklist) -> None:
    made: dict[str, set[str]] = {}
    for folder in CASES:
        for page in folder.glob("*.html"):
            markup = page.read_text(encoding="utf-8", errors="replace")
            made.setdefault(folder.parent.name, set()).update(
                name for name, sign in MAKES.items() if re.search(sign, markup)
            )
    for item in checklist.items:
        judged_by_answers_alone = all(element.apart_hours for element in item.elements)
        assert judged_by_answers_alone or len(made[item.id]) >= 3, (item.id, made[item.id])
