"""Links and pages weighed against targets: labels as portals write them, and the traps among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import frontier
from crawler.labels import matcher
from crawler.model import Heading, Link, Outline, Place, Target

SCHEDULE = Target(
    id="leader-schedule",
    labels=("Lịch công tác", "Lịch làm việc của lãnh đạo UBND tỉnh", "Lịch tuần"),
    rejects=("Lịch tiếp công dân", "Lịch âm"),
)
DOCUMENTS = Target(id="legal-documents", labels=("Văn bản pháp luật", "Văn bản", "Văn bản quy phạm pháp luật"))
PROCUREMENT = Target(id="procurement", labels=("Đấu thầu", "Đấu thầu - Mua sắm công"))
MAIL = Target(id="mailbox", labels=("Thư góp ý",))
MATCHER = matcher((SCHEDULE, DOCUMENTS, PROCUREMENT, MAIL))


def best(label: str, url: str = "http://x.vn/p/17", place: Place = Place.MENU) -> tuple[str, float]:
    found = frontier.weigh_link(MATCHER, Link(url=url, label=label, place=place))
    return (found[0].target, found[0].score) if found else ("", 0.0)


@pytest.mark.parametrize(
    ("label", "target"),
    [
        ("Lịch công tác", "leader-schedule"),
        ("LỊCH CÔNG TÁC", "leader-schedule"),
        ("Lich cong tac", "leader-schedule"),
        ("Lịch làm việc của lãnh đạo UBND tỉnh", "leader-schedule"),
        ("Đấu thấu - Mua sắm công", "procurement"),
        ("Văn bản", "legal-documents"),
        ("Lịch công tác tuần 11/2017", "leader-schedule"),
        ("Li\u0323ch công ta\u0301c", "leader-schedule"),
        ("Văn bản quy phạm", "legal-documents"),
    ],
)
def test_a_menu_label_leads_to_its_target(label: str, target: str) -> None:
    found, score = best(label)
    assert found == target
    assert score >= frontier.CANDIDATE


@pytest.mark.parametrize(
    "label",
    [
        "Chủ tịch tỉnh dự lễ công bố văn bản quy hoạch mới của Chính phủ về phát triển đô thị",
        "Tin tức",
        "",
        "Lịch tiếp công dân",
    ],
)
def test_what_only_resembles_a_label_is_no_candidate(label: str) -> None:
    assert best(label)[1] < frontier.CANDIDATE


def test_an_address_alone_can_make_a_candidate_also_where_the_system_dropped_the_letter_d() -> None:
    assert best("", "http://x.vn/lich-cong-tac.html") == ("leader-schedule", pytest.approx(0.72))
    assert best("", "http://x.vn/web/guest/-au-thau")[0] == "procurement"


def test_a_label_and_its_address_together_beat_the_label_elsewhere() -> None:
    both = best("Lịch công tác tuần này của lãnh đạo", "http://x.vn/lich-cong-tac")
    assert both > best("Lịch công tác tuần này của lãnh đạo", "http://x.vn/p/9")


def test_letters_without_their_marks_are_weak_evidence() -> None:
    assert best("Thủ góp y")[1] < 0.7 < best("Thư góp ý")[1]


def test_the_menu_beats_the_body() -> None:
    assert best("Lịch công tác")[1] > best("Lịch công tác", place=Place.BODY)[1]


def page(title: str = "", headings: tuple[str, ...] = (), breadcrumb: tuple[str, ...] = ()) -> Outline:
    return Outline(
        url="http://x.vn/",
        title=title,
        headings=tuple(Heading(2, text, "") for text in headings),
        breadcrumb=breadcrumb,
        links=(),
        forms=(),
        lang="vi",
        encoding="utf-8",
        text_length=900,
        scripted=False,
    )


def test_a_page_is_known_by_its_own_names_not_by_those_of_the_site() -> None:
    home = page("Cổng thông tin điện tử tỉnh Mẫu", ("Văn bản", "Tin tức"))
    known = frontier.known_names(home)
    schedule = page("Lịch công tác - Cổng thông tin điện tử tỉnh Mẫu", ("Văn bản", "Tin tức"))
    found = frontier.confirm(MATCHER, schedule, known)
    assert found["leader-schedule"].score >= frontier.CONFIRMED
    assert "legal-documents" not in found


def test_a_page_that_names_itself_something_rejected_is_rejected() -> None:
    found = frontier.confirm(MATCHER, page("Lịch tiếp công dân định kỳ của Chủ tịch"), frontier.Known())
    assert found["leader-schedule"].score == 0.0


@given(st.text(max_size=300), st.text(max_size=60))
def test_weighing_never_fails_and_stays_between_0_and_1(label: str, path: str) -> None:
    for found in frontier.weigh_link(MATCHER, Link(url=f"http://x.vn/{path}", label=label, place=Place.MENU)):
        assert 0 < found.score <= 1


@pytest.mark.parametrize(
    ("text", "target", "least"),
    [
        ("Lịch công tác tuần 11 năm 2017", "leader-schedule", 0.95),
        ("Lịch công tác tuần 12 (từ ngày 20/3 đến ngày 24/3/2017)", "leader-schedule", 0.95),
        ("Văn bản QPPL", "legal-documents", 0.95),
        ("Lịch tuần, lịch công tác các đơn vị", "leader-schedule", 0.7),
        ("Lịch làm việc của lãnh đạo", "leader-schedule", 0.6),
    ],
)
def test_names_with_periods_abbreviations_and_shortened_ones_are_known(text: str, target: str, least: float) -> None:
    assert frontier.weigh_text(MATCHER, text)[target].score >= least


def test_the_agency_s_own_name_after_a_label_does_not_change_what_it_names() -> None:
    own = matcher((Target(id="history", labels=("Lịch sử",)),), agency="UBND tỉnh Bắc Trạch")
    score = {
        text: frontier.weigh_text(own, text)["history"].score
        for text in ("Lịch sử tỉnh Bắc Trạch", "Lịch sử tỉnh Sơn Hà")
    }
    assert score["Lịch sử tỉnh Bắc Trạch"] > 0.95 > score["Lịch sử tỉnh Sơn Hà"]


def test_a_text_that_may_be_short_for_several_targets_labels_is_none() -> None:
    two = (Target(id="a", labels=("Danh mục các dự án",)), Target(id="b", labels=("Danh mục các đề tài",)))
    assert frontier.weigh_text(matcher(two), "Danh mục các") == {}


@pytest.mark.parametrize(
    ("title", "crumb", "label", "names"),
    [
        ("Cổng A", ("Trang chủ", "Điều hành"), "Lịch công tác", ("Lịch công tác",)),
        ("Lịch công tác - Cổng A", ("Trang chủ", "Điều hành"), "Lịch", ("Lịch công tác",)),
        ("Cổng A", ("Trang chủ", "Điều hành"), "", ("Điều hành",)),
        ("Lịch công tác", ("Trang chủ", "Lịch công tác"), "", ("Lịch công tác",)),
    ],
)
def test_a_page_goes_by_its_own_name_else_by_its_label_else_by_its_breadcrumb(
    title: str, crumb: tuple[str, ...], label: str, names: tuple[str, ...]
) -> None:
    outline = Outline(
        url="http://x.vn/a",
        title=title,
        headings=(),
        breadcrumb=crumb,
        links=(),
        forms=(),
        lang="",
        encoding="",
        text_length=0,
        scripted=False,
    )
    assert frontier.names_of(outline, frontier.Known(titles=frozenset({"cong a"})), label) == names
