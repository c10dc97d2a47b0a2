"""What probes say of portals' own duties, and how it merges with what visits say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from checklists.liveness import Liveness, Sighting, liveness
from checklists.load import load_checklist
from checklists.merge import merge
from checklists.model import Apart, ElementFinding, Finding, Outcome, Verdict
from checklists.probed import findings_of_probes
from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.model import Block, PageFacts, PageVisit, VisitRequest, VisitStatus
from crawler.services.model import Outcome as Seen
from scoring.counting import counting_rule

START = datetime(2017, 2, 2, 2, tzinfo=UTC)
CHECKLIST = load_checklist()
RULE = counting_rule().stable
REQUEST = VisitRequest(
    id="2016.da-nang.1", campaign="2016", agency="da-nang", agency_name="Đà Nẵng", block=Block.TINH, portal="http://a.gov.vn/",
    declared_address="http://a.gov.vn/", now=START,
)  # fmt: skip
LETTERS = {"a": Seen.ALIVE, "d": Seen.DOWN, "b": Seen.BLOCKED}


def page(body: str, line: str = "2016.probes.000/x") -> PageFacts:
    markup = f"<html><head><meta charset=utf-8><title>DVC</title></head><body>{body}</body></html>".encode()
    row = PageVisit(
        id=line,
        requested_url="http://d.gov.vn/x",
        final_url="http://d.gov.vn/x",
        status=VisitStatus.OK,
        started_at=START,
    )
    return page_facts(parse(markup, "text/html; charset=utf-8"), "http://d.gov.vn/x", "0" * 64, row)


def live(letters: str) -> Liveness:
    return liveness((Sighting(START + timedelta(hours=8 * n), LETTERS[one]) for n, one in enumerate(letters)), RULE)


def of_probes(*pages: PageFacts, home: str = "") -> dict[str, Finding]:
    found = findings_of_probes(CHECKLIST, REQUEST, pages, live(home) if home else None, None, RULE)
    return {finding.item: finding for finding in found}


def outcomes(finding: Finding) -> dict[str, Outcome]:
    return {one.element: one.verdict.outcome for one in finding.elements}


def test_a_services_page_proves_functions_present_and_never_absent() -> None:
    shown = page(
        "<p>Dịch vụ công mức độ 3</p><a href='/hd.pdf'>Hướng dẫn sử dụng</a><form><label>Mã hồ sơ<input name=m></label></form>"
    )
    found = of_probes(shown)
    assert outcomes(found["service-functions"]) == {
        "user-guide": Outcome.MET,
        "usage-frequency": Outcome.NOT_APPLICABLE,
        "processing-status": Outcome.MET,
        "dossiers-processed": Outcome.NOT_APPLICABLE,
    }
    assert found["service-functions"].elements[0].verdict.seen[0].page == "2016.probes.000/x"
    assert of_probes(page("<p>Dịch vụ công mức độ 3</p>")) == {}


def test_a_shared_sign_on_of_any_unit_is_seen() -> None:
    found = of_probes(page("<a href='https://sso.a.gov.vn/cas/login'>Đăng nhập</a><p>Nộp hồ sơ mức độ 4</p>"))
    assert outcomes(found["service-integration"])["single-sign-on"] is Outcome.MET


@pytest.mark.parametrize(
    ("home", "outcome"),
    [("a" * 12, Outcome.MET), ("aaadddddddda", Outcome.NOT_MET), ("ab" * 6, None), ("b" * 12, None)],
)
def test_a_home_page_probed_all_window_long_settles_operation(home: str, outcome: Outcome | None) -> None:
    found = of_probes(home=home)
    assert (outcomes(found["continuous-operation"])["reachable-in-window"] if found else None) is outcome


def of_visit(outcome: Outcome, hours: int) -> Finding:
    finding = of_probes(home="a" * 12)["continuous-operation"]
    element = ElementFinding(
        element="reachable-in-window",
        verdict=Verdict(outcome=outcome, reason="x"),
        message="m",
        apart=Apart(24, "một lần"),
    )
    return msgspec.structs.replace(
        finding, id=f"v{hours}/continuous-operation", visit=f"v{hours}", elements=(element,),
        seen_at=(START + timedelta(days=9, hours=hours)).isoformat(),
    )  # fmt: skip


def test_probes_settle_what_one_visit_alone_cannot() -> None:
    down = of_probes(home="aaadddddddda")["continuous-operation"]
    alone = merge([of_visit(Outcome.NOT_MET, 0)]).elements[0].verdict
    assert (alone.outcome, alone.reason) == (Outcome.UNSURE, "seen-once")
    both = merge([of_visit(Outcome.NOT_MET, 0), down])
    assert (both.elements[0].verdict.outcome, both.elements[0].finding) == (Outcome.NOT_MET, down.id)
    assert merge([of_visit(Outcome.MET, 0), down]).outcome is Outcome.NOT_MET
    steady = of_probes(home="a" * 12)["continuous-operation"]
    assert merge([of_visit(Outcome.NOT_OBSERVED, 0), steady]).outcome is Outcome.MET
    assert merge([steady, of_visit(Outcome.NOT_MET, 0)]).outcome is Outcome.UNSURE
