"""Our gathering without the browser: the worker as `kiemcong run` has it, sealed folders, archives and all, one visit after another.

`python -m benchmarks.ours URL PAGES FOLDER [VISITS_AT_ONCE]` prints a line of JSON per SAMPLE_EVERY pages: pages, CPU seconds, resident
megabytes of this process.
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.pages import TEMPTING
from benchmarks.usage import SAMPLE_EVERY, report
from checklists.load import load_checklist
from checklists.targets import compile_targets
from crawler.jobs import Job, WorkOptions
from crawler.model import Block, Budget, TargetSet, VisitRequest
from crawler.netguard import World
from crawler.visiting import Sealed, Step
from crawler.work import work

BUDGET = Budget()
"""A visit as long as visits are; a run is as many of them as its pages ask."""


class Visits:
    """A feed of visits to one portal until so many pages were read. Folders are deleted once sealed: 5,000 pages are not kept."""

    def __init__(self, url: str, pages: int) -> None:
        self.url, self.pages, self.targets = url, pages, targets()
        self.handed_out = self.read = 0
        self.number = 0

    def take(self) -> Job | None:
        """The next visit, while pages are wanted."""
        if self.handed_out >= self.pages:
            return None
        self.number += 1
        self.handed_out += BUDGET.navigations
        request = VisitRequest(
            id=f"do-thu-{self.number}",
            campaign="do-thu",
            agency="do-thu",
            agency_name="UBND tỉnh Đo Thử",
            block=Block.TINH,
            portal=self.url,
            declared_address=self.url,
            now=datetime(2017, 3, 15, 2, tzinfo=UTC),
            number=self.number,
            budget=BUDGET,
            pictures=False,
        )
        return Job(request=request, targets=self.targets)

    def alive(self, job: Job, step: Step) -> None:  # noqa: ARG002 - as the spider calls it
        """One more page was read."""
        self.read += 1
        if self.read % SAMPLE_EVERY == 0:
            report(self.read)

    def done(self, job: Job, sealed: Sealed) -> None:
        """A visit that ended before its budget did would measure something else."""
        if sealed.visit.navigations != BUDGET.navigations or not sealed.folder:
            sys.exit(
                f"{job.request.id} ended after {sealed.visit.navigations} pages: {sealed.visit.stop} {sealed.error}"
            )
        shutil.rmtree(sealed.folder)

    def ours(self, job: Job, error: str) -> None:
        """No control address is named, so none can fail."""
        self.failed(job, error)

    def failed(self, job: Job, error: str) -> None:
        """Nothing may go wrong on loopback."""
        sys.exit(f"{job.request.id}: {error}")

    released = failed


def targets() -> TargetSet:
    """The sections the checklist asks for. The one labelled TEMPTING is never found, so the visit goes on until its budget ends."""
    found = compile_targets(load_checklist("nd43-2011"))
    assert any(TEMPTING in target.labels for target in found.targets)
    return found


if __name__ == "__main__":
    url, pages, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    options = WorkOptions(
        visits=folder / "visits",
        pace=folder / "pace.sqlite",
        user_agent="KiemCong (benchmark)",
        world=World(only_networks=("127.0.0.0/8",)),
        gap=0.0,
        concurrency=int(sys.argv[4]) if len(sys.argv) > 4 else 1,
        render=False,
    )
    work(Visits(url, pages), options)
