"""`kiemcong services probe` killed at random instants: nothing sealed is lost, nothing sealed is asked again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import sha256
from crawler.manifest import read_manifest
from crawler.services.batch_folder import read_probes
from crawler.visit_folder import sealed_visits
from output.cli import run
from output.workspace import init_workspace
from tests.crawler.loopback import page, serving

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20


@pytest.mark.long
def test_killed_twenty_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "ws"
    init_workspace(folder, "kiem-cong@coquan.gov.vn", now=datetime(2017, 1, 5, tzinfo=UTC)).close()
    listed = tmp_path / "list.csv"
    listed.write_text("agency,name,level,url\nĐà Nẵng,Một,3,dvc.gov.vn/1\nĐà Nẵng,Hai,4,dvc.gov.vn/2\n", "utf-8")
    place = ["--workspace", str(folder)]
    assert run(["services", "import", str(listed), *place]) == 0
    window = ["--campaign", "2016", "--window", "2017-02-02..2017-02-21", "--now", "2017-02-01"]
    assert run(["services", "plan", *place, *window]) == 0
    text = "<p>Thành phần hồ sơ và trình tự thực hiện thủ tục.</p>" * 20
    lots, digests, ended = random.Random(3), dict[str, str](), False
    marked: dict[str, int] = {}
    with serving(lambda path, _: page(text) if path in ("/1", "/2", "/") else page("", 404), slow=0.08) as site:
        command = [
            sys.executable, "-c", "from output.cli import main; main()", "services", "probe", *place, "--replay", "--no-browser",
            "--only-network", "127.0.0.0/8", "--resolve", f"dvc.gov.vn=127.0.0.1:{site.port}", "--pace", "0", "--spacing", "0",
            "--control", "http://dvc.gov.vn/", "--concurrency", "1",
        ]  # fmt: skip
        kills = 0
        while not ended:
            assert kills <= KILLS
            began = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
            if kills < KILLS:
                time.sleep(lots.uniform(1.5, 4.0))
                os.killpg(began.pid, signal.SIGKILL)
                kills += 1
            ended = began.wait(120) == 0
            found = {name: read_manifest(folder / "probes" / name).digest for name in sealed_visits(folder / "probes")}
            assert digests.items() <= found.items()
            for name in found.keys() - digests.keys():
                marked[name] = site.paths().count(f"/kiem-cong-{sha256(name.encode())[:12]}")
            digests = found
        asked = site.paths()
    assert len(digests) == 80
    for name, times in marked.items():
        assert asked.count(f"/kiem-cong-{sha256(name.encode())[:12]}") == times, name
        assert len(list(read_probes(folder / "probes" / name))) == 2
    assert sum(times > 1 for times in marked.values()) <= KILLS
    assert run(["verify", *place]) == 0
    assert "visits: 80" in capsys.readouterr().err
