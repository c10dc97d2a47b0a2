"""A sealed folder becomes a dossier: every stored page read into facts. Nothing but the folder is looked at."""

from __future__ import annotations

from pathlib import Path

import msgspec

from crawler.archive import BlobKind
from crawler.facts.page import page_facts
from crawler.facts.parse import decode, parse
from crawler.facts.template import template_texts
from crawler.model import Dossier, Outline, PageFacts, PageVisit, Role, VisitStatus
from crawler.visit_folder import read_blob, read_pages, read_visit

NOT_PAGES = frozenset({Role.ROBOTS, Role.RANDOM_PATH, Role.HOME_AGAIN})
"""Asked to learn how the host answers, not to read."""


def read_dossier(folder: Path) -> Dossier:
    """Everything seen in one sealed visit. A rendered page is read from its DOM, any other from its body."""
    rows = [row for row in read_pages(folder) if row.role not in NOT_PAGES]
    pages = tuple(_facts(folder, row) for row in rows if row.status is VisitStatus.OK and (row.dom or row.body))
    failures = tuple(row for row in rows if row.status is not VisitStatus.OK)
    return Dossier(visit=read_visit(folder), pages=pages, failures=failures, template=template_texts(pages))


def _facts(folder: Path, row: PageVisit) -> PageFacts:
    if row.dom:
        parsed = parse(read_blob(folder, row.dom, BlobKind.DOM), "text/html; charset=utf-8")
        facts = page_facts(parsed, row.final_url, row.dom, row)
        return facts if row.body is None else _as_sent(facts, read_blob(folder, row.body, BlobKind.BODY))
    assert row.body is not None
    if row.role is Role.ATTACHMENT or not _is_html(row.content_type):
        return PageFacts(url=row.final_url, evidence=row.body, outline=_nameless(row), visit=row)
    return page_facts(parse(read_blob(folder, row.body, BlobKind.BODY), row.content_type), row.final_url, row.body, row)


def _as_sent(facts: PageFacts, body: bytes) -> PageFacts:
    """A rendered page's facts with the encoding it was sent in: browsers keep every page in Unicode."""
    assert facts.visit is not None
    _, encoding, _ = decode(body, facts.visit.content_type)
    return msgspec.structs.replace(facts, outline=msgspec.structs.replace(facts.outline, encoding=encoding))


def _is_html(content_type: str) -> bool:
    kind = content_type.split(";", 1)[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml", "text/plain")


def _nameless(row: PageVisit) -> Outline:
    """The outline of a file: nothing but the label that led to it."""
    return Outline(
        url=row.final_url, title=row.label, headings=(), breadcrumb=(), links=(), forms=(), lang="", encoding="",
        text_length=0, scripted=False,
    )  # fmt: skip
