"""Signs of a level on a service's page: what shows them, and what only looks like it."""

from __future__ import annotations

import pytest

from checklists.services import service_checklist
from checklists.signs import SignSeen, signs_seen
from crawler.facts.page import page_facts
from crawler.facts.parse import parse

SIGNS = service_checklist().signs


def seen(body: str) -> dict[str, SignSeen]:
    markup = f"<html><head><meta charset=utf-8><title>DVC</title></head><body>{body}</body></html>".encode()
    return signs_seen(
        page_facts(parse(markup, "text/html; charset=utf-8"), "http://a.gov.vn/dv", "0" * 64), "2016.probes.x/dv", SIGNS
    )


@pytest.mark.parametrize(
    ("sign", "body"),
    [
        ("forms", "<a href='/to-khai.doc'>Tờ khai đăng ký</a>"),
        ("e-form", "<form><label>Họ tên<input name=a></label><label>Số nhà<input name=b></label><label>Lý do<textarea name=c></textarea></label></form>"),
        ("attachment", "<form><input type=file name=tep></form>"),
        ("submission", "<a href='/nop'>Nộp hồ sơ trực tuyến</a>"),
        ("submission", "<form><input name=u><input type=password name=p></form>"),
        ("submission", "<form><input name=u><input type=submit value='Gửi hồ sơ'></form>"),
        ("payment", "<a href='/tt'>Thanh toán trực tuyến</a>"),
        ("status-lookup", "<a href='/tc'>Tra cứu tình trạng hồ sơ</a>"),
        ("rating", "<button>Rất hài lòng</button>"),
        ("procedure-data", "<p>1. Trình tự thực hiện: nộp tại bộ phận một cửa</p>"),
    ],
)  # fmt: skip
def test_a_sign_is_seen_with_where_it_stands(sign: str, body: str) -> None:
    found = seen(body)
    assert sign in found
    where = found[sign].seen[0]
    assert where.quote
    assert where.page == "2016.probes.x/dv"


@pytest.mark.parametrize(
    ("sign", "body"),
    [
        ("forms", "<a href='/tin/mau-don-moi'>Mẫu đơn mới được ban hành</a>"),
        ("e-form", "<form action='/tim'><input name=q placeholder='Tìm kiếm'></form>"),
        ("e-form", "<form><input name=u><input name=v><input name=w><input type=password name=p></form>"),
        ("payment", "<p>Người dân thanh toán trực tuyến đã tăng trong năm qua.</p>"),
        ("procedure-data", "<p>Công dân nộp đơn và chờ kết quả theo thời hạn.</p>"),
    ],
)
def test_what_only_looks_like_a_sign_is_none(sign: str, body: str) -> None:
    assert sign not in seen(body)


def test_the_data_of_a_procedure_are_counted_by_kind() -> None:
    rows = "".join(
        f"<tr><th>{label}</th><td>Theo quy định.</td></tr>"
        for label in (
            "Trình tự thực hiện",
            "Cách thức thực hiện",
            "Thành phần, số lượng hồ sơ",
            "Thời hạn giải quyết",
            "Lệ phí",
        )
    )
    assert set(seen(f"<table>{rows}</table>")["procedure-data"].names) == {
        "trình tự", "cách thức", "thành phần hồ sơ", "thời hạn", "mẫu đơn, phí, yêu cầu",
    }  # fmt: skip
    assert len(SIGNS["procedure-data"].data) == 11
