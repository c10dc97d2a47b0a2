"""What gathering is told of a page: its links with their places and labels, its forms, names and frames."""

import pytest

from crawler.facts.outline import outline
from crawler.facts.parse import parse
from crawler.model import Place

URL = "https://mau.gov.vn/vi/trang/index.html?x=1"


def read(markup: str, url: str = URL, **options):
    return outline(parse(markup.encode()), url, **options)


def link(markup: str):
    links = read(markup).links
    assert len(links) == 1, links
    return links[0]


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/lich", "https://mau.gov.vn/lich"),
        ("lich.html", "https://mau.gov.vn/vi/trang/lich.html"),
        ("../lich.html", "https://mau.gov.vn/vi/lich.html"),
        ("?p=2", "https://mau.gov.vn/vi/trang/index.html?p=2"),
        ("//khac.gov.vn/a", "https://khac.gov.vn/a"),
        ("http://khac.gov.vn", "http://khac.gov.vn"),
        (" /hai từ.html\n", "https://mau.gov.vn/hai%20từ.html"),
        ("/a#muc", "https://mau.gov.vn/a"),
        ("#/lich", "https://mau.gov.vn/vi/trang/index.html?x=1#/lich"),
        ("/app#!/lich", "https://mau.gov.vn/app#!/lich"),
        ("javascript:window.open('/cua-so','_blank')", "https://mau.gov.vn/cua-so"),
        ("javascript:taive('a.doc','/tep/a.doc')", "https://mau.gov.vn/tep/a.doc"),
    ],
)
def test_links_are_absolute_without_fragment_unless_it_is_a_route(href, url):
    assert link(f'<a href="{href}">Lịch</a>').url == url


@pytest.mark.parametrize(
    "href",
    [
        "#muc",
        "",
        "javascript:void(0)",
        "mailto:a@mau.gov.vn",
        "tel:0236",
        "ftp://mau.gov.vn/a",
        "http://[x",
        "data:text/html,x",
    ],
)
def test_what_leads_to_no_page_is_no_link(href):
    assert read(f'<a href="{href}">x</a>').links == ()


def test_the_pages_base_is_obeyed():
    assert read('<head><base href="/goc/"></head><a href="a">x</a>').links[0].url == "https://mau.gov.vn/goc/a"
    assert (
        read('<head><base href="javascript:1"></head><a href="a">x</a>').links[0].url == "https://mau.gov.vn/vi/trang/a"
    )


def test_links_hide_in_lists_click_handlers_maps_and_frames():
    page = read(
        '<select onchange="go()"><option value="">--Chọn--</option><option value="http://so.mau.gov.vn">Sở Mẫu</option></select>'
        "<div onclick=\"location.href='/bam'\">Bấm</div><span onclick=\"window.open('/mo')\">Mở</span>"
        '<map><area href="/vung" alt="Vùng"></map><iframe src="/khung"></iframe>'
    )
    assert [(each.url, each.label) for each in page.links] == [
        ("http://so.mau.gov.vn", "Sở Mẫu"),
        ("https://mau.gov.vn/bam", "Bấm"),
        ("https://mau.gov.vn/mo", "Mở"),
        ("https://mau.gov.vn/vung", "Vùng"),
    ]
    assert page.frames == ("https://mau.gov.vn/khung",)


@pytest.mark.parametrize(
    ("inside", "label"),
    [
        ("<b>Giới</b> thiệu", "Giới thiệu"),
        ('<img src="a.png" alt="Lịch công tác">', "Lịch công tác"),
        ('<img src="a.png" title="Lịch công tác">', "Lịch công tác"),
        ('<img src="/anh/lich_cong-tac.png">', "lich cong tac"),
        ('<img src="a.png" alt="Qu&amp;#225;n">', "Quán"),
        ("<span>CÔNG BÁO</span><em>CÔNG BÁO</em>", "CÔNG BÁO"),
        ('<span style="display:none">Ẩn</span>', "Ẩn"),
    ],
)
def test_a_link_is_called_what_a_reader_knows_it_by(inside, label):
    assert link(f'<a href="/x">{inside}</a>').label == label


def test_a_link_without_words_or_picture_is_called_by_its_title_then_aria_label():
    assert link('<a href="/x" title="Trang chủ"></a>').label == "Trang chủ"
    assert link('<a href="/x" aria-label="Trang chủ"></a>').label == "Trang chủ"


BODY = "<div id=main>" + "<p>chữ</p>" * 30 + "</div>"


@pytest.mark.parametrize(
    ("around", "place"),
    [
        ("<nav>{}</nav>", Place.MENU),
        ("<header>{}</header>", Place.MENU),
        ("<div class='mainMenu'>{}</div>", Place.MENU),
        ("<div id='top-nav'>{}</div>", Place.MENU),
        ("<div role=navigation>{}</div>", Place.MENU),
        ("<div class='site-footer'>{}</div>", Place.FOOTER),
        ("<div id=chan-trang>{}</div>", Place.FOOTER),
        ("<footer><ul class=menu><li>{}</ul></footer>", Place.FOOTER),
        ("<ol class=breadcrumb><li>{}</ol>", Place.BREADCRUMB),
        ("<nav aria-label=Breadcrumb>{}</nav>", Place.BREADCRUMB),
        ("<aside>{}</aside>", Place.SIDE),
        ("<div class='col-right'>{}</div>", Place.SIDE),
        ("<dl class='portlet portletNavigationTree'><dd><ul class='navTree'><li>{}</ul></dl>", Place.MENU),
        ("<article><header>{}</header></article>", Place.BODY),
        ("<div class='panel-footer'>{}</div>", Place.BODY),
        ("<div class='news-header'>{}</div>", Place.BODY),
        ("<ul class='nav nav-tabs'><li>{}</ul>", Place.BODY),
        ("<div class='has-menu'>{}</div>", Place.BODY),
        ("<p>{}</p>", Place.BODY),
    ],
)
def test_where_a_link_stands_is_read_from_what_it_stands_in(around, place):
    assert read(around.format("<a href=/x>Lịch</a>") + BODY).links[0].place == place


def test_a_frame_round_the_whole_page_is_no_menu_whatever_its_name():
    assert read("<div class=menu-left-layout>" + "<p><a href=/x>Tin</a>" * 20 + "</div>").links[0].place == Place.BODY


def test_an_old_menu_of_table_cells_is_known_by_its_short_links():
    cells = "".join(f"<td><a href=/{i}>Mục số {i}</a>" for i in range(8))
    page = read(
        f"<table><tr>{cells}</table><table><tr><td>"
        + "Nội dung dài của trang. " * 40
        + "<a href=/c>Chi tiết</a></table>"
    )
    assert [each.place for each in page.links] == [Place.MENU] * 8 + [Place.BODY]


def test_names_of_the_page():
    page = read(
        "<html lang=vi><head><title> Trang\nmẫu </title><meta http-equiv=refresh content=\"5; URL='/moi'\"></head>"
        "<h1>Một <small>hai</small></h1><div role=heading aria-level=3>Ba</div><h2></h2>"
        "<ul class=breadcrumb><li><a href=/>Trang chủ</a> » </li><li>Giới thiệu</li></ul>"
    )
    assert (page.title, page.lang, page.encoding, page.refresh) == (
        "Trang mẫu",
        "vi",
        "utf-8",
        "https://mau.gov.vn/moi",
    )
    assert [(each.level, each.text) for each in page.headings] == [(1, "Một hai"), (3, "Ba")]
    assert page.breadcrumb == ("Trang chủ", "Giới thiệu")
    assert "Giới thiệu" in page.brief


@pytest.mark.parametrize(
    "box",
    [
        "<form action=/tim><input type=text name=q></form>",
        "<form action=/tim><input type=search name=x></form>",
        "<form action=/tim><input name=a placeholder='Nhập từ khóa'></form>",
        "<form action=/tim><label for=i>Tìm kiếm</label><input id=i name=a></form>",
        "<form action=/tim><input name=ctl00$txtSearch></form>",
        "<div><input type=text placeholder='Tìm kiếm…'><button>Tìm</button></div>",
        "<form method=post><p>" + "<b>x</b>" * 40 + "<input type=text name=tukhoa></form>",
    ],
)
def test_a_search_box_is_known_inside_a_form_or_out(box):
    assert any(form.searches for form in read(box).forms)


@pytest.mark.parametrize(
    "box",
    [
        "<form><input name=user><input type=password name=key><input name=q></form>",
        "<form><input name=hoten placeholder='Họ tên'><textarea name=noidung></textarea></form>",
        "<form><input type=hidden name=q></form>",
        "<form><input name=email placeholder='Email nhận tin'></form>",
    ],
)
def test_other_forms_are_not_taken_for_a_search_box(box):
    assert [form.searches for form in read(box).forms] == [False]


def test_a_form_tells_its_fields():
    (form,) = read(
        "<form action=gui method=POST><label>Họ tên <input name=ten></label><select name=so></select><textarea name=nd title='Nội dung'></textarea>"
        "<input type=submit value='Gửi'></form>"
    ).forms
    assert (form.action, form.method) == ("https://mau.gov.vn/vi/trang/gui", "post")
    assert [(each.name, each.kind, each.label) for each in form.fields] == [
        ("ten", "text", "Họ tên"),
        ("so", "select", ""),
        ("nd", "textarea", "Nội dung"),
        ("", "submit", "Gửi"),
    ]


def test_a_page_built_by_script_is_known_by_what_it_lacks():
    assert read("<div id=app></div><script src=a.js></script>").scripted is True
    assert read("<div id=app>" + "Nội dung của trang. " * 30 + "</div><script src=a.js></script>").scripted is False
    assert read("<div id=app></div>").scripted is False


def test_links_have_paths_only_where_asked_for():
    assert link("<a href=/x>a</a>").selector == ""
    assert read("<a href=/x>a</a>", selectors=True).links[0].selector == "html > body:nth-child(2) > a:nth-child(1)"


MENU = "<nav>" + "".join(f'<a href="/{n}">Chuyên mục số {n} của cổng</a>' for n in range(30)) + "</nav>"


@pytest.mark.parametrize(
    ("body", "scripted"),
    [
        ("<script src=a.js></script><div data-url='/w/1'><span>Đang tải...</span></div>", True),
        ("<script src=a.js></script><ul><li>{{ tin.tieuDe }}</li></ul>", True),
        ("<div><span>Đang tải...</span></div>", False),
        ("<script src=a.js></script><span>Đang tải...</span><p>" + "Nội dung bài viết đầy đủ. " * 20 + "</p>", False),
        ("<script src=a.js></script><div data-url=/w/1><i class=spin></i></div>", True),
        ("<script src=a.js></script><p>Chưa có bài viết.</p>", False),
    ],
)
def test_a_page_that_waits_for_its_content_is_built_by_scripts(body, scripted):
    assert read(f"<body>{MENU}{body}</body>").scripted is scripted
