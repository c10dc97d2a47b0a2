"""One page under many addresses: session tokens, sort orders, pagers, calendars, facets. Unrecognised, each would be followed for ever. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

import msgspec

from crawler.addresses import key, site
from crawler.model import Link
from crawler.text import fold
from crawler.vocabulary import word_set, words

MOST_ALIKE, MOST_OF_A_PATH = 2, 6
"""Addresses of one make, and of one path whatever is asked of it, that are read for a target without being it; more are left unread. Assumed."""
LEARNING_PAGES = 12
"""Pages whose links are compared to learn which parameters carry a session's token. Assumed."""
FEWEST_CHANGED = 3
"""Links that must have changed their token from one page to the next for it to be taken for a session's. Assumed."""
_TOKEN = re.compile(r"([?&])([^=&#?]+)=((?=[^&#]*[0-9])[0-9A-Za-z._~-]{12,})(?=[&#]|$)")
_RUN = re.compile(r"(?=[0-9A-Za-z_=!.~-]*[0-9])[0-9A-Za-z_=!.~-]{16,}|[0-9]+")
_INDEX = re.compile(r"/(?:(?:index|default|home|main)\.[a-z]{2,5})?$", re.IGNORECASE)


class Tokens:
    """Learns which query parameters carry a token that is new on every page, and gives all links the one each was first seen with: so an address
    stays one address."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str, str], str] = {}
        self._learned: dict[str, str] = {}
        self._pages = 0

    def steady(self, links: tuple[Link, ...]) -> tuple[Link, ...]:
        """The links of the next page read, with the first value of every session token put in place of its own."""
        if self._pages < LEARNING_PAGES:
            self._pages += 1
            self._learn(links)
        if not self._learned:
            return links
        return tuple(
            msgspec.structs.replace(link, url=_TOKEN.sub(self._first_value, link.url)) if "=" in link.url else link
            for link in links
        )

    def _first_value(self, found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}={self._learned.get(found[2], found[3])}"

    def _learn(self, links: Iterable[Link]) -> None:
        """A parameter is a session's where the same links of another page all had another value. What names content keeps its value."""
        here: dict[tuple[str, str, str], str] = {}
        for link in links:
            for found in _TOKEN.finditer(link.url) if "=" in link.url else ():
                place = (link.label, link.url[: found.start(3)] + link.url[found.end(3) :], found[2])
                here[place] = "" if here.get(place, found[3]) != found[3] else found[3]  # two of a name tell nothing
        known = {place: value for place, value in here.items() if value and place in self._first}
        for name in {place[2] for place in known} - self._learned.keys():
            firsts = {self._first[place] for place in known if place[2] == name}
            changed = [place for place, value in known.items() if place[2] == name and value != self._first[place]]
            if len(firsts) == 1 and len(changed) >= FEWEST_CHANGED and len(changed) == sum(p[2] == name for p in known):
                self._learned[name] = firsts.pop()
        for place, value in here.items():
            if value:
                self._first.setdefault(place, value)


class Turned:
    """How many addresses of a make were read for a target and were not it."""

    def __init__(self) -> None:
        self._read: set[tuple[str, str]] = set()
        self._makes: Counter[tuple[str, str]] = Counter()

    def down(self, target: str, url: str, label: str) -> None:
        """An address was read, or failed, and is not the target's."""
        if (target, key(url)) not in self._read:
            self._read.add((target, key(url)))
            self._makes.update(((target, make(url, label)), (target, _path(url))))

    def enough(self, target: str, url: str, label: str) -> bool:
        """So many of its make were read in vain that another need not be."""
        many = self._makes[target, _path(url)] >= MOST_OF_A_PATH
        return many or self._makes[target, make(url, label)] >= MOST_ALIKE


@lru_cache(maxsize=4096)
def make(url: str, label: str = "") -> str:
    """What addresses of one make share: numbers and long tokens of address and label blanked."""
    query = sorted(f"{name}={_RUN.sub('#', value)}" for name, value in _query(url))
    return f"{_path(url)}?{'&'.join(query)} {_RUN.sub('', fold(label)).strip()}"


@lru_cache(maxsize=4096)
def _path(url: str) -> str:
    return site(url) + _RUN.sub("#", urlsplit(url).path)


def is_state_of(url: str, page: str) -> bool:
    """The address asks the page at another for an order, a filter or a further part: the same path, and all the other asks for and more. A path
    that only names the place's default page says nothing."""
    one, other = urlsplit(url), urlsplit(page)
    if site(url) != site(page) or one.path != other.path or one.fragment != other.fragment:
        return False
    asked = set(_query(page))
    return (bool(asked) or not _INDEX.search(one.path)) and asked <= set(_query(url))


DIGITS_OF_A_YEAR = 4


def turns_list(url: str, label: str) -> bool:
    """A link that shows more or another order of a list rather than one of its members, by its label or by what it asks for."""
    said = fold(label)
    if label and ((said.isdigit() and len(said) < DIGITS_OF_A_YEAR) or (said or label.strip()) in _pager_labels()):
        return True
    return any(name.lower() in word_set("list_parameters") and len(value) <= 12 for name, value in _query(url))


@lru_cache(maxsize=1)
def _pager_labels() -> frozenset[str]:
    return frozenset(fold(label) or label for label in (*words("pager_labels"), *words("next_labels")))


@lru_cache(maxsize=4096)
def _query(url: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(urlsplit(url).query, keep_blank_values=True))
