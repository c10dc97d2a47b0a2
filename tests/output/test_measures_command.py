"""`kiemcong measures` and scores made of what was imported."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from checklists.model import Outcome
from crawler.problems import BadInput
from output.cli import run
from output.store import read_scores, write_judged
from output.workspace import init_workspace, open_workspace
from scoring.model import Observation, Settler
from scoring.proxy import PROXY_2016, SOURCE, observed, proxy_rows
from tests.output.judged import claim_of, visit_of

HEADING = "agency,measure,earned,applicable,source\n"
DA_NANG = "".join(
    f"TP. Đà Nẵng,{measure},{earned},{applicable},bảng 2016\n"
    for measure, earned, applicable in (
        ("dvctt-level-1", 35, 36), ("dvctt-level-2", 30, 31), ("dvctt-level-3", 40, 49), ("dvctt-level-4", 12, 29),
        ("internal-application-index", "0.7818", 1), ("infrastructure-index", "0.8437", 1), ("human-index", "0.7617", 1),
    )
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    init_workspace(path, "kiem-cong@coquan.gov.vn", now=datetime(2017, 1, 5, tzinfo=UTC)).close()
    return path


def bring(folder: Path, text: str) -> int:
    path = folder.parent / "measures.csv"
    path.write_text(HEADING + text, "utf-8")
    return run(["measures", "import", str(path), "--workspace", str(folder), "--campaign", "2016"])


def test_imported_measures_make_the_campaigns_index(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--workspace", str(folder), "--campaign", "2016"]
    assert run(["score", *place, "--method", "ict-index-2016"]) == 2
    assert "measures import" in capsys.readouterr().err
    assert bring(folder, DA_NANG) == 0
    assert bring(folder, DA_NANG.replace("40,49", "33,49").split("\n")[2] + "\n") == 0
    assert "0 new, 1 changed" in capsys.readouterr().err
    assert bring(folder, DA_NANG) == 0
    assert run(["score", *place, "--method", "ict-index-2016", "--format", "csv"]) == 0
    told = capsys.readouterr()
    values = {row["node"]: row["value"] for row in csv.DictReader(told.out.splitlines())}
    assert values == {
        "dvctt-total": "0.8069", "dvctt-index": "1.0000", "application-index": "0.8909", "ict-index": "0.8321",
    }  # fmt: skip
    assert "33/145" in told.err
    (made,) = read_scores(folder / "store.sqlite", "2016", "ict-index-2016")
    assert made.agency == "da-nang"
    assert run(["measures", "list", *place, "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 8


def test_mistakes_and_unknown_agencies_are_told_together(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bring(folder, "Nơi nào,human-index,1,1,x\nĐà Nẵng,human-index,1,1,x\nTP. Đà Nẵng,human-index,1,1,x\n") == 2
    told = capsys.readouterr().err
    assert ":2 [agency]" in told
    assert ":4 [measure]" in told
    with open_workspace(folder) as opened:
        assert opened.conn.execute("SELECT count(*) FROM measures").fetchone() == (0,)


def seen(element: str, outcome: Outcome, settler: Settler = Settler.MACHINE) -> Observation:
    return Observation(agency="a", item="introduction-locality", element=element, outcome=outcome, settled_by=settler)


def test_the_proxy_counts_what_is_settled_and_says_how_much_that_is() -> None:
    rows = proxy_rows()
    found = {
        each.name: each
        for each in observed(
            rows,
            [
                seen("history", Outcome.MET), seen("administrative-map", Outcome.NOT_MET),
                seen("natural-conditions", Outcome.MET, Settler.NOBODY), seen("leader-biographies", Outcome.NOT_APPLICABLE),
            ],
            ["a"],
        )
    }  # fmt: skip
    one = found["dvctt-level-1"]
    assert one.measure is not None
    assert (one.measure.earned, one.measure.applicable, one.measure.source) == (1, 2, SOURCE)
    assert one.coverage == Fraction(3, one.points)
    assert found["dvctt-level-4"].measure is None
    assert found["dvctt-level-4"].coverage == 0
    assert {row.source for row in rows} == {"assumed"}


def test_the_proxy_of_a_campaign_is_a_table_that_says_what_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--workspace", str(folder), "--campaign", "2016", "--format", "csv"]
    assert run(["measures", "proxy", *place]) == 2
    assert "kiemcong evaluate" in capsys.readouterr().err
    claim = claim_of("2016", "da-nang", "introduction-locality")
    elements = [
        msgspec.structs.replace(each, element=name)
        for each, name in zip(claim.elements, ("history", "administrative-map"), strict=True)
    ]
    claims = [msgspec.structs.replace(claim, elements=tuple(elements)), claim_of("2016", "bo-y-te")]
    write_judged(folder / "store.sqlite", "2016", [visit_of("2016", "da-nang")], [], claims)
    assert run(["measures", "proxy", *place]) == 0
    told = capsys.readouterr()
    rows = {row["measure"]: row for row in csv.DictReader(told.out.splitlines())}
    assert {row["agency"] for row in rows.values()} == {"da-nang"}
    one = rows["dvctt-level-1"]
    assert (one["earned"], one["applicable"], one["settled"], one["source"]) == ("1", "2", "2/9", SOURCE)
    assert (rows["dvctt-level-4"]["earned"], rows["dvctt-level-4"]["coverage"]) == ("", "0.0000")
    assert "assumed" in told.err


def test_no_row_of_the_proxy_may_claim_a_source(tmp_path: Path) -> None:
    path = tmp_path / "proxy.csv"
    path.write_text(PROXY_2016.read_text("utf-8").replace("assumed", "Báo cáo 2016", 1), "utf-8")
    with pytest.raises(BadInput, match="assumed"):
        proxy_rows(path)
