"""The small questions asked of what was seen: each a pure function of (what was looked at, parameters)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from checklists.evaluators import (
    contact,
    documents,
    domains,
    lists,
    people,
    portalwide,
    prose,
    schedules,
    searching,
    subject,
)
from checklists.evaluators.registry import Evaluator

_ROOMS = (contact, documents, domains, lists, people, portalwide, prose, schedules, searching, subject)

EVALUATORS: Mapping[str, Evaluator] = MappingProxyType(
    {name: evaluator for room in _ROOMS for name, evaluator in room.EVALUATORS.items()}
)
"""Every evaluator a checklist may name."""
