"""A campaign from its claims to files: scores, ranks and exports made offline, the same bytes each time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import openpyxl
import pytest

from checklists.load import load_checklist
from checklists.model import Claim, ElementClaim, ElementFinding, Finding, Outcome, Pointer, Verdict
from crawler.model import Block
from output import documents
from output.cli import run
from output.export.columns import ExportFile, data_dictionary, export_columns
from output.export.sheets import LONGEST_CELL, harmless, sheet_name, table_csv, table_json, table_xlsx
from output.store import read_claims, read_ranks, write_judged
from output.workspace import init_workspace
from tests.output.judged import NOW, visit_of

PROVINCES = {"da-nang": 9, "ha-noi": 5, "an-giang": 5, "lao-cai": 1}
"""How many of nine elements of three items each of them meets."""

NASTY = '=HYPERLINK("http://x","y")'


def judged(campaign: str) -> tuple[list[Finding], list[Claim]]:
    """Every element of three items judged, for four provinces; a fifth was seen but could not be judged."""
    checklist = load_checklist()
    items = [item for item in checklist.items if item.id in ("search", "news", "portal-contact")]
    findings, claims = [], []
    for agency in (*PROVINCES, "thua-thien-hue"):
        met = PROVINCES.get(agency, 0)
        for item in items:
            elements = []
            for element in item.elements:
                outcome = Outcome.UNSURE if agency == "thua-thien-hue" else Outcome.MET if met > 0 else Outcome.NOT_MET
                met -= 1
                seen = (
                    Pointer(sha256="a" * 64, url=f"https://{agency}.gov.vn/", selector="p", quote=NASTY, page="p1"),
                )
                elements.append(
                    (element.id, Verdict(outcome=outcome, reason="seen", seen=seen), f"Câu về {element.title}")
                )
            common = {
                "campaign": campaign, "agency": agency, "item": item.id, "checklist": f"{checklist.id}@{checklist.version}",
                "outcome": Outcome.PARTLY_MET, "message": "", "needs_person": False,
            }  # fmt: skip
            finding = Finding(
                id=f"{campaign}-{agency}-1/{item.id}",
                visit=f"{campaign}-{agency}-1",
                checklist_digest=checklist.digest,
                elements=tuple(ElementFinding(element=e, verdict=v, message=m) for e, v, m in elements),
                seen_at=NOW.isoformat(),
                **common,  # type: ignore[arg-type]
            )
            findings.append(finding)
            claims.append(
                Claim(
                    elements=tuple(
                        ElementClaim(element=e, verdict=v, message=m, finding=finding.id) for e, v, m in elements
                    ),
                    findings=(finding.id,),
                    rule="only",
                    digest=f"{agency}/{item.id}",
                    **common,  # type: ignore[arg-type]
                )
            )
    return findings, claims


METHOD_ITEMS = {"search", "news", "portal-contact"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace with a judged campaign, the checklist narrowed to the three items judged."""
    narrowed = load_checklist()
    narrowed = msgspec.structs.replace(
        narrowed, items=tuple(item for item in narrowed.items if item.id in METHOD_ITEMS)
    )
    monkeypatch.setattr("output.weighing.load_checklist", lambda name: narrowed)
    folder = tmp_path / "work"
    with init_workspace(folder, "kiemtra@example.gov.vn", now=NOW) as opened:
        findings, claims = judged("2016")
        visits = [visit_of("2016", agency) for agency in (*PROVINCES, "thua-thien-hue")]
        write_judged(opened.store_path, "2016", visits, findings, claims)
    return folder


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, str]]:
    assert run([str(argument) for argument in arguments]) == 0, capsys.readouterr().err
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_a_campaign_is_scored_ranked_and_kept(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores = printed(capsys, "score", "--workspace", workspace, "--campaign", "2016", "--format", "csv")
    assert {row["agency"] for row in scores} == {*PROVINCES, "thua-thien-hue"}
    by_agency = {row["agency"]: row for row in scores}
    assert by_agency["da-nang"]["value"] == "1.000"
    assert (by_agency["thua-thien-hue"]["value"], by_agency["thua-thien-hue"]["coverage"]) == ("", "0.0000")
    assert "80 %" in by_agency["thua-thien-hue"]["withheld"]
    assert {row["items"] for row in scores} == {"3/31"}
    ranks = printed(capsys, "rank", "--workspace", workspace, "--campaign", "2016", "--format", "csv")
    assert [(row["rank"], row["agency"]) for row in ranks] == [
        ("1", "da-nang"), ("2", "ha-noi"), ("2", "an-giang"), ("4", "lao-cai"), ("", "thua-thien-hue"),
    ]  # fmt: skip
    stored = read_ranks(workspace / "store.sqlite", "2016", "btttt-2016")[Block.TINH]
    assert [row.rank for row in stored] == [1, 2, 2, 4, None]


def test_tables_for_people_name_agencies_and_say_what_is_left_out(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("score", "rank"):
        assert run([command, "--workspace", str(workspace), "--campaign", "2016"]) == 0
        told = capsys.readouterr()
        assert "Đà Nẵng" in told.out
        assert "1,000" in told.out
        assert "3/31 mục" in told.err


def test_an_export_holds_what_its_manifest_says(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert run(["export", "--workspace", str(workspace), "--campaign", "2016", str(folder)]) == 0
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {entry["name"] for entry in manifest["files"]} == {
        f"{name}.{form}" for name in ("table-4.4", "findings", "contributions") for form in ("csv", "json", "xlsx")
    }
    for entry in manifest["files"]:
        assert hashlib.sha256((folder / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]
    assert manifest["method"]["coverage_assumed"] is True
    assert [visit["id"] for visit in manifest["visits"]] == sorted(
        f"2016-{agency}-1" for agency in (*PROVINCES, "thua-thien-hue")
    )
    table = json.loads((folder / "table-4.4.json").read_text())
    assert (table[0]["rank"], table[0]["agency"], table[0]["index"]) == (1, "TP. Đà Nẵng", "1,000")
    assert table[0]["portal"].endswith(".gov.vn")
    assert (table[-1]["rank"], table[-1]["agency"], table[-1]["index"]) == (None, "Thừa Thiên - Huế", "")
    assert table[-1]["note"]


def test_contributions_sum_to_the_index(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert run(["export", "--workspace", str(workspace), "--campaign", "2016", str(folder)]) == 0
    rows = json.loads((folder / "contributions.json").read_text())
    shares = [float(row["share"].replace(",", ".")) for row in rows if row["agency"] == "an-giang"]
    table = json.loads((folder / "table-4.4.json").read_text())
    index = next(row["index"] for row in table if row["agency"] == "An Giang")
    assert sum(shares) == pytest.approx(float(index.replace(",", ".")), abs=0.001)


def test_the_same_claims_give_the_same_bytes(workspace: Path, tmp_path: Path) -> None:
    made = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        for _ in range(2):  # the second replaces the first
            assert run(["export", "--workspace", str(workspace), "--campaign", "2016", str(folder)]) == 0
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert made[0] == made[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two", "work"], "nothing is left beside them"


def test_claims_of_another_checklist_are_not_scored(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = msgspec.structs.replace(load_checklist(), digest="other")
    monkeypatch.setattr("output.weighing.load_checklist", lambda name: other)
    assert run(["score", "--workspace", str(workspace), "--campaign", "2016"]) == 2
    assert "kiemcong evaluate" in capsys.readouterr().err


def test_what_cannot_be_exported_is_told_and_left_alone(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("all my work")
    (tmp_path / "file").write_text("x")
    for folder in ("mine", "file"):
        assert run(["export", "--workspace", str(workspace), "--campaign", "2016", str(tmp_path / folder)]) == 2
    assert (tmp_path / "mine" / "thesis.doc").read_text() == "all my work"
    assert run(["export", "--workspace", str(workspace), "--campaign", "1999", str(tmp_path / "new")]) == 2
    assert "kiemcong evaluate --campaign 1999" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    assert len(read_claims(workspace / "store.sqlite", "2016")) == 15


# --- cells -------------------------------------------------------------------------------------------------------------------------------

DESCRIBED = ExportFile.model_validate(
    {
        "title": "T",
        "meaning": "M",
        "columns": {
            "name": {"title": "Tên", "kind": "text", "meaning": "m"},
            "count": {"title": "Số", "kind": "number", "meaning": "m"},
        },
    }
)


@pytest.mark.parametrize(
    "text", [NASTY, "+84 236", "-Không", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1", "-1+1", "-1,5,5", "\x00=1"]
)
def test_nothing_a_spreadsheet_could_run(text: str) -> None:
    assert harmless(text) == f"'{text}"
    rows = [{"name": text, "count": 1}]
    assert json.loads(table_json(DESCRIBED, rows))[0]["name"] == text
    (_, row) = csv.reader(io.StringIO(table_csv(DESCRIBED, rows).decode("utf-8-sig"), newline=""))
    assert row[0] == f"'{text}"
    cell = openpyxl.load_workbook(io.BytesIO(table_xlsx(DESCRIBED, rows, "T"))).active["A3"]  # type: ignore[index]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")


@pytest.mark.parametrize("text", ["", "0,942", "-0,5", "-12", "Đà Nẵng", "a=b", "http://x/?a=b", "'=1"])
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_a_workbook_keeps_whatever_was_read() -> None:
    rows = [
        {"name": "x" * (LONGEST_CELL + 1), "count": 1},
        {"name": "\x01\ufffe a\ud800", "count": None},
        {"name": "https://danang.gov.vn/", "count": 0},
        {"name": "007", "count": 7},
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(table_xlsx(DESCRIBED, rows, "Bảng 4.4: a/b", ["=ghi chú"]))).active
    assert sheet is not None
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=1, max_col=2)]
    assert values[0] == ["Bảng 4.4: a/b", None]
    assert values[1] == ["Tên", "Số"]
    assert len(str(values[2][0])) == LONGEST_CELL
    assert values[3] == ["\ufffd\ufffd a\ufffd", None]
    assert values[4:6] == [["https://danang.gov.vn/", 0], ["007", 7]]
    assert values[-1] == ["'=ghi chú", None]
    assert not sheet["A5"].hyperlink
    assert table_csv(DESCRIBED, rows).startswith(b"\xef\xbb\xbfname,count\n")


@pytest.mark.parametrize("title", ["Bảng 2.4. Xếp hạng: các bộ / cơ quan [ngang bộ]?", "'", "", "*" * 40])
def test_sheet_names_excel_accepts(title: str) -> None:
    name = sheet_name(title)
    assert 0 < len(name) <= 31
    assert not set(name) & set("[]:*?/\\")


def test_every_column_is_in_the_data_dictionary_and_it_is_fresh() -> None:
    text = data_dictionary()
    for file in export_columns().files.values():
        for column in file.columns:
            assert f"| `{column}` |" in text
    assert (documents.DOCS / "data-dictionary.md").read_text("utf-8") == text, "run: python -m output.documents"
