"""The labels of targets, made ready for looking up what a text is like. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import ceil
from typing import NamedTuple

from crawler.model import Target
from crawler.text import fold, plain, slug_forms
from crawler.wording import beside, spelled_out

LONGEST_LABEL = 9
"""Words; longer labels are matched whole only."""
FEW_TYPOS = 86
"""Likeness in percent (twice the common letters over all letters) from which a text is a label mistyped."""
MISTYPED_LENGTHS = range(8, 71)
"""Characters of a text that may be a label mistyped: in shorter ones another letter is another word (assumed)."""


class Label(NamedTuple):
    """A target's label in its folded and its plain form."""

    target: str
    folded: str
    plain: str
    rejecting: bool


class Phrase(NamedTuple):
    """Words that stand together; length counts them."""

    text: str
    words: list[str]
    length: int


class Matcher(NamedTuple):
    """Every label of a set of targets, indexed for looking up phrases. names: also headings, for pages rather than links.

    label_starts and slug_starts: the phrases that begin with a word and no other, or with two, short ones first; begun: all that begin with a
    word. near: the labels a text of so many characters may be mistyped for; beside: what may follow a label without changing what it names; parts: the
    targets whose labels hold a phrase, in plain form.
    """

    labels: dict[str, tuple[Label, ...]]
    slugs: dict[str, tuple[str, ...]]
    label_starts: dict[str, tuple[Phrase, ...]]
    slug_starts: dict[str, tuple[Phrase, ...]]
    begun: dict[str, tuple[Phrase, ...]]
    near: dict[int, tuple[str, ...]]
    beside: re.Pattern[str]
    parts: dict[str, frozenset[str]]


def matcher(targets: Iterable[Target], *, headings: bool = False, agency: str = "") -> Matcher:
    """The labels of targets made ready for weighing; with headings, what their landing pages call themselves too. The agency's name after a label
    does not change what it names. What does not hang on the agency is worked out once for all that are looked at for the same targets."""
    return _indexed(tuple(targets), headings)._replace(beside=beside(agency))


@cache
def _indexed(targets: tuple[Target, ...], headings: bool) -> Matcher:
    labels: defaultdict[str, list[Label]] = defaultdict(list)
    slugs: defaultdict[str, list[str]] = defaultdict(list)
    for target in targets:
        texts = (*target.labels, *target.headings) if headings else target.labels
        for text, rejecting in [*((t, False) for t in texts), *((t, True) for t in target.rejects)]:
            words, letters = spelled_out(text)
            labels[fold(words)].append(Label(target.id, fold(words), letters, rejecting))
        for slug in {form for text in target.labels for form in slug_forms(text)} | {fold(s) for s in target.slugs}:
            slugs[slug].append(target.id)
    return Matcher(
        {key: tuple(value) for key, value in labels.items()},
        {key: tuple(sorted(set(value))) for key, value in slugs.items()},
        _by_start(labels, 2),
        _by_start(slugs, 2),
        _by_start(labels, 1),
        _near(labels),
        beside(""),
        _parts(labels),
    )


@cache
def matcher_of(target: Target, *, headings: bool = False) -> Matcher:
    """The labels of one target made ready for weighing; once, since making them ready costs as much as weighing a hundred texts."""
    return matcher((target,), headings=headings)


def _parts(labels: dict[str, list[Label]]) -> dict[str, frozenset[str]]:
    """The targets by the phrases of two words and more that their labels hold, but for whole labels."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for label in (one for same in labels.values() for one in same if not one.rejecting):
        words = label.plain.split()
        for start in range(len(words) if len(words) <= LONGEST_LABEL else 0):
            for end in range(start + 2, len(words) + (start > 0)):
                found[" ".join(words[start:end])].add(label.target)
    return {phrase: frozenset(targets) for phrase, targets in found.items()}


def _by_start(phrases: Iterable[str], words_of_start: int) -> dict[str, tuple[Phrase, ...]]:
    """The phrases of at most LONGEST_LABEL words by their first words, as many as they have of those asked for; short ones first."""
    found: defaultdict[str, list[Phrase]] = defaultdict(list)
    for text in sorted(phrases):
        words = text.split()
        if 0 < len(words) <= LONGEST_LABEL:
            found[" ".join(words[:words_of_start])].append(Phrase(text, words, len(words)))
    return {start: tuple(sorted(begun, key=lambda phrase: phrase.length)) for start, begun in found.items()}


def _near(labels: Iterable[str]) -> dict[int, tuple[str, ...]]:
    """For each length of text that may be a label mistyped, the folded labels it may be: much longer or shorter ones cannot."""
    same: defaultdict[int, list[str]] = defaultdict(list)
    for label in sorted(labels):
        same[len(label)].append(label)
    shortest, longest = FEW_TYPOS / (200 - FEW_TYPOS), (200 - FEW_TYPOS) / FEW_TYPOS
    return {
        length: tuple(
            label
            for other in range(ceil(shortest * length), int(longest * length) + 1)
            for label in same.get(other, ())
        )
        for length in MISTYPED_LENGTHS
    }


def beginning(starts: dict[str, tuple[Phrase, ...]], words: Sequence[str]) -> Iterator[tuple[Phrase, int]]:
    """The phrases that stand among some words, each with the place of its first one."""
    for place, (first, second) in enumerate(zip(words, [*words[1:], ""], strict=False)):
        for phrase in (*starts.get(first, ()), *starts.get(f"{first} {second}", ())):
            if phrase.length < 3 or words[place : place + phrase.length] == phrase.words:
                yield phrase, place


def hinted(matcher: Matcher, text: str) -> frozenset[str]:
    """The targets a text is a part of the name of: menus shorten what sections are called, and such a part alone names none for certain."""
    return matcher.parts.get(" ".join(re.findall(r"\w+", plain(text))), frozenset())
