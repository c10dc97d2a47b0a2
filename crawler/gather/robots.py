"""What robots.txt of each host allows, as far as it was read.

As RFC 9309, 2.3.1, has it: a host without one (4xx) allows everything, one whose server fails to give it (5xx) nothing until it was read. What is
kept from us in that way is not the owner's wish, so it is called what the failure was (`server-error`, `maintenance`), not `robots`, and is tried
again another time. Where no answer came at all the host is asked on: whatever failed fails there too, and home tells whose fault it is.
"""

from __future__ import annotations

import msgspec
from protego import Protego

from crawler.addresses import at_root, site
from crawler.gather.answers import Answer
from crawler.gather.asks import Ask
from crawler.model import Role, VisitStatus

SERVER_FAILED = 500
"""The least HTTP status by which a server says that it failed."""


class Robots:
    """The rules of the hosts of one visit for one user agent."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent
        self._asked: set[str] = set()
        self._rules: dict[str, Protego] = {}
        self._failing: dict[str, VisitStatus] = {}

    def to_ask(self, url: str) -> Ask | None:
        """The robots.txt of an address's host, where it was not to be asked for before; None where it was."""
        if site(url) in self._asked:
            return None
        self._asked.add(site(url))
        return Ask(url=at_root(url, "/robots.txt"), role=Role.ROBOTS)

    def take(self, ask: Ask, answer: Answer) -> Ask | None:
        """Take a host's rules from what came of asking for them. Where its server failed for the first time, they are to be asked for once more:
        that ask, None otherwise."""
        host = site(ask.url)
        if answer.http_status is not None and answer.http_status >= SERVER_FAILED:
            once_more = None if host in self._failing else msgspec.structs.replace(ask, again=True)
            self._failing[host] = answer.status
            return once_more
        self._failing.pop(host, None)
        self._rules[host] = Protego.parse(answer.text if answer.status is VisitStatus.OK else "")
        return None

    def barred(self, url: str) -> VisitStatus | None:
        """What keeps us from an address: its host's rules (`robots`), or how its server failed to tell them; None where nothing does."""
        if site(url) in self._failing:
            return self._failing[site(url)]
        rules = self._rules.get(site(url))
        return None if rules is None or rules.can_fetch(url, self._user_agent) else VisitStatus.ROBOTS

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """The lists of addresses the robots.txt of this address's host names."""
        rules = self._rules.get(site(url))
        return tuple(rules.sitemaps) if rules else ()

    def crawl_delay(self, url: str) -> float:
        """Seconds to leave between two requests to this address's host; 0 where its robots.txt asks nothing."""
        rules = self._rules.get(site(url))
        return float(rules.crawl_delay(self._user_agent) or 0.0) if rules else 0.0
