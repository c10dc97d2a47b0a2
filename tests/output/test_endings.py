"""How a visit's end is told: why, what was left unseen, how promising that looked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crawler.ledger import Attempt, Ending
from crawler.model import StopReason, Unseen, Vantage, Visit, VisitStatus
from output.endings import cut_short, ending, named
from tests.crawler.test_gather import REQUEST

NOW = datetime(2017, 3, 15, tzinfo=UTC)
VISIT = Visit(
    request=REQUEST,
    targets_digest="",
    software="",
    vantage=Vantage(),
    started_at=NOW,
    finished_at=NOW,
    status=VisitStatus.OK,
    stop=StopReason.NAVIGATIONS,
    navigations=12,
    bytes_read=0,
    views=(),
    left_unseen=2,
    unseen=(Unseen(url="http://a.test/lich", label="Lịch công tác\u202e", target="leader-schedule", score=0.93),),
)


def test_an_end_tells_why_and_how_promising_the_rest_looked() -> None:
    assert ending(VISIT) == "kết thúc: hết số lần mở trang; còn 2 liên kết đáng mở, giống nhất 0.93"
    assert named(VISIT.unseen[0]) == "0.93  Lịch công tác⟨U+202E⟩  http://a.test/lich  (leader-schedule)"


def test_only_sealed_visits_that_are_still_there_are_looked_through(tmp_path: Path) -> None:
    gone = Attempt(slot="s", number=1, token=1, owner="o", begun=NOW, ending=Ending.SEALED, folder="gone")
    failed = Attempt(slot="s", number=1, token=2, owner="o", begun=NOW, ending=Ending.FAILED)
    assert cut_short(tmp_path, [gone, failed]) == []
