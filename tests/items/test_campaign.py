"""What only all visits of a campaign together can show: the portal's own failures, twice and apart; services seen in any visit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from checklists.evaluate import evaluate
from checklists.load import load_checklist
from checklists.merge import merge
from checklists.model import Checklist, Claim, Outcome
from tests.items.test_cases import HERE, dossier_of

DOWN: dict[str, Any] = {"status": "server-error"}
TIMED_OUT: dict[str, Any] = {"status": "connect-timeout"}
UP: dict[str, Any] = {"pages": [{"file": "home.html", "url": "/", "role": "home"}]}


@pytest.fixture(scope="module")
def checklist() -> Checklist:
    return load_checklist()


def claim(checklist: Checklist, item: str, folder: Path, *visits: tuple[str, dict[str, Any]]) -> Claim:
    """The claim of visits told as (time, case)."""
    findings = []
    for number, (now, case) in enumerate(visits, 1):
        dossier = dossier_of(folder, {"block": "tinh", "now": now, **case}, checklist)
        found = next(one for one in evaluate(checklist, dossier) if one.item == item)
        findings.append(msgspec.structs.replace(found, id=f"v{number}"))
    return merge(findings)


def running(checklist: Checklist, *visits: tuple[str, dict[str, Any]]) -> Claim:
    return claim(checklist, "continuous-operation", HERE / "continuous-operation" / "answered.met", *visits)


def test_reached_at_every_visit_is_met(checklist: Checklist) -> None:
    assert running(checklist, ("2017-02-20T09:00:00", UP), ("2017-03-01T15:00:00", UP)).outcome is Outcome.MET


def test_one_failure_of_the_portal_is_looked_at_again(checklist: Checklist) -> None:
    told = running(checklist, ("2017-02-20T09:00:00", UP), ("2017-03-01T15:00:00", DOWN))
    assert told.outcome is Outcome.UNSURE
    assert "hai lượt" in told.message
    assert "{" not in told.message
    assert told.needs_person


def test_two_failures_within_a_day_are_one(checklist: Checklist) -> None:
    told = running(checklist, ("2017-03-01T09:00:00", DOWN), ("2017-03-01T15:00:00", DOWN))
    assert told.outcome is Outcome.UNSURE


def test_two_failures_days_apart_are_not_met_by_the_clause(checklist: Checklist) -> None:
    told = running(checklist, ("2017-02-20T09:00:00", DOWN), ("2017-02-25T09:00:00", UP), ("2017-03-01T15:00:00", DOWN))
    assert told.outcome is Outcome.NOT_MET
    assert "máy chủ báo lỗi" in told.elements[0].message
    assert "Điều 27" in told.elements[0].message


def test_what_may_be_our_fault_is_never_held_against_the_portal(checklist: Checklist) -> None:
    late = ("2017-03-01T15:00:00", TIMED_OUT)
    assert running(checklist, ("2017-02-20T09:00:00", UP), late).outcome is Outcome.MET
    assert running(checklist, ("2017-02-20T09:00:00", TIMED_OUT), late).outcome is Outcome.NOT_OBSERVED


def test_services_of_units_seen_in_one_visit_are_there(checklist: Checklist) -> None:
    seen: dict[str, Any] = {
        "pages": [*UP["pages"], {"file": "dvc.html", "role": "landing", "target": "online-services"}]
    }
    folder = HERE / "service-integration" / "column-of-units.met"
    told = claim(checklist, "service-integration", folder, ("2017-02-20T09:00:00", seen), ("2017-03-01T15:00:00", DOWN))
    assert told.outcome is Outcome.MET
    assert {one.element: one.statistic for one in told.elements}["single-sign-on"]
