"""A fleet of service hosts on loopback that fail on schedule: what each service showed at any moment is known."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from checklists.liveness import LOCAL
from crawler.services.model import Layer, Outcome, Service
from tests.crawler.loopback import certificate

Truth = tuple[Outcome, Layer]
ALIVE: Truth = (Outcome.ALIVE, Layer.NONE)
BLOCKED: Truth = (Outcome.BLOCKED, Layer.NONE)


class Fleet:
    """The hosts. `now` is the time they take it to be; `start` the first day's midnight, Vietnam's time."""

    def __init__(self, start: datetime, cuts: tuple[tuple[datetime, datetime], ...] = ()) -> None:
        self.start = start
        self.now = start
        self.cuts = cuts
        self.asked: list[tuple[str, str]] = []
        self.hosting: Hosting | None = None

    def cut(self, at: datetime) -> bool:
        """Whether our own uplink is cut."""
        return any(begin <= at < end for begin, end in self.cuts)


KINDS = (
    "steady",
    "login",
    "file",
    "flapping",
    "nightly",
    "outage",
    "soft",
    "closed",
    "captcha",
    "robots",
    "expiring",
    "wall",
    "hosted",
    "busy",
)
"""The first word of each host's name. hosted: all on one address, which refuses every connection on the second day; busy: on one address that
asks to be left alone for ten minutes from the second day on."""


def truth(fleet: Fleet, kind: str, name: str, at: datetime) -> Truth:
    """What a probe of a service of a kind must show at a moment, our uplink being well."""
    local = at.astimezone(LOCAL)
    day = (local - fleet.start).days
    if kind == "flapping":
        return (Outcome.DOWN, Layer.HTTP) if (local.hour // 4 + len(name)) % 2 else ALIVE
    if kind == "nightly":
        return (Outcome.DOWN, Layer.CONTENT) if local.hour >= 18 else ALIVE
    if kind == "outage":
        return (Outcome.DOWN, Layer.CONNECT) if 1 <= day < 8 else ALIVE
    if kind == "soft":
        return (Outcome.DOWN, Layer.CONTENT)
    if kind == "closed":
        return (Outcome.DOWN, Layer.CONTENT) if day >= 1 else ALIVE
    if kind == "hosted":
        return (Outcome.DOWN, Layer.CONNECT) if day == 1 else ALIVE
    if kind == "busy":
        return BLOCKED if day >= 1 else ALIVE
    if kind == "expiring":
        return (Outcome.DOWN, Layer.TLS) if day >= 1 else ALIVE
    return BLOCKED if kind in ("captcha", "robots", "wall") else ALIVE


def services(count: int, hosts: int, agencies: tuple[str, ...]) -> list[Service]:
    """So many services over so many hosts of each kind in turn; the kind is the first word of the host."""
    found = []
    for number in range(count):
        place = number % hosts
        kind = KINDS[place % len(KINDS)]
        scheme = "https" if kind == "expiring" else "http"
        url = f"{scheme}://{kind}{place}.gov.vn/dich-vu/{number}"
        agency = agencies[number % len(agencies)]
        found.append(
            Service(
                id=f"{agency}-{number}", agency=agency, name=f"Cấp giấy phép số {number}", level=3 + number % 2, url=url
            )
        )
    return found


def kind_of(host: str) -> str:
    return re.sub(r"\d+\..*", "", host)


def page(title: str, body: str) -> bytes:
    links = "".join(f'<li><a href="/muc/{n}">Mục lục số {n} của cổng</a></li>' for n in range(12))
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><ul>{links}</ul><h1>{title}</h1>{body}</body></html>".encode()


MISSING = page(
    "Thông báo", "<p>Không tìm thấy nội dung bạn yêu cầu, mời quay lại trang chủ của cổng thông tin.</p>" * 3
)
LOGIN = b'<html><head><title>%s</title></head><body><h1>%s</h1><form method="post"><input name="u"><input type="password" name="p"></form></body></html>'
SHORT = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"
CAPTCHA = SHORT.format("Just a moment...", "Verify you are human <input name='captcha'>").encode()


RETRY_AFTER = "600"


def answer(fleet: Fleet, host: str, path: str) -> tuple[int, str, bytes] | None:
    """Status, content type and body; None where the connection is cut instead. A 503 asks to be left alone for RETRY_AFTER seconds."""
    kind, local = kind_of(host), fleet.now.astimezone(LOCAL)
    html = "text/html; charset=utf-8"
    if fleet.cut(fleet.now):
        return None
    if host == "control.vn":
        return 200, html, page("Đối chứng", "<p>đang chạy</p>")
    if path == "/robots.txt":
        return (
            (200, "text/plain", b"User-agent: *\nDisallow: /dich-vu/\n") if kind == "robots" else (404, html, b"none")
        )
    shown, layer = truth(fleet, kind, path, local)
    if (shown, layer) == (Outcome.DOWN, Layer.CONNECT):
        return None
    exists = path.startswith("/dich-vu/") and "kiem-cong" not in path
    if kind == "wall":
        return 200, html, LOGIN % ("Đăng nhập hệ thống".encode(), "Đăng nhập".encode())
    if kind == "captcha":
        return 200, html, CAPTCHA
    if kind == "soft" or not exists:
        return (200, html, MISSING) if kind == "soft" else (404, html, MISSING)
    number = path.rpartition("/")[2]
    if kind == "busy" and shown is Outcome.BLOCKED:
        return 503, html, page("Quá tải", "<p>Hệ thống quá tải, mời quay lại sau.</p>")
    if (shown, layer) == (Outcome.DOWN, Layer.HTTP):
        return 500, html, page("Lỗi", "<p>Server Error in '/' Application.</p>")
    if shown is Outcome.DOWN:
        words = (
            ("Hệ thống đã đóng", "Mời quay lại sau.") if kind == "closed" else ("Thông báo", "Hệ thống đang bảo trì.")
        )
        return 200, html, SHORT.format(*words).encode()
    if kind == "login":
        name = f"Đăng nhập để nộp hồ sơ số {number}".encode()
        return 200, html, LOGIN % (name, name)
    if kind == "file":
        return 200, "application/pdf", b"%PDF-1.4 " + number.encode()
    return 200, html, page(f"Cấp giấy phép số {number}", f"<p>Trình tự thực hiện thủ tục số {number}.</p>" * 6)


@contextmanager
def running(fleet: Fleet, folder: Path, names: list[str]) -> Iterator[dict[str, str]]:
    """The fleet served; yields what `--resolve` needs: a place for each host name."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            host = (self.headers.get("Host") or "").partition(":")[0]
            with lock:
                fleet.asked.append((host, self.path))
            given = answer(fleet, host, self.path)
            if given is None:
                self.close_connection = True
                return
            status, kind, body = given
            self.send_response(status)
            if status == 503:
                self.send_header("Retry-After", RETRY_AFTER)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    plain, secured, busy = _server(Handler), _server(Handler), _server(Handler, BUSY)
    fleet.hosting = Hosting(Handler)
    good, expired = certificate(folder, days=30)[1], certificate(folder, days=-1)[1]

    def choose(connection: ssl.SSLSocket, _: str, __: ssl.SSLContext) -> None:
        down = truth(fleet, "expiring", "", fleet.now) != ALIVE
        connection.context = expired if down else good

    good.sni_callback = choose  # type: ignore[assignment]
    secured.socket = good.wrap_socket(secured.socket, server_side=True, do_handshake_on_connect=False)
    for each in (plain, secured, busy):
        threading.Thread(target=each.serve_forever, args=(0.05,), daemon=True).start()
    places = {"expiring": secured.server_address, "busy": busy.server_address, "hosted": fleet.hosting.place}
    try:
        yield {name: "{}:{}".format(*places.get(kind_of(name), plain.server_address)) for name in names}
    finally:
        fleet.hosting.turn(on=False)
        for each in (plain, secured, busy):
            each.shutdown()
            each.server_close()


BUSY, HOSTING = "127.0.0.2", "127.0.0.3"
"""Addresses of their own: what one address asks for, or suffers, is shared by all its hosts and by no other."""


class Hosting:
    """A machine that holds many hosts, and can be off: then its address refuses every connection."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._handler = handler
        self._server: ThreadingHTTPServer | None = _server(handler, HOSTING)
        self.place = self._server.server_address
        self._serve()

    def _serve(self) -> None:
        assert self._server
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def turn(self, *, on: bool) -> None:
        """Make it so."""
        if on and self._server is None:
            self._server = _server(self._handler, HOSTING, int(self.place[1]))
            self._serve()
        elif not on and self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def _server(handler: type[BaseHTTPRequestHandler], address: str = "127.0.0.1", port: int = 0) -> ThreadingHTTPServer:
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            pass  # clients hang up when they like

    return Server((address, port), handler)


def host_names(found: list[Service]) -> list[str]:
    return sorted({urlsplit(each.url).hostname or "" for each in found} | {"control.vn"})


def clock_of(fleet: Fleet) -> Callable[[datetime], None]:
    """What a feed tells the time of each batch it begins."""

    def tell(at: datetime) -> None:
        fleet.now = at
        if fleet.hosting is not None:
            fleet.hosting.turn(on=truth(fleet, "hosted", "", at) == ALIVE)

    return tell
