"""Three days of probes over a fleet that fails on schedule: every row is the truth, and what is made of the folders too."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from crawler.services.batch_folder import read_probes
from crawler.services.model import Outcome
from output.cli import run
from output.services_drawing import COLOURS
from tests.crawler.service_fleet import KINDS

ROOT = Path(__file__).resolve().parents[2]


def probe_fleet(folder: Path, services: int, hosts: int, days: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.crawler.probe_fleet", str(folder), str(services), str(hosts), str(days)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("fleet")
    return folder / "ws", probe_fleet(folder, 56, 14, 3, 120)


def test_every_probe_of_every_batch_tells_the_truth(probed: tuple[Path, dict[str, Any]]) -> None:
    _, told = probed
    assert told["wrong"] == []
    assert (told["batches"], told["rows"], told["left"]) == (12, 12 * 56, [])
    assert told["tries"] > told["rows"]


def test_our_own_cut_makes_a_batch_void_and_robots_txt_is_kept(probed: tuple[Path, dict[str, Any]]) -> None:
    _, told = probed
    (void,) = told["void"]
    assert void.startswith("2017-02-02")
    assert told["asked_of_robots"] == 0


def test_evidence_is_kept_at_every_change_of_state_and_there_alone(probed: tuple[Path, dict[str, Any]]) -> None:
    workspace, told = probed
    last: dict[str, Outcome] = {}
    bodies = 0
    folders = sorted(
        (workspace / "probes").glob("2016.*"),
        key=lambda path: json.loads((path / "batch.json").read_text())["planned_at"],
    )
    for folder in folders:
        for row in read_probes(folder):
            telling = row.outcome in (Outcome.ALIVE, Outcome.DOWN)
            assert row.changed is (telling and last.get(row.service) is not row.outcome)
            if telling:
                last[row.service] = row.outcome
            kept = [each.body for each in row.tries if each.body]
            bodies += len(kept)
            assert len(kept) <= row.changed
            # A body is missing only where there was no answer to keep.
            assert kept or not row.changed or row.tries[-1].http_status is None
    assert told["changes"] > bodies > 20


def test_phases_are_told(probed: tuple[Path, dict[str, Any]]) -> None:
    workspace, _ = probed
    folder = min((workspace / "probes").glob("2016.*working*"))
    rows = {row.url.split("/")[2]: row for row in read_probes(folder)}
    plain = next(row for host, row in rows.items() if host.startswith("steady"))
    secured = next(row for host, row in rows.items() if host.startswith("expiring"))
    assert set(plain.tries[0].phases) == {"dns", "connect", "first_byte", "transfer"}
    assert set(secured.tries[0].phases) == {"dns", "connect", "tls", "first_byte", "transfer"}
    assert secured.tries[0].note == "tls-issuer"


def test_status_says_who_is_stable(probed: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    workspace, _ = probed
    place = ["--workspace", str(workspace), "--campaign", "2016"]
    assert run(["services", "status", *place, "--format", "csv"]) == 0
    told = capsys.readouterr()
    verdicts: dict[str, set[str]] = {}
    lines = {row["service"]: row for row in csv.DictReader(told.out.splitlines())}
    for service, row in lines.items():
        verdicts.setdefault(KINDS[int(service.rpartition("-")[2]) % len(KINDS)], set()).add(row["verdict"])
    steady, blocked = {"steady", "login", "file"}, {"captcha", "robots", "wall", "busy"}
    for kind, found in verdicts.items():
        wanted = "stable" if kind in steady else "undetermined" if kind in blocked else "unstable"
        assert found == {wanted}, kind
    assert "1 void" in told.err
    assert "giả định" in told.err
    number = next(row for row in lines.values() if row["service"].endswith("-0"))
    assert (number["sightings"], number["alive"], number["determinable"]) == ("12", "100", "91,67")
    assert number["days"] == "███"
    assert next(row for row in lines.values() if row["service"].endswith("-5"))["days"] == "█▁▁"
    assert run(["services", "status", *place, "--verdict", "undetermined", "--agency", "Hà Nội"]) == 0
    assert "Cấp giấy phép số 0" not in capsys.readouterr().out


def test_the_timeline_is_a_picture_of_the_agency(probed: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    workspace, _ = probed
    drawn = tmp_path / "t.svg"
    command = [
        "services",
        "timeline",
        "Đà Nẵng",
        "--workspace",
        str(workspace),
        "--campaign",
        "2016",
        "--output",
        str(drawn),
    ]
    assert run(command) == 0
    root = ElementTree.fromstring(drawn.read_text("utf-8"))
    names = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text") if "Cấp giấy" in (each.text or "")]
    assert len(names) == 28
    fills = {each.get("fill") for each in root.iter("{http://www.w3.org/2000/svg}rect")}
    assert set(COLOURS.values()) <= fills


def test_verify_reads_batches_and_names_what_was_changed(
    probed: tuple[Path, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, _ = probed
    assert run(["verify", "--workspace", str(workspace)]) == 0
    assert "visits: 12" in capsys.readouterr().err
    source = min((workspace / "probes").glob("2016.*working*"))
    copy = tmp_path / source.name
    shutil.copytree(source, copy)
    rows = copy / "probes.jsonl"
    rows.write_bytes(rows.read_bytes().replace(b'"down"', b'"dowm"', 1))
    assert run(["verify", str(copy)]) == 1
    assert "probes.jsonl" in capsys.readouterr().out


def test_a_host_that_asks_for_rest_gets_it_and_hosts_on_other_addresses_are_asked_on(
    probed: tuple[Path, dict[str, Any]],
) -> None:
    workspace, told = probed
    busy = [
        row
        for folder in (workspace / "probes").glob("2016.*")
        for row in read_probes(folder)
        if "busy" in row.url and row.outcome is Outcome.BLOCKED
    ]
    assert len(busy) == 8 * 4
    assert sum("left alone" in each.note for row in busy for each in row.tries) >= len(busy) - 1
    assert told["asked_of_busy"] == 3 * 4 + 1, "four services three times, then the one answer that asked for rest"


@pytest.mark.long
def test_five_hundred_services_on_forty_eight_hosts(tmp_path: Path) -> None:
    told = probe_fleet(tmp_path, 504, 48, 3, 600)
    assert told["wrong"] == []
    assert told["rows"] == 504 * told["batches"] / 3
    assert told["left"] == []
