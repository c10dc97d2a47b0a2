"""Every benchmark, one after another, its figures kept in benchmarks/results.md: `python -m benchmarks.results [NAME…]`; with names, those only,
and what else is kept there stays. Takes about a quarter of an hour; wants a machine that does nothing else. Exits 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

TITLES = {
    "gather": "What gathering costs",
    "cores": "What a second core gives",
    "portals": "What memory many portals take",
    "pictures": "How fast pictures are taken",
    "order": "How soon the pages that matter are read",
    "judge": "What judging costs, and how it grows",
    "review": "How long the review page takes over 10,000 claims",
}
RESULTS = Path(__file__).with_name("results.md")
HEAD = "# What the work costs\n\nMade by `./bench results`; each part says when.\n"


def kept(text: str) -> dict[str, str]:
    """What stands under each title of a document of results."""
    parts = (part.partition("\n") for part in text.split("\n## ")[1:])
    return {title: body.strip() for title, _, body in parts}


def document(parts: Mapping[str, str]) -> str:
    """The document of what stands under each title, in the order of TITLES."""
    return HEAD + "".join(f"\n## {title}\n\n{parts[title]}\n" for title in TITLES.values() if title in parts)


def measured(name: str) -> tuple[str, bool]:
    """What a benchmark prints, dated, with the bars it misses; whether it misses any. It ends the program where it fails otherwise."""
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], capture_output=True, text=True)
    missed = [line for line in done.stderr.splitlines() if line.startswith("BAR MISSED")]
    if done.returncode and not missed:
        sys.exit(f"{name}: {done.stderr[-2_000:]}")
    return "\n".join([f"Measured {datetime.now(UTC):%Y-%m-%d}.\n", done.stdout.strip(), *missed]), bool(missed)


def main() -> None:
    """Run those asked for, and write what each prints as soon as it is done; what a bar missed says stands there too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TITLES)}; all unless told")
    names = parser.parse_args().names or list(TITLES)
    if unknown := [name for name in names if name not in TITLES]:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(TITLES)}")
    parts, failed = kept(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}, False
    for name in names:
        print(f"{TITLES[name]} …", file=sys.stderr, flush=True)
        parts[TITLES[name]], missed = measured(name)
        failed |= missed
        RESULTS.write_text(document(parts), encoding="utf-8")
    print(document(parts))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
