"""Observations and imported measures to an index, by a method's tree. Pure, in exact fractions; nothing is rounded here.

What counts, and how it is told:

- A leaf is settled when it was found met or not met, or when its measure was imported. Only settled leaves enter a value: what nobody settled is
  never counted as zero. Coverage says what share of the applicable points the value rests on; below the method's threshold there is no value.
- A leaf that does not bind the agency's block, or was found not applicable, leaves the applicable points.
- Items the checklist edition does not judge leave the applicable points as well, so that coverage speaks of what was attempted; how much of the
  method that is stands beside every score (items_judged of items_total, points_judged of points_total, and a note).
- An imported measure that is missing leaves every node above it without a value.
- Min–max takes the least and greatest value of the block's agencies; while fewer than block_size of them have one, the method's published minimum
  and maximum are used, and a note says so. A value outside the published ones gives an index outside 0–1; it is not cut off.
- Shares of leaves sum to the value. Under min–max the minimum is taken off each leaf in proportion to its weight, so a share may be negative.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

import msgspec

from checklists.model import Outcome
from crawler.model import Block
from scoring.model import Contribution, IndexScore, Leaf, Measure, Method, Node, Observation, Operation, Settler
from scoring.rank import decimal_text

ZERO = Fraction(0)
ONE = Fraction(1)

Bounds = tuple[Fraction, Fraction]


class Part(msgspec.Struct, frozen=True):
    """What one leaf brings to a node: its share of the node's value, its weight at full credit, and whether it is settled."""

    leaf: str
    share: Fraction
    full: Fraction
    settled: bool


class Worth(msgspec.Struct, frozen=True):
    """A leaf or node of one agency: credit earned of settled points, the points applicable, and the parts that make it. missing: a measure is not there."""

    earned: Fraction
    settled: Fraction
    applicable: Fraction
    parts: tuple[Part, ...]
    missing: bool = False

    @property
    def value(self) -> Fraction | None:
        return None if self.missing or not self.settled else self.earned / self.settled

    @property
    def coverage(self) -> Fraction:
        return share_of(self.parts, [part.settled for part in self.parts])


class Evidence(msgspec.Struct, frozen=True):
    """What is known of one agency: its observations by (item, element), its measures by name."""

    observations: Mapping[tuple[str, str], Observation]
    measures: Mapping[str, Measure]


def score(
    method: Method,
    block: Block,
    agencies: Sequence[str],
    observations: Iterable[Observation] = (),
    measures: Iterable[Measure] = (),
    judged: Collection[str] | None = None,
) -> tuple[IndexScore, ...]:
    """The index of each agency of one block, in the order given. judged: ids of the items a checklist edition judges, None where it judges all."""
    known = gather_evidence(agencies, observations, measures)
    leaves = {leaf.id: leaf for leaf in method.leaves.values() if leaf.binds(block) and is_judged(leaf, judged)}
    worths: dict[str, dict[str, Worth]] = {
        agency: {leaf.id: leaf_worth(leaf, known[agency]) for leaf in leaves.values()} for agency in agencies
    }
    notes = []
    for node in children_first(method):
        bounds = None
        if node.operation is Operation.MIN_MAX:
            bounds, note = block_bounds(method, node, [worths[agency].get(node.children[0]) for agency in agencies])
            notes += [note] if note else []
        for agency in agencies:
            worths[agency][node.id] = node_worth(node, worths[agency], bounds)
    judged_note = note_on_edition(method, block, leaves)
    return tuple(
        index_score(method, block, agency, leaves, worths[agency], known[agency], (*notes, *judged_note))
        for agency in agencies
    )


def gather_evidence(
    agencies: Sequence[str], observations: Iterable[Observation], measures: Iterable[Measure]
) -> dict[str, Evidence]:
    """What is known by agency; observations and measures of other agencies are left out."""
    seen: dict[str, dict[tuple[str, str], Observation]] = {agency: {} for agency in agencies}
    given: dict[str, dict[str, Measure]] = {agency: {} for agency in agencies}
    for observation in observations:
        if observation.agency in seen:
            seen[observation.agency][observation.item, observation.element] = observation
    for measure in measures:
        if measure.agency in given:
            given[measure.agency][measure.measure] = measure
    return {agency: Evidence(seen[agency], given[agency]) for agency in agencies}


def is_judged(leaf: Leaf, judged: Collection[str] | None) -> bool:
    """Whether the edition judges what the leaf asks; imported measures are nobody's to judge."""
    return judged is None or not leaf.item or leaf.item in judged


def children_first(method: Method) -> list[Node]:
    """The method's nodes so that each stands after those below it, otherwise in the method's order."""
    ordered: dict[str, Node] = {}

    def visit(name: str) -> None:
        node = method.nodes.get(name)
        if node is None or name in ordered:
            return
        for child in node.children:
            visit(child)
        ordered[name] = node

    for name in method.nodes:
        visit(name)
    return list(ordered.values())


# --- one leaf, one node -----------------------------------------------------------------------------------------------------------------


def leaf_worth(leaf: Leaf, evidence: Evidence) -> Worth:
    """A leaf's points as earned, settled and applicable."""
    if leaf.measure:
        measure = evidence.measures.get(leaf.measure)
        if measure is None:
            return Worth(ZERO, ZERO, leaf.points, (Part(leaf.id, ZERO, leaf.points, False),), missing=True)
        earned, settled, applicable = measure.earned, measure.applicable, measure.applicable
    else:
        earned, settled, applicable = element_points(leaf, evidence.observations.get((leaf.item, leaf.element)))
    return Worth(earned, settled, applicable, (Part(leaf.id, earned, applicable, bool(settled)),))


def element_points(leaf: Leaf, observation: Observation | None) -> tuple[Fraction, Fraction, Fraction]:
    """Earned, settled and applicable points of an element; one nobody observed is applicable and unsettled."""
    if observation is None or observation.settled_by is Settler.NOBODY:
        return ZERO, ZERO, leaf.points
    if observation.outcome is Outcome.NOT_APPLICABLE:
        return ZERO, ZERO, ZERO
    if observation.outcome in (Outcome.MET, Outcome.NOT_MET):
        return (leaf.points if observation.outcome is Outcome.MET else ZERO), leaf.points, leaf.points
    return ZERO, ZERO, leaf.points


def node_worth(node: Node, worths: Mapping[str, Worth], bounds: Bounds | None) -> Worth:
    """A node from its children; children that do not bind the block are not there."""
    children = [(child, worths[child]) for child in node.children if child in worths]
    if node.operation is Operation.SUM:
        return add([worth for _, worth in children])
    if node.operation is Operation.RATIO:
        return as_ratio(add([worth for _, worth in children]))
    if node.operation is Operation.MEAN:
        return mean([(node.weights.get(child, ONE), worth) for child, worth in children])
    return between(as_ratio(add([worth for _, worth in children])), bounds)


def add(worths: Sequence[Worth]) -> Worth:
    """All points together."""
    return Worth(
        sum((worth.earned for worth in worths), ZERO),
        sum((worth.settled for worth in worths), ZERO),
        sum((worth.applicable for worth in worths), ZERO),
        tuple(part for worth in worths for part in worth.parts),
        any(worth.missing for worth in worths),
    )


def as_ratio(worth: Worth) -> Worth:
    """The same on a scale where full credit is 1."""
    if not worth.applicable:
        return msgspec.structs.replace(worth, earned=ZERO, settled=ZERO, applicable=ZERO)
    parts = scaled(worth.parts, ONE / worth.settled if worth.settled else ZERO, ONE / worth.applicable)
    value = worth.value
    return Worth(value or ZERO, ZERO if value is None else ONE, ONE, parts, worth.missing)


def mean(weighted: Sequence[tuple[Fraction, Worth]]) -> Worth:
    """The mean of the children's values by weight; a child to which nothing applies is left out, one without a value leaves the mean without.

    Without a value nothing below brings credit, so that contributions still sum to what the node adds to its parent.
    """
    kept = [(weight, as_ratio(worth)) for weight, worth in weighted if worth.applicable]
    total = sum((weight for weight, _ in kept), ZERO)
    if not total:
        return Worth(ZERO, ZERO, ZERO, ())
    without = any(worth.value is None for _, worth in kept)
    missing = any(worth.missing for _, worth in kept)
    credit = ZERO if without else ONE
    parts = tuple(
        part for weight, worth in kept for part in scaled(worth.parts, credit * weight / total, weight / total)
    )
    value = sum((weight * worth.earned for weight, worth in kept), ZERO) / total
    return Worth(ZERO if without else value, ZERO if without else ONE, ONE, parts, missing)


def between(worth: Worth, bounds: Bounds | None) -> Worth:
    """The value's place between the bounds, 0 at the lower and 1 at the upper; none where there are no bounds."""
    if worth.value is None or bounds is None:
        return msgspec.structs.replace(worth, earned=ZERO, settled=ZERO, parts=scaled(worth.parts, ZERO, ONE))
    low, high = bounds
    span = high - low
    full = sum((part.full for part in worth.parts), ZERO)
    parts = tuple(
        msgspec.structs.replace(part, share=(part.share - low * part.full / full) / span) for part in worth.parts
    )
    return Worth((worth.earned - low) / span, ONE, ONE, parts)


def scaled(parts: Sequence[Part], share: Fraction, full: Fraction) -> tuple[Part, ...]:
    """The parts with shares and weights multiplied."""
    return tuple(Part(part.leaf, part.share * share, part.full * full, part.settled) for part in parts)


def share_of(parts: Sequence[Part], chosen: Sequence[bool]) -> Fraction:
    """The weight of the chosen parts over that of all, 0 where there is none."""
    total = sum((part.full for part in parts), ZERO)
    kept = sum((part.full for part, is_chosen in zip(parts, chosen, strict=True) if is_chosen), ZERO)
    return kept / total if total else ZERO


def block_bounds(method: Method, node: Node, worths: Sequence[Worth | None]) -> tuple[Bounds | None, str]:
    """The least and greatest value over the block and a note on where they come from; None where no span lies between them."""
    values = [value for worth in worths if worth and (value := as_ratio(worth).value) is not None]
    note, low, high = "", node.minimum, node.maximum
    if len(values) >= max(node.block_size, 1) or low is None or high is None:
        low, high = min(values, default=ZERO), max(values, default=ZERO)
    else:
        words = {"node": node.title, "minimum": str(low), "maximum": str(high)}
        note = method.sentences["published-bounds"].format(loaded=len(values), block_size=node.block_size, **words)
    return ((low, high) if low < high else None), note


# --- the score ---------------------------------------------------------------------------------------------------------------------------


def index_score(
    method: Method,
    block: Block,
    agency: str,
    leaves: Mapping[str, Leaf],
    worths: Mapping[str, Worth],
    evidence: Evidence,
    notes: tuple[str, ...],
) -> IndexScore:
    """One agency's index with everything that must be said beside it; without a value, nodes have none and leaves no share."""
    root = as_ratio(worths[method.root])
    by_leaf = {part.leaf: part for part in root.parts}
    withheld = reason_withheld(method, root)
    stands = not withheld or root.missing
    settlers = [
        observation.settled_by
        for leaf in leaves.values()
        if leaf.id in by_leaf and (observation := evidence.observations.get((leaf.item, leaf.element)))
    ]
    all_leaves = [leaf for leaf in method.leaves.values() if leaf.binds(block)]
    return IndexScore(
        method=method.id,
        method_version=method.version,
        agency=agency,
        value=None if withheld else root.value,
        coverage=root.coverage,
        sourced=share_of(root.parts, [not leaves[part.leaf].assumed_in(block) for part in root.parts]),
        contributions=tuple(
            contribution(leaf, block, worths[leaf.id], by_leaf.get(leaf.id), evidence, shown=not withheld)
            for leaf in leaves.values()
        ),
        node_values={name: worths[name].value if stands else None for name in method.nodes if name in worths},
        node_coverage={name: worths[name].coverage for name in method.nodes if name in worths},
        by_machine=settlers.count(Settler.MACHINE),
        by_person=settlers.count(Settler.PERSON),
        withheld=withheld,
        block=block,
        items_judged=len(items_of(leaves.values())),
        items_total=len(items_of(all_leaves)),
        points_judged=points_of(leaves.values()),
        points_total=points_of(all_leaves),
        notes=notes,
    )


def reason_withheld(method: Method, root: Worth) -> str:
    """Why there is no value, in Vietnamese, or ''."""
    coverage = decimal_text(root.coverage * 100, 1)
    if root.missing:
        return method.sentences["measure-missing"].format(coverage=coverage)
    if not root.applicable:
        return method.sentences["nothing-applies"]
    if root.coverage < method.coverage_threshold:
        threshold = decimal_text(method.coverage_threshold * 100, 0)
        return method.sentences["coverage-low"].format(coverage=coverage, threshold=threshold)
    return method.sentences["no-value"] if root.value is None else ""


def contribution(
    leaf: Leaf, block: Block, worth: Worth, part: Part | None, evidence: Evidence, *, shown: bool
) -> Contribution:
    """What a leaf brought; its outcome is that observed, `imported` or `missing` for a measure, `not_observed` where there is no observation."""
    if leaf.measure:
        outcome = "missing" if worth.missing else "imported"
    else:
        observation = evidence.observations.get((leaf.item, leaf.element))
        outcome = (observation.outcome if observation else Outcome.NOT_OBSERVED).value
    return Contribution(
        leaf=leaf.id,
        earned=worth.earned,
        applicable=worth.applicable,
        settled=worth.settled,
        share=part.share if part and shown else ZERO,
        outcome=outcome,
        assumed=leaf.assumed_in(block),
    )


def items_of(leaves: Iterable[Leaf]) -> set[str]:
    """The items the leaves belong to."""
    return {leaf.item for leaf in leaves if leaf.item}


def points_of(leaves: Iterable[Leaf]) -> Fraction:
    """All the leaves' points."""
    return sum((leaf.points for leaf in leaves), ZERO)


def note_on_edition(method: Method, block: Block, leaves: Mapping[str, Leaf]) -> tuple[str, ...]:
    """The note on how much of the method the edition judges, where it does not judge all."""
    asked = [leaf for leaf in method.leaves.values() if leaf.binds(block)]
    if len(asked) == len(leaves):
        return ()
    return (
        method.sentences["edition"].format(
            judged=len(items_of(leaves.values())),
            total=len(items_of(asked)),
            points=decimal_text(points_of(leaves.values()) / points_of(asked) * 100, 1),
        ),
    )
