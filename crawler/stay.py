"""How long a worker waits for more work, and for what is under way when it is to stop."""

from __future__ import annotations

import msgspec


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker waits for more work and how it stops. All in seconds that no setting of the clock touches.

    linger: how long it stays when there is nothing to do; look: between two looks for more; drain: how long what is under way may take once
    SIGTERM came (None: SIGTERM is left alone); stuck: how long a piece of work may go without progress before it is given up.
    """

    linger: float = 0.0
    look: float = 1.0
    drain: float | None = None
    stuck: float = 3600.0
