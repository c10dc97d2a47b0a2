"""Whose fault it is: an address known to be up is asked before a portal is blamed for the network; and what is not worth another try."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from crawler.model import StopReason, VisitStatus
from crawler.netguard import World
from crawler.slots import patience
from tests.crawler.loopback import raw, reset, serving
from tests.faults.orders import Report
from tests.faults.portals import ADDRESSES, FAULTS, always, heard, well
from tests.faults.running import PATIENT, options, request, seen, visited

GONE = "mat-tich"
NAMES = ("tu-choi", "loi-may-chu", "cam-tat-ca", "cam-may", "dang-nhap", "qua-tai-lau")


def gone_after(good: int) -> Callable[[socket.socket], None]:
    """A portal that is well for so many connections, and then hangs up on every one."""
    met: list[int] = []

    def talk(connection: socket.socket) -> None:
        met.append(1)
        if len(met) > good:
            return reset(connection)
        status, headers, body = well(heard(connection))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        connection.sendall(
            f"HTTP/1.1 {status} X\r\n{lines}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        return None

    return talk


def visits(folder: Path, *, control_up: bool) -> dict[str, Report]:
    """A few portals visited beside a control address, with a further try to come."""
    faults = {fault.name: fault for fault in FAULTS}
    with ExitStack() as stack:
        resolve = {}
        for number, name in enumerate(NAMES, start=1):
            resolve[faults[name].host] = (
                f"{ADDRESSES}{number}:{faults[name].serve(stack, f'{ADDRESSES}{number}', folder).port}"
            )
        gone = stack.enter_context(raw(gone_after(6), address=f"{ADDRESSES}50"))
        control = stack.enter_context(serving(always(200), f"{ADDRESSES}60"))
        resolve |= {
            f"{GONE}.gov.vn": f"{ADDRESSES}50:{gone.port}",
            "luon-song.vn": f"{ADDRESSES}60:{control.port if control_up else 9}",
        }
        how = options(
            folder, World(only_networks=(f"{ADDRESSES}0/24",), resolve=resolve), controls=("http://luon-song.vn/",)
        )
        return visited(
            [request(name, f"http://{name}.gov.vn/") for name in (*NAMES, GONE)], how, last=False, settings=PATIENT
        )


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    return visits(tmp_path_factory.mktemp("up"), control_up=True)


def test_a_portal_is_not_blamed_for_our_own_network(tmp_path: Path) -> None:
    down = visits(tmp_path, control_up=False)
    ours = {name for name, report in down.items() if report.ended == "ours"}
    assert ours == {"tu-choi", GONE}
    for name in ours:
        assert "our own network is down (http://luon-song.vn/: refused)" in down[name].error
    assert not any(report.id.startswith(f"thu.{name}") for name in ours for report in down.values() if report.folder)


def test_while_our_network_is_well_the_portal_is_what_failed(up: dict[str, Report]) -> None:
    assert {report.ended for report in up.values()} == {"done"}
    assert (up["tu-choi"].status, up["tu-choi"].folder) == (VisitStatus.REFUSED, "")


def test_a_portal_that_goes_away_in_the_middle_ends_the_visit(up: dict[str, Report]) -> None:
    visit, pages = seen(up[GONE])
    assert (visit.status, visit.stop) == (VisitStatus.OK, StopReason.UNREACHABLE)
    assert [one.status for one in pages[-6:]] == [VisitStatus.RESET] * 6
    assert all(not view.full for view in visit.views if view.target != "home" and not view.landings)


def test_only_what_may_pass_is_tried_again(up: dict[str, Report]) -> None:
    sealed = {name: bool(up[name].folder) for name in NAMES}
    assert sealed == {name: up[name].status in patience().permanent for name in NAMES}
    assert [name for name, kept in sealed.items() if kept] == ["cam-may", "dang-nhap"]


def test_a_host_that_wants_to_be_left_alone_is_not_tried_before(up: dict[str, Report]) -> None:
    assert 80_000 < up["qua-tai-lau"].rest <= 86_400
    assert up["loi-may-chu"].rest == 0
