"""What robots.txt of each host allows, as far as it was read.

As RFC 9309, 2.3.1, has it: a host without one (4xx) allows everything, one whose server fails to give it (5xx) nothing until it was read. What is
kept from us in that way is not the owner's wish, so it is called what the failure was (`server-error`, `maintenance`), not `robots`, and is tried
again another time. Where no answer came at all the host is asked on: whatever failed fails there too, and home tells whose fault it is.
"""

from __future__ import annotations

from protego import Protego

from crawler.addresses import site
from crawler.model import VisitStatus


class Robots:
    """The rules of the hosts of one visit for one user agent."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent
        self._rules: dict[str, Protego] = {}
        self._failing: dict[str, VisitStatus] = {}

    def read(self, url: str, text: str) -> None:
        """Take the rules of the host of `url` from the text of its robots.txt; '' where it has none."""
        self._failing.pop(site(url), None)
        self._rules[site(url)] = Protego.parse(text)

    def fail(self, url: str, status: VisitStatus) -> bool:
        """The server of the host of `url` failed to give its robots.txt, which ended so; whether it failed before."""
        again = site(url) in self._failing
        self._failing[site(url)] = status
        return again

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
