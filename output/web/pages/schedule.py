"""The schedule for inspectors: what is due and what comes, a visit moved, runners paused and going on."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crawler import ledger
from crawler.ledger import Standing, standing
from crawler.plan import VIETNAM
from crawler.slots import SlotState
from output.pausing import paused_by, set_paused
from output.web.desk import Call

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
        paused=paused_by(call.workspace.conn), problem=problem,
    )  # fmt: skip


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


def pause(call: Call) -> Response:
    """Runners take no further visit, or take them again; those under way go on to their end."""
    set_paused(call.workspace.conn, call.person.login if call.text("to") == "pause" else "", call.now)
    return call.go("/schedule")
