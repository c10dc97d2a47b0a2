"""Which agencies a campaign's tables name, and which files a finding leads to."""

from __future__ import annotations

import msgspec
import pytest

from checklists.model import ElementFinding, Outcome, Pointer, Verdict
from crawler.model import Block, PageVisit, VisitStatus
from crawler.registry import embedded_registry
from output.export.rows import pointer_cells, ranked_rows
from output.weighing import agencies_of, host_of, left_out_of, weigh
from scoring.load import find_method
from tests.output.judged import NOW, claim_of, visit_of

REGISTRY = embedded_registry()


def test_agencies_come_in_the_registrys_order_whoever_brought_them() -> None:
    found = agencies_of(REGISTRY, ["lao-cai"], [visit_of("2016", "da-nang")], [claim_of("2016", "an-giang")])
    order = [agency.id for agency in REGISTRY.agencies if agency.id in ("lao-cai", "da-nang", "an-giang")]
    assert list(found) == order
    assert {agency.block for agency in found.values()} == {Block.TINH}


def test_a_portal_outside_the_registry_is_named_as_it_was_visited() -> None:
    visit = visit_of("2016", "hoa-vang", Block.HUYEN)
    (found,) = agencies_of(REGISTRY, [], [visit], []).values()
    assert (found.name, found.portal, found.block) == ("hoa-vang", "hoa-vang.gov.vn", Block.HUYEN)


def test_agencies_not_assessed_stand_below_a_whole_block_only() -> None:
    assessed = [agency.id for agency in REGISTRY.agencies if agency.block is Block.BO and agency.assessed]
    whole = agencies_of(REGISTRY, assessed, [], [])
    assert len(left_out_of(REGISTRY, whole)) == 3
    assert left_out_of(REGISTRY, agencies_of(REGISTRY, assessed[1:], [], [])) == {}


def test_the_table_of_a_whole_block_has_all_its_agencies() -> None:
    assessed = [agency.id for agency in REGISTRY.agencies if agency.block is Block.BO and agency.assessed]
    agencies = agencies_of(REGISTRY, assessed, [], [])
    checklist = msgspec.defstruct("Checklist", [("items", tuple)])(items=())
    weighed = weigh("2016", find_method("btttt-2016"), checklist, agencies, left_out_of(REGISTRY, agencies), [])
    rows = ranked_rows(weighed, Block.BO)
    assert len(rows) == 22
    assert {row["rank"] for row in rows} == {None}
    assert all(row["note"] for row in rows), "each says why it has no rank"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("www.moh.gov.vn", "www.moh.gov.vn"),
        ("https://danang.gov.vn/web/guest", "danang.gov.vn"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
        ("http://ten:mat-khau@x.gov.vn/", "x.gov.vn"),
        ("", ""),
    ],
)
def test_hosts_as_tables_print_them(address: str, host: str) -> None:
    assert host_of(address) == host


DOM, BODY, PICTURE = "d" * 64, "b" * 64, "f" * 64
PAGE = PageVisit(
    id="p7", requested_url="https://x.gov.vn/", final_url="https://x.gov.vn/", status=VisitStatus.OK, started_at=NOW,
    body=BODY, dom=DOM, screenshot=PICTURE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("sha256", "page", "evidence"),
    [(DOM, "p7", f"v1/dom/{DOM}.gz"), (BODY, "p7", f"v1/bodies/{BODY}.gz"), (DOM, "", f"v1/dom/{DOM}.gz"), ("0" * 64, "", "")],
)  # fmt: skip
def test_a_finding_leads_to_the_files_that_show_it(sha256: str, page: str, evidence: str) -> None:
    pointer = Pointer(sha256=sha256, url="https://x.gov.vn/", selector="h1", quote="Tin tức", page=page)
    finding = ElementFinding(
        element="listing", verdict=Verdict(outcome=Outcome.MET, reason="r", seen=(pointer,)), message=""
    )
    cells = pointer_cells("v1", finding, {"p7": PAGE})
    assert (cells["evidence"], cells["quote"]) == (evidence, "Tin tức")
    assert cells["picture"] == (f"v1/pictures/{PICTURE}" if evidence else "")


def test_a_finding_that_rests_on_nothing_seen_leads_nowhere() -> None:
    finding = ElementFinding(element="listing", verdict=Verdict(outcome=Outcome.NOT_OBSERVED, reason="r"), message="")
    assert set(pointer_cells("v1", finding, {"p7": PAGE}).values()) == {""}
