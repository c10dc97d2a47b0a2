"""Working days between a document's own date and its posting."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from checklists.evaluators.delays import median_delay, working_days_after
from checklists.evaluators.looking import look
from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.model import (
    Block,
    Dossier,
    PageFacts,
    PageVisit,
    Role,
    StopReason,
    Target,
    TargetRole,
    Vantage,
    Visit,
    VisitRequest,
    VisitStatus,
)

NOW = datetime(2017, 3, 15, tzinfo=UTC)
TARGET = Target(id="legal-documents", labels=("Văn bản",), details=3)
DOCUMENT = """<h1>Quyết định số {n}/2017/QĐ-UBND</h1><table><tr><td>Số ký hiệu</td><td>{n}/2017/QĐ-UBND</td></tr>
<tr><td>Ngày ban hành</td><td>{issued}</td></tr><tr><td>Trích yếu</td><td>Về việc quản lý bến đò ngang sông</td></tr></table><p>{posted}</p>"""


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2017, 3, 1), date(2017, 3, 3), 2),
        (date(2017, 3, 3), date(2017, 3, 6), 1),  # over a weekend
        (date(2017, 4, 28), date(2017, 5, 4), 2),  # over 30/4 and 1/5 and the days off given for them
        (date(2017, 3, 3), date(2017, 3, 3), 0),
        (date(2017, 3, 3), date(2017, 3, 1), 0),
    ],
)
def test_weekends_and_holidays_do_not_count(start: date, end: date, days: int) -> None:
    assert working_days_after(start, end) == days


def page(number: int, body: str) -> PageFacts:
    url = f"http://mau.gov.vn/vb/{number}"
    visit = PageVisit(
        id=f"{number:04}", requested_url=url, final_url=url, status=VisitStatus.OK, started_at=NOW,
        roles=(TargetRole("legal-documents", Role.DETAIL),), role=Role.DETAIL,
    )  # fmt: skip
    return page_facts(parse(body.encode()), url, "e", visit)


def test_the_median_is_of_documents_that_give_both_dates() -> None:
    request = VisitRequest(
        id="a", campaign="c", agency="a", agency_name="UBND tỉnh Mẫu", block=Block.TINH, portal="http://mau.gov.vn",
        declared_address="http://mau.gov.vn", now=NOW,
    )  # fmt: skip
    visit = Visit(
        request=request, targets_digest="", software="", vantage=Vantage(), started_at=NOW, finished_at=NOW,
        status=VisitStatus.OK, stop=StopReason.DONE, navigations=3, bytes_read=0, views=(),
    )  # fmt: skip
    pages = (
        page(1, DOCUMENT.format(n=1, issued="01/03/2017", posted="Ngày đăng: 03/03/2017")),
        page(2, DOCUMENT.format(n=2, issued="01/03/2017", posted="Ngày đăng: 15/03/2017")),
        page(3, DOCUMENT.format(n=3, issued="02/03/2017", posted="Ngày đăng: 06/03/2017")),
        page(4, DOCUMENT.format(n=4, issued="02/03/2017", posted="Lượt xem: 12")),
        page(5, DOCUMENT.format(n=5, issued="02/03/2010", posted="Ngày đăng: 06/03/2017")),
    )
    looked = look(Dossier(visit=visit, pages=pages, failures=(), template=frozenset()), (TARGET,), ())
    assert median_delay(looked, ("Ngày đăng",)) == (2, 3)
    assert median_delay(looked, ("Ngày cập nhật",)) is None
