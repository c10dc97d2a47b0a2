"""What the caller tells of a page it fetched, and what it is told to do with it. Pure."""

from __future__ import annotations

import msgspec

from crawler.addresses import key
from crawler.facts.parse import Parsed
from crawler.facts.soft import same_page
from crawler.gather.asks import Ask
from crawler.model import Outline, Role, VisitStatus


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an Ask. outline is there where a page was read, and tree may be, which is let go once the page was taken; text is set for
    robots.txt and site maps that are no page; http_status is None where nothing answered; hops: redirects on the way, which the portal bears like
    any other request."""

    status: VisitStatus
    final_url: str
    http_status: int | None = None
    hops: int = 0
    size: int = 0
    outline: Outline | None = None
    tree: Parsed | None = None
    text: str = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a page was taken for: its status after comparison with the host's own not-found answer, whether to photograph it, whether it must be
    rendered even where no pictures are wanted (it has scripts, and without them shows no menu, or lists nothing), and whether to let the host
    rest before the next one."""

    status: VisitStatus
    photograph: bool
    render: bool = False
    rest: bool = False


def compared(answer: Answer, ask: Ask, portal: str, home: Outline | None, gone: Outline | None) -> Answer:
    """The answer with its status after the page was held against home and against the host's own answer to a random path."""
    if (
        answer.status is not VisitStatus.OK
        or answer.outline is None
        or ask.role in (Role.HOME, Role.ROBOTS, Role.RANDOM_PATH)
    ):
        return answer
    if gone is not None and same_page(answer.outline, gone):
        home_again = home is not None and same_page(home, gone)
        status = VisitStatus.HOME_FALLBACK if home_again else VisitStatus.SOFT_NOT_FOUND
        return msgspec.structs.replace(answer, status=status)
    if home and key(answer.final_url) == key(portal) != key(ask.url):
        return msgspec.structs.replace(answer, status=VisitStatus.HOME_FALLBACK)
    return answer
