"""A campaign at a glance: its calendar, how far it has come, which visits failed and why, who blocks us, what is settled item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
from starlette.responses import Response

from crawler import ledger
from crawler.ledger import Attempt, Ending, Slot, Standing, standing
from crawler.plan import VIETNAM
from crawler.services import batches
from output.allow_list import refused_portals, request_text
from output.health import readings
from output.web.board import Line, State
from output.web.desk import Call
from output.web.pages.queue import WAITING


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day of the calendar; made and missed of those planned."""

    day: date
    planned: int
    done: int
    lost: int
    today: bool


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One item of one block: claims that still want somebody, of all; level 0–4 for its shade."""

    item: str
    block: str
    waiting: int
    total: int

    @property
    def level(self) -> int:
        return 0 if not self.total else -(-4 * self.waiting // self.total)


def campaign_page(call: Call) -> Response:
    """The campaign's page; of the plan alone where nothing was judged yet."""
    planned = sorted({slot.campaign for slot in ledger.slots(call.workspace.conn)}, reverse=True)
    asked = call.request.query_params.get("campaign", "")
    known = list(dict.fromkeys([*call.campaigns(), *planned]))
    campaign = asked if asked in known else (known[0] if known else "")
    slots = ledger.slots(call.workspace.conn, campaign) if campaign else ()
    lines = call.lines(campaign) if campaign else []
    refused = refused_portals(call.workspace, campaign) if campaign else ()
    contact = call.workspace.settings.contact
    names = {one.id: one.name for one in call.workspace.registry.agencies}
    return call.page(
        "campaign.html",
        campaign=campaign,
        known=known,
        months=months_of(slots, call.now),
        standings=Counter(standing(slot, call.now) for slot in slots),
        total=len(slots),
        probes=batches.counts(call.workspace.conn, campaign, call.now),
        failing=failing_of(call, slots),
        refused=[(one, request_text(one, contact=contact)) for one in refused],
        heat=heat_of(lines),
        blocks=sorted({line.block for line in lines}),
        states=Counter(line.state for line in lines),
        all_states=list(State),
        claims=len(lines),
        names=names,
        health=readings(call.workspace, call.now),
    )


def months_of(slots: Sequence[Slot], now: datetime) -> list[tuple[str, list[list[Day | None]]]]:
    """The months of the plan, each its weeks from Monday to Sunday."""
    of_day: dict[date, Counter[Standing]] = {}
    for slot in slots:
        of_day.setdefault(slot.at.astimezone(VIETNAM).date(), Counter())[standing(slot, now)] += 1
    months: list[tuple[str, list[list[Day | None]]]] = []
    if not of_day:
        return months
    month, last = min(of_day).replace(day=1), max(of_day)
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        weeks: list[list[Day | None]] = []
        for step in range((following - month).days):
            day = month + timedelta(days=step)
            if day.weekday() == 0 or not weeks:
                weeks.append([None] * 7)
            found = of_day.get(day, Counter())
            weeks[-1][day.weekday()] = Day(
                day=day,
                planned=found.total(),
                done=found[Standing.DONE],
                lost=found[Standing.FAILED] + found[Standing.MISSED],
                today=day == now.astimezone(VIETNAM).date(),
            )
        months.append((f"Tháng {month.month}/{month.year}", weeks))
        month = following
    return months


def failing_of(call: Call, slots: Sequence[Slot]) -> list[tuple[Slot, Standing, Attempt]]:
    """The visits that have no folder though they were tried, with their last attempt that went wrong; the latest first."""
    own = {slot.id: slot for slot in slots if slot.attempts and standing(slot, call.now) is not Standing.DONE}
    last: dict[str, Attempt] = {}
    for attempt in ledger.attempts(call.workspace.conn):
        if attempt.slot in own and attempt.ending in (Ending.FAILED, Ending.INTERRUPTED):
            last[attempt.slot] = attempt
    found = [(own[name], standing(own[name], call.now), attempt) for name, attempt in last.items()]
    return sorted(found, key=lambda row: row[2].begun, reverse=True)[:100]


def heat_of(lines: Sequence[Line]) -> list[tuple[str, str, list[Cell]]]:
    """A row for each item: its id, its title, a cell for each block."""
    blocks = sorted({line.block for line in lines})
    titles = {line.group: (line.place, line.group_title) for line in lines}
    counted = Counter((line.group, line.block) for line in lines)
    waiting = Counter((line.group, line.block) for line in lines if line.state in WAITING)
    return [
        (item, title, [Cell(item=item, block=b, waiting=waiting[item, b], total=counted[item, b]) for b in blocks])
        for item, (_, title) in sorted(titles.items(), key=lambda pair: pair[1])
    ]
