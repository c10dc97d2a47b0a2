"""A page that answers well and is not what was asked for is told from one that is."""

import pytest

from crawler.facts.outline import outline
from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.facts.soft import is_captcha, is_login_wall, is_maintenance, same_page, similarity

URL = "https://mau.gov.vn/"
MENU = "<nav><ul>" + "".join(f"<li><a href=/m{i}>Chuyên mục thứ {i} của cổng</a>" for i in range(30)) + "</ul></nav>"


def page(body: str, title: str = "Cổng mẫu", read=outline):
    parsed = parse(f"<html><head><title>{title}</title></head><body>{MENU}{body}</body></html>".encode())
    return outline(parsed, URL) if read is outline else page_facts(parsed, URL, body)


def bare(body: str):
    return outline(parse(body.encode()), URL)


HOME = "<h1>Cổng thông tin</h1>" + "".join(
    f"<p><a href=/t{i}>Tin hoạt động số {i} trong tuần</a></p>" for i in range(12)
)
ARTICLE = "<h1>Hội nghị sơ kết</h1>" + "<p>Sáng nay lãnh đạo đã dự hội nghị sơ kết công tác.</p>" * 20


@pytest.mark.parametrize("read", [outline, page_facts])
def test_the_home_page_served_again_is_the_same_page_and_an_article_is_not(read):
    home, again = page(HOME, read=read), page(HOME + "<p>Truy cập: 12345</p>", read=read)
    assert same_page(home, again)
    assert same_page(home, home)
    assert similarity(home, home) == 1.0
    assert not same_page(home, page(ARTICLE, read=read))
    assert not same_page(page(ARTICLE, read=read), page(ARTICLE.replace("sơ kết", "tổng kết"), read=read))


def test_two_articles_that_share_every_menu_are_two_pages():
    first = page("<p>Toàn văn bài thứ nhất.</p>" * 40, "Cổng mẫu", page_facts)
    second = page("".join(f"<p>Nội dung khác hẳn đoạn {i}.</p>" for i in range(40)), "Cổng mẫu", page_facts)
    assert not same_page(first, second)


def test_likeness_is_the_same_both_ways_and_between_nought_and_one():
    home, article = page(HOME), page(ARTICLE, read=page_facts)
    assert similarity(home, article) == similarity(article, home)
    assert 0 < similarity(home, article) < 1
    assert similarity(bare(""), bare("")) == 1.0


def test_a_page_under_maintenance_says_so_and_little_else():
    assert is_maintenance(bare("<h1>Hệ thống đang bảo trì</h1><p>Vui lòng quay lại sau.</p>"))
    assert is_maintenance(bare("<title>503 Service Temporarily Unavailable</title>"))
    assert not is_maintenance(page("<h1>Thông báo đang bảo trì đường Lê Lợi</h1>" + ARTICLE * 2))
    assert not is_maintenance(bare("<h1>Giới thiệu</h1>"))


def test_a_login_wall_asks_for_a_password_and_offers_little_else():
    form = "<form><label>Tên</label><input name=u><input type=password name=p><button>Đăng nhập</button></form>"
    assert is_login_wall(bare(f"<h2>Đăng nhập hệ thống</h2>{form}"))
    assert not is_login_wall(page(HOME + form))
    assert not is_login_wall(bare("<h2>Hướng dẫn đăng nhập</h2><p>Chữ</p>"))


def test_a_robot_check_is_known_and_a_contact_form_with_one_is_not():
    assert is_captcha(bare("<title>Just a moment...</title><p>Checking your browser before accessing</p>"))
    assert is_captcha(bare("<p>Xác minh bạn là người</p><iframe src='https://x.vn/recaptcha/api'></iframe>"))
    assert not is_captcha(page("<h1>Liên hệ</h1><form><input name=captcha placeholder='Mã xác nhận'></form>"))
    assert not is_captcha(bare("<h1>Không tìm thấy trang</h1>"))
