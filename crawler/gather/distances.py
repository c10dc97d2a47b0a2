"""How far pages lie from home by ordinary links. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from crawler.addresses import key
from crawler.gather.pursuit import SeenPage
from crawler.model import Outline, Role

NO_PLACE = frozenset({Role.SEARCH_KNOWN, Role.SEARCH_NONSENSE, Role.RANDOM_PATH})
"""Answers to what was typed: no page a link leads to."""


def distances(pages: Iterable[SeenPage], home: SeenPage | None) -> dict[str, int]:
    """The fewest clicks from home to the addresses that links on the pages read lead to, by their keys. What a page is made of or refreshes to
    is as far as the page; what only a script leads to, or stands behind a tab, is not reached by a link."""
    if home is None:
        return {}
    at: defaultdict[str, list[tuple[str, Outline]]] = defaultdict(list)
    for page in pages:
        if page.outline is not None and page.ask.press is None and page.ask.role not in NO_PLACE:
            for name in {key(page.ask.url), key(page.final_url)}:
                at[name].append((page.final_url, page.outline))
    found = dict.fromkeys((key(home.ask.url), key(home.final_url)), 0)
    queue, followed = deque(found), set[str]()
    while queue:
        here = queue.popleft()
        near = found[here]
        for final, outline in at.pop(here, ()):
            for part in map(key, filter(None, (final, *outline.frames, outline.refresh))):
                if found.get(part, near + 1) > near:
                    found[part] = near
                    queue.appendleft(part)
            for link in outline.links:
                if link.scripted or link.url in followed:
                    continue
                followed.add(link.url)
                if (name := key(link.url)) not in found:
                    found[name] = near + 1
                    queue.append(name)
    return found
