"""What an evaluator is: a question, the type of its parameters, and every reason it can give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from checklists.evaluators.looking import Looked
from checklists.model import Verdict

COMMON_VALUES = frozenset({"title", "where", "item", "clause", "url", "quote", "pages", "now"})
"""What any sentence may name: the element's title, the sections looked at, the item's title, its clause, address and quote of the first
pointer, the number of pages looked at, the visit's own day."""

GENERAL_REASONS: Mapping[str, tuple[str, ...]] = {
    "portal-not-reached": ("status",),
    "not-pursued": (),
    "section-absent": (),
    "view-incomplete": ("gap",),
    "samples-incomplete": ("gap",),
    "under-construction": (),
    "empty-section": (),
    "failed": ("error",),
    "not-applicable": (),
    "seen-once": ("hours",),
    "seen-elsewhere": (),
}
"""The reasons judging gives whatever the evaluator, with the values their sentences may name."""


class Parameters(BaseModel):
    """Parameters of an evaluator: frozen, and no key is taken that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evaluator(NamedTuple):
    """A registered question. reasons maps each reason it can give to the values that reason's sentence may name; template: it also reads what
    recurs on every page (footers), not only what is a page's own; details: what it asks may stand on the pages a landing page leads to;
    everywhere: it is asked of every page of the visit; unreached: it is asked even where the portal was not reached, and answers for absence itself;
    telling: what it accepts speaks for itself, on whatever page it stands; sure: whether what it accepted on a page of no section needs no name of
    one beside it.
    """

    function: Callable[[Looked, Any], Verdict]
    parameters: type[Parameters]
    reasons: Mapping[str, tuple[str, ...]]
    template: bool = False
    details: bool = False
    everywhere: bool = False
    unreached: bool = False
    telling: bool = False
    sure: Callable[[Verdict], bool] = lambda _: False
