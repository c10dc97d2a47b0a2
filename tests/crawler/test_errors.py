"""What real failures on loopback are told as."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import scrapy.exceptions as sx
from OpenSSL import SSL
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from crawler.errors import BrowserCrash, retry_after, status_of_failure, status_of_response
from crawler.model import VisitStatus
from crawler.netguard import NameNotFound, OffLimits, ResolverTimeout
from tests.crawler.loopback import Site, certificate, free_port, page, raw, reset, serving

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def crawl(urls: dict[str, str], **job: Any) -> dict[str, tuple[str, str]]:
    """What became of each address, fetched by Scrapy under the guard."""
    given = {"only_networks": [], "resolve": {}, "settings": {}, "flip": [], "urls": urls, **job}
    done = subprocess.run(
        [sys.executable, "-m", "tests.crawler.crawl_once"], input=json.dumps(given), text=True, capture_output=True, timeout=60, cwd=ROOT
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {name: (status, text) for name, status, text in map(json.loads, done.stdout.splitlines())}


def slow_head(connection: socket.socket) -> None:
    connection.recv(4096)
    time.sleep(3)


def slow_body(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbeginning")
    time.sleep(3)


def cut_short(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbeginning")


def endless(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(400):
        connection.sendall(b"x" * 1000)


def no_http(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"220 mail.gov.vn ESMTP\r\n\r\n")


def answer(path: str, _body: str) -> tuple[int, list[tuple[str, str]], bytes]:
    if path == "/bomb":
        return 200, [("Content-Type", "text/html"), ("Content-Encoding", "gzip")], gzip.compress(b"0" * 5_000_000)
    if path.startswith("/loop"):
        return page("", 302, ("Location", "/loop" + path[5:] + "x"))
    return page("xin chào")


@pytest.fixture(scope="module")
def became(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, str]]]:
    folder = tmp_path_factory.mktemp("tls")
    with ExitStack() as stack:
        site = stack.enter_context(serving(answer))
        ports = {
            name: stack.enter_context(raw(talk)).port
            for name, talk in [
                ("reset", reset), ("slow head", slow_head), ("slow body", slow_body), ("cut short", cut_short), ("endless", endless), ("no http", no_http),
            ]
        }  # fmt: skip
        _, context = certificate(folder)
        tls = stack.enter_context(raw(cut_short, context))
        full = socket.create_server(("127.0.0.1", 0), backlog=0)
        stack.callback(full.close)
        waiting = [_started_connection(full) for _ in range(3)]
        for connection in waiting:
            stack.callback(connection.close)
        urls = {name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}
        urls |= {
            "ok": f"http://127.0.0.1:{site.port}/",
            "bomb": f"http://127.0.0.1:{site.port}/bomb",
            "loop": f"http://127.0.0.1:{site.port}/loop",
            "refused": f"http://127.0.0.1:{free_port()}/",
            "no tls": f"https://127.0.0.1:{site.port}/",
            "self-signed": f"https://localhost:{tls.port}/",
            "full": f"http://127.0.0.1:{full.getsockname()[1]}/",
            "outside": "http://127.1.2.3/",
            "file": "file:///etc/passwd",
            "ftp": "ftp://127.0.0.1/",
        }
        settings = {
            "DOWNLOAD_TIMEOUT": 2.5, "DOWNLOAD_MAXSIZE": 100_000, "DOWNLOAD_VERIFY_CERTIFICATES": True, "REDIRECT_MAX_TIMES": 3,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
        }  # fmt: skip
        yield crawl(urls, only_networks=["127.0.0.1"], settings=settings)


def _started_connection(listener: socket.socket) -> socket.socket:
    """A connection that fills the listener's queue, so that a later one gets no answer."""
    connection = socket.socket()
    connection.setblocking(False)
    connection.connect_ex(listener.getsockname())
    return connection


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ok", VisitStatus.OK),
        ("refused", VisitStatus.REFUSED),
        ("reset", VisitStatus.RESET),
        ("cut short", VisitStatus.RESET),
        ("full", VisitStatus.CONNECT_TIMEOUT),
        ("slow head", VisitStatus.SLOW_FIRST_BYTE),
        ("slow body", VisitStatus.SLOW_BODY),
        ("endless", VisitStatus.TOO_LARGE),
        ("bomb", VisitStatus.DECOMPRESSION_BOMB),
        ("loop", VisitStatus.REDIRECT_LOOP),
        ("no http", VisitStatus.SERVER_ERROR),
        ("no tls", VisitStatus.TLS_PROTOCOL),
        ("self-signed", VisitStatus.TLS_ISSUER),
        ("outside", VisitStatus.OFF_LIMITS),
        ("file", VisitStatus.OFF_LIMITS),
        ("ftp", VisitStatus.OFF_LIMITS),
    ],
)
def test_real_failures_are_told_apart(became: dict[str, tuple[str, str]], name: str, status: VisitStatus) -> None:
    assert became[name][0] == status, became[name]


def test_the_guard_holds_under_scrapy_by_every_notation_and_redirect() -> None:
    canary_answer = serving(lambda _path, _body: page("you should not be here"), address="127.0.0.2")
    with canary_answer as canary, serving(lambda path, _body: page("", 302, ("Location", targets[path]))) as site:
        bad = f"http://127.0.0.2:{canary.port}/"
        targets = {
            "/plain": bad,
            "/hex": bad.replace("127.0.0.2", "0x7f.2"),
            "/whole": bad.replace("127.0.0.2", "2130706434"),
            "/mapped": bad.replace("127.0.0.2", "[::ffff:127.0.0.2]"),
            "/name": f"http://evil.gov.vn:{canary.port}/",
        }
        urls = {path: f"http://127.0.0.1:{site.port}{path}" for path in targets}
        closed = crawl(urls, only_networks=["127.0.0.1/32"], resolve={"evil.gov.vn": "127.0.0.2"})
        opened = crawl({path: url for path, url in targets.items() if path != "/name"})
        allowed = crawl({"in": bad}, only_networks=["127.0.0.2/32"])
        assert {status for status, _ in closed.values()} == {"off-limits"}
        assert set(site.paths()) == set(targets)
        assert {status for status, _ in opened.values()} == {"off-limits"}
        assert allowed["in"][0] == "ok"
        assert len(canary.log) == 1


def test_a_name_that_changes_its_mind_after_the_decision_gains_nothing() -> None:
    with serving(lambda _path, _body: page("đúng chỗ")) as site, _at("127.0.0.2", site.port) as canary:
        seen = crawl({"first": f"http://doi-y.gov.vn:{site.port}/"}, only_networks=["127.0.0.1"], flip=["doi-y.gov.vn"])
        assert seen["first"] == ("ok", "127.0.0.1")
        assert len(site.log) == 1
    assert canary.log == []


@contextmanager
def _at(address: str, port: int) -> Iterator[Site]:
    """A canary that listens on the given port of another loopback address."""
    site = Site(port)
    with socket.create_server((address, port)) as listener:
        listener.setblocking(False)
        yield site
        try:
            listener.accept()[0].close()
            site.log.append(("", "", ""))
        except BlockingIOError:
            pass


@pytest.mark.parametrize(
    ("name", "days", "trusted", "asked", "status"),
    [
        ("localhost", -5, True, "localhost", VisitStatus.TLS_EXPIRED),
        ("khac.gov.vn", 30, True, "localhost", VisitStatus.TLS_NAME),
        ("localhost", 30, False, "localhost", VisitStatus.TLS_ISSUER),
    ],
)
def test_certificates_are_told_apart_by_a_handshake(
    tmp_path: Path, name: str, days: int, trusted: bool, asked: str, status: VisitStatus
) -> None:
    file, server = certificate(tmp_path, name, days)
    client = ssl.create_default_context(cafile=str(file) if trusted else None)
    with raw(cut_short, server) as site, socket.create_connection(("127.0.0.1", site.port), 5) as plain:
        with pytest.raises(ssl.SSLError) as caught:
            client.wrap_socket(plain, server_hostname=asked)
        assert status_of_failure(caught.value)[0] is status


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (OffLimits("why"), VisitStatus.OFF_LIMITS),
        (NameNotFound("who"), VisitStatus.DNS_FAILURE),
        (ResolverTimeout("?"), VisitStatus.RESOLVER_TIMEOUT),
        (sx.IgnoreRequest("Forbidden by robots.txt"), VisitStatus.ROBOTS),
        (SSL.SysCallError(104, "ECONNRESET"), VisitStatus.RESET),
        (ConnectionResetError(104, "reset"), VisitStatus.RESET),
        (TimeoutError(110, "timed out"), VisitStatus.CONNECT_TIMEOUT),
        (OSError(113, "no route"), VisitStatus.UNREACHABLE),
        (OSError(24, "too many open files"), VisitStatus.OURS),
        (RuntimeError("a bug of ours"), VisitStatus.OURS),
        (BrowserCrash("gone"), VisitStatus.BROWSER_CRASH),
        (PlaywrightError("Page.goto: net::ERR_CERT_DATE_INVALID at https://a.vn/"), VisitStatus.TLS_EXPIRED),
        (PlaywrightError("Page.goto: net::ERR_NAME_NOT_RESOLVED at https://a.vn/"), VisitStatus.DNS_FAILURE),
        (PlaywrightError("Page.goto: Page crashed"), VisitStatus.BROWSER_CRASH),
        (PlaywrightError("Target page, context or browser has been closed"), VisitStatus.BROWSER_CRASH),
        (PlaywrightTimeout("Timeout 20000ms exceeded."), VisitStatus.SLOW_FIRST_BYTE),
    ],
)
def test_known_exceptions_have_their_status(problem: Exception, status: VisitStatus) -> None:
    found, text = status_of_failure(problem)
    assert found is status
    assert text.startswith(type(problem).__name__)
    assert "\n" not in text


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (200, VisitStatus.OK), (204, VisitStatus.OK), (304, VisitStatus.SERVER_ERROR), (401, VisitStatus.LOGIN_WALL), (403, VisitStatus.CLIENT_ERROR),
        (404, VisitStatus.NOT_FOUND), (410, VisitStatus.NOT_FOUND), (418, VisitStatus.CLIENT_ERROR), (429, VisitStatus.RATE_LIMITED),
        (500, VisitStatus.SERVER_ERROR), (503, VisitStatus.SERVER_ERROR), (999, VisitStatus.SERVER_ERROR),
    ],
)  # fmt: skip
def test_http_statuses(code: int, status: VisitStatus) -> None:
    assert status_of_response(code) is status


def test_a_challenge_is_told_by_its_header() -> None:
    assert status_of_response(403, [("CF-Mitigated", "challenge")]) is VisitStatus.CAPTCHA


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 09:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 08:00:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after([("Server", "x"), ("Retry-AFTER", value)], NOW) == seconds
    assert retry_after([("Retry-After", value)], NOW + timedelta(days=1)) in (seconds, 0.0)


def test_no_retry_after_is_none() -> None:
    assert retry_after([], NOW) is None
