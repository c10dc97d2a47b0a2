"""Vietnamese text is made comparable, and what it holds is found where it stands."""

import time
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text import (
    find_dates,
    find_document_numbers,
    find_emails,
    find_periods,
    find_phones,
    fold,
    nfc_clean,
    plain,
    slug_forms,
    slug_words,
)

PORTAL_TEXT = st.text(
    st.sampled_from("aăâđoôơưyeuhtngqỏủýÁĐ 0123456789/.-():@,–\u0301\u0309\u00a0\u200bTELFax\n"), max_size=200
)


def test_folded_words_agree_whatever_the_letters_are_made_of():
    for written in (
        "Hoà Bình",
        "Hòa Bình",
        unicodedata.normalize("NFD", "Hòa  Bình"),
        "HÒA\u00a0BÌNH",
        "hoa-binh",
        "Hòa\u00ad Bì\u200bnh",
    ):
        assert fold(written) == "hoa binh"
    assert fold("Tin tức - Sự kiện") == fold("Tin tức | Sự kiện") == fold("Tin tức & Sự kiện") == "tin tuc su kien"
    assert fold("Đấu thầu") == "dau thau"
    assert fold("tr\u01a3\u01a1ng") == "truong"
    assert fold("中文") == "中文"


@given(PORTAL_TEXT | st.text(max_size=100))
def test_a_text_folds_alike_beside_a_letter_of_another_script(text):
    assert fold(f"{text} 漢") == f"{fold(text)} 漢".strip()


def test_plain_words_keep_what_folding_loses():
    assert len({plain(word) for word in ("thu", "thủ", "thư", "thù")}) == 4
    assert plain("Hòa") == plain("hoà") == plain(unicodedata.normalize("NFD", "HÒA")) == "hoà"
    assert plain("Thủy sản – Uỷ ban") == plain("Thuỷ sản, Ủy ban") == "thuỷ sản uỷ ban"
    assert plain("quý") == "quý"


def test_clean_text_is_what_a_reader_sees():
    assert nfc_clean(" Giới\u00a0 thiệu\t\n chung\u200b ") == "Giới thiệu chung"
    assert nfc_clean("Lịch\u00ad công tác") == "Lịch công tác"


@given(PORTAL_TEXT | st.text(max_size=100))
def test_making_text_comparable_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert plain(plain(text)) == plain(text)
    assert nfc_clean(nfc_clean(text)) == nfc_clean(text)
    assert "  " not in nfc_clean(text)


@given(PORTAL_TEXT)
def test_plain_words_fold_to_the_same_as_the_text(text):
    assert fold(plain(text)) == fold(text)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://a.gov.vn/Pages/DanhSachLanhDao.aspx", "pages danh sach lanh dao"),
        ("http://a.gov.vn/vn/Gi%E1%BB%9Bi%20thi%E1%BB%87u.html", "vn gioi thieu"),
        ("http://a.gov.vn/index.php?nv=lich-cong-tac&id=12&page=3", "index lich cong tac"),
        ("http://a.gov.vn/#/gioi-thieu/chung", "gioi thieu chung"),
        (
            "http://a.gov.vn/wps/portal/!ut/p/b1/04_SjzQ0NTA1NTAy1I_Qj8pLLMtMTyzJzM9LzAHxo8zi3V3dw4wt",
            "wps portal ut p b1",
        ),
        ("http://[x", "http x"),
    ],
)
def test_an_address_gives_its_words(url, words):
    assert slug_words(url) == words


def test_labels_as_addresses_write_them_also_without_d():
    assert slug_forms("Đấu thầu") == {"dau thau", "dauthau", "au thau", "authau"}
    assert "hoi ap" in slug_forms("Hỏi đáp")
    assert slug_forms("") == frozenset()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12/03/2017", ["2017-03-12"]),
        ("12-3-2017", ["2017-03-12"]),
        ("12.03.2017.", ["2017-03-12"]),
        ("Hà Nội, ngày 12 tháng 3 năm 2017", ["2017-03-12"]),
        (unicodedata.normalize("NFD", "ngày 12 tháng 3 năm 2017"), ["2017-03-12"]),
        ("12 Tháng 03, 2017", ["2017-03-12"]),
        ("2017-03-12T08:30:00", ["2017-03-12"]),
        ("Thứ hai, 12/03/2017 08:30", ["2017-03-12"]),
        ("12/3/17", ["2017-03-12"]),
        ("từ 13/03/2017 đến 17/03/2017", ["2017-03-13", "2017-03-17"]),
        ("(13/3/2017-19/3/2017)", ["2017-03-13", "2017-03-19"]),
        ("31/02/2017, 12/13/2017, 0/0/0000", []),
        ("12/3/95", []),
        ("ngày 13/3", []),
        ("43/2011/NĐ-CP", []),
        ("192.168.1.2017", []),
        ("1/2/2017/4", []),
    ],
)
def test_dates_as_portals_write_them(text, days):
    assert [str(found.date) for found in find_dates(text)] == days


def test_a_day_without_a_year_needs_one_given():
    assert [found.date for found in find_dates("ngày 13/3 và ngày 14/03/2016", 2017)] == [
        date(2017, 3, 13),
        date(2016, 3, 14),
    ]


def test_a_found_date_is_where_it_says():
    text = "Đăng ngày 12/03/2017 lúc 8 giờ"
    (found,) = find_dates(text)
    assert text[found.start : found.end] == "12/03/2017"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Tuần 11 (từ ngày 13/3 đến 19/3/2017)", "2017-03-13", "2017-03-19"),
        ("Lịch từ 13/03/2017 đến 17/03/2017", "2017-03-13", "2017-03-17"),
        ("13/03 - 19/03/2017", "2017-03-13", "2017-03-19"),
        ("13-19/3/2017", "2017-03-13", "2017-03-19"),
        ("Từ ngày 13 đến ngày 19 tháng 3 năm 2017", "2017-03-13", "2017-03-19"),
        ("Từ ngày 27 tháng 2 đến ngày 05 tháng 3 năm 2017", "2017-02-27", "2017-03-05"),
        ("26/12 - 01/01/2017", "2016-12-26", "2017-01-01"),
        ("Tháng 3/2017", "2017-03-01", "2017-03-31"),
        ("tháng 12 năm 2016", "2016-12-01", "2016-12-31"),
        ("tuần 12 năm 2017", "2017-03-20", "2017-03-26"),
    ],
)
def test_weeks_months_and_ranges(text, start, end):
    ((first, last, quote, span),) = find_periods(text, None)
    assert (str(first), str(last)) == (start, end)
    assert text[slice(*span)] == quote


def test_periods_without_a_year_take_the_one_given_or_none():
    ((first, last, *_),) = find_periods("Tuần thứ 12, từ ngày 13/3 đến ngày 19/3", 2017)
    assert (first, last) == (date(2017, 3, 13), date(2017, 3, 19))
    assert find_periods("từ ngày 13/3 đến ngày 19/3", None) == ()
    assert find_periods("Tuần 11", None) == ()
    assert find_periods("họp mỗi tuần 2 lần, ngày 12 tháng 3 năm 2017", 2017) == ()
    assert find_periods("Tuần 60", 2017) == ()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Nghị định số 43/2011/NĐ-CP ngày 13/6/2011", ["43/2011/NĐ-CP"]),
        ("62/QĐ-BTTTT và 310/BTTTT-ƯDCNTT", ["62/QĐ-BTTTT", "310/BTTTT-ƯDCNTT"]),
        ("Chỉ thị 12-CT/TW", ["12-CT/TW"]),
        ("Luật số 80/2015/QH13", ["80/2015/QH13"]),
        ("43/2011/NĐ – CP", ["43/2011/NĐ-CP"]),
        ("1234/TTr-UBND, 5/QĐ-TTg.", ["1234/TTr-UBND", "5/QĐ-TTg"]),
        ("1/2 và 3/4, ngày 12/03/2017, trực 24/7, số nhà 12/A, km/h", []),
    ],
)
def test_document_numbers(text, numbers):
    assert [found.number for found in find_document_numbers(text)] == numbers


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Email: Van.Thu@mau.gov.vn.", ["van.thu@mau.gov.vn"]),
        ("vanthu(at)mau.gov.vn; a [a] mau.gov.vn", ["vanthu@mau.gov.vn", "a@mau.gov.vn"]),
        ("vanthu @ mau.gov.vn", ["vanthu@mau.gov.vn"]),
        ("abc [at] mau [dot] gov.vn", ["abc@mau.gov.vn"]),
        ("@mau a@b Nghị định (a) khoản [b]", []),
    ],
)
def test_email_addresses(text, addresses):
    assert [found.address for found in find_emails(text)] == addresses


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Điện thoại: 0236.3821262 - Fax: 0236.3821263", [("02363821262", "phone"), ("02363821263", "fax")]),
        ("(04) 3846 0735", [("0438460735", "unknown")]),
        ("+84-24-38460735", [("02438460735", "unknown")]),
        ("(84-4) 3846 0735", [("0438460735", "unknown")]),
        ("Đường dây nóng 1900 1234", [("19001234", "phone")]),
        ("ĐT: 38.460.735", [("38460735", "phone")]),
        ("Tel/Fax: 04.3846.0735", [("0438460735", "phone"), ("0438460735", "fax")]),
        ("Điện thoại: 04.38460735, 04.38460736", [("0438460735", "phone"), ("0438460736", "phone")]),
        ("Điện thoại: 080 43162; Fax: 080.43190", [("08043162", "phone"), ("08043190", "fax")]),
        ("01.02.2017 08:30", []),
        ("giá 1.234.567.890 đồng, 3821262 hồ sơ", []),
    ],
)
def test_telephone_numbers(text, numbers):
    assert [(found.number, found.kind) for found in find_phones(text)] == numbers


FINDERS = (find_dates, find_document_numbers, find_emails, find_phones, lambda text: find_dates(text, 2017))


@given(PORTAL_TEXT | st.text(max_size=200))
def test_finding_never_fails_and_spans_lie_in_the_text_in_order(text):
    for find in FINDERS:
        spans = [(found.start, found.end) for found in find(text)]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert spans == sorted(spans)
    for period in find_periods(text, 2017):
        assert period.start <= period.end
        assert text[slice(*period.span)] == period.quote
    slug_words(text)


@pytest.mark.parametrize(
    "unit", ["1/2/", "0 ", "a", "a.", "@", "(", "1-", "tháng ", "12 tháng 3 ", "A/", "1/A-", "+84 ", "đ", "Đt:0 "]
)
def test_time_grows_with_the_length_of_the_text(unit):
    def spent(length: int) -> float:
        text = (unit * length)[:length]
        begun = time.process_time()
        for find in (*FINDERS, lambda text: find_periods(text, 2017), fold, plain, slug_words):
            find(text)
        return time.process_time() - begun

    assert spent(40_000) < 12 * max(spent(10_000), 0.02)  # four times the text; quadratic would be sixteen
