"""What a visit says of every way a portal fails, and what it costs: the table of tests.faults.portals, visited in one worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from crawler.model import PageVisit, Role, Visit
from crawler.netguard import World
from tests.crawler.loopback import Site
from tests.faults.certificates import Authority
from tests.faults.orders import Report
from tests.faults.portals import ADDRESSES, FAULTS, HEAVY, LABOURED, UNPACKED, Fault
from tests.faults.running import AGENT, SCALED, options, request, seen, visited

MB = 1_000_000
LARGEST = 2 * MB
"""Bytes of one answer, scaled down with the rest."""


@dataclass
class Became:
    """A fault, its server's log and what the visit said of it."""

    fault: Fault
    site: Site
    report: Report
    visit: Visit
    pages: tuple[PageVisit, ...]


def visit_all(faults: tuple[Fault, ...], folder: pytest.TempPathFactory, **more: object) -> Iterator[dict[str, Became]]:
    place = folder.mktemp("faults")
    with ExitStack() as stack:
        sites, resolve = {}, {}
        for number, fault in enumerate(faults, start=1):
            address = f"{ADDRESSES}{number}"
            sites[fault.name] = fault.serve(stack, address, place)
            resolve[fault.host] = f"{address}:{sites[fault.name].port}"
        world = World(only_networks=(f"{ADDRESSES}0/24",), resolve=resolve)
        requests = [request(fault.name, f"{fault.scheme}://{fault.host}/") for fault in faults]
        reports = visited(
            requests,
            options(place, world, **more),
            environment={"SSL_CERT_FILE": str(Authority.at(place).root)},
            settings={**SCALED, "DOWNLOAD_MAXSIZE": LARGEST},
        )
        yield {
            fault.name: Became(fault, sites[fault.name], report, *seen(report))
            for fault in faults
            if (report := reports[fault.name])
        }


@pytest.fixture(scope="module")
def became(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Became]]:
    yield from visit_all(FAULTS, tmp_path_factory)


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Became]]:
    yield from visit_all((FAULTS[0], *HEAVY), tmp_path_factory, concurrency=1)


names = pytest.mark.parametrize("name", [fault.name for fault in FAULTS])


@names
def test_the_sealed_visit_says_what_happened(became: dict[str, Became], name: str) -> None:
    one = became[name]
    told = [(page.requested_url, page.status, page.http_status, page.error) for page in one.pages]
    assert (one.visit.status, one.visit.stop) == (one.fault.status, one.fault.stop), told
    by_path = {urlsplit(page.requested_url).path: page.status for page in one.pages}
    assert {path: by_path.get(path) for path in one.fault.pages} == one.fault.pages, told
    found = next((page.tls for page in one.pages if page.tls), {})
    assert {key: found.get(key) for key in one.fault.tls} == one.fault.tls, found


@names
def test_no_fault_takes_long_or_many_requests(became: dict[str, Became], name: str) -> None:
    one = became[name]
    assert one.report.seconds < one.fault.seconds
    assert len(one.site.log) <= one.fault.most, one.site.log
    assert set(one.site.agents) <= {AGENT}


def test_a_handshake_is_made_once_for_a_host(became: dict[str, Became]) -> None:
    told = {name: [page.role for page in one.pages if page.tls] for name, one in became.items()}
    assert {tuple(roles) for name, roles in told.items() if name.startswith("https-")} == {(Role.HOME,)}
    assert not any(roles for name, roles in told.items() if not name.startswith("https-"))


@pytest.mark.parametrize("name", [fault.name for fault in HEAVY])
def test_what_means_to_fill_our_memory_does_not(heavy: dict[str, Became], name: str) -> None:
    check_bounded(heavy, name, UNPACKED // 2)


@pytest.mark.long
def test_pages_that_are_hard_work_are_read_in_bounded_memory(tmp_path_factory: pytest.TempPathFactory) -> None:
    (became,) = visit_all((FAULTS[0], *LABOURED), tmp_path_factory, concurrency=1)
    for fault in LABOURED:
        check_bounded(became, fault.name, 150 * MB)


def check_bounded(became: dict[str, Became], name: str, most: int) -> None:
    """The visit says what happened, and no more memory than that was taken beyond what a portal takes that is well."""
    one = became[name]
    told = [(page.requested_url, page.status, page.error) for page in one.pages]
    assert (one.visit.status, one.visit.stop) == (one.fault.status, one.fault.stop), told
    assert one.report.peak - became[FAULTS[0].name].report.peak < most
    assert one.report.seconds < one.fault.seconds
