"""Pages read on the way that turned out to be of no section, and the sections whose names they bear."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.frontier import weigh_text
from crawler.labels import matcher_of
from crawler.model import PageFacts, Role, Target, TargetKind

BEARS_NAME = 0.65
"""How like a section's label a page's own name must be for the page to be one of the section's, if it is of no other (assumed)."""
TITLE_WORDS = 5
"""Words of a link on a section's page that may be the title of one of its texts (assumed)."""
SITE_NAME = re.compile(r"\s[|·–-]\s")
"""What stands between a page's name and its portal's in a title."""


def unclaimed(page: PageFacts) -> bool:
    """Whether a page was read on the way and turned out to be of no section."""
    return page.visit is not None and not page.visit.roles and page.visit.role is Role.CANDIDATE


def named_for(page: PageFacts, sections: tuple[Target, ...], first: str) -> Target | None:
    """The section whose name an unclaimed page bears: in its first headings, else its title, or in the first of its own texts."""
    if not unclaimed(page):
        return None
    headings = [heading.text for heading in page.outline.headings if heading.level == 1]
    names = [*(headings or [SITE_NAME.split(page.outline.title)[0]]), first]
    for section in sections:
        if section.kind is TargetKind.SECTION and any(likeness(name, section) >= BEARS_NAME for name in names if name):
            return section
    return None


@lru_cache(maxsize=8192)
def likeness(name: str, section: Target) -> float:
    """How like a section's label a name is, from 0 to 1."""
    found = weigh_text(matcher_of(section), name).get(section.id)
    return found.score if found is not None else 0.0
