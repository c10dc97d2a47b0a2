"""Every benchmark, one after another, its figures kept in benchmarks/results.md: `python -m benchmarks.results`. Takes about half an hour; wants a
machine that does nothing else. Exits 1 where a bar is missed.
"""

from __future__ import annotations

import subprocess
import sys
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


def main() -> None:
    """Run them all, and write what they print; what a bar missed says stands there too."""
    parts, failed = [f"# What the work costs\n\nMade by `./bench results`, {datetime.now(UTC):%Y-%m-%d}.\n"], False
    for name, title in TITLES.items():
        print(f"{title} …", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], capture_output=True, text=True)
        missed = [line for line in done.stderr.splitlines() if line.startswith("BAR MISSED")]
        if done.returncode and not missed:
            sys.exit(f"{name}: {done.stderr[-2_000:]}")
        failed |= bool(missed)
        parts.append("\n".join([f"\n## {title}\n", done.stdout.strip(), *missed, ""]))
    text = "".join(parts)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
