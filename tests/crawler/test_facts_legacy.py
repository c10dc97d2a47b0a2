"""Old encodings of Vietnamese told by their words and read; what is pressed on a page; pictures nobody describes."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crawler.facts.legacy import Legacy, garbled, kept_bytes, read, spread, suspect
from crawler.facts.page import page_facts
from crawler.facts.parse import decode, parse
from crawler.facts.syllables import is_syllable
from crawler.model import PageFacts, Place, Text
from tests.portals.encodings import encoded

SOUND = "Cộng hòa xã hội chủ nghĩa Việt Nam. Độc lập - Tự do - Hạnh phúc. Ủy ban nhân dân tỉnh ban hành quyết định về việc phê duyệt"
TCVN3 = "Céng hoµ x· héi chñ nghÜa ViÖt Nam. §éc lËp - Tù do - H¹nh phóc. Uû ban nh©n d©n tØnh ban hµnh quyÕt ®Þnh vÒ viÖc phª duyÖt"
VNI = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam. Ñoäc laäp - Töï do - Haïnh phuùc. UÛy ban nhaân daân tænh ban haønh quyeát ñònh"
FRENCH = "Où est la forêt ? Près du dépôt, à côté de l'hôtel, dès que le maître aura reçu la lettre, tôt ou tard, où l'on a goûté du thé bien sûr"
GERMAN = "Für die Grüße der Bürger müssen schöne Wörter her: größer, höher, früher, nächste Straße, Käse, Öl, Übung, ähnlich, süß"
PORTUGUESE = "A informação não está disponível em português; São Paulo, avó, avô, você, três, lâmpada, ênfase, pôr, irmã, órgão, à noite"
ENGLISH = "The naïve delegation from München and Malmö met the deputy minister; © 2015, 5 µg, § 7, ½ day, Microsoft®, 20°C, 4 × 4"


def shown(data: bytes, codec: str) -> str:
    """Bytes as a browser shows them: what a codec lacks is a control character."""
    return "".join(bytes([code]).decode(codec, "ignore") or chr(code) for code in data)


def one(text: str) -> tuple[str, Legacy]:
    """A page of one string, read."""
    reading = read(text, spread([text]))
    return reading.text, reading.kind


@pytest.mark.parametrize(
    "sound", [SOUND, FRENCH, GERMAN, PORTUGUESE, ENGLISH, SOUND + FRENCH, unicodedata.normalize("NFD", SOUND), ""]
)
def test_sound_text_in_any_language_stays_as_it_is(sound: str) -> None:
    assert one(sound) == (sound, Legacy.NONE)
    sentences = [part for part in sound.split(",") if part]
    page = spread(sentences)
    assert [read(part, page).text for part in sentences] == sentences


@pytest.mark.parametrize(("text", "kind", "begins"), [(TCVN3, Legacy.TCVN3, "Cộng hoà xã hội"), (VNI, Legacy.VNI, "Cộng hòa xã hội")])  # fmt: skip
def test_letters_that_stand_for_others_are_read(text: str, kind: Legacy, begins: str) -> None:
    meant, told = one(text)
    assert told is kind
    assert meant.startswith(begins)
    assert all(is_syllable(word) for word in ("hoà", "nghĩa", "duyệt", "Độc"))
    assert suspect(text)
    assert not suspect(SOUND)


SYLLABLES = ["nghiêng", "khuỷu", "Nguyễn", "đường", "được", "giặt", "giũ", "quyết", "thuở", "hoặc", "xoè", "kỹ", "ngữ", "ẵm", "ửng", "Đặng", "Ôn", "đến", "từ",
             "những", "ruộng", "lúa", "phẳng", "ổn", "tổ", "chức", "bộ", "máy", "vàng", "mỏ", "gì", "yêu", "biển", "cỏ", "trẻ", "ỷ", "lại", "Sở", "mãi", "vẽ",
             "cằn", "lặng", "tầm", "hẫng", "nhẫn", "bẩn", "ẩm", "bé", "mẹ", "ghẹ", "ễnh", "lễ", "bề", "bĩu", "tịch", "hỏi", "võ", "nồi", "rỗi", "chờ", "lỡ",
             "mù", "rủ", "vũ", "bụi", "ừ", "hử", "sứ", "mực", "kỳ", "ly", "mỳ", "quỵ"]  # fmt: skip
SENTENCES = st.lists(
    st.sampled_from([*SYLLABLES, "ban", "hanh", "so", "12/2010/QĐ-UBND", "-", "(a),", "2016."]), min_size=8, max_size=60
)


@settings(max_examples=150, deadline=None)
@given(SENTENCES, st.sampled_from(["tcvn3", "vni", "windows-1258"]), st.sampled_from(["cp1252", "cp1258", "utf-8"]))
def test_what_was_written_is_read_again_in_whatever_way_its_bytes_came(
    words: list[str], encoding: str, codec: str
) -> None:
    assume(len({word for word in words if not word.isascii() and word in SYLLABLES}) >= 6)
    meant = " ".join(["được", *words])
    data = encoded(meant, encoding)
    text = kept_bytes(data) if codec == "utf-8" else shown(data, codec)
    assert unicodedata.normalize("NFC", one(text)[0]) == meant


@settings(max_examples=100, deadline=None)
@given(SENTENCES, st.sampled_from(["cp1252", "latin-1", "cp1258"]))
def test_utf_8_taken_for_single_bytes_is_read_again(words: list[str], codec: str) -> None:
    meant = " ".join(words)
    assume(len({letter for letter in meant if letter >= "\u1ea0"}) >= 3)
    assert one(shown(meant.encode(), codec)) == (meant, Legacy.MISREAD)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=9).map(" ".join), max_size=12), st.booleans())
def test_unicode_text_is_never_read_as_anything_else(strings: list[str], apart: bool) -> None:
    strings = [unicodedata.normalize("NFD", string) for string in strings] if apart else strings
    page = spread(strings)
    assert [read(string, page).text for string in strings] == strings


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_is_read(texts: list[str]) -> None:
    page = spread(texts)
    for text in texts:
        reading = read(text, page)
        assert (reading.kind is Legacy.NONE) or reading.text != reading.shown
    kind, worst = garbled([Text(text=text, selector="p", place=Place.BODY) for text in texts])
    assert (kind is Legacy.NONE) == (worst is None)


def test_capitals_of_tcvn3_are_told_from_the_letters_beside_them() -> None:
    assert one("CéNG HOµ X· HéI CHñ NGHÜA VIÖT NAM")[0] == "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    assert one(f"{TCVN3}. Uû ban nh©n d©n huyÖn ¢n ThÞnh")[0].endswith("Uỷ ban nhân dân huyện Ân Thịnh")


def facts(body: str | bytes, content_type: str = "") -> PageFacts:
    whole = body if isinstance(body, bytes) else f"<html><body>{body}</body></html>".encode()
    return page_facts(parse(whole, content_type), "http://mau.gov.vn/tin/1", "e")


def test_a_font_of_capitals_shows_small_letters_as_capitals() -> None:
    seen = facts(
        f'<p>{TCVN3}</p><p style="font-family: .VnTimeH">uû ban nh©n d©n tØnh</p><font face=".VnArialH">kÕ ho¹ch <b>ng©n s¸ch</b></font>'
        '<p style="font-family:.VnTime">kÕ ho¹ch</p>'
    )
    assert [text.text for text in seen.texts][1:] == ["UỶ BAN NHÂN DÂN TỈNH", "KẾ HOẠCH NGÂN SÁCH", "kế hoạch"]


def test_a_page_that_is_partly_in_an_old_encoding_is_read_whole_and_says_which_part() -> None:
    seen = facts(
        f"<h1>Lịch sử hình thành</h1><p>{SOUND}</p><p>{VNI}</p><p>{TCVN3}</p><h2>Cơ cấu tổ chức</h2>"
        '<a href="/a" title="LÞch sö">Đọc tiếp</a>'
    )
    assert [(text.garbled, text.text[:9]) for text in seen.texts] == [
        ("", "Lịch sử h"), ("", "Cộng hòa "), ("VNI", "Cộng hòa "), ("TCVN3 (ABC)", "Cộng hoà "), ("", "Cơ cấu tổ"), ("", "Đọc tiếp"),
    ]  # fmt: skip
    assert seen.texts[3].shown == TCVN3
    assert seen.outline.links[0].title == "Lịch sử"
    assert garbled(seen.texts[2:3]) == (Legacy.VNI, seen.texts[2])
    assert garbled(seen.texts[:2]) == (Legacy.NONE, None)


def test_a_few_stray_letters_among_good_text_are_no_garble() -> None:
    seen = facts(f"<p>{SOUND}<p>{SOUND}<p>Céng ty ®iÖn lùc")
    assert seen.texts[-1].text == "Công ty điện lực".replace("Công", "Cộng")
    assert garbled(seen.texts) == (Legacy.NONE, None)


@pytest.mark.parametrize(
    ("data", "content_type", "encoding", "declared", "kind"),
    [
        (SOUND.encode(), "text/html; charset=iso-8859-1", "utf-8", "windows-1252", Legacy.MISREAD),
        (SOUND.encode(), "text/html; charset=windows-1258", "utf-8", "windows-1258", Legacy.MISREAD),
        (b"\xef\xbb\xbf" + SOUND.encode(), "text/html; charset=iso-8859-1", "utf-8", "windows-1252", Legacy.NONE),
        (encoded(SOUND, "windows-1258"), "text/html; charset=utf-8", "windows-1258", "utf-8", Legacy.WINDOWS_1258),
        (encoded(SOUND, "windows-1258"), "text/html; charset=iso-8859-1", "windows-1252", "windows-1252", Legacy.WINDOWS_1258),
        (encoded(SOUND, "windows-1258"), "", "windows-1258", "", Legacy.NONE),
        (encoded(SOUND, "vni"), "text/html; charset=utf-8", "windows-1252", "utf-8", Legacy.VNI),
        (encoded(SOUND, "vni"), "", "windows-1258", "", Legacy.VNI),
        (SOUND.encode("utf-16"), "", "utf-16-le", "", Legacy.NONE),
    ],
)  # fmt: skip
def test_a_wrong_charset_is_noted_and_the_page_read(data: bytes, content_type: str, encoding: str, declared: str, kind: Legacy) -> None:  # fmt: skip
    bom = 3 if data[:3] == b"\xef\xbb\xbf" else 2 if data[:2] == b"\xff\xfe" else 0
    markup = ["<p>", "</p>"]
    before, after = [part.encode("utf-16-le" if bom == 2 else "ascii") for part in markup]
    seen = facts(data[:bom] + before + data[bom:] + after, content_type)
    assert seen.texts[0].text == SOUND
    assert (seen.outline.encoding, seen.outline.declared) == (encoding, declared)
    assert garbled(seen.texts)[0] is kind
    assert bool(seen.texts[0].shown) == bool(seen.texts[0].garbled) == (kind is not Legacy.NONE)


def test_one_broken_letter_leaves_a_page_as_it_is() -> None:
    seen = facts(
        f"<p>{SOUND}</p><p>dòng h\xf4ng</p>".encode().replace("ô".encode(), b"\xf4"), "text/html; charset=utf-8"
    )
    assert seen.texts[0].text == SOUND
    assert seen.texts[1].text == "dòng h\ufffdng"
    assert decode(SOUND.encode()[:-1], "text/html; charset=utf-8").encoding == "utf-8"


def test_letters_that_were_lost_are_told() -> None:
    seen = facts(f"<p>{shown(SOUND.encode(), 'ascii')}</p>".encode("ascii", "replace").replace(b"?", b"\xef\xbf\xbd"))
    assert garbled(seen.texts)[0] is Legacy.LOST


def test_marks_and_letters_apart_read_like_letters() -> None:
    page = (
        '<title>Văn bản chỉ đạo</title><h1>Văn bản chỉ đạo</h1><ul class=menu><li><a href=/a title="Giới thiệu">Giới thiệu</a></ul>'
        "<table><tr><th>Số ký hiệu<th>Ngày ban hành<th>Trích yếu<tr><td>12/2016/QĐ-UBND<td>12/03/2016<td>Về việc quản lý đất đai</table>"
        f"<p>{SOUND}</p><form><label for=q>Tìm kiếm</label><input id=q name=q></form>"
    )
    apart = unicodedata.normalize("NFD", page)
    mixed = apart[: len(apart) // 2] + unicodedata.normalize("NFC", apart[len(apart) // 2 :])
    assert facts(apart) == facts(page) == facts(mixed)


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


@pytest.mark.parametrize(
    "unit", ["hµnh chÝnh ", "chöùc naêng ", "á»™", "Ã\xa0", "µ", "ñ", "a\u0301", "<b title=chøc>chøc</b>"]
)
def test_time_grows_with_the_length_of_a_page_in_old_letters(unit: str) -> None:
    def spent(length: int) -> float:
        body = ("<p>" + TCVN3 + VNI + unit * (length // len(unit))).encode()
        return min(once(body) for _ in range(3))

    def once(body: bytes) -> float:
        begun = time.thread_time()
        parse(body)
        return time.thread_time() - begun

    assert spent(40_000) < 10 * max(spent(10_000), 0.02)  # four times the page; quadratic would be sixteen
