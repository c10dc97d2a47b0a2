"""Finding words in Vietnamese text, with diacritics where it is written with them."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from crawler.text import fold, plain


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """The text folded, remembered: the same runs are asked about for every element."""
    return fold(text)


@lru_cache(maxsize=4096)
def word_pattern(words: tuple[str, ...], folded: bool) -> re.Pattern[str]:
    """A pattern for any of the words, longest first, whole words only, over plain or folded text."""
    form = fold if folded else plain
    forms = sorted({form(word) for word in words} - {""}, key=lambda word: (-len(word), word))
    return (
        re.compile(r"(?<!\w)(?:" + "|".join(re.escape(word) for word in forms) + r")(?!\w)")
        if forms
        else re.compile(r"(?!)")
    )


@lru_cache(maxsize=65536)
def words_of(text: str) -> str:
    """The text as word_pattern reads it."""
    return plain(text)


def readable(text: str, words: tuple[str, ...]) -> tuple[re.Pattern[str], str]:
    """The pattern and the form of the text to search for words: a text written without diacritics is searched without them."""
    form, unmarked = form_of(text)
    return word_pattern(words, unmarked), form


@lru_cache(maxsize=65536)
def form_of(text: str) -> tuple[str, bool]:
    """The form of a text to search for words, and whether it is written without diacritics."""
    clean = words_of(text)
    unmarked = (len(clean.encode()) - len(clean)) * UNMARKED_SHARE < len(clean) and clean.count(" ") >= 2
    return folded(text) if unmarked else clean, unmarked


UNMARKED_SHARE = 40
"""Vietnamese marks some ten letters in forty; a text with fewer than one is taken as written without diacritics (assumed)."""


def finds(text: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The words found in a text, in order, repeats kept."""
    pattern, form = readable(text, words)
    return tuple(pattern.findall(form))


def says(text: str, words: tuple[str, ...]) -> bool:
    """Whether any of the words stands in a text."""
    pattern, form = readable(text, words)
    return pattern.search(form) is not None


NUMBERING = re.compile(r"^\s*(?:[IVXivx]{1,5}|\d{1,2}|[a-zA-ZđĐ])\s*[.)/\-–]\s*")


def begins(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text begins with one of the words, after any numbering."""
    pattern, form = readable(NUMBERING.sub("", text), words)
    return pattern.match(form) is not None


def file_words(url: str) -> str:
    """The folded words of the last part of an address's path, for pictures and files."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return fold(unquote(path).rsplit("/", 1)[-1])
