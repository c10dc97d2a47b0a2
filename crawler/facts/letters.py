"""What the letters of a single word stand for in the encodings older than Unicode. Pure.

data/legacy_letters.csv says which letters stand for which: the VN3 table of TCVN 5712:1993 (ABC fonts), and the VNI convention for Windows.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from crawler.facts.syllables import is_syllable

_FILE = Path(__file__).parent.with_name("data") / "legacy_letters.csv"


class Legacy(StrEnum):
    """How a text is garbled."""

    NONE = ""
    TCVN3 = "TCVN3 (ABC)"
    VNI = "VNI"
    WINDOWS_1258 = "windows-1258 khai sai bảng mã"
    MISREAD = "UTF-8 khai sai bảng mã"
    LOST = "không rõ, chữ đã mất"


@cache
def _letters(encoding: str) -> Mapping[str, str]:
    """Unicode letters by the Latin-1 letters that stand for them in an encoding of data/legacy_letters.csv."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["encoding"] == encoding]
    return {bytes.fromhex(row["bytes"]).decode("latin-1"): row["letter"] for row in rows}


@cache
def _vni_letters() -> Mapping[str, str]:
    """VNI's letters, small and capital; the mark behind a capital vowel may be either."""
    small = _letters("vni")
    capitals = {code.upper(): letter.upper() for code, letter in small.items()}
    titled = {code[0].upper() + code[1]: letter.upper() for code, letter in small.items() if len(code) == 2}
    return {**small, **titled, **capitals}


_VNI_MARKED = re.compile("[AEOUYÔÖaeouyôö][À-ÅÈ-ËÏÕØÙ-Üà-åè-ëïõøù-ü]|[^\x00-\x7f]")
_SHOWN_1258 = {ord(bytes([code]).decode("cp1258")): code for code in range(0xC0, 0x100)}
_AS_1258 = {code: bytes([code]).decode("cp1258") for code in range(0xC0, 0x100)}


def _tcvn3(word: str) -> str | None:
    """The word of which these are the letters in TCVN3, None where they cannot be. A capital with a tone is kept as the small letter: it is one
    again in a word whose other letters are capitals."""
    letters = _letters("tcvn3")
    read = [letters.get(letter, letter if letter.isascii() else None) for letter in word]
    if None in read:
        return None
    text = "".join(letter for letter in read if letter)
    told = [text[at] for at, letter in enumerate(word) if tells_case(letter)]
    behind = any(tells_case(letter) for letter in word[1:])
    return text.upper() if behind and all(letter.isupper() for letter in told) else text


def tells_case(letter: str) -> bool:
    """Whether a letter as TCVN3 has it is certainly small or certainly capital."""
    return (letter.isascii() and letter.isalpha()) or letter in "¡¢£¤¥¦§¨©ª«¬\u00ad®"


def _vni(word: str) -> str | None:
    letters = _vni_letters()
    read = _VNI_MARKED.sub(lambda match: letters.get(match[0], "\0"), word)
    return None if "\0" in read else read


def _windows_1258(word: str) -> str | None:
    return unicodedata.normalize("NFC", word.translate(_AS_1258))


READERS: dict[Legacy, Callable[[str], str | None]] = {
    Legacy.TCVN3: _tcvn3,
    Legacy.VNI: _vni,
    Legacy.WINDOWS_1258: _windows_1258,
}
"""The encodings whose letters look like others, and what a word shown as Latin-1 is in them."""


_SIGNS = "".join(map(chr, range(0xA1, 0xC0))) + "×÷"


_LONGEST = 24
"""Letters of a word that is tried: the longest syllable has 7, each written as two at most."""


class Word(NamedTuple):
    """What a word is: sound as shown, and what its letters stand for in each encoding that has them; whether that is a syllable."""

    sound: bool
    readings: dict[Legacy, str]
    syllable: frozenset[Legacy]


@lru_cache(maxsize=16_384)
def word_of(shown: str) -> Word:
    """A word that is not plain ASCII, tried in every encoding."""
    if len(shown) > _LONGEST:
        return Word(sound=False, readings={}, syllable=frozenset())
    latin = shown.translate(_SHOWN_1258)  # as it would show, were it not taken for windows-1258
    within = max(latin) <= "\xff"
    tried = {kind: reader(latin) for kind, reader in READERS.items()} if within else {}
    readings = {kind: text for kind, text in tried.items() if text is not None and text != shown}
    syllable = frozenset(kind for kind, text in readings.items() if is_syllable(text))
    sound = is_syllable(unicodedata.normalize("NFC", shown))
    if not sound and not syllable:  # a sign beside a word; in TCVN3 it would be a letter
        core = shown.strip(_SIGNS)
        sound = not core.isascii() and is_syllable(unicodedata.normalize("NFC", core))
    return Word(sound, readings, syllable)
