"""What memory a worker takes with few portals and with many: `python -m benchmarks.portals [--pages N]`.

Fifteen visits at once, as many as keep a core busy at one navigation a second; short visits, so that many portals come by. Exits 1 where a bar
is not met.
"""

from __future__ import annotations

import argparse
import sys
import tempfile

from benchmarks.usage import run, served

MOST_MEGABYTES, MOST_GROWTH = 350, 1.1
"""Resident memory of a worker without its browser, and that with many portals over that with few."""
FEW, MANY = 4, 200
NAVIGATIONS, AT_ONCE = 10, 15


def resident(portals: int, pages: int) -> float:
    """The most resident megabytes of a worker that reads so many pages of so many portals."""
    addresses = [f"127.0.1.{number + 1}" for number in range(portals)]
    with served(1_000, addresses) as urls, tempfile.TemporaryDirectory(prefix="kiemcong-bench-") as folder:
        more = ("--folder", folder, "--navigations", str(NAVIGATIONS), "--at-once", str(AT_ONCE))
        samples = run("benchmarks.ours", *urls, "--pages", str(pages), *more)
    return max(sample.rss for sample in samples)


def main() -> None:
    """Measure, print, and exit 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3_000)
    chosen = parser.parse_args()
    few, many = (resident(portals, chosen.pages) for portals in (FEW, MANY))
    print(
        f"{chosen.pages} pages, {AT_ONCE} visits at once: {few:.0f} MB with {FEW} portals, {many:.0f} MB with {MANY}."
    )
    if many > MOST_MEGABYTES or many > MOST_GROWTH * few:
        sys.exit(f"BAR MISSED: at most {MOST_MEGABYTES} MB, and {MOST_GROWTH} times what few portals take")


if __name__ == "__main__":
    main()
