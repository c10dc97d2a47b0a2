"""A checklist's sections as the targets a crawler looks for. Labels have no other home than the checklist."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

import msgspec

from checklists.model import Checklist, Item, Section
from crawler.model import Block, Target, TargetSet


def compile_targets(
    checklist: Checklist, items: Collection[str] | None = None, block: Block | None = None
) -> TargetSet:
    """The targets that the items named (all unless told) need for a block (any unless told), each once, in order of id, with their digest.

    A section that may stand within another brings that one along. Raises KeyError for an item the checklist lacks.
    """
    known = {item.id for item in checklist.items}
    if missing := sorted(set(items or ()) - known):
        raise KeyError(", ".join(missing))
    chosen = [item for item in checklist.items if (items is None or item.id in items) and binds(item, block)]
    targets = tuple(sorted((section.target for section in needed(checklist, chosen)), key=lambda target: target.id))
    bare = TargetSet(
        checklist=f"{checklist.id}@{checklist.version}",
        targets=targets,
        sitemap_labels=checklist.vocabulary.sitemap_labels,
        nonsense_query=checklist.vocabulary.nonsense_query,
    )
    return msgspec.structs.replace(bare, digest=digest(bare))


def binds(item: Item, block: Block | None) -> bool:
    """Whether a duty binds a block; every duty binds when none is named."""
    return block is None or block in item.blocks


def needed(checklist: Checklist, items: Iterable[Item]) -> tuple[Section, ...]:
    """The sections that items' elements are looked for in, with those that may hold them, each once."""
    found: dict[str, Section] = {}
    waiting = [name for item in items for element in item.elements for name in element.sections]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = checklist.section(name)
            waiting.extend(found[name].target.within)
    return tuple(found.values())


def digest(value: object) -> str:
    """SHA-256 in hex of a value's canonical JSON: keys sorted, no white space, UTF-8."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def target_ids(targets: Iterable[Target]) -> frozenset[str]:
    """The ids of some targets."""
    return frozenset(target.id for target in targets)
