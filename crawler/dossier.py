"""A sealed folder becomes a dossier: every stored page read into facts. Nothing but the folder is looked at."""

from __future__ import annotations

from pathlib import Path

import msgspec

from crawler.addresses import ending
from crawler.archive import BlobKind
from crawler.facts.files.apart import read_apart
from crawler.facts.files.kinds import fits, kind_of
from crawler.facts.page import page_facts
from crawler.facts.parse import Parsed, decode, parse
from crawler.facts.template import template_texts
from crawler.model import Dossier, FileFacts, FileState, FileText, Outline, PageFacts, PageVisit, Role, VisitStatus
from crawler.visit_folder import read_blob, read_pages, read_visit

NOT_PAGES = frozenset({Role.ROBOTS, Role.RANDOM_PATH, Role.HOME_AGAIN})
"""Asked to learn how the host answers, not to read."""


def read_dossier(folder: Path) -> Dossier:
    """Everything seen in one sealed visit. A rendered page is read from its DOM, any other from its body."""
    rows = [row for row in read_pages(folder) if row.role not in NOT_PAGES and not _is_list(row)]
    pages = tuple(_facts(folder, row) for row in rows if row.status is VisitStatus.OK and (row.dom or row.body))
    failures = tuple(row for row in rows if row.status is not VisitStatus.OK)
    return Dossier(visit=read_visit(folder), pages=pages, failures=failures, template=template_texts(pages))


def _is_list(row: PageVisit) -> bool:
    """A site map made for machines: no page led there, and it is none."""
    return row.role is Role.SITEMAP and not row.referrer


def _facts(folder: Path, row: PageVisit) -> PageFacts:
    body = b"" if row.body is None else read_blob(folder, row.body, BlobKind.BODY)
    if row.dom:
        return _rendered(read_blob(folder, row.dom, BlobKind.DOM), body, row)
    assert row.body is not None
    if row.role is Role.ATTACHMENT or not is_html(row.content_type):
        return file_page(body, row, row.body)
    return _read(parse(body, row.content_type), row, row.body)


def _read(page: Parsed, row: PageVisit, evidence: str) -> PageFacts:
    facts = page_facts(page, row.final_url, evidence, row)
    page.dissolve()
    return facts


def file_page(body: bytes, row: PageVisit, evidence: str) -> PageFacts:
    """A file's facts; it is read where all of it was fetched. evidence is the hash of the body."""
    said = FileText(FileState.UNREAD) if row.part else read_apart(body)
    kind, size = kind_of(body), row.whole_size if row.part else len(body)
    file = FileFacts(kind=kind, fits=fits(kind, ending(row.final_url)), size=size, state=said.state, lines=said.lines)
    return PageFacts(url=row.final_url, evidence=evidence, outline=_file_outline(row), visit=row, file=file)


def _rendered(dom: bytes, body: bytes, row: PageVisit) -> PageFacts:
    """A rendered page's facts with the encoding it was sent in: browsers keep every page in Unicode. Where a wrong charset made the browser lose
    the letters, those of the page as it was sent."""
    assert row.dom is not None
    if row.body is None:
        return _read(parse(dom, "text/html; charset=utf-8"), row, row.dom)
    sent = decode(body, row.content_type)
    if sent.kept and (whole := parse(body, row.content_type)).garbled:
        return _read(whole, row, row.body)
    facts = _read(parse(dom, "text/html; charset=utf-8"), row, row.dom)
    outline = msgspec.structs.replace(facts.outline, encoding=sent.encoding, declared=sent.declared)
    return msgspec.structs.replace(facts, outline=outline)


def is_html(content_type: str) -> bool:
    """Whether a body of that type is read as a page."""
    kind = content_type.split(";", 1)[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml", "text/plain")


def _file_outline(row: PageVisit) -> Outline:
    """The outline of a file: nothing but the label that led to it."""
    return Outline(
        url=row.final_url, title=row.label, headings=(), breadcrumb=(), links=(), forms=(), lang="", encoding="",
        text_length=0, scripted=False,
    )  # fmt: skip
