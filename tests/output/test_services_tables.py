"""The report's tables of online services, from the register to the page."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from crawler.registry import resolve
from crawler.services.model import Service
from output.cli import run
from output.services import load_services, store_services
from output.services_tables import handles_online, thousands
from output.store import write_judged
from output.workspace import init_workspace, open_workspace
from scoring.published import published_tables
from tests.output.judged import claim_of
from tests.output.probed import declared as declared_services
from tests.output.probed import evaluate, probe_all

NOW = datetime(2017, 2, 2, 2, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    init_workspace(path, "kiem-cong@coquan.gov.vn", now=NOW).close()
    return path


def declare(folder: Path, services: Iterable[Service]) -> None:
    with open_workspace(folder) as opened:
        store_services(opened.conn, services, file="test", now=NOW)


def table(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    capsys.readouterr()
    assert (
        run(
            ["services", "tables", "--workspace", str(folder), "--campaign", "2016", "--table", name, "--format", "csv"]
        )
        == 0
    )
    return list(csv.DictReader(capsys.readouterr().out.splitlines()))


@pytest.mark.parametrize("number", ["2.6", "4.7"])
def test_a_register_of_the_published_counts_gives_the_published_table(
    number: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (published,) = [each for each in published_tables("2016", ("services",)) if each.table == number]
    with open_workspace(folder) as opened:
        registry = opened.registry
    declared = []
    for row in published.rows:
        agency = resolve(registry, row["agency"]).id
        levels = [3] * int(row["level3"]) + [4] * int(row["level4"])
        declared += [
            Service(id=f"{agency}-{n}", agency=agency, name=str(n), level=level) for n, level in enumerate(levels)
        ]
    declare(folder, declared)
    made = table(folder, number, capsys)
    total = made.pop()
    assert int(total["total"]) == len(declared)
    assert (total["rank"], total["excluded"]) == ("", "0")
    by_name = {resolve(registry, row["agency"]).id: row for row in made}
    differing = set()
    for row in published.rows:
        own = by_name[resolve(registry, row["agency"]).id]
        assert (own["level3"], own["level4"]) == (row["level3"], row["level4"])
        if own["rank"] != row["rank"]:
            differing.add(row["agency"])
    assert differing == ({"Bộ Giáo dục và Đào tạo", "Bộ Xây dựng"} if number == "2.6" else set())
    overview = table(folder, "4.6", capsys)
    wanted = ["56", "21", "58", "", ""] if number == "4.7" else ["0", "0", "0", "", ""]
    assert [row["agencies"] for row in overview] == wanted
    assert overview[3]["note"]


def test_only_confirmed_deaths_leave_the_count(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("song", "chet", "chet-hai", "chan")
    probe_all(folder, declared_services(names))
    evaluate(folder)
    made = {row["agency"]: row for row in table(folder, "4.7", capsys)}["TP. Đà Nẵng"]
    columns = ("level3", "level4", "total", "declared", "excluded", "flagged")
    assert [made[c] for c in columns] == ["3", "1", "4", "4", "0", "3"]
    decided = folder.parent / "decisions.csv"
    decided.write_text(
        "service,decision,reviewer,reviewed_at,justification\nchet,confirm,An,2017-03-20,=không mở được\n"
        "chet-hai,overturn,An,2017-03-20,mở được\nchet-hai,overturn,Bình,2017-03-20,mở được\nsong,confirm,An,2017-03-20,đúng\n"
        "chan,confirm,An,2017-03-20,đúng\n", "utf-8",
    )  # fmt: skip
    assert run(["services", "decisions", str(decided), "--workspace", str(folder), "--campaign", "2016"]) == 0
    made = {row["agency"]: row for row in table(folder, "4.7", capsys)}["TP. Đà Nẵng"]
    assert [made[c] for c in ("rank", "level3", "level4", "total", "excluded")] == ["1", "3", "0", "3", "1"]
    flags = {row["service"]: row for row in table(folder, "flags", capsys)}
    assert {name: row["flag"] for name, row in flags.items()} == {
        "chet": "removed", "chet-hai": "overturned", "chan": "undetermined",
    }  # fmt: skip
    assert "không mở được" in flags["chet"]["reason"]
    levels = table(folder, "4.5", capsys)
    assert [(row["declared"], row["counted"], row["excluded"]) for row in levels] == [("3", "3", "0"), ("1", "0", "1")]
    written = folder.parent / "tables"
    assert run(["services", "tables", "--workspace", str(folder), "--campaign", "2016", "--output", str(written)]) == 0
    assert {path.name for path in written.iterdir()} == {
        f"table-{name}.csv" for name in ("2.5", "2.6", "2.7", "3.4", "4.5", "4.6", "4.7", "4.8", "flags")
    }  # fmt: skip
    assert "giả định" in capsys.readouterr().err


def test_dossiers_rank_by_number_then_by_shares_and_the_rest_last(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reported = {
        "bo-y-te": ["1.000", "20"], "bo-cong-thuong": ["2.000.000", "98%"], "bo-noi-vu": ["100%", "tỷ lệ 34,4 %"],
        "bo-xay-dung": ["khoảng một nửa", ""],
    }  # fmt: skip
    declare(
        folder,
        [
            Service(id=f"{agency}-{n}", agency=agency, name=str(n), level=3 + n, dossiers_online=text)
            for agency, texts in reported.items()
            for n, text in enumerate(texts)
        ],
    )
    made = table(folder, "2.7", capsys)
    assert [(row["rank"], row["total"]) for row in made] == [
        ("1", "2.000.000"), ("2", "1.020"), ("3", "Không có số lượng cụ thể"), ("4", "Không có thông tin hoặc số liệu cụ thể"),
    ]  # fmt: skip
    assert made[1]["level3"] == "1 dịch vụ có số hồ sơ trực tuyến là 1.000"
    assert len(table(folder, "4.8", capsys)) == 63
    assert {row["rank"] for row in table(folder, "4.8", capsys)} == {"63"}
    (three, four) = table(folder, "2.5", capsys)
    assert (three["with_online_dossiers"], four["with_online_dossiers"]) == ("3", "3")
    assert not handles_online("0 %")
    assert not handles_online("0")


@pytest.mark.parametrize("number", ["2.7", "4.8"])
def test_a_register_whose_dossiers_sum_to_the_published_ones_gives_the_published_table(
    number: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (published,) = [each for each in published_tables("2016", ("dossiers",)) if each.table == number]
    with open_workspace(folder) as opened:
        registry = opened.registry
    reported: list[Service] = []
    for row in published.rows:
        agency = resolve(registry, row["agency"]).id
        whole, shares = int(row["online_dossiers"] or 0), int(row["services_with_shares"] or 0)
        # The sum is parted over services as reports part it: numbers with and without dots, some words, some shares.
        parts = [
            thousands(whole - 2 * (whole // 3)),
            str(whole // 3),
            str(whole - whole // 3 - (whole - 2 * (whole // 3))),
        ]
        told = [*(parts if whole else []), *(["98 %"] * shares), "chưa thống kê"]
        reported += [
            Service(id=f"{agency}-{n}", agency=agency, name=str(n), level=3 + n % 2, dossiers_online=text)
            for n, text in enumerate(told)
        ]
    declare(folder, reported)
    made = {resolve(registry, row["agency"]).id: row for row in table(folder, number, capsys)}
    assert len(made) == len(published.rows)
    for row in published.rows:
        own = made[resolve(registry, row["agency"]).id]
        assert own["rank"] == row["rank"], row["agency"]
        if row["online_dossiers"]:
            assert own["total"] == thousands(int(row["online_dossiers"]))
        else:
            assert not any(letter.isdigit() for letter in own["total"])


def test_what_visits_show_fills_the_overview(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["note"] for row in table(folder, "4.6", capsys)][3:] == ["Chưa quan sát"] * 2
    claims = []
    for agency in ("da-nang", "ha-noi"):
        claim = claim_of("2016", agency, "service-integration")
        met, not_met = claim.elements
        first = met if agency == "da-nang" else not_met
        linked = msgspec.structs.replace(first, element="subordinate-services-linked")
        signed = msgspec.structs.replace(met, element="single-sign-on")
        claims.append(msgspec.structs.replace(claim, elements=(linked, signed)))
    write_judged(folder / "store.sqlite", "2016", [], [], claims)
    rows = table(folder, "4.6", capsys)
    assert [row["agencies"] for row in rows] == ["0", "0", "0", "1", "2"]
    assert rows[3]["note"] == "Quan sát được ở 2/63 cơ quan"


def test_a_list_of_the_agencys_services(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_workspace(folder) as opened:
        agency = resolve(opened.registry, "Bảo hiểm xã hội Việt Nam").id
    declare(folder, [Service(id="x", agency=agency, name="Cấp thẻ", level=4, dossiers_online="12")])
    (row,) = table(folder, "3.4", capsys)
    assert (row["service"], row["dossiers"]) == ("Cấp thẻ", "12")
    with open_workspace(folder) as opened:
        assert len(load_services(opened.conn)) == 1
    assert run(["services", "tables", "--workspace", str(folder), "--campaign", "2016", "--format", "csv"]) == 2
