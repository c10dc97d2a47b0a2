"""Which link next: how much a link, and the page behind it, looks like a target. Pure.

A link is weighed by its label first and its address second, and discounted by where it stands. Scores are 0–1; from CANDIDATE up a link is
worth following, and absence may not be stated while such a link stays unread. The numbers order work; they never decide a verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

from crawler.labels import FEW_TYPOS, LONGEST_LABEL, MISTYPED_LENGTHS, Label, Matcher, beginning
from crawler.model import Link, Outline, Place
from crawler.text import fold, slug_words
from crawler.wording import spelled_out

CANDIDATE = 0.5
"""The score from which a link is followed."""

CONFIRMED = 0.6
"""How like a target's name a page's own name must be for the page to be its landing page."""

STRONG = 0.85
"""A label so like the target's that the page is accepted unless it names itself something else."""

PLACE_WEIGHT = {Place.MENU: 1.0, Place.SIDE: 0.97, Place.FOOTER: 0.95, Place.BREADCRUMB: 0.9, Place.BODY: 0.9}
LONGEST_TEXT = 24
"""Words of a link beyond which it is a headline, of which only the beginning is read."""
MOST_MISTYPED = 6
"""Labels a mistyped text may be."""
FEWEST_WORDS, LEAST_SHORTENED = 3, 0.6
"""Words a text must have, and the share of a label's it must keep, to be taken for the label shortened (assumed)."""
NEARLY_WHOLE = 0.97
"""The score of a label that only periods and the agency's name follow (assumed)."""
OTHER_LETTERS = 0.6
"""Discount where only the letters without marks agree, though the link has marks: thu, thủ and thư are three words."""


BY_ADDRESS = "address"
"""Why something is like a target where only its address says so."""


class Weighed(NamedTuple):
    """How like one target something is, and the sign that says so."""

    target: str
    score: float
    why: str


def weigh_link(matcher: Matcher, link: Link) -> tuple[Weighed, ...]:
    """Each target a link may lead to with its score, best first; rejected ones left out."""
    best = weigh_text(matcher, link.label)
    if link.title and link.title != link.label:
        for target, found in weigh_text(matcher, link.title).items():
            if found.score > best.get(target, found._replace(score=0.0)).score:
                best[target] = found._replace(why=f"title: {found.why}")
    for target, found in weigh_slug(matcher, link.url).items():
        seen = best.get(target)
        if seen is None:
            best[target] = found
        elif seen.score > 0:
            best[target] = seen._replace(score=min(1.0, seen.score + 0.05), why=f"{seen.why}; {found.why}")
    weight = PLACE_WEIGHT[link.place]
    found_all = (found._replace(score=round(found.score * weight, 4)) for found in best.values() if found.score > 0)
    return tuple(sorted(found_all, key=lambda found: (-found.score, found.target)))


def weigh_text(matcher: Matcher, text: str) -> dict[str, Weighed]:
    """How like each target's labels a text is. A rejecting label that fits better than any other gives the target a score of 0."""
    text, text_plain = spelled_out(text)
    words = fold(text).split()[:LONGEST_TEXT]
    if not words:
        return {}
    folded = " ".join(words)
    best: dict[str, Weighed] = {}
    rejected: dict[str, float] = {}
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for phrase, start in _phrases(matcher, words, folded):
        whole = phrase == folded
        share = 1.0 if whole else _share(matcher, phrase, words, start)
        for label in matcher.labels[phrase]:
            letters = _letters(label, text_plain)
            _keep(best, rejected, label, share * letters, "label" if whole else "label within")
            if not label.rejecting:
                spans[label.target].append(Span(start, start + len(phrase.split()), letters))
    for target, found in spans.items():
        if (score := _together(words, found)) > best[target].score:
            best[target] = Weighed(target, score, "labels together")
    if not best and len(folded) in MISTYPED_LENGTHS:
        for choice, ratio in _mistyped(matcher, folded):
            for label in matcher.labels[choice]:
                _keep(best, rejected, label, 0.85 * ratio / 100, "label mistyped")
    if not best and (short := _shortened(matcher, words, text_plain)):
        best[short.target] = short
    return {
        target: found
        if rejected.get(target, 0.0) < found.score
        else found._replace(score=0.0, why="rejected by its label")
        for target, found in best.items()
    }


def _letters(label: Label, text_plain: str) -> float:
    """The discount for diacritics that differ or are missing."""
    if text_plain.isascii():
        return 1.0 if label.plain.isascii() else 0.95
    return 1.0 if label.plain in text_plain else OTHER_LETTERS


class Span(NamedTuple):
    """Where a label stands among the words of a text, and the discount for its letters."""

    start: int
    end: int
    letters: float


def _together(words: Sequence[str], spans: Sequence[Span]) -> float:
    """The score of several labels of one target in one text: the more of it they are together, the better; 0 where one holds all others."""
    covered = {place for span in spans for place in range(span.start, span.end)}
    if len(covered) == max(span.end - span.start for span in spans):
        return 0.0
    share = sum(len(words[place]) for place in covered) / sum(map(len, words))
    return min(0.9, 0.28 + 0.62 * share + (0.1 if 0 in covered else 0.0)) * min(span.letters for span in spans)


def _shortened(matcher: Matcher, words: Sequence[str], text_plain: str) -> Weighed | None:
    """The label a text of a few words is short for: it keeps most of the label's words in their order. None where no label or several targets
    have such a one."""
    if not FEWEST_WORDS <= len(words) <= LONGEST_LABEL:
        return None
    found: dict[str, tuple[float, Label]] = {}
    for phrase in matcher.begun.get(words[0], ()):
        share, left = len(words) / phrase.length, iter(phrase.words)
        if not LEAST_SHORTENED <= share < 1 or not all(word in left for word in words):
            continue
        for label in matcher.labels[phrase.text]:
            kept = text_plain.isascii() or set(text_plain.split()) <= set(label.plain.split())
            if kept and share > found.get(label.target, (0.0, label))[0]:
                found[label.target] = share, label
    if len(found) != 1:
        return None
    share, label = next(iter(found.values()))
    return None if label.rejecting else Weighed(label.target, 0.4 + 0.4 * share, f"label shortened “{label.plain}”")


def weigh_slug(matcher: Matcher, url: str) -> dict[str, Weighed]:
    """How like each target's labels the words of an address are: weaker than a label, since addresses often say nothing or lie."""
    words = slug_words(url).split()
    last = " ".join(words[-LONGEST_LABEL:])
    best: dict[str, Weighed] = {}
    for phrase, start in beginning(matcher.slug_starts, words):
        share = len(phrase.text) / len(last)
        ends = phrase.text == last or (start + phrase.length == len(words) and share > 0.6)
        score = 0.72 if ends else 0.3 + 0.35 * min(share, 1.0)
        if phrase.length == 1 and len(phrase.text) < 6:
            score *= 0.8
        for target in matcher.slugs[phrase.text]:
            if score > best.get(target, Weighed(target, 0.0, "")).score:
                best[target] = Weighed(target, score, BY_ADDRESS)
    return best


def _phrases(matcher: Matcher, words: Sequence[str], folded: str) -> Iterator[tuple[str, int]]:
    """The labels a text holds, itself first, each with the place of its first word."""
    if folded in matcher.labels:
        yield folded, 0
    for phrase, start in beginning(matcher.label_starts, words):
        if phrase.length < len(words):
            yield phrase.text, start


def _mistyped(matcher: Matcher, folded: str) -> list[tuple[str, float]]:
    """The labels a text is likest to with their likeness in percent, best first."""
    found = process.extract(
        folded, matcher.near[len(folded)], scorer=fuzz.ratio, score_cutoff=FEW_TYPOS, limit=MOST_MISTYPED
    )
    return [(label, ratio) for label, ratio, _ in found]


def _share(matcher: Matcher, phrase: str, words: Sequence[str], start: int) -> float:
    """A label's score inside a longer text: the more of it the label is, the better. Of what follows a leading label, periods and whose section
    it is do not count."""
    text = " ".join(words)
    if start == 0:
        rest = " ".join(matcher.beside.sub(" ", text[len(phrase) :]).split())
        if not rest:
            return NEARLY_WHOLE
        text = f"{phrase} {rest}"
    return min(0.9, 0.28 + 0.62 * len(phrase) / len(text) + (0.0 if start else 0.1))


def _keep(best: dict[str, Weighed], rejected: dict[str, float], label: Label, score: float, why: str) -> None:
    if label.rejecting:
        rejected[label.target] = max(score, rejected.get(label.target, 0.0))
        best.setdefault(label.target, Weighed(label.target, 0.0, "rejected by its label"))
    elif score > best.get(label.target, Weighed(label.target, -1.0, "")).score:
        best[label.target] = Weighed(label.target, score, f"{why} “{label.plain}”")


# --- what a page turned out to be ----------------------------------------------------------------------------------------------------------


class Known(NamedTuple):
    """Folded names that stand on home, and so say nothing of any one page."""

    headings: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()


def names_of(outline: Outline, known: Known, label: str = "") -> tuple[str, ...]:
    """What a page calls itself: the parts of its title, the end of its breadcrumb, and its headings that neither home has nor lead elsewhere nor
    name a box beside it; one without a title or chief heading of its own goes by the label that led to it."""
    leading = {fold(link.label) for link in outline.links if link.url != outline.url}
    headed = [
        heading
        for heading in outline.headings
        if (heading.level == 1 or (heading.level <= 4 and heading.place in NAMING))
        and fold(heading.text) not in known.headings
        and fold(heading.text) not in leading
    ]
    titles = [part for cut in outline.title.split("|") for part in _title_parts(cut) if fold(part) not in known.titles]
    # Some breadcrumbs end above the page: their last step names it only where it says what the page itself says, or nothing else does.
    headings = [heading.text for heading in headed]
    own = {*map(fold, (*titles, *headings))} - {""}
    nameless = not any(map(fold, titles)) and all(heading.level > CHIEF for heading in headed)
    called = [label] if nameless and label else []
    crumb = [step for step in outline.breadcrumb[-1:] if fold(step) in own or not (own or called)]
    return tuple(dict.fromkeys(name for name in (*titles, *called, *crumb, *headings) if fold(name)))


NAMING = (Place.BODY, Place.BREADCRUMB)
"""Where a heading below the first level may name the page rather than a box on it."""
CHIEF = 2
"""The lowest level of headings that may name a page."""


def _title_parts(title: str) -> list[str]:
    for mark in (" - ", " – ", " — ", " · ", " • ", "::", "»", " > ", " / "):
        if mark in title:
            return [part.strip() for part in title.split(mark)]
    return [title.strip()]


def known_names(home: Outline) -> Known:
    """The names home has."""
    titles = (part for cut in home.title.split("|") for part in _title_parts(cut))
    return Known(frozenset(fold(each.text) for each in home.headings), frozenset(map(fold, titles)))


def confirm(matcher: Matcher, outline: Outline, known: Known, label: str = "") -> dict[str, Weighed]:
    """How like each target a page is by its own names, or by the label that led to it where it has none; a score of 0 means its names belong to
    something the target rejects."""
    best: dict[str, Weighed] = {}
    for name in names_of(outline, known, label):
        for target, found in weigh_text(matcher, name).items():
            seen = best.get(target)
            if seen is None or found.score > seen.score:
                best[target] = found._replace(why=f"“{name[:80]}” ({found.why})")
    return best
