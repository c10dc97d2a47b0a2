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

from benchmarks import pages
from benchmarks.usage import Sample, in_turns, per_page, served

MOST_RATIO = 12 / 34
"""CPU a page of ours over plain Scrapy's in the same run: the bar was set as 12 ms on a machine where plain Scrapy takes 34."""
MOST_GROWTH = 1.1
"""Resident memory at the end over that after a fifth of the pages."""
TURN = 4
"""Samples of ours to one of plain Scrapy's: it takes three times as long a page, and its cost a page does not change after the first few hundred."""


def growth(samples: list[Sample]) -> float:
    """Resident memory at the last sample over that after a fifth of the pages."""
    early = next(sample for sample in samples if sample.pages >= samples[-1].pages / 5)
    return samples[-1].rss / early.rss


def table(ours: list[Sample], plain: list[Sample]) -> str:
    """The figures as Markdown."""
    marks = [sample for sample in ours if sample.pages % 1_000 == 0] or ours[-1:]
    size, python, engine = len(pages.page(1, 5_000)) / 1000, platform.python_version(), version("scrapy")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    rows = (("Kiểm Cổng, archive included", ours), ("plain Scrapy, LinkExtractor, nothing kept", plain))
    lines = [
        f"{size:.0f} KB a page, {pages.LINKS} links; both in turns; Python {python}, Scrapy {engine}, {platform.machine()}; {day}.",
        "",
        "| | CPU ms a page | pages | MB resident at the end |",
        "|---|---|---|---|",
        *(f"| {who} | {per_page(run):.1f} | {run[-1].pages} | {run[-1].rss:.0f} |" for who, run in rows),
        "",
        f"Ratio {ratio(ours, plain):.2f}. Memory of ours: "
        + ", ".join(f"{sample.pages} pages {sample.rss:.0f} MB" for sample in marks)
        + ".",
    ]
    return "\n".join(lines)


def ratio(ours: list[Sample], plain: list[Sample]) -> float:
    """CPU a page of ours over plain Scrapy's."""
    return per_page(ours) / per_page(plain)


def shortfalls(ours: list[Sample], plain: list[Sample]) -> list[str]:
    """Which bars are missed, with the figure reached."""
    missed = []
    if (reached := ratio(ours, plain)) > MOST_RATIO:
        missed.append(f"{reached:.2f} of plain Scrapy's CPU a page; at most {MOST_RATIO:.2f}")
    if growth(ours) > MOST_GROWTH:
        missed.append(
            f"memory grew to {growth(ours):.2f} of what it was after a fifth of the pages; at most {MOST_GROWTH}"
        )
    return missed


def main() -> None:
    """Measure, print, and exit 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5_000)
    chosen = parser.parse_args()
    with served(5_000) as [url], tempfile.TemporaryDirectory(prefix="kiemcong-bench-") as folder:
        print(f"ours and plain Scrapy in turns, {chosen.pages} pages of ours …", file=sys.stderr, flush=True)
        ours, plain = in_turns(
            ("benchmarks.ours", url, "--pages", str(chosen.pages), "--folder", folder),
            ("benchmarks.plain_scrapy", url, str(chosen.pages)),
            TURN,
        )
    print(table(ours, plain))
    if missed := shortfalls(ours, plain):
        sys.exit("\n".join(f"BAR MISSED: {what}" for what in missed))


if __name__ == "__main__":
    main()
