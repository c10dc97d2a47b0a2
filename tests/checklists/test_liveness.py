"""Alive, down, stable: what probes show of a service, whatever their order and number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.liveness import LivenessRule, Sighting, Stability, liveness, stability, wilson
from crawler.services.model import Layer, Outcome

RULE = LivenessRule(
    alive_share=Fraction(95, 100),
    determinable_share=Fraction(80, 100),
    longest_outage_hours=Fraction(48),
    bridge_hours=Fraction(24),
    z=Fraction(196, 100),
)
START = datetime(2017, 2, 1, 1, tzinfo=UTC)
LETTERS = {"a": Outcome.ALIVE, "d": Outcome.DOWN, "b": Outcome.BLOCKED, "o": Outcome.OURS}


def seen(letters: str, every: float = 6) -> list[Sighting]:
    """One sighting every so many hours, a letter for each; blanks are hours nobody looked."""
    return [
        Sighting(START + timedelta(hours=every * place), LETTERS[letter], Layer.HTTP if letter == "d" else Layer.NONE)
        for place, letter in enumerate(letters)
        if letter != " "
    ]


def verdict(letters: str, every: float = 6) -> Stability:
    return stability(liveness(seen(letters, every), RULE), RULE)


sightings = st.text(alphabet="adbo", max_size=60)


def test_shares_outages_and_lengths() -> None:
    found = liveness(seen("aadddaaboda"), RULE)
    assert (found.alive, found.down, found.blocked, found.ours) == (5, 4, 1, 1)
    assert found.alive_share == Fraction(5, 9)
    assert found.determinable_share == Fraction(9, 11)
    assert (found.outages, found.longest_outage) == (2, timedelta(hours=12))
    assert found.layers == {Layer.HTTP: 4}
    assert found.down_days == 3


@pytest.mark.parametrize(
    ("letters", "wanted"),
    [
        ("a" * 19 + "d", Stability.STABLE),
        ("a" * 18 + "dd", Stability.UNSTABLE),
        ("a" * 100 + "d" * 9 + "a" * 200, Stability.STABLE),
        ("a" * 100 + "d" * 10 + "a" * 200, Stability.UNSTABLE),
        ("aaaaaaaabb", Stability.STABLE),
        ("aaaaaaabbb", Stability.UNDETERMINED),
        ("dddddddooo", Stability.UNDETERMINED),
        ("oooo", Stability.UNDETERMINED),
        ("", Stability.UNDETERMINED),
        ("d" * 20, Stability.UNSTABLE),
    ],
)
def test_the_rule(letters: str, wanted: Stability) -> None:
    assert verdict(letters) is wanted


def test_what_nobody_saw_is_no_outage() -> None:
    # Two failures three days apart with nothing determinable between them: not three days of outage.
    apart = "a" * 60 + "d" + "o" * 11 + "d" + "a" * 60
    found = liveness(seen(apart), RULE)
    assert (found.outages, found.longest_outage) == (2, timedelta(0))
    near = liveness(seen("add  dda"), RULE)
    assert (near.outages, near.longest_outage) == (1, timedelta(hours=30))


@given(sightings, st.lists(st.tuples(st.floats(0, 400), st.sampled_from("bo")), max_size=20))
def test_blocked_and_ours_never_count_against_a_service(letters: str, more: list[tuple[float, str]]) -> None:
    own = seen(letters)
    extra = [Sighting(START + timedelta(hours=at), LETTERS[letter]) for at, letter in more]
    before, after = liveness(own, RULE), liveness([*own, *extra], RULE)
    assert (after.alive_share, after.outages, after.longest_outage) == (
        before.alive_share, before.outages, before.longest_outage,
    )  # fmt: skip
    assert (after.interval, after.down_days) == (before.interval, before.down_days)
    now = stability(after, RULE)
    assert now is Stability.UNDETERMINED or now is stability(before, RULE)


@given(sightings, st.randoms())
def test_order_does_not_matter(letters: str, lots: object) -> None:
    own = seen(letters)
    mixed = own[:]
    lots.shuffle(mixed)  # type: ignore[attr-defined]
    assert liveness(mixed, RULE) == liveness(own, RULE)


@given(sightings, st.integers(0, 59))
def test_a_service_found_alive_instead_of_down_never_looks_worse(letters: str, place: int) -> None:
    if place >= len(letters) or letters[place] != "d":
        return
    worse = liveness(seen(letters), RULE)
    better = liveness(seen(letters[:place] + "a" + letters[place + 1 :]), RULE)
    assert better.alive_share is not None
    assert worse.alive_share is not None
    assert better.alive_share > worse.alive_share
    assert better.longest_outage <= worse.longest_outage
    order = [Stability.UNDETERMINED, Stability.UNSTABLE, Stability.STABLE]
    assert order.index(stability(better, RULE)) >= order.index(stability(worse, RULE))


@given(sightings)
def test_counts_are_whole(letters: str) -> None:
    found = liveness(seen(letters), RULE)
    assert found.sightings == len(letters)
    assert found.outages <= found.down
    assert found.down_days <= found.down
    assert sum(found.layers.values()) == found.down
    assert found.longest_outage <= timedelta(hours=6 * max(0, len(letters) - 1))


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_holds_the_share_and_stays_within_bounds(good: int, bad: int) -> None:
    found = wilson(good, good + bad, 1.96)
    if found is None:
        assert good + bad == 0
        return
    low, high = found
    assert 0 <= low <= good / (good + bad) <= high <= 1


def test_wilson_known_values() -> None:
    # Newcombe 1998, table I: 81 of 263.
    assert wilson(81, 263, 1.959964) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 10, 1.96) == pytest.approx((0, 0.2775), abs=5e-5)
