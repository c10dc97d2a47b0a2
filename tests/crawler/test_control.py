"""Which answers show that our own side works, and what a captive network answers instead."""

from __future__ import annotations

import pytest

from crawler.control import OurNetworkDown, ask_controls
from tests.crawler.loopback import Answer, page, serving
from tests.crawler.visits import Open, Straight

HOME = "http://luon-song.vn/"
LOGIN = "http://cong-wifi.vn/dang-nhap"


def itself(path: str, _body: str) -> Answer:
    return page("", 302, ("Location", "http://www.luon-song.vn/vi")) if path == "/" else page("<h1>Trang  Chủ</h1>")


def captive(path: str, _body: str) -> Answer:
    return page("", 302, ("Location", LOGIN)) if path == "/" else page("<h1>Đăng nhập để dùng mạng</h1>")


def in_its_place(_path: str, _body: str) -> Answer:
    return page("<h1>Đăng nhập để dùng mạng</h1>")


@pytest.mark.parametrize(
    ("answer", "url", "good", "error"),
    [
        (itself, HOME, True, ""),
        (itself, f"{HOME}#trang%20chủ", True, ""),
        (captive, HOME, False, "the answer is from cong-wifi.vn"),
        (in_its_place, f"{HOME}#Trang chủ", False, "the answer does not say “Trang chủ”"),
        (lambda _path, _body: page("", 404), HOME, True, ""),
        (lambda _path, _body: page("", 511), HOME, False, ""),
    ],
)
async def test_only_the_control_s_own_answer_is_good(answer: object, url: str, good: bool, error: str) -> None:
    with serving(answer) as site:  # type: ignore[arg-type]
        (control,) = await ask_controls(Straight(site.port), Open(), [url], jar="thu")
    assert (control.good, control.error) == (good, error)
    assert not [path for path in site.paths() if "#" in path]


async def test_why_no_control_was_good_is_told() -> None:
    with serving(captive) as site:
        made = await ask_controls(Straight(site.port), Open(), [HOME], jar="thu")
    assert str(OurNetworkDown(made)) == f"our own network is down ({HOME}: the answer is from cong-wifi.vn)"
