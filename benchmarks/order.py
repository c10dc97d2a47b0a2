"""How many pages the focused order needs beside breadth-first, on the sample portals: `python -m benchmarks.order [NAME…]`.

Counted until 95 % of the sections that a whole visit found had a landing page read: by the visit itself, and by reading every link of the portal
in the order pages have them, nearest first. robots.txt and the path that cannot exist are counted for neither, and neither has the browser; a
portal that shows nothing without it is left out. Exits 1 where the bar is not met.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from math import ceil
from pathlib import Path

from crawler.addresses import is_feed, is_file, is_media, key, site
from crawler.facts.outline import outline
from crawler.facts.parse import parse
from crawler.model import Role
from crawler.visit_folder import read_pages
from tests.portals.model import names
from tests.portals.serve import Served, serving
from tests.portals.truth import as_yaml

SHARE = 0.95
"""Of the sections, those that must have a landing page read."""
MOST_SHARE = 0.5
"""Pages of the focused order over those of breadth-first."""
BEFOREHAND = frozenset({Role.ROBOTS, Role.RANDOM_PATH})
MOST_PAGES = 3_000
"""Pages after which breadth-first is given up; it then counts with so many."""


def focused(served: Served, folder: Path) -> tuple[list[str], dict[str, set[str]]]:
    """The pages a visit reads, in order, and the landing pages each section has at its end."""
    truth = folder / f"{served.name}.yml"
    truth.write_text(as_yaml(served.truth), encoding="utf-8")
    command = [
        sys.executable,
        "-c",
        "from output.cli import main; main()",
        "accuracy",
        str(truth),
        "--base-url",
        served.url,
    ]
    kept = folder / served.name
    subprocess.run([*command, "--no-browser", "--keep", str(kept)], check=True, capture_output=True)
    [visit] = (path.parent for path in kept.rglob("manifest.json"))
    landings: dict[str, set[str]] = {}
    for page in read_pages(visit):
        for role in page.roles:
            if role.role is Role.LANDING:
                landings.setdefault(role.target, set()).add(key(page.final_url))
    return [key(page.final_url) for page in read_pages(visit) if page.role not in BEFOREHAND], landings


def breadth_first(served: Served) -> Iterator[str]:
    """The pages of a portal, nearest to home first, each once."""
    hosts = {site(served.url), *(site(url) for url in served.siblings.values())}
    waiting, known = deque([served.url]), {key(served.url)}
    while waiting:
        url = waiting.popleft()
        yield key(url)
        for link in links(url):
            if (
                key(link) not in known
                and site(link) in hosts
                and not (is_file(link) or is_media(link) or is_feed(link))
            ):
                known.add(key(link))
                waiting.append(link)


def links(url: str) -> list[str]:
    """The addresses a page leads to; none where it gives no HTML."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            kind = answer.headers.get("Content-Type", "")
            found = outline(parse(answer.read(), kind), answer.url) if "html" in kind else None
    except (urllib.error.URLError, OSError, ValueError):
        return []
    return [*(link.url for link in found.links), *found.frames] if found else []


def needed(pages: Iterable[str], landings: dict[str, set[str]]) -> int:
    """Pages read until SHARE of the sections had a landing page among them; MOST_PAGES where they never do."""
    wanted = ceil(SHARE * len(landings))
    found: set[str] = set()
    for count, page in enumerate(islice(pages, MOST_PAGES), 1):
        found |= {section for section, own in landings.items() if page in own}
        if len(found) >= wanted:
            return count
    return MOST_PAGES


def fewest(landings: dict[str, set[str]]) -> int:
    """Pages that SHARE of the sections cannot do without, home included, however well an order knows where they are: the page that serves most of
    the sections still missing is read next."""
    missing = dict(landings)
    count = 1
    while len(landings) - len(missing) < ceil(SHARE * len(landings)):
        pages = sorted({page for own in missing.values() for page in own})
        best = max(pages, key=lambda page: sum(page in own for own in missing.values()))
        missing = {section: own for section, own in missing.items() if best not in own}
        count += 1
    return count


def main() -> None:
    """Measure, print, and exit 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portals", nargs="*", default=names())
    chosen = parser.parse_args()
    totals = [0, 0, 0]
    print("| portal | sections | focused | breadth-first | fewest possible |\n|---|---|---|---|---|")
    with serving(chosen.portals) as zoo, tempfile.TemporaryDirectory(prefix="kiemcong-bench-") as folder:
        for served in zoo.values():
            order, landings = focused(served, Path(folder))
            if not landings:
                print(f"| {served.name} | none without a browser | – | – | – |", flush=True)
                continue
            own, other, least = needed(order, landings), needed(breadth_first(served), landings), fewest(landings)
            totals = [total + one for total, one in zip(totals, (own, other, least), strict=True)]
            print(f"| {served.name} | {len(landings)} | {own} | {other} | {least} |", flush=True)
    print(f"\nFocused {totals[0]} pages, breadth-first {totals[1]}: {totals[0] / totals[1]:.2f}.")
    print(f"An order that knew every landing page beforehand: {totals[2]}, {totals[2] / totals[1]:.2f}.")
    if totals[0] > MOST_SHARE * totals[1]:
        sys.exit(f"BAR MISSED: at most {MOST_SHARE}")


if __name__ == "__main__":
    main()
