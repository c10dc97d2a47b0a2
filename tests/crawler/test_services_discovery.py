"""Services as portals list them, against those declared."""

from __future__ import annotations

from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.model import PageFacts
from crawler.services.discovery import Gap, differences, found_services
from crawler.services.model import Service


def page(body: str) -> PageFacts:
    markup = f"<html><head><meta charset=utf-8><title>DVC</title></head><body>{body}</body></html>".encode()
    return page_facts(parse(markup, "text/html; charset=utf-8"), "http://a.gov.vn/dvc", "0" * 64)


LIST = page(
    "<h2>Lĩnh vực Xây dựng</h2><ul><li>Cấp phép xây dựng - mức độ 3 - <a href='/n'>Nộp</a></li>"
    "<li>Đăng ký kinh doanh (Mức 4)</li><li>Tra cứu - mức độ 2</li></ul>"
    "<p>Chọn lĩnh vực, chọn dịch vụ mức độ 3, điền đầy đủ thông tin. Dịch vụ được cung cấp ở mức độ 3.</p>"
)
TABLE = page(
    "<table><tr><th>STT</th><th>Tên dịch vụ</th><th>Cơ quan</th><th>Mức độ</th></tr>"
    "<tr><td>1</td><td>Cấp phép xây dựng</td><td>Sở Xây dựng</td><td>Mức độ 4</td></tr>"
    "<tr><td>2</td><td>Cấp chứng chỉ hành nghề dược</td><td>Sở Y tế</td><td>3</td></tr>"
    "<tr><td>3</td><td>Khác</td><td>Sở Y tế</td><td>toàn trình</td></tr></table>"
)


def declared(*named: tuple[str, int]) -> list[Service]:
    return [Service(id=str(n), agency="a", name=name, level=level) for n, (name, level) in enumerate(named)]


def test_lists_and_tables_state_names_and_levels() -> None:
    assert [(each.name, each.level) for each in found_services([LIST])][:2] == [
        ("Cấp phép xây dựng", 3), ("Đăng ký kinh doanh", 4),
    ]  # fmt: skip
    assert [(each.name, each.level) for each in found_services([TABLE])] == [
        ("Cấp phép xây dựng", 4), ("Cấp chứng chỉ hành nghề dược", 3),
    ]  # fmt: skip
    assert all(each.selector and each.quote for each in found_services([LIST, TABLE]))


def test_prose_that_speaks_of_levels_lists_no_service() -> None:
    prose = page("<p>Dịch vụ được cung cấp ở mức độ 3. Người dân nộp hồ sơ tại nhà.</p><p>Đạt mức độ 4</p>")
    assert found_services([prose]) == ()


def test_the_three_differences() -> None:
    found = found_services([LIST])
    told = differences(declared(("Cấp phép xây  dựng", 4), ("Đổi giấy phép lái xe", 3), ("Thủ tục mức hai", 2)), found)
    assert [(each.gap, (each.declared or each.found).name) for each in told if each.declared or each.found] == [  # type: ignore[union-attr]
        (Gap.LEVEL, "Cấp phép xây  dựng"), (Gap.NOT_FOUND, "Đổi giấy phép lái xe"), (Gap.NOT_DECLARED, "Đăng ký kinh doanh"),
    ]  # fmt: skip
    same = declared(("Cấp phép xây dựng", 3), ("ĐĂNG KÝ KINH DOANH", 4))
    assert differences(same, found) == ()


def test_where_no_list_was_seen_nothing_is_told_missing() -> None:
    assert differences(declared(("Cấp phép xây dựng", 3)), ()) == ()
