"""One page under many addresses: what is recognised, and what only looks like it."""

from __future__ import annotations

import pytest

from crawler.gather.guises import (
    FEWEST_CHANGED,
    MOST_ALIKE,
    MOST_OF_A_PATH,
    Tokens,
    Turned,
    is_state_of,
    make,
    turns_list,
)
from crawler.model import Link, Place

ROOT = "http://a.vn"


def menu(token: str, name: str = "phien", labels: int = FEWEST_CHANGED + 1) -> tuple[Link, ...]:
    return tuple(Link(url=f"{ROOT}/m/{n}?{name}={token}", label=f"Mục {n}", place=Place.MENU) for n in range(labels))


ONE, TWO, THREE = "a1b2c3d4e5f6a7b8", "ffffeeee11112222", "0123456789abcdef"


def test_a_token_new_on_every_page_is_learned_and_the_first_one_kept() -> None:
    tokens = Tokens()
    assert tokens.steady(menu(ONE)) == menu(ONE)
    assert tokens.steady(menu(TWO)) == menu(ONE)
    assert tokens.steady((Link(url=f"{ROOT}/x?trang=2&phien={THREE}", label="2", place=Place.BODY),))[0].url == (
        f"{ROOT}/x?trang=2&phien={ONE}"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (menu(ONE), menu(ONE)),  # what names content keeps its value
        (menu(ONE, labels=2), menu(TWO, labels=2)),  # the newest item in a box or two has changed
        (menu(ONE), (*menu(TWO), *menu(ONE)[:1], Link(url=f"{ROOT}/z?phien={ONE}", label="Khác", place=Place.MENU))),
        (menu("17"), menu("18")),  # no token
    ],
)
def test_what_names_content_is_left_alone(first: tuple[Link, ...], second: tuple[Link, ...]) -> None:
    tokens = Tokens()
    tokens.steady((*first, Link(url=f"{ROOT}/z?phien={ONE}", label="Khác", place=Place.MENU)))
    assert tokens.steady(second) == second


def test_links_of_one_name_and_many_tokens_teach_nothing() -> None:
    tokens = Tokens()

    def details(start: int) -> tuple[Link, ...]:
        return tuple(
            Link(url=f"{ROOT}/xem?id={n:016x}", label="Xem chi tiết", place=Place.BODY) for n in range(start, start + 9)
        )

    tokens.steady(details(10**15))
    assert tokens.steady(details(2 * 10**15)) == details(2 * 10**15)


@pytest.mark.parametrize(
    ("url", "page", "expected"),
    [
        ("/tin?sapxep=ngay", "/tin", True),
        ("/tin?id=3&trang=2", "/tin?id=3", True),
        ("/tin?id=4", "/tin?id=3", False),
        ("/tin/bai", "/tin", False),
        ("/Default.aspx?tabid=5", "/Default.aspx", False),
        ("/?tabid=5", "/", False),
        ("/?tabid=5&trang=2", "/?tabid=5", True),
    ],
)
def test_a_further_order_or_part_of_a_page_is_told_from_another_page(url: str, page: str, expected: bool) -> None:
    assert is_state_of(ROOT + url, ROOT + page) is expected


def test_addresses_of_one_make_differ_in_numbers_only() -> None:
    assert make(f"{ROOT}/lich/2017/3/5", "Lịch ngày 5") == make(f"{ROOT}/lich/2016/12/31", "Lịch ngày 31")
    assert make(f"{ROOT}/?id=5", "Công báo") == make(f"{ROOT}/?id=77", "Công báo")
    assert make(f"{ROOT}/?id=5", "Công báo") != make(f"{ROOT}/?id=5", "Thống kê")
    assert make(f"{ROOT}/?muc=lich") != make(f"{ROOT}/?muc=bando")


def test_enough_is_said_per_target_and_per_page_read_once() -> None:
    turned = Turned()
    for _ in range(MOST_ALIKE + 3):
        turned.down("lich", f"{ROOT}/lich/1", "")
    assert not turned.enough("lich", f"{ROOT}/lich/2", "")
    for n in range(MOST_ALIKE):
        turned.down("lich", f"{ROOT}/lich/{n}", "")
    assert turned.enough("lich", f"{ROOT}/lich/99", "")
    assert not turned.enough("tin", f"{ROOT}/lich/99", "")
    for n in range(MOST_OF_A_PATH):
        turned.down("bando", f"{ROOT}/xem?loc{n}=a", f"Nhãn {chr(97 + n)}")
    assert turned.enough("bando", f"{ROOT}/xem?khac=b", "Nhãn mới")


@pytest.mark.parametrize(
    ("url", "label", "expected"),
    [
        ("/tin?trang=2", "2", True),
        ("/tin/trang/2", "»", True),
        ("/tin/3", "Trang sau", True),
        ("/tin?id=3&sapxep=ngay", "Ngày đăng", True),
        ("/lanh-dao?id=2", "Ông Nguyễn Văn A", False),
        ("/tin?page=gioi-thieu-chung", "Giới thiệu", False),
        ("/du-an/nam-2017", "2017", False),
    ],
)
def test_what_turns_a_list_is_told_from_its_members(url: str, label: str, expected: bool) -> None:
    assert turns_list(ROOT + url, label) is expected
