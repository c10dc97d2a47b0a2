"""The browser's way out: what it lets through, refuses, counts and bounds."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from crawler.model import VisitStatus
from crawler.netguard import OPEN_WORLD, World
from crawler.proxy import GuardProxy, Limits
from tests.crawler.loopback import Answer, free_port, page, raw, reset, serving

WORLD = World(only_networks=("127.0.0.1/32",))


async def ask(url: str, request: str) -> tuple[str, str]:
    """Head and body of what the proxy at `url` answers to a raw request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(request.replace("\n", "\r\n").encode())
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.decode("utf-8", "replace").partition("\r\n\r\n")
    return head, body


async def get(url: str, target: str, *headers: str) -> tuple[str, str]:
    lines = "".join(f"{header}\n" for header in headers)
    return await ask(url, f"GET {target} HTTP/1.1\nHost: x\n{lines}\n")


def echo(path: str, body: str) -> Answer:
    return page(f"{path} {body}")


async def test_plain_requests_and_bodies_go_through() -> None:
    with serving(echo) as site:
        async with GuardProxy(WORLD) as proxy:
            head, body = await get(proxy.url, f"http://127.0.0.1:{site.port}/a?b=c")
            assert head.startswith("HTTP/1.1 200")
            assert body == "/a?b=c "
            posted = f"POST http://127.0.0.1:{site.port}/tim HTTP/1.1\nHost: x\nContent-Length: 5\n\nq=lịc"
            assert (await ask(proxy.url, posted))[1].startswith("/tim q=l")
            assert proxy.main.contacted == {"127.0.0.1": 2}
            assert proxy.main.bytes_read > 0
            assert proxy.main.refused == []


async def test_a_tunnel_carries_bytes_both_ways() -> None:
    with serving(echo) as site:
        async with GuardProxy(WORLD) as proxy:
            head, body = await ask(
                proxy.url,
                f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\n\nGET /in-the-tunnel HTTP/1.1\nHost: x\nConnection: close\n\n",
            )
            assert head.startswith("HTTP/1.1 200")
            assert body.endswith("/in-the-tunnel ")


async def test_mapped_hosts_reach_the_mapped_port() -> None:
    with serving(echo) as site:
        world = World(only_networks=("127.0.0.1",), resolve={"danang.gov.vn": f"127.0.0.1:{site.port}"})
        async with GuardProxy(world) as proxy:
            await ask(proxy.url, "GET http://DaNang.gov.vn./x HTTP/1.1\nHost: danang.gov.vn\n\n")
            assert site.log == [("danang.gov.vn", "GET", "/x")]
            assert (await get(proxy.url, "http://hue.gov.vn/"))[0].startswith("HTTP/1.1 403")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "[::1]", "0.0.0.0"]
)
async def test_the_open_world_gives_no_way_to_loopback(host: str) -> None:
    with serving(echo) as canary:
        async with GuardProxy(OPEN_WORLD) as proxy:
            plain, _ = await get(proxy.url, f"http://{host}:{canary.port}/")
            tunnel, _ = await ask(proxy.url, f"CONNECT {host}:{canary.port} HTTP/1.1\n\n")
        for head in (plain, tunnel):
            assert head.startswith("HTTP/1.1 403")
            assert "X-Kiemcong-Refused: off-limits" in head
        assert canary.log == []
        assert {refusal.status for refusal in proxy.main.refused} == {VisitStatus.OFF_LIMITS}


async def test_failures_are_told_with_their_status() -> None:
    limits = Limits(head_seconds=0.5, idle_seconds=1)
    with raw(reset) as resetting, raw(lambda connection: time.sleep(1.5)) as silent:
        async with GuardProxy(WORLD, limits=limits) as proxy:
            for port, status in [
                (free_port(), "refused"),
                (resetting.port, "reset"),
                (silent.port, "slow-first-byte"),
            ]:
                head, _ = await get(proxy.url, f"http://127.0.0.1:{port}/")
                assert head.startswith("HTTP/1.1 502"), head
                assert f"X-Kiemcong-Refused: {status}" in head


@pytest.mark.parametrize(
    "request_line",
    [
        "GET / HTTP/1.1",
        "GET ftp://127.0.0.1/ HTTP/1.1",
        "DELETE http://127.0.0.1/ HTTP/1.1",
        "CONNECT 127.0.0.1:x HTTP/1.1",
        "nonsense",
        "GET http:///x HTTP/1.1",
    ],
)
async def test_what_is_no_proxy_request_is_refused(request_line: str) -> None:
    async with GuardProxy(WORLD) as proxy:
        head, _ = await ask(proxy.url, f"{request_line}\n\n")
        assert head.startswith("HTTP/1.1 403")


async def test_an_answer_that_is_no_http_is_the_servers_error() -> None:
    def greet(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"220 mail.gov.vn ESMTP\r\n\r\n")

    with raw(greet) as site:
        async with GuardProxy(WORLD) as proxy:
            head, _ = await get(proxy.url, f"http://127.0.0.1:{site.port}/")
            assert "X-Kiemcong-Refused: server-error" in head


async def test_a_portal_cannot_speak_for_the_proxy() -> None:
    with serving(lambda _path, _body: page("", 200, ("X-Kiemcong-Refused", "ours"))) as site:
        async with GuardProxy(WORLD) as proxy:
            head, _ = await get(proxy.url, f"http://127.0.0.1:{site.port}/")
            assert "Refused" not in head


async def test_at_most_two_connections_to_a_host_over_all_doors() -> None:
    with serving(echo, slow=0.1) as site:
        async with (
            GuardProxy(WORLD) as proxy,
            proxy.door(lambda _host: True) as one,
            proxy.door(lambda _host: True) as two,
        ):
            urls = [one.url, two.url] * 5
            answers = await asyncio.gather(*(get(url, f"http://127.0.0.1:{site.port}/") for url in urls))
        assert all(head.startswith("HTTP/1.1 200") for head, _ in answers)
        assert len(site.log) == 10
        assert site.most_open == 2


async def test_a_sleeping_tunnel_gives_way() -> None:
    with serving(echo) as site:
        async with GuardProxy(WORLD, limits=Limits(sleep_seconds=0.2)) as proxy:
            sleepers = [await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2])) for _ in range(2)]
            for reader, writer in sleepers:
                writer.write(f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\n\r\n".encode())
                assert b"200" in await reader.readuntil(b"\r\n\r\n")
            head, _ = await get(proxy.url, f"http://127.0.0.1:{site.port}/")
            assert head.startswith("HTTP/1.1 200")
            for _, writer in sleepers:
                writer.close()


async def test_a_body_over_the_cap_is_cut_and_noted() -> None:
    with serving(lambda _path, _body: page("x" * 300_000)) as site:
        async with GuardProxy(WORLD, limits=Limits(body_bytes=100_000)) as proxy:
            head, body = await get(proxy.url, f"http://127.0.0.1:{site.port}/")
            assert head.startswith("HTTP/1.1 200")
            assert len(body) <= 100_000
            assert [refusal.status for refusal in proxy.main.refused] == [VisitStatus.TOO_LARGE]


async def test_a_door_has_its_own_say_and_account() -> None:
    with serving(echo) as site:
        async with GuardProxy(WORLD) as proxy:
            async with proxy.door(lambda host: host == "127.0.0.1") as door:
                await get(door.url, f"http://127.0.0.1:{site.port}/")
                head, _ = await get(door.url, "http://quangcao.vn/")
                assert head.startswith("HTTP/1.1 403")
                assert door.contacted == {"127.0.0.1": 1}
                assert [(refusal.host, refusal.status) for refusal in door.refused] == [("quangcao.vn", "off-limits")]
                assert not proxy.main.contacted
            with pytest.raises(OSError, match="onnect"):
                await get(door.url, f"http://127.0.0.1:{site.port}/")


@pytest.mark.parametrize(
    ("kind", "status", "accept", "kept"),
    [
        ("text/css", 200, "text/css", True),
        ("image/png", 200, "image/*", True),
        ("text/html", 404, "image/*", True),
        ("text/html", 404, "text/html", False),
        ("text/html", 200, "text/html", False),
        ("application/json", 200, "*/*", False),
    ],
)
async def test_parts_of_pages_may_be_kept_for_the_visit(kind: str, status: int, accept: str, kept: bool) -> None:
    headers = [("Content-Type", kind), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]
    with serving(lambda _path, _body: (status, headers, b"x")) as site:
        async with GuardProxy(WORLD) as proxy:
            head, _ = await get(proxy.url, f"http://127.0.0.1:{site.port}/", f"Accept: {accept}")
    assert ("max-age=3600" in head) is kept
    assert ("no-store" in head) is not kept


async def test_closing_the_proxy_cuts_what_hangs() -> None:
    with raw(lambda connection: time.sleep(2)) as site:
        clock = time.perf_counter()
        async with GuardProxy(WORLD) as proxy:
            hanging = asyncio.ensure_future(get(proxy.url, f"http://127.0.0.1:{site.port}/"))
            await asyncio.sleep(0.2)
        assert (await hanging) == ("", "")
        assert time.perf_counter() - clock < 1.5
