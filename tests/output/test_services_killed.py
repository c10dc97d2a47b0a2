"""`kiemcong services probe` killed at random instants: nothing sealed is lost, nothing sealed is asked again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import sha256
from crawler.manifest import read_manifest
from crawler.services.batch_folder import read_probes
from crawler.visit_folder import sealed_visits
from output.cli import run
from output.workspace import init_workspace
from tests.crawler.loopback import Answer, Countdown, page, serving

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
    window = ["--campaign", "2016", "--window", "2017-02-02..2017-02-21", "--now", "2017-02-01", "--no-portals"]
    assert run(["services", "plan", *place, *window]) == 0
    text = "<p>Thành phần hồ sơ và trình tự thực hiện thủ tục.</p>" * 20
    lots, digests, killer = random.Random(3), dict[str, str](), Countdown()
    marked: dict[str, int] = {}

    def answer(path: str, _: str) -> Answer:
        killer.count()
        return page(text) if path in ("/1", "/2", "/") else page("", 404)

    with serving(answer) as site:
        command = [
            sys.executable, "-c", "from output.cli import main; main()", "services", "probe", *place, "--replay", "--no-browser",
            "--only-network", "127.0.0.0/8", "--resolve", f"dvc.gov.vn=127.0.0.1:{site.port}", "--pace", "0", "--spacing", "0",
            "--control", "http://dvc.gov.vn/", "--concurrency", "1",
        ]  # fmt: skip
        for kill in range(KILLS + 1):
            began = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
            if kill < KILLS:
                # A batch takes some six requests, so 20 kills leave most of the 80 for the run nobody kills.
                killer.set(began.pid, lots.randrange(1, 14), lots.choice((0.0, lots.uniform(0, 0.05))))
            ended = began.wait(600)
            killer.stop()
            assert ended == (0 if kill == KILLS else -signal.SIGKILL)
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
