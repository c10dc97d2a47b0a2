"""Numbers to ranks, as the Ministry's tables have them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

import msgspec

from scoring.model import IndexScore, Method, RankRow

Key: TypeAlias = tuple[Fraction | int, ...]
"""What agencies are ranked by, the weightiest first; greater is better."""


def competition_ranks(keys: Sequence[Key], shares_last: Sequence[bool] = ()) -> list[int]:
    """The rank of each key: one more than the number of greater keys, so equal keys share a rank and the next is skipped ("1 2 2 4").

    Where `shares_last` is true the rank is the last one, the number of keys. All index tables of the 2016 report are ranked so, on the published
    value; its tables of services and dossiers put agencies that have none last.
    """
    greater: dict[Key, int] = {}
    seen = 0
    for key, times in sorted(Counter(keys).items(), reverse=True):
        greater[key] = seen
        seen += times
    last = shares_last or [False] * len(keys)
    return [len(keys) if at_end else greater[key] + 1 for key, at_end in zip(keys, last, strict=True)]


def published_value(value: Fraction, decimals: int) -> Fraction:
    """The value rounded to the decimals it is published with, halves away from zero. The one place where a score is rounded."""
    scale = 10**decimals
    rounded = (abs(value) * scale * 2 + 1) // 2
    return Fraction(rounded if value >= 0 else -rounded, scale)


def decimal_text(value: Fraction, decimals: int, sign: str = ",") -> str:
    """The value rounded as published_value does, written out with all its decimals after the sign."""
    rounded = published_value(value, decimals)
    whole, rest = divmod(abs(rounded.numerator) * 10**decimals // rounded.denominator, 10**decimals)
    minus = "-" if rounded < 0 else ""
    return f"{minus}{whole}{sign}{rest:0{decimals}d}" if decimals else f"{minus}{whole}"


def rank(method: Method, scores: Sequence[IndexScore]) -> tuple[RankRow, ...]:
    """One block's scores ranked by the method's rule on the published value; by rank, then in the order given; agencies without a score last.

    Tie-breakers are node values, exact, greater first; a missing one counts as lower than any. The published value is text with a decimal comma.
    """
    rule = method.rank
    with_value = [(score, published_value(score.value, rule.decimals)) for score in scores if score.value is not None]
    keys: list[Key] = [(value, *tie_breakers(score, rule.tie_breakers)) for score, value in with_value]
    zeros = [rule.zero_shares_last and value == 0 for _, value in with_value]
    ranks = competition_ranks(keys, zeros)
    rows = [
        RankRow(rank=place, agency=score.agency, value=decimal_text(value, rule.decimals))
        for place, (score, value) in zip(ranks, with_value, strict=True)
    ]
    rows.sort(key=lambda row: row.rank or 0)
    rows += [RankRow(rank=None, agency=score.agency, value="") for score in scores if score.value is None]
    return tuple(rows)


def tie_breakers(score: IndexScore, nodes: Sequence[str]) -> Key:
    """The score's values at the given nodes, each behind 1, or 0 where there is none."""
    flat: list[Fraction | int] = []
    for node in nodes:
        value = score.node_values.get(node)
        flat += [0, 0] if value is None else [1, value]
    return tuple(flat)


def rank_values(values: Sequence[Fraction]) -> list[int]:
    """Competition ranks of published values, taken as they are; greater is better."""
    return competition_ranks([(value,) for value in values])


class ServiceCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many online services of level 3 and 4 an agency has."""

    agency: str
    level3: int
    level4: int

    @property
    def total(self) -> int:
        return self.level3 + self.level4


def rank_services(counts: Sequence[ServiceCount]) -> list[int]:
    """Ranks by the rule of tables 2.6 and 4.7: by total, then by level-4 services; agencies without any share the last rank of the table."""
    keys: list[Key] = [(count.total, count.level4) for count in counts]
    return competition_ranks(keys, [count.total == 0 for count in counts])


class DossierCount(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency reported of dossiers handled online in a year: a number, or only shares, for so many services; None where it did not say."""

    agency: str
    online_dossiers: int | None
    services_with_shares: int | None


def rank_dossiers(counts: Sequence[DossierCount]) -> list[int]:
    """Ranks by the rule of tables 2.7 and 4.8: by dossiers; then those that gave only shares, by the services they gave them for; those without
    figures share the last rank of the table."""
    keys: list[Key] = [
        (1, count.online_dossiers) if count.online_dossiers is not None else (0, count.services_with_shares or 0)
        for count in counts
    ]
    return competition_ranks(keys, [key == (0, 0) for key in keys])
