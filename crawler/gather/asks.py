"""What a visit wants to read, the most promising first. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import msgspec

from crawler.addresses import key
from crawler.facts.turning import Turn
from crawler.model import Form, Role


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A page the visit wants next. form is set for a search: the box to put query into; press for what a page shows once that was pressed.
    part: of a file, its first bytes are enough."""

    url: str
    role: Role
    target: str = ""
    label: str = ""
    clicks: int | None = None
    referrer: str = ""
    query: str = ""
    form: Form | None = None
    again: bool = False
    press: Turn | None = None
    part: bool = False


def ask_key(ask: Ask) -> str:
    """What two asks for one and the same answer share."""
    if ask.press is not None:
        return f"{ask.press.selector} {key(ask.url)}"
    return f"{ask.query} {key(ask.url)}" if ask.query else key(ask.url)


class Agenda:
    """Asks by priority: the highest first, among equals the nearest to home, then the one put first. Knows how often each was handed out."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int, Ask]] = []
        self._asked: dict[str, int] = {}
        self._order = 0

    def push(self, priority: float, ask: Ask) -> None:
        """Put an ask in its place."""
        self._order += 1
        heapq.heappush(self._heap, (-priority, ask.clicks or 0, self._order, ask))

    def pop(self) -> Ask | None:
        """Take the first ask off, None where there is none."""
        return heapq.heappop(self._heap)[-1] if self._heap else None

    def waiting(self, fits: Callable[[float, Ask], bool]) -> list[tuple[float, Ask]]:
        """The asks that fit with their priorities, told by both, in the order they would be taken off."""
        found = [each for each in self._heap if fits(-each[0], each[-1])]
        return [(-each[0], each[-1]) for each in sorted(found, key=lambda each: each[:3])]

    def take(self, ask: Ask) -> Ask:
        """Take off an ask that waits."""
        self._heap.remove(next(each for each in self._heap if each[-1] is ask))
        heapq.heapify(self._heap)
        return ask

    @property
    def highest(self) -> float:
        """The priority of the first ask, below every other where there is none."""
        return -self._heap[0][0] if self._heap else float("-inf")

    def note_asked(self, ask: Ask) -> None:
        """The ask was handed out to be fetched."""
        self._asked[ask_key(ask)] = self.times_asked(ask) + 1

    def times_asked(self, ask: Ask) -> int:
        """How often the same answer was asked for."""
        return self._asked.get(ask_key(ask), 0)
