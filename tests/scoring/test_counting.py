"""Which services count, and what is said of the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.liveness import Liveness, Sighting, liveness
from crawler.problems import BadInput
from crawler.services.model import Layer, Outcome, Service
from scoring.counting import RULES, Flag, Word, count, counting_rule, level_counts, load_rule, rule_sentence

RULE = counting_rule()
START = datetime(2017, 2, 1, 1, tzinfo=UTC)
LETTERS = {"a": Outcome.ALIVE, "d": Outcome.DOWN, "b": Outcome.BLOCKED, "o": Outcome.OURS}
CONFIRMED = Word(removed=True, dead=True, reviewer="An", reviewed_at=START, justification="không mở được")
OVERTURNED = Word(removed=False, dead=True, reviewer="Bình", reviewed_at=START, justification="mở được ở mạng khác")
TURNED = Word(removed=True, dead=False, reviewer="An, Bình", reviewed_at=START, justification="bấm nộp không đi tiếp")


def seen(letters: str) -> Liveness:
    return liveness(
        [Sighting(START + timedelta(hours=8 * place), LETTERS[letter], Layer.NONE) for place, letter in enumerate(letters)],
        RULE.stable,
    )  # fmt: skip


def service(level: int = 3, url: str = "http://a.gov.vn/") -> Service:
    return Service(id="s", agency="a", name="Một", level=level, url=url)


@pytest.mark.parametrize(
    ("letters", "word", "counted", "flag"),
    [
        ("a" * 12, None, True, Flag.NONE),
        ("a" * 12, CONFIRMED, True, Flag.NONE),
        ("a" * 12, TURNED, False, Flag.REMOVED),
        ("d" * 12, TURNED, True, Flag.DEAD),
        ("d" * 12, None, True, Flag.DEAD),
        ("d" * 12, CONFIRMED, False, Flag.REMOVED),
        ("d" * 12, OVERTURNED, True, Flag.OVERTURNED),
        ("d" * 7, CONFIRMED, True, Flag.UNSTABLE),
        ("d" * 11 + "a", CONFIRMED, True, Flag.UNSTABLE),
        ("d" * 8 + "o" * 8, CONFIRMED, True, Flag.UNDETERMINED),
        ("b" * 12, CONFIRMED, True, Flag.UNDETERMINED),
    ],
)
def test_only_a_confirmed_death_takes_a_service_out(letters: str, word: Word | None, counted: bool, flag: Flag) -> None:
    (found,) = count([service()], {"s": seen(letters)}, {"s": word} if word else {}, RULE)
    assert (found.counted, found.flag) == (counted, flag)
    assert bool(found.reason) is bool(flag)
    if word and flag in (Flag.REMOVED, Flag.OVERTURNED):
        assert word.justification in found.reason
        assert "01/02/2017" in found.reason


def test_what_was_not_probed_stays() -> None:
    found = count([service(), service(url=""), service(level=2)], {}, {"s": CONFIRMED}, RULE)
    assert [each.flag for each in found] == [Flag.NOT_PROBED, Flag.NO_ADDRESS]
    assert all(each.counted for each in found)


@given(st.text(alphabet="adbo", max_size=40), st.lists(st.sampled_from("bo"), max_size=20))
def test_blocked_and_ours_never_take_a_service_out(letters: str, more: list[str]) -> None:
    few = count([service()], {"s": seen(letters)}, {"s": CONFIRMED}, RULE)[0]
    many = count([service()], {"s": seen(letters + "".join(more))}, {"s": CONFIRMED}, RULE)[0]
    assert few.counted <= many.counted
    assert few.counted or "a" not in letters


def test_levels_by_agency() -> None:
    services = [
        Service(id=f"{agency}{n}", agency=agency, name=str(n), level=level, url="")
        for agency, levels in {"a": (3, 3, 4, 2), "b": (4,)}.items()
        for n, level in enumerate(levels)
    ]
    found = level_counts(count(services, {}, {}, RULE), ["b", "c", "a"])
    assert [(each.agency, each.level3, each.level4, each.total) for each in found] == [
        ("b", 0, 1, 1), ("c", 0, 0, 0), ("a", 2, 1, 3),
    ]  # fmt: skip


def test_the_rule_says_itself_and_that_it_is_assumed() -> None:
    assert RULE.assumed
    assert "95 %" in rule_sentence(RULE)
    assert "48 giờ" in rule_sentence(RULE)
    assert "giả định" in rule_sentence(RULE)


def test_a_bad_rule_is_told_whole(tmp_path: Path) -> None:
    text = (RULES / "dvctt-2016.yml").read_text("utf-8")
    bad = tmp_path / "bad.yml"
    bad.write_text(
        text.replace('alive-share: "0.95"', 'alive-share: "1.5"').replace('days: "3"', 'days: "0"')
        .replace("  dead: ", "  died: ").replace("Chưa kiểm tra", "{who} chưa kiểm tra"), "utf-8",
    )  # fmt: skip
    with pytest.raises(BadInput) as refused:
        load_rule(bad)
    assert {problem.field for problem in refused.value.problems} >= {"stable.alive-share", "dead.days"}
    bad.write_text(text.replace('  dead: "', '  died: "').replace("Chưa kiểm tra;", "{who};"), "utf-8")
    with pytest.raises(BadInput) as refused:
        load_rule(bad)
    assert len(refused.value.problems) == 3
    with pytest.raises(BadInput, match="no counting rule"):
        counting_rule("1999")
