"""Services a portal lists with the level it states for them, and how they compare with what its agency declared. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec
from rapidfuzz import fuzz, process

from crawler.embedded import embedded
from crawler.model import PageFacts, Row, Table
from crawler.services.model import Service
from crawler.text import fold, nfc_clean

ALIKE = 92
"""Similarity (0–100, of folded names) from which two names mean one service. Assumed."""

_STATED = re.compile(
    r"^(?P<name>[^.!?;]{6,250}?)\s*[-–—|:,(\[]\s*(?:dvc\S*\s*)?mức\s*(?:độ\s*)?(?P<level>[1-4])\b", re.IGNORECASE
)
_LEVEL = re.compile(r"(?:mức\s*(?:độ)?\s*:?\s*)?([1-4])", re.IGNORECASE)


class FoundService(msgspec.Struct, frozen=True, kw_only=True):
    """A service as a portal's page lists it: its name and stated level, the page (its address and line of pages.jsonl), and where on it (hash of
    the bytes, selector, the text quoted)."""

    name: str
    level: int
    url: str
    evidence: str
    selector: str
    quote: str
    page: str = ""


class Gap(StrEnum):
    """How declared and found differ."""

    LEVEL = "level-differs"
    NOT_FOUND = "not-found"
    NOT_DECLARED = "not-declared"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A service declared otherwise than found. declared or found is None where it is missing on that side."""

    gap: Gap
    declared: Service | None
    found: FoundService | None


def found_services(pages: Iterable[PageFacts]) -> tuple[FoundService, ...]:
    """Every service listed with its level on these pages, each name once, in the order met; a level stated twice counts as first met."""
    seen: dict[str, FoundService] = {}
    for page in pages:
        for found in (*_in_tables(page), *_in_texts(page)):
            seen.setdefault(fold(found.name), found)
    return tuple(seen.values())


def differences(declared: Sequence[Service], found: Sequence[FoundService]) -> tuple[Difference, ...]:
    """What one agency declared against what its portal lists: levels that differ, then declared ones not listed, then listed ones not declared.

    Only services of level 3 or 4, on either side, are told missing. Where the portal lists none at all, none is told missing there.
    """
    by_id = {service.id: service for service in declared}
    met, unknown = matched(declared, found)
    other = [
        Difference(gap=Gap.LEVEL, declared=by_id[name], found=each)
        for name, each in met.items()
        if by_id[name].level != each.level
    ]
    missing = [
        Difference(gap=Gap.NOT_FOUND, declared=service, found=None)
        for service in declared
        if found and service.checked and service.id not in met
    ]
    more = [Difference(gap=Gap.NOT_DECLARED, declared=None, found=each) for each in unknown if each.level >= 3]
    return (*other, *missing, *more)


def matched(
    declared: Sequence[Service], found: Sequence[FoundService]
) -> tuple[dict[str, FoundService], list[FoundService]]:
    """Listed services by the id of the declared one each name means, the first where several do; and those that mean none."""
    names = {service.id: fold(service.name) for service in declared}
    met: dict[str, FoundService] = {}
    unknown: list[FoundService] = []
    for each in found:
        best = process.extractOne(fold(each.name), names, scorer=fuzz.ratio, score_cutoff=ALIKE)
        if best is None:
            unknown.append(each)
        else:
            met.setdefault(best[2], each)
    return met, unknown


def _in_texts(page: PageFacts) -> Iterable[FoundService]:
    for text in page.texts:
        stated = _STATED.match(text.text)
        if stated is not None and " " in stated["name"].strip():
            yield FoundService(
                name=nfc_clean(stated["name"]),
                level=int(stated["level"]),
                url=page.url,
                evidence=page.evidence,
                selector=text.selector,
                quote=text.text[:300],
                page=line_of(page),
            )


def _in_tables(page: PageFacts) -> Iterable[FoundService]:
    for table in page.tables:
        columns = _columns(table)
        if columns is None:
            continue
        for row in table.rows:
            found = None if row.heading else _in_row(page, row, *columns)
            if found is not None:
                yield found


def _columns(table: Table) -> tuple[int, int] | None:
    """Where a table's heading puts the service's name and its level; None where it has no such columns."""
    words = embedded("service_headings.yml", dict[str, tuple[str, ...]])
    heading = next((row for row in table.rows if row.heading), table.rows[0] if table.rows else None)
    if heading is None:
        return None
    cells = [fold(cell) for cell in heading.cells]
    name = next((place for place, cell in enumerate(cells) if cell in {fold(word) for word in words["name"]}), None)
    level = next((place for place, cell in enumerate(cells) if cell in {fold(word) for word in words["level"]}), None)
    return None if name is None or level is None else (name, level)


def _in_row(page: PageFacts, row: Row, name: int, level: int) -> FoundService | None:
    if len(row.cells) <= max(name, level):
        return None
    stated = _LEVEL.fullmatch(row.cells[level].strip())
    if stated is None or not row.cells[name].strip():
        return None
    return FoundService(
        name=nfc_clean(row.cells[name]),
        level=int(stated[1]),
        url=page.url,
        evidence=page.evidence,
        selector=row.selector,
        quote=" | ".join(row.cells)[:300],
        page=line_of(page),
    )


def line_of(page: PageFacts) -> str:
    """The id of a page's line in pages.jsonl, '' where it has none."""
    return page.visit.id if page.visit else ""
