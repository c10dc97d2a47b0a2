"""What is measured, and in which order."""

import subprocess

import pytest

from benchmarks.usage import Sample, in_turns, per_page


def test_starting_up_is_not_counted() -> None:
    assert (
        per_page([Sample(250, 12.0, 80.0, 1.0), Sample(500, 15.0, 80.0, 2.0), Sample(1_250, 22.0, 80.0, 3.0)]) == 10.0
    )


@pytest.mark.parametrize(
    ("samples", "turns"),
    [(6, "ab aab aab ab"), (5, "ab aab aab"), (2, "ab ab"), (1, "ab")],
    ids=["a turn cut short", "whole turns", "one short turn", "no turn"],
)
def test_two_work_in_turns_until_the_first_ends(samples: int, turns: str) -> None:
    ours, theirs = in_turns(
        ("tests.benchmarks.counting", str(samples)), ("tests.benchmarks.counting", "1000"), samples=2
    )
    assert [sample.pages for sample in ours] == [250 * (n + 1) for n in range(samples)]
    when = sorted([(sample.at, "a") for sample in ours] + [(sample.at, "b") for sample in theirs])
    assert "".join(who for _, who in when) == turns.replace(" ", "")


@pytest.mark.parametrize(("ours", "theirs"), [("six", "1000"), ("6", "two"), ("6", "2")])
def test_a_process_that_fails_or_ends_too_soon_is_told(ours: str, theirs: str) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        in_turns(("tests.benchmarks.counting", ours), ("tests.benchmarks.counting", theirs), samples=2)
