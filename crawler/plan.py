"""When each agency is visited: spread evenly over the working days of the check window, the same for the same seed. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise

import holidays
import msgspec

from crawler.embedded import embedded
from crawler.model import Agency
from crawler.problems import BadInput, Problem, bad_input
from crawler.slots import PlannedVisit

VIETNAM = timezone(timedelta(hours=7), "+07:00")
"""Vietnam's time; it has no summer time."""

_GOLDEN = (5**0.5 - 1) / 2
_CAMPAIGN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Window(msgspec.Struct, frozen=True):
    """The check window: both days belong to it."""

    first: date
    last: date


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """When and how often portals are looked at; the numbers stand in data/plan.yml. opens and closes are month-day."""

    source: str
    opens: str
    closes: str
    visits: int
    hours: tuple[tuple[str, str], ...]


def habits() -> Habits:
    """The habits of data/plan.yml."""
    return embedded("plan.yml", Habits)


def default_window(campaign: str) -> Window:
    """The window of a campaign named by the year it assesses, in the year after. Raises BadInput where the name is no year."""
    if not re.fullmatch(r"(19|20)\d\d", campaign):
        message = f"the campaign “{campaign}” is not a year, so it has no window of its own"
        raise bad_input("--campaign", message, "give --window YYYY-MM-DD..YYYY-MM-DD")
    year = int(campaign) + 1
    return Window(date.fromisoformat(f"{year}-{habits().opens}"), date.fromisoformat(f"{year}-{habits().closes}"))


def parse_window(text: str) -> Window:
    """The window written as YYYY-MM-DD..YYYY-MM-DD. Raises BadInput."""
    parts = text.split("..")
    try:
        first, last = (date.fromisoformat(part.strip()) for part in parts)
    except ValueError as broken:
        mend = "write it as 2017-02-01..2017-03-31"
        raise bad_input("--window", f"“{text}” is not a window", mend) from broken
    return Window(first, last)


def working_days(window: Window) -> tuple[date, ...]:
    """Monday to Friday within the window, without Vietnam's public holidays, Tết and the days off given in their stead."""
    free = holidays.country_holidays("VN", years=range(window.first.year, window.last.year + 1))
    days = (window.first + timedelta(days=step) for step in range((window.last - window.first).days + 1))
    return tuple(day for day in days if day.weekday() < 5 and day not in free)


def plan_visits(
    agencies: Sequence[Agency],
    window: Window,
    visits: int,
    seed: int,
    *,
    campaign: str,
    existing: Iterable[PlannedVisit] = (),
) -> tuple[PlannedVisit, ...]:
    """The visits of a campaign in the order they fall due, times in Vietnam's zone.

    The window's working days are cut into as many parts as there are visits; each agency is visited once in each part, at about the same
    distance from its start, on another weekday and another time of day. Days of a part differ by one visit at most. `existing` visits (done or
    under way) are kept as they are, whatever the window, and count towards their day's load. Raises BadInput.
    """
    check_plan(agencies, window, visits, campaign)
    kept = {(visit.agency, visit.number): visit for visit in existing if visit.campaign == campaign}
    ids = sorted({agency.id for agency in agencies}, key=lambda agency: _lot(seed, agency))
    load = Counter(visit.at.astimezone(VIETNAM).date() for visit in kept.values())
    chosen: dict[str, list[date]] = {agency: [] for agency in ids}
    # Steps of the golden section keep neighbours in the order, who share a day, far apart in it.
    start_of_day = {agency: place * _GOLDEN % 1 for place, agency in enumerate(ids)}
    planned = [visit for visit in kept.values() if visit.agency in chosen]
    for number, days in enumerate(_parts(working_days(window), visits), 1):
        for agency in ids:
            if (agency, number) in kept:
                chosen[agency].append(kept[agency, number].at.astimezone(VIETNAM).date())
        wanting = [agency for agency in ids if (agency, number) not in kept]
        by_day = _deal(wanting, days, load, seed)
        _mix_weekdays(by_day, chosen)
        for day, guests in by_day.items():
            load[day] += len(guests)
            for agency in guests:
                chosen[agency].append(day)
                at = _time_of_day(day, (start_of_day[agency] + (number - 1) / visits) % 1)
                planned.append(PlannedVisit(campaign=campaign, agency=agency, number=number, at=at))
    return tuple(sorted(planned, key=lambda visit: (visit.at, visit.agency)))


def check_plan(agencies: Sequence[Agency], window: Window, visits: int, campaign: str) -> None:
    """Raises BadInput with everything that makes a plan impossible."""
    problems = []
    if not _CAMPAIGN.fullmatch(campaign):
        problems.append(
            Problem("--campaign", 0, "", f"“{campaign}” cannot name a campaign", "use a-z, 0-9 and hyphens")
        )
    if visits < 1:
        problems.append(Problem("--visits", 0, "", "at least one visit is needed", "give a number from 1"))
    if not agencies:
        problems.append(Problem("--agency", 0, "", "no agency is left to visit", "name one that is assessed"))
    span = f"{window.first:%Y-%m-%d}..{window.last:%Y-%m-%d}"
    if window.last < window.first:
        problems.append(Problem("--window", 0, "", f"{span} ends before it begins", "turn the two days round"))
    elif (window.last - window.first).days > 366:
        problems.append(Problem("--window", 0, "", f"{span} is longer than a year", "give a window within one year"))
    elif not (days := working_days(window)):
        problems.append(Problem("--window", 0, "", f"{span} has no working day", "give a longer window"))
    elif len(days) < visits:
        message = f"{span} has {len(days)} working days for {visits} visits"
        problems.append(Problem("--window", 0, "", message, "give a longer window or fewer visits"))
    if problems:
        raise BadInput(problems)


def _lot(seed: int, name: str) -> str:
    """Draws lots that one more agency does not change for the others."""
    return hashlib.sha256(f"{seed} {name}".encode()).hexdigest()


def _parts(days: Sequence[date], count: int) -> list[Sequence[date]]:
    cuts = [len(days) * part // count for part in range(count + 1)]
    return [days[start:end] for start, end in pairwise(cuts)]


def _deal(agencies: Sequence[str], days: Sequence[date], load: Mapping[date, int], seed: int) -> dict[date, list[str]]:
    """Agencies to days in their order, so that every day, with what it holds already, gets as near the same number as can be."""
    total = Counter({day: load.get(day, 0) for day in days})
    room = dict.fromkeys(days, 0)
    for _ in agencies:
        day = min(days, key=lambda day: (total[day], _lot(seed, day.isoformat())))
        total[day] += 1
        room[day] += 1
    left = iter(agencies)
    return {day: [next(left) for _ in range(room[day])] for day in days}


def _mix_weekdays(by_day: dict[date, list[str]], chosen: Mapping[str, Sequence[date]]) -> None:
    """Agencies that would see a weekday again change places with the nearest one that may, so that the days' loads stay."""
    used = {agency: {day.weekday() for day in days} for agency, days in chosen.items()}
    days = list(by_day)
    for day in days:
        for place, agency in enumerate(by_day[day]):
            if day.weekday() not in used[agency]:
                continue
            for other in sorted(days, key=lambda other: (abs((other - day).days), other)):
                if other.weekday() in used[agency]:
                    continue
                partners = (at for at, partner in enumerate(by_day[other]) if day.weekday() not in used[partner])
                at = next(partners, None)
                if at is not None:
                    by_day[day][place], by_day[other][at] = by_day[other][at], agency
                    break


def _time_of_day(day: date, share: float) -> datetime:
    """The minute that lies at a share (0–1) of the day's hours for visits."""
    spans = [tuple(map(time.fromisoformat, span)) for span in habits().hours]
    opened = [(datetime.combine(day, start, VIETNAM), datetime.combine(day, end, VIETNAM)) for start, end in spans]
    left = sum((end - start for start, end in opened), timedelta()) * share
    for start, end in opened:
        if left < end - start:
            return (start + left).replace(second=0, microsecond=0)
        left -= end - start
    return opened[-1][1]
