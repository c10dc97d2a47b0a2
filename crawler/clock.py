"""What time it is: the clock's time told in Vietnam's zone, whatever zone the machine is set to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from crawler.plan import VIETNAM

Clock = Callable[[], datetime]


def wall() -> datetime:
    """The clock's time now, in Vietnam's zone; read anew at every call, so that a clock set meanwhile is noticed."""
    return datetime.now(VIETNAM)


class Still(msgspec.Struct, frozen=True):
    """A clock that stands at one moment."""

    moment: datetime

    def __call__(self) -> datetime:
        """The moment, always."""
        return self.moment
