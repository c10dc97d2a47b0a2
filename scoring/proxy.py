"""An observed stand-in for imported measures: what our own elements show of each, every row assumed, always with its coverage. Pure, but for the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from checklists.model import Outcome
from crawler.problems import BadInput
from scoring.figures import read_rows
from scoring.model import Measure, Observation, Settler

PROXY_2016 = Path(__file__).parent / "rules" / "dvctt-proxy-2016.csv"
SOURCE = "observed proxy, assumed"
"""The source every measure made here carries, so that none is taken for an imported one."""


class ProxyRow(msgspec.Struct, frozen=True):
    """An element that stands for one point of a measure."""

    measure: str
    item: str
    element: str
    source: str


class ProxyMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """A measure as observed: points earned of those settled, and the share of its points that are settled at all. measure is None where none is."""

    agency: str
    name: str
    measure: Measure | None
    points: int
    settled: int

    @property
    def coverage(self) -> Fraction:
        return Fraction(self.settled, self.points)


def proxy_rows(path: Path = PROXY_2016) -> tuple[ProxyRow, ...]:
    """The mapping of elements to measures. Raises BadInput for rows that are not marked assumed, or stand twice."""
    problems = []
    seen: set[tuple[str, str]] = set()
    rows = []
    for row in read_rows(path, ("measure", "item", "element", "source")):
        if row["source"] != "assumed":
            problems.append(
                row.problem("source", f"“{row['source']}” is not “assumed”", "no source for any row was found")
            )
        if (row["item"], row["element"]) in seen:
            problems.append(row.problem("element", "the element stands twice", "keep one row"))
        seen.add((row["item"], row["element"]))
        rows.append(ProxyRow(row["measure"], row["item"], row["element"], row["source"]))
    if problems:
        raise BadInput(problems)
    return tuple(rows)


def observed(
    rows: Sequence[ProxyRow], observations: Iterable[Observation], agencies: Sequence[str]
) -> tuple[ProxyMeasure, ...]:
    """Every measure of every agency as far as elements settle it: met earns its point, not met none; what nobody settled stands outside, and what
    does not apply is no point at all."""
    known = {(each.agency, each.item, each.element): each for each in observations}
    return tuple(
        _measure(agency, name, [known.get((agency, row.item, row.element)) for row in rows if row.measure == name])
        for agency in agencies
        for name in dict.fromkeys(row.measure for row in rows)
    )


def _measure(agency: str, name: str, seen: Sequence[Observation | None]) -> ProxyMeasure:
    settled = [each for each in seen if each is not None and each.settled_by is not Settler.NOBODY]
    counting = [each for each in settled if each.outcome in (Outcome.MET, Outcome.NOT_MET)]
    made = Measure(
        agency=agency,
        measure=name,
        earned=Fraction(sum(each.outcome is Outcome.MET for each in counting)),
        applicable=Fraction(len(counting)),
        source=SOURCE,
    )
    return ProxyMeasure(
        agency=agency, name=name, measure=made if counting else None, points=len(seen), settled=len(settled)
    )
