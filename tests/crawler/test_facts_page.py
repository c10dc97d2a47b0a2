"""Texts, tables, lists and documents of a page come out as a reader would tell them."""

from datetime import date

import pytest

from crawler.facts.entries import entries
from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.facts.template import recurring_form, template_texts
from crawler.model import Place

URL = "https://mau.gov.vn/muc/"


def read(markup: str, evidence: str = "e"):
    return page_facts(parse(markup.encode()), URL, evidence)


def test_runs_of_text_follow_the_page_and_leave_out_what_is_not_shown():
    page = read(
        "<h1>Tiêu đề</h1><div>Đầu <p>Giữa<br>dòng</p> cuối</div><ul><li>Một</ul><dl><dt>Tên<dd>Trị</dl>"
        "<p hidden>ẩn</p><p style='color:red; display: none'>ẩn</p><script>ẩn</script><noscript>ẩn</noscript><footer>Chân</footer>"
    )
    assert [(each.tag, each.text) for each in page.texts] == [
        ("h1", "Tiêu đề"), ("div", "Đầu"), ("p", "Giữa dòng"), ("div", "cuối"), ("li", "Một"), ("dt", "Tên"), ("dd", "Trị"), ("footer", "Chân"),
    ]  # fmt: skip
    assert page.texts[-1].place == Place.FOOTER


def test_spans_are_repeated_so_that_columns_line_up():
    (table,) = read(
        "<table><tr><th rowspan=2>Tên<th colspan=2>Năm<tr><th>2015<th>2016<tr><td>Lúa<td>1<td>2</table>"
    ).tables
    assert [row.cells for row in table.rows] == [("Tên", "Năm", "Năm"), ("Tên", "2015", "2016"), ("Lúa", "1", "2")]
    assert [row.heading for row in table.rows] == [True, True, False]


def test_tables_that_lay_out_the_page_are_no_data():
    data = "<table><tr><td>Xã A<td>10<tr><td>Xã B<td>20</table>"
    assert len(read(f"<table><tr><td>menu<td>{data}<tr><td>a<td>b</table>").tables) == 1
    assert read("<table><tr><td>một<tr><td>hai</table>").tables == ()
    assert read("<table role=presentation><tr><td>Xã A<td>10<tr><td>Xã B<td>20</table>").tables == ()
    long = "Một đoạn văn dài. " * 40
    assert read(f"<table><tr><td>{long}<td>{long}<tr><td>{long}<td>{long}</table>").tables == ()
    menu = "".join(f"<li><a href=/muc/{n}>Mục thứ {n}</a></li>" for n in range(25))
    said = "<p>Một câu trả lời ngắn" * 20
    columns = f"<tr><td colspan=2>Trang thông tin<td>Hôm nay<tr><td><ul class=menu-doc>{menu}</ul><td><p>Đáp:</p>{said}<td>Thông báo"
    assert read(f"<table border=1>{columns}<tr><td>Địa chỉ<td>Khu 4<td>Điện thoại</table>").tables == ()


def item(n: int, when: str = "", tag: str = "li") -> str:
    return f"<{tag}><a href=/tin/{n}.html>Hội nghị sơ kết công tác lần thứ {n}</a> <span>{when}</span></{tag}>"


def test_a_list_of_news_gives_each_title_link_and_date_in_page_order():
    page = read(
        "<nav><ul>"
        + "".join(map(item, range(9, 12)))
        + "</ul></nav><ul>"
        + item(1, "(12/03/2017)")
        + item(2, "11/03/2017 08:30")
        + "</ul>"
    )
    assert [(each.url, each.title, each.date) for each in page.entries] == [
        ("https://mau.gov.vn/tin/1.html", "Hội nghị sơ kết công tác lần thứ 1", date(2017, 3, 12)),
        ("https://mau.gov.vn/tin/2.html", "Hội nghị sơ kết công tác lần thứ 2", date(2017, 3, 11)),
    ]


def test_two_links_without_dates_are_no_list_and_three_are():
    assert read("<ul>" + item(1) + item(2) + "</ul>").entries == ()
    assert len(read("<ul>" + item(1) + item(2) + item(3) + "</ul>").entries) == 3


def test_alternating_classes_do_not_part_a_list():
    rows = "".join(
        f"<div class='tin {'odd' if n % 2 else 'even'} item-{n}'><a href=/t{n}>Tin tức hoạt động số {n}</a></div>"
        for n in range(4)
    )
    assert len(read(f"<div>{rows}</div>").entries) == 4


def test_a_title_is_not_taken_from_buttons_beside_it_nor_a_date_from_prose():
    rows = "".join(
        f"<div class=tin><a href=/t{n}><img src=a.png></a><h3><a href=/t{n}>Ra quân trồng cây {n}</a></h3><time datetime=2017-03-0{n + 1}></time>"
        f"<p>Sáng ngày 01/01/2001, tại trụ sở, lãnh đạo đã dự buổi lễ ra quân trồng cây đầu năm cùng nhân dân.</p><a href=/t{n}>Xem chi tiết</a></div>"
        for n in range(3)
    )
    assert [(each.title, each.date) for each in read(f"<div>{rows}</div>").entries] == [
        (f"Ra quân trồng cây {n}", date(2017, 3, n + 1)) for n in range(3)
    ]


def test_boxes_that_hold_lists_give_the_lists_members():
    boxes = "".join(
        "<div class=box><h3>Chuyên mục</h3><ul>" + "".join(item(n * 10 + i) for i in range(3)) + "</ul></div>"
        for n in range(3)
    )
    assert len(read(f"<div>{boxes}</div>").entries) == 9


def test_a_term_and_what_is_said_of_it_are_one_member():
    rows = "".join(
        f"<dt><a href=/vb/{n}>Ban hành quy trình giám định số {n}</a></dt>"
        f"<dd><span>Ngày ban hành: 0{n + 1}/03/2017</span> <a href=/tep/{n}.pdf>Tải tệp</a></dd>"
        for n in range(3)
    )
    assert [(each.url, each.date) for each in read(f"<dl>{rows}</dl>").entries] == [
        (f"https://mau.gov.vn/vb/{n}", date(2017, 3, n + 1)) for n in range(3)
    ]
    under_one_head = "<dt>Tin mới</dt>" + "".join(item(n, tag="dd") for n in range(3))
    assert len(read(f"<dl>{under_one_head}</dl>").entries) == 3


def test_banners_and_unset_dates_are_left_out():
    banners = "".join(
        f"<div class=b><a href=/b{n}><img src=a.png alt='Chuyên trang cải cách hành chính'></a></div>" for n in range(4)
    )
    assert read(f"<div>{banners}</div>").entries == ()
    assert [
        each.date for each in read("<ul>" + "".join(item(n, "01/01/1970") for n in range(3)) + "</ul>").entries
    ] == [None] * 3


def test_the_only_news_of_a_section_is_found_by_its_heading_and_date():
    page = read("<div class=tin><h2><a href=/t1>Khai mạc hội chợ thương mại</a></h2><p>15/05/2017 04:23</p></div>")
    assert [(each.title, each.date) for each in page.entries] == [("Khai mạc hội chợ thương mại", date(2017, 5, 15))]


def test_side_boxes_count_only_where_the_body_has_no_list():
    side = "<aside><ul>" + "".join(item(n) for n in range(20, 24)) + "</ul></aside>"
    body = "<ul>" + "".join(item(n) for n in range(3)) + "</ul>"
    assert len(read(side + body).entries) == 3
    assert len(read(side + "<p>Chữ</p>").entries) == 4


LISTING = """<table><tr><th>STT<th>Số/Ký hiệu<th>Ngày ban hành<th>Trích yếu<th>Cơ quan ban hành<th>Tải về</tr>
<tr><td>1<td>12/2017/QĐ-UBND<td>10/03/2017<td><a href=/vb/1>Ban hành quy chế phối hợp</a><td>UBND tỉnh<td><a href=/tep/1.pdf>Tải về</a></tr>
<tr><td>2<td>08/CT-UBND<td>02/03/2017<td><a href=/vb/2>Tăng cường quản lý</a><td>UBND tỉnh<td><a href=/tep/2.doc>Tải về</a></tr></table>"""


def test_a_table_of_documents_gives_one_for_each_row():
    page = read(LISTING)
    first, second = page.documents
    assert (first.number, first.issued, first.abstract, first.issuer) == (
        "12/2017/QĐ-UBND",
        date(2017, 3, 10),
        "Ban hành quy chế phối hợp",
        "UBND tỉnh",
    )
    assert (first.url, first.files) == ("https://mau.gov.vn/vb/1", ("https://mau.gov.vn/tep/1.pdf",))
    assert second.number == "08/CT-UBND"
    assert first.selector.endswith("tr:nth-child(2)")
    assert [each.url for each in page.entries] == ["https://mau.gov.vn/vb/1", "https://mau.gov.vn/vb/2"]


FIELDS = [
    ("Số ký hiệu", "12/2017/QĐ-UBND"), ("Loại văn bản", "Quyết định"), ("Ngày ban hành", "10/03/2017"), ("Ngày có hiệu lực", "20/03/2017"),
    ("Cơ quan ban hành", "UBND tỉnh"), ("Người ký", "Nguyễn Văn A"), ("Tình trạng hiệu lực", "Còn hiệu lực"), ("Trích yếu", "Ban hành quy chế phối hợp"),
]  # fmt: skip


@pytest.mark.parametrize(
    "markup",
    [
        "<table>" + "".join(f"<tr><td>{name}<td>{value}" for name, value in FIELDS) + "</table>",
        "<table>"
        + "".join(
            f"<tr><td>{FIELDS[i][0]}<td>{FIELDS[i][1]}<td>{FIELDS[i + 1][0]}<td>{FIELDS[i + 1][1]}"
            for i in (0, 2, 4, 6)
        )
        + "</table>",
        "<dl>" + "".join(f"<dt>{name}:</dt><dd>{value}</dd>" for name, value in FIELDS) + "</dl>",
        "".join(f"<div class=row><div>{name}</div><div><span>{value}</span></div></div>" for name, value in FIELDS),
        "".join(f"<p><b>{name}:</b> {value}</p>" for name, value in FIELDS),
        "<ul>" + "".join(f"<li>{name} : {value}</li>" for name, value in FIELDS) + "</ul>",
        "<p>" + " ".join(f"{name}: {value};" for name, value in FIELDS) + "</p>",
    ],
)
def test_a_documents_fields_are_read_however_they_are_laid_out(markup):
    page = read(f"<h1>Chi tiết</h1>{markup}<p><a href=/tep/12.pdf>Tệp đính kèm</a></p>")
    (document,) = page.documents
    assert (document.number, document.kind, document.issuer, document.signer) == (
        "12/2017/QĐ-UBND",
        "Quyết định",
        "UBND tỉnh",
        "Nguyễn Văn A",
    )
    assert (document.issued, document.effective, document.abstract) == (
        date(2017, 3, 10),
        date(2017, 3, 20),
        "Ban hành quy chế phối hợp",
    )
    assert document.files == ("https://mau.gov.vn/tep/12.pdf",)
    fields = {"number", "kind", "issuer", "signer", "abstract", "issued", "effective", "files"}
    assert set(document.selectors) == fields
    (link,) = [link for link in page.outline.links if link.url == document.files[0]]
    assert document.selectors["files"] == link.selector


def test_several_authorities_in_one_label_are_followed_by_one_value_each():
    (document,) = read(
        "<table><tr><td>Số hiệu<td>12/2017/QĐ-UBND<tr><td>Cơ quan ban hành/ Chức danh/ Người ký<td>UBND tỉnh<td>Chủ tịch<td>Trần B</table>"
    ).documents
    assert (document.issuer, document.signer) == ("UBND tỉnh", "Trần B")


def test_an_abstract_without_a_label_is_the_line_that_opens_the_table_else_the_heading_above():
    (opened,) = read(
        "<table><tr><td colspan=2>Về việc quản lý đất<tr><td>Số hiệu<td>1/2017/QĐ-UBND<tr><td>Ngày ban hành<td>1/2/2017</table>"
    ).documents
    (headed,) = read(
        "<h2>Quyết định về quản lý đất đai</h2><table><tr><td>Số hiệu<td>1/2017/QĐ-UBND<tr><td>Người ký<td>B</table>"
    ).documents
    assert (opened.abstract, headed.abstract) == ("Về việc quản lý đất", "Quyết định về quản lý đất đai")


def test_list_members_that_bear_a_number_are_documents_and_those_that_mention_one_are_not():
    links = [
        "Quyết định số 12/2017/QĐ-UBND ngày 10/3/2017 về quy chế",
        "08/CT-UBND: Tăng cường quản lý đất",
        "Họp triển khai Nghị định 43/2011/NĐ-CP",
    ]
    page = read("<ul>" + "".join(f"<li><a href=/v{i}>{text}</a></li>" for i, text in enumerate(links)) + "</ul>")
    assert [(each.number, each.kind, each.issued) for each in page.documents] == [
        ("12/2017/QĐ-UBND", "Quyết định", date(2017, 3, 10)),
        ("08/CT-UBND", "", None),
    ]


def test_names_of_search_fields_and_lists_to_choose_from_are_no_values():
    search = "<form><div>Số ký hiệu</div><div><input name=a></div><div>Ngày ban hành</div><div>12/03/2017</div><div>Người ký</div><div>Tất cả</div></form>"
    assert read(search).documents == ()
    box = "<div><div>Loại văn bản</div><ul><li><a href=/a>Luật</a><li><a href=/b>Nghị định</a><li><a href=/c>Thông tư</a><li><a href=/d>Lệnh</a></ul></div>"
    (document,) = read(box + "<p>Số ký hiệu: 1/2017/QĐ-UBND</p>").documents
    assert document.kind == ""


def test_ordinary_pages_hold_no_document():
    assert read("<p>Nội dung: họp giao ban</p><p>Ngày: 12/03/2017</p><p>Điện thoại: 0236 3821262</p>").documents == ()


def test_pictures_are_named_by_what_they_show_and_their_file():
    page = read(
        '<img src="/anh/ban-do-hanh-chinh.jpg" alt="Bản đồ"><img src="data:image/png;base64,AAAA"><img data-src="/anh/2.png">'
    )
    assert [(each.url, each.label) for each in page.images] == [
        ("https://mau.gov.vn/anh/ban-do-hanh-chinh.jpg", "Bản đồ ban do hanh chinh"),
        ("https://mau.gov.vn/anh/2.png", "2"),
    ]


def test_metadata_goes_by_lower_case_name():
    page = read(
        '<meta name="DC.Title" content=" Trang  mẫu "><meta name=dc.title content=khác><meta property=og:site_name content=Cổng><meta charset=utf-8>'
    )
    assert page.meta == {"dc.title": "Trang mẫu", "og:site_name": "Cổng"}


def test_dates_are_mentioned_where_they_are_written():
    (mention,) = read("<p>Đăng ngày 12/03/2017</p>").dates
    assert (mention.date, mention.quote) == (date(2017, 3, 12), "12/03/2017")
    assert mention.selector == "html > body:nth-child(2) > p:nth-child(1)"


def test_the_template_is_what_recurs_over_pages_that_differ():
    pages = [read(f"<nav><p>Trang CHỦ</p></nav><p>Bài viết số {n}</p>", f"e{n}") for n in range(5)]
    assert template_texts(pages) == {"trang chu"}
    assert template_texts(pages[:2]) == frozenset()
    assert template_texts([pages[0]] * 5) == frozenset()
    assert template_texts([read("<p>Trang chủ</p><p>Một</p>", f"x{n}") for n in range(5)]) == frozenset()


def test_a_clock_that_runs_on_recurs_like_what_stands_beside_it():
    pages = [read(f"<p>Thứ tư, 09/03/2016 08:00:0{n}</p><p>Bài {n}, 14:30</p>", f"e{n}") for n in range(5)]
    assert template_texts(pages) == {"thu tu 09 03 2016"}
    assert {recurring_form(text.text) for page in pages for text in page.texts} & template_texts(pages)


def test_entries_can_be_had_without_the_rest():
    assert len(entries(parse(("<ul>" + item(1, "1/2/2017") + item(2, "2/2/2017") + "</ul>").encode()), URL)) == 2


def test_columns_of_a_page_are_no_list():
    body = "".join(item(n, f"0{n}/03/2017") for n in (1, 2, 3))
    page = f"""<table><tr><td><form><input name=q></form><a href="/don-vi">Viện Khoa học Hải vận trung ương</a></td>
    <td><h1>Tin tức</h1><ul>{body}</ul></td><td><a href="/lk">Cổng thông tin tỉnh bạn láng giềng</a> 16/03/2017</td></tr></table>"""
    assert [entry.date for entry in entries(parse(page.encode()), "http://mau.gov.vn/")] == [
        date(2017, 3, 1), date(2017, 3, 2), date(2017, 3, 3),
    ]  # fmt: skip


def test_a_plain_title_beside_a_file_s_button_is_the_members():
    row = (
        "<div class=vb><div>{0}/QĐ-UBND</div><div>{1}</div><div>Ngày {2} <a href='/tep/{0}.pdf'>Tải về</a></div></div>"
    )
    page = row.format(12, "Tặng Bằng khen cho năm doanh nghiệp cứu hộ", "08/11/2017") + row.format(
        13, "Tặng Cờ thi đua cho Công ty Thủy sản", "10/10/2017"
    )
    found = entries(parse(page.encode()), "http://mau.gov.vn/")
    assert [(entry.title, entry.url) for entry in found] == [
        ("Tặng Bằng khen cho năm doanh nghiệp cứu hộ", "http://mau.gov.vn/tep/12.pdf"),
        ("Tặng Cờ thi đua cho Công ty Thủy sản", "http://mau.gov.vn/tep/13.pdf"),
    ]


def test_labels_set_apart_by_their_markup_need_no_colon():
    page = """<h1>Quy định thẩm tra đài quan sát</h1><ul><li><b>Loại hình</b> Thông tư</li><li><b>Số hiệu</b> 01/2016/TT-ĐTV</li>
    <li><b>Nơi ban hành</b> Đài Thiên văn</li><li><b>Ngày ký</b> 19/01/2016</li></ul>"""
    (fields,) = read(page).documents
    assert (fields.kind, fields.number, fields.issuer, fields.issued) == (
        "Thông tư", "01/2016/TT-ĐTV", "Đài Thiên văn", date(2016, 1, 19),
    )  # fmt: skip


@pytest.mark.parametrize("next_label", ["Nói về", "Phụ lục", "Độ ưu tiên"])
def test_a_field_left_empty_does_not_take_the_next_label_for_its_value(next_label: str) -> None:
    rows = [
        ("Số hiệu", "6/2016/TT-BM"),
        ("Ngày ký", "20/05/2016"),
        ("Có hiệu lực", ""),
        (next_label, "Quy chuẩn chất lượng nước"),
    ]
    table = "".join(f"<tr><td><b>{label}:</b></td><td>{value}</td></tr>" for label, value in rows)
    (document,) = read(f"<table>{table}</table>").documents
    assert (document.number, document.effective, document.effective_text) == ("6/2016/TT-BM", None, "")
