"""The small questions asked of what was seen: each a pure function of (what was looked at, parameters)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from checklists.evaluators.registry import Evaluator

_ROOMS = tuple(import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))

EVALUATORS: Mapping[str, Evaluator] = MappingProxyType(
    {name: evaluator for room in _ROOMS for name, evaluator in getattr(room, "EVALUATORS", {}).items()}
)
"""Every evaluator a checklist may name: what the files of this folder list under EVALUATORS."""
