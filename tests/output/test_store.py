"""The store: records come back as they were, and a campaign is replaced whole or not at all."""

from __future__ import annotations

import sqlite3
from fractions import Fraction
from pathlib import Path

import pytest

from crawler.model import Block
from output.exits import Exit, Stop
from output.store import (
    create_store,
    open_store,
    read_claims,
    read_findings,
    read_ranks,
    read_scores,
    read_visits,
    write_judged,
    write_scored,
)
from scoring.load import find_method
from scoring.model import IndexScore
from scoring.rank import rank
from scoring.score import score
from scoring.settle import settle
from tests.output.judged import claim_of, finding_of, visit_of

METHOD = find_method("btttt-2016")


def scores_of(campaign: str) -> tuple[IndexScore, ...]:
    return score(
        METHOD, Block.TINH, ["da-nang", "hue"], settle([claim_of(campaign, "da-nang")], assisted=()), judged={"search"}
    )


def write_all(path: Path, campaign: str) -> None:
    visit, finding = visit_of(campaign, "da-nang"), finding_of(campaign, "da-nang")
    write_judged(path, campaign, [visit], [finding], [claim_of(campaign, "da-nang")])
    scores = scores_of(campaign)
    write_scored(path, campaign, METHOD.id, scores, {Block.TINH: rank(METHOD, scores)})


def test_everything_comes_back_exactly(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    write_all(path, "2016")
    assert read_visits(path, "2016") == (visit_of("2016", "da-nang"),)
    assert read_findings(path, "2016") == (finding_of("2016", "da-nang"),)
    assert read_claims(path, "2016") == (claim_of("2016", "da-nang"),)
    assert read_scores(path, "2016", METHOD.id) == scores_of("2016")
    assert read_ranks(path, "2016", METHOD.id) == {Block.TINH: rank(METHOD, scores_of("2016"))}


def test_columns_may_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    write_all(path, "2016")
    with open_store(path) as db:
        assert list(db.query("SELECT agency, value FROM scores ORDER BY place")) == [
            {"agency": "da-nang", "value": "1/2"}, {"agency": "hue", "value": None},
        ]  # fmt: skip
        assert list(db.query("SELECT element, outcome FROM element_claims ORDER BY element")) == [
            {"element": "finds-existing-article", "outcome": "not_met"}, {"element": "search-box", "outcome": "met"},
        ]  # fmt: skip
        assert Fraction(next(db.query("SELECT share FROM contributions WHERE leaf = 'search/search-box'"))["share"]) == Fraction(1, 2)  # fmt: skip


def test_a_campaign_is_replaced_and_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    write_all(path, "2016")
    write_all(path, "2017")
    write_judged(path, "2016", [], [], [claim_of("2016", "hue")])
    assert [claim.agency for claim in read_claims(path, "2016")] == ["hue"]
    assert read_visits(path, "2016") == read_findings(path, "2016") == ()
    assert read_scores(path, "2016", METHOD.id) == (), "scores made from other claims are not left standing"
    assert read_ranks(path, "2016", METHOD.id) == {}
    assert read_scores(path, "2017", METHOD.id) == scores_of("2017")


def test_writing_again_gives_the_same_rows(tmp_path: Path) -> None:
    dumps = []
    for name in ("one.sqlite", "two.sqlite"):
        write_all(tmp_path / name, "2016")
        if name == "two.sqlite":
            write_all(tmp_path / name, "2016")
        with open_store(tmp_path / name) as db:
            dumps.append("\n".join(db.conn.iterdump()))
    assert dumps[0] == dumps[1]


def test_a_write_that_fails_leaves_all_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    write_all(path, "2016")
    twice = [claim_of("2016", "hue")] * 2
    with pytest.raises(sqlite3.IntegrityError):
        write_judged(path, "2016", [visit_of("2016", "hue")], [finding_of("2016", "hue")], twice)
    with pytest.raises(ValueError, match="2017"):
        write_judged(path, "2016", [], [], [claim_of("2017", "hue")])
    assert read_visits(path, "2016") == (visit_of("2016", "da-nang"),)
    assert read_claims(path, "2016") == (claim_of("2016", "da-nang"),)
    assert read_scores(path, "2016", METHOD.id) == scores_of("2016")


def test_a_store_of_another_version_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    create_store(path)
    write_all(path, "2016")
    with open_store(path) as db:
        db.conn.execute("CREATE TABLE visits_of_old (id TEXT)")
        db.conn.execute("PRAGMA user_version = 99")
    assert read_claims(path, "2016") == ()
    with open_store(path) as db:
        assert "visits_of_old" not in db.table_names()


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_text("not a database at all, but long enough to be looked at as one " * 20)
    with pytest.raises(Stop) as stopped:
        read_claims(path, "2016")
    assert stopped.value.code is Exit.WORKSPACE
