"""Nothing outside the guard is contacted in a visit: not by redirect, by an odd notation, nor by a name that changes its mind; and what names
that lead nowhere are told as. A canary listens where nobody may go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.model import PageVisit, StopReason, Visit, VisitStatus
from crawler.netguard import OPEN_WORLD, World
from tests.crawler.loopback import Answer, Site, page, raw, serving
from tests.faults.certificates import Authority, Secured
from tests.faults.portals import ADDRESSES, SECTIONS, cut_short, well
from tests.faults.running import PATIENT, options, request, seen, visited

CANARY = "127.0.0.2"
NOTATIONS = (
    "http://127.0.0.2:{port}/", "http://2130706434:{port}/", "http://0177.0.0.2:{port}/", "http://0x7f000002:{port}/", "//127.2:{port}/",
    "http://[::ffff:127.0.0.2]:{port}/", "http://[::ffff:7f00:2]:{port}/", "http://127.0.0.2.:{port}/", "http://127.0.1.1@127.0.0.2:{port}/",
    "http://127.0.1.1:80@127.0.0.2:{port}/", "http://１２７.0.0.2:{port}/", "http://127。0。0。2:{port}/",
)  # fmt: skip
"""Ways to write the canary's address, one for each section."""


@dataclass
class Seen:
    """A portal's visit and pages."""

    visit: Visit
    pages: tuple[PageVisit, ...]


@dataclass
class Guarded:
    """What became of the visits, and who came by the canaries."""

    visits: dict[str, Seen]
    canaries: list[Site]


def luring(port: int) -> dict[str, str]:
    return {path: way.format(port=port) for path, way in zip(SECTIONS, NOTATIONS, strict=True)}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Portals that lure the visitor away, in a closed world whose names are asked of a resolver."""
    folder = tmp_path_factory.mktemp("guard")
    with ExitStack() as stack:
        canary = stack.enter_context(raw(cut_short, address="0.0.0.0"))

        def lure(path: str, _body: str) -> Answer:
            to = luring(canary.port).get(path, "").encode().decode("latin-1")
            return page("", 302, ("Location", to)) if to else well(path)

        def away(path: str, _body: str) -> Answer:
            return page("", 302, ("Location", f"http://chim.gov.vn:{canary.port}/")) if path == "/" else well(path)

        plain = {
            "moi-goi": stack.enter_context(serving(lure, f"{ADDRESSES}1")),
            "dan-di": stack.enter_context(serving(away, f"{ADDRESSES}2")),
            "doi-y": stack.enter_context(serving(well, f"{ADDRESSES}3")),
        }
        known = Authority.at(folder).context(Secured())
        secured = {"doi-y-https": stack.enter_context(serving(well, f"{ADDRESSES}4", context=known))}
        canaries = [canary]
        canaries += [
            stack.enter_context(raw(cut_short, address=CANARY, port=site.port))
            for site in (plain["doi-y"], *secured.values())
        ]
        requests = [request(name, f"http://{name}.gov.vn:{site.port}/") for name, site in plain.items()]
        requests += [request(name, f"https://{name}.gov.vn:{site.port}/") for name, site in secured.items()]
        reports = visited(
            requests,
            options(folder, World(only_networks=(f"{ADDRESSES}0/24",))),
            settings=PATIENT,
            names={
                "moi-goi.gov.vn": (f"{ADDRESSES}1",),
                "dan-di.gov.vn": (f"{ADDRESSES}2",),
                "chim.gov.vn": (CANARY,),
                # The first answer is for the pace; the next decides, and is what is connected to.
                "doi-y.gov.vn": (f"{ADDRESSES}3", CANARY),
                # Good for the pace and one connection, which is kept; bad when the handshake comes.
                "doi-y-https.gov.vn": (f"{ADDRESSES}4", f"{ADDRESSES}4", CANARY),
            },
        )
        yield Guarded({name: Seen(*seen(report)) for name, report in reports.items()}, canaries)


def test_no_canary_is_hit(guarded: Guarded) -> None:
    assert [canary.log for canary in guarded.canaries] == [[], [], []]


def test_every_notation_is_off_limits(guarded: Guarded) -> None:
    one = guarded.visits["moi-goi"]
    asked = {urlsplit(each.requested_url).path: each for each in one.pages}
    assert {path: (asked[path].status, len(asked[path].redirects)) for path in SECTIONS} == dict.fromkeys(
        SECTIONS, (VisitStatus.OFF_LIMITS, 1)
    )
    assert one.visit.status is VisitStatus.OK


def test_a_home_that_leads_away_is_off_limits(guarded: Guarded) -> None:
    away, rebound = guarded.visits["dan-di"].visit, guarded.visits["doi-y"].visit
    assert (away.status, away.stop) == (VisitStatus.OFF_LIMITS, StopReason.UNREACHABLE)
    assert (rebound.status, rebound.stop) == (VisitStatus.OFF_LIMITS, StopReason.UNREACHABLE)


def test_a_handshake_goes_nowhere_either(guarded: Guarded) -> None:
    one = guarded.visits["doi-y-https"]
    assert one.visit.status is VisitStatus.OK
    assert not any(each.tls for each in one.pages)


def test_in_the_open_world_names_that_lead_nowhere_or_home_are_told(tmp_path: Path) -> None:
    names = {
        "khong-ten": ("nobody",), "khong-ai-biet": ("again",), "noi-bo": ("10.0.0.1",), "ve-may": (CANARY,),
        "dam-may": ("169.254.169.254",), "ca-hai": ("::ffff:127.0.0.2",),
    }  # fmt: skip
    with raw(cut_short, address="0.0.0.0") as canary:
        requests = [request(name, f"http://{name}.gov.vn:{canary.port}/") for name in names]
        requests.append(request("so", f"http://2130706434:{canary.port}/"))
        reports = visited(
            requests,
            options(tmp_path, OPEN_WORLD),
            settings=PATIENT,
            names={f"{name}.gov.vn": given for name, given in names.items()},
        )
    assert {name: seen(report)[0].status.value for name, report in reports.items()} == {
        "khong-ten": "dns-failure", "khong-ai-biet": "resolver-timeout", "noi-bo": "off-limits",
        "ve-may": "off-limits", "dam-may": "off-limits", "ca-hai": "off-limits", "so": "off-limits",
    }  # fmt: skip
    assert canary.log == []


@pytest.mark.long
def test_a_resolver_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    wanted = [request("cam-lang", "http://cam-lang.gov.vn/")]
    report = visited(wanted, options(tmp_path, OPEN_WORLD), names={"cam-lang.gov.vn": ("silent",)})["cam-lang"]
    visit, pages = seen(report)
    assert visit.status is VisitStatus.RESOLVER_TIMEOUT
    assert "no answer in 1 s" in pages[-1].error
