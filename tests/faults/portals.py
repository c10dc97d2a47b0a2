"""Portals that fail in one way each, on loopback: a table of what they do and what a visit must say of it."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import brotli

from crawler.model import StopReason, VisitStatus
from tests.crawler.loopback import Answer, Site, free_port, page, raw, reset, serving
from tests.faults.certificates import Authority, Secured

SECTIONS = {
    "/gioi-thieu": "Giới thiệu", "/tin-tuc": "Tin tức", "/lich-cong-tac": "Lịch công tác", "/van-ban": "Văn bản",
    "/chien-luoc": "Chiến lược, quy hoạch", "/du-an": "Dự án đầu tư", "/thong-ke": "Số liệu thống kê", "/lien-he": "Liên hệ",
    "/cong-bao": "Công báo", "/khen-thuong": "Khen thưởng", "/gop-y": "Lấy ý kiến góp ý", "/de-tai": "Đề tài khoa học",
}  # fmt: skip
MENU = "<nav class=menu><ul>" + "".join(f"<li><a href='{path}'>{label}</a></li>" for path, label in SECTIONS.items()) + "</ul></nav>"  # fmt: skip
ADDRESSES = "127.0.1."
"""Where the portals stand, an address each: the pace is kept for addresses too."""
CHUNK = b"0" * 1_000_000
UNPACKED = 100_000_000
"""Bytes a bomb is when it went off."""
MANY_LINKS = "".join(f"<a href=/muc-{number}>Tin tức {number}</a>" for number in range(30_000))


def shown(title: str, body: str = "") -> str:
    """A page of a portal that is well."""
    filler = "<p>" + f"{title}: nội dung trang của cơ quan. " * 20 + "</p>"
    return f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{MENU}<h1>{title}</h1>{body}{filler}</body></html>"


def well(path: str, _body: str = "") -> Answer:
    """What a portal answers that is well."""
    if path == "/":
        return page(shown("Cổng thông tin điện tử tỉnh A"))
    if path in SECTIONS:
        return page(shown(SECTIONS[path]))
    return page(shown("Không tìm thấy trang"), 404)


Serve = Callable[[contextlib.ExitStack, str, Path], Site]
"""Starts a portal at an address and gives where it listens."""


@dataclass(frozen=True)
class Fault:
    """A way to fail. status and stop as they stand in the sealed visit; pages: statuses of some of its pages by path; tls: what the handshake
    must have found; at most so many requests and seconds may go into it; says: a word the visit's error must hold."""

    name: str
    status: VisitStatus
    stop: StopReason
    serve: Serve
    scheme: str = "http"
    pages: dict[str, VisitStatus] = field(default_factory=dict)
    tls: dict[str, str] = field(default_factory=dict)
    most: int = 30
    seconds: float = 90.0

    @property
    def host(self) -> str:
        return f"{self.name}.gov.vn"


def answering(answer: Callable[[str, str], Answer] | Callable[[], Callable[[str, str], Answer]]) -> Serve:
    """A portal that answers so."""
    return lambda stack, address, _folder: stack.enter_context(serving(answer, address))  # type: ignore[arg-type]


def talking(talk: Callable[[socket.socket], None]) -> Serve:
    """A portal that does this with each connection."""
    return lambda stack, address, _folder: stack.enter_context(raw(talk, address=address))


def secured(how: Secured, answer: Callable[[str, str], Answer] = well) -> Serve:
    """A portal that answers so behind such a certificate."""

    def serve(stack: contextlib.ExitStack, address: str, folder: Path) -> Site:
        return stack.enter_context(serving(answer, address, context=Authority.at(folder).context(how)))

    return serve


def nobody(_stack: contextlib.ExitStack, _address: str, _folder: Path) -> Site:
    """Nobody listens."""
    return Site(free_port())


def full(stack: contextlib.ExitStack, address: str, _folder: Path) -> Site:
    """Connections are neither taken nor refused: the queue is full."""
    listener = stack.enter_context(socket.create_server((address, 0), backlog=0))
    for _ in range(3):
        waiting = stack.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(listener.getsockname())
    return Site(listener.getsockname()[1])


# --- how they talk -------------------------------------------------------------------------------------------------------------------------


def heard(connection: socket.socket) -> str:
    """The request, and its path."""
    return connection.recv(4096).decode("latin-1").partition(" ")[2].partition(" ")[0]


def silent(connection: socket.socket) -> None:
    heard(connection)
    threading.Event().wait(6)


def dripping_head(connection: socket.socket) -> None:
    """A head that never ends, a header at a time."""
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    _drip(connection, b"X-Cho: 1\r\n")


def dripping_body(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n<html>")
    _drip(connection, b"<p>")


def _drip(connection: socket.socket, drop: bytes) -> None:
    for _ in range(60):
        connection.sendall(drop)
        time.sleep(0.1)


def cut_short(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbeginning")


def no_http(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"220 mail.gov.vn ESMTP\r\n\r\n")


def endless(connection: socket.socket) -> None:
    """A body without end, as fast as it is taken."""
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>")
    for _ in range(1000):
        connection.sendall(CHUNK)


def endless_chunks(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK))


def endless_header(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Dai: ")
    for _ in range(200):
        connection.sendall(CHUNK)


def endless_headers(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(1000):
        connection.sendall(b"X-Dai: 0123456789\r\n" * 20_000)


def declared_too_large(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900000000\r\n\r\n<html>")
    threading.Event().wait(3)


def bomb(coding: str) -> Serve:
    """A few kilobytes that unpack to `UNPACKED` bytes."""

    def serve(stack: contextlib.ExitStack, address: str, _folder: Path) -> Site:
        packed = _packed(coding)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\nContent-Length: {len(packed)}\r\n\r\n"

        def talk(connection: socket.socket) -> None:
            heard(connection)
            connection.sendall(head.encode() + packed)

        return stack.enter_context(raw(talk, address=address))

    return serve


def _packed(coding: str) -> bytes:
    chunks = [CHUNK] * (UNPACKED // len(CHUNK))
    if coding == "br":
        squeezer = brotli.Compressor(quality=1)
        return b"".join(map(squeezer.process, chunks)) + squeezer.finish()
    packer = zlib.compressobj(wbits=31 if "gzip" in coding else 15)
    packed = b"".join(map(packer.compress, chunks)) + packer.flush()
    return gzip.compress(packed) if coding == "gzip, gzip" else packed


# --- what they answer ----------------------------------------------------------------------------------------------------------------------


def always(status: int, text: str = "", *headers: tuple[str, str]) -> Callable[[str, str], Answer]:
    return lambda _path, _body: page(f"<html><title>{status}</title><h1>{text or status}</h1></html>", status, *headers)


def only_home(answered: Answer) -> Callable[[str, str], Answer]:
    """Home is answered so; everything else is well."""
    return lambda path, _body: answered if path == "/" else well(path)


def moving(to: Callable[[str], str]) -> Callable[[str, str], Answer]:
    """Home and all under it send on."""
    return lambda path, _body: page("", 302, ("Location", to(path))) if path != "/robots.txt" else page("", 404)


def after(good: int, wall: Answer) -> Callable[[], Callable[[str, str], Answer]]:
    """So many pages are well; then there is a wall before every page."""

    def made() -> Callable[[str, str], Answer]:
        answered: list[str] = []

        def answer(path: str, _body: str) -> Answer:
            answered.append(path)
            return well(path) if len(answered) <= good else wall

        return answer

    return made


def once(paths: dict[str, Answer]) -> Callable[[], Callable[[str, str], Answer]]:
    """Each of these paths is answered so the first time; then all is well."""

    def made() -> Callable[[str, str], Answer]:
        left = dict(paths)
        return lambda path, _body: left.pop(path) if path in left else well(path)

    return made


def fresh(made: Callable[[], Callable[[str, str], Answer]]) -> Serve:
    """A portal that remembers what it answered, from its beginning."""
    return lambda stack, address, _folder: stack.enter_context(serving(made(), address))


def forbidden_sections(path: str, _body: str) -> Answer:
    """Many sections are forbidden, and home is not: a client error each, no wall."""
    return page("Cấm", 403) if path in list(SECTIONS)[2:11] else well(path)


def soft(path: str, _body: str) -> Answer:
    return well(path) if path in ("/", "/tin-tuc", "/lien-he") else page(shown("Không có trang bạn tìm"))


def fallback(path: str, _body: str) -> Answer:
    return well(path) if path in ("/tin-tuc", "/lien-he", "/robots.txt") else well("/")


def some_closed(path: str, _body: str) -> Answer:
    return page("User-agent: *\nDisallow: /tin-tuc\nDisallow: /lich-cong-tac") if path == "/robots.txt" else well(path)


CLOSED = page("<html><title>Bảo trì</title><h1>Hệ thống đang bảo trì</h1><p>Xin quay lại sau.</p></html>")
LOGIN = page(
    "<html><title>Đăng nhập</title><form method=post><input name=u><input type=password name=p><button>Đăng nhập</button></form></html>"
)
CAPTCHA = page(
    "<html><title>Xác minh</title><h1>Xác minh bạn là người</h1><p>Xin nhập mã xác nhận</p><form><input name=captcha></form></html>"
)
WALL = (
    403,
    [("Content-Type", "text/html"), ("X-Sucuri-Block", "BLACKLIST")],
    b"<html><title>Access Denied</title></html>",
)

S, R = VisitStatus, StopReason
UNREACHED = R.UNREACHABLE

FAULTS: tuple[Fault, ...] = (
    Fault("khoe", S.OK, R.DONE, answering(well)),
    # --- no connection, or none that lasts
    Fault("tu-choi", S.REFUSED, UNREACHED, nobody),
    Fault("dut-ket-noi", S.RESET, UNREACHED, talking(reset)),
    Fault("khong-noi-duoc", S.CONNECT_TIMEOUT, UNREACHED, full),
    Fault("cut-giua-chung", S.RESET, UNREACHED, talking(cut_short)),
    Fault("khong-phai-web", S.SERVER_ERROR, UNREACHED, talking(no_http)),
    # --- slow
    Fault("im-lang", S.SLOW_FIRST_BYTE, UNREACHED, talking(silent)),
    Fault("dau-nho-giot", S.SLOW_FIRST_BYTE, UNREACHED, talking(dripping_head)),
    Fault("than-nho-giot", S.SLOW_BODY, UNREACHED, talking(dripping_body)),
    # --- HTTP's own errors
    Fault("loi-may-chu", S.SERVER_ERROR, UNREACHED, answering(always(500))),
    Fault("khong-co-trang-chu", S.NOT_FOUND, UNREACHED, answering(always(404))),
    Fault("vong-lap", S.REDIRECT_LOOP, UNREACHED, answering(moving(lambda path: "/b" if path == "/a" else "/a"))),
    Fault("vong-dai", S.REDIRECT_LOOP, UNREACHED, answering(moving(lambda path: path + "x")), most=40),
    Fault("tra-banh", S.OK, R.DONE, fresh(once({"/": page("", 302, ("Location", "/b")), "/b": page("", 302, ("Location", "/"))}))),
    Fault("tu-gui-ve", S.REDIRECT_LOOP, UNREACHED, answering(moving(lambda path: path))),
    # --- walls
    Fault("yeu-cau-sai", S.CLIENT_ERROR, UNREACHED, answering(only_home(page("Sai", 400)))),
    Fault("cam-trang-chu", S.BLOCKED, R.BLOCKED, answering(only_home(page("Cấm", 403)))),
    Fault("cam-mot-lan", S.OK, R.DONE, fresh(once({"/": page("Cấm", 403)}))),
    Fault("cam-tat-ca", S.BLOCKED, R.BLOCKED, answering(always(403))),
    Fault("tuong-lua", S.BLOCKED, R.BLOCKED, answering(only_home(WALL))),
    Fault("cam-nua-chung", S.OK, R.BLOCKED, fresh(after(6, page("Cấm", 403)))),
    Fault("cam-vai-muc", S.OK, R.DONE, answering(forbidden_sections), pages={"/van-ban": S.CLIENT_ERROR}),
    Fault("xac-minh", S.CAPTCHA, R.BLOCKED, answering(only_home(CAPTCHA))),
    Fault("xac-minh-403", S.CAPTCHA, R.BLOCKED, answering(only_home((403, *CAPTCHA[1:])))),
    Fault("xac-minh-nua-chung", S.OK, R.BLOCKED, fresh(after(6, CAPTCHA))),
    Fault("dang-nhap", S.LOGIN_WALL, UNREACHED, answering(only_home(LOGIN))),
    Fault("dang-nhap-401", S.LOGIN_WALL, UNREACHED, answering(only_home(page("", 401)))),
    # --- asked to go slower
    Fault("qua-tai", S.RATE_LIMITED, R.BLOCKED, answering(always(429)), most=12),
    Fault("qua-tai-lau", S.RATE_LIMITED, R.BLOCKED, answering(always(429, "", ("Retry-After", "86400"))), most=2),
    Fault("qua-tai-mot-lan", S.OK, R.DONE, fresh(once({"/": page("", 429, ("Retry-After", "1"))}))),
    Fault("ban-mot-lan", S.OK, R.DONE, fresh(once({"/": page("", 503, ("Retry-After", "1"))}))),
    Fault("qua-tai-nua-chung", S.OK, R.BLOCKED, fresh(after(6, page("", 429, ("Retry-After", "86400"))))),
    # --- a 200 that is none
    Fault("bao-tri", S.MAINTENANCE, UNREACHED, answering(always(200, "Hệ thống đang bảo trì"))),
    Fault("bao-tri-503", S.MAINTENANCE, UNREACHED, answering(always(503, "Hệ thống đang bảo trì"))),
    Fault("gia-404", S.OK, R.DONE, answering(soft), pages={"/van-ban": S.SOFT_NOT_FOUND, "/tin-tuc": S.OK}),
    Fault("ve-trang-chu", S.OK, R.DONE, answering(fallback), pages={"/van-ban": S.HOME_FALLBACK, "/tin-tuc": S.OK}),
    # --- robots.txt
    Fault("cam-may", S.ROBOTS, UNREACHED, answering(lambda path, _: page("User-agent: *\nDisallow: /", 200) if path == "/robots.txt" else well(path)), most=1),
    Fault("cam-may-vai-muc", S.OK, R.DONE, answering(some_closed), pages={"/tin-tuc": S.ROBOTS}),
    # --- certificates: the page is read all the same, the fact recorded
    Fault("https-tot", S.OK, R.DONE, secured(Secured()), "https", tls={"faults": ""}),
    Fault("https-het-han", S.OK, R.DONE, secured(Secured(days=-3)), "https", tls={"faults": "expired"}),
    Fault("https-chua-den", S.OK, R.DONE, secured(Secured(begins=5)), "https", tls={"faults": "expired"}),
    Fault("https-sai-ten", S.OK, R.DONE, secured(Secured(names=("khac.gov.vn",))), "https", tls={"faults": "name"}),
    Fault("https-tu-ky", S.OK, R.DONE, secured(Secured(issuer="self")), "https", tls={"faults": "issuer"}),
    Fault("https-la", S.OK, R.DONE, secured(Secured(issuer="private")), "https", tls={"faults": "issuer"}),
    Fault("https-thieu-chuoi", S.OK, R.DONE, secured(Secured(issuer="intermediate", chain=False)), "https", tls={"faults": "chain"}),
    Fault("https-du-chuoi", S.OK, R.DONE, secured(Secured(issuer="intermediate")), "https", tls={"faults": ""}),
    Fault("https-cu", S.OK, R.DONE, secured(Secured(old=True)), "https", tls={"faults": "protocol", "protocol": "TLSv1"}),
    Fault("https-nhieu-loi", S.OK, R.DONE, secured(Secured(issuer="self", days=-3, names=("khac.gov.vn",))), "https", tls={"faults": "expired name issuer"}),
    Fault("https-khong-tls", S.TLS_PROTOCOL, UNREACHED, answering(well), "https"),
)  # fmt: skip

HEAVY: tuple[Fault, ...] = (
    Fault("vo-tan", S.TOO_LARGE, UNREACHED, talking(endless)),
    Fault("vo-tan-tung-khuc", S.TOO_LARGE, UNREACHED, talking(endless_chunks)),
    Fault("dau-vo-tan", S.RESET, UNREACHED, talking(endless_header)),
    Fault("nhieu-dau", S.SERVER_ERROR, UNREACHED, talking(endless_headers)),
    Fault("khai-qua-lon", S.TOO_LARGE, UNREACHED, talking(declared_too_large)),
    Fault("bom-gzip", S.DECOMPRESSION_BOMB, UNREACHED, bomb("gzip")),
    Fault("bom-deflate", S.DECOMPRESSION_BOMB, UNREACHED, bomb("deflate")),
    Fault("bom-brotli", S.DECOMPRESSION_BOMB, UNREACHED, bomb("br")),
    Fault("bom-hai-lop", S.DECOMPRESSION_BOMB, UNREACHED, bomb("gzip, gzip")),
)
"""Faults that mean to fill our memory; visited one after another, so that it can be measured."""

LABOURED: tuple[Fault, ...] = (
    Fault("long-nhau", S.OK, R.DONE, answering(only_home(page(shown("Cổng thông tin", "<div><b><table>" * 60_000))))),
    Fault("nhieu-lien-ket", S.OK, R.DONE, answering(only_home(page(shown("Cổng", MANY_LINKS))))),
)
"""Pages that are hard work to read, and are read."""
