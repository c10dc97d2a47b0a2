"""The handler that tells each phase, against servers that behave and misbehave."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError

from crawler.errors import status_of_failure
from crawler.model import VisitStatus
from crawler.netguard import World
from crawler.services import timed
from crawler.services.timed import Limits, exchange
from tests.crawler.loopback import certificate, free_port, page, raw, reset, serving

LIMITS = Limits(connect=2, answer=1, size=5000)


def ask(port: int, scheme: str = "http", host: str = "localhost", **options: Any) -> tuple[Request, Any]:
    world = World(only_networks=("127.0.0.0/8",), resolve={host: f"127.0.0.1:{port}"})
    request = Request(f"{scheme}://{host}:{port}/a?b=1", headers={"X-Own": "1"}, **options)
    try:
        return request, exchange(world, request, LIMITS)
    except Exception as problem:  # noqa: BLE001 - the statuses are what is tested
        return request, status_of_failure(problem, first_byte="download_latency" in request.meta)[0]


def test_an_answer_with_its_phases() -> None:
    with serving(lambda path, _: page(f"asked {path}", 200, ("X-Two", "1"), ("X-Two", "2"))) as site:
        request, got = ask(site.port)
        assert site.log == [(f"localhost:{site.port}", "GET", "/a?b=1")]
    assert got.status == 200
    assert got.body == b"asked /a?b=1"
    assert got.headers.getlist("X-Two") == [b"1", b"2"]
    assert str(got.ip_address) == "127.0.0.1"
    assert set(request.meta["phases"]) == {"dns", "connect", "first_byte", "transfer"}


def test_a_slow_first_byte_shows_in_its_phase() -> None:
    with serving(lambda *_: page("late"), slow=0.3) as site:
        phases = ask(site.port)[0].meta["phases"]
    assert phases["first_byte"] >= 0.3 > phases["connect"] + phases["transfer"]


def test_what_goes_wrong_keeps_the_phases_reached() -> None:
    request, status = ask(free_port())
    assert status is VisitStatus.REFUSED
    assert set(request.meta["phases"]) == {"dns"}
    with raw(reset) as site:
        request, status = ask(site.port)
        assert status is VisitStatus.RESET
        assert set(request.meta["phases"]) == {"dns", "connect"}
    with raw(lambda connection: connection.sendall(b"nonsense\r\n\r\n")) as site:
        assert ask(site.port)[1] is VisitStatus.SERVER_ERROR
    with raw(lambda connection: time.sleep(1.5)) as site:
        assert ask(site.port)[1] is VisitStatus.SLOW_FIRST_BYTE


def drip(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(30):
        connection.sendall(b"x")
        time.sleep(0.1)


def cut_short(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")


def test_a_body_that_drips_is_cut_short_or_never_ends() -> None:
    with raw(drip) as site:
        began = time.monotonic()
        assert ask(site.port)[1] is VisitStatus.SLOW_BODY
        assert time.monotonic() - began < 2.5
    with raw(cut_short) as site:
        assert ask(site.port)[1] is VisitStatus.RESET
    with serving(lambda *_: page("x" * 6000)) as site:
        assert ask(site.port)[1] is VisitStatus.TOO_LARGE


def test_the_guard_is_asked_first() -> None:
    request = Request("http://10.1.2.3/")
    with pytest.raises(Exception, match="outside this closed world"):
        exchange(World(only_networks=("127.0.0.0/8",)), request, LIMITS)
    assert not issubclass(DownloadCancelledError, OSError)


def greet(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def test_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, context = certificate(tmp_path)
    with raw(greet, context) as site:
        request, got = ask(site.port, "https")
        assert got.body == b"ok"
        assert request.meta["phases_note"] == "tls-issuer"
    with raw(greet, certificate(tmp_path, days=-1)[1]) as site:
        assert ask(site.port, "https")[1] is VisitStatus.TLS_EXPIRED
    # Where the issuer is known, the name and the note are judged as by a browser.
    monkeypatch.setattr(timed, "strict", lambda: ssl.create_default_context(cafile=str(own)))
    with raw(greet, context) as site:
        request, got = ask(site.port, "https")
        assert got.body == b"ok"
        assert request.meta["phases_note"] == ""
        assert ask(site.port, "https", host="other.gov.vn")[1] is VisitStatus.TLS_NAME
    with raw(greet) as site:
        assert ask(site.port, "https")[1] in (VisitStatus.TLS_PROTOCOL, VisitStatus.RESET)
