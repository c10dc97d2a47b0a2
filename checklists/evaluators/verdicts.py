"""Verdicts and pointers: how an evaluator says what it found and where."""

from __future__ import annotations

from collections.abc import Iterable

from checklists.model import Outcome, Pointer, Verdict
from crawler.model import PageFacts

LONGEST_QUOTE = 300
"""Characters of a pointer's quote."""


def quoted(text: str) -> str:
    """A text short enough to quote, cut at a word."""
    clean = " ".join(text.split())
    if len(clean) <= LONGEST_QUOTE:
        return clean
    return clean[: LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + "…"


def point(page: PageFacts, quote: str, selector: str = "") -> Pointer:
    """A pointer into a page's stored bytes."""
    return Pointer(
        sha256=page.evidence,
        url=page.url,
        selector=selector,
        quote=quoted(quote),
        page=page.visit.id if page.visit else "",
    )


def met(reason: str, *seen: Pointer, **values: object) -> Verdict:
    return verdict(Outcome.MET, reason, seen, values)


def not_met(reason: str, *seen: Pointer, **values: object) -> Verdict:
    return verdict(Outcome.NOT_MET, reason, seen, values)


def unsure(reason: str, *seen: Pointer, **values: object) -> Verdict:
    return verdict(Outcome.UNSURE, reason, seen, values)


def verdict(outcome: Outcome, reason: str, seen: Iterable[Pointer], values: dict[str, object]) -> Verdict:
    return Verdict(
        outcome=outcome, reason=reason, seen=tuple(seen), values={key: str(value) for key, value in values.items()}
    )
