"""Visits with a real Chromium: what it asks of the portal, where it may not go, and what its death does."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from crawler.model import Budget, PageVisit, StopReason, Visit, VisitStatus
from crawler.netguard import World
from tests.crawler.loopback import Answer, Site, page, raw, serving
from tests.faults.portals import MENU, cut_short, shown, well
from tests.faults.running import AGENT, PATIENT, ended, options, request, seen, started
from tests.processes import processes_below

pytestmark = [pytest.mark.browser, pytest.mark.long]
FEW = Budget(navigations=6)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
STYLE = "<style>.a{background:url(/nen.png)}</style><p class=a>nền</p>"


def with_parts(path: str, baits: str) -> Answer:
    """A home made of many pictures, with what lures a browser away."""
    if path.endswith(".png"):
        return 200, [("Content-Type", "image/png"), ("Cache-Control", "max-age=600")], PNG
    pictures = "".join(f"<img src=/anh-{number}.png alt=''>" for number in range(12))
    return page(shown("Cổng thông tin điện tử tỉnh A", pictures + STYLE + baits)) if path == "/" else well(path)


def scripted(path: str) -> Answer:
    """A portal whose pages a script fills."""
    if path == "/robots.txt":
        return page("", 404)
    text = f"<nav class=menu>{MENU}</nav><h1>Trang</h1><p>{'Nội dung của cơ quan. ' * 30}</p>".replace('"', "'")
    script = f'document.querySelector("#app").innerHTML = "{text}"'
    return page(
        f"<html><head><title>Trang</title></head><body><div id=app></div><img src=/qua.png><script>{script}</script></body></html>"
    )


def kill_browsers_of(parent: int) -> int:
    """Kill the topmost Chromium among a process's descendants; how many browsers there were."""
    found = processes_below(parent, "chrom")
    for number in found[:1]:
        os.kill(number, signal.SIGKILL)
    return len(found)


@dataclass
class Rendered:
    """What became of the visits, what the servers met, and how often a browser was killed."""

    visits: dict[str, tuple[Visit, tuple[PageVisit, ...]]]
    portal: Site
    strangers: list[Site]
    killed: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rendered]:
    """A portal with many parts and baits; then a scripted one during which the browser is killed twice; then one that is well."""
    folder = tmp_path_factory.mktemp("rendered")
    visitor: list[int] = []
    killed: list[int] = []

    def fragile(path: str, _body: str) -> Answer:
        if path == "/qua.png":
            if len(killed) < 2:
                killed.append(kill_browsers_of(visitor[0]))
            return 200, [("Content-Type", "image/png")], PNG
        return scripted(path)

    with ExitStack() as stack:
        canary = stack.enter_context(raw(cut_short, address="127.0.0.2"))
        stranger = stack.enter_context(serving(lambda _path, _body: page("lạ"), "127.0.3.9"))
        ways = (
            f"127.0.0.2:{canary.port}",
            f"2130706434:{canary.port}",
            f"[::ffff:127.0.0.2]:{canary.port}",
            "thu-ba.vn",
            "chim.gov.vn",
        )
        baits = "".join(
            f"<img src=http://{way}/a><script src=http://{way}/s></script><iframe src=http://{way}/f></iframe>"
            f"<link rel=preconnect href=http://{way}><script>fetch('http://{way}/x').catch(()=>0)</script>"
            for way in ways
        )
        portal = stack.enter_context(serving(lambda path, _body: with_parts(path, baits), "127.0.3.1", slow=0.05))
        sites = {
            "nhieu-anh": portal,
            "hay-hong": stack.enter_context(serving(fragile, "127.0.3.2")),
            "ke-tiep": stack.enter_context(serving(well, "127.0.3.3")),
        }
        resolve = {
            f"{name}.gov.vn": f"127.0.3.{number}:{site.port}" for number, (name, site) in enumerate(sites.items(), 1)
        }
        resolve |= {"thu-ba.vn": f"127.0.3.9:{stranger.port}", "chim.gov.vn": f"127.0.0.2:{canary.port}"}
        how = options(folder, World(only_networks=("127.0.3.0/24",), resolve=resolve), render=True, concurrency=1)
        wanted = [request(name, f"http://{name}.gov.vn/", budget=FEW, pictures=True) for name in sites]
        process = started(wanted, how, settings=PATIENT)
        visitor.append(process.pid)
        reports = ended(process)
        yield Rendered({name: seen(report) for name, report in reports.items()}, portal, [canary, stranger], killed)


def test_a_pages_parts_come_over_two_connections_once_a_visit_and_from_nowhere_else(rendered: Rendered) -> None:
    visit, pages = rendered.visits["nhieu-anh"]
    assert (visit.status, visit.stop) == (VisitStatus.OK, StopReason.NAVIGATIONS)
    assert next(one for one in pages if one.role == "home").screenshot
    parts = [path for path in rendered.portal.paths() if path.endswith(".png")]
    assert sorted(parts) == sorted({*parts})
    assert len(parts) == 13
    assert rendered.portal.most_open <= 2
    assert set(rendered.portal.agents) == {AGENT}
    assert [stranger.log for stranger in rendered.strangers] == [[], []]


def test_the_main_document_is_asked_for_once_though_it_is_photographed(rendered: Rendered) -> None:
    paths = [path for path in rendered.portal.paths() if not path.endswith((".png", ".ico"))]
    assert sorted(paths) == sorted({*paths})
    own = [one for one in rendered.visits["nhieu-anh"][1] if "nhieu-anh" in one.requested_url]
    assert len(paths) == len(own)


def test_a_browser_that_dies_is_no_fault_of_the_portal_and_does_not_end_the_visit(rendered: Rendered) -> None:
    visit, pages = rendered.visits["hay-hong"]
    assert all(rendered.killed), "it was there to be killed each time"
    told = [visit.stop, *((urlsplit(one.requested_url).path, one.status, one.note) for one in pages)]
    crashed = [one for one in pages if one.status is VisitStatus.BROWSER_CRASH]
    assert crashed, told
    assert visit.status is VisitStatus.OK, told
    assert visit.navigations <= FEW.navigations


def test_the_next_portal_is_none_the_worse(rendered: Rendered) -> None:
    visit, pages = rendered.visits["ke-tiep"]
    assert visit.status is VisitStatus.OK
    assert next(one for one in pages if one.role == "home").screenshot
    assert not any(one.note.startswith("not rendered") for one in pages)
