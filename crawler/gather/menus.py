"""Which links are navigation: those that stand in menus, and those that stand on most pages, whatever they look like."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from crawler.addresses import key
from crawler.gather.asks import Ask
from crawler.gather.guises import make
from crawler.model import Link, Place

PLACES = frozenset({Place.MENU, Place.SIDE, Place.FOOTER})
BOX_SHARE, FEWEST_BOXED = 0.4, 2
"""Share of the section pages read, above at least so many, from which a link is taken to stand in a box common to all pages."""
MENU_SHARE, FEWEST_CARRIERS = 0.6, 3
"""Share of the section pages read, and least number of them, from which a link that stands on them is navigation."""
MOST_PAGES = 40
"""Pages read only because a menu names them, while a target is still missing."""
MOST_STEPS = 10
"""Pages read only because a page that says little leads to them, after the menus, while a target is still missing."""
MOST_WAYS, LONGEST_WAY = 8, 6
"""Links of its own a page that only leads on may have, and words of their labels: more are a list, longer ones headlines (assumed)."""
MOST_ALIKE = 4
"""Pages of one make among these that home does not name: calendars and filters stand in boxes beside the text. Assumed."""


class Menus:
    """The navigation of one portal as it becomes known page by page."""

    def __init__(self) -> None:
        self._waiting: deque[Ask] = deque()
        self._steps: deque[Ask] = deque()
        self._seen: dict[str, tuple[int, Ask]] = {}  # in the order they were seen
        self._carriers: Counter[str] = Counter()
        self._common: set[str] = set()  # what at least FEWEST_CARRIERS of them have
        self._makes: Counter[str] = Counter()
        self._named: set[str] = set()
        self._beside: set[str] = set()
        self._considered: set[str] = set()
        self._hopes: dict[str, frozenset[str]] = {}
        self._sections = 0
        self._handed_out = 0
        self._stepped = 0

    def __len__(self) -> int:
        """How many addresses in scope were seen."""
        return len(self._seen)

    def note_section(self, links: Iterable[Link]) -> None:
        """A section page was read, and these are its links."""
        self._sections += 1
        carried = {key(link.url) for link in links}
        self._carriers.update(carried)
        self._common.update(link for link in carried if self._carriers[link] >= FEWEST_CARRIERS)

    def note(self, link: Link, ask: Ask, hopes: Iterable[str], *, frame: bool, home: bool) -> None:
        """A link was seen for the first time, on home or elsewhere; ask is how it would be followed, hopes the targets it is a little like. All
        links of a frame are navigation."""
        self._seen.setdefault(key(link.url), (len(self._seen), ask))
        if frame or link.place in PLACES:
            self._waiting.append(ask)
            self._hopes[key(link.url)] = self._hopes.get(key(link.url), frozenset()).union(hopes)
            if link.place is Place.SIDE:
                self._beside.add(key(link.url))
            if frame or home:
                self._named.add(key(link.url))

    def note_steps(self, ways: Sequence[Ask]) -> None:
        """A page's own links, as they would be followed: where they are few and short, the page leads on."""
        if len(ways) <= MOST_WAYS and all(len(way.label.split()) <= LONGEST_WAY for way in ways):
            self._steps.extend(ways)

    def is_boxed(self, url: str) -> bool:
        """The link stands in a box that most section pages have, not in a section's own list."""
        return self._carriers[key(url)] > max(FEWEST_BOXED, self._sections * BOX_SHARE)

    def is_named(self, url: str) -> bool:
        """Navigation on home, in a frame or the site map names it."""
        return key(url) in self._named

    def leaves(self, target: str, known: Callable[[Ask], bool]) -> bool:
        """Whether menus name a page that is a little like the target and that nobody read."""
        return any(target in self._hopes[key(ask.url)] and not known(ask) for ask in self._waiting)

    @property
    def enough(self) -> bool:
        """So many pages were read only because a menu names them that no further one is."""
        return self._handed_out >= MOST_PAGES

    def next_before_samples(
        self, known: Callable[[Ask], bool], missing: frozenset[str], heads: Container[str]
    ) -> tuple[Ask, frozenset[str]] | None:
        """The next page that navigation names and nobody knows, and the missing targets it is a little like: what is like one before the rest, what
        stands in a menu or at the foot before boxes, and what heads a sub-menu last. None where there is none, or enough were read."""
        boxed = (ask for ask in self._carried() if key(ask.url) not in self._hopes)
        left = [ask for ask in (*self._waiting, *boxed) if not known(ask)]
        hopes = {ask.url: self._hopes.get(key(ask.url), frozenset()) & missing for ask in left}
        for ask in sorted(
            left, key=lambda ask: (key(ask.url) in heads, not hopes[ask.url], key(ask.url) in self._beside)
        ):
            if self.enough:
                break
            self._drop(ask)
            if not self._is_one_too_many(ask):
                self._handed_out += 1
                return ask, hopes[ask.url]
        return None

    def _carried(self) -> list[Ask]:
        """What stands on most pages and was not considered yet, in the order it was seen."""
        needed = max(FEWEST_CARRIERS, self._sections * MENU_SHARE)
        often = (link for link in self._common if self._carriers[link] >= needed and link not in self._considered)
        new = (self._seen[link] for link in often if link in self._seen)
        return [ask for _, ask in sorted(new, key=lambda seen: seen[0])]

    def _drop(self, ask: Ask) -> None:
        """The ask is considered now, and not again."""
        if ask in self._waiting:
            self._waiting.remove(ask)
        self._considered.add(key(ask.url))

    def next(self, known: Callable[[Ask], bool], missing: Container[str] = ()) -> Ask | None:
        """The next page that navigation names and nobody read, first what is a little like a target that is missing; None where there is none, or
        enough were read."""
        unread = (each for each in self._unread(missing) if not known(each) and not self._is_one_too_many(each))
        ask = next(unread, None) if not self.enough else None
        self._handed_out += ask is not None
        while ask is None and self._steps and self._stepped < MOST_STEPS:
            step = self._steps.popleft()
            ask = None if known(step) else step
            self._stepped += ask is not None
        return ask

    def _unread(self, missing: Container[str]) -> Iterator[Ask]:
        """What navigation names and was not considered yet: what stands in menus first, the hopeful before the rest, then what most pages have."""
        hopeful = [ask for ask in self._waiting if any(target in missing for target in self._hopes[key(ask.url)])]
        for ask in hopeful:
            self._waiting.remove(ask)
            yield ask
        while self._waiting:
            yield self._waiting.popleft()
        for ask in self._carried():
            self._considered.add(key(ask.url))
            yield ask

    def _is_one_too_many(self, ask: Ask) -> bool:
        numbered = any(letter.isdigit() for letter in ask.label)  # a day or a page, not a section
        if key(ask.url) in self._named and not numbered:
            return False
        kind = make(ask.url, ask.label)
        self._makes[kind] += 1
        return self._makes[kind] > MOST_ALIKE
