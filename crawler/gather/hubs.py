"""Landing pages that only lead on: they bear a section's name and hold nothing but links that the portal's menus have too. What a hub leads to
may be the section."""

from __future__ import annotations

from collections.abc import Callable

from crawler import frontier
from crawler.addresses import key
from crawler.facts.texts import texts
from crawler.facts.tree import Parsed
from crawler.facts.turning import turns
from crawler.gather.course import Course
from crawler.gather.pursuit import Pursuit, SeenPage
from crawler.gather.sampling import listed_by
from crawler.model import Form, Outline, Place, Role, VisitStatus
from crawler.text import fold

LITTLE_TEXT = 120
"""Characters of its own besides links up to which a page says nothing itself (assumed)."""
MOST_PARTS = 4
"""Pages below a hub taken for the section where none bears its name (assumed)."""


def put_back_hubs(course: Course) -> None:
    """Take landing pages found since the last call that turn out to be hubs for doubtful pages, so that the search goes on. Late: a page is read
    anew only when it is stored."""
    waiting, course.to_check = course.to_check, []
    hubs = {page.number for page in {page.number: page for page, _ in waiting}.values() if is_hub(course, page)}
    for page, target in waiting:
        pursuit = course.pursuits[target]
        if page.number in hubs and page.final_url in pursuit.landings:
            pursuit.landings.remove(page.final_url)
            pursuit.hubs.append(page.final_url)
            pursuit.weak.append(page.final_url)
            page.roles = [role for role in page.roles if role.target != target]
            course.to_sample = [(one, wanted) for one, wanted in course.to_sample if (one, wanted) != (page, target)]


def is_hub(course: Course, page: SeenPage) -> bool:
    """The page holds no list, text, table or form of its own: all it shows stands on home too, or leads where home's menus lead."""
    home, outline = course.home, page.outline
    if home is None or home.outline is None or outline is None or outline.frames:
        return False
    if _own_forms(outline, home.outline):
        return False
    on_home = course.on_home()
    if any(key(entry.url) not in on_home or entry.date for entry in listed_by(course, page) if entry.url):
        return False
    if any(link.place is Place.BODY and key(link.url) not in on_home for link in outline.links):
        return False
    with course.tree(page) as parsed:
        # What stands behind its tabs was not seen yet.
        return parsed is not None and not turns(parsed) and _says_little(course, outline, parsed)


def _says_little(course: Course, outline: Outline, parsed: Parsed) -> bool:
    """Hardly anything in the body besides what home says, too, and the names of what the page leads to."""
    labels = {fold(link.label) for link in outline.links}
    names = {
        fold(name) for name in (outline.title, *outline.breadcrumb, *(heading.text for heading in outline.headings))
    }
    known = course.said_by_home().texts | labels | names
    body = (text for text in texts(parsed) if text.place is Place.BODY)
    said = (fold(text.text) for text in body)
    return sum(len(text) for text in said if text not in known) <= LITTLE_TEXT


def _own_forms(outline: Outline, home: Outline) -> bool:
    known = {_shape(form) for form in home.forms}
    return any(not form.searches and _shape(form) not in known for form in outline.forms)


def _shape(form: Form) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, field.kind) for field in form.fields if field.kind != "hidden")


def parts(course: Course, pursuit: Pursuit, fits: Callable[[SeenPage], bool]) -> list[SeenPage]:
    """The pages below a pursuit's hubs that were read and taken for nothing else, of those that fit at most MOST_PARTS, in the order they were
    read."""
    hubs = [page for page in course.pages if page.final_url in pursuit.hubs]
    below = {address for hub in hubs for address in course.nested.get(key(hub.ask.url), ())}
    names = {
        fold(name)
        for hub in hubs
        if hub.outline
        for name in (hub.ask.label, *frontier.names_of(hub.outline, course.known_on(hub.final_url)))
        if name not in hub.outline.breadcrumb[:1]
    }
    found = []
    for page in course.pages:
        if (
            page.roles
            or page.ask.role is not Role.CANDIDATE
            or page.status is not VisitStatus.OK
            or page.outline is None
        ):
            continue
        above = {fold(step) for step in page.outline.breadcrumb[:-1]} - {""}
        if (key(page.ask.url) in below or above & names) and fits(page):
            found.append(page)
    return found[:MOST_PARTS]
