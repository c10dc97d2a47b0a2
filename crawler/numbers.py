"""Document numbers, e-mail addresses and telephone numbers in Vietnamese text. All patterns are bounded, so time is linear in the text."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from crawler.dates import find_dates
from crawler.vocabulary import words

PhoneKind = Literal["phone", "fax", "unknown"]


class FoundNumber(NamedTuple):
    """A document's number and sign (số, ký hiệu) without spaces, and its span."""

    number: str
    start: int
    end: int


class FoundEmail(NamedTuple):
    """An e-mail address, lower-case and with a plain @, and its span."""

    address: str
    start: int
    end: int


class FoundPhone(NamedTuple):
    """A telephone number as digits with the leading 0 (84 read as 0), what the words before it call it, and its span."""

    number: str
    kind: PhoneKind
    start: int
    end: int


# --- document numbers --------------------------------------------------------------------------------------------------------------------

# A sign is made of capitals (QĐ, BTTTT, UBTVQH10), a few with one or two small letters (TTr, TTg, CTr).
_CAPITALS = "A-ZĐƯƠÔÂÊÁÀ"
_PIECE = rf"[{_CAPITALS}]{{1,14}}[a-zđ]{{0,2}}[{_CAPITALS}]{{0,10}}\d{{0,3}}"
_NUMBER = re.compile(
    rf"""
      (?<![\w/.-])(?P<number>\d{{1,5}}[a-zđA-D]?)\s?/\s?(?:(?P<year>(?:19|20)\d{{2}})\s?/\s?)?
      (?P<sign>{_PIECE}(?:\s?[-–]\s?{_PIECE}|[.&/]{_PIECE}){{0,4}})(?![\w])
    | (?<![\w/.-])(?P<party>\d{{1,5}}\s?[-–]\s?[{_CAPITALS}]{{2,5}}[a-zđ]?\s?/\s?[{_CAPITALS}]{{2,12}}\d{{0,3}})(?![\w])
    """,
    re.VERBOSE,
)
_SPACES_AND_DASHES = str.maketrans({" ": None, "\u00a0": None, "–": "-"})


def find_document_numbers(text: str) -> tuple[FoundNumber, ...]:
    """The numbers of documents in a text (43/2011/NĐ-CP, 62/QĐ-BTTTT, 80/2015/QH13, 12-CT/TW), in order. Fractions, dates and house numbers are not."""
    if "/" not in text:
        return ()
    found = []
    for match in _NUMBER.finditer(text):
        sign = match["sign"]
        # Without a year and a hyphen it is as likely a house number (12/A) or a plate.
        if sign and not match["year"] and not re.search("[-–]", sign):
            continue
        if sign and not re.search(rf"[{_CAPITALS}]{{2}}|[{_CAPITALS}][a-zđ]{{0,2}}[-–]", sign):
            continue
        found.append(FoundNumber(match.group().translate(_SPACES_AND_DASHES), *match.span()))
    return tuple(found)


# --- e-mail addresses --------------------------------------------------------------------------------------------------------------------

_AT = r"(?:\s?@\s?|\s?[\[({]\s?(?:at|a|@|a\s?còng|a\s?móc)\s?[\])}]\s?)"
_EMAIL = re.compile(
    rf"(?<![\w.%+-])[A-Za-z0-9_](?:[A-Za-z0-9._%+-]{{0,62}}[A-Za-z0-9_])?{_AT}"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)){1,6}[A-Za-z]{2,12}(?![\w-])",
    re.IGNORECASE,
)
_AT_SIGN = re.compile(r"[@\[({]")


def find_emails(text: str) -> tuple[FoundEmail, ...]:
    """The e-mail addresses of a text, also spelt against harvesters: `abc(at)moh.gov.vn`, `abc [a] moh.gov.vn`, `abc @ moh.gov.vn`."""
    if not _AT_SIGN.search(text):
        return ()
    return tuple(FoundEmail(_address(match.group()), *match.span()) for match in _EMAIL.finditer(text))


def _address(written: str) -> str:
    at = re.sub(_AT, "@", written, count=1, flags=re.IGNORECASE)
    return re.sub(r"\s?[\[(]\s?dot\s?[\])]\s?", ".", at, flags=re.IGNORECASE).replace(" ", "").lower()


# --- telephone numbers -------------------------------------------------------------------------------------------------------------------

_GAP = r"[\s.()–-]{0,3}"
_PHONE = re.compile(
    rf"""
      (?<![\w/+-])(?<!\d[.,])(?P<full>\(?(?:\+\s?84|\(\s?\+?84\s?\)|84(?=[\s.()-])|0(?=[1-9)(\s.-])){_GAP}(?:\(0\){_GAP})?\d(?:{_GAP}\d){{6,9}})(?!\d|\.\d|/\d{{1,4}}/)
    | (?<![\w/+.-])(?P<service>1[89]00(?:[\s.-]?\d){{4,6}})(?!\d|[./]\d)
    | (?<![\w/+.-])(?P<local>[2-9]\d{{0,3}}(?:[\s.-]?\d){{5,7}})(?!\d|[./]\d)
    """,
    re.VERBOSE,
)
_STATE_NETWORK = "080"  # the state's own exchange: 080 and five digits
_LABEL_REACH = 28  # characters before a number in which its label is looked for
_BETWEEN_LABELS = re.compile(r"[\s/,&+-]*(?:và)?[\s/,&+-]*")


def find_phones(text: str) -> tuple[FoundPhone, ...]:
    """The telephone numbers of a text with their kind. A number without area code counts only after a label (Điện thoại, ĐT, Tel, Fax)."""
    found: list[FoundPhone] = []
    dates = None
    for match in _PHONE.finditer(text):
        number = _digits(match)
        if not number:
            continue
        dates = dates if dates is not None else find_dates(text)
        if any(one.start < match.end() and match.start() < one.end for one in dates):
            continue
        kinds = _kinds(text, match.start(), found)
        if match["local"] and kinds == ("unknown",):
            continue
        found.extend(FoundPhone(number, kind, *match.span()) for kind in kinds)
    return tuple(found)


def _digits(match: re.Match[str]) -> str:
    """The number's digits, '' where their count fits no Vietnamese number (10 or 11 with the area code, since 2017 and before)."""
    digits = re.sub(r"\D", "", match.group())
    if match["full"]:
        if digits.startswith("84"):
            digits = "0" + digits[2:].lstrip("0")
        right = len(digits) in (10, 11) or (len(digits) == 8 and digits.startswith(_STATE_NETWORK))
        return digits if right and digits[1] != "0" else ""
    if match["local"]:
        return digits if len(digits) in (7, 8) else ""
    return digits


def _kinds(text: str, start: int, before: list[FoundPhone]) -> tuple[PhoneKind, ...]:
    """What the nearest label before a number calls it: both where one label names both (Tel/Fax). A number right behind another shares its label."""
    lead = unicodedata.normalize("NFC", text[max(0, start - _LABEL_REACH) : start]).lower()
    phone, fax = _last_label(lead, "phone_labels"), _last_label(lead, "fax_labels")
    if phone is None and fax is None:
        return (before[-1].kind,) if before and start - before[-1].end <= 4 else ("unknown",)
    if phone is None or fax is None:
        return ("fax",) if phone is None else ("phone",)
    if _BETWEEN_LABELS.fullmatch(lead[min(phone[1], fax[1]) : max(phone[0], fax[0])]):
        return ("phone", "fax")
    return ("phone",) if phone > fax else ("fax",)


def _last_label(lead: str, name: str) -> tuple[int, int] | None:
    """Where the last of the named labels stands in a lower-case text, None where none does."""
    best = None
    for word in words(name):
        at = lead.rfind(word)
        whole = (
            at >= 0 and not (at and lead[at - 1].isalpha()) and not lead[at + len(word) : at + len(word) + 1].isalpha()
        )
        if whole and (best is None or (at, at + len(word)) > best):
            best = (at, at + len(word))
    return best
