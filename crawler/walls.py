"""How a wall is told from a page that is closed. Nothing here gets round one: a visit that meets a wall says so and ends.

"Blocked" takes two signals:
  - a refusing status (403 and its like) that bears a firewall's own mark: a header, or the page a firewall prints; or
  - home refused, and another path of the host before it, or home again after a rest; or
  - mid-visit, several refusals in a row where pages were fine before, and home, which was fine, refused too when asked again after a rest.
A lone 403 is a client error, and so are many of them as long as home is fine. A page that asks for proof of a person (`captcha`) and one that
asks for fewer requests (`rate-limited`) are called so; they end a visit where home itself gives them, or gives them again mid-visit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import msgspec

from crawler.embedded import embedded
from crawler.model import VisitStatus


class WallRules(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers and marks of data/walls.yml."""

    source: str
    refusing: frozenset[int]
    again: frozenset[int]
    headers: frozenset[str]
    in_a_row: int
    failures: int
    network: frozenset[VisitStatus]


def wall_rules() -> WallRules:
    """The rules of data/walls.yml."""
    return embedded("walls.yml", WallRules)


RESTING = frozenset({429, 503})
"""HTTP statuses after which a host is given rest (RFC 6585, 4; RFC 9110, 15.6.4)."""


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of the portal's host. home: home was asked; http_status None where there was no answer, or nothing was asked."""

    home: bool
    status: VisitStatus
    http_status: int | None = None


class Sense(StrEnum):
    """What a visit does next for what it met: goes on, asks home again after a rest, or ends as blocked, or as not reached."""

    ON = "on"
    HOME_AGAIN = "home-again"
    BLOCKED = "blocked"
    AWAY = "away"


REFUSALS = frozenset({VisitStatus.BLOCKED, VisitStatus.CAPTCHA, VisitStatus.RATE_LIMITED})
"""Statuses that are refusals by themselves; a client error is one where its HTTP status is `refusing`."""


def refused(met: Met, rules: WallRules) -> bool:
    """The host did not want to answer us."""
    return met.status in REFUSALS or (met.status is VisitStatus.CLIENT_ERROR and met.http_status in rules.refusing)


def sense(met: Sequence[Met], rules: WallRules) -> Sense:
    """What the answers of the portal's host so far, in order, mean for the visit; asked after each of them."""
    last = met[-1]
    if last.status is VisitStatus.RATE_LIMITED and last.http_status is None:
        return Sense.BLOCKED  # it wants to be left alone for longer than a visit waits
    homes = [each for each in met if each.home]
    if last.home and last.status is not VisitStatus.OK:
        return _at_home(met, homes, rules)
    if not homes:
        return Sense.ON
    checks = sum(each.status is VisitStatus.OK for each in homes) - 1
    if _run(met, lambda each: refused(each, rules)) >= rules.in_a_row * 2**checks:
        return Sense.HOME_AGAIN
    return Sense.AWAY if _run(met, lambda each: each.status in rules.network) >= rules.failures else Sense.ON


def _at_home(met: Sequence[Met], homes: Sequence[Met], rules: WallRules) -> Sense:
    last = met[-1]
    first_time = len(homes) == 1
    if not refused(last, rules):
        passing = last.http_status in rules.again or last.status is VisitStatus.BROWSER_CRASH
        return Sense.HOME_AGAIN if first_time and passing else Sense.AWAY
    if last.status in (VisitStatus.BLOCKED, VisitStatus.CAPTCHA) or not first_time:
        return Sense.BLOCKED
    elsewhere = any(refused(each, rules) for each in met[:-1])
    return Sense.BLOCKED if elsewhere and last.status is not VisitStatus.RATE_LIMITED else Sense.HOME_AGAIN


def _run(met: Sequence[Met], holds: Callable[[Met], bool]) -> int:
    """How many of the last answers are such, pages other than home."""
    return next((n for n, each in enumerate(reversed(met)) if each.home or not holds(each)), len(met))
