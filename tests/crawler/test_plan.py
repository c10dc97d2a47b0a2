"""When agencies are visited."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model import Agency, Block
from crawler.plan import VIETNAM, Window, default_window, parse_window, plan_visits, working_days
from crawler.problems import BadInput
from crawler.slots import PlannedVisit

FEBRUARY_MARCH = Window(date(2017, 2, 1), date(2017, 3, 31))


def agencies(count: int) -> list[Agency]:
    return [Agency(id=f"a{n}", block=Block.TINH, name=f"A {n}") for n in range(count)]


def times_by_agency(planned: tuple[PlannedVisit, ...]) -> dict[str, list[datetime]]:
    times = defaultdict(list)
    for visit in planned:
        times[visit.agency].append(visit.at)
    return times


def test_the_default_window_is_february_and_march_of_the_year_after() -> None:
    assert default_window("2016") == FEBRUARY_MARCH
    with pytest.raises(BadInput, match="give --window"):
        default_window("mua-xuan")


def test_tet_and_days_off_given_in_their_stead_are_no_working_days() -> None:
    days = working_days(Window(date(2017, 1, 1), date(2017, 5, 3)))
    tet = {date(2017, 1, 26) + timedelta(days=step) for step in range(7)}
    assert not tet & set(days)
    assert not {date(2017, 1, 2), date(2017, 4, 6), date(2017, 5, 1), date(2017, 5, 2)} & set(days)
    assert {date(2017, 1, 25), date(2017, 2, 2), date(2017, 4, 7), date(2017, 5, 3)} <= set(days)
    assert all(day.weekday() < 5 for day in days)


def test_a_year_of_90_agencies_is_spread_evenly_apart_and_over_weekdays() -> None:
    planned = plan_visits(agencies(90), FEBRUARY_MARCH, 3, 1, campaign="2016")
    assert len(planned) == 270
    load = Counter(visit.at.date() for visit in planned)
    assert set(load) == set(working_days(FEBRUARY_MARCH))
    assert max(load.values()) - min(load.values()) <= 1
    for times in times_by_agency(planned).values():
        assert len({at.weekday() for at in times}) == 3
        assert all((later - earlier).days >= 12 for earlier, later in pairwise(times))
        minutes = [at.hour * 60 + at.minute for at in times]
        assert len({minute // 60 for minute in minutes}) == 3


plans = st.tuples(
    st.integers(1, 40),
    st.dates(date(2016, 1, 1), date(2027, 12, 1)),
    st.integers(20, 120),
    st.integers(1, 5),
    st.integers(0, 5),
)


@given(plans)
@settings(deadline=None, max_examples=25)
def test_every_plan_holds_its_promises(case: tuple[int, date, int, int, int]) -> None:
    count, first, length, visits, seed = case
    window = Window(first, first + timedelta(days=length))
    days = working_days(window)
    planned = plan_visits(agencies(count), window, visits, seed, campaign="c")
    assert planned == plan_visits(agencies(count)[::-1], window, visits, seed, campaign="c")
    assert Counter((visit.agency, visit.number) for visit in planned) == {
        (f"a{n}", number): 1 for n in range(count) for number in range(1, visits + 1)
    }
    assert [visit.at for visit in planned] == sorted(visit.at for visit in planned)
    assert all(visit.at.date() in days and visit.at.utcoffset() == timedelta(hours=7) for visit in planned)
    assert all(
        time(8) <= visit.at.time() < time(11, 30) or time(13, 30) <= visit.at.time() < time(16, 30) for visit in planned
    )
    for number in range(1, visits + 1):
        part = days[len(days) * (number - 1) // visits : len(days) * number // visits]
        load = Counter(visit.at.date() for visit in planned if visit.number == number)
        assert set(load) <= set(part)
        assert max(load.values()) - min(load[day] for day in part) <= 1


def test_another_seed_gives_another_plan() -> None:
    one, other = (plan_visits(agencies(9), FEBRUARY_MARCH, 3, seed, campaign="2016") for seed in (1, 2))
    assert one != other


def test_replanning_keeps_what_exists_and_balances_around_it() -> None:
    busy = date(2017, 2, 2)
    kept = [
        PlannedVisit(campaign="2016", agency=f"a{n}", number=1, at=datetime.combine(busy, time(9, n), VIETNAM))
        for n in range(10)
    ]
    planned = plan_visits(agencies(40), FEBRUARY_MARCH, 3, 7, campaign="2016", existing=kept)
    assert set(kept) <= set(planned)
    assert len(planned) == 120
    load = Counter(visit.at.date() for visit in planned)
    assert load[busy] == 10
    assert max(count for day, count in load.items() if day != busy) <= 4


def test_visits_kept_beyond_the_new_number_are_not_lost() -> None:
    third = PlannedVisit(campaign="2016", agency="a0", number=3, at=datetime(2017, 3, 20, 9, tzinfo=VIETNAM))
    planned = plan_visits(agencies(2), FEBRUARY_MARCH, 1, 1, campaign="2016", existing=[third])
    assert [(visit.agency, visit.number) for visit in planned if visit.number != 1] == [("a0", 3)]
    assert third in planned


def test_visits_to_others_load_their_days_but_are_not_planned_again() -> None:
    day = date(2017, 2, 2)
    others = [
        PlannedVisit(campaign="2016", agency=f"x{n}", number=1, at=datetime.combine(day, time(9), VIETNAM))
        for n in range(5)
    ]
    planned = plan_visits(agencies(5), FEBRUARY_MARCH, 1, 1, campaign="2016", existing=others)
    assert {visit.agency for visit in planned} == {f"a{n}" for n in range(5)}
    assert day not in {visit.at.date() for visit in planned}


@pytest.mark.parametrize(
    "text", ["", "2017-02-01", "2017-02-01..", "2017-02-30..2017-03-01", "a..b", "2017-01-01..2017-01-02..2017-01-03"]
)
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(BadInput, match="not a window"):
        parse_window(text)


@pytest.mark.parametrize(
    ("window", "visits", "message"),
    [
        ("2017-03-31..2017-02-01", 3, "ends before it begins"),
        ("2017-01-26..2017-02-01", 1, "no working day"),
        ("2017-02-02..2017-02-03", 3, "2 working days for 3 visits"),
        ("2017-02-02..2019-02-03", 3, "longer than a year"),
        ("2017-02-01..2017-03-31", 0, "at least one visit"),
    ],
)
def test_windows_that_hold_no_plan(window: str, visits: int, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        plan_visits(agencies(2), parse_window(window), visits, 1, campaign="2016")


def test_everything_wrong_with_a_plan_is_told_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        plan_visits([], parse_window("2017-03-31..2017-02-01"), 0, 1, campaign="../x")
    assert [problem.file for problem in refused.value.problems] == ["--campaign", "--visits", "--agency", "--window"]
