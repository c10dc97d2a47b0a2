"""Servers on loopback that answer, misbehave and remember, for tests."""

from __future__ import annotations

import contextlib
import datetime
import os
import signal
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = tuple[int, list[tuple[str, str]], bytes]


class Countdown:
    """Kills a process group at the so-many-th request after `set`, before it is answered or up to `late` seconds later: an instant of its work, not
    of the clock, so that it comes however fast the machine is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left, self._late, self._group = 0, 0.0, 0

    def set(self, group: int, requests: int, late: float = 0.0) -> None:
        """The group dies at this many requests from now."""
        with self._lock:
            self._group, self._left, self._late = group, requests, late

    def stop(self) -> None:
        """Nobody dies any more."""
        with self._lock:
            self._left = 0

    def count(self) -> None:
        """One request has come."""
        with self._lock:
            due = self._left == 1
            self._left = max(0, self._left - 1)
            group, late = self._group, self._late
        if due and late:
            threading.Timer(late, kill, [group]).start()
        elif due:
            kill(group)


def kill(group: int) -> None:
    """The process group is gone, if it was not before."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


class Site:
    """A running server: its port, every request it got as (host, method, path), beside it the time (monotonic seconds) and the User-Agent of each,
    how many were under way at once, and at most."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.log: list[tuple[str, str, str]] = []
        self.times: list[float] = []
        self.agents: list[str] = []
        self.open = 0
        self.most_open = 0

    def paths(self) -> list[str]:
        return [path for _, _, path in self.log]


@contextmanager
def serving(
    answer: Callable[[str, str], Answer],
    address: str = "127.0.0.1",
    slow: float = 0.0,
    context: ssl.SSLContext | None = None,
) -> Iterator[Site]:
    """A site whose pages are `answer(path, body)`, behind TLS where a context is given."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length).decode("utf-8", "replace")
            with lock:
                site.log.append((self.headers.get("Host", ""), self.command, self.path))
                site.times.append(time.monotonic())
                site.agents.append(self.headers.get("User-Agent", ""))
                site.open += 1
                site.most_open = max(site.most_open, site.open)
            if slow:
                time.sleep(slow)
            status, headers, body = answer(self.path, sent)
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with lock:
                site.open -= 1
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def finish_request(self, request: Any, client_address: Any) -> None:
            if context is None:
                super().finish_request(request, client_address)
                return
            request.settimeout(5)
            with context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)

        def handle_error(self, *_: object) -> None:
            pass  # clients of these tests hang up when they like

    server = Server((address, 0), Handler)
    site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def page(text: str, status: int = 200, *headers: tuple[str, str]) -> Answer:
    """An HTML page."""
    return status, [("Content-Type", "text/html; charset=utf-8"), *headers], text.encode()


@contextmanager
def raw(
    talk: Callable[[socket.socket], None],
    context: ssl.SSLContext | None = None,
    address: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[Site]:
    """A server that does `talk` with each connection, after a TLS handshake where a context is given."""
    listener = socket.create_server((address, port))
    listener.settimeout(0.05)
    site = Site(listener.getsockname()[1])
    ending = threading.Event()

    def one(connection: socket.socket) -> None:
        connection.settimeout(5)
        try:
            talking = context.wrap_socket(connection, server_side=True) if context else connection
            with talking:
                talk(talking)
        except OSError:
            connection.close()

    def listen() -> None:
        while not ending.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            site.log.append(("", "", ""))
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        ending.set()
        thread.join(5)
        listener.close()


def free_port() -> int:
    """A port of loopback nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def reset(connection: socket.socket) -> None:
    """Hang up with a TCP reset once the request has come."""
    connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def certificate(folder: Path, name: str = "localhost", days: int = 30) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for a host, valid until so many days from now, and a server's context that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    file = folder / f"{name}{days}.pem"
    secret = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(form) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context
