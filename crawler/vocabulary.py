"""The words by which page parts and document fields are recognised, read once from data/vocabulary.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from crawler.problems import bad_input
from crawler.yaml_text import load_text

_FILE = Path(__file__).with_name("data") / "vocabulary.yml"


@cache
def _vocabulary() -> dict[str, tuple[str, ...]]:
    read, _ = load_text(_FILE)
    if not isinstance(read, dict):
        raise bad_input(str(_FILE), "not a mapping of names to words")
    return {name: tuple(map(str, listed)) for name, listed in read.items()}


def words(name: str) -> tuple[str, ...]:
    """The words listed under a name of vocabulary.yml, in file order."""
    return _vocabulary()[name]


@cache
def word_set(name: str) -> frozenset[str]:
    """The words listed under a name of vocabulary.yml, for membership."""
    return frozenset(words(name))
