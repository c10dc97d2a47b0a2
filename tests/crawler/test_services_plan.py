"""When services are probed, and in which company."""

from __future__ import annotations

from collections import Counter
from datetime import date, time

from hypothesis import given
from hypothesis import strategies as st

from crawler.plan import Window, working_days
from crawler.services.model import Service, probe_rules
from crawler.services.plan import groups, host_of, plan_batches, probed

RULES = probe_rules()
WINDOW = Window(date(2017, 2, 1), date(2017, 3, 31))


def service(number: int, host: str = "a.gov.vn") -> Service:
    return Service(id=f"s{number}", agency="a", name=str(number), level=3, url=f"http://{host}/{number}")


def test_only_declared_services_with_an_address_are_probed() -> None:
    found = [service(1), Service(id="x", agency="a", name="x", level=2, url="http://a.gov.vn/"),
             Service(id="y", agency="a", name="y", level=4)]  # fmt: skip
    assert [each.id for each in probed(found)] == ["s1"]


def test_four_probes_a_day_in_the_hours_of_their_strata() -> None:
    planned = plan_batches("2016", [1, 2], WINDOW, RULES, seed=1)
    assert len(planned) == 2 * 4 * 59
    assert len({batch.id for batch in planned}) == len(planned)
    assert list(planned) == sorted(planned, key=lambda batch: (batch.at, batch.id))
    working = set(working_days(WINDOW))
    for batch in planned:
        day, hour = batch.at.date(), batch.at.time()
        assert (day in working) is (batch.stratum != "free-day")
        if batch.stratum == "working-hours":
            assert time(8) <= hour <= time(11, 30) or time(13, 30) <= hour <= time(17)
        elif batch.stratum == "evening":
            assert hour >= time(18)
    moments = Counter(batch.at.time().minute for batch in planned)
    assert len(moments) > 50
    assert plan_batches("2016", [1], WINDOW, RULES, 1) != plan_batches("2016", [1], WINDOW, RULES, 2)
    assert set(plan_batches("2016", [1], WINDOW, RULES, 1)) <= set(planned)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9)), max_size=60, unique_by=lambda pair: pair[0]),
       st.integers(1, 20), st.randoms())  # fmt: skip
def test_groups_are_level_and_hold_still(numbers: list[tuple[int, int]], size: int, lots: object) -> None:
    found = [service(number, f"h{host}.gov.vn") for number, host in numbers]
    placed = groups(found, size, 1)
    assert set(placed) == {each.id for each in found}
    assert all(load <= size for load in Counter(placed.values()).values())
    mixed = found[:]
    lots.shuffle(mixed)  # type: ignore[attr-defined]
    assert groups(mixed, size, 1) == placed
    more = [*found[len(found) // 2 :], *(service(1000 + n, "new.gov.vn") for n in range(7))]
    again = groups(more, size, 1, placed)
    assert {each.id: placed[each.id] for each in found[len(found) // 2 :]}.items() <= again.items()
    assert set(again) == {each.id for each in more}


def test_a_hosts_services_are_spread_over_the_groups() -> None:
    found = [service(number, f"h{number % 3}.gov.vn") for number in range(300)]
    placed = groups(found, 50, 1)
    by_group = Counter((placed[each.id], host_of(each)) for each in found)
    assert set(by_group.values()) <= {16, 17}
