"""A checklist as people write it in YAML; what does not fit is refused with its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from checklists.model import Mode, Outcome, Part
from crawler.model import Block, TargetKind

Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Count = Annotated[int, Field(ge=0, le=50)]
WordLists = Mapping[str, list[str]]


class Written(BaseModel):
    """Something a person wrote: no key is taken that is not declared."""

    model_config = ConfigDict(extra="forbid")


class WrittenSection(Written):
    """A section as written in YAML."""

    title: Word
    kind: TargetKind = TargetKind.SECTION
    labels: list[Word] = []
    slugs: list[Word] = []
    headings: list[Word] = []
    signs: list[Word] = []
    rejects: list[Word] = []
    within: list[Id] = []
    landings: Count = 1
    details: Count = 0
    attachments: Count = 0
    file_text: bool = False


class WrittenElement(Written):
    """An element as written in YAML."""

    title: Word
    sections: Annotated[list[Id], Field(min_length=1)]
    evaluator: Id
    parameters: dict[str, Any] = {}
    sentences: dict[Id, Word] = {}
    mend: Word
    statistic: bool = False
    apart_hours: Annotated[int, Field(ge=0)] = 0


class WrittenItem(Written):
    """An item's file."""

    id: Id
    title: Word
    part: Part
    mode: Mode
    law: Word
    blocks: Annotated[list[Block], Field(min_length=1)]
    question: Word
    sections: dict[Id, WrittenSection] = {}
    elements: Annotated[dict[Id, WrittenElement], Field(min_length=1)]
    guidance: Word
    mend: Word
    assumed: list[Word] = []
    binds_from: date | None = None


class WrittenChecklist(Written):
    """checklist.yml: what no single item owns."""

    id: Id
    title: Word
    version: Word
    valid_from: date
    valid_to: date
    sitemap_labels: list[Word]
    nonsense_query: Word
    empty_markers: list[Word]
    empty_characters: Count
    marked_characters: Annotated[int, Field(ge=0, le=1000)]
    gaps: dict[Id, Word]
    merge_rule: Word
    sections: dict[Id, WrittenSection]
    words: dict[Id, Annotated[list[Word], Field(min_length=1)]]
    sentences: dict[Id, dict[Id, Word]]
    mend_sentence: Word
    outcomes: dict[Outcome, Word]
    not_yet: Word


class WrittenLaw(Written):
    """One clause of laws.yml."""

    clause: Word
    text: Word
    source: Word
    status: Annotated[str, StringConstraints(pattern="^(full|excerpt|secondary|unverified)$")]
    deadline: str = ""


class WrittenLaws(Written):
    """laws.yml under one key, so that it validates as any other file."""

    laws: dict[str, WrittenLaw]
