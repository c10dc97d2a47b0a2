"""What an answer says of a service: alive, down and where, blocked, or nothing for our own sake. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from crawler.facts.outline import outline
from crawler.facts.parse import parse
from crawler.facts.soft import is_captcha, is_closed, is_login_wall, is_maintenance, same_page
from crawler.model import Outline, VisitStatus
from crawler.services.model import Layer, Meaning, Outcome, ProbeRules, Service, Try
from crawler.text import fold

HTML = ("text/html", "application/xhtml")
UNREAD = Meaning(Outcome.OURS)
NEEDS_BROWSER = "needs a browser"
"""The note on a page whose bytes hold nothing until its script has run."""

EMPTY = Meaning(Outcome.DOWN, Layer.CONTENT)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a fetch that says something of a service."""

    status: VisitStatus
    final_url: str
    http_status: int | None = None
    content_type: str = ""
    body: bytes = b""


class Said(msgspec.Struct, frozen=True):
    """What an answer means, the status it really is, and a word that says why."""

    meaning: Meaning
    status: VisitStatus
    note: str = ""


def outlined(answer: Answer) -> Outline | None:
    """The page of an answer, None where it is none."""
    kind = answer.content_type.split(";", 1)[0].strip().lower()
    if answer.status is not VisitStatus.OK or not (kind.startswith(HTML) or not kind):
        return None
    return outline(parse(answer.body, answer.content_type), answer.final_url)


def said(
    rules: ProbeRules, service: Service, answer: Answer, elsewhere: Outline | None, *, rendered: bool = False
) -> Said:
    """What the answer at a service's address says. elsewhere is the page its host gives for an address that does not exist, None where it says
    "not found" as it should or could not be asked. rendered: the body is a browser's DOM, so there is no more to it."""
    if answer.http_status in rules.http_statuses and answer.status is not VisitStatus.OK:
        return Said(rules.http_statuses[answer.http_status], answer.status)
    if answer.status is not VisitStatus.OK:
        return Said(rules.statuses[answer.status], answer.status)
    if not answer.body.strip():
        return Said(EMPTY, VisitStatus.OK, "empty")
    page = outlined(answer)
    if page is None:
        return Said(rules.statuses[VisitStatus.OK], VisitStatus.OK)
    return _said_by_page(rules, service, page, elsewhere, rendered)


def _said_by_page(
    rules: ProbeRules, service: Service, page: Outline, elsewhere: Outline | None, rendered: bool
) -> Said:
    if is_captcha(page):
        return Said(rules.statuses[VisitStatus.CAPTCHA], VisitStatus.CAPTCHA)
    if is_maintenance(page):
        return Said(rules.statuses[VisitStatus.MAINTENANCE], VisitStatus.MAINTENANCE)
    if is_closed(page):
        return Said(rules.statuses[VisitStatus.MAINTENANCE], VisitStatus.MAINTENANCE, "closed")
    same = elsewhere is not None and same_page(page, elsewhere)
    if is_login_wall(page):
        # A wall before every address of the host says nothing of this one, unless it names the service.
        if same and not _names(page, service):
            return Said(rules.statuses[VisitStatus.BLOCKED], VisitStatus.LOGIN_WALL, "login before every address")
        return Said(rules.statuses[VisitStatus.LOGIN_WALL], VisitStatus.LOGIN_WALL, "login")
    if page.scripted and not rendered:
        return Said(UNREAD, VisitStatus.OK, NEEDS_BROWSER)
    if same:
        return Said(rules.statuses[VisitStatus.SOFT_NOT_FOUND], VisitStatus.SOFT_NOT_FOUND)
    if not page.text_length and not page.links and not page.forms and not page.frames and not page.refresh:
        return Said(EMPTY, VisitStatus.OK, "empty")
    return Said(rules.statuses[VisitStatus.OK], VisitStatus.OK)


def _names(page: Outline, service: Service) -> bool:
    heard = f" {fold(' '.join([page.title, *(each.text for each in page.headings), page.brief]))} "
    return f" {fold(service.name)} " in heard


def together(tries: tuple[Try, ...]) -> Try:
    """The try that speaks for a probe: one that found the service alive, else one that was blocked, else one that failed on our side; only where
    every try found it down, the last."""
    for outcome in (Outcome.ALIVE, Outcome.BLOCKED, Outcome.OURS):
        found = [each for each in tries if each.outcome is outcome]
        if found:
            return found[-1]
    return tries[-1]


def missing_url(url: str, mark: str) -> str:
    """An address beside this one that surely does not exist."""
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc}{folder}/kiem-cong-{mark}"
