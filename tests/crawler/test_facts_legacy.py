"""Old encodings of Vietnamese told by their letters; what is pressed on a page; pictures nobody describes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.facts.legacy import Legacy, legacy
from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.model import PageFacts

SOUND = "Cộng hòa xã hội chủ nghĩa Việt Nam. Độc lập - Tự do - Hạnh phúc. Ủy ban nhân dân tỉnh ban hành quyết định về việc phê duyệt"
TCVN3 = "Céng hoµ x· héi chñ nghÜa ViÖt Nam. §éc lËp - Tù do - H¹nh phóc. Uû ban nh©n d©n tØnh ban hµnh quyÕt ®Þnh vÒ viÖc phª duyÖt"
VNI = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam. Ñoäc laäp - Töï do - Haïnh phuùc. UÛy ban nhaân daân tænh ban haønh quyeát ñònh"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SOUND, Legacy.NONE),
        (TCVN3, Legacy.TCVN3),
        (VNI, Legacy.VNI),
        (SOUND.encode().decode("cp1252", "replace"), Legacy.MISREAD),
        ("Uy ban nhan dan tinh ban hanh quyet dinh ve viec phe duyet quy hoach su dung dat", Legacy.NONE),
        ("The naïve delegation from München and Malmö met the deputy minister, who spoke of the plan for the coming year", Legacy.NONE),
    ],
)  # fmt: skip
def test_an_encoding_is_told_by_its_letters(text: str, kind: Legacy) -> None:
    assert legacy([text])[0] is kind


def test_the_text_that_shows_it_is_given() -> None:
    assert legacy(["Trang chủ", TCVN3]) == (Legacy.TCVN3, TCVN3)


def test_a_few_stray_letters_among_good_text_are_no_garble() -> None:
    assert legacy([SOUND, SOUND, "Céng ty ®iÖn lùc"])[0] is Legacy.NONE


@given(st.lists(st.text(max_size=200), max_size=20))
def test_any_text_is_read(texts: list[str]) -> None:
    kind, shown = legacy(texts)
    assert (kind is Legacy.NONE) == (shown == "")


def facts(body: str) -> PageFacts:
    return page_facts(parse(f"<html><body>{body}</body></html>".encode()), "http://mau.gov.vn/tin/1", "e")


def test_controls_are_what_runs_a_script_or_is_pressed() -> None:
    seen = facts(
        '<a href="javascript:window.print()">In trang</a><a href="#" title="Lưu"><i class="fa fa-save"></i></a>'
        '<button onclick="xuat()">Xuất</button><input type="submit" value="Gửi"><a href="/tin/2">Tin khác</a>'
    )
    assert [(one.label, one.script) for one in seen.controls] == [
        ("In trang", "javascript:window.print()"),
        ("Lưu", ""),
        ("Xuất", "xuat()"),
        ("Gửi", ""),
    ]
    assert "fa-save" in seen.controls[1].icon


def test_a_picture_without_alternative_text_is_undescribed_and_a_decoration_is_not() -> None:
    seen = facts('<img src="a.jpg"><img src="b.jpg" alt=""><img src="c.jpg" alt="Bản đồ"><img src="d.jpg" title="Cờ">')
    assert len(seen.undescribed) == 1
    assert len(seen.images) == 4
