"""Services over the window, drawn: a sparkline for a table's cell, a timeline of an agency as SVG. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

import msgspec

from checklists.liveness import LOCAL
from crawler.services.model import Outcome

BARS = "▁▂▃▄▅▆▇█"
NOTHING = "·"

COLOURS = {
    Outcome.ALIVE: "#2e7d32",
    Outcome.DOWN: "#c62828",
    Outcome.BLOCKED: "#757575",
    Outcome.OURS: "#9e9e9e",
}
WORDS = {
    Outcome.ALIVE: "hoạt động",
    Outcome.DOWN: "không hoạt động",
    Outcome.BLOCKED: "bị chặn, không xác định",
    Outcome.OURS: "không xác định do phía kiểm tra",
}
"""How each outcome is called; colour alone tells nothing to who cannot see it, so rows carry words as titles."""

ROW, NAME, WIDE, TOP = 18, 360, 900, 46
MOST_HOURS = timedelta(hours=12)
"""A sighting speaks for the time until the next one, for so long at most."""


def sparkline(days: Sequence[tuple[int, int]]) -> str:
    """One character a day: how large a share of the day's determinable sightings was alive; · where there were none."""
    return "".join(BARS[alive * (len(BARS) - 1) // seen] if seen else NOTHING for alive, seen in days)


class Run(msgspec.Struct, frozen=True):
    """A stretch of time in which a service showed the same."""

    start: datetime
    end: datetime
    outcome: Outcome


def runs(seen: Sequence[tuple[datetime, Outcome]]) -> tuple[Run, ...]:
    """Sightings in order of time as stretches: each lasts until the next one, for MOST_HOURS at most; equal neighbours are one."""
    found: list[Run] = []
    for place, (at, outcome) in enumerate(seen):
        following = seen[place + 1][0] if place + 1 < len(seen) else at + MOST_HOURS
        end = min(following, at + MOST_HOURS)
        if found and found[-1].outcome is outcome and found[-1].end == at:
            found[-1] = Run(found[-1].start, end, outcome)
        else:
            found.append(Run(at, end, outcome))
    return tuple(found)


SHAPES = {
    Outcome.ALIVE: (9, 5),
    Outcome.DOWN: (2, 14),
    Outcome.BLOCKED: (11, 1.5),
    Outcome.OURS: (8, 1.5),
}
"""Top and height of an outcome's bar within its row: down stands tall, alive low, what could not be told is a thin line; seen without colour too."""


def timeline(
    title: str,
    names: Mapping[str, str],
    seen: Mapping[str, Sequence[tuple[datetime, Outcome]]],
    *,
    name_width: int = NAME,
) -> str:
    """An SVG with a row for each service of `names`, in that order: low green alive, tall red down, thin greys where nothing could be told, white
    where nobody looked. name_width: pixels for the names."""
    times = [at for each in seen.values() for at, _ in each]
    start = min(times, default=datetime(2000, 1, 1, tzinfo=LOCAL)).astimezone(LOCAL)
    start = start.replace(hour=0, minute=0, second=0, microsecond=0)
    end = max(times, default=start) + MOST_HOURS
    scale = WIDE / max(1.0, (end - start).total_seconds())
    height = TOP + ROW * max(1, len(names)) + 30
    width = name_width + WIDE + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"',
        ' font-family="sans-serif" font-size="11" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="100%" height="100%" fill="#ffffff"/><text x="8" y="18" font-size="14">{escape(title)}</text>',
        *_days(start, end, scale, height, name_width),
    ]
    longest = name_width // 6 - 2
    for place, (service, name) in enumerate(names.items()):
        top = TOP + ROW * place
        short = name if len(name) <= longest else name[: longest - 1] + "…"
        if name_width:
            parts.append(
                f'<text x="8" y="{top + 12}">{escape(short)}<title>{escape(f"{name} ({service})")}</title></text>'
            )
        for run in runs(seen.get(service, ())):
            left = name_width + (run.start - start).total_seconds() * scale
            wide = max(0.5, (run.end - run.start).total_seconds() * scale)
            told = f"{WORDS[run.outcome]}: {_shown(run.start)} – {_shown(run.end)}"
            below, tall = SHAPES[run.outcome]
            parts.append(
                f'<rect x="{left:.1f}" y="{top + below}" width="{wide:.1f}" height="{tall}" fill="{COLOURS[run.outcome]}">'
                f"<title>{escape(told)}</title></rect>"
            )
    legend = name_width
    for outcome, word in WORDS.items():
        below, tall = SHAPES[outcome]
        top = height - 24 + below
        parts.append(f'<rect x="{legend}" y="{top}" width="10" height="{tall}" fill="{COLOURS[outcome]}"/>')
        parts.append(f'<text x="{legend + 14}" y="{height - 11}">{escape(word)}</text>')
        legend += 40 + 7 * len(word)
    return "\n".join([*parts, "</svg>", ""])


def _days(start: datetime, end: datetime, scale: float, height: int, indent: int) -> list[str]:
    """A thin line at the start of each day, the date beside every seventh, each where the window is short."""
    count = (end - start).days + 1
    every = 1 if count <= 10 else 7
    drawn = []
    for day in range(count):
        left = indent + day * 86400 * scale
        drawn.append(
            f'<line x1="{left:.1f}" y1="{TOP - 6}" x2="{left:.1f}" y2="{height - 26}" stroke="#bdbdbd" stroke-width="0.5"/>'
        )
        if day % every == 0:
            drawn.append(f'<text x="{left:.1f}" y="{TOP - 10}">{start + timedelta(days=day):%d/%m}</text>')
    return drawn


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%d/%m/%Y %H:%M}"
