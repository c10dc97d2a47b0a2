"""`kiemcong services plan` and `probe` as a user runs them, against one small server."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.services.batch_folder import read_probes
from crawler.services.model import Layer, Outcome
from output.cli import run
from output.exits import Exit
from output.workspace import init_workspace
from tests.crawler.loopback import page, serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    init_workspace(path, "kiem-cong@coquan.gov.vn", now=datetime(2017, 1, 5, tzinfo=UTC)).close()
    return path


def register(folder: Path, *addresses: str) -> None:
    rows = "".join(f"Đà Nẵng,Dịch vụ {number},3,{url}\n" for number, url in enumerate(addresses))
    listed = folder.parent / "list.csv"
    listed.write_text("agency,name,level,url\n" + rows, "utf-8")
    assert run(["services", "import", str(listed), "--workspace", str(folder), "--format", "csv"]) == 0


def test_planned_probed_and_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register(folder, "dvc.gov.vn/co", "dvc.gov.vn/mat")
    place = ["--workspace", str(folder)]
    planning = [
        "services",
        "plan",
        *place,
        "--campaign",
        "2016",
        "--window",
        "2017-02-04..2017-02-04",
        "--now",
        "2017-02-01",
        "--no-portals",
    ]
    assert run([*planning, "--format", "csv"]) == 0
    assert "4 batches, 4 new" in capsys.readouterr().err
    assert run(planning) == 0
    assert "4 batches, 0 new" in capsys.readouterr().err
    text = "<p>Thành phần hồ sơ và trình tự thực hiện thủ tục.</p>" * 20
    with serving(
        lambda path, _: page(f"<h1>Dịch vụ</h1>{text}") if path in ("/co", "/") else page("không có", 404)
    ) as site:
        closed = ["--only-network", "127.0.0.0/8", "--resolve", f"dvc.gov.vn=127.0.0.1:{site.port}"]
        probing = [
            "services",
            "probe",
            *place,
            *closed,
            "--pace",
            "0",
            "--spacing",
            "0",
            "--control",
            "http://dvc.gov.vn/",
        ]
        assert run([*probing, "--due-now", "--now", "2017-02-04T05:00"]) == 0
        assert site.log == []
        assert run([*probing, "--replay"]) == 0
        asked = site.paths()
    assert capsys.readouterr().err.count("sealed – 2 probes") == 4
    assert (asked.count("/co"), asked.count("/mat"), asked.count("/robots.txt")) == (4, 16, 4)
    assert run(["services", "status", *place, "--campaign", "2016", "--format", "csv"]) == 0
    rows = {row["name"]: row for row in csv.DictReader(capsys.readouterr().out.splitlines())}
    assert (rows["Dịch vụ 0"]["verdict"], rows["Dịch vụ 0"]["days"]) == ("stable", "█")
    assert (rows["Dịch vụ 1"]["verdict"], rows["Dịch vụ 1"]["layers"]) == ("unstable", "http:4")
    assert run(["verify", *place]) == 0


SHELL = """<html><head><title>Cổng</title></head><body><div id="app"></div><script>
var there = location.pathname == '/co', text = there ? 'Thành phần hồ sơ, trình tự thực hiện. ' : 'Không tìm thấy trang. ';
document.getElementById('app').innerHTML = '<h1>' + (there ? 'Cấp giấy phép' : 'Lỗi') + '</h1><p>' + text.repeat(20) + '</p>';
</script></body></html>"""


@pytest.mark.browser
def test_what_script_builds_is_read_as_a_browser_shows_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register(folder, "dvc.gov.vn/co", "dvc.gov.vn/mat")
    place = ["--workspace", str(folder)]
    assert (
        run(
            [
                "services",
                "plan",
                *place,
                "--campaign",
                "2016",
                "--window",
                "2017-02-04..2017-02-04",
                "--now",
                "2017-02-01",
                "--no-portals",
            ]
        )
        == 0
    )
    with serving(lambda path, _: page("", 404) if path == "/robots.txt" else page(SHELL)) as site:
        closed = ["--only-network", "127.0.0.0/8", "--resolve", f"dvc.gov.vn=127.0.0.1:{site.port}"]
        probing = [
            "services",
            "probe",
            *place,
            *closed,
            "--pace",
            "0",
            "--spacing",
            "0",
            "--control",
            "http://dvc.gov.vn/",
        ]
        assert run([*probing, "--due-now", "--now", "2017-02-04T14:30"]) == 0
    found = [probe for folder_ in (folder / "probes").glob("2016.*") for probe in read_probes(folder_)]
    assert {(each.url[-3:], each.outcome, each.layer) for each in found} == {
        ("/co", Outcome.ALIVE, Layer.NONE), ("mat", Outcome.DOWN, Layer.CONTENT),
    }  # fmt: skip
    first = next(each for each in found if each.outcome is Outcome.DOWN and each.changed).tries[-1]
    assert first.body
    assert first.dom
    assert first.picture
    assert run(["verify", *place]) == 0
    capsys.readouterr()


def test_what_is_meant_for_closed_worlds_is_refused_in_the_open(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["services", "probe", "--workspace", str(folder)]
    assert run([*place, "--replay"]) == 2
    assert run([*place, "--spacing", "0.1", "--due-now"]) == 2
    assert run([*place, "--only-network", "127.0.0.0/8", "--due-now"]) == 2
    assert capsys.readouterr().err.count(" — ") == 3
    monkeypatch.setenv("KIEMCONG_BROWSER", "no-such-browser")
    assert run([*place, "--due-now"]) == 5
    capsys.readouterr()
    assert run(["services", "plan", "--workspace", str(folder), "--campaign", "2016"]) == 2
    assert "services import" in capsys.readouterr().err


def test_a_full_disk_ends_probing_with_its_own_code_and_leaves_the_batches_to_be_made(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    probes = folder / "probes"
    probes.mkdir()
    mount = f"mount -t tmpfs -o size=200k tmpfs {probes}"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no private mounts")
    register(folder, "dvc.gov.vn/mot", "dvc.gov.vn/hai", "kia.gov.vn/ba")
    place = ["--workspace", str(folder)]
    window = ["--campaign", "2016", "--window", "2017-02-04..2017-02-04", "--now", "2017-02-01", "--no-portals"]
    assert run(["services", "plan", *place, *window]) == 0
    large = page("<p>" + random.Random(1).randbytes(200_000).hex() + "</p>")
    with serving(
        lambda path, _: page("không có", 404) if "kiem-cong" in path or path == "/robots.txt" else large
    ) as site:
        probing = [
            "services", "probe", *place, "--replay", "--no-browser", "--only-network", "127.0.0.0/8", "--pace", "0", "--spacing", "0",
            "--resolve", f"dvc.gov.vn=127.0.0.1:{site.port}", "--resolve", f"kia.gov.vn=127.0.0.1:{site.port}",
            "--control", "http://dvc.gov.vn/",
        ]  # fmt: skip
        command = f'{mount} && exec "$0" -c "from output.cli import main; main()" "$@"'
        ended = subprocess.run(
            ["unshare", "-rm", "sh", "-c", command, sys.executable, *probing],
            capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2], check=False,
        )  # fmt: skip
        assert (ended.returncode, "is full" in ended.stderr) == (Exit.DISK, True), ended.stderr[-2000:]
        assert run(probing) == 0
    capsys.readouterr()
    assert run(["verify", *place]) == 0
    assert "visits: 4" in capsys.readouterr().err
