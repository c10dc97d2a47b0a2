"""How portals word the names of sections: abbreviations written out, and what stands beside a name without changing it. Pure."""

from __future__ import annotations

import re
from functools import cache

from crawler.text import fold, plain
from crawler.vocabulary import words as vocabulary


def spelled_out(text: str) -> tuple[str, str]:
    """The text with the abbreviations portals use in names of sections written out, as it is where it has none; and its plain words."""
    pattern, spelled = _abbreviations()
    words = plain(text)
    if pattern.search(words):
        words = text = pattern.sub(lambda found: spelled[found.group()], words)
    return text, words


@cache
def _abbreviations() -> tuple[re.Pattern[str], dict[str, str]]:
    pairs = (line.partition("=") for line in vocabulary("abbreviations"))
    spelled = {plain(short): plain(whole) for short, _, whole in pairs}
    longest_first = sorted(spelled, key=lambda short: (-len(short), short))
    return re.compile(r"\b(?:" + "|".join(longest_first) + r")\b"), spelled


@cache
def beside(agency: str) -> re.Pattern[str]:
    """What may follow a section's name without changing what it names, over folded text: periods and days, and whose it is."""
    name = fold(agency)
    kinds = [kind for kind in map(fold, vocabulary("agency_kinds")) if name.startswith(f"{kind} ")]
    whose = {*map(fold, vocabulary("whose_section")), name, *(name.removeprefix(kind).strip() for kind in kinds)} - {""}
    names = "|".join(re.escape(words) for words in sorted(whose, key=lambda words: (-len(words), words)))
    return re.compile(rf"\b(?:{names}|(?:(?:tu|den|tuan|thu|ngay|thang|quy|nam) )*\d{{1,4}}(?: \d{{1,4}})*)\b")
