"""What a checklist demands, and what judging says of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from crawler.model import Block, Target


class Outcome(StrEnum):
    """What judging found. Only the first three carry credit."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    UNSURE = "unsure"
    NOT_OBSERVED = "not_observed"
    ERROR = "error"


SCORED = frozenset({Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET})
"""The outcomes that carry credit."""


class Part(StrEnum):
    """The part of a portal a duty belongs to."""

    INFORMATION = "information"
    FUNCTION = "function"
    SERVICE = "service"
    TECHNICAL = "technical"


class Mode(StrEnum):
    """automatic: the machine may settle it. assisted: it proposes, a person decides."""

    AUTOMATIC = "automatic"
    ASSISTED = "assisted"


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """The clause a duty rests on: cited in Vietnamese, its text in brief, where it was read and how far that was verified (full, excerpt,
    secondary, unverified), its deadline where it has one."""

    id: str
    clause: str
    text: str
    source: str
    status: str
    deadline: str = ""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A place on a portal where elements are looked for: the name people know it by, and the target handed to the crawler."""

    title: str
    target: Target

    @property
    def id(self) -> str:
        return self.target.id


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """One observable fact a duty names. sections: targets it is looked for in; evaluator and parameters: the small question asked there;
    sentences: Vietnamese text per reason, `{name}` filled from the verdict's values; mend: what would satisfy it; statistic: observed and
    tabled, carries no duty; apart_hours: where not 0, one visit alone cannot show it missing: two that do must lie so many hours apart."""

    id: str
    title: str
    sections: tuple[str, ...]
    evaluator: str
    parameters: dict[str, Any]
    sentences: dict[str, str]
    mend: str
    statistic: bool = False
    apart_hours: int = 0


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A duty of the law: whom it binds, what is asked, its elements. guidance tells an auditor how to judge
    by hand, mend tells the agency what would satisfy it, assumed lists the thresholds no law gives; binds_from: the day from which the elements
    bind ('' where the checklist's years say it), observed before it and never scored."""

    id: str
    title: str
    part: Part
    mode: Mode
    law: Law
    blocks: tuple[Block, ...]
    question: str
    elements: tuple[Element, ...]
    guidance: str
    mend: str
    assumed: tuple[str, ...] = ()
    binds_from: str = ""


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a checklist no item owns. A text that says only an empty marker says there is nothing; a section page with fewer than
    `empty_characters` of its own, or `marked_characters` beside a marker, holds nothing. gaps say in words what kept a view from being full;
    mend_sentence follows every message on something missing; outcomes are the messages of items, not_yet that of one that does not bind yet."""

    sitemap_labels: tuple[str, ...]
    nonsense_query: str
    empty_markers: tuple[str, ...]
    empty_characters: int
    marked_characters: int
    gaps: dict[str, str]
    mend_sentence: str
    outcomes: dict[str, str]
    merge_rule: str
    not_yet: str = ""


class Checklist(msgspec.Struct, frozen=True, kw_only=True):
    """The items of one law and the years it governs, and the places to look they name. digest is SHA-256 over its canonical form."""

    id: str
    title: str
    version: str
    valid_from: str
    valid_to: str
    items: tuple[Item, ...]
    sections: tuple[Section, ...]
    vocabulary: Vocabulary
    digest: str = ""

    def section(self, name: str) -> Section:
        """The section of that id; KeyError where there is none."""
        for section in self.sections:
            if section.id == name:
                return section
        raise KeyError(name)


class Pointer(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the evidence to look: blob, address, CSS selector in that blob, the text quoted, and the page's line in pages.jsonl."""

    sha256: str
    url: str
    selector: str
    quote: str
    page: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluator says of one element. values fill the reason's sentence."""

    outcome: Outcome
    reason: str
    values: dict[str, str] = {}
    seen: tuple[Pointer, ...] = ()


class Apart(msgspec.Struct, frozen=True):
    """One visit alone cannot show an element missing: the hours that must lie between two that do, and what is said until then."""

    hours: int
    until_then: str


class ElementFinding(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one element, with its sentence and the clicks from home to the proving page (None where not reached by links)."""

    element: str
    verdict: Verdict
    message: str
    clicks: int | None = None
    statistic: bool = False
    apart: Apart | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one visit showed of one duty. id is `<visit>/<item>`. assisted: nothing of it is scored until a person confirms; clicks: the fewest
    from home to a page that proves an element."""

    id: str
    visit: str
    campaign: str
    agency: str
    item: str
    checklist: str
    checklist_digest: str
    outcome: Outcome
    message: str
    elements: tuple[ElementFinding, ...]
    needs_person: bool
    assisted: bool = False
    clicks: int | None = None
    seen_at: str = ""


class ElementClaim(msgspec.Struct, frozen=True, kw_only=True):
    """One element over all visits: the merged verdict and the finding it was taken from."""

    element: str
    verdict: Verdict
    message: str
    finding: str
    clicks: int | None = None
    statistic: bool = False


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of all visits of a campaign on one duty, merged. rule names how; digest covers element outcomes and pointers' quotes, and
    is what a review names. needs_person: nothing is scored until a person confirms."""

    campaign: str
    agency: str
    item: str
    checklist: str
    outcome: Outcome
    message: str
    elements: tuple[ElementClaim, ...]
    findings: tuple[str, ...]
    rule: str
    needs_person: bool
    digest: str
    clicks: int | None = None

    @property
    def id(self) -> str:
        return f"{self.campaign}/{self.agency}/{self.item}"
