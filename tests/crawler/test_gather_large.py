"""Portals of thousands of pages, with what makes them endless: everything is found within the aim, however many pages there are."""

from __future__ import annotations

from collections import Counter

import pytest

from checklists.load import load_checklist
from checklists.targets import compile_targets
from crawler.facts.outline import outline
from crawler.facts.parse import Parsed, parse
from crawler.gather.answers import Answer
from crawler.gather.machine import Gathering
from crawler.gather.spending import AIM, ENOUGH_SAMPLES
from crawler.model import Block, Role, StopReason, TargetSet, VisitStatus
from output.judging import CHECKLIST
from tests.crawler.large_portal import ROOT, LargePortal
from tests.crawler.test_gather import REQUEST

FEW = 5
"""Pages that traps may cost beyond the aim, where a target is missing and they look like it."""
MOST_SHORT = 2
"""Sections whose fourth or fifth sample may be left out so that the aim is kept."""
MISSING = frozenset({"leader-schedule", "administrative-map"})


@pytest.fixture(scope="module")
def targets() -> TargetSet:
    return compile_targets(load_checklist(CHECKLIST), block=Block.TINH)


def visit(portal: LargePortal) -> Gathering:
    kept: dict[int, Parsed] = {}
    gathering = Gathering(REQUEST, portal.targets, kept.get)
    while (ask := gathering.next()) is not None:
        url = f"{ask.url.rpartition('/')[0]}/tim?q=x" if ask.form else ask.url
        text = portal.answer(url) if ask.role is not Role.ROBOTS else None
        if text is None:
            gathering.take(ask, Answer(status=VisitStatus.NOT_FOUND, final_url=url))
        else:
            parsed = kept[len(gathering.pages)] = parse(text.encode(), "text/html; charset=utf-8")
            gathering.take(
                ask, Answer(status=VisitStatus.OK, final_url=url, size=len(text), outline=outline(parsed, url))
            )
    return gathering


@pytest.mark.parametrize(
    ("articles", "traps", "missing"),
    [
        (4, {}, frozenset()),
        (250, {}, frozenset()),
        (250, {}, MISSING),
        pytest.param(250, {"sessions": True}, MISSING, marks=pytest.mark.long),
        pytest.param(250, {"calendars": True}, MISSING, marks=pytest.mark.long),
        pytest.param(250, {"calendars": True, "labelled_days": True}, MISSING, marks=pytest.mark.long),
        pytest.param(250, {"facets": True}, MISSING, marks=pytest.mark.long),
        (250, {"sessions": True, "calendars": True, "labelled_days": True, "facets": True}, MISSING),
    ],
)
def test_every_landing_page_is_found_within_the_aim(
    targets: TargetSet, articles: int, traps: dict[str, bool], missing: frozenset[str]
) -> None:
    portal = LargePortal(targets, articles=articles, missing=missing, **traps)
    assert portal.size() > (10_000 if articles > 4 else 200)
    gathering = visit(portal)
    views = {view.target: view for view in gathering.finish()}
    roles = Counter(page.ask.role for page in gathering.pages)
    assert gathering.stop is StopReason.DONE
    assert gathering.spent.navigations <= AIM + (FEW if traps else 0), roles
    assert (roles[Role.SEARCH_KNOWN], roles[Role.SEARCH_NONSENSE]) == (1, 1)
    for number, section in enumerate(portal.sections):
        view = views[section.id]
        assert f"{ROOT}/m/{number}" in [landing.partition("?")[0] for landing in view.landings], section.id
        assert view.full
        assert len(view.details) >= min(section.details, ENOUGH_SAMPLES)
        assert view.samples_full == (len(view.details) == min(section.details, articles))
    assert sum(not view.samples_full for view in views.values()) <= MOST_SHORT
    assert all(views[absent].full for absent in missing)
    assert not [
        page.ask.url for page in gathering.pages if page.status is VisitStatus.NOT_FOUND and "/m/" in page.ask.url
    ]
