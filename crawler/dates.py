"""Dates and periods as Vietnamese portals write them: day before month, always. All patterns are bounded, so time is linear in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple


class FoundDate(NamedTuple):
    """A calendar date and the span of the text it was read from."""

    date: date
    start: int
    end: int


class Period(NamedTuple):
    """First and last day of a stretch of time, the words it was read from and their span."""

    start: date
    end: date
    quote: str
    span: tuple[int, int]


EARLIEST_YEAR, LATEST_YEAR = 1800, 2100  # assumed: outside these, digits are no date of a portal
_TWO_DIGIT_YEARS = range(50)  # assumed: 12/3/17 is 2017; 12/3/95 is left alone


def _word(*forms: str) -> str:
    """A pattern for the words, composed or decomposed."""
    return (
        "(?:" + "|".join(dict.fromkeys(unicodedata.normalize(n, form) for form in forms for n in ("NFC", "NFD"))) + ")"
    )


_DAY, _MONTH, _YEAR, _WEEK = _word("ngày"), _word("tháng"), _word("năm"), _word("tuần")
_TO = rf"\s{{0,3}}(?:[-–—~]{{1,2}}>?|{_word('đến hết', 'đến', 'tới', 'to')})\s{{0,3}}(?:{_DAY}\s{{1,3}}|{_word('hết')}\s{{1,3}}{_DAY}\s{{1,3}})?"
_SPOKEN_YEAR = rf"\s{{0,3}}[,/-]?\s{{0,3}}(?:{_YEAR}\s{{0,3}})?"

_DATE = re.compile(
    rf"""
      (?<![\d/])(?P<d1>\d{{1,2}})\s?/\s?(?P<m1>\d{{1,2}})\s?/\s?(?P<y1>\d{{4}}|\d{{2}})(?![\d/]|[-.]?[A-ZĐ])
    | (?<![\d\-/])(?P<y2>\d{{4}})[-/](?P<m2>\d{{1,2}})[-/](?P<d2>\d{{1,2}})(?!\d)(?![-/]\d)
    | (?<![\d\-])(?P<d3>\d{{1,2}})\s?-\s?(?P<m3>\d{{1,2}})\s?-\s?(?P<y3>\d{{4}})(?!\d)
    | (?<![\d.])(?P<d4>\d{{1,2}})\.\s?(?P<m4>\d{{1,2}})\.\s?(?P<y4>\d{{4}})(?!\d|\.\d)
    | (?<!\d)(?P<d5>\d{{1,2}})\s{{1,3}}{_MONTH}\s{{0,3}}(?P<m5>\d{{1,2}}){_SPOKEN_YEAR}(?P<y5>\d{{4}})(?!\d)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# A date begins with digits before a mark or a month: found first, since most text has none.
_BEGINS = re.compile(r"\d{1,4}(?=\s?[/.-]\s?\d|\s{1,3}[tT])")
_YEARLESS = re.compile(rf"{_DAY}\s{{1,3}}(\d{{1,2}})\s?(?:[/-]|{_MONTH})\s?(\d{{1,2}})(?![\d/]|[-.]\d)", re.IGNORECASE)


def _date(year: int, month: int, day: int) -> date | None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(written: str) -> int:
    """The year meant, 0 where two digits are not safe to read."""
    year = int(written)
    if len(written) == 2:
        return 2000 + year if year in _TWO_DIGIT_YEARS else 0
    return year


def find_dates(text: str, year: int | None = None) -> tuple[FoundDate, ...]:
    """The dates written in a text, in order. A day and month without a year count only after `ngày` and only if `year` is given."""
    found: list[FoundDate] = []
    for begin in _BEGINS.finditer(text):
        match = _DATE.match(text, begin.start())
        if match is None or (found and match.start() < found[-1].end):
            continue
        for n in "12345":
            if match[f"d{n}"]:
                value = _date(_year(match[f"y{n}"]), int(match[f"m{n}"]), int(match[f"d{n}"]))
                if value:
                    found.append(FoundDate(value, *match.span()))
                break
    if year is not None:
        taken = {span for one in found for span in range(one.start, one.end)}
        for match in _YEARLESS.finditer(text):
            value = _date(year, int(match[2]), int(match[1]))
            if value and match.start(1) not in taken:
                found.append(FoundDate(value, match.start(1), match.end()))
        found.sort(key=lambda one: one.start)
    return tuple(found)


# --- periods -----------------------------------------------------------------------------------------------------------------------------

_DM = r"(\d{1,2})\s?[/.-]\s?(\d{1,2})"
_DMY = r"(\d{1,2})\s?[/.-]\s?(\d{1,2})(?:\s?[/.-]\s?(\d{4}))?"
_RANGE = re.compile(rf"(?<![\d/.-]){_DMY}{_TO}{_DMY}(?![\d/]|[-.]\d)", re.IGNORECASE)
_RANGE_IN_MONTH = re.compile(
    rf"(?<![\d/.-])(\d{{1,2}}){_TO}(\d{{1,2}})\s{{0,2}}(?:/|{_MONTH}\s{{0,2}})\s?(\d{{1,2}})(?:{_SPOKEN_YEAR}(\d{{4}}))?(?![\d/])",
    re.IGNORECASE,
)
_RANGE_SPOKEN = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s{{1,3}}{_MONTH}\s{{0,3}}(\d{{1,2}})(?:{_SPOKEN_YEAR}(\d{{4}}))?{_TO}"
    rf"(\d{{1,2}})\s{{1,3}}{_MONTH}\s{{0,3}}(\d{{1,2}})(?:{_SPOKEN_YEAR}(\d{{4}}))?(?!\d)",
    re.IGNORECASE,
)
_MONTH_OF = re.compile(rf"(?<!\d)(?<!\d\s){_MONTH}\s{{1,3}}(\d{{1,2}}){_SPOKEN_YEAR}(\d{{4}})(?!\d)", re.IGNORECASE)
_WEEK_OF = re.compile(
    rf"{_WEEK}\s{{1,3}}(?:{_word('lễ', 'thứ', 'số')}\s{{1,3}})?(\d{{1,2}})(?:{_SPOKEN_YEAR}(\d{{4}})(?!\d)|(?=\s{{0,3}}(?:$|[(:;.,\])–-](?!\d))))",
    re.IGNORECASE,
)
_BARE_WEEK = re.compile(rf"{_WEEK}\D{{0,12}}\d{{1,2}}", re.IGNORECASE)
_SAME_PHRASE = 24  # characters between a week's number and its days


def find_periods(text: str, default_year: int | None) -> tuple[Period, ...]:
    """The weeks, months and ranges of days a text names, in order, the widest words winning.

    A range without a year takes `default_year`, and is left out where that is None. A bare week number is the ISO week of that year.
    """
    found = sorted(_periods(text, default_year), key=lambda period: (period.span[0], -period.span[1]))
    kept: list[Period] = []
    for period in found:
        if kept and period.span[0] < kept[-1].span[1]:
            continue
        # The days written out say which week is meant; the number is the agency's own count.
        if kept and _BARE_WEEK.fullmatch(kept[-1].quote) and period.span[0] - kept[-1].span[1] <= _SAME_PHRASE:
            kept.pop()
        kept.append(period)
    return tuple(kept)


def _periods(text: str, default_year: int | None) -> Iterator[Period]:
    for pattern in (_RANGE, _RANGE_SPOKEN):
        for match in pattern.finditer(text):
            d1, m1, y1, d2, m2, y2 = match.groups()
            yield from _between(match, (y1, m1, d1), (y2, m2, d2), default_year)
    for match in _RANGE_IN_MONTH.finditer(text):
        d1, d2, month, year = match.groups()
        yield from _between(match, (year, month, d1), (year, month, d2), default_year)
    for match in _MONTH_OF.finditer(text):
        first = _date(int(match[2]), int(match[1]), 1)
        if first:
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            yield Period(first, last, match.group(), match.span())
    for match in _WEEK_OF.finditer(text):
        year = int(match[2]) if match[2] else default_year
        if year and EARLIEST_YEAR <= year <= LATEST_YEAR:
            try:
                monday = date.fromisocalendar(year, int(match[1]), 1)
            except ValueError:
                continue
            yield Period(monday, monday + timedelta(days=6), match.group(), match.span())


_Written = tuple[str | None, str, str]


def _between(match: re.Match[str], first: _Written, last: _Written, default_year: int | None) -> Iterator[Period]:
    """The period from one written day to another, nothing where either is no date or they stand in the wrong order."""
    year = int(last[0]) if last[0] else (int(first[0]) if first[0] else default_year)
    if year is None:
        return
    end = _date(year, int(last[1]), int(last[2]))
    start = _date(int(first[0]) if first[0] else year, int(first[1]), int(first[2]))
    if start and end and not first[0] and start > end:  # 26/12 – 01/01/2017
        start = _date(year - 1, int(first[1]), int(first[2]))
    elif start and end and first[0] and not last[0] and start > end:
        end = _date(year + 1, int(last[1]), int(last[2]))
    if start and end and start <= end:
        yield Period(start, end, match.group(), match.span())
