"""The schedule for inspectors: what is due and what comes, a visit moved, runners paused and going on."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime

from msgspec.structs import replace
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from crawler import ledger
from crawler.ledger import Standing, standing
from crawler.plan import VIETNAM, default_window, habits, parse_window, plan_visits
from crawler.problems import BadInput
from crawler.services import batches
from crawler.slots import SlotState
from output.commands.plan import choose_agencies, visits_of_others
from output.pausing import paused_by, set_paused
from output.web.desk import Call
from output.workspace import open_workspace

SECONDS = 2
"""Seconds between two looks at the ledger while somebody watches."""

SHOWN = 200
"""Visits shown at once."""


def schedule_page(call: Call, *, problem: str = "", status: int = 200) -> Response:
    """What is due, under way and coming, by time."""
    slots = ledger.slots(call.workspace.conn)
    rows = [(slot, standing(slot, call.now)) for slot in slots]
    asked = call.request.query_params.get("state", "")
    wanted = [row for row in rows if row[1] == asked] if asked in list(Standing) else [
        row for row in rows if row[1] in (Standing.DUE, Standing.UNDER_WAY, Standing.PLANNED)
    ]  # fmt: skip
    names = {one.id: one.name for one in call.workspace.registry.agencies}
    counted = {each: sum(row[1] is each for row in rows) for each in Standing}
    return call.page(
        "schedule.html", status=status, rows=wanted[:SHOWN], total=len(wanted), counts=counted, asked=asked, names=names,
        paused=paused_by(call.workspace.conn), problem=problem, habits=habits(), probes=probes_of(call),
    )  # fmt: skip


def probes_of(call: Call) -> list[tuple[str, dict[str, int], datetime | None]]:
    """Where the batches of probes of each campaign stand: how many by state, and when the next one is planned."""
    conn = call.workspace.conn
    return [
        (campaign, batches.counts(conn, campaign, call.now), batches.next_planned(conn, campaign))
        for campaign in reversed(batches.campaigns(conn))
    ]


def move(call: Call) -> Response:
    """A visit nobody has tried yet is planned for another time; the others of its agency stay."""
    name = call.text("slot", 200)
    slots = ledger.slots(call.workspace.conn)
    slot = next((one for one in slots if one.id == name), None)
    if slot is None:
        raise HTTPException(404, "Không có lượt truy cập này.")
    try:
        at = datetime.fromisoformat(call.text("at", 40)).replace(tzinfo=VIETNAM)
    except ValueError:
        return schedule_page(call, problem="Ngày giờ mới không hợp lệ.", status=400)
    if slot.state is not SlotState.PLANNED or slot.attempts:
        return schedule_page(call, problem="Lượt này đã được thử hoặc đã xong nên không dời được.", status=409)
    if at < call.now:
        return schedule_page(call, problem="Không dời về quá khứ được.", status=400)
    own = [one.planned for one in slots if (one.campaign, one.agency) == (slot.campaign, slot.agency)]
    ledger.store_plan(
        call.workspace.conn, [replace(visit, at=at) if visit.id == slot.id else visit for visit in own], now=call.now
    )
    return call.go("/schedule")


def plan(call: Call) -> Response:
    """The campaign's visits are planned as `kiemcong plan` plans them; none that was tried is lost or moved."""
    campaign, visits = call.text("campaign", 60), call.text("visits", 2)
    try:
        first, last = call.text("first", 10), call.text("last", 10)
        span = parse_window(f"{first}..{last}") if first or last else default_window(campaign)
        chosen = choose_agencies(
            call.workspace.registry, span, [block for block in (call.text("block", 10),) if block], []
        )
        kept = {visit.id: visit for visit in ledger.fixed_visits(call.workspace.conn, campaign)}
        kept |= {visit.id: visit for visit in visits_of_others(call.workspace.conn, campaign, chosen)}
        count = int(visits) if visits.isdigit() else habits().visits
        planned = plan_visits(chosen, span, count, 1, campaign=campaign, existing=list(kept.values()))
    except BadInput as refused:
        told = "; ".join(f"{one.message} ({one.mend})" for one in refused.problems[:3])
        return schedule_page(call, problem=f"Không lập được lịch: {told}", status=400)
    ledger.store_plan(call.workspace.conn, planned, now=call.now)
    return call.go("/campaign", campaign=campaign)


def progress(call: Call) -> Response:
    """How many visits stand where, told anew whenever that changes, as server-sent events; the browser asks
    again when they end."""
    path, clock, looks = call.workspace.path, call.desk.clock, call.desk.looks

    def counted() -> str:
        with open_workspace(path) as workspace:
            rows = ledger.slots(workspace.conn)
            found = Counter(standing(slot, clock()) for slot in rows)
            return json.dumps(
                {"counts": {each.value: found[each] for each in Standing}, "paused": bool(paused_by(workspace.conn))}
            )

    async def told() -> AsyncIterator[str]:
        before = ""
        for look in range(looks):
            if look:
                await asyncio.sleep(SECONDS)
            now = await run_in_threadpool(counted)
            yield f"data: {now}\n\n" if now != before else ": \n\n"
            before = now

    return StreamingResponse(told(), media_type="text/event-stream")


def pause(call: Call) -> Response:
    """Runners take no further visit, or take them again; those under way go on to their end."""
    set_paused(call.workspace.conn, call.person.login if call.text("to") == "pause" else "", call.now)
    return call.go("/schedule")
