"""Records as judging would hand them over: one visit, one item with one element met and one not."""

from __future__ import annotations

from datetime import UTC, datetime

from checklists.model import Claim, ElementClaim, ElementFinding, Finding, Outcome, Pointer, Verdict
from crawler.model import Block, StopReason, Vantage, Visit, VisitRequest, VisitStatus

NOW = datetime(2017, 3, 1, 2, tzinfo=UTC)

BOX = Verdict(
    outcome=Outcome.MET,
    reason="box",
    values={"label": "Tìm kiếm"},
    seen=(Pointer(sha256="a" * 64, url="https://danang.gov.vn/", selector="form", quote="=Tìm kiếm", page="p1"),),
)
FOUND = Verdict(outcome=Outcome.NOT_MET, reason="nothing-found")
VERDICTS = {"search-box": (BOX, "Có ô tìm kiếm."), "finds-existing-article": (FOUND, "-Không tìm thấy bài đã đăng.")}


def visit_of(campaign: str, agency: str, block: Block = Block.TINH) -> Visit:
    request = VisitRequest(
        id=f"{campaign}-{agency}-1",
        campaign=campaign,
        agency=agency,
        agency_name=agency,
        block=block,
        portal=f"https://{agency}.gov.vn/",
        declared_address=f"https://{agency}.gov.vn/",
        now=NOW,
    )
    return Visit(
        request=request,
        targets_digest="t",
        software="kiemcong 0.1.0",
        vantage=Vantage(),
        started_at=NOW,
        finished_at=NOW,
        status=VisitStatus.OK,
        stop=StopReason.DONE,
        navigations=3,
        bytes_read=1000,
        views=(),
    )


def finding_of(campaign: str, agency: str, item: str = "search", checklist_digest: str = "c") -> Finding:
    visit = f"{campaign}-{agency}-1"
    return Finding(
        id=f"{visit}/{item}",
        visit=visit,
        campaign=campaign,
        agency=agency,
        item=item,
        checklist="nd43-2011",
        checklist_digest=checklist_digest,
        outcome=Outcome.PARTLY_MET,
        message="Đạt một phần.",
        elements=tuple(
            ElementFinding(element=element, verdict=verdict, message=message, clicks=0)
            for element, (verdict, message) in VERDICTS.items()
        ),
        needs_person=False,
        clicks=0,
        seen_at=NOW.isoformat(),
    )


def claim_of(campaign: str, agency: str, item: str = "search") -> Claim:
    finding = f"{campaign}-{agency}-1/{item}"
    return Claim(
        campaign=campaign,
        agency=agency,
        item=item,
        checklist="nd43-2011",
        outcome=Outcome.PARTLY_MET,
        message="Đạt một phần.",
        elements=tuple(
            ElementClaim(element=element, verdict=verdict, message=message, finding=finding, clicks=0)
            for element, (verdict, message) in VERDICTS.items()
        ),
        findings=(finding,),
        rule="only-visit",
        needs_person=False,
        digest="d",
        clicks=0,
    )
