"""Claims on services: from sealed batches to the queue's record, what people decide on them, and what then counts."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from checklists.model import Claim, Outcome
from checklists.review import Act, machine_outcomes
from output import reviews
from output.cli import run
from output.reviews import Draft
from output.store import read_claims, read_findings, read_service_claims, read_services_seen
from output.workspace import init_workspace, open_workspace
from tests.output.probed import NAMES, START, declared, evaluate, probe_all

MET, NOT_MET, UNSURE = Outcome.MET, Outcome.NOT_MET, Outcome.UNSURE
NOT_OBSERVED, NOT_APPLICABLE = Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    init_workspace(path, "kiem-cong@coquan.gov.vn", now=START).close()
    return path


@pytest.fixture
def judged(folder: Path) -> Path:
    probe_all(folder, declared())
    evaluate(folder)
    return folder


def claims(folder: Path) -> dict[str, Claim]:
    return {claim.item.removeprefix("dvc."): claim for claim in read_service_claims(folder / "store.sqlite", "2016")}


def flags(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    capsys.readouterr()
    command = [
        "services",
        "tables",
        "--workspace",
        str(folder),
        "--campaign",
        "2016",
        "--table",
        "flags",
        "--format",
        "csv",
    ]
    assert run(command) == 0
    return {row["service"]: row["flag"] for row in csv.DictReader(capsys.readouterr().out.splitlines())}


def decide(folder: Path, service: str, who: str, outcome: Outcome) -> None:
    """One person says whether a service works, on the claim as it is now."""
    claim = claims(folder)[service]
    machine = machine_outcomes(claim)
    elements = machine | {"working": outcome}
    act = Act.CONFIRM if elements == machine else Act.OVERTURN
    draft = Draft(act=act, reviewer=who, reviewed_at=START + timedelta(days=9), elements=elements, text="đã xem")
    with open_workspace(folder) as opened:
        reviews.record(opened.conn, claim, draft, seen=None)


def test_each_kind_of_service_is_a_claim_with_evidence(judged: Path) -> None:
    made = claims(judged)
    assert made.keys() == NAMES.keys()
    outcomes = {name: {one.element: one.verdict.outcome for one in claim.elements} for name, claim in made.items()}
    assert {name: [each[e] for e in ("working", "stable", "level")] for name, each in outcomes.items()} == {
        "song": [MET, MET, MET],
        "lac": [MET, NOT_MET, MET],
        "chet": [NOT_MET, NOT_MET, NOT_APPLICABLE],
        "thieu": [MET, MET, UNSURE],
        "chan": [NOT_OBSERVED, NOT_OBSERVED, NOT_APPLICABLE],
    }
    assert {name for name, claim in made.items() if claim.needs_person} == {"chet", "thieu"}
    down = made["lac"].elements[1].verdict.seen[0]
    assert (down.page, down.quote) == ("2016.probes.003/lac", "HTTP 500 · Dịch vụ công · Lỗi máy chủ")
    assert made["lac"].message.startswith("Hoạt động 50 % số lần xác định được; 1 lần gián đoạn, dài nhất 40 giờ")
    assert made["song"].message == "Hoạt động ổn định, không thấy gì trái với khai báo."
    assert made["thieu"].elements[2].verdict.reason == "only-information"
    seen = {one.element for one in made["song"].elements if one.statistic and one.verdict.outcome is not NOT_OBSERVED}
    assert seen == {"procedure-data", "forms", "e-form", "attachment", "submission", "status-lookup"}
    assert {one.verdict.outcome for one in made["chet"].elements if one.statistic} == {NOT_OBSERVED}
    # Portals' claims are asked for apart.
    assert read_claims(judged / "store.sqlite", "2016") == ()
    assert read_findings(judged / "store.sqlite", "2016") == ()
    (record,) = [
        one for one in read_services_seen(judged / "store.sqlite", "2016", "da-nang") if one.service.id == "lac"
    ]
    assert [change.batch[-3:] for change in record.changes] == ["000", "003", "009"]
    assert len(record.marks) == 12


def test_judging_again_changes_nothing_and_more_probes_of_the_same_leave_the_digest(folder: Path) -> None:
    probe_all(folder, declared(), numbers=range(11))
    evaluate(folder)
    before = claims(folder)
    evaluate(folder)
    assert claims(folder) == before
    probe_all(folder, declared(), numbers=[11])
    evaluate(folder)
    after = claims(folder)
    assert {name: claim.digest for name, claim in after.items()} == {n: c.digest for n, c in before.items()}
    assert after["song"].elements[0].message != before["song"].elements[0].message


def test_a_removal_stands_only_when_a_person_confirmed_it(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert flags(judged, capsys) == {"chet": "dead", "lac": "unstable", "chan": "undetermined"}
    decide(judged, "chet", "an", NOT_MET)
    assert flags(judged, capsys)["chet"] == "removed"
    decide(judged, "chet", "binh", MET)
    assert flags(judged, capsys)["chet"] == "removed", "one person alone does not overturn"
    decide(judged, "chet", "chi", MET)
    assert flags(judged, capsys)["chet"] == "overturned"
    # A service that answers but never progresses: two people may take it out.
    decide(judged, "song", "an", NOT_MET)
    assert "song" not in flags(judged, capsys)
    decide(judged, "song", "binh", NOT_MET)
    assert flags(judged, capsys)["song"] == "removed"


def test_a_decision_on_what_is_no_longer_so_does_not_count(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    probe_all(folder, declared(["chet"]), numbers=range(11))
    evaluate(folder)
    decide(folder, "chet", "an", NOT_MET)
    assert flags(folder, capsys) == {"chet": "removed"}
    alive = lambda name, number: probed_alive(number)  # noqa: E731
    probe_all(folder, declared(["chet"]), shown=alive, numbers=[11])
    assert flags(folder, capsys) == {"chet": "unstable"}, "before it is judged anew"
    evaluate(folder)
    assert flags(folder, capsys) == {"chet": "unstable"}


def probed_alive(_: int) -> tuple[object, str]:
    from crawler.services.model import Outcome as Seen

    return Seen.ALIVE, "nop"


def test_decisions_made_elsewhere_join_the_chain_once(
    judged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "decisions.csv"
    command = ["services", "decisions", str(made), "--workspace", str(judged), "--campaign", "2016"]
    made.write_text(
        "service,decision,reviewer,reviewed_at,justification\n"
        "chet,confirm,An,2017-03-20,không mở được\nlac,confirm,An,2017-03-20,đúng là chập chờn\n",
        "utf-8",
    )
    assert run(command) == 0
    assert run(command) == 0
    assert "0 new of 2" in capsys.readouterr().err
    with open_workspace(judged) as opened:
        assert [(one.item, one.act, one.reviewer) for one in reviews.reviews(opened.conn)] == [
            ("dvc.chet", "confirm", "An"), ("dvc.lac", "confirm", "An"),
        ]  # fmt: skip
        assert reviews.chain_problem(opened.conn) == ""
    assert flags(judged, capsys)["chet"] == "removed"
    made.write_text("service,decision,reviewer,reviewed_at,justification\nx,maybe,,soon,\n", "utf-8")
    assert run(command) == 2
    assert capsys.readouterr().err.count("decisions.csv:2") == 5
    made.write_text("service,decision,reviewer,reviewed_at,justification\nchan,overturn,An,2017-03-20,a\n", "utf-8")
    assert run(command) == 2


@pytest.mark.parametrize("asked", ["lac", "cấp giấy phép lái xe"])
def test_explain_shows_the_chain_behind_a_service(
    judged: Path, asked: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["explain", "Đà Nẵng", asked, "--workspace", str(judged), "--pictures", str(tmp_path / "p")]
    assert run(command) == 0
    told = capsys.readouterr().out
    assert "Cấp giấy phép lái xe" in told
    assert "2016.probes.003" in told
    assert "all-probes" in told
    assert (tmp_path / "p" / "dvc.lac.working.png").exists()
    assert run(["explain", "Đà Nẵng", "không có", "--workspace", str(judged)]) == 2
    assert run(["explain", "Đà Nẵng", "--workspace", str(judged)]) == 0
    told = capsys.readouterr().out
    assert "Đăng ký kinh doanh" in told
    assert "Cấp phép xây dựng" not in told, "only services with something to look at are told unasked"


def test_levels_stand_beside_what_was_declared(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["services", "levels", "--workspace", str(judged), "--campaign", "2016", "--format", "csv"]
    assert run([*command, "--agency", "Đà Nẵng"]) == 0
    rows = {row["service"]: row for row in csv.DictReader(capsys.readouterr().out.splitlines())}
    assert rows.keys() == NAMES.keys()
    assert (rows["song"]["declared"], rows["song"]["verdict"], rows["song"]["e-form"]) == ("3", "fits", "met")
    assert (rows["chet"]["declared"], rows["chet"]["forms"]) == ("4", "not_observed")
    assert run([*command, "--contradicted"]) == 0
    assert [row["service"] for row in csv.DictReader(capsys.readouterr().out.splitlines())] == ["thieu"]
    assert run([*command[:5], "1999"]) == 2
