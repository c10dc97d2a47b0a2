"""Bytes become a tree, whatever the bytes; the tree's paths are those a browser would give."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.facts.page import page_facts
from crawler.facts.parse import MOST_BYTES, decode, parse
from crawler.facts.tree import selector_of, text_of

WORD = "Giới thiệu chung"


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "declared"),
    [
        (WORD.encode(), "text/html; charset=utf-8", "utf-8", "utf-8"),
        (f"<meta charset=utf-8>{WORD}".encode(), "text/html", "utf-8", "utf-8"),
        (b"\xef\xbb\xbf" + WORD.encode(), "text/html; charset=iso-8859-1", "utf-8", "windows-1252"),
        (WORD.encode(), "", "utf-8", ""),
        (WORD.encode("utf-16"), "", "utf-16-le", ""),
        (f"<meta charset=utf-16>{WORD}".encode(), "", "utf-8", "utf-8"),
        (WORD.encode(), "text/html; charset=unicode_escape", "utf-8", ""),
        (WORD.encode(), "text/html; charset=rot13", "utf-8", ""),
    ],
)
def test_text_is_read_in_the_encoding_it_is_in(body, content_type, encoding, declared):
    read = decode(body, content_type)
    assert read.text.endswith(WORD)
    assert (read.encoding, read.declared) == (encoding, declared)


def test_old_vietnamese_bytes_are_read_with_marks_composed():
    body = "<p>Giới thiệu</p>".replace("ớ", "ơ\u0301").replace("ệ", "ê\u0323").encode("cp1258")
    page = parse(body, "text/html; charset=windows-1258")
    assert page.encoding == "windows-1258"
    assert text_of(page.root) == "Giới thiệu"
    assert parse(body).encoding == "windows-1258"  # undeclared and no UTF-8


def test_paths_count_element_siblings_from_one_and_skip_text_and_comments():
    page = parse(b"<html><head><title>t</title></head><body>x<!-- c --><div></div>y<div><p>a<p>b</div>")
    last = [each for each in page.elements if each.tag == "p"][-1]
    assert selector_of(last) == "html > body:nth-child(2) > div:nth-child(2) > p:nth-child(2)"
    assert [each.tag for each in page.within(last.parent)] == ["div", "p", "p"]
    assert [each.at for each in page.elements] == list(range(len(page.elements)))


def test_a_picture_in_the_heads_noscript_does_not_end_the_head():
    page = parse(b"<html><head><noscript><img src=x></noscript><title>t</title></head><body><p>a</p></body></html>")
    (paragraph,) = [each for each in page.elements if each.tag == "p"]
    assert selector_of(paragraph) == "html > body:nth-child(2) > p:nth-child(1)"


def test_odd_names_are_escaped_in_paths():
    page = parse(b"<body><o:p>x</o:p>")
    assert selector_of(page.elements[-1]) == r"html > body:nth-child(2) > o\:p:nth-child(1)"


def test_inline_boxes_without_a_space_are_parted_only_where_a_word_ends():
    assert text_of(parse("<p><b>Đường dây nóng</b><i>Sở ngành</i></p>".encode()).root) == "Đường dây nóng Sở ngành"
    assert text_of(parse("<p><b>Cộng</b><b>hoà</b> <u>H</u>ọc</p>".encode()).root) == "Cộnghoà Học"


def test_what_is_longer_than_is_read_is_said_to_be_clipped():
    assert parse(b"<p>x" * 10).clipped is False
    assert parse(b" " * (MOST_BYTES + 1)).clipped is True
    assert parse(b"<p>" * 70_000).clipped is True


MARKUP = st.lists(
    st.sampled_from(
        ["<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "<th>", "<td colspan=3 rowspan=2>", "</table>", "<a href='/x'>", "</a>", "<a href=''>",
         "<a href='http://[x'>", "<a href='javascript:window.open(\"/y\")'>", "<form>", "<input name=q>", "<input type=password>", "</form>",
         "<select><option value=/z>", "</select>", "<h1>", "<h2>", "</h2>", "<div class=menu>", "<div class=breadcrumb>", "<footer>", "</div>",
         "<nav>", "<p hidden>", "<p style='display:none'>", "<script>", "</script>", "<!--", "-->", "<base href='http://b/'>", "<base href='::'>",
         "<meta http-equiv=refresh content='0;url=/r'>", "<iframe src=/f>", "<frameset><frame src=a>", "<svg>", "<title>", "<template>", "<plaintext>",
         "Số ký hiệu", "Số ký hiệu: 43/2011/NĐ-CP", "Ngày ban hành", "12/03/2017", " Tin tức sự kiện mới nhất ", "\x00", "&amp;", "<", ">", "\"",
         "<noscript>", "<label for=q>Tìm kiếm</label>", "<dl><dt>Trích yếu<dd>", "<img alt='Lịch' src='a/b.png'>", "</body>", "<body>", "<html lang=vi>"]
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    MARKUP.map("".join).map(str.encode) | st.binary(max_size=200),
    st.sampled_from(["", "text/html; charset=utf-16", "text/html; charset=big5"]),
)
def test_any_bytes_are_read_without_failing_and_alike_each_time(body, content_type):
    facts = page_facts(parse(body, content_type), "https://mau.gov.vn/a/", "e")
    assert facts == page_facts(parse(body, content_type), "https://mau.gov.vn/a/", "e")
    known = {selector_of(each) for each in parse(body, content_type).elements}
    pointed = [*facts.texts, *facts.tables, *facts.entries, *facts.dates, *facts.documents, *facts.images]
    assert {
        each.selector for each in [*pointed, *facts.outline.links, *facts.outline.forms, *facts.outline.headings]
    } <= known
    assert all(link.url.startswith(("http://", "https://")) for link in facts.outline.links)


@pytest.mark.parametrize(
    "unit",
    ["<div>", "<ul><li>", "<p><font color={}>x", "<a href={}><p>x", "<table><tr><td>", "<h2><a href=/a>mot hai ba bon nam</a></h2>1/1/2017",
     "<li><a href=/{}>tin tuc so mot hai ba</a> 12/03/2017", "<p>Số ký hiệu</p><p>{}/2011/NĐ-CP</p>", "<div><form></div>", "<input name=q>",
     "<select><option value=/a>b", "<div class=breadcrumb>a / ", "<noscript>", "<!--", "<b><div></b>", "&amp;", "<"],
)  # fmt: skip
def test_time_grows_with_the_length_of_the_page(unit):
    def spent(length: int) -> float:
        body = "".join(unit.replace("{}", str(i)) for i in range(length // len(unit))).encode()
        return min(once(body) for _ in range(3))

    def once(body: bytes) -> float:
        begun = time.thread_time()
        page_facts(parse(body), "https://mau.gov.vn/", "e")
        return time.thread_time() - begun

    assert spent(60_000) < 10 * max(spent(15_000), 0.04)  # four times the page; quadratic would be sixteen


def test_one_tag_of_many_attributes_costs_no_more_than_a_long_page():
    begun = time.process_time()
    parse(b"<div " + b"".join(b"a%d=1 " % i for i in range(40_000)) + b">x</div>")
    assert time.process_time() - begun < 1.0  # seconds; ten times that uncut
