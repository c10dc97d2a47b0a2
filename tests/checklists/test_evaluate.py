"""What judging does around the evaluators: failures cost their own element, unreached portals are never absent, the same input the same finding."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

import checklists.evaluate as judging
from checklists.evaluate import evaluate
from checklists.load import load_checklist
from checklists.model import Finding, Outcome
from checklists.targets import compile_targets
from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.model import (
    Block,
    Dossier,
    PageVisit,
    Role,
    StopReason,
    TargetView,
    Vantage,
    Visit,
    VisitRequest,
    VisitStatus,
)  # fmt: skip

NOW = datetime(2017, 3, 15, 9, tzinfo=UTC)
CHECKLIST = load_checklist()
HOME = "<html><body><h1>Cổng</h1><footer><p>Địa chỉ: 12 đường Trần Phú, thành phố Mẫu</p></footer></body></html>"


def dossier(block: Block = Block.TINH, status: VisitStatus = VisitStatus.OK, *, full: bool = True) -> Dossier:
    request = VisitRequest(
        id="v1", campaign="2016", agency="mau", agency_name="Mẫu", block=block, portal="http://mau.gov.vn",
        declared_address="http://mau.gov.vn", now=NOW,
    )  # fmt: skip
    views = tuple(
        TargetView(target=target.id, full=full, gap="" if full else "no-menu")
        for target in compile_targets(CHECKLIST, block=block).targets
    )
    visit = Visit(
        request=request, targets_digest="", software="", vantage=Vantage(), started_at=NOW, finished_at=NOW,
        status=status, stop=StopReason.DONE, navigations=1, bytes_read=0, views=views,
    )  # fmt: skip
    row = PageVisit(
        id="0", requested_url="http://mau.gov.vn/", final_url="http://mau.gov.vn/", status=VisitStatus.OK,
        started_at=NOW, role=Role.HOME, clicks=0,
    )  # fmt: skip
    home = page_facts(parse(HOME.encode(), "text/html; charset=utf-8"), row.final_url, "0" * 64, row)
    return Dossier(visit=visit, pages=(home,) if status is VisitStatus.OK else ())


def named(findings: tuple[Finding, ...], item: str) -> Finding:
    return next(one for one in findings if one.item == item)


def test_a_failing_evaluator_costs_its_own_element_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("hỏng")

    table = {**judging.EVALUATORS, "search-box": judging.EVALUATORS["search-box"]._replace(function=broken)}
    monkeypatch.setattr(judging, "EVALUATORS", table)
    findings = evaluate(CHECKLIST, dossier())
    box = named(findings, "search").elements[0]
    assert (box.verdict.outcome, box.verdict.reason) == (Outcome.ERROR, "failed")
    assert "RuntimeError: hỏng" in box.message
    assert named(findings, "search").needs_person
    assert all(one.outcome is not Outcome.ERROR for one in findings if one.item != "search")


def test_a_portal_that_was_not_reached_is_not_observed_in_any_duty() -> None:
    for finding in evaluate(CHECKLIST, dossier(status=VisitStatus.CONNECT_TIMEOUT)):
        assert finding.outcome in {Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE}


def test_nothing_is_absent_where_no_view_was_full() -> None:
    for finding in evaluate(CHECKLIST, dossier(full=False)):
        sections = {one.id: one.sections for one in next(i for i in CHECKLIST.items if i.id == finding.item).elements}
        for element in finding.elements:
            if sections[element.element] != ("home",):
                assert element.verdict.outcome is not Outcome.NOT_MET, element


def test_duties_of_other_blocks_do_not_apply() -> None:
    told = {one.item: one.outcome for one in evaluate(CHECKLIST, dossier(Block.BO))}
    assert told["introduction-locality"] is Outcome.NOT_APPLICABLE
    assert told["introduction-agency"] is not Outcome.NOT_APPLICABLE


def test_the_same_dossier_gives_the_same_bytes() -> None:
    first, second = (msgspec.json.encode(evaluate(CHECKLIST, dossier())) for _ in range(2))
    assert first == second
