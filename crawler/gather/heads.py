"""What stands below what in menus, by the nesting of their lists and by addresses that go on from others. A link that heads a sub-menu often leads
to a page that only leads on: what stands below it comes first, and itself after all that may be found without it."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from crawler.addresses import key
from crawler.facts.nesting import MOST_BELOW, nested
from crawler.gather.course import Course
from crawler.gather.menus import PLACES
from crawler.gather.pursuit import SeenPage
from crawler.model import Role, VisitStatus


def note_heads(course: Course, page: SeenPage) -> None:
    """Note what home, a part of it or the site map puts below its links."""
    assert page.outline is not None
    menus = {key(link.url) for link in page.outline.links if link.place in PLACES} - {key(page.final_url)}
    with course.tree(page) as parsed:
        lists = nested(parsed, page.final_url) if parsed else {}
        boxes = nested(parsed, page.final_url, boxes=True) if parsed else {}
    for known, more in ((course.nested, lists), (course.below, boxes), (course.below, _going_on(menus))):
        for name in more.keys() - {key(page.final_url), key(course.request.portal)}:
            known[name] = known.get(name, frozenset()) | more[name]


def lead_on(course: Course) -> bool | None:
    """Whether the pages that head sub-menus of this portal only lead on: of those read no more were landing pages than were none. None where none was
    read."""
    heads = [
        page for page in course.pages
        if page.ask.role is Role.CANDIDATE and page.status is VisitStatus.OK and key(page.ask.url) in course.below
    ]  # fmt: skip
    landed = sum(bool(page.roles) for page in heads)
    return 2 * landed <= len(heads) if heads else None


def _going_on(names: Iterable[str]) -> dict[str, frozenset[str]]:
    """The addresses whose path goes on from another's, by that other's key, where they are few enough to be a sub-menu."""
    found: dict[str, set[str]] = {name: set() for name in names}
    for name in found:
        for above in _above(name):
            if above in found:
                found[above].add(name)
    return {name: frozenset(below) for name, below in found.items() if 0 < len(below) <= MOST_BELOW}


def _above(name: str) -> Iterable[str]:
    parts = urlsplit(name)
    steps = parts.path.rstrip("/").split("/")
    for end in range(2, len(steps)):
        path = "/".join(steps[:end])
        yield from (urlunsplit(("", parts.netloc, each, "", "")) for each in (path, f"{path}/"))
