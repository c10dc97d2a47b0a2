"""The method as the YAML has it: what is asked, on what law, how people's decisions count, what it is worth."""

from __future__ import annotations

from fractions import Fraction

from starlette.responses import Response

from checklists.review import rules
from checklists.services import service_checklist
from output.web.desk import Call
from output.web.pages.agency import METHOD
from scoring.counting import counting_rule, rule_sentence
from scoring.load import find_method


def method_page(call: Call) -> Response:
    """The checklist, the rules of review and the points."""
    method = find_method(METHOD)
    points: dict[str, Fraction] = {}
    for leaf in method.leaves.values():
        points[leaf.item] = points.get(leaf.item, Fraction(0)) + leaf.points
    sources = {leaf.item: leaf.source for leaf in method.leaves.values() if leaf.item}
    return call.page(
        "method.html",
        checklist=call.desk.checklist,
        method=method,
        rules=rules(),
        points=points,
        sources=sources,
        services=service_checklist(),
        counting=rule_sentence(counting_rule()),
    )
