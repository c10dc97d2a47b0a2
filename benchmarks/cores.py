"""How much two workers do beside one: `python -m benchmarks.cores [--pages N]`.

Both share one pace file and one folder of visits, as the workers of `kiemcong run` do, at no delay and without the browser. The server has its
pages made before, so that it costs next to nothing. Exits 1 where the bar is not met; on a machine of one core it cannot be.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.usage import Sample, running, samples_of, served

LEAST_GAIN = 1.7
"""Pages a second of two workers over those of one."""
PORTAL_PAGES = 1_000
AT_ONCE = 4


def rate(samples: Sequence[Sample]) -> float:
    """Pages a second between the first sample and the last."""
    return (samples[-1].pages - samples[0].pages) / (samples[-1].at - samples[0].at)


def rates(workers: int, urls: Sequence[str], pages: int) -> list[float]:
    """Pages a second of each of so many workers that work at the same time, each on a portal of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kiemcong-bench-"))
        more = ("--pages", str(pages), "--folder", folder, "--at-once", str(AT_ONCE))
        processes = [stack.enter_context(running("benchmarks.ours", url, *more)) for url in urls[:workers]]
        return [rate(samples_of(process)) for process in processes]


def main() -> None:
    """Measure, print, and exit 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2_000)
    chosen = parser.parse_args()
    with served(PORTAL_PAGES, ("127.0.0.1", "127.0.0.2")) as urls:
        rates(1, urls, PORTAL_PAGES)  # the server makes its pages
        one, two = sum(rates(1, urls, chosen.pages)), sum(rates(2, urls, chosen.pages))
    print(f"{os.cpu_count()} cores. One worker {one:.1f} pages a second, two {two:.1f}: {two / one:.2f} times as many.")
    if two / one < LEAST_GAIN:
        sys.exit(f"BAR MISSED: {two / one:.2f}; at least {LEAST_GAIN}")


if __name__ == "__main__":
    main()
