"""One visit as a state machine: which page next, what a page turned out to be, when to stop. Pure; the spider fetches.

The same portal gives the same pages in the same order: one heap, ties broken by order of discovery, one page asked for at a time.
Order of work: robots.txt, a random path (what does this host call "not found"?), home, its frames; then for each target its best link, until it has
a landing page; for those still missing a few doubtful links, the homes of siblings, the site map and, where samples can be afforded beside them, the
pages menus name; then further landing pages and details of those confirmed; then, while something is still missing, site maps made for machines and
what is left of the menus; the search box last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from crawler import frontier
from crawler.addresses import at_root, key, site
from crawler.facts.parse import Parsed
from crawler.facts.sitemaps import listed
from crawler.gather.answers import Answer, Taken, compared
from crawler.gather.asks import Ask
from crawler.gather.course import GONE, Course
from crawler.gather.distances import distances
from crawler.gather.firsts import next_first
from crawler.gather.following import SIBLING_PRIORITY, enter_frames, follow, follow_list, revisit
from crawler.gather.heeding import heed, shut
from crawler.gather.hopes import next_hope
from crawler.gather.hubs import put_back_hubs
from crawler.gather.maps import DECLARED
from crawler.gather.naming import name
from crawler.gather.pressing import PRESS_PRIORITY, queue_presses, take_pressed
from crawler.gather.pursuit import SeenPage
from crawler.gather.robots import Robots
from crawler.gather.sampling import (
    DETAIL_PRIORITY,
    listed_by,
    looks_unbuilt,
    may_be_sampled,
    sample_all,
    take_sample,
    take_sample_again,
)
from crawler.gather.searches import plan_searches
from crawler.gather.settling import settle_for_weak
from crawler.gather.signs import Signs
from crawler.gather.spending import Spent, ended_by, has_enough_samples, has_room
from crawler.gather.views import common_gap, home_view, search_view, section_view, unseen
from crawler.model import (
    CandidateState,
    Outline,
    Role,
    StopReason,
    Target,
    TargetKind,
    TargetRole,
    TargetSet,
    TargetView,
    Unseen,
    VisitRequest,
    VisitStatus,
)
from crawler.walls import RESTING, Sense

SOONEST, FIRST, RETRY_PRIORITY = 4.0, 3.0, 0.1
FINAL = GONE | {
    VisitStatus.OK,
    VisitStatus.OFF_LIMITS,
    VisitStatus.ROBOTS,
    VisitStatus.LOGIN_WALL,
    VisitStatus.TOO_LARGE,
    VisitStatus.CLIENT_ERROR,
}


class Gathering:
    """A visit under way. Call next() for a page, fetch it, hand the answer to take(); when next() is None, finish() tells what was seen."""

    def __init__(
        self,
        request: VisitRequest,
        targets: TargetSet,
        reread: Callable[[int], Parsed | None],
        user_agent: str = "*",
        *,
        presses: bool = False,
    ) -> None:
        """reread gives a page taken before, by its place among `pages`, parsed anew: lists are read of the few pages that are sampled. presses:
        whether the caller has a browser to press tabs and pagers with."""
        self._presses = presses
        self.request = request
        self.targets = targets
        self.course = Course(request, targets, reread)
        self.robots = Robots(user_agent)
        self._signs = Signs(self.course)
        self._home_again: Ask | None = None
        self._settled = False
        self._searches: list[Ask] | None = None
        self._stopped: StopReason | None = None
        self._gone: Outline | None = None
        self._sitemap_failed = False
        self.spent = Spent()
        push = self.course.agenda.push
        probe = hashlib.sha256(request.portal.encode()).hexdigest()[:12]
        push(1.9, Ask(url=at_root(request.portal, f"/khong-co-trang-nay-{probe}"), role=Role.RANDOM_PATH))
        push(1.8, Ask(url=request.portal, role=Role.HOME, clicks=0))
        homes = [Ask(url=url, role=Role.CANDIDATE, label=sibling) for sibling, url in request.siblings.items()]
        self._siblings = {site(home.url): home for home in homes if site(home.url) != site(request.portal)}
        for home in homes:
            push(SIBLING_PRIORITY, home)

    @property
    def pages(self) -> list[SeenPage]:
        """The pages taken so far, in order."""
        return self.course.pages

    # --- what next -------------------------------------------------------------------------------------------------------------------------

    def next(self) -> Ask | None:
        """The next page to fetch, or None when the visit is over."""
        while self._stopped is None:
            again, self._home_again = self._home_again, None
            ask = again or self._sibling_first(self._pop())
            if ask is None:
                self._stopped = StopReason.DONE
            elif (again or self._wanted(ask)) and self._afford():
                ask = self._robots_first(ask)
                self.course.agenda.note_asked(ask)
                self.spent.navigations += 1
                return ask
        return None

    def _sibling_first(self, ask: Ask | None) -> Ask | None:
        """The ask itself, or the home of the sibling it lies on where that was not read yet: the names it has say nothing of its other pages."""
        if ask is None or ask.role is Role.ROBOTS:
            return ask
        home = self._siblings.pop(site(ask.url), None)
        if home is None or key(home.url) == key(ask.url):
            return ask
        self.course.agenda.push(FIRST, ask)
        return home

    def _robots_first(self, ask: Ask) -> Ask:
        """The ask itself, or the robots.txt of its host where that was not asked for yet; the ask then comes next."""
        rules = self.robots.to_ask(ask.url) if ask.role is not Role.ROBOTS else None
        if rules is None:
            return ask
        self.course.agenda.push(FIRST, ask)
        return rules

    def robots_unread(self, url: str) -> Ask | None:
        """The robots.txt of the host of an address a page sends on to, to be fetched now, where it was not asked for yet."""
        ask = self.robots.to_ask(url)
        if ask is not None:
            self.course.agenda.note_asked(ask)
            self.spent.navigations += 1
        return ask

    def _pop(self) -> Ask | None:
        course = self.course
        put_back_hubs(course)
        first = next_first(course) or next_hope(course, self.spent)
        if first is not None:
            return first
        if course.to_sample and course.agenda.highest < DETAIL_PRIORITY:
            sample_all(course)
        if course.to_press and course.agenda.highest < PRESS_PRIORITY:
            waiting, course.to_press = course.to_press, []
            for page, target in waiting if self._presses else ():
                queue_presses(course, page, target)
        ask = course.agenda.pop()
        if ask is None and not course.satisfied and has_room(course, self.spent):
            missing = {name for name, pursuit in course.pursuits.items() if not pursuit.satisfied}
            ask = (None if course.found else course.maps.next()) or course.menus.next(course.was_asked, missing)
        if ask is not None:
            return ask
        if not self._settled:
            self._settled = True
            settle_for_weak(course, self._signs)
            return self._pop()
        if self._searches is None:
            self._searches = plan_searches(self.targets, course.pages)
        return self._searches.pop(0) if self._searches else None

    def _wanted(self, ask: Ask) -> bool:
        if ask.press is not None:
            return not self.course.agenda.times_asked(ask) and has_room(self.course, self.spent)
        if self.course.agenda.times_asked(ask) > (1 if ask.again else 0):
            if ask.target and ask.role is Role.CANDIDATE:
                revisit(self.course, ask)
            elif ask.target:
                take_sample_again(self.course, ask)
            return False
        if ask.role is Role.SITEMAP and self.course.found:
            return False
        if ask.role is Role.DETAIL and has_enough_samples(self.course, self.spent, ask.target):
            return False
        if ask.role is Role.CANDIDATE and ask.target:
            if not self.course.pursuits[ask.target].wants(ask.url):
                return False
            if self.course.is_guise(ask):
                self.course.mark(ask, CandidateState.ALIKE)
                return False
        if ask.role is not Role.ROBOTS and shut(self.course, site(ask.url)):
            return False
        barred = self.robots.barred(ask.url) if ask.role is not Role.ROBOTS else None
        return barred is None or self._refuse(ask, barred)

    def _refuse(self, ask: Ask, barred: VisitStatus) -> bool:
        """Note that robots.txt keeps us from a page; it is never fetched."""
        self._record(ask, Answer(status=barred, final_url=ask.url))
        self.course.agenda.note_asked(ask)
        if ask.target:
            self._mark_failed(ask, barred)
        if ask.role is Role.HOME:
            self._stopped = StopReason.UNREACHABLE
        return False

    def _afford(self) -> bool:
        self._stopped = self._stopped or ended_by(self.spent, self.request.budget)
        return self._stopped is None

    # --- what came ---------------------------------------------------------------------------------------------------------------------------

    def take(self, ask: Ask, answer: Answer) -> Taken:
        """Learn from one answer. The caller photographs the page where told, and stores it under the number of pages taken so far."""
        self.spent.bytes_read += answer.size
        self.spent.navigations += answer.hops
        home = self.course.home.outline if self.course.home else None
        answer = compared(answer, ask, self.request.portal, home, self._gone)
        page = self._record(ask, answer)
        self.course.at_hand = answer.tree
        once_more = None
        if ask.role is Role.ROBOTS:
            if once_more := self.robots.take(ask, answer):
                self.course.agenda.push(SOONEST, once_more)
            for url in filter(self.course.in_scope, self.robots.sitemaps(ask.url)):
                self.course.maps.add(url, DECLARED)
        elif ask.role is Role.RANDOM_PATH:
            self._gone = answer.outline if answer.status is VisitStatus.OK else None
        elif ask.press is not None:
            take_pressed(self.course, page)
        elif ask.role is Role.HOME_AGAIN:
            pass
        elif answer.status is not VisitStatus.OK:
            self._failed(ask, answer.status)
        elif ask.role is Role.SITEMAP and answer.outline is None:
            follow_list(self.course, listed(answer.text), answer.final_url)
        else:
            self._read(page)
        rest = self._heed(page) or (once_more is not None and page.http_status not in RESTING)
        photograph = self.worth_a_picture(page)
        render = photograph and looks_unbuilt(self.course, page)
        self._look_ahead(page)
        return Taken(status=page.status, photograph=photograph, render=render, rest=rest)

    def _look_ahead(self, page: SeenPage) -> None:
        """Read of a page's tree, while it is at hand, what may be asked for later; then let it go."""
        self._signs.note(page)
        if self.course.at_hand is not None:
            if may_be_sampled(self.course, page):
                listed_by(self.course, page)
            self.course.at_hand.dissolve()
            self.course.at_hand = None

    def _heed(self, page: SeenPage) -> bool:
        """End the visit at a wall, or where the portal went away; or ask home again, after a rest. Whether the host is to have one."""
        match heed(self.course, page):
            case Sense.BLOCKED:
                self._stopped = StopReason.BLOCKED
            case Sense.AWAY:
                self._stopped = StopReason.UNREACHABLE
            case Sense.HOME_AGAIN:
                role = Role.HOME_AGAIN if self.course.home else Role.HOME
                self._home_again = Ask(url=self.request.portal, role=role, clicks=0, again=True)
                return page.http_status not in RESTING and page.status is not VisitStatus.BROWSER_CRASH
            case Sense.ON:
                pass
        return False

    def take_rendered(self, number: int, outline: Outline) -> None:
        """Learn what home or a landing page, taken before under this number, shows once its scripts have run."""
        page = self.pages[number]
        links = self.course.tokens.steady(outline.links)
        page.outline = msgspec.structs.replace(outline, links=links)
        page.listed = page.members = None
        if page is self.course.home:
            self.course.home_links = self.course.home_says = None
        if self.course.in_scope(page.final_url):
            follow(self.course, page, again=True)

    def _record(self, ask: Ask, answer: Answer) -> SeenPage:
        if answer.outline is not None:
            links = self.course.tokens.steady(answer.outline.links)
            answer = msgspec.structs.replace(answer, outline=msgspec.structs.replace(answer.outline, links=links))
        page = SeenPage(len(self.pages), ask, answer.final_url, answer.status, answer.outline, answer.http_status)
        self.pages.append(page)
        return page

    def _failed(self, ask: Ask, status: VisitStatus) -> None:
        if ask.role is Role.HOME:
            return
        if ask.role is Role.SITEMAP and not ask.label:
            return  # nobody said that there is one
        if status not in FINAL and not ask.again:
            self.course.agenda.push(RETRY_PRIORITY, msgspec.structs.replace(ask, again=True))
            return
        if ask.role is Role.SITEMAP:
            self._sitemap_failed = status not in GONE
        if ask.target:
            self._mark_failed(ask, status)

    def _mark_failed(self, ask: Ask, status: VisitStatus) -> None:
        if ask.role in (Role.DETAIL, Role.ATTACHMENT):
            pursuit = self.course.pursuits[ask.target]
            pursuit.details_open -= 1
            pursuit.details_failed += status not in GONE
        self.course.mark(ask, CandidateState.REJECTED if status in GONE else CandidateState.FAILED)

    def _read(self, page: SeenPage) -> None:
        course, ask, outline = self.course, page.ask, page.outline
        sampled = ask.target != "" and ask.role in (Role.DETAIL, Role.ATTACHMENT)
        if outline is not None:
            if ask.role is Role.HOME:
                course.home = page
                course.known = frontier.known_names(outline)
                course.sites.add(site(page.final_url))
            enter_frames(course, page)
            if ask.role in (Role.SEARCH_KNOWN, Role.SEARCH_NONSENSE):
                page.roles += [TargetRole(t.id, ask.role) for t in self.targets.targets if t.kind is TargetKind.SEARCH]
                return
            name(course, page)
            if course.in_scope(page.final_url):
                follow(course, page)
        if sampled:
            take_sample(course, page)

    # --- what was seen -----------------------------------------------------------------------------------------------------------------------

    @property
    def stop(self) -> StopReason:
        return self._stopped or StopReason.DONE

    def clicks(self) -> list[int | None]:
        """The clicks from home to each page taken, in order: by ordinary links, else by the way it was found."""
        far = distances(self.pages, self.course.home)
        return [far.get(key(page.ask.url), self.course.clicks_to(page)) for page in self.pages]

    def finish(self) -> tuple[TargetView, ...]:
        """How thoroughly each target was looked for. Pages that were only weak candidates become landing pages where nothing better came."""
        if not self._settled:
            # Cut short: what was not found stays open anyway, so no text is searched for it.
            self._settled = True
            settle_for_weak(self.course, None)
        return tuple(self._view(target) for target in self.targets.targets)

    def _view(self, target: Target) -> TargetView:
        course = self.course
        gap = common_gap(course.home, self.stop, len(course.menus), sitemap_failed=self._sitemap_failed)
        if target.kind is TargetKind.HOME:
            return home_view(target, course.home)
        if target.kind is TargetKind.SEARCH:
            return search_view(target, course.pages, gap)
        return section_view(
            course.pursuits[target.id], self.stop, gap, cut=course.menus.leaves(target.id, course.was_asked)
        )

    def unseen(self) -> tuple[Unseen, ...]:
        """Links worth following that no one followed, the most promising first."""
        return unseen(self.course.pursuits.values())

    def worth_a_picture(self, page: SeenPage) -> bool:
        """The page proves or may prove something: home, a landing page, a sampled detail, a search result."""
        roles = {role.role for role in page.roles}
        return page.status is VisitStatus.OK and page.outline is not None and (
            page.ask.role in (Role.HOME, Role.SEARCH_KNOWN, Role.SEARCH_NONSENSE) or bool(roles & {Role.LANDING, Role.DETAIL})
        )  # fmt: skip
