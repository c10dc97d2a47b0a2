"""Vietnamese text kept in an encoding older than Unicode, or read in a wrong one: told by its words, and read all the same. Pure.

TCVN3 (ABC) and VNI keep Vietnamese letters in the places of others: shown as Unicode they read “Céng hoµ x· héi” and “Coäng hoøa xaõ hoäi”. UTF-8 taken
for a single-byte encoding reads “Cá»™ng hÃ²a”, windows-1258 taken for a western one “Côòng hoÌa”. What a word would be in each is tried: it is one where
that is a Vietnamese syllable and what is shown is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crawler.facts.letters import READERS, Legacy, Word, tells_case, word_of
from crawler.model import Text

__all__ = ["LEAST_WORDS", "Legacy", "Reading", "Spread", "garbled", "kept_bytes", "read", "spread", "suspect"]

_FEWEST_WORDS = 3
"""Different words of a page that only an old encoding explains, before any is read so (assumed: foreign words explain one or two by chance)."""


_WORDS = re.compile("[A-Za-z\u00a1-\u0233\u0300-\u0323\u1e00-\u1eff\u20ab]{1,40}")
"""Words; many signs are letters in TCVN3. No syllable is nearly as long as the longest."""
_ENOUGH = 200_000
"""Characters by which a page is judged (assumed; the longest page at hand has half as many beyond ASCII)."""
_ODD = "ÄÅÆÇËÎÏÐÑÖØÛÜÞßäåæçëîïðñöøûüþÿµ¶¸¹¨¾¼½ªº¬"
"""Letters that sound Vietnamese text lacks, and text in an old encoding has soon."""
_ODD_ONE = re.compile(f"[{_ODD}\uf780-\uf7ff]|á»")
_KEPT = re.compile("[\uf780-\uf7ff]")
"""Bytes that were no UTF-8, kept by `kept_bytes`."""
_UTF8 = re.compile("[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}")
_AS_BYTES = {ord(bytes([code]).decode("cp1252", "ignore") or chr(code)): code for code in range(0x80, 0xA0)} | {
    0x102: 0xC3
}
"""What a western encoding, or windows-1258, shows for the bytes of UTF-8."""


class Spread(NamedTuple):
    """How a page's strings are written: the old encodings some are in, and the one most are in (NONE where most are sound)."""

    kinds: frozenset[Legacy] = frozenset()
    main: Legacy = Legacy.NONE


class Reading(NamedTuple):
    """A string as it is read: its text, and how it was garbled; shown is what the page's letters show."""

    text: str
    kind: Legacy
    shown: str


def kept_bytes(body: bytes) -> str:
    """Bytes as UTF-8, each that is none as a letter of its own (U+F780–U+F7FF), to be read when it is known what it stands for."""
    return body.decode("utf-8", "surrogateescape").translate(
        {0xDC00 + code: 0xF700 + code for code in range(0x80, 0x100)}
    )


def suspect(text: str) -> bool:
    """Whether a page's text has letters that sound Vietnamese text lacks, so that it is worth a closer look."""
    return any(letter in text for letter in _ODD)


def spread(strings: Iterable[str]) -> Spread:
    """How the strings of one page are written."""
    own = list(_beginning(string for string in strings if not string.isascii()))
    proof: dict[Legacy, set[str]] = {kind: set() for kind in READERS}
    misread: set[str] = set()
    for string in own:
        if _ODD_ONE.search(string):
            clear = _revealed(string)
            kind, tally = _best(_words(clear), READERS)
            if _convinces(tally):
                proof[kind].update(tally.proof)
            misread.update(match for match in _UTF8.findall(clear.translate(_AS_BYTES)) if len(match) == 3)
    kinds = {kind for kind, words in proof.items() if len(words) >= _FEWEST_WORDS}
    main = _main(own, kinds) if kinds else Legacy.NONE
    if len(misread) >= _FEWEST_WORDS:
        kinds.add(Legacy.MISREAD)
    return Spread(frozenset(kinds), main)


def _beginning(strings: Iterable[str]) -> Iterator[str]:
    """The first of some strings, enough to tell how a page is written."""
    left = _ENOUGH
    for string in strings:
        yield string[:left]
        left -= len(string)
        if left <= 0:
            return


def _main(strings: Iterable[str], kinds: set[Legacy]) -> Legacy:
    """The encoding that explains more words than are sound as they are shown, NONE where none does."""
    weight: Counter[Legacy] = Counter()
    for string in strings:
        kind, tally = _best(_words(_revealed(string)), kinds)
        weight[Legacy.NONE] += tally.loss
        weight[kind] += tally.gain
    return max(weight, key=lambda one: weight[one])


def read(string: str, page: Spread) -> Reading:
    """A string of a page as it is meant."""
    if string.isascii():
        return Reading(string, Legacy.NONE, string)
    shown = string
    if _KEPT.search(string):
        shown = _bytes(string).decode("utf-8", "replace")
    if Legacy.MISREAD in page.kinds and (mended := _mended(string)) is not None:
        return Reading(mended, Legacy.MISREAD, shown)
    if not page.kinds:
        return Reading(shown, Legacy.NONE, shown)
    clear = _revealed(string)
    words = _words(clear)
    kind, tally = _best(words, page.kinds)
    if not _convinces(tally):
        # On a page mostly in an old encoding, what is not plainly sound is in it too: abbreviations, words that are words in both.
        tally = _tally(words, page.main)
        kind = page.main if tally.loss <= tally.gain else Legacy.NONE
    if kind is Legacy.NONE:
        return Reading(shown, Legacy.NONE, shown)
    meant = _transcribed(clear, kind)
    return Reading(meant, kind if meant != shown else Legacy.NONE, shown)


class _Tally(NamedTuple):
    """Words of a string: gain is how many only an encoding explains, loss how many are sound only as shown, junk how many are neither."""

    gain: int
    loss: int
    junk: int
    proof: frozenset[str]


_Words = list[tuple[str, Word]]
"""The words of a string that are not plain ASCII, as shown and tried in every encoding."""


def _words(string: str) -> _Words:
    return [(shown, word_of(shown)) for shown in _WORDS.findall(string) if not shown.isascii()]


def _tally(words: _Words, kind: Legacy) -> _Tally:
    proof = [shown for shown, word in words if kind in word.syllable and not word.sound]
    loss = sum(word.sound and kind not in word.syllable for _, word in words)
    junk = sum(
        not word.sound and kind not in word.syllable and not _abbreviates(word.readings.get(kind, "?"))
        for _, word in words
    )
    return _Tally(len(proof), loss, junk, frozenset(shown for shown in proof if len(shown) > 1))


def _best(words: _Words, kinds: Iterable[Legacy]) -> tuple[Legacy, _Tally]:
    """The encoding that explains most of a string's words; NONE, and which are sound, where none explains any."""
    best, kept = Legacy.NONE, _tally(words, Legacy.NONE)
    for kind in READERS:
        tally = _tally(words, kind) if kind in kinds else kept
        if tally.gain and tally.gain - tally.loss - tally.junk > kept.gain - kept.loss - kept.junk:
            best, kept = kind, tally
    return best, kept


def _convinces(tally: _Tally) -> bool:
    return tally.gain > tally.loss and tally.gain >= tally.junk


def _abbreviates(read: str) -> bool:
    """Whether what a word reads as may be letters that stand for words (QĐ, NĐ), of which nothing can be told."""
    return read.isupper() and len(read) <= 6


def _transcribed(string: str, kind: Legacy) -> str:
    """A string with its words read in an encoding; a word that has no letters of it stays."""

    def one(match: re.Match[str]) -> str:
        return match[0] if match[0].isascii() else word_of(match[0]).readings.get(kind, match[0])

    text = _WORDS.sub(one, string)
    if kind is Legacy.TCVN3:
        told = [letter for letter in string if tells_case(letter)]
        if len(told) > 1 and all(letter.isupper() or letter in "¡¢£¤¥¦§" for letter in told):
            text = text.upper()
    return text


def _bytes(string: str) -> bytes:
    """The bytes `kept_bytes` read."""
    return string.translate({0xF700 + code: 0xDC00 + code for code in range(0x80, 0x100)}).encode(
        "utf-8", "surrogateescape"
    )


def _revealed(string: str) -> str:
    """A string with bytes that were no UTF-8 as letters of a western encoding; any other as it is."""
    return _bytes(string).decode("latin-1") if _KEPT.search(string) else string


def _mended(string: str) -> str | None:
    """A string of UTF-8 taken for a western encoding, as it was meant; None where it has nothing of that."""
    if _KEPT.search(string):
        return None
    view = string.translate(_AS_BYTES)
    if view.isascii() or (max(view) > "\xff" and not any(len(each) == 3 for each in _UTF8.findall(view))):
        return None
    parts, at = [], 0
    for match in _UTF8.finditer(view):
        try:
            letter = match[0].encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            continue
        parts += [string[at : match.start()], letter]
        at = match.end()
    return "".join([*parts, string[at:]]) if parts else None


# --- a page ------------------------------------------------------------------------------------------------------------------------------

LEAST_WORDS = 12
"""Words a page must show before its letters are judged (assumed)."""
_LEAST_SHARE = 0.15
"""Share of the words that must bear signs of an old encoding (assumed: in such text half the words do; in good text, names aside, none)."""
_SPACED = re.compile(r"[^\s\"“”()\[\]{}<>,;:!?/|]+")
_VIETNAMESE = re.compile(r"[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")


def garbled(texts: Iterable[Text]) -> tuple[Legacy, Text | None]:
    """How a page's texts are garbled for who sees them, and the one that shows it best; (NONE, None) where they are not, or too few to tell."""
    words = sound = 0
    signs: Counter[Legacy] = Counter()
    best: dict[Legacy, tuple[int, Text]] = {}
    for text in texts:
        here = _SPACED.findall(text.text)
        words += len(here)
        marked = sum(not word.isascii() for word in here)
        if kind := Legacy(text.garbled) if text.garbled else _lost(text.text):
            signs[kind] += marked
            if kind not in best or min(marked, _TELLING) > best[kind][0]:
                best[kind] = min(marked, _TELLING), text
        elif marked:
            sound += sum(_VIETNAMESE.search(word) is not None for word in here)
    kind = max(signs, key=lambda one: signs[one], default=Legacy.NONE)
    if words < LEAST_WORDS or signs[kind] < _LEAST_SHARE * words or signs[kind] <= sound:
        return Legacy.NONE, None
    return kind, best[kind][1]


_TELLING = 30
"""Garbled words that show as much as more would."""


def _lost(text: str) -> Legacy:
    return Legacy.LOST if "\ufffd" in text else Legacy.NONE
