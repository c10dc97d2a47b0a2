"""What the process that visits is told, and what it reports."""

from __future__ import annotations

from typing import Any

import msgspec

from crawler.jobs import WorkOptions
from crawler.model import TargetSet, VisitRequest


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What to visit and how. names: answers of the resolver by host, given in turn (the last one for ever); 'nobody', 'again' and 'silent' are
    an answer that there is no such name, one that nobody knows, and none at all. Other names are asked of nobody."""

    requests: tuple[VisitRequest, ...]
    targets: TargetSet
    options: WorkOptions
    settings: dict[str, Any] = {}
    names: dict[str, tuple[str, ...]] = {}
    last: bool = True


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one visit. ended: how the feed was told (done, failed, ours); seconds since it began; peak: the process's greatest memory
    so far, in bytes."""

    id: str
    ended: str
    status: str = ""
    stop: str = ""
    folder: str = ""
    error: str = ""
    navigations: int = 0
    rest: float = 0.0
    seconds: float = 0.0
    peak: int = 0
