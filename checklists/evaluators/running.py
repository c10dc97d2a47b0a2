"""Being written."""

from checklists.evaluators.registry import Evaluator

EVALUATORS: dict[str, Evaluator] = {}
