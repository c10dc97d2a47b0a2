"""Vietnamese text, made comparable: portals mix composed and decomposed letters, two ways of placing tone marks, and stray code points.

`nfc_clean` is what a reader sees, `plain` keeps diacritics apart (thu, thủ, thư), `fold` drops them. A folded match alone is weak evidence.
Dates, periods, document numbers, e-mail addresses and telephone numbers are found by crawler.dates and crawler.numbers, offered here too.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from crawler.dates import FoundDate, Period, find_dates, find_periods
from crawler.numbers import (
    FoundEmail,
    FoundNumber,
    FoundPhone,
    find_document_numbers,
    find_emails,
    find_phones,
)

__all__ = [
    "FoundDate",
    "FoundEmail",
    "FoundNumber",
    "FoundPhone",
    "Period",
    "find_dates",
    "find_document_numbers",
    "find_emails",
    "find_periods",
    "find_phones",
    "fold",
    "nfc_clean",
    "plain",
    "slug_forms",
    "slug_words",
]

# Latin letters GHA stand where a broken converter meant U WITH HORN.
_MISTAKEN = {0x01A3: "ư", 0x01A2: "Ư"}
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_STRAY = re.compile(f"[\x00-\x08\x0e-\x1b\x7f{_INVISIBLE}\u01a2\u01a3]")
_MARKS = re.compile("[\u0300-\u036f]+")
_NOT_WORD = re.compile(r"[\W_]+")
_NOT_WORD_OR_MARK = re.compile("(?:[^\\w\u0300-\u036f]|_)+")
_OLD_TONE = re.compile("[òóỏõọ][ae]|[ùúủũụ]y")
_TONE = {"òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ", "òe": "oè", "óe": "oé", "ỏe": "oẻ", "õe": "oẽ", "ọe": "oẹ",
         "ùy": "uỳ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ"}  # fmt: skip
LONGEST_REMEMBERED = 120
"""Characters up to which a text is taken for a label, which a portal repeats on page after page."""
_NO_MARKS_D = {0x0111: "d", 0x0110: "d", 0x00F0: "d", 0x00D0: "d"}


def nfc_clean(text: str) -> str:
    """The text as a reader sees it: NFC, runs of white space one space, invisible characters dropped, ƣ read as ư."""
    return _clean_label(text) if len(text) <= LONGEST_REMEMBERED else _clean(text)


def _clean(text: str) -> str:
    if text.isascii():
        return " ".join((_STRAY.sub("", text) if not text.isprintable() else text).split())
    if _STRAY.search(text):
        text = _STRAY.sub(_mend, text)
    return " ".join(unicodedata.normalize("NFC", text).split())


_clean_label = lru_cache(maxsize=8192)(_clean)


def _mend(match: re.Match[str]) -> str:
    return _MISTAKEN.get(ord(match.group()), "")


class _Folding(dict[int, str]):
    """What each character becomes when folded, worked out once: '' for a mark, a space for what is no letter or digit."""

    def __missing__(self, code: int) -> str:
        character = unicodedata.normalize("NFKD", _STRAY.sub(_mend, chr(code))).lower()
        letters = unicodedata.normalize("NFKD", character).translate(_NO_MARKS_D)
        folded = _NOT_WORD.sub(" ", _MARKS.sub("", letters).lower())
        if (
            code < 0x3000
        ):  # the scripts a portal is written in; a page that holds every character there is fills no memory
            self[code] = folded
        return folded


_FOLDING = _Folding()


# What nearly all texts are made of, in small letters: by way of a byte for each it folds at a third of the cost of looking characters up.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VOWELS = unicodedata.normalize("NFC", "".join(vowel + tone for vowel in "aăâeêioôơuưy" for tone in _TONES))
_COMMON = (
    "".join(map(chr, range(128))) + f"{_VOWELS}ăâêôơưđ{_TONES}\u0302\u0306\u031b\u00a0\u00ad\u200b\ufeff«»°·–—‘’“”•…"
)
_BYTE = codecs.charmap_build(_COMMON)
_FOLDED = "".join(_FOLDING[ord(character)] or " " for character in _COMMON).ljust(256).encode("ascii")
_NOTHING = bytes(byte for byte, character in enumerate(_COMMON) if not _FOLDING[ord(character)])


def fold(text: str) -> str:
    """The bare words of a text for matching: lower-case, no diacritics, đ as d, anything but letters and digits one space."""
    return _fold_label(text) if len(text) <= LONGEST_REMEMBERED else _fold(text)


def _fold(text: str) -> str:
    try:
        letters = codecs.charmap_encode(text.lower(), "strict", _BYTE)[0].translate(_FOLDED, _NOTHING).decode("ascii")
    except UnicodeEncodeError:
        letters = text.translate(_FOLDING)
    return " ".join(letters.split())


_fold_label = lru_cache(maxsize=8192)(_fold)


def plain(text: str) -> str:
    """The words of a text with diacritics: lower-case NFC, tone marks on the second vowel of oa, oe, uy, punctuation one space."""
    return _plain_label(text) if len(text) <= LONGEST_REMEMBERED else _plain(text)


def _plain(text: str) -> str:
    words = _NOT_WORD_OR_MARK.sub(" ", unicodedata.normalize("NFC", nfc_clean(text).lower())).strip()
    return _OLD_TONE.sub(lambda match: _TONE[match.group()], words)


_plain_label = lru_cache(maxsize=8192)(_plain)


# --- addresses ---------------------------------------------------------------------------------------------------------------------------

_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_STATE = re.compile(r"^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_!=+~.]{16,}$")
_LONGEST_SEGMENT = 200
_LONGEST_WORD = 40


def slug_words(url: str) -> str:
    """The folded words an address gives away: of path, file name without extension, telling query values and a script route."""
    try:
        parts = urlsplit(url)
    except ValueError:  # an address that only looks like one, such as http://[x
        return fold(_undo(url))
    segments = [segment for segment in parts.path.split("/") if segment]
    if segments:
        segments[-1] = _EXTENSION.sub("", segments[-1])
    values = [pair.partition("=")[2] for pair in re.split("[&;]", parts.query)]
    segments += [value for value in values if _telling(_undo(value))]
    if parts.fragment[:1] in ("/", "!"):
        segments += parts.fragment.strip("/!").split("/")
    words = " ".join(fold(_CAMEL.sub(" ", _undo(segment))) for segment in segments if not _opaque(segment))
    return " ".join(
        word for word in words.split() if len(word) <= _LONGEST_WORD and not (word.isdigit() and len(word) > 4)
    )


def _undo(segment: str) -> str:
    return unquote(segment.replace("+", " "))


def _opaque(segment: str) -> bool:
    """Whether a path or query part is a machine's state (session, hash, encoded view), not words."""
    return (len(segment) > _LONGEST_SEGMENT and "%" not in segment) or bool(_STATE.match(segment[:_LONGEST_SEGMENT]))


def _telling(value: str) -> bool:
    return 3 <= len(value) <= _LONGEST_SEGMENT and any(run.isalpha() for run in _NOT_WORD.split(value) if len(run) >= 3)


def slug_forms(label: str) -> frozenset[str]:
    """How a label may stand among the words of an address: spaced and joined, with đ as d and, as some systems do, with đ dropped."""
    clean = nfc_clean(label)
    dropped = clean.replace("đ", "").replace("Đ", "")
    spaced = {fold(clean), fold(dropped)}
    return frozenset(form for words in spaced for form in (words, words.replace(" ", "")) if form)
