"""Where a claim stands in the queue, and that the queue follows store and chain."""

from __future__ import annotations

import pytest

from checklists.evaluators.registry import GENERAL_REASONS
from checklists.load import load_checklist
from checklists.model import Outcome
from checklists.review import GENESIS, Act, Review
from checklists.services import service_checklist
from crawler.ledger import Standing
from crawler.model import Block, FileState, StopReason, VisitStatus
from crawler.services.model import Layer
from crawler.services.model import Outcome as Seen
from output.accounts import Role
from output.report.picture import Shown
from output.reviews import Draft, record
from output.store import read_claims
from output.web.board import Board, SeenClaim, SeenElement, SeenVerdict, State, people_on, state_of, wanting
from output.web.narrowing import Filter, narrowed
from output.web.words import captured, outside, plain, words
from output.workspace import open_workspace
from tests.output.web.bench import NOW, Bench

MET, NOT_MET, UNSURE, NOT_OBSERVED = Outcome.MET, Outcome.NOT_MET, Outcome.UNSURE, Outcome.NOT_OBSERVED


def claim(*outcomes: Outcome, outcome: Outcome = Outcome.PARTLY_MET) -> SeenClaim:
    elements = tuple(SeenElement(f"e{n}", SeenVerdict(one, "r")) for n, one in enumerate(outcomes))
    return SeenClaim("2016", "a", "i", outcome, "", elements, ("2016.a.1/i",), UNSURE in outcomes, "d")


@pytest.mark.parametrize(
    ("outcomes", "assisted", "state"),
    [
        ((MET, MET), False, State.MACHINE),
        ((MET, MET), True, State.OPEN),
        ((MET, NOT_MET), False, State.NEGATIVE),
        ((NOT_MET, UNSURE), False, State.OPEN),
        ((MET, NOT_OBSERVED), False, State.UNSEEN),
        ((NOT_OBSERVED, NOT_OBSERVED), True, State.UNSEEN),
        ((Outcome.ERROR,), False, State.OPEN),
    ],
)
def test_where_a_claim_stands_before_anybody_looked(
    outcomes: tuple[Outcome, ...], assisted: bool, state: State
) -> None:
    assert state_of(claim(*outcomes), assisted, None) is state
    whole = claim(*outcomes, outcome=Outcome.NOT_APPLICABLE)
    assert state_of(whole, assisted, None) is State.MACHINE


def test_what_is_wanting_is_told_first_and_by_name() -> None:
    titles = {"e0": "Tiêu đề", "e1": "Tác giả", "e2": "Thời gian"}
    assert wanting(claim(MET, NOT_MET, UNSURE), titles) == "Thiếu: Tác giả. Chưa rõ: Thời gian."
    assert wanting(claim(MET, MET, MET), titles) == ""
    assert wanting(claim(NOT_OBSERVED, NOT_OBSERVED, NOT_OBSERVED), titles) == "", "the claim's own sentence says more"


def said(act: Act, who: str = "an", **elements: Outcome) -> Review:
    return Review(number=1, campaign="2016", agency="a", item="i", claim="d", act=act, elements=elements, reviewer=who,
                  reviewed_at=NOW, visit="2016.a.9", previous=GENESIS)  # fmt: skip


@pytest.mark.parametrize(
    ("decided", "state"),
    [
        ([said(Act.CONFIRM, e0=MET, e1=UNSURE)], State.PERSON),
        ([said(Act.OVERTURN, e1=MET)], State.MACHINE),
        ([said(Act.OVERTURN, e1=MET), said(Act.OVERTURN, "b", e1=NOT_MET)], State.DISPUTED),
        ([said(Act.OVERTURN, e0=NOT_MET)], State.SECOND),
        ([said(Act.RECHECK)], State.RECHECK),
        ([said(Act.CONFIRM, e0=MET), said(Act.APPEAL, "k")], State.APPEALED),
    ],
)
def test_where_people_leave_it(decided: list[Review], state: State) -> None:
    one = claim(MET, UNSURE)
    assert state_of(one, False, people_on(one, decided)) is state


def test_every_state_and_outcome_has_a_name() -> None:
    assert set(words().states) == set(State)
    assert set(words().outcomes) == set(words().marks) == set(Outcome)
    assert set(words().acts) == set(Act)
    assert set(words().statuses) == set(VisitStatus)
    assert set(words().stops) == set(StopReason)
    assert set(words().files) == set(FileState)
    assert set(words().standings) == set(Standing)
    assert set(words().blocks) == set(Block)
    assert set(words().roles) == set(Role)
    assert set(words().shown) >= {*Shown, "home"}
    assert {name.removeprefix("probe-") for name in words().shown} == {*Shown, "home"}
    assert set(words().seen) == set(words().seen_marks) == set(Seen)
    assert set(words().layers) == set(Layer)
    told = service_checklist()
    of_services = {reason for one in told.elements.values() for reason in one.sentences}
    known = {*GENERAL_REASONS, *of_services, *told.sign_sentences, *told.portal.sentences}
    assert known <= set(words().reasons), "any other shows its code until it has words"
    assert set(words().signs) <= set(Outcome)


def test_the_board_follows_store_and_chain(bench: Bench) -> None:
    with open_workspace(bench.path) as workspace:
        board = Board(workspace.store_path, load_checklist())

        def states() -> dict[str, State]:
            return {line.id: line.state for line in board.lines(workspace.conn, workspace.registry, "2016", NOW)}

        assert states()["2016/da-nang/search"] is State.NEGATIVE
        (one,) = [each for each in read_claims(workspace.store_path, "2016") if each.id == "2016/da-nang/search"]
        elements = {each.element: each.verdict.outcome for each in one.elements}
        record(
            workspace.conn, one, Draft(act=Act.CONFIRM, reviewer="an", reviewed_at=NOW, elements=elements), seen=None
        )
        assert states()["2016/da-nang/search"] is State.PERSON
        bench.rejudge("khác", MET)
        assert states()["2016/da-nang/search"] is State.STALE
        lines = board.lines(workspace.conn, workspace.registry, "2016", NOW)
        assert narrowed(lines, Filter(block="bo"), {}, NOW) == []
        assert board.lines(workspace.conn, workspace.registry, "1999", NOW) == []


def test_captured_text_is_shown_and_does_nothing() -> None:
    assert captured("<b>\u202e\x00&") == '<bdi class="captured">&lt;b&gt;⟨U+202E⟩⟨U+0000⟩&amp;</bdi>'
    assert captured("a" * 2000, 10).endswith("còn 1.990 ký tự)")
    assert plain("a\nb\u2066", 10) == "a b⟨U+2066⟩"
    assert "href" not in outside("javascript:alert(1)")
    assert "href" not in outside("data:text/html,x")
    assert outside('http://a.vn/"><script>').startswith('<a href="http://a.vn/&#34;&gt;&lt;script&gt;"')
