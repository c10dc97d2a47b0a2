"""JSON Schema of the records that are written to disk or exported."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import msgspec

from checklists.model import Checklist, Claim, Finding
from crawler.model import Agency, AgencyPortal, PageVisit, Target, TargetSet, Visit, VisitRequest
from crawler.services.model import Batch, Probe, Service
from scoring.model import IndexScore, RankRow

RECORDS: tuple[type, ...] = (
    Agency, AgencyPortal, Target, TargetSet, VisitRequest, Visit, PageVisit, Checklist, Finding, Claim, IndexScore, RankRow,
    Service, Probe, Batch,
)  # fmt: skip
"""Each gets a file of its own. A record that only occurs inside another is described there."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(record: type) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one record, with the records inside it under `$defs`."""
    (top,), parts = msgspec.json.schema_components([record], schema_hook=fraction_schema, ref_template="#/$defs/{name}")
    return {"$schema": DIALECT, "title": record.__name__, **top, "$defs": parts}


def fraction_schema(kind: type) -> dict[str, Any]:
    """How a fraction is written: the text 33/145, or a whole number. NotImplementedError for kinds no record holds."""
    if kind is Fraction:
        return {"type": "string", "pattern": "^-?[0-9]+(/[1-9][0-9]*)?$"}
    raise NotImplementedError(f"no record holds a {kind.__name__}")


def schema_text(record: type) -> str:
    """The schema as it stands in docs/schemas: JSON, indented, keys in the order of the fields."""
    return json.dumps(schema(record), ensure_ascii=False, indent=2) + "\n"


def file_name(record: type) -> str:
    """The file of a record's schema: PageVisit is page-visit.json."""
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in record.__name__)
    return words.removeprefix("-") + ".json"
