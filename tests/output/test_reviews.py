"""Reviews in a workspace: only ever added, refused where the claim moved on, carried elsewhere whole; and who may log in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from checklists.model import Claim, Outcome
from checklists.review import GENESIS, Act
from crawler.problems import BadInput
from output import accounts, reviews
from output.accounts import LOCKED, TRIES, Locked, Role
from output.reviews import LARGEST_FILE, Draft, Moved
from output.workspace import init_workspace
from scoring.model import Settler
from scoring.settle import settle
from tests.output.judged import claim_of

NOW = datetime(2017, 3, 20, 2, tzinfo=UTC)
CLAIM = claim_of("2016", "da-nang")


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with init_workspace(tmp_path / "ws", "an@example.vn", now=NOW) as workspace:
        yield workspace.conn


def draft(who: str, act: Act = Act.CONFIRM, **elements: Outcome) -> Draft:
    return Draft(act=act, reviewer=who, reviewed_at=NOW, address="127.0.0.1", elements=elements, text="Đã xem.")


def write(conn: sqlite3.Connection, who: str = "an", claim: Claim = CLAIM) -> reviews.Review:
    return reviews.record(conn, claim, draft(who), seen=None)


def test_entries_chain_on_and_the_claim_is_kept_as_it_was(conn: sqlite3.Connection) -> None:
    assert reviews.head(conn) == (0, GENESIS)
    first, second = write(conn), write(conn, "bình")
    assert second.previous == first.hash
    assert reviews.head(conn) == (2, second.hash)
    assert reviews.reviews(conn, claim=CLAIM.id) == (first, second)
    assert reviews.reviews(conn, after=1) == (second,)
    assert reviews.judged_claim(conn, CLAIM.digest) == CLAIM
    assert reviews.chain_problem(conn) == ""


def test_whoever_saw_an_older_state_is_told_and_nothing_is_overwritten(conn: sqlite3.Connection) -> None:
    first = reviews.record(conn, CLAIM, draft("an"), seen="")
    with pytest.raises(Moved):
        reviews.record(conn, CLAIM, draft("bình"), seen="")
    reviews.record(conn, CLAIM, draft("bình"), seen=first.hash)
    assert reviews.head(conn)[0] == 2


@pytest.mark.parametrize(
    "change", ["UPDATE reviews SET reviewer = 'x'", "DELETE FROM reviews", "DELETE FROM judged_claims"]
)
def test_the_database_refuses_to_change_or_forget(conn: sqlite3.Connection, change: str) -> None:
    write(conn)
    with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
        conn.execute(change)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE reviews SET record = replace(record, 'Đã xem', 'Đã sửa') WHERE number = 2", "entry 2 .* was changed"),
        ("DELETE FROM reviews WHERE number = 2", "entry 2 is missing"),
        ("UPDATE reviews SET claim_id = '2016/khac/search' WHERE number = 3", "entry 3 was changed"),
        ("UPDATE reviews SET record = '{' WHERE number = 3", "entry 3 cannot be read"),
    ],
)
def test_the_first_broken_link_is_named(conn: sqlite3.Connection, change: str, problem: str) -> None:
    for who in ("an", "bình", "chi"):
        write(conn, who)
    for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        conn.execute(f"DROP TRIGGER {name}")
    conn.execute(change)
    with pytest.raises(AssertionError, match=problem):
        assert reviews.chain_problem(conn) == ""


def test_reviews_are_carried_elsewhere_whole_and_only_once(conn: sqlite3.Connection, tmp_path: Path) -> None:
    write(conn)
    content = b"%PDF-1.7 tra loi"
    name = reviews.sha256(content)
    appeal = msgspec.structs.replace(draft("kiểm", Act.APPEAL), file=name, file_name="tra-loi.pdf")
    reviews.record(conn, CLAIM, appeal, seen=None, enclosed=content)
    lines = list(reviews.export_lines(conn))
    with init_workspace(tmp_path / "other", "an@example.vn", now=NOW) as other:
        assert reviews.import_lines(other.conn, lines, "reviews.jsonl") == 2
        assert reviews.import_lines(other.conn, lines, "reviews.jsonl") == 0
        assert list(reviews.export_lines(other.conn)) == lines
        assert reviews.enclosed_file(other.conn, name) == content
        write(other.conn, "chi")
        with pytest.raises(BadInput, match="does not go on"):
            reviews.import_lines(other.conn, lines[:-1], "reviews.jsonl")


def test_an_import_that_does_not_hold_writes_nothing(conn: sqlite3.Connection, tmp_path: Path) -> None:
    write(conn)
    write(conn, "bình")
    lines = list(reviews.export_lines(conn))
    with init_workspace(tmp_path / "other", "an@example.vn", now=NOW) as other:
        with pytest.raises(BadInput) as refused:
            reviews.import_lines(other.conn, [b"{}", b"no json", *lines], "reviews.jsonl")
        assert [problem.line for problem in refused.value.problems] == [1, 2]
        forged = [line.replace("Đã xem".encode(), "Đã sửa".encode()) for line in lines]
        with pytest.raises(BadInput, match=r"entry 1 .* was changed"):
            reviews.import_lines(other.conn, forged, "reviews.jsonl")
        assert reviews.head(other.conn)[0] == 0


def test_a_file_too_large_is_refused(conn: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="larger"):
        reviews.record(conn, CLAIM, draft("kiểm", Act.APPEAL), seen=None, enclosed=bytes(LARGEST_FILE + 1))
    assert reviews.head(conn)[0] == 0


def test_scores_take_what_people_decided_and_say_so(conn: sqlite3.Connection) -> None:
    def settled() -> dict[str, tuple[Outcome, Settler]]:
        decided = reviews.reviews(conn)
        return {one.element: (one.outcome, one.settled_by) for one in settle([CLAIM], assisted=(), reviews=decided)}

    assert settled()["finds-existing-article"] == (Outcome.NOT_MET, Settler.MACHINE)
    overturn = {"search-box": Outcome.MET, "finds-existing-article": Outcome.MET}
    outcomes = draft("an", Act.OVERTURN)
    reviews.record(conn, CLAIM, msgspec.structs.replace(outcomes, elements=overturn), seen=None)
    assert settled()["finds-existing-article"] == (Outcome.NOT_MET, Settler.MACHINE)
    assert settled()["search-box"] == (Outcome.MET, Settler.PERSON)
    reviews.record(conn, CLAIM, msgspec.structs.replace(outcomes, elements=overturn, reviewer="bình"), seen=None)
    assert settled()["finds-existing-article"] == (Outcome.MET, Settler.PERSON)
    changed = msgspec.structs.replace(CLAIM, digest="khác")
    again = settle([changed], assisted=(), reviews=reviews.reviews(conn))
    assert {one.settled_by for one in again} == {Settler.MACHINE}, "stale decisions do not count"
    claims = settle([changed], assisted=("search",), reviews=reviews.reviews(conn))
    assert {one.settled_by for one in claims} == {Settler.NOBODY}


def test_an_account_logs_in_with_its_own_password_only(conn: sqlite3.Connection) -> None:
    given = accounts.create_account(conn, "an", "Lê Thị An", Role.AUDITOR, now=NOW)
    account = accounts.log_in(conn, "an", given, now=NOW)
    assert account is not None
    assert account.must_change
    assert accounts.log_in(conn, "an", given + "x", now=NOW) is None
    assert accounts.log_in(conn, "khong-co", given, now=NOW) is None
    assert given not in str(conn.execute("SELECT * FROM accounts").fetchall())
    accounts.change_password(conn, "an", "mật khẩu mới đủ dài")
    changed = accounts.log_in(conn, "an", "mật khẩu mới đủ dài", now=NOW)
    assert changed is not None
    assert not changed.must_change
    assert changed.epoch > account.epoch


def test_wrong_tries_lock_and_time_unlocks(conn: sqlite3.Connection) -> None:
    given = accounts.create_account(conn, "an", "An", Role.AUDITOR, now=NOW)
    for _ in range(TRIES):
        assert accounts.log_in(conn, "an", "sai", now=NOW) is None
    with pytest.raises(Locked):
        accounts.log_in(conn, "an", given, now=NOW)
    assert accounts.log_in(conn, "an", given, now=NOW + LOCKED) is not None
    accounts.set_account(conn, "an", role=Role.AUDITOR, disabled=True)
    assert accounts.log_in(conn, "an", given, now=NOW + LOCKED) is None


def test_every_mistake_of_an_account_is_told_and_an_administrator_stays(conn: sqlite3.Connection) -> None:
    with pytest.raises(BadInput) as refused:
        accounts.create_account(conn, "Không hợp lệ", " ", Role.SCORER, now=NOW, password="ngắn")
    assert len(refused.value.problems) == 3
    accounts.create_account(conn, "chu", "Chủ", Role.ADMINISTRATOR, now=NOW)
    with pytest.raises(BadInput, match="last administrator"):
        accounts.set_account(conn, "chu", role=Role.AUDITOR, disabled=False)
    assert accounts.session_key(conn, NOW) == accounts.session_key(conn, NOW + timedelta(days=1))
