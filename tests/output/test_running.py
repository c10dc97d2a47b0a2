"""Rounds of visits by worker processes: everything planned is made once, whatever is killed on the way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler import ledger
from crawler.model import Agency, AgencyPortal, Block, StopReason, VisitStatus
from crawler.plan import VIETNAM
from crawler.registry import Registry
from crawler.slots import PlannedVisit, SlotState
from crawler.visit_folder import UNSEALED, read_visit, sealed_visits
from output.editions import store_edition
from output.verify import check_folder
from output.workspace import Workspace, init_workspace, open_workspace

PAGE = """<html><head><title>{title}</title></head><body><nav><ul><li><a href="/">Trang chủ</a></li>
<li><a href="/tin">Tin tức</a></li><li><a href="/lich">Lịch công tác</a></li><li><a href="/lh">Liên hệ</a></li></ul></nav>
<h1>{title}</h1><p>{text}</p></body></html>"""
TITLES = {"/": "Cổng thông tin điện tử", "/tin": "Tin tức", "/lich": "Lịch công tác", "/lh": "Liên hệ"}
AGENCIES = ("mot", "hai", "ba")
START = datetime(2017, 3, 13, 9, tzinfo=VIETNAM)


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    """A small portal on loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            title = TITLES.get(self.path)
            body = PAGE.format(title=title, text="Nội dung của cơ quan. " * 30).encode() if title else b"khong co"
            self.send_response(200 if title else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


def planned(path: Path, portal: str, visits: int) -> Workspace:
    """A workspace with so many planned visits of each agency, all to the one portal."""
    workspace = init_workspace(path, "kiemthu@example.vn")
    registry = Registry(
        tuple(Agency(id=each, block=Block.HUYEN, name=f"Huyện {each}") for each in AGENCIES),
        tuple(AgencyPortal(agency=each, url=portal) for each in AGENCIES),
    )
    store_edition(workspace.conn, "thu", registry, parent="", file="", sha256="", now=START)
    slots = [
        PlannedVisit(campaign="2016", agency=each, number=n, at=START.replace(hour=8 + n))
        for each in AGENCIES
        for n in range(1, visits + 1)
    ]
    ledger.store_plan(workspace.conn, slots, now=START)
    return workspace


def run_replay(path: Path) -> subprocess.Popen[bytes]:
    """`kiemcong run --replay` on a workspace, in a process group of its own."""
    command = [
        sys.executable, "-c", "from output.cli import main; main()", "run", "--workspace", str(path), "--replay", "--workers", "2",
        "--no-browser", "--only-network", "127.0.0.0/8", "--pace", "0",
    ]  # fmt: skip
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )


def check_all_made_once(path: Path, visits: int) -> None:
    """Every planned visit is sealed, sound and booked once; nothing is left half-made."""
    wanted = sorted(f"2016.{each}.{n}" for each in AGENCIES for n in range(1, visits + 1))
    with open_workspace(path) as workspace:
        assert sealed_visits(workspace.visits) == wanted
        assert {slot.state for slot in ledger.slots(workspace.conn)} == {SlotState.DONE}
        for slot in wanted:
            endings = [attempt.ending for attempt in ledger.attempts(workspace.conn, slot)]
            assert endings.count(ledger.Ending.SEALED) == 1
            assert check_folder(workspace.visits / slot).damages == ()
        leftovers = workspace.visits / UNSEALED
        assert not leftovers.is_dir() or not list(leftovers.iterdir())


def test_a_round_makes_every_planned_visit_and_says_so(portal: str, tmp_path: Path) -> None:
    planned(tmp_path / "ws", portal, 2).close()
    run = run_replay(tmp_path / "ws")
    _, told = run.communicate(timeout=120)
    assert run.returncode == 0, told.decode()
    check_all_made_once(tmp_path / "ws", 2)
    with open_workspace(tmp_path / "ws") as workspace:
        visit = read_visit(workspace.visits / "2016.mot.1")
        assert (visit.status, visit.stop) == (VisitStatus.OK, StopReason.DONE)
        assert visit.request.now == START.replace(hour=9)
        assert visit.vantage.closed_world == "127.0.0.0/8"


@pytest.mark.parametrize("kills", [3, pytest.param(24, marks=pytest.mark.long)])
def test_killing_everything_at_any_instant_loses_no_visit_and_makes_none_twice(
    portal: str, tmp_path: Path, kills: int
) -> None:
    visits = 3
    planned(tmp_path / "ws", portal, visits).close()
    chance = random.Random(kills)
    for _ in range(kills):
        run = run_replay(tmp_path / "ws")
        try:
            run.wait(timeout=chance.uniform(0.3, 4.0))
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate(timeout=30)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        run = run_replay(tmp_path / "ws")
        _, told = run.communicate(timeout=120)
        with open_workspace(tmp_path / "ws") as workspace:
            if all(slot.state is SlotState.DONE for slot in ledger.slots(workspace.conn)):
                break
        # What a killed attempt left is only cleared once it is a minute old.
    assert run.returncode == 0, told.decode()
    with open_workspace(tmp_path / "ws") as workspace:
        for left in (workspace.visits / UNSEALED).glob("*"):
            os.utime(left, (0, 0))
    run_replay(tmp_path / "ws").communicate(timeout=60)
    check_all_made_once(tmp_path / "ws", visits)
