"""What an answer means for a service."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model import VisitStatus
from crawler.services.model import Layer, Outcome, Service, Try, probe_rules
from crawler.services.reading import Answer, missing_url, outlined, said, together

RULES = probe_rules()
SERVICE = Service(id="s", agency="a", name="Cấp giấy phép", level=3, url="http://a.gov.vn/x")
AT = datetime(2017, 2, 1, tzinfo=UTC)
LONG = "<p>Trình tự thực hiện, thành phần hồ sơ, thời hạn giải quyết và lệ phí của thủ tục.</p>" * 5
LOGIN = "<h1>Đăng nhập</h1><form><input name=u><input type=password name=p></form>"


def html(body: str, title: str = "Cổng", status: VisitStatus = VisitStatus.OK, code: int = 200) -> Answer:
    text = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return Answer(
        status=status,
        final_url="http://a.gov.vn/x",
        http_status=code,
        content_type="text/html; charset=utf-8",
        body=text.encode(),
    )


@pytest.mark.parametrize(
    ("answer", "elsewhere", "outcome", "layer"),
    [
        (html(LONG), None, Outcome.ALIVE, Layer.NONE),
        (html(LONG), html(LONG), Outcome.DOWN, Layer.CONTENT),
        (html(LONG), html("<p>Khác hẳn nội dung kia, không tìm thấy.</p>", "Lỗi"), Outcome.ALIVE, Layer.NONE),
        (html(LOGIN, "Đăng nhập"), None, Outcome.ALIVE, Layer.NONE),
        (html(LOGIN, "Đăng nhập"), html(LOGIN, "Đăng nhập"), Outcome.BLOCKED, Layer.NONE),
        (html("<h2>Cấp giấy phép</h2>" + LOGIN, "Đăng nhập"), html("<h2>Cấp giấy phép</h2>" + LOGIN, "Đăng nhập"), Outcome.ALIVE, Layer.NONE),
        (html("<p>Hệ thống đang bảo trì</p>"), None, Outcome.DOWN, Layer.CONTENT),
        (html("<p>Hệ thống đã đóng, mời quay lại sau</p>"), None, Outcome.DOWN, Layer.CONTENT),
        (html("<p>Just a moment... verify you are human</p>"), None, Outcome.BLOCKED, Layer.NONE),
        (html('<div id="app"></div><script src="a.js"></script>'), None, Outcome.OURS, Layer.NONE),
        (html(""), None, Outcome.DOWN, Layer.CONTENT),
        (Answer(status=VisitStatus.OK, final_url="http://a.gov.vn/x", http_status=200, content_type="text/html", body=b" "), None,
         Outcome.DOWN, Layer.CONTENT),
        (Answer(status=VisitStatus.OK, final_url="http://a.gov.vn/x", http_status=200, content_type="application/pdf", body=b"%PDF"), None,
         Outcome.ALIVE, Layer.NONE),
        (html("x", status=VisitStatus.CLIENT_ERROR, code=403), None, Outcome.BLOCKED, Layer.NONE),
        (html("x", status=VisitStatus.NOT_FOUND, code=404), None, Outcome.DOWN, Layer.HTTP),
        (html("x", status=VisitStatus.SERVER_ERROR, code=500), None, Outcome.DOWN, Layer.HTTP),
        (html("x", status=VisitStatus.RATE_LIMITED, code=429), None, Outcome.BLOCKED, Layer.NONE),
        (Answer(status=VisitStatus.DNS_FAILURE, final_url="http://a.gov.vn/x"), None, Outcome.DOWN, Layer.DNS),
        (Answer(status=VisitStatus.RESOLVER_TIMEOUT, final_url="http://a.gov.vn/x"), None, Outcome.OURS, Layer.NONE),
        (Answer(status=VisitStatus.TLS_EXPIRED, final_url="https://a.gov.vn/x"), None, Outcome.DOWN, Layer.TLS),
    ],
)  # fmt: skip
def test_meanings(answer: Answer, elsewhere: Answer | None, outcome: Outcome, layer: Layer) -> None:
    found = said(RULES, SERVICE, answer, outlined(elsewhere) if elsewhere else None)
    assert (found.meaning.outcome, found.meaning.layer) == (outcome, layer)


@given(st.lists(st.sampled_from(list(Outcome)), min_size=1, max_size=4))
def test_a_probe_is_down_only_where_every_try_was(outcomes: list[Outcome]) -> None:
    tries = tuple(Try(at=AT, outcome=outcome) for outcome in outcomes)
    found = together(tries).outcome
    assert (found is Outcome.DOWN) == (set(outcomes) == {Outcome.DOWN})
    assert (found is Outcome.ALIVE) == (Outcome.ALIVE in outcomes)


def test_an_address_that_does_not_exist_lies_beside_the_service() -> None:
    assert missing_url("https://a.gov.vn:8443/dvc/cap-giay?id=1", "0f") == "https://a.gov.vn:8443/dvc/kiem-cong-0f"
    assert missing_url("http://a.gov.vn/", "0f") == "http://a.gov.vn/kiem-cong-0f"
