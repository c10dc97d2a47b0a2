"""What robots.txt of each host allows, as far as it was read."""

from __future__ import annotations

from protego import Protego

from crawler.addresses import site


class Robots:
    """The rules of the hosts of one visit for one user agent. A host whose robots.txt was not read, or has none, allows everything."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent
        self._rules: dict[str, Protego] = {}

    def read(self, url: str, text: str) -> None:
        """Take the rules of the host of `url` from the text of its robots.txt."""
        self._rules[site(url)] = Protego.parse(text)

    def permit(self, url: str) -> bool:
        """The address may be read."""
        rules = self._rules.get(site(url))
        return rules is None or bool(rules.can_fetch(url, self._user_agent))

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """The lists of addresses the robots.txt of this address's host names."""
        rules = self._rules.get(site(url))
        return tuple(rules.sitemaps) if rules else ()

    def crawl_delay(self, url: str) -> float:
        """Seconds to leave between two requests to this address's host; 0 where its robots.txt asks nothing."""
        rules = self._rules.get(site(url))
        return float(rules.crawl_delay(self._user_agent) or 0.0) if rules else 0.0
