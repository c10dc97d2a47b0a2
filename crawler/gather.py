"""One visit as a state machine: which page next, what a page turned out to be, when to stop. Pure; the spider fetches.

The same portal gives the same pages in the same order: one heap, ties broken by order of discovery, one page asked for at a time.
Order of work: robots.txt, a random path (what does this host call "not found"?), home, its frames, the site map; then the best link first,
details of confirmed landing pages in between; then menus not yet read while something is still missing; the search box last.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable

import msgspec

from crawler import frontier
from crawler.addresses import domain, is_feed, is_file, is_media, is_state_host, key, site
from crawler.facts.entries import entries
from crawler.facts.parse import Parsed
from crawler.facts.soft import same_page
from crawler.menus import Menus
from crawler.model import (
    Candidate,
    CandidateState,
    Entry,
    Link,
    Outline,
    Place,
    Role,
    StopReason,
    Target,
    TargetKind,
    TargetRole,
    TargetSet,
    TargetView,
    VisitRequest,
    VisitStatus,
)
from crawler.pursuit import Ask, Pursuit, SeenPage, common_gap, home_view, search_view, section_view
from crawler.robots import Robots
from crawler.searches import plan_searches
from crawler.signs import Signs
from crawler.text import fold

DETAIL_PRIORITY = 0.8
"""Details come after the best candidates and before the doubtful ones."""
RETRY_PRIORITY = 0.1
FRAME = "frame"
"""The label of a page that is a part of another; its links are taken for navigation."""
WEAK_LANDINGS = 2
"""Doubtful pages handed on where no landing page was confirmed, so that the judge sees what stands in its place."""
WALL = 6
"""Refusals in a row after which the portal is taken to have shut us out."""
REFUSALS = frozenset({VisitStatus.BLOCKED, VisitStatus.RATE_LIMITED, VisitStatus.CAPTCHA})
GONE = frozenset({VisitStatus.NOT_FOUND, VisitStatus.SOFT_NOT_FOUND, VisitStatus.HOME_FALLBACK, VisitStatus.ROBOTS})
"""Answers that are the portal's own word that nothing is there, or that we may not look."""
FINAL = GONE | {
    VisitStatus.OK,
    VisitStatus.OFF_LIMITS,
    VisitStatus.LOGIN_WALL,
    VisitStatus.TOO_LARGE,
    VisitStatus.CLIENT_ERROR,
}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an Ask. outline is there where a page was read; text is set for robots.txt."""

    status: VisitStatus
    final_url: str
    size: int = 0
    outline: Outline | None = None
    text: str = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a page was taken for: its status after comparison with the host's own not-found answer, and whether to photograph it."""

    status: VisitStatus
    photograph: bool


class Gathering:
    """A visit under way. Call next() for a page, fetch it, hand the answer to take(); when next() is None, finish() tells what was seen."""

    def __init__(
        self,
        request: VisitRequest,
        targets: TargetSet,
        reread: Callable[[int], Parsed | None],
        user_agent: str = "*",
    ) -> None:
        """reread gives a page taken before, by its place among `pages`, parsed anew: lists are read of the few pages that are sampled."""
        self._reread = reread
        self.request = request
        self.targets = targets
        self.pursuits = {t.id: Pursuit(t) for t in targets.targets if t.kind is TargetKind.SECTION}
        sections = [pursuit.target for pursuit in self.pursuits.values()]
        self._links = frontier.matcher(sections)
        self._names = frontier.matcher(sections, headings=True)
        self._sitemap_labels = frozenset(fold(label) for label in targets.sitemap_labels)
        self._sites = {site(request.portal), *(site(url) for url in request.siblings.values())}
        self._domain = domain(request.portal)
        self.robots = Robots(user_agent)
        self._heap: list[tuple[float, int, int, Ask]] = []
        self._asked: dict[str, int] = {}
        self._weighed: set[tuple[str, str]] = set()
        self._clicks: dict[str, int] = {key(request.portal): 0}
        self._menus = Menus()
        self._signs = Signs(reread)
        self._order = 0
        self._refusals = 0
        self._to_sample: list[tuple[SeenPage, str]] = []
        self._settled = False
        self._searches: list[Ask] | None = None
        self._stopped: StopReason | None = None
        self._gone: Outline | None = None
        self._known = frontier.Known()
        self._sitemap_failed = False
        self.home: SeenPage | None = None
        self.pages: list[SeenPage] = []
        self.navigations = 0
        self.bytes_read = 0
        self.seconds = 0.0
        for portal in (request.portal, *request.siblings.values()):
            self._push(2.0, Ask(url=_at_root(portal, "/robots.txt"), role=Role.ROBOTS))
        probe = hashlib.sha256(request.portal.encode()).hexdigest()[:12]
        self._push(1.9, Ask(url=_at_root(request.portal, f"/khong-co-trang-nay-{probe}"), role=Role.RANDOM_PATH))
        self._push(1.8, Ask(url=request.portal, role=Role.HOME, clicks=0))
        for name, url in request.siblings.items():
            self._push(1.5, Ask(url=url, role=Role.CANDIDATE, label=name, clicks=None))

    # --- what next -------------------------------------------------------------------------------------------------------------------------

    def next(self) -> Ask | None:
        """The next page to fetch, or None when the visit is over."""
        while self._stopped is None:
            ask = self._pop()
            if ask is None:
                self._stopped = StopReason.DONE
            elif self._wanted(ask) and self._afford():
                self._asked[_ask_key(ask)] = self._asked.get(_ask_key(ask), 0) + 1
                self.navigations += 1
                return ask
        return None

    def _pop(self) -> Ask | None:
        if self._to_sample and (not self._heap or -self._heap[0][0] < DETAIL_PRIORITY):
            self._sample_all()
        if self._heap:
            return heapq.heappop(self._heap)[-1]
        if not all(p.satisfied for p in self.pursuits.values()):
            ask = self._menus.next(lambda each: _ask_key(each) in self._asked)
            if ask is not None:
                return ask
        if not self._settled:
            self._settled = True
            self._settle_for_weak()
            return self._pop()
        if self._searches is None:
            self._searches = plan_searches(self.targets, self.pages)
        return self._searches.pop(0) if self._searches else None

    def _wanted(self, ask: Ask) -> bool:
        if self._asked.get(_ask_key(ask), 0) > (1 if ask.again else 0):
            if ask.target and ask.role is Role.CANDIDATE:
                self._revisit(ask)
            elif ask.target:
                self._resample(ask)
            return False
        if ask.role is Role.CANDIDATE and ask.target and self.pursuits[ask.target].satisfied:
            return False
        return ask.role is Role.ROBOTS or self.robots.permit(ask.url) or self._refuse(ask)

    def _refuse(self, ask: Ask) -> bool:
        """Note that robots.txt keeps us from a page; it is never fetched."""
        self._record(ask, Answer(status=VisitStatus.ROBOTS, final_url=ask.url))
        if ask.role is Role.HOME:
            self._stopped = StopReason.UNREACHABLE
        return False

    def _afford(self) -> bool:
        budget = self.request.budget
        if self.navigations >= budget.navigations:
            self._stopped = StopReason.NAVIGATIONS
        elif self.bytes_read >= budget.megabytes * 1_000_000:
            self._stopped = StopReason.MEGABYTES
        elif self.seconds >= budget.seconds:
            self._stopped = StopReason.SECONDS
        return self._stopped is None

    # --- what came ---------------------------------------------------------------------------------------------------------------------------

    def take(self, ask: Ask, answer: Answer) -> Taken:
        """Learn from one answer. The caller photographs the page where told, and stores it under the number of pages taken so far."""
        self.bytes_read += answer.size
        answer = self._compare(ask, answer)
        page = self._record(ask, answer)
        if answer.status in REFUSALS:
            self._refusals += 1
            if self._refusals >= WALL:
                self._stopped = StopReason.BLOCKED
        elif answer.status is VisitStatus.OK:
            self._refusals = 0
        if ask.role is Role.ROBOTS:
            self.robots.read(ask.url, answer.text if answer.status is VisitStatus.OK else "")
        elif ask.role is Role.RANDOM_PATH:
            self._gone = answer.outline if answer.status is VisitStatus.OK else None
        elif answer.status is not VisitStatus.OK:
            self._failed(ask, answer.status)
        else:
            self._read(page)
        return Taken(status=answer.status, photograph=self.worth_a_picture(page))

    def _compare(self, ask: Ask, answer: Answer) -> Answer:
        """Hold a page against home and against the host's own answer to a random path."""
        if (
            answer.status is not VisitStatus.OK
            or answer.outline is None
            or ask.role in (Role.HOME, Role.ROBOTS, Role.RANDOM_PATH)
        ):
            return answer
        home = self.home.outline if self.home else None
        if self._gone is not None and same_page(answer.outline, self._gone):
            home_again = home is not None and same_page(home, self._gone)
            status = VisitStatus.HOME_FALLBACK if home_again else VisitStatus.SOFT_NOT_FOUND
            return msgspec.structs.replace(answer, status=status)
        if home and key(answer.final_url) == key(self.request.portal) != key(ask.url):
            return msgspec.structs.replace(answer, status=VisitStatus.HOME_FALLBACK)
        return answer

    def _record(self, ask: Ask, answer: Answer) -> SeenPage:
        page = SeenPage(len(self.pages), ask, answer.final_url, answer.status, answer.outline)
        self.pages.append(page)
        return page

    def _failed(self, ask: Ask, status: VisitStatus) -> None:
        if ask.role is Role.HOME:
            self._stopped = StopReason.BLOCKED if status in REFUSALS else StopReason.UNREACHABLE
            return
        if status not in FINAL and not ask.again:
            self._push(RETRY_PRIORITY, msgspec.structs.replace(ask, again=True))
            return
        if ask.role is Role.SITEMAP:
            self._sitemap_failed = status not in GONE
        if ask.target:
            pursuit = self.pursuits[ask.target]
            if ask.role is Role.DETAIL:
                pursuit.details_open -= 1
                pursuit.details_failed += status not in GONE
            self._mark(ask, CandidateState.REJECTED if status in GONE else CandidateState.FAILED)

    def _read(self, page: SeenPage) -> None:
        ask, outline = page.ask, page.outline
        if outline is None:
            if ask.target and ask.role in (Role.DETAIL, Role.ATTACHMENT):
                self._took_sample(page)
            return
        if ask.role is Role.HOME:
            self.home = page
            self._known = frontier.known_names(outline)
            self._sites.add(site(page.final_url))
        if outline.refresh and outline.text_length < 400:
            self._push(1.7, msgspec.structs.replace(ask, url=outline.refresh, label=ask.label))
        if ask.role is Role.HOME or outline.text_length < 400:
            for frame in outline.frames:
                self._push(
                    1.6, Ask(url=frame, role=Role.CANDIDATE, label=FRAME, clicks=ask.clicks, referrer=page.final_url)
                )
        if ask.role in (Role.SEARCH_KNOWN, Role.SEARCH_NONSENSE):
            page.roles += [TargetRole(t.id, ask.role) for t in self.targets.targets if t.kind is TargetKind.SEARCH]
            return
        self._name(page)
        if self._in_scope(page.final_url):
            self._follow(page)
        if ask.role in (Role.DETAIL, Role.ATTACHMENT):
            self._took_sample(page)

    def _name(self, page: SeenPage) -> None:
        """Decide which targets the page is the landing page of. A sampled detail is one only where it bears the target's very name."""
        ask, outline = page.ask, page.outline
        if outline is None or ask.role in (Role.HOME, Role.SITEMAP, Role.ATTACHMENT):
            return
        needed = frontier.CONFIRMED
        if ask.role is Role.DETAIL:
            # The breadcrumb of an article ends in the name of its section.
            needed, outline = frontier.STRONG, msgspec.structs.replace(outline, breadcrumb=())
        names = frontier.confirm(self._names, outline, self._known)
        landed = [t for t, found in names.items() if found.score >= needed and not self.pursuits[t].satisfied]
        if ask.url in self.request.siblings.values():
            # A sibling's home is named like a section; the portal's own section, where it has one, comes first.
            for target in landed:
                self.pursuits[target].weak.append(page.final_url)
                page.strength[target] = names[target].score
            return
        doubtful = ask.role is Role.CANDIDATE and ask.target != "" and ask.target not in landed
        for target in landed:
            self._land(page, target, names[target])
        if doubtful:
            own = names.get(ask.target)
            if own is None or own.score > 0:
                self.pursuits[ask.target].weak.append(page.final_url)
                page.strength[ask.target] = own.score if own else 0.0
            self._mark(ask, CandidateState.REJECTED)

    def _land(self, page: SeenPage, target: str, found: frontier.Weighed) -> None:
        pursuit = self.pursuits[target]
        if page.final_url in pursuit.landings:
            return
        pursuit.landings.append(page.final_url)
        page.roles.append(TargetRole(target, Role.LANDING))
        page.strength[target] = found.score
        self._mark(msgspec.structs.replace(page.ask, target=target), CandidateState.CONFIRMED, found)
        if pursuit.target.details:
            self._to_sample.append((page, target))

    def _sample_all(self) -> None:
        """Queue samples of the landing pages found so far. Late, so that boxes which stand on every page are known by then."""
        waiting, self._to_sample = self._to_sample, []
        for page, target in waiting:
            self._sample(page, self.pursuits[target])

    def _sample(self, page: SeenPage, pursuit: Pursuit) -> None:
        """Queue the newest members of a landing page's list, as many as the target asks for."""
        fresh = self._members(page)
        newest = sorted(enumerate(fresh), key=lambda e: (-(e[1].date.toordinal() if e[1].date else 0), e[0]))
        room = pursuit.target.details - len(pursuit.details) - pursuit.details_open
        clicks = None if page.ask.clicks is None else page.ask.clicks + 1
        for rank, (_, entry) in enumerate(newest[: max(room, 0)]):
            pursuit.details_open += 1
            self._push(
                DETAIL_PRIORITY - rank / 100,
                Ask(
                    url=entry.url,
                    role=Role.ATTACHMENT if is_file(entry.url) else Role.DETAIL,
                    target=pursuit.target.id,
                    label=entry.title,
                    clicks=clicks,
                    referrer=page.final_url,
                ),
            )

    def _members(self, page: SeenPage) -> list[Entry]:
        """What a landing page lists: the members of its lists, then whatever else its body leads to (persons, units, parts of a text)."""
        parsed = self._reread(page.number)
        listed = entries(parsed, page.final_url) if parsed else ()
        links = page.outline.links if page.outline else ()
        body = (Entry(url=x.url, title=x.label, text=x.label, selector="") for x in links if x.place is Place.BODY)
        own = {key(entry.url): entry for entry in reversed((*listed, *body)) if self._own(entry.url, page)}
        return list(reversed(own.values()))

    def _own(self, url: str, page: SeenPage) -> bool:
        """An address a page leads to is its own: somewhere else in scope, and not in a box that most pages have."""
        if not url or is_media(url) or is_feed(url) or not self._in_scope(url) or key(url) == key(page.final_url):
            return False
        return not self._menus.is_boxed(url)

    def _took_sample(self, page: SeenPage) -> None:
        ask = page.ask
        pursuit = self.pursuits[ask.target]
        if ask.role is Role.DETAIL:
            pursuit.details_open -= 1
            pursuit.details.append(page.final_url)
            self._attach(page, pursuit)
        else:
            pursuit.details_open -= 1
        page.roles.append(TargetRole(ask.target, ask.role))

    def _resample(self, ask: Ask) -> None:
        """A sample was read already for another target: it serves this one too."""
        pursuit = self.pursuits[ask.target]
        pursuit.details_open -= 1
        page = next((p for p in self.pages if key(p.ask.url) == key(ask.url)), None)
        if page is None or page.status is not VisitStatus.OK:
            pursuit.details_failed += page is None or page.status not in GONE
        elif not any(role.target == ask.target for role in page.roles):
            page.roles.append(TargetRole(ask.target, ask.role))
            pursuit.details.append(page.final_url)

    def _attach(self, page: SeenPage, pursuit: Pursuit) -> None:
        """Queue files a detail page offers, up to the target's quota."""
        for link in page.outline.links if page.outline else ():
            if pursuit.attachments >= pursuit.target.attachments:
                return
            if is_file(link.url) and link.place is Place.BODY and self._in_scope(link.url):
                pursuit.attachments += 1
                pursuit.details_open += 1
                self._push(
                    DETAIL_PRIORITY - 0.05,
                    Ask(
                        url=link.url,
                        role=Role.ATTACHMENT,
                        target=pursuit.target.id,
                        label=link.label,
                        referrer=page.final_url,
                    ),
                )

    # --- where to --------------------------------------------------------------------------------------------------------------------------

    def _follow(self, page: SeenPage) -> None:
        """Weigh every link not seen before, and keep menus for later."""
        ask, outline = page.ask, page.outline
        assert outline is not None
        here = self._clicks.get(key(page.final_url), ask.clicks)
        clicks = None if here is None else here + 1
        if ask.role in (Role.CANDIDATE, Role.SITEMAP):
            self._menus.note_section(outline.links)
        for link in outline.links:
            if (link.url, link.label) in self._weighed or is_media(link.url) or is_feed(link.url):
                continue
            self._weighed.add((link.url, link.label))
            if not self._in_scope(link.url):
                self._look_outside(link, clicks, page.final_url)
                continue
            self._shorten(link.url, clicks)
            if fold(link.label) in self._sitemap_labels:
                self._push(
                    1.4, Ask(url=link.url, role=Role.SITEMAP, label=link.label, clicks=clicks, referrer=page.final_url)
                )
            for found in frontier.weigh_link(self._links, link):
                if found.score >= frontier.CANDIDATE and not is_file(link.url):
                    self._propose(link, found, clicks, page.final_url)
            if is_file(link.url):
                continue
            plain = Ask(url=link.url, role=Role.CANDIDATE, label=link.label, clicks=clicks, referrer=page.final_url)
            self._menus.note(link, plain, frame=ask.label == FRAME)

    def _look_outside(self, link: Link, clicks: int | None, referrer: str) -> None:
        """A menu names a section on a host that is not the agency's. A state host is read one page deep; any other leaves the section open,
        since what stands there was not seen."""
        if not link.url.startswith(("http://", "https://")) or link.place is Place.BODY or is_file(link.url):
            return
        for found in frontier.weigh_link(self._links, link):
            if found.score >= frontier.STRONG:
                self._propose(link, found, clicks, referrer, follow=is_state_host(link.url))

    def _propose(
        self, link: Link, found: frontier.Weighed, clicks: int | None, referrer: str, *, follow: bool = True
    ) -> None:
        pursuit = self.pursuits[found.target]
        known = pursuit.candidates.get(key(link.url))
        if known is not None and known.score >= found.score:
            return
        if known is None or known.state is CandidateState.UNVISITED:
            pursuit.candidates[key(link.url)] = Candidate(
                url=link.url, label=link.label, place=link.place.value, score=found.score, why=found.why,
                state=CandidateState.UNVISITED, clicks=clicks,
            )  # fmt: skip
        ask = Ask(
            url=link.url,
            role=Role.CANDIDATE,
            target=found.target,
            label=link.label,
            clicks=clicks,
            referrer=referrer,
        )
        if _ask_key(ask) in self._asked:
            self._revisit(ask)
        elif follow:
            self._push(found.score, ask)

    def _revisit(self, ask: Ask) -> None:
        """A candidate leads to a page already read for another target: its names were held against this one too, so it is settled."""
        pursuit = self.pursuits[ask.target]
        page = next((p for p in self.pages if key(p.ask.url) == key(ask.url)), None)
        if page is None or page.final_url in pursuit.landings:
            return
        if page.outline is not None and page.ask.role is not Role.HOME and page.final_url not in pursuit.weak:
            pursuit.weak.append(page.final_url)
        read = page.status is VisitStatus.OK or page.status in GONE
        self._mark(ask, CandidateState.REJECTED if read else CandidateState.FAILED)

    def _mark(self, ask: Ask, state: CandidateState, found: frontier.Weighed | None = None) -> None:
        pursuit = self.pursuits[ask.target]
        known = pursuit.candidates.get(key(ask.url))
        if known is None:
            known = Candidate(
                url=ask.url, label=ask.label, place="", score=found.score if found else 0.0, why=found.why if found else "",
                state=state, clicks=ask.clicks,
            )  # fmt: skip
        pursuit.candidates[key(ask.url)] = msgspec.structs.replace(known, state=state)

    def _in_scope(self, url: str) -> bool:
        return url.startswith(("http://", "https://")) and (site(url) in self._sites or domain(url) == self._domain)

    def _shorten(self, url: str, clicks: int | None) -> None:
        if clicks is not None and clicks < self._clicks.get(key(url), 1_000):
            self._clicks[key(url)] = clicks

    def _push(self, priority: float, ask: Ask) -> None:
        self._order += 1
        heapq.heappush(self._heap, (-priority, ask.clicks or 0, self._order, ask))

    # --- what was seen -----------------------------------------------------------------------------------------------------------------------

    @property
    def stop(self) -> StopReason:
        return self._stopped or StopReason.DONE

    def clicks_to(self, page: SeenPage) -> int | None:
        """Links followed from home to reach a page, by the shortest way seen."""
        return self._clicks.get(key(page.ask.url), page.ask.clicks)

    def finish(self) -> tuple[TargetView, ...]:
        """How thoroughly each target was looked for. Pages that were only weak candidates become landing pages where nothing better came."""
        if not self._settled:
            # Cut short: what was not found stays open anyway, so no text is searched for it.
            self._settled = True
            self._settle_for_weak(by_signs=False)
        return tuple(self._view(target) for target in self.targets.targets)

    def _view(self, target: Target) -> TargetView:
        gap = common_gap(self.home, self.stop, len(self._menus), sitemap_failed=self._sitemap_failed)
        if target.kind is TargetKind.HOME:
            return home_view(target, self.home)
        if target.kind is TargetKind.SEARCH:
            return search_view(target, self.pages, gap)
        return section_view(self.pursuits[target.id], self.stop, gap)

    def _settle_for_weak(self, *, by_signs: bool = True) -> None:
        """Take the best doubtful pages for landing pages where none was confirmed, and queue their samples."""
        # What a target may be a part of is settled before it.
        for pursuit in sorted(self.pursuits.values(), key=lambda each: bool(each.target.within)):
            if pursuit.landings:
                continue
            weak = [page for page in self.pages if page.final_url in pursuit.weak and page.outline is not None]
            if not weak and by_signs:
                bearers = self._signs.bearers(pursuit.target, self.pages, self.home)
                weak = [self.pages[number] for number in bearers]
                for number, borne in bearers.items():
                    self.pages[number].strength[pursuit.target.id] = borne
            weak.sort(key=lambda p: -max(p.strength.get(pursuit.target.id, 0.0), self._label_score(pursuit, p)))
            for page in weak[: max(pursuit.target.landings, WEAK_LANDINGS)]:
                pursuit.landings.append(page.final_url)
                page.roles.append(TargetRole(pursuit.target.id, Role.LANDING))
                if pursuit.target.details:
                    self._to_sample.append((page, pursuit.target.id))

    def _label_score(self, pursuit: Pursuit, page: SeenPage) -> float:
        candidate = pursuit.candidates.get(key(page.ask.url))
        return candidate.score if candidate else 0.0

    def left_unseen(self) -> int:
        """Links worth following that no one followed."""
        return sum(
            c.state is CandidateState.UNVISITED
            for p in self.pursuits.values()
            for c in p.candidates.values()
            if not p.satisfied
        )

    def worth_a_picture(self, page: SeenPage) -> bool:
        """The page proves or may prove something: home, a landing page, a sampled detail, a search result."""
        roles = {role.role for role in page.roles}
        return page.status is VisitStatus.OK and page.outline is not None and (
            page.ask.role in (Role.HOME, Role.SEARCH_KNOWN, Role.SEARCH_NONSENSE) or bool(roles & {Role.LANDING, Role.DETAIL})
        )  # fmt: skip


def _at_root(url: str, path: str) -> str:
    scheme, rest = url.split("://", 1)
    return f"{scheme}://{rest.split('/', 1)[0]}{path}"


def _ask_key(ask: Ask) -> str:
    return f"{ask.query} {key(ask.url)}" if ask.query else key(ask.url)
