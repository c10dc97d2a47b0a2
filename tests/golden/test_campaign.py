"""One campaign through every stage, by the commands a person types: what comes out is the same each time it is made anew."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portals.serve import serving

AGENCIES = {"tinh-an-phuoc": "tinh", "vien-thuy-van": "cqtcp"}
ROOT = Path(__file__).parents[2]


def kiemcong(workspace: Path, *words: str, code: int = 0) -> str:
    """What a command printed on standard output; fails where it ends with another code."""
    done = subprocess.run(
        [sys.executable, "-c", "from output.cli import main; main()", *words],
        env={**os.environ, "KIEMCONG_WORKSPACE": str(workspace)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace in which two portals were visited twice each."""
    workspace = tmp_path_factory.mktemp("golden") / "ws"
    with serving(list(AGENCIES)) as served:
        kiemcong(workspace, "init", str(workspace), "--contact", "kiemthu@example.vn")
        table = workspace / "agencies.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("id", "block", "name", "portal"))
            rows.writerows((name, block, f"Cơ quan {name}", served[name].url) for name, block in AGENCIES.items())
        kiemcong(workspace, "agencies", "import", str(table))
        window = ("--window", "2017-03-13..2017-03-17", "--now", "2017-03-12", "--visits", "2")
        chosen = [word for name in AGENCIES for word in ("--agency", name)]
        kiemcong(workspace, "plan", "--campaign", "2016", *window, *chosen)
        kiemcong(workspace, "run", "--replay", "--no-browser", "--only-network", "127.0.0.0/8", "--pace", "0")
        yield workspace


def judged(workspace: Path, target: Path) -> dict[str, str]:
    """Every stage after gathering, and the SHA-256 of each exported file."""
    kiemcong(workspace, "evaluate", "--campaign", "2016")
    kiemcong(workspace, "score", "--campaign", "2016")
    kiemcong(workspace, "rank", "--campaign", "2016")
    kiemcong(workspace, "export", "--campaign", "2016", str(target))
    files = sorted(path for path in target.rglob("*") if path.is_file())
    return {str(path.relative_to(target)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_planned_visit_was_made_and_is_sound(campaign: Path) -> None:
    told = kiemcong(campaign, "status", "--format", "csv", "--now", "2017-03-18")
    assert sum(int(row["done"]) for row in csv.DictReader(told.splitlines())) == 4
    kiemcong(campaign, "verify")


def test_the_same_folders_give_the_same_bytes_also_without_the_store(campaign: Path, tmp_path: Path) -> None:
    first = judged(campaign, tmp_path / "first")
    for file in campaign.glob("store.sqlite*"):
        file.unlink()
    assert judged(campaign, tmp_path / "second") == first
    assert any(name.endswith(".xlsx") for name in first)


def test_both_agencies_are_ranked_and_every_finding_leads_to_its_evidence(campaign: Path, tmp_path: Path) -> None:
    judged(campaign, tmp_path / "out")
    ranked = csv.DictReader(kiemcong(campaign, "rank", "--campaign", "2016", "--format", "csv").splitlines())
    assert {row["agency"]: row["rank"] for row in ranked} == dict.fromkeys(AGENCIES, "1")
    explained = kiemcong(campaign, "explain", "tinh-an-phuoc", "leader-schedule")
    assert "Điều 10 khoản 1 điểm c" in explained
    assert "2016.tinh-an-phuoc.2" in explained


def test_two_visits_to_one_portal_ask_for_the_same_pages_in_the_same_order(campaign: Path) -> None:
    from crawler.visit_folder import read_pages

    for name in AGENCIES:
        asked = [[page.requested_url for page in read_pages(campaign / "visits" / f"2016.{name}.{n}")] for n in (1, 2)]
        assert asked[0] == asked[1]
        assert len(asked[0]) > 30


def test_a_changed_byte_is_named_and_fails_the_check(campaign: Path) -> None:
    page = next((campaign / "visits" / "2016.vien-thuy-van.1" / "bodies").rglob("*.gz"))
    sound = page.read_bytes()
    page.write_bytes(sound[:-9] + bytes([sound[-9] ^ 1]) + sound[-8:])
    try:
        assert page.name in kiemcong(campaign, "verify", "--format", "csv", code=1)
    finally:
        page.write_bytes(sound)
