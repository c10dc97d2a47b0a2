"""Does a portal's address have the form the decree gives its block?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from checklists.evaluators.contact import host_of
from checklists.evaluators.looking import Looked
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.model import Pointer, Verdict
from crawler.model import Block
from crawler.text import fold


class Domain(Parameters):
    """suffix: what every address ends with; labels: how many names stand before it, per block; place_blocks: blocks whose name before the
    suffix is a place's full name; exceptions: a place's name to the one the law gives; name_prefixes: words before a place's own name;
    patterns: the form in words, per block."""

    suffix: str
    labels: dict[Block, Annotated[int, Field(ge=1)]]
    patterns: dict[Block, str]
    place_blocks: tuple[Block, ...] = ()
    exceptions: Mapping[str, str] = Field(default_factory=dict)
    name_prefixes: tuple[str, ...] = ()


def domain(looked: Looked, parameters: Domain) -> Verdict:
    """Met where the declared address has the form of its block; a place's name is compared where the agency's name tells it."""
    request = looked.visit.request
    host = host_of(request.declared_address or request.portal)
    seen = [point_home(looked, host)] if looked.home else []
    pattern = parameters.patterns.get(request.block, parameters.suffix)
    if not host or "." not in host or ":" in host or host.replace(".", "").isdigit():
        return unsure("unnamed", *seen, host=host or request.declared_address, pattern=pattern)
    bare = host.removeprefix("www.")
    before = bare.removesuffix(f".{parameters.suffix}").split(".") if bare.endswith(f".{parameters.suffix}") else []
    if len(before) != parameters.labels.get(request.block, 1) or not all(before):
        return not_met("wrong", *seen, host=host, pattern=pattern)
    if request.block in parameters.place_blocks:
        wanted = place_name(request.agency_name, parameters)
        if not wanted:
            return unsure("unknown-place", *seen, host=host, pattern=pattern)
        if before[-1].replace("-", "") != wanted:
            return not_met("wrong", *seen, host=host, pattern=f"{wanted}.{parameters.suffix}")
    return met("met", *seen, host=host, pattern=pattern)


def point_home(looked: Looked, host: str) -> Pointer:
    assert looked.home is not None
    return point(looked.home, host, "html")


def place_name(agency: str, parameters: Domain) -> str:
    """The name of an agency's place as an address writes it: without its rank, accents or spaces; the law's own where it gives one."""
    prefixes = sorted((fold(word) for word in parameters.name_prefixes), key=len, reverse=True)
    name = fold(agency)
    shorter = re.sub(rf"^(?:(?:{'|'.join(map(re.escape, prefixes))})\s+)+", "", name) if prefixes else name
    exceptions = {fold(place): given for place, given in parameters.exceptions.items()}
    return exceptions.get(shorter, shorter.replace(" ", ""))


EVALUATORS = {
    "domain": Evaluator(
        domain,
        Domain,
        {
            "met": ("host", "pattern"),
            "wrong": ("host", "pattern"),
            "unnamed": ("host", "pattern"),
            "unknown-place": ("host", "pattern"),
        },
    ),
}
