"""`kiemcong review` and what of the workspace it looks after: the chain checked and carried elsewhere, an overturn as a case, runners paused."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx2
import msgspec
import pytest

from checklists.model import Claim, Outcome
from checklists.review import Act
from crawler import ledger
from crawler.clock import Still
from crawler.database import connect
from crawler.model import Block
from crawler.slots import PlannedVisit
from output import reviews
from output.accounts import accounts, log_in
from output.cli import run
from output.commands.review import FIRST, first_account
from output.exits import Exit
from output.pausing import set_paused
from output.running import LedgerFeed, Round
from output.store import read_claims
from output.workspace import DATABASE, init_workspace, open_workspace
from tests.items.test_cases import case_of, judged
from tests.output.web.bench import NOW, SEARCH, TARGETS


@pytest.fixture
def path(pristine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pristine, tmp_path / "ws")


def decide(path: Path, who: str, **elements: Outcome) -> Claim:
    (claim,) = [one for one in read_claims(path / "store.sqlite", "2016") if one.id == "2016/da-nang/search"]
    outcomes = {one.element: one.verdict.outcome for one in claim.elements} | elements
    draft = reviews.Draft(act=Act.OVERTURN, reviewer=who, reviewed_at=NOW, elements=outcomes, text="Tìm được bài.")
    with open_workspace(path) as workspace:
        reviews.record(workspace.conn, claim, draft, seen=None)
    return claim


def test_the_first_start_makes_an_administrator_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init_workspace(tmp_path / "ws", "an@example.vn", now=NOW).close()
    first_account(tmp_path / "ws")
    told = re.search(r"password  (\S+)", capsys.readouterr().out)
    assert told
    with open_workspace(tmp_path / "ws") as workspace:
        account = log_in(workspace.conn, FIRST, told[1], now=NOW)
        assert account
        assert account.must_change
    first_account(tmp_path / "ws")
    assert capsys.readouterr().out == ""
    with open_workspace(tmp_path / "ws") as workspace:
        assert len(accounts(workspace.conn)) == 1


def test_a_port_that_is_taken_is_told_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init_workspace(tmp_path / "ws", "an@example.vn", now=NOW).close()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(["review", "--workspace", str(tmp_path / "ws"), "--port", port]) == Exit.BAD_INPUT
    assert "--port" in capsys.readouterr().err
    with open_workspace(tmp_path / "ws") as workspace:
        assert accounts(workspace.conn) == ()


def test_the_page_is_served_until_interrupted(path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from output.cli import main; main()",
        "review",
        "--workspace",
        str(path),
        "--port",
        "0",
    ]
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3], env={"PYTHONUNBUFFERED": "1"}
    )
    with started as process:
        assert process.stdout
        address = re.search(r"http://127[^ ]+", process.stdout.readline())
        assert address
        assert "Tên đăng nhập" in httpx2.get(f"{address[0]}login").text
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == Exit.DONE


def test_head_export_and_import(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decide(path, "an")
    file = tmp_path / "reviews.jsonl"
    assert run(["review", "--workspace", str(path), "head"]) == Exit.DONE
    head = capsys.readouterr().out
    assert head.startswith("1 ")
    assert run(["review", "--workspace", str(path), "export", str(file)]) == Exit.DONE
    init_workspace(tmp_path / "other", "an@example.vn", now=NOW).close()
    assert run(["review", "--workspace", str(tmp_path / "other"), "import", str(file)]) == Exit.DONE
    capsys.readouterr()
    run(["review", "--workspace", str(tmp_path / "other"), "head"])
    assert capsys.readouterr().out == head
    file.write_text(file.read_text("utf-8").replace("Tìm được", "Không tìm được"), "utf-8")
    assert run(["review", "--workspace", str(tmp_path / "other"), "import", str(file)]) == Exit.BAD_INPUT
    assert "entry 1" in capsys.readouterr().err


def test_verify_follows_the_chain(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decide(path, "an")
    decide(path, "binh")
    assert run(["verify", "--workspace", str(path)]) == Exit.DONE
    assert "reviews: 2 entries" in capsys.readouterr().err
    with closing(connect(path / DATABASE)) as conn:
        conn.execute("DROP TRIGGER reviews_no_update")
        conn.execute("UPDATE reviews SET record = replace(record, 'Tìm', 'Nhìn') WHERE number = 1")
    assert run(["verify", "--workspace", str(path), "--format", "csv"]) == Exit.FINDINGS
    out = capsys.readouterr().out
    assert "reviews,workspace.sqlite,entry 1 (overturn of 2016/da-nang/search by an) was changed" in out


def test_an_overturn_that_counts_becomes_a_case(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = SEARCH.elements[1].id
    command = [
        "review",
        "--workspace",
        str(path),
        "export-case",
        "2016/da-nang/search",
        "--to",
        str(tmp_path / "items"),
    ]
    decide(path, "an", **{found: Outcome.MET})
    assert run(command) == Exit.BAD_INPUT, "one person is not enough"
    decide(path, "binh", **{found: Outcome.MET})
    assert run(command) == Exit.DONE
    folder = tmp_path / "items" / "search" / "da-nang-2016.met"
    case, finding = case_of(folder), judged(folder)
    assert case["elements"][found] == "met"
    assert case["because"] == {"an": "Tìm được bài.", "binh": "Tìm được bài."}
    assert finding.item == "search"
    assert run(command) == Exit.BAD_INPUT, "never written over"
    assert run([*command[:4], "2016/x/y"]) == Exit.BAD_INPUT
    assert "there is no claim" in capsys.readouterr().err


def test_scores_say_how_many_elements_people_settled(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def score() -> dict[str, int]:
        assert run(["score", "--workspace", str(path), "--campaign", "2016", "--format", "json"]) == Exit.DONE
        rows = json.loads(capsys.readouterr().out)
        return next(row for row in rows if row["agency"] == "da-nang")

    before = score()
    assert before["by_person"] == 0
    for who in ("an", "binh"):
        decide(path, who, **{SEARCH.elements[1].id: Outcome.MET})
    after = score()
    assert after["by_person"] == len(SEARCH.elements)
    assert after["by_machine"] == before["by_machine"] - len(SEARCH.elements)


def test_paused_runners_take_no_visit(path: Path) -> None:
    with open_workspace(path) as workspace:
        visit = PlannedVisit(campaign="2016", agency="da-nang", number=9, at=NOW)
        ledger.store_plan(workspace.conn, [visit], now=NOW)
        set_paused(workspace.conn, "kiem", NOW)
        round_ = msgspec.defstruct("Options", [("visits", Path)])(visits=workspace.visits)
        now = NOW + timedelta(minutes=1)
        made = Round(
            database=path / DATABASE,
            registry=workspace.registry,
            targets={Block.TINH: TARGETS},
            options=round_,
            clock=Still(now),
        )  # type: ignore[arg-type]
        feed = LedgerFeed(made, lambda _: None)
        assert feed.take() is None
        set_paused(workspace.conn, "", NOW)
        taken = feed.take()
        assert taken
        assert taken.request.id == visit.id
