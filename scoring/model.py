"""From settled observations to a rank. Every number is an exact fraction until it is published."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

import msgspec

from checklists.model import Outcome
from crawler.model import Block


class Settler(StrEnum):
    """Who settled an observation."""

    MACHINE = "machine"
    PERSON = "person"
    NOBODY = "nobody"


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One element of one agency as it stands when scores are made. Only met and not_met carry credit; `settled_by` nobody means neither yet."""

    agency: str
    item: str
    element: str
    outcome: Outcome
    settled_by: Settler
    claim: str = ""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of an agency that is imported, not observed: credit earned of what applied to it. An index is 0.8437 of 1. source says who gave it."""

    agency: str
    measure: str
    earned: Fraction
    applicable: Fraction
    source: str


class Operation(StrEnum):
    """What a node of a method does with its children: adds them; takes their mean by weight; takes earned over applicable; or places the one
    child between the least and the greatest of the block."""

    SUM = "sum"
    MEAN = "mean"
    RATIO = "ratio"
    MIN_MAX = "min-max"


class Source(msgspec.Struct, frozen=True):
    """Where a number was read; `assumed` marks one that was not found and stands in until it is."""

    text: str
    assumed: bool


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """Points for one element (item and element set) or one imported measure (measure set).

    blocks: whom the item binds, all where empty. sourced_in: the blocks the source speaks of, all where empty; in others the points are assumed.
    """

    id: str
    points: Fraction
    source: Source
    item: str = ""
    element: str = ""
    measure: str = ""
    blocks: tuple[Block, ...] = ()
    sourced_in: tuple[Block, ...] = ()

    def binds(self, block: Block) -> bool:
        return not self.blocks or block in self.blocks

    def assumed_in(self, block: Block) -> bool:
        return self.source.assumed or bool(self.sourced_in and block not in self.sourced_in)


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """An inner node: children by id, weights for a mean (1 where silent), published min and max for min–max where the block is incomplete."""

    id: str
    title: str
    operation: Operation
    children: tuple[str, ...]
    weights: dict[str, Fraction] = {}
    minimum: Fraction | None = None
    maximum: Fraction | None = None
    block_size: int = 0
    source: Source = Source("", True)


class RankRule(msgspec.Struct, frozen=True, kw_only=True):
    """How values become ranks: decimals published, tie-breaking values in order, and which agencies share the block's last rank."""

    decimals: int = 3
    tie_breakers: tuple[str, ...] = ()
    zero_shares_last: bool = False


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """A published way to make an index: a tree of leaves and nodes, the coverage below which there is no score, the ranking rule.

    sentences: Vietnamese text for what is said beside a score, by key, `{name}` filled from its numbers.
    """

    id: str
    title: str
    version: str
    root: str
    leaves: dict[str, Leaf]
    nodes: dict[str, Node]
    coverage_threshold: Fraction
    coverage_source: Source
    rank: RankRule
    blocks: tuple[Block, ...]
    digest: str
    sentences: dict[str, str] = {}


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What one leaf brought: credit earned of points applicable, and its share of the final value. The shares of a score sum to its value. settled:
    the points somebody settled; the rest is not lost but open."""

    leaf: str
    earned: Fraction
    applicable: Fraction
    settled: Fraction
    share: Fraction
    outcome: str
    assumed: bool


class IndexScore(msgspec.Struct, frozen=True, kw_only=True):
    """An agency's index under a method. value is None below the coverage threshold; coverage and sourced are shares of applicable points;
    by_machine and by_person count settled elements.

    node_coverage: coverage of each node. items_judged of items_total, and points_judged of points_total: how much of what the method asks of this
    block the checklist edition judges at all; the rest is left out of applicable points. withheld: why there is no value. notes: what else must be
    said beside it. All of these sentences are Vietnamese.
    """

    method: str
    method_version: str
    agency: str
    value: Fraction | None
    coverage: Fraction
    sourced: Fraction
    contributions: tuple[Contribution, ...]
    node_values: dict[str, Fraction | None] = {}
    by_machine: int = 0
    by_person: int = 0
    withheld: str = ""
    block: Block | None = None
    node_coverage: dict[str, Fraction] = {}
    items_judged: int = 0
    items_total: int = 0
    points_judged: Fraction = msgspec.field(default_factory=Fraction)
    points_total: Fraction = msgspec.field(default_factory=Fraction)
    notes: tuple[str, ...] = ()


class RankRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a ranked table. value is as published; rank None where there is no value."""

    rank: int | None
    agency: str
    value: str
