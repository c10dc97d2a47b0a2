"""How right the machine is: verdicts of a visit held against a portal's truth file. Pure but for reading the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin

import msgspec
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from checklists.model import Checklist, ElementFinding, Finding, Outcome
from crawler.addresses import key
from crawler.model import Block, PageVisit
from crawler.problems import BadInput, Problem

SETTLED = frozenset({Outcome.MET, Outcome.NOT_MET})
"""What an element's verdict must be to count as settled."""


def _pages(value: Any) -> Any:
    """One page or several, as a list."""
    return [value] if isinstance(value, str) else value


def _names(value: Any) -> Any:
    """`true` and `false` of a YAML file stand for all and none."""
    if isinstance(value, str):
        return {"true": ["*"], "false": [], "": []}.get(value.lower(), [value])
    return value


def _number(value: Any) -> Any:
    return None if value == "" else value


Pages = Annotated[list[str], BeforeValidator(_pages)]
Names = Annotated[list[str], BeforeValidator(_names)]


class TruthItem(BaseModel):
    """What is true of one duty on a portal. not_judgeable, artefact: element ids, or `*` for all of the item."""

    model_config = ConfigDict(extra="ignore")

    outcome: str = ""
    elements: dict[str, bool] = {}
    pages: dict[str, Pages] = {}
    page: Pages = []
    clicks: Annotated[int | None, BeforeValidator(_number)] = None
    judgeable: Any = ""
    disputable_elements: Names = []
    artefact: Names = []

    def unjudgeable(self, element: str) -> bool:
        """An outsider cannot judge the element here: `judgeable` is false, or a list that names it."""
        if isinstance(self.judgeable, list):
            return element in self.judgeable
        return str(self.judgeable).lower() == "false"

    def pages_of(self, element: str) -> list[str]:
        """The pages that prove an element; none where the truth names none."""
        return self.pages.get(element) or self.page


class Truth(BaseModel):
    """A portal's truth file."""

    model_config = ConfigDict(extra="ignore")

    portal: str
    agency: str = ""
    block: Block
    home: str = "/"
    declared_address: str = ""
    siblings: dict[str, str] = {}
    now: date | None = None
    items: dict[str, TruthItem]


def read_truth(path: Path) -> Truth:
    """The truth file at path. Raises BadInput with every problem of the file."""
    try:
        # All scalars as text: the typed model converts, so that `no` stays a word and a date a date.
        read = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text, lists and mappings
        return Truth.model_validate(read)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as wrong:
        raise BadInput([Problem(str(path), 0, "", str(wrong), "name a truth file in YAML")]) from wrong
    except ValidationError as wrong:
        told = [(".".join(map(str, each["loc"])), each["msg"]) for each in wrong.errors()]
        raise BadInput(
            [Problem(str(path), 0, where, what, "see the form of truth files") for where, what in told]
        ) from wrong


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One element's verdict beside its truth. truth is None where the file is silent; counted: it is in the denominator."""

    item: str
    element: str
    got: str
    reason: str
    page: str
    truth: bool | None
    counted: bool
    disputable: bool
    artefact: bool
    evidence_right: bool | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One portal's accuracy: settled of judgeable elements, right of settled, evidence pages and clicks right of those that can be told."""

    portal: str
    judgeable: int
    settled: int
    right: int
    disputable: int
    artefact: int
    navigations: int
    pages: int
    seconds: float
    evidence_page_right: tuple[int, int]
    clicks_right: tuple[int, int]
    rows: tuple[Row, ...]


def compare(
    truth: Truth, checklist: Checklist, findings: Sequence[Finding], pages: Sequence[PageVisit], base: str
) -> tuple[tuple[Row, ...], tuple[int, int]]:
    """A row for every element that binds the block, and (right, told) of the clicks from home. base is the address `home` was resolved to."""
    bound = [item for item in checklist.items if truth.block in item.blocks]
    by_item = {finding.item: finding for finding in findings}
    rows: list[Row] = []
    clicks = [0, 0]
    for item in bound:
        finding, told = by_item[item.id], truth.items.get(item.id, TruthItem())
        rows += [_row(truth, item.id, told, element, pages, base) for element in finding.elements]
        if told.clicks is not None and finding.clicks is not None:
            clicks[0] += finding.clicks == told.clicks
            clicks[1] += 1
    return tuple(rows), (clicks[0], clicks[1])


def _row(truth: Truth, item: str, told: TruthItem, found: ElementFinding, pages: Sequence[PageVisit], base: str) -> Row:
    element, verdict = found.element, found.verdict
    value = None if told.outcome == Outcome.NOT_APPLICABLE else told.elements.get(element)
    disputable = element in told.disputable_elements
    artefact = "*" in told.artefact or element in told.artefact
    judgeable = value is not None and not told.unjudgeable(element)
    pointer = next(iter(verdict.seen), None)
    shown = next((page for page in pages if pointer and page.id == pointer.page), None)
    right = None
    if value and verdict.outcome is Outcome.MET and told.pages_of(element):
        right = bool(
            shown and _addresses(shown) & {key(_resolved(truth, page, base)) for page in told.pages_of(element)}
        )
    return Row(
        item=item,
        element=element,
        got=verdict.outcome.value,
        reason=verdict.reason,
        page=pointer.url if pointer else "",
        truth=value,
        counted=judgeable and not disputable and not artefact,
        disputable=judgeable and disputable,
        artefact=judgeable and artefact,
        evidence_right=right,
    )


def _addresses(page: PageVisit) -> set[str]:
    """Every address a page was asked under or led through."""
    return {key(url) for url in (page.requested_url, page.final_url, *(hop.url for hop in page.redirects))}


def _resolved(truth: Truth, page: str, base: str) -> str:
    """A page of the truth file as an absolute address; `//name/path` lies on the sibling of that name."""
    if page.startswith("//"):
        name, _, path = page[2:].partition("/")
        return urljoin(truth.siblings.get(name, base), "/" + path)
    return urljoin(base, page)


def report(
    truth: Truth, rows: tuple[Row, ...], clicks: tuple[int, int], *, navigations: int, pages: int, seconds: float
) -> Report:
    """The counts of a portal's rows."""
    counted = [row for row in rows if row.counted]
    settled = [row for row in counted if row.got in SETTLED]
    evidence = [row.evidence_right for row in counted if row.evidence_right is not None]
    return Report(
        portal=truth.portal,
        judgeable=len(counted),
        settled=len(settled),
        right=sum(row.truth == (row.got == Outcome.MET) for row in settled),
        disputable=sum(row.disputable for row in rows),
        artefact=sum(row.artefact for row in rows),
        navigations=navigations,
        pages=pages,
        seconds=round(seconds, 1),
        evidence_page_right=(sum(evidence), len(evidence)),
        clicks_right=clicks,
        rows=rows,
    )


def as_json(reports: Iterable[Report]) -> dict[str, Any]:
    """The reports as `kiemcong accuracy --format json` prints them."""
    plain = []
    for one in reports:
        built = msgspec.to_builtins(one)
        rows = built.pop("rows")
        names = ("item", "element", "got", "reason", "page", "truth")
        plain.append({**built, "verdicts": [{name: row[name] for name in names} for row in rows]})
    return {"portals": plain}
