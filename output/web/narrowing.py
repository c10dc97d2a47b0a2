"""The queue narrowed: what is asked for, which lines it leaves, how many stand where. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from output.web.board import Line, State


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What of the queue is asked for; '' asks for all. assignee: a login, or 'nobody'."""

    block: str = ""
    agency: str = ""
    item: str = ""
    reason: str = ""
    outcome: str = ""
    state: str = ""
    age: str = ""
    assignee: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filter:
        """The filter a query string or form asks for, unknown fields left out."""
        return cls(**{name: asked[name][:200] for name in cls.__struct_fields__ if asked.get(name)})

    def asked(self) -> dict[str, str]:
        """The fields that narrow anything."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name))}


def age_of(line: Line, now: datetime) -> str:
    """How long ago a claim's last visit was made, in the words' groups."""
    if not line.seen_at:
        return "older"
    past = now - datetime.fromisoformat(line.seen_at)
    steps = (("day", timedelta(days=1)), ("week", timedelta(days=7)), ("month", timedelta(days=30)))
    return next((name for name, span in steps if past <= span), "older")


def narrowed(lines: Iterable[Line], asked: Filter, assigned: Mapping[str, str], now: datetime) -> list[Line]:
    """The lines a filter leaves, in their order."""
    tests: dict[str, Callable[[Line], bool]] = {
        "block": lambda line: line.block == asked.block,
        "agency": lambda line: line.claim.agency == asked.agency,
        "item": lambda line: asked.item in (line.group, line.claim.item),
        "reason": lambda line: asked.reason in line.reasons,
        "outcome": lambda line: line.claim.outcome == asked.outcome,
        "state": lambda line: line.state == asked.state,
        "age": lambda line: age_of(line, now) == asked.age,
        "assignee": lambda line: assigned.get(line.id, "nobody") == asked.assignee,
    }
    wanted = [tests[name] for name in asked.asked()]
    return [line for line in lines if all(test(line) for test in wanted)]


def counts(lines: Iterable[Line]) -> dict[State, int]:
    """How many lines stand in each state, all states named."""
    found = Counter(line.state for line in lines)
    return {state: found[state] for state in State}
