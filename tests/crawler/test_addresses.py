"""Which addresses are one page, and whose they are."""

from __future__ import annotations

import pytest

from crawler.addresses import agency_domain, at_root, is_feed, is_file, is_state_host, key, lies_under
from crawler.model import Block


@pytest.mark.parametrize(
    "other",
    [
        "https://www.a.gov.vn/tin?id=5&trang=2",
        "http://A.gov.vn/tin?trang=2&id=5",
        "http://a.gov.vn/tin;jsessionid=AF09?id=5&trang=2",
        "http://a.gov.vn/tin?id=5&PHPSESSID=9f&trang=2",
        "http://a.gov.vn:80/tin?id=5&trang=2#dau",
        "http://a.gov.vn/(S(x1c5hxz2yq))/tin?id=5&trang=2",
        "http://a.gov.vn/(A(uV3)S(x1c5hxz2yq))/tin?id=5&trang=2",
    ],
)
def test_one_page_has_one_key(other: str) -> None:
    assert key(other) == key("http://a.gov.vn/tin?id=5&trang=2")


@pytest.mark.parametrize(
    "other",
    [
        "http://a.gov.vn/tin?id=6",
        "http://a.gov.vn/tin/(1)?id=5",
        "http://b.a.gov.vn/tin?id=5",
        "http://a.gov.vn/tin?id=5#/muc",
    ],
)
def test_other_pages_have_others(other: str) -> None:
    assert key(other) != key("http://a.gov.vn/tin?id=5")


def test_home_has_many_names() -> None:
    assert key("http://a.gov.vn") == key("http://a.gov.vn/Default.aspx") == key("http://www.a.gov.vn/index.php")
    assert key("http://a.gov.vn/index.php?muc=1") != key("http://a.gov.vn/")


@pytest.mark.parametrize(
    ("portal", "block", "own"),
    [
        ("http://www.danang.gov.vn/", Block.TINH, "danang.gov.vn"),
        ("http://egov.danang.gov.vn/", Block.TINH, "danang.gov.vn"),
        ("http://sotttt.danang.gov.vn/", Block.SO, "sotttt.danang.gov.vn"),
        ("http://vpcp.chinhphu.vn/", Block.BO, "vpcp.chinhphu.vn"),
        ("http://127.0.0.1:8080/", Block.TINH, "127.0.0.1:8080"),
    ],
)
def test_an_agency_owns_the_hosts_under_its_own_name(portal: str, block: Block, own: str) -> None:
    assert agency_domain(portal, block) == own
    assert lies_under(portal, own)


def test_a_name_is_not_owned_by_its_end() -> None:
    assert lies_under("http://congbao.danang.gov.vn/x", "danang.gov.vn")
    assert not lies_under("http://xdanang.gov.vn/", "danang.gov.vn")
    assert not lies_under("http://danang.gov.vn.xau.vn/", "danang.gov.vn")
    assert not lies_under("http://127.0.0.1:8081/", "127.0.0.1:8080")


def test_what_an_address_names() -> None:
    assert is_state_host("http://vbpl.vn/x")
    assert is_state_host("https://dichvucong.gov.vn/")
    assert not is_state_host("http://vbpl.vn.xau.com/")
    assert is_file("http://a.vn/tep/BaoCao.PDF?tai=1")
    assert not is_file("http://a.vn/xem.aspx?tep=x.pdf")
    assert is_feed("http://a.vn/tin/rss")
    assert at_root("https://a.vn:8443/x/y?z=1", "/robots.txt") == "https://a.vn:8443/robots.txt"
