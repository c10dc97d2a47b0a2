"""The small questions asked of what was seen: each a pure function of (what was looked at, parameters)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from checklists.evaluators import (
    answering,
    answers,
    consulting,
    contact,
    directory,
    documents,
    domains,
    foreign,
    gazette,
    keeping,
    labelled,
    linking,
    lists,
    offering,
    people,
    portalwide,
    projects,
    prose,
    results,
    running,
    schedules,
    searching,
    serving,
    subject,
    tables,
)
from checklists.evaluators.registry import Evaluator

_ROOMS = (
    answering,
    answers,
    consulting,
    contact,
    directory,
    documents,
    domains,
    foreign,
    gazette,
    keeping,
    labelled,
    linking,
    lists,
    offering,
    people,
    portalwide,
    projects,
    prose,
    results,
    running,
    schedules,
    searching,
    serving,
    subject,
    tables,
)

EVALUATORS: Mapping[str, Evaluator] = MappingProxyType(
    {name: evaluator for room in _ROOMS for name, evaluator in room.EVALUATORS.items()}
)
"""Every evaluator a checklist may name."""
