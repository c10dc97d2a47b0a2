"""What refusals and silence mean for the visit: the pages of a host, as crawler.walls weighs them."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.addresses import site
from crawler.gather.course import Course
from crawler.gather.pursuit import SeenPage
from crawler.model import Role, VisitStatus
from crawler.walls import Met, Sense, refused, sense, wall_rules


def heed(course: Course, page: SeenPage) -> Sense:
    """What the visit does next for the page it was given last; where that is to end as blocked, lone client errors become refusals."""
    if page.status is VisitStatus.OK:
        return Sense.ON
    own = _of_portal(course)
    if page not in own:
        return Sense.ON
    rules = wall_rules()
    what = sense([_met(each) for each in own], rules)
    if what is Sense.BLOCKED:
        for each in own:
            if each.status is VisitStatus.CLIENT_ERROR and refused(_met(each), rules):
                each.status = VisitStatus.BLOCKED
    return what


def shut(course: Course, host: str) -> bool:
    """A host beside the portal's own refused so often in a row that it is asked no more."""
    if host == site(course.request.portal):
        return False
    rules = wall_rules()
    last = [_met(page) for page in course.pages if site(page.ask.url) == host][-rules.in_a_row :]
    return len(last) == rules.in_a_row and all(refused(each, rules) for each in last)


def _of_portal(course: Course) -> Sequence[SeenPage]:
    """The pages asked of the portal's own host."""
    hosts = {site(course.request.portal), *([site(course.home.final_url)] if course.home else [])}
    return [page for page in course.pages if site(page.ask.url) in hosts]


def _met(page: SeenPage) -> Met:
    home = page.ask.role in (Role.HOME, Role.HOME_AGAIN)
    return Met(home=home, status=page.status, http_status=page.http_status)
