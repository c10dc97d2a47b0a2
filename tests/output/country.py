"""A few small portals on loopback, told apart by their host names, that remember who asked for what; and a workspace that plans visits to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from crawler import ledger
from crawler.clock import Clock
from crawler.jobs import WorkOptions
from crawler.model import Agency, AgencyPortal, Block, Budget
from crawler.netguard import World
from crawler.plan import VIETNAM
from crawler.registry import Registry
from crawler.slots import PlannedVisit
from crawler.stay import Stay
from output.commands.run import targets_by_block
from output.editions import store_edition
from output.running import Round
from output.workspace import Workspace, init_workspace

PAGE = """<html><head><title>{title} - {host}</title></head><body><nav><ul><li><a href="/">Trang chủ</a></li>
<li><a href="/tin">Tin tức</a></li><li><a href="/lich">Lịch công tác</a></li><li><a href="/lh">Liên hệ</a></li></ul></nav>
<h1>{title}</h1><p>{text}</p></body></html>"""
TITLES = {"/": "Cổng thông tin điện tử", "/tin": "Tin tức", "/lich": "Lịch công tác", "/lh": "Liên hệ"}
ROOT = Path(__file__).resolve().parents[2]


class Country:
    """The portals of some agencies. log: (agency, path, begun, ended) of every request answered, in monotonic seconds; `before` is called with
    agency and path before each is answered and may return a status to answer with instead of a page."""

    def __init__(self, agencies: Sequence[str], port: int) -> None:
        self.agencies = tuple(agencies)
        self.port = port
        self.log: list[tuple[str, str, float, float]] = []
        self.before: Callable[[str, str], int | None] = lambda _agency, _path: None

    @property
    def world(self) -> World:
        """Loopback alone, with each agency's host name leading here."""
        hosts = {f"{agency}.gov.vn": f"127.0.0.1:{self.port}" for agency in self.agencies}
        return World(only_networks=("127.0.0.0/8",), resolve=hosts)

    @property
    def options(self) -> list[str]:
        """The same world for a command line, with no pace and no browser."""
        led = [f"--resolve={host}={place}" for host, place in self.world.resolve.items()]
        return ["--no-browser", "--only-network", "127.0.0.0/8", "--pace", "0", *led]


@contextmanager
def country(*agencies: str) -> Iterator[Country]:
    """Portals that answer until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            begun = time.monotonic()
            agency = self.headers["Host"].partition(".")[0]
            status = made.before(agency, self.path)
            title = TITLES.get(self.path)
            text = "Nội dung của cơ quan. " * 30
            body = PAGE.format(title=title, host=agency, text=text).encode() if title and status is None else b"khong"
            made.log.append((agency, self.path, begun, time.monotonic()))
            self.send_response(status or (200 if title else 404))
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 100

        def handle_error(self, *_: object) -> None:
            pass  # workers that are killed hang up

    server = Server(("127.0.0.1", 0), Handler)
    made = Country(agencies, server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def planned(path: Path, agencies: Sequence[str], times: Sequence[datetime]) -> Workspace:
    """A workspace that knows these agencies and plans a visit to each at each of these times."""
    workspace = init_workspace(path, "kiemthu@example.vn")
    now = min(times, default=datetime(2017, 1, 1, tzinfo=VIETNAM))
    registry = Registry(
        tuple(Agency(id=each, block=Block.HUYEN, name=f"Huyện {each}") for each in agencies),
        tuple(AgencyPortal(agency=each, url=f"http://{each}.gov.vn/") for each in agencies),
    )
    store_edition(workspace.conn, "thu", registry, parent="", file="", sha256="", now=now)
    slots = [
        PlannedVisit(campaign="2016", agency=each, number=number, at=at)
        for each in agencies
        for number, at in enumerate(times, 1)
    ]
    ledger.store_plan(workspace.conn, slots, now=now)
    return workspace


def round_of(
    workspace: Workspace, country: Country, clock: Clock, *, concurrency: int = 4, stay: Stay | None = None
) -> Round:
    """What workers need to visit the country's portals."""
    return Round(
        database=workspace.database,
        registry=workspace.registry,
        targets=targets_by_block(),
        options=WorkOptions(
            visits=workspace.visits.resolve(),
            pace=workspace.pace_path.resolve(),
            user_agent="KiemCong/test",
            world=country.world,
            gap=0.0,
            spacing=0.0,  # the clock is not the machine's, so nothing is waited for
            concurrency=concurrency,
            render=False,
            stay=stay or Stay(),
        ),
        budget=Budget(),
        pictures=False,
        clock=clock,
    )
