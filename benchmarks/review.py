"""How long the review page takes over many claims: server time of listing, filtering and opening.

`python -m benchmarks.review [--claims N] [--rounds N]` prints the median and the 95th percentile of each request in milliseconds, the network
left out, and what of it the processor worked. Exits 1 where a median is above MOST_MILLISECONDS.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from starlette.testclient import TestClient

from checklists.load import load_checklist
from checklists.model import Claim, ElementClaim, Item, Outcome, Verdict
from output.accounts import Role, create_account
from output.store import write_judged
from output.web.app import create_app
from output.workspace import init_workspace

MOST_MILLISECONDS = 200.0
"""Server time a list of 10,000 claims may take."""

NOW = datetime(2017, 3, 20, 2, tzinfo=UTC)
PASSWORD = "mật khẩu dùng để đo"
PATHS = (
    "/",
    "/?page=100",
    "/?item=search",
    "/?outcome=not_met&age=older",
    "/?reason=none&assignee=nobody&state=negative",
    "/campaign",
    "/claim/2016/co-quan-7/search",
)


def claim_on(item: Item, number: int) -> Claim:
    """The claim on an item of the agency of that number; its outcome changes with the number."""
    outcome = (Outcome.MET, Outcome.NOT_MET, Outcome.UNSURE)[(number + len(item.id)) % 3]
    agency, name = f"co-quan-{number}", item.id
    verdict = Verdict(outcome=outcome, reason="none")
    return Claim(
        campaign="2016",
        agency=agency,
        item=name,
        checklist="nd43-2011@1",
        outcome=outcome,
        message=f"{item.title}: " + "không thấy trên trang nào đã xem. " * 3,
        elements=tuple(
            ElementClaim(element=one.id, verdict=verdict, message=one.title, finding=f"2016.{agency}.1/{name}")
            for one in item.elements
        ),
        findings=(f"2016.{agency}.1/{name}",),
        rule="seen-once-absent-always",
        needs_person=outcome is Outcome.UNSURE,
        digest=f"{number:04}{item.id:-<60}",
    )


def make(path: Path, count: int) -> None:
    """A workspace of so many claims, and one auditor."""
    items = load_checklist().items
    with init_workspace(path, "do@example.vn", now=NOW) as workspace:
        create_account(workspace.conn, "do", "Người đo", Role.AUDITOR, now=NOW, password=PASSWORD)
    claims = [claim_on(items[number % len(items)], number // len(items)) for number in range(count)]
    write_judged(path / "store.sqlite", "2016", [], [], claims)


def logged_in(path: Path) -> TestClient:
    """The auditor's browser, in this process."""
    client = TestClient(create_app(path, clock=lambda: NOW), base_url="http://127.0.0.1", follow_redirects=False)
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)
    assert found
    form = {"login": "do", "password": PASSWORD, "csrf": found[1], "next": "/"}
    assert client.post("/login", data=form).status_code == 303
    return client


def measured(client: TestClient, path: str, rounds: int) -> tuple[float, float, float]:
    """Median and 95th percentile of the milliseconds a request takes, and the median of those the processor works for it."""
    times, worked = [], []
    for _ in range(rounds):
        began, busy = time.perf_counter(), time.process_time()
        answer = client.get(path)
        times.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - busy))
        assert answer.status_code == 200, (path, answer.status_code)
    return statistics.median(times), sorted(times)[int(0.95 * (len(times) - 1))], statistics.median(worked)


def main() -> int:
    """Measure, print, and tell whether the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ws"
        make(path, asked.claims)
        client = logged_in(path)
        began = time.perf_counter()
        client.get("/")
        print(f"{asked.claims} claims; first look, store read anew: {1000 * (time.perf_counter() - began):.0f} ms")
        print("| request | median ms | p95 ms | CPU ms, median |\n|---|---|---|---|")
        slow = []
        for each in PATHS:
            median, most, worked = measured(client, each, asked.rounds)
            print(f"| `{each}` | {median:.0f} | {most:.0f} | {worked:.0f} |")
            if median > MOST_MILLISECONDS:
                slow.append(each)
    for each in slow:
        print(f"BAR MISSED: {each} takes more than {MOST_MILLISECONDS:.0f} ms in the median", file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
