"""Whether a word is a Vietnamese syllable by its spelling. Tells words of a text from letters that only stand for others. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from crawler.problems import bad_input
from crawler.yaml_text import Tree, load_text

_FILE = Path(__file__).parent.with_name("data") / "syllables.yml"
_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
_TONES = dict.fromkeys(map(ord, (_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT)))
_STOPS = ("c", "ch", "p", "t", "k")
_LONGEST = 16
"""Code points of the longest syllable, taken apart: nghiêng has 7 letters and up to 3 marks."""


@lru_cache(maxsize=32_768)
def is_syllable(word: str) -> bool:
    """Whether a word is spelt as a Vietnamese syllable: onset and rhyme that go together, at most one tone, a tone that its end allows, and
    capitals as words have them (đất, Đất, ĐẤT). Composed and decomposed letters are alike."""
    if len(word) > _LONGEST:
        return False
    apart = unicodedata.normalize("NFD", word.lower())
    toneless = apart.translate(_TONES)
    bare = unicodedata.normalize("NFC", toneless)
    if len(apart) - len(toneless) > 1 or bare not in _bare_syllables():
        return False
    if bare.endswith(_STOPS) and not (_ACUTE in apart or _DOT in apart):
        return False
    return _cased(unicodedata.normalize("NFC", word))


def _cased(word: str) -> bool:
    return word.islower() or word.isupper() or (word[:1].isupper() and word[1:].islower())


@cache
def _bare_syllables() -> frozenset[str]:
    """Every syllable without its tone."""
    read, _ = load_text(_FILE)
    if not isinstance(read, dict):
        raise bad_input(str(_FILE), "not a mapping of names to onsets and rhymes")
    return frozenset(_spelt(read))


def _spelt(read: dict[str, Tree]) -> Iterator[str]:
    front = tuple(_listed(read["front"]))
    before_front = _listed(read["onsets"]) + _listed(read["onsets_before_front"])
    before_back = _listed(read["onsets"]) + _listed(read["onsets_before_back"])
    for rhyme in _listed(read["rhymes"]):
        for onset in before_front if rhyme.startswith(front) else before_back:
            yield onset + rhyme
    few = read["rhymes_of_few"]
    for rhyme, onsets in few.items() if isinstance(few, dict) else ():
        for onset in _listed(onsets):
            yield onset + rhyme
    for rhyme in _listed(read["rhymes_of_qu"]):
        yield "qu" + rhyme
    for rhyme in _listed(read["rhymes_of_gi"]):
        yield "gi" + rhyme


def _listed(read: Tree) -> list[str]:
    return [str(each) for each in read]
