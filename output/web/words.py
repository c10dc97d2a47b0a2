"""What the page calls things, and how captured text is put on it: never as markup, never without bounds."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from functools import cache
from importlib.resources import files

import msgspec
from markupsafe import Markup, escape

from crawler.plan import VIETNAM
from crawler.yaml_text import parse_text

LONGEST = 1200
"""Characters of captured text shown before it is cut; the whole stands in the source."""

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows; shown by their number instead."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """words.yml: for each kind of thing, its name by value."""

    source: str
    outcomes: dict[str, str]
    marks: dict[str, str]
    states: dict[str, str]
    acts: dict[str, str]
    roles: dict[str, str]
    blocks: dict[str, str]
    standings: dict[str, str]
    shown: dict[str, str]
    candidates: dict[str, str]
    ages: dict[str, str]
    statuses: dict[str, str]
    stops: dict[str, str]
    files: dict[str, str]
    seen: dict[str, str]
    seen_marks: dict[str, str]
    layers: dict[str, str]
    phases: dict[str, str]
    notes: dict[str, str]
    reasons: dict[str, str]
    signs: dict[str, str]
    wanting: dict[str, str]


@cache
def words() -> Words:
    """The words of words.yml."""
    tree, _ = parse_text(files("output.web").joinpath("words.yml").read_text(encoding="utf-8"), "words.yml")
    return msgspec.convert(tree, Words, strict=False)


def captured(text: object, longest: int = LONGEST) -> Markup:
    """Text from a portal, from an agency or from a person as markup that shows it and does nothing else: escaped, isolated from the text around it,
    characters nobody sees told by number, cut where it is long."""
    whole = str(text or "")
    rest = f" … (còn {number(len(whole) - longest)} ký tự)" if len(whole) > longest else ""
    return Markup('<bdi class="captured">{}</bdi>{}').format(plain(whole, longest, ""), rest)


def plain(text: object, longest: int = 120, end: str = "…") -> str:
    """The same where no markup may stand, as in titles and attributes."""
    whole = str(text or "")
    return "".join(visible(letter) for letter in whole[:longest]) + (end if len(whole) > longest else "")


def visible(letter: str) -> str:
    """The letter itself, or the number of one that shows nothing and may mislead; line breaks and tabs are spaces."""
    if letter in "\n\r\t":
        return " "
    if letter in BIDI or unicodedata.category(letter) in ("Cc", "Cs", "Co"):
        return f"⟨U+{ord(letter):04X}⟩"
    return letter


def outside(address: str) -> Markup:
    """An address as a link that leaves this page, where it is one a browser may follow; else as mere text."""
    if not address.lower().startswith(("http://", "https://")):
        return captured(address, 300)
    link = Markup('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>')
    return link.format(escape(address[:2000]), captured(address, 300))


def day_and_time(moment: datetime | str | None) -> str:
    """A moment as people in Vietnam write it; '' for none."""
    if not moment:
        return ""
    return at_home(moment).strftime("%d/%m/%Y %H:%M")


def day(moment: str) -> str:
    """A day in ISO's form as people in Vietnam write it."""
    return date.fromisoformat(moment).strftime("%d/%m/%Y")


def at_home(moment: datetime | str) -> datetime:
    """The moment in Vietnam's time."""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return known.astimezone(VIETNAM)


def number(value: int) -> str:
    """A whole number with points between the thousands."""
    return f"{value:,}".replace(",", ".")
