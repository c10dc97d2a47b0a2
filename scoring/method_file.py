"""What a method file may say, entry by entry: text in, typed values out. The rules between entries are in load."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crawler.model import Block
from scoring.figures import decimal_of
from scoring.model import Operation


def fraction_of(text: object) -> Fraction:
    """The exact value of "33/145", "0.5" or "12"; ValueError for anything else."""
    if not isinstance(text, str):
        raise ValueError("a number is wanted, such as 12, 0.5 or 33/145")
    above, stroke, below = text.partition("/")
    divisor = decimal_of(below.strip()) if stroke else Fraction(1)
    if not divisor:
        raise ValueError("a fraction has no zero below its stroke")
    return decimal_of(above.strip()) / divisor


def truth_of(text: object) -> bool:
    """yes or no, as a person writes it."""
    if text not in ("yes", "no"):
        raise ValueError("write yes or no")
    return text == "yes"


Number = Annotated[Fraction, BeforeValidator(fraction_of), Field(ge=0)]
Truth = Annotated[bool, BeforeValidator(truth_of)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Words = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """Any part of the file: keys with hyphens, none it does not know, values as text."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )


class SourcedEntry(Entry):
    """A part whose numbers were read somewhere or are assumed."""

    source: Words
    assumed: Truth = False


class CoverageEntry(SourcedEntry):
    threshold: Annotated[Number, Field(le=1)]


class RankEntry(Entry):
    decimals: Annotated[int, Field(ge=0, le=9)] = 3
    tie_breakers: tuple[Id, ...] = ()
    zero_shares_last: Truth = False


class MeasureEntry(SourcedEntry):
    id: Id
    points: Annotated[Number, Field(gt=0)]


class PointsEntry(SourcedEntry):
    """Points split evenly over elements of an item. sourced-in: the blocks the source speaks of, all where silent."""

    points: Annotated[Number, Field(gt=0)]
    elements: Annotated[tuple[Id, ...], Field(min_length=1)]
    sourced_in: tuple[Block, ...] = ()


class ItemEntry(Entry):
    """An item of a checklist: the sum node it belongs to, whom it binds, its points; none where it is listed only to say so."""

    id: Id
    into: Id
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    points: tuple[PointsEntry, ...]
    remark: str = ""


class NodeEntry(SourcedEntry):
    id: Id
    title: Words
    operation: Operation
    children: tuple[Id, ...] = ()
    weights: dict[Id, Annotated[Number, Field(gt=0)]] = {}
    minimum: Number | None = None
    maximum: Number | None = None
    block_size: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def fits_its_operation(self) -> NodeEntry:
        if self.weights and self.operation is not Operation.MEAN:
            raise ValueError("only a mean has weights")
        bounds = (self.minimum, self.maximum)
        if self.operation is not Operation.MIN_MAX and (bounds != (None, None) or self.block_size):
            raise ValueError("only min-max has a minimum, a maximum and a block-size")
        if (self.minimum is None) != (self.maximum is None):
            raise ValueError("give both the published minimum and maximum, or neither")
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise ValueError("the minimum must be below the maximum")
        return self


class HeadEntry(Entry):
    """The file but for its lists."""

    id: Id
    title: Words
    version: Words
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    root: Id
    coverage: CoverageEntry
    rank: RankEntry = RankEntry()
    sentences: dict[
        Literal["measure-missing", "nothing-applies", "coverage-low", "no-value", "edition", "published-bounds"], Words
    ]
