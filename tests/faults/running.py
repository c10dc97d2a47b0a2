"""Running the visitor against faulty portals in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from crawler.jobs import WorkOptions
from crawler.model import Block, Budget, PageVisit, Target, TargetKind, TargetSet, Visit, VisitRequest
from crawler.netguard import World
from crawler.visit_folder import read_pages, read_visit
from tests.faults.orders import Orders, Report
from tests.faults.portals import SECTIONS

ROOT = Path(__file__).parents[2]
AGENT = "KiemCong/thu (+mailto:kiemthu@example.vn)"
TARGETS = TargetSet(
    checklist="thu",
    targets=(
        Target(id="home", kind=TargetKind.HOME),
        *(Target(id=path.strip("/"), labels=(label,)) for path, label in SECTIONS.items()),
    ),
    sitemap_labels=("Sơ đồ trang",),
    digest="0" * 64,
)
SCALED = {"DOWNLOAD_TIMEOUT": 3, "DNS_TIMEOUT": 1, "KIEMCONG_CONNECT_SECONDS": 2}
"""Settings under which what takes half a minute takes a few seconds."""
PATIENT = {"DOWNLOAD_TIMEOUT": 30, "DNS_TIMEOUT": 30, "KIEMCONG_CONNECT_SECONDS": 30}
"""Settings for what is not about time, so that a busy machine changes nothing."""


def request(name: str, portal: str, **more: Any) -> VisitRequest:
    """A visit to a portal."""
    given: dict[str, Any] = {
        "id": f"thu.{name}.1", "campaign": "thu", "agency": name, "agency_name": f"UBND {name}", "block": Block.TINH, "portal": portal,
        "declared_address": portal, "now": datetime(2026, 11, 22, 2, tzinfo=UTC), "pictures": False, "budget": Budget(seconds=60),
    }  # fmt: skip
    return VisitRequest(**{**given, **more})


def options(folder: Path, world: World, **more: Any) -> WorkOptions:
    """How to visit: without a browser, a pace or long rests of our own."""
    given: dict[str, Any] = {
        "visits": folder / "visits", "pace": folder / "pace.sqlite", "user_agent": AGENT, "world": world, "gap": 0.0, "spacing": 0.002,
        "concurrency": 12, "render": False,
    }  # fmt: skip
    return WorkOptions(**{**given, **more})


def started(
    requests: Iterable[VisitRequest], how: WorkOptions, *, environment: Mapping[str, str] | None = None, **orders: Any
) -> subprocess.Popen[bytes]:
    """A visitor under way."""
    given = {"settings": SCALED, "targets": TARGETS, **orders}
    order = Orders(requests=tuple(requests), options=how, **given)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.visit_them"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=ROOT, env={**os.environ, **(environment or {})},
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(order, enc_hook=str))
    process.stdin.close()
    process.stdin = None
    return process


def ended(process: subprocess.Popen[bytes], seconds: float = 120) -> dict[str, Report]:
    """What a visitor reported, by agency."""
    out, err = process.communicate(timeout=seconds)
    assert process.returncode == 0, err.decode()[-4000:]
    reports = [msgspec.json.decode(line, type=Report) for line in out.splitlines()]
    return {report.id.split(".")[1]: report for report in reports}


def visited(requests: Iterable[VisitRequest], how: WorkOptions, **orders: Any) -> dict[str, Report]:
    """What became of visits, by agency."""
    return ended(started(requests, how, **orders))


def seen(report: Report) -> tuple[Visit, tuple[PageVisit, ...]]:
    """A sealed visit and its pages."""
    assert report.folder, report
    folder = Path(report.folder)
    return read_visit(folder), tuple(read_pages(folder))
