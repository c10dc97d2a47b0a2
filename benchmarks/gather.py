"""What gathering without the browser costs, beside plain Scrapy on the same pages in the same run.

`python -m benchmarks.gather [--pages N]` prints a table: CPU milliseconds a page of each crawler's own process, their ratio, and
resident memory as pages go by. Exits 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import fmean

from benchmarks import pages
from benchmarks.usage import Sample, per_page, run, served

MOST_RATIO = 12 / 34
"""CPU a page of ours over plain Scrapy's in the same run: the bar was set as 12 ms on a machine where plain Scrapy takes 34."""
MOST_GROWTH = 1.1
"""Resident memory at the end over that after a fifth of the pages."""
PLAIN_PAGES = 1_000
"""Enough for a steady figure; plain Scrapy's cost a page does not change after that."""


def growth(samples: list[Sample]) -> float:
    """Resident memory at the last sample over that after a fifth of the pages."""
    early = next(sample for sample in samples if sample.pages >= samples[-1].pages / 5)
    return samples[-1].rss / early.rss


def table(ours: list[Sample], plain: list[list[Sample]]) -> str:
    """The figures as Markdown."""
    marks = [sample for sample in ours if sample.pages % 1_000 == 0] or ours[-1:]
    size, python, engine = len(pages.page(1, 5_000)) / 1000, platform.python_version(), version("scrapy")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    head = [
        f"{size:.0f} KB a page, {pages.LINKS} links; Python {python}, Scrapy {engine}, {platform.machine()}; {day}.",
        "",
        "| | CPU ms a page | pages | MB resident at the end |",
        "|---|---|---|---|",
        f"| Kiểm Cổng, archive included | {per_page(ours):.1f} | {ours[-1].pages} | {ours[-1].rss:.0f} |",
        *(
            f"| plain Scrapy {when}, LinkExtractor, nothing kept | {per_page(run):.1f} | {run[-1].pages} | {run[-1].rss:.0f} |"
            for when, run in zip(("before", "after"), plain, strict=True)
        ),
        "",
        f"Ratio {ratio(ours, plain):.2f}. Memory of ours: "
        + ", ".join(f"{sample.pages} pages {sample.rss:.0f} MB" for sample in marks)
        + ".",
    ]
    return "\n".join(head)


def ratio(ours: list[Sample], plain: list[list[Sample]]) -> float:
    """Ours over the mean of the peer's runs, one before and one after it: a machine shared with others is not as fast all the time."""
    return per_page(ours) / fmean(map(per_page, plain))


def shortfalls(ours: list[Sample], plain: list[list[Sample]]) -> list[str]:
    """Which bars are missed, with the figure reached."""
    missed = []
    if (reached := ratio(ours, plain)) > MOST_RATIO:
        missed.append(f"{reached:.2f} of plain Scrapy's CPU a page; at most {MOST_RATIO:.2f}")
    if growth(ours) > MOST_GROWTH:
        missed.append(
            f"memory grew to {growth(ours):.2f} of what it was after a fifth of the pages; at most {MOST_GROWTH}"
        )
    return missed


def plain_scrapy(url: str, pages: int) -> list[Sample]:
    """What the peer used, over so many pages at most."""
    print(f"plain Scrapy: {PLAIN_PAGES} pages …", file=sys.stderr, flush=True)
    return run("benchmarks.plain_scrapy", url, str(min(PLAIN_PAGES, pages)))


def main() -> None:
    """Measure, print, and exit 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5_000)
    chosen = parser.parse_args()
    with served(5_000) as [url], tempfile.TemporaryDirectory(prefix="kiemcong-bench-") as folder:
        before = plain_scrapy(url, chosen.pages)
        print(f"ours: {chosen.pages} pages …", file=sys.stderr, flush=True)
        ours = run("benchmarks.ours", url, "--pages", str(chosen.pages), "--folder", folder)
        plain = [before, plain_scrapy(url, chosen.pages)]
    print(table(ours, plain))
    if missed := shortfalls(ours, plain):
        sys.exit("\n".join(f"BAR MISSED: {what}" for what in missed))


if __name__ == "__main__":
    main()
