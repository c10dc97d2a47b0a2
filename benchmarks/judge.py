"""What judging a visit offline costs, and that it grows no faster than the visit: `python -m benchmarks.judge [NAME]`.

A sample portal is visited once, without the browser. Its pages are read from the sealed folder and judged; then visits of 300 to 5,000 pages are
judged, made of the same pages under further addresses with the parts they play. CPU seconds of this process. Exits 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from checklists.evaluate import evaluate
from checklists.load import load_checklist
from crawler.dossier import read_dossier
from crawler.facts.template import template_texts
from crawler.model import Dossier, PageFacts
from crawler.process import collect_seldom
from crawler.visit_folder import sealed_visits
from tests.portals.serve import serving
from tests.portals.truth import as_yaml

SIZES = (300, 1_000, 2_000, 5_000)
MOST_SECONDS = 3.0
"""CPU seconds for reading and judging 300 pages."""
MOST_GROWTH = 1.25
"""CPU a page at the largest size over that at the smallest: more would not be linear."""


def visited(name: str, folder: Path) -> Path:
    """The sealed folder of a visit of the sample portal of that name."""
    with serving([name]) as served:
        truth = folder / "truth.yml"
        truth.write_text(as_yaml(served[name].truth), encoding="utf-8")
        command = [sys.executable, "-c", "from output.cli import main; main()", "accuracy", str(truth), "--base-url", served[name].url,
                   "--no-browser", "--keep", str(folder), "--format", "json"]  # fmt: skip
        subprocess.run(command, capture_output=True, check=True, timeout=900)
    return folder / "visits" / sealed_visits(folder / "visits")[0]


def enlarged(dossier: Dossier, size: int) -> Dossier:
    """The dossier with so many pages: its own, then the same again under further addresses."""
    pages = list(dossier.pages)
    while len(pages) < size:
        original = dossier.pages[len(pages) % len(dossier.pages)]
        pages.append(copied(original, len(pages)))
    return msgspec.structs.replace(dossier, pages=tuple(pages[:size]), template=template_texts(pages[:size]))


def copied(page: PageFacts, number: int) -> PageFacts:
    """The page as if it stood at another address."""
    url = f"{page.url}{'&' if '?' in page.url else '?'}ban={number}"
    visit = page.visit and msgspec.structs.replace(page.visit, id=f"x{number:05}", requested_url=url, final_url=url)
    return msgspec.structs.replace(page, url=url, visit=visit)


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of a piece of work."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="tinh-lam-giang", help="the sample portal")
    name = parser.parse_args().name
    collect_seldom()  # as every command does
    checklist = load_checklist()
    with tempfile.TemporaryDirectory(prefix="kiemcong-judge-") as folder:
        sealed = visited(name, Path(folder))
        reading = cpu(lambda: read_dossier(sealed))
        dossier = read_dossier(sealed)
    a_page = reading / len(dossier.pages)
    print(
        f"{name}: {len(dossier.pages)} pages; Python {platform.python_version()}, {platform.machine()}; {datetime.now(UTC):%Y-%m-%d}.\n"
    )
    print(
        f"Reading pages from the folder: {1000 * a_page:.1f} CPU ms a page.\n\n| pages | judging, CPU s | ms a page |\n|---|---|---|"
    )
    judging = {}
    for size in SIZES:
        large = enlarged(dossier, size)
        judging[size] = cpu(lambda large=large: evaluate(checklist, large))  # type: ignore[misc]
        print(f"| {size} | {judging[size]:.2f} | {1000 * judging[size] / size:.2f} |")
    whole = SIZES[0] * a_page + judging[SIZES[0]]
    growth = (judging[SIZES[-1]] / SIZES[-1]) / (judging[SIZES[0]] / SIZES[0])
    print(
        f"\n{SIZES[0]} pages read and judged: {whole:.2f} CPU s. A page costs {growth:.2f} times as much at {SIZES[-1]} as at {SIZES[0]}."
    )
    missed = []
    if whole > MOST_SECONDS:
        missed.append(f"{whole:.2f} CPU s for {SIZES[0]} pages; at most {MOST_SECONDS}")
    if growth > MOST_GROWTH:
        missed.append(f"a page costs {growth:.2f} times as much in a large visit; at most {MOST_GROWTH}")
    for one in missed:
        print(f"BAR MISSED: {one}", file=sys.stderr)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
