"""Pages that answer 200 and are not what was asked for: the home page again, a soft "not found", maintenance, a login wall, a robot check."""

from __future__ import annotations

from crawler.model import Outline, PageFacts, VisitStatus
from crawler.text import fold
from crawler.vocabulary import words

# All assumed, held to the pages at hand.
ALIKE = 0.9
"""Similarity from which two pages say the same."""
_SHINGLE = 4
_SHORT, _FEW_LINKS = 1500, 30
_LENGTHS_ALIKE = 0.85

Page = Outline | PageFacts


def _outline(page: Page) -> Outline:
    return page.outline if isinstance(page, PageFacts) else page


def _shingles(page: Page, other: Page) -> frozenset[str]:
    """Runs of words of a page; of its links and headings where one of the two is known by no more."""
    if isinstance(page, PageFacts) and isinstance(other, PageFacts):
        text = " ".join(fold(each.text) for each in page.texts)
    else:
        seen = _outline(page)
        text = " ".join(
            [*(fold(each.text) for each in seen.headings), *(fold(link.label) for link in seen.links), fold(seen.brief)]
        )
    split = text.split()
    return (
        frozenset(" ".join(split[i : i + _SHINGLE]) for i in range(max(1, len(split) - _SHINGLE + 1)))
        if split
        else frozenset()
    )


def similarity(a: Page, b: Page) -> float:
    """How much of what two pages say is the same, 0–1: shared runs of four words over all of them."""
    first, second = _shingles(a, b), _shingles(b, a)
    if not first and not second:
        return 1.0
    return len(first & second) / len(first | second)


def same_page(a: Page, b: Page) -> bool:
    """Whether two answers are one page: title and headings agree, they are about as long, and nearly all they say is shared."""
    one, two = _outline(a), _outline(b)
    if fold(one.title) != fold(two.title):
        return False
    if {fold(each.text) for each in one.headings if each.level <= 2} != {
        fold(each.text) for each in two.headings if each.level <= 2
    }:
        return False
    longer, shorter = max(one.text_length, two.text_length), min(one.text_length, two.text_length)
    if longer and shorter / longer < _LENGTHS_ALIKE:
        return False
    return similarity(a, b) >= ALIKE


def _says(page: Page, name: str) -> bool:
    """Whether title, headings or a short page's text hold one of the named words."""
    seen = _outline(page)
    said = f" {fold(' '.join([seen.title, *(each.text for each in seen.headings), seen.brief]))} "
    return any(f" {fold(word)} " in said for word in words(name))


def _bare(page: Page) -> bool:
    seen = _outline(page)
    return seen.text_length < _SHORT and len(seen.links) < _FEW_LINKS


def is_maintenance(page: Page) -> bool:
    """A page that says it is being maintained, and says little else."""
    return _bare(page) and _says(page, "maintenance")


def is_closed(page: Page) -> bool:
    """A page that says the system is closed or the service is not provided now, and says little else."""
    return _bare(page) and _says(page, "closed")


def is_login_wall(page: Page) -> bool:
    """A page that asks for a password, speaks of logging in, and says little else."""
    secret = any(field.kind == "password" for form in _outline(page).forms for field in form.fields)
    return secret and _bare(page) and _says(page, "login")


def is_captcha(page: Page) -> bool:
    """A page that checks whether a person asks: it says so or frames such a check, and says little else."""
    seen = _outline(page)
    asked = any(
        any(word in f"{field.name} {field.label}".lower() for word in words("captcha_fields"))
        for form in seen.forms
        for field in form.fields
    ) or any(word in frame.lower() for frame in seen.frames for word in words("captcha_fields"))
    return (
        _bare(page)
        and len(seen.links) < _FEW_LINKS // 3
        and _says(page, "captcha")
        and (asked or seen.text_length < _SHORT // 2)
    )


def really(page: Page, status: VisitStatus, http_status: int | None) -> VisitStatus:
    """What a page that came under a status really is: a robot check, a firewall's refusal, maintenance or a login wall, whatever its HTTP status;
    a page not found stays one."""
    if status in (VisitStatus.NOT_FOUND, VisitStatus.LOGIN_WALL, VisitStatus.BLOCKED):
        return status
    if is_captcha(page):
        return VisitStatus.CAPTCHA
    if is_refusal(page) or (status is VisitStatus.OK and _bare(page) and _says(page, "denied")):
        return VisitStatus.BLOCKED
    if is_maintenance(page) and http_status in (200, 503):
        return VisitStatus.MAINTENANCE
    return VisitStatus.LOGIN_WALL if status is VisitStatus.OK and is_login_wall(page) else status


def is_refusal(page: Page) -> bool:
    """A page on which a firewall says that it refused the request, and little else."""
    return _bare(page) and _says(page, "refused")
