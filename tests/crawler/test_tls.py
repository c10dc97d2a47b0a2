"""What a handshake of its own tells of a host."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from crawler import tls
from crawler.netguard import OPEN_WORLD, World
from crawler.tls import Fault, tls_facts
from tests.crawler.loopback import free_port, raw
from tests.faults.certificates import Authority, Secured


def quiet(connection: socket.socket) -> None:
    connection.recv(1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.at(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one authority is all this system knows."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)
    tls._trusting_any_time.cache_clear()


def world(port: int, name: str = "tinh-a.gov.vn") -> World:
    return World(only_networks=("127.0.0.1/32",), resolve={name: f"127.0.0.1:{port}"})


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("how", "faults"),
    [
        (Secured(), set()),
        (Secured(names=("tinh-a.gov.vn", "www.tinh-a.gov.vn")), set()),
        (Secured(days=-1), {Fault.EXPIRED}),
        (Secured(begins=1), {Fault.EXPIRED}),
        (Secured(names=("tinh-b.gov.vn",)), {Fault.NAME}),
        (Secured(issuer="self"), {Fault.ISSUER}),
        (Secured(issuer="private"), {Fault.ISSUER}),
        (Secured(issuer="intermediate"), set()),
        (Secured(issuer="intermediate", chain=False), {Fault.CHAIN}),
        (Secured(old=True), {Fault.PROTOCOL}),
        (Secured(issuer="intermediate", chain=False, days=-1, names=("x.vn",), old=True), set(Fault) - {Fault.ISSUER}),
    ],
)
async def test_faults_are_told_apart_and_together(authority: Authority, how: Secured, faults: set[Fault]) -> None:
    with raw(quiet, authority.context(how)) as site:
        told = await tls_facts(world(site.port), "https://tinh-a.gov.vn/")
    assert set(told["faults"].split()) == faults
    assert told["names"] == " ".join(how.names)
    assert told["protocol"] == ("TLSv1" if how.old else "TLSv1.3")
    assert told["not_before"] < told["not_after"]
    assert told["issuer"]
    assert told["address"] == "127.0.0.1"


async def test_only_where_the_guard_allows_and_only_https(authority: Authority) -> None:
    with raw(quiet, authority.context(Secured())) as site:
        assert await tls_facts(OPEN_WORLD, f"https://127.0.0.1:{site.port}/") == {}
        assert await tls_facts(World(only_networks=("127.0.0.9",)), f"https://127.0.0.1:{site.port}/") == {}
        assert await tls_facts(world(site.port), "http://tinh-a.gov.vn/") == {}
        assert site.log == []
        told = await tls_facts(world(site.port), "https://tinh-a.gov.vn/", ip="127.0.0.9")
        assert told["address"] == "127.0.0.1", "an address the guard does not allow is not taken"


async def test_what_is_no_handshake_is_told_in_time() -> None:
    def babble(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def silent(connection: socket.socket) -> None:
        connection.recv(1000)
        threading.Event().wait(3)

    with raw(babble) as plain, raw(silent) as mute:
        assert "Error" in (await tls_facts(world(plain.port), "https://tinh-a.gov.vn/"))["error"]
        assert "TimeoutError" in (await tls_facts(world(mute.port), "https://tinh-a.gov.vn/", seconds=0.3))["error"]
    told = await tls_facts(world(free_port()), "https://tinh-a.gov.vn/")
    assert told == {"address": "127.0.0.1", "error": "ConnectionRefusedError: [Errno 111] Connection refused"}


@pytest.mark.usefixtures("trusted")
async def test_an_address_is_held_against_the_addresses_named(authority: Authority, tmp_path: Path) -> None:
    with raw(quiet, authority.context(Secured())) as site:
        told = await tls_facts(World(only_networks=("127.0.0.1",)), f"https://127.0.0.1:{site.port}/")
    assert told["faults"] == Fault.NAME
