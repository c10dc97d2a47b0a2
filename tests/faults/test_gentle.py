"""How gently a portal is visited, read from its own log: two visitors of one pace file, a day's worth of them side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from crawler.model import Budget, PageVisit, VisitStatus
from crawler.netguard import World
from tests.crawler.loopback import Answer, Site, page, serving
from tests.faults.portals import SECTIONS, shown, well
from tests.faults.running import AGENT, PATIENT, ended, options, request, seen, started

GAP, DELAY, SPACING = 0.1, 0.3, 0.02
"""Seconds: between navigations, what a robots.txt asks for, and a second of a pause we choose ourselves."""
FIRST_PAUSE = 30 * SPACING
ROBOTS = f"""User-agent: *
Crawl-delay: {DELAY}
Disallow: /van-ban

User-agent: KiemCong
Crawl-delay: {DELAY}
Disallow: /tin-tuc
Disallow: /khong-co-trang-nay
"""

TOO_SLOW = "User-agent: *\nCrawl-delay: 3600\n"


@dataclass
class Visited:
    """A portal's own log beside what the visit says."""

    site: Site
    pages: tuple[PageVisit, ...]
    navigations: int

    def at(self, path: str) -> list[float]:
        """When a path was asked for."""
        return [moment for moment, (_, _, asked) in zip(self.site.times, self.site.log, strict=True) if asked == path]


def ruled(path: str, _body: str) -> Answer:
    if path == "/robots.txt":
        return 200, [("Content-Type", "text/plain")], ROBOTS.encode()
    if path == "/du-an":
        return page("", 302, ("Location", "/tin-tuc"))
    return well(path)


def busy(answers: dict[str, list[Answer]]) -> Callable[[str, str], Answer]:
    """Some paths are answered in turn, and are well after that."""
    left = {path: list(given) for path, given in answers.items()}
    return lambda path, _body: left[path].pop(0) if left.get(path) else well(path)


def going_round(path: str, _body: str) -> Answer:
    """A portal whose every section sends on twice."""
    if path in SECTIONS:
        return page("", 302, ("Location", f"{path}/1"))
    if path.endswith("/1"):
        return page("", 302, ("Location", f"{path}2"))
    return page(shown("Trang")) if path.endswith("/12") else well(path)


PORTALS: dict[str, tuple[str, Callable[[str, str], Answer], int]] = {
    # Two hosts behind one address, one visited by each of the two.
    "chung-mot": ("127.0.2.1", well, 250),
    "chung-hai": ("127.0.2.1", well, 250),
    "cham-rai": ("127.0.2.2", ruled, 250),
    "cho-mot-giay": ("127.0.2.3", busy({"/tin-tuc": [page("", 429, ("Retry-After", "1"))]}), 250),
    "ban-hai-lan": ("127.0.2.4", busy({"/": [page("", 503)], "/tin-tuc": [page("", 503)]}), 250),
    "cham-qua": ("127.0.2.7", lambda path, _: page(TOO_SLOW) if path == "/robots.txt" else well(path), 250),
    "it-trang": ("127.0.2.5", well, 7),
    "di-vong": ("127.0.2.6", going_round, 10),
}


@pytest.fixture(scope="module")
def gentle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Visited]]:
    folder = tmp_path_factory.mktemp("gentle")
    with ExitStack() as stack:
        sites = {
            name: stack.enter_context(serving(answer, address, slow=0.01))
            for name, (address, answer, _) in PORTALS.items()
        }
        resolve = {f"{name}.gov.vn": f"{PORTALS[name][0]}:{site.port}" for name, site in sites.items()}
        world = World(only_networks=("127.0.2.0/24",), resolve=resolve)
        how = options(folder, world, gap=GAP, spacing=SPACING)
        wanted = [
            request(name, f"http://{name}.gov.vn/", budget=Budget(navigations=most))
            for name, (_, _, most) in PORTALS.items()
        ]
        halves = (wanted[::2], wanted[1::2])
        both = [stack.enter_context(started(half, how, settings=PATIENT)) for half in halves]
        reports = {name: report for process in both for name, report in ended(process).items()}
        yield {
            name: Visited(site, pages, visit.navigations)
            for name, site in sites.items()
            for visit, pages in [seen(reports[name])]
        }


def check_pace(moments: list[float], gap: float) -> None:
    """So many requests took as long as they must. They may come late, never early; a first one that came late is allowed for."""
    assert len(moments) > 5
    assert max(moments) - min(moments) >= 0.85 * gap * (len(moments) - 1)


def test_the_pace_is_kept_for_a_host_and_for_an_address_over_processes(gentle: dict[str, Visited]) -> None:
    one, two = gentle["chung-mot"].site.times, gentle["chung-hai"].site.times
    check_pace(one, GAP)
    check_pace([*one, *two], GAP)


def test_a_crawl_delay_is_kept(gentle: dict[str, Visited]) -> None:
    check_pace(gentle["cham-rai"].site.times[1:], DELAY)


def test_a_crawl_delay_no_visit_can_keep_ends_it_at_once(gentle: dict[str, Visited]) -> None:
    one = gentle["cham-qua"]
    assert one.site.paths() == ["/robots.txt"]
    assert one.pages[-1].status is VisitStatus.RATE_LIMITED
    assert "left alone for 3600 s" in one.pages[-1].error


def test_robots_txt_is_asked_first_and_obeyed(gentle: dict[str, Visited]) -> None:
    one = gentle["cham-rai"]
    assert one.site.paths()[0] == "/robots.txt"
    assert not [path for path in one.site.paths() if path.startswith(("/tin-tuc", "/khong-co-trang-nay"))]
    assert "/van-ban" in one.site.paths(), "our own group of rules holds, not the one for all"
    told = {urlsplit(each.requested_url).path: each.status for each in one.pages}
    assert told["/tin-tuc"] is VisitStatus.ROBOTS
    assert told["/du-an"] is VisitStatus.ROBOTS, "nor by a redirect"


def test_retry_after_is_obeyed(gentle: dict[str, Visited]) -> None:
    one = gentle["cho-mot-giay"]
    limited = one.at("/tin-tuc")
    assert len(limited) == 2, "it is asked once more in the end"
    after = min(moment for moment in one.site.times if moment > limited[0])
    assert after - limited[0] >= 1.0


def test_pauses_grow_with_every_refusal_and_the_pace_stays_slow_for_a_while(gentle: dict[str, Visited]) -> None:
    one = gentle["ban-hai-lan"]
    times = one.site.times
    home, section = one.at("/")[0], one.at("/tin-tuc")[0]
    assert min(moment for moment in times if moment > home) - home >= FIRST_PAUSE
    assert min(moment for moment in times if moment > section) - section >= 2 * FIRST_PAUSE
    slow = [moment for moment in times if moment > section]
    check_pace(slow, GAP * 2**2)


def test_never_two_navigations_at_once_on_a_host(gentle: dict[str, Visited]) -> None:
    assert {name: one.site.most_open for name, one in gentle.items()} == dict.fromkeys(gentle, 1)


def test_a_visit_stays_within_its_budget_redirects_included(gentle: dict[str, Visited]) -> None:
    assert len(gentle["it-trang"].site.log) == 7
    # The last page may send on, after which nothing is asked any more.
    assert len(gentle["di-vong"].site.log) == gentle["di-vong"].navigations <= 10 + 2


def test_every_request_says_who_we_are(gentle: dict[str, Visited]) -> None:
    assert {agent for one in gentle.values() for agent in one.site.agents} == {AGENT}
    assert "mailto:" in AGENT
