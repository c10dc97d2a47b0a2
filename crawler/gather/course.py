"""What a visit knows so far and what it wants next: shared by the steps that read a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from crawler import frontier
from crawler.addresses import agency_domain, at_root, key, lies_under, site
from crawler.facts.parse import Parsed
from crawler.facts.texts import runs
from crawler.facts.tree import joined
from crawler.gather.asks import Agenda, Ask
from crawler.gather.guises import Tokens, Turned
from crawler.gather.maps import Maps
from crawler.gather.menus import Menus
from crawler.gather.pursuit import Pursuit, SeenPage
from crawler.labels import Matcher, matcher
from crawler.model import Candidate, CandidateState, Role, TargetKind, TargetRole, TargetSet, VisitRequest, VisitStatus
from crawler.text import fold

GONE = frozenset({VisitStatus.NOT_FOUND, VisitStatus.SOFT_NOT_FOUND, VisitStatus.HOME_FALLBACK})
"""Answers that are the portal's own word that nothing is there."""
FRAME = "frame"
"""The label of a page that is a part of another; its links are taken for navigation."""


class HomeSays(NamedTuple):
    """What home says: its stretches of strings as they stand in it, and its texts folded."""

    stretches: frozenset[tuple[str, ...]] = frozenset()
    texts: frozenset[str] = frozenset()


@dataclass
class Course:
    """A visit so far. reread gives a page taken before, by its place among `pages`, parsed anew; at_hand is the tree of the newest page while it is
    being taken; clicks are the fewest from home to an address by the ways met so far (distances has them all once the visit is over); joined tells
    for what a further host is followed. to_check and to_sample hold landing pages that may be hubs and those whose lists wait to be read, each with
    its target, to_press those whose tabs and pagers do; presses counts those queued. nested and below tell by keys what home and the site map put below
    their links: nested by lists alone, below also by boxes and by addresses that go on from others (gather.heads)."""

    request: VisitRequest
    targets: TargetSet
    reread: Callable[[int], Parsed | None]
    pursuits: dict[str, Pursuit] = field(init=False)
    links: Matcher = field(init=False)
    names: Matcher = field(init=False)
    sitemap_labels: frozenset[str] = field(init=False)
    sites: set[str] = field(init=False)
    maps: Maps = field(init=False)
    presses: int = 0
    joined: dict[str, set[str]] = field(default_factory=dict)
    agenda: Agenda = field(default_factory=Agenda)
    menus: Menus = field(default_factory=Menus)
    clicks: dict[str, int] = field(default_factory=dict)
    nested: dict[str, frozenset[str]] = field(default_factory=dict)
    below: dict[str, frozenset[str]] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=Tokens)
    turned: Turned = field(default_factory=Turned)
    weighed: set[tuple[str, str]] = field(default_factory=set)
    pages: list[SeenPage] = field(default_factory=list)
    to_check: list[tuple[SeenPage, str]] = field(default_factory=list)
    to_sample: list[tuple[SeenPage, str]] = field(default_factory=list)
    to_press: list[tuple[SeenPage, str]] = field(default_factory=list)
    home: SeenPage | None = None
    known: frontier.Known = field(default_factory=frontier.Known)
    siblings_known: dict[str, frontier.Known] = field(default_factory=dict)
    home_says: HomeSays | None = None
    home_links: frozenset[str] | None = None
    at_hand: Parsed | None = None

    def __post_init__(self) -> None:
        self.pursuits = {t.id: Pursuit(t) for t in self.targets.targets if t.kind is TargetKind.SECTION}
        sections = [pursuit.target for pursuit in self.pursuits.values()]
        self.links = matcher(sections, agency=self.request.agency_name)
        self.names = matcher(sections, headings=True, agency=self.request.agency_name)
        self.sitemap_labels = frozenset(map(fold, self.targets.sitemap_labels))
        self.sites = {site(self.request.portal), *map(site, self.request.siblings.values())}
        self.maps = Maps(at_root(self.request.portal, "/sitemap.xml"))
        self.clicks[key(self.request.portal)] = 0

    @property
    def found(self) -> bool:
        """Every target has a landing page."""
        return all(pursuit.landings for pursuit in self.pursuits.values())

    @property
    def satisfied(self) -> bool:
        """Every target has the landing pages it asks for."""
        return all(pursuit.satisfied for pursuit in self.pursuits.values())

    def land(self, page: SeenPage, pursuit: Pursuit) -> None:
        """Take a page for a landing page: what it lists is sampled, and its tabs and pagers are pressed, when their turn comes."""
        pursuit.landings.append(page.final_url)
        page.roles.append(TargetRole(pursuit.target.id, Role.LANDING))
        self.to_press.append((page, pursuit.target.id))
        if pursuit.target.details or pursuit.target.file_text:
            self.to_sample.append((page, pursuit.target.id))

    def is_sibling_home(self, url: str) -> bool:
        """The address is that of a declared sibling's home."""
        return key(url) in map(key, self.request.siblings.values())

    def in_scope(self, url: str) -> bool:
        """The address lies on a host that is followed: the portal's, a declared sibling's, or one that joined."""
        return url.startswith(("http://", "https://")) and site(url) in self.sites

    def joins(self, url: str, target: str) -> bool:
        """Follow the host of this address for a target from now on, where it lies under the agency's own domain."""
        if not self._is_kin(url):
            return False
        if site(url) not in self.sites:
            self.sites.add(site(url))
            self.joined[site(url)] = set()
        if site(url) in self.joined:
            self.joined[site(url)].add(target)
        return True

    def adopts(self, url: str) -> bool:
        """Follow the host of this address as the portal's own from now on, where it lies under the agency's domain: a frame is a part of its page."""
        if self._is_kin(url):
            self.sites.add(site(url))
        return self._is_kin(url)

    def _is_kin(self, url: str) -> bool:
        own = agency_domain(self.request.portal, self.request.block)
        return url.startswith(("http://", "https://")) and lies_under(url, own)

    def serves(self, url: str, target: str) -> bool:
        """Pages there may be the target's: those of a host that joined are for what led to it and what may be a part of that."""
        led = self.joined.get(site(url))
        return led is None or target in led or not led.isdisjoint(self.pursuits[target].target.within)

    def known_on(self, url: str) -> frontier.Known:
        """The names that say nothing of a page at an address: those home has, or on a sibling its own home."""
        return self.siblings_known.get(site(url), self.known)

    @contextmanager
    def tree(self, page: SeenPage) -> Iterator[Parsed | None]:
        """The tree of a page, for as long as it is looked at: the one at hand, or the page read anew; None where nothing was stored of it."""
        newest = page.number == len(self.pages) - 1
        if newest and self.at_hand is not None:
            yield self.at_hand
            return
        parsed = self.reread(page.number)
        yield parsed
        if parsed is not None:
            parsed.dissolve()

    def said_by_home(self) -> HomeSays:
        """What home says; read once."""
        if self.home_says is None:
            self.home_says = HomeSays()
            if self.home is not None:
                with self.tree(self.home) as parsed:
                    stretches = [run for _, run in runs(parsed.root)] if parsed else []
                texts = frozenset(fold(text) for run in stretches if (text := joined(run)))
                self.home_says = HomeSays(frozenset(map(tuple, stretches)), texts)
        return self.home_says

    def on_home(self) -> frozenset[str]:
        """The addresses home leads to; worked out once."""
        if self.home_links is None:
            links = self.home.outline.links if self.home and self.home.outline else ()
            self.home_links = frozenset(key(link.url) for link in links)
        return self.home_links

    def was_asked(self, ask: Ask) -> bool:
        """The same answer was asked for already."""
        return self.agenda.times_asked(ask) > 0

    def page_at(self, url: str) -> SeenPage | None:
        """The first page that was asked for at an address, None where none was."""
        return next((page for page in self.pages if key(page.ask.url) == key(url)), None)

    def clicks_to(self, page: SeenPage) -> int | None:
        """Links followed from home to reach a page, by the shortest way seen."""
        return self.clicks.get(key(page.ask.url), page.ask.clicks)

    def shorten(self, url: str, clicks: int | None) -> None:
        """A way of so many clicks leads to an address."""
        if clicks is not None and clicks < self.clicks.get(key(url), 1_000):
            self.clicks[key(url)] = clicks

    def mark(self, ask: Ask, state: CandidateState, found: frontier.Weighed | None = None) -> None:
        """Note what became of a candidate of the ask's target; one that no link proposed becomes known by this."""
        candidates = self.pursuits[ask.target].candidates
        known = candidates.get(key(ask.url))
        if known is None:
            known = Candidate(
                url=ask.url, label=ask.label, place="", score=found.score if found else 0.0, why=found.why if found else "",
                state=state, clicks=ask.clicks,
            )  # fmt: skip
        candidates[key(ask.url)] = msgspec.structs.replace(known, state=state)
        if state in (CandidateState.REJECTED, CandidateState.FAILED):
            self.turned.down(ask.target, ask.url, _telling(known))

    def is_guise(self, ask: Ask) -> bool:
        """What is asked for would show nothing new to its target: another state of its landing page, or one more of a make read in vain."""
        pursuit = self.pursuits[ask.target]
        known = pursuit.candidates.get(key(ask.url))
        label = _telling(known) if known else ask.label
        return pursuit.has_state(ask.url) or self.turned.enough(ask.target, ask.url, label)


def _telling(candidate: Candidate) -> str:
    """The label of a candidate that is one by its label; '' where only the address spoke for it, whatever the link is called."""
    return "" if candidate.why == frontier.BY_ADDRESS else candidate.label
