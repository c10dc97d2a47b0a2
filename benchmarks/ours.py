"""Our gathering without the browser: the worker as `kiemcong run` has it, sealed folders, archives and all, one visit after another.

`python -m benchmarks.ours URL… --pages N --folder DIR [--navigations N] [--at-once N]` prints a line of JSON per SAMPLE_EVERY pages: pages, CPU
seconds, resident megabytes of this process, the time. The portals are visited in turn, as often as the pages ask.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import NoReturn

from benchmarks.pages import TEMPTING
from benchmarks.usage import SAMPLE_EVERY, report
from checklists.load import load_checklist
from checklists.targets import compile_targets
from crawler.jobs import Job, WorkOptions
from crawler.model import Block, Budget, TargetSet, VisitRequest
from crawler.netguard import World
from crawler.underway import Step
from crawler.visiting import Sealed
from crawler.work import work

LEAST_PAGES = 100
"""Pages a visit has at least: as many as visits to portals of a few hundred pages have."""


class Visits:
    """A feed of visits to portals in turn until so many pages were read. Folders are deleted once sealed: 5,000 pages are not kept."""

    def __init__(self, urls: Sequence[str], pages: int, budget: Budget) -> None:
        self.urls, self.pages, self.budget, self.targets = cycle(urls), pages, budget, targets()
        self.read = 0
        self.number = 0

    def take(self) -> Job | None:
        """The next visit, while pages are wanted."""
        if self.read >= self.pages:
            return None
        self.number += 1
        url = next(self.urls)
        request = VisitRequest(
            id=f"do-thu-{os.getpid()}-{self.number}",
            campaign="do-thu",
            agency="do-thu",
            agency_name="UBND tỉnh Đo Thử",
            block=Block.TINH,
            portal=url,
            declared_address=url,
            now=datetime(2017, 3, 15, 2, tzinfo=UTC),
            number=self.number,
            budget=self.budget,
            pictures=False,
        )
        return Job(request=request, targets=self.targets)

    def alive(self, job: Job, step: Step) -> None:  # noqa: ARG002 - as the spider calls it
        """One more page was read."""
        self.read += 1
        if self.read % SAMPLE_EVERY == 0:
            report(self.read)

    def done(self, job: Job, sealed: Sealed) -> None:
        """A visit of a few pages would measure something else."""
        if sealed.visit.navigations < min(LEAST_PAGES, self.budget.navigations) or not sealed.folder:
            _give_up(
                f"{job.request.id} ended after {sealed.visit.navigations} pages: {sealed.visit.stop} {sealed.error}"
            )
        shutil.rmtree(sealed.folder)

    def failed(self, job: Job, error: str) -> None:
        """Nothing may go wrong on loopback."""
        _give_up(f"{job.request.id}: {error}")

    def ours(self, job: Job, error: str) -> None:
        """Least of all our own network."""
        _give_up(f"{job.request.id}: {error}")

    def released(self, job: Job, why: str) -> None:
        """Nor may anything be given back."""
        _give_up(f"{job.request.id}: {why}")


def _give_up(why: str) -> NoReturn:
    """End the process at once: an exception would only end one of its visits."""
    print(why, file=sys.stderr, flush=True)
    os._exit(1)


def targets() -> TargetSet:
    """The sections the checklist asks for. The one labelled TEMPTING is never found, so a visit is a long one."""
    found = compile_targets(load_checklist("nd43-2011"))
    assert any(TEMPTING in target.labels for target in found.targets)
    return found


def main() -> None:
    """Visit until so many pages were read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--pages", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--navigations", type=int, default=Budget().navigations, help="pages a visit")
    parser.add_argument("--at-once", type=int, default=1, help="visits at once")
    chosen = parser.parse_args()
    with suppress(FileExistsError):
        (chosen.folder / "visits").mkdir()
    options = WorkOptions(
        visits=chosen.folder / "visits",
        pace=chosen.folder / "pace.sqlite",
        user_agent="KiemCong (benchmark)",
        world=World(only_networks=("127.0.0.0/8",)),
        gap=0.0,
        concurrency=chosen.at_once,
        render=False,
    )
    work(Visits(chosen.urls, chosen.pages, Budget(navigations=chosen.navigations)), options)


if __name__ == "__main__":
    main()
