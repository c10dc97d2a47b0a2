"""One visit, driven: asks the Gathering what to fetch, fetches and renders it, keeps the evidence, seals the folder."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from crawler.asking import answer_to, blame_nobody
from crawler.gather.answers import Taken
from crawler.gather.asks import Ask
from crawler.gather.machine import Gathering
from crawler.model import PageVisit, Role, StopReason, TargetSet, Visit, VisitRequest, VisitStatus
from crawler.rendering import photograph, photograph_and_learn
from crawler.slots import patience
from crawler.underway import Kept, Step, Tools, UnderWay, reread
from crawler.visit_folder import open_writer, software

SHOWN_UNSEEN = 20
"""Links left unseen that a visit keeps, the most promising first."""


class Sealed(msgspec.Struct, frozen=True):
    """What became of a visit. folder is '' where nothing was worth sealing: home gave no page, and may give one later; rest: seconds for which
    its host wants to be left alone until then."""

    visit: Visit
    folder: str
    error: str = ""
    rest: float = 0.0


async def visit(request: VisitRequest, targets: TargetSet, tools: Tools, *, seal_unreached: bool = True) -> Sealed:
    """Make one visit and seal its folder. A portal not reached is sealed too where told (no further try will come). AlreadySealed passes on."""
    started = datetime.now(UTC)
    kept: list[Kept] = []
    with open_writer(tools.visits, request.id, request.attempt, started_at=started) as writer:
        gathering = Gathering(
            request,
            targets,
            lambda number: reread(writer, kept[number]),
            tools.user_agent,
            presses=tools.browser is not None,
        )
        if tools.browser is None:
            moving = UnderWay(request, tools, writer, gathering, None, kept)
            await _look_around(moving)
        else:
            async with tools.browser.visit(
                [urlsplit(u).hostname or "" for u in (request.portal, *request.siblings.values())]
            ) as session:
                moving = UnderWay(request, tools, writer, gathering, session, kept)
                await _look_around(moving)
        for page, each, clicks in zip(gathering.pages, kept, gathering.clicks(), strict=True):
            each.row = msgspec.structs.replace(each.row, status=page.status, roles=tuple(page.roles), clicks=clicks)
        sealed = _summary(moving, targets, started)
        home = _home(moving)
        error = home.error if home and not sealed.reached else ""
        if not (sealed.reached or seal_unreached or sealed.status in patience().permanent):
            rest = await tools.gate.resting(request.portal)
            return Sealed(sealed, "", error, rest)
        for each in kept:
            writer.page(each.row)
        folder = writer.seal(sealed, targets)
    return Sealed(sealed, str(folder), error)


async def _look_around(moving: UnderWay) -> None:
    """Fetch until the Gathering is content, then photograph what turned out to matter only in the end."""
    gathering = moving.gathering
    while (ask := gathering.next()) is not None:
        _pad_refused(moving)
        taken = await _look_at(moving, ask)
        if taken.rest:
            await moving.tools.gate.rest(ask.url, None)
        moving.tools.progress(Step(moving.request.id, gathering.spent.navigations, ask.url, taken.status))
    _pad_refused(moving)
    gathering.finish()
    for number in range(len(moving.kept) if moving.pictured else 0):
        if moving.kept[number].body and gathering.worth_a_picture(gathering.pages[number]):
            await photograph(moving, moving.kept[number])


async def _look_at(moving: UnderWay, ask: Ask) -> Taken:
    """Fetch one page and learn from it. Its tree is gone on return, not when the next page stands beside it."""
    gathering = moving.gathering
    clock, moving.waited = time.perf_counter(), 0.0
    kept, answer, captured = await answer_to(moving, ask)
    await blame_nobody(moving, ask, answer.status)
    taken = gathering.take(ask, answer)
    if ask.role is Role.ROBOTS:
        moving.tools.gate.ask_gap(ask.url, gathering.robots.crawl_delay(ask.url))
    kept.row = msgspec.structs.replace(kept.row, status=taken.status)
    moving.kept.append(kept)
    if taken.photograph and not captured and (moving.pictured or (taken.render and moving.session is not None)):
        await photograph_and_learn(moving, kept)
    gathering.spent.seconds += time.perf_counter() - clock - moving.waited
    return taken


def _pad_refused(moving: UnderWay) -> None:
    """Pages the Gathering refused by itself (robots.txt) get their line too, so that both lists stay in step."""
    for page in moving.gathering.pages[len(moving.kept) :]:
        row = PageVisit(
            id=f"{len(moving.kept) + 1:04d}",
            requested_url=page.ask.url,
            final_url=page.ask.url,
            status=page.status,
            started_at=datetime.now(UTC),
            role=page.ask.role,
            label=page.ask.label,
            referrer=page.ask.referrer,
            error="not asked: the server failed to give its robots.txt"
            if page.status is not VisitStatus.ROBOTS
            else "",
        )
        moving.kept.append(Kept(row))


def _home(moving: UnderWay) -> PageVisit | None:
    """Home as it answered last."""
    return next((kept.row for kept in reversed(moving.kept) if kept.row.role is Role.HOME), None)


def _summary(moving: UnderWay, targets: TargetSet, started: datetime) -> Visit:
    gathering = moving.gathering
    home = _home(moving) or next((kept.row for kept in reversed(moving.kept)), None)
    views, unseen = gathering.finish(), gathering.unseen()
    return Visit(
        request=moving.request,
        targets_digest=targets.digest,
        software=software(),
        vantage=moving.tools.vantage,
        started_at=started,
        finished_at=datetime.now(UTC),
        status=home.status if home else VisitStatus.OURS,
        stop=gathering.stop if home else StopReason.OURS,
        navigations=gathering.spent.navigations,
        bytes_read=gathering.spent.bytes_read,
        views=views,
        left_unseen=len(unseen),
        unseen=unseen[:SHOWN_UNSEEN],
    )
