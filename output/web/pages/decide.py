"""Deciding on a claim: confirm, overturn, ask for another visit, take one's own decision back. Each is a new entry; nothing is overwritten."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.responses import Response

from checklists.model import Claim, Outcome
from checklists.review import DECISIONS, Act, Review, machine_outcomes, rules
from checklists.services import service_of
from crawler import ledger
from crawler.services import batches
from crawler.services.model import PlannedBatch
from crawler.slots import PlannedVisit, SlotState
from output.reviews import Draft, Moved, record, reviews
from output.web.access import Right
from output.web.desk import Call
from output.web.pages.claim import claim_page
from output.web.pages.evidence import claim_of
from output.web.pages.queue import filter_of_form, go_to, neighbour
from output.web.words import words

CHANGED = (
    "Kết luận này đã thay đổi từ khi bạn mở trang: {what} Quyết định của bạn chưa được ghi; hãy xem lại rồi quyết định."
)
SOON = timedelta(hours=24)
"""A visit planned within this time serves a recheck as well as a new one."""

RECHECK = "recheck"
"""The stratum of batches somebody asked for; they stand for no part of the week."""

RECHECK_GRACE = timedelta(days=7)
"""How long after it was asked for such a batch may begin (assumed)."""


def named_claim(call: Call) -> Claim:
    """The claim of the address."""
    named = call.request.path_params
    return claim_of(call, f"{named['campaign']}/{named['agency']}/{named['item']}")


def decide(call: Call) -> Response:
    """The person's confirmation or overturn is recorded, and the next claim of the queue shown."""
    claim = named_claim(call)
    machine = machine_outcomes(claim)
    try:
        act = Act(call.text("act", 20))
    except ValueError:
        act = Act.RECHECK
    if act is Act.RECHECK and call.may(Right.RECHECK):
        return recheck(call)
    if act not in (Act.CONFIRM, Act.OVERTURN):
        raise HTTPException(400, "Không rõ quyết định nào.")
    outcomes = machine if act is Act.CONFIRM else chosen(call, machine)
    text = call.text("text")
    problem = ""
    if act is Act.OVERTURN and outcomes == machine:
        problem = "Chưa sửa yếu tố nào: chọn kết luận khác cho ít nhất một yếu tố, hoặc dùng “Xác nhận”."
    elif act is Act.OVERTURN and not text:
        problem = "Sửa kết luận cần có giải trình."
    if problem:
        return claim_page(call, problem=problem, status=400)
    return recorded(call, claim, replace(drafted(call, act, text), elements=outcomes))


def chosen(call: Call, machine: dict[str, Outcome]) -> dict[str, Outcome]:
    """The outcome chosen for each element; the machine's where none was."""
    found = {}
    for element, outcome in machine.items():
        value = call.text(f"element.{element}", 20)
        if value and value != outcome and value not in [each.value for each in rules().choices]:
            raise HTTPException(400, "Kết luận này không chọn được.")
        found[element] = Outcome(value) if value else outcome
    return found


def drafted(call: Call, act: Act, text: str) -> Draft:
    """What the person asking wants recorded: who, when, from where."""
    return Draft(act=act, text=text, reviewer=call.person.login, reviewed_at=call.now, address=call.address)


def recorded(call: Call, claim: Claim, draft: Draft) -> Response:
    """The draft is recorded and the browser goes on; where the claim has moved on, its page says so and keeps what was typed."""
    asked = filter_of_form(call)
    following = neighbour(call, claim.campaign, claim.id, asked, 1) if draft.act in DECISIONS else claim.id
    if call.text("claim", 100) != claim.digest:
        return claim_page(call, conflict=CHANGED.format(what="danh mục đã được đánh giá lại."), status=409)
    try:
        entry = record(call.workspace.conn, claim, draft, seen=call.text("seen", 100))
    except Moved:
        last = reviews(call.workspace.conn, claim=claim.id)[-1]
        act = words().acts[last.act]
        return claim_page(call, conflict=CHANGED.format(what=f"{last.reviewer} vừa ghi “{act}”."), status=409)
    return go_to(call, claim.campaign, following, asked, done=entry.hash)


def recheck(call: Call) -> Response:
    """A further visit is in the plan and the claim waits for it; a note is required."""
    claim = named_claim(call)
    if not (text := call.text("text")):
        return claim_page(call, problem="Yêu cầu truy cập lại cần có ghi chú.", status=400)
    draft = drafted(call, Act.RECHECK, text)
    if call.text("claim", 100) != claim.digest or call.text("seen", 100) != last_hash(call, claim):
        return recorded(call, claim, draft)
    return recorded(call, claim, replace(draft, visit=planned_visit(call, claim)))


def planned_visit(call: Call, claim: Claim) -> str:
    """The visit, or of a service the batch of probes, a recheck waits for: one already planned within SOON, else a new one from now on."""
    if service := service_of(claim.item):
        return planned_batch(call, claim.campaign, service)
    slots = ledger.slots(call.workspace.conn, claim.campaign)
    own = [slot for slot in slots if slot.agency == claim.agency]
    for slot in own:
        if slot.state is SlotState.PLANNED and slot.ready <= call.now + SOON and slot.deadline > call.now:
            return slot.id
    number = max((slot.number for slot in own), default=0) + 1
    visit = PlannedVisit(campaign=claim.campaign, agency=claim.agency, number=number, at=call.now)
    ledger.store_plan(call.workspace.conn, [*(slot.planned for slot in own), visit], now=call.now)
    return visit.id


def planned_batch(call: Call, campaign: str, service: str) -> str:
    """The id of the batch of probes in which a service is looked at again; HTTPException(409) where it is in no group."""
    group = batches.members(call.workspace.conn, campaign).get(service)
    if group is None:
        raise HTTPException(409, "Dịch vụ này chưa có trong lịch kiểm tra; chạy kiemcong services plan.")
    soon = batches.next_of_group(call.workspace.conn, campaign, group, call.now, call.now + SOON)
    if soon:
        return soon
    batch = PlannedBatch(
        id=f"{campaign}.probes.{call.now:%Y%m%dT%H%M%S}.{RECHECK}-1.g{group:03d}",
        campaign=campaign,
        group=group,
        stratum=RECHECK,
        part=1,
        at=call.now,
    )
    batches.add(call.workspace.conn, batch, now=call.now, grace=RECHECK_GRACE)
    return batch.id


def last_hash(call: Call, claim: Claim) -> str:
    """The hash of the claim's last entry, '' where it has none."""
    entries = reviews(call.workspace.conn, claim=claim.id)
    return entries[-1].hash if entries else ""


def undo(call: Call) -> Response:
    """The person's own latest decision no longer counts."""
    claim = named_claim(call)
    entries = reviews(call.workspace.conn, claim=claim.id)
    target = own_entry(call, entries, call.text("target", 100))
    draft = replace(drafted(call, Act.UNDO, call.text("text")), target=target.hash)
    record(call.workspace.conn, claim, draft, seen=None)
    return go_to(call, claim.campaign, claim.id, filter_of_form(call))


def own_entry(call: Call, entries: tuple[Review, ...], name: str) -> Review:
    """The entry of that hash, a decision of the person's own that still stands; HTTPException where it is not."""
    undone = {entry.target for entry in entries if entry.act is Act.UNDO}
    entry = next((one for one in entries if one.hash == name), None)
    if entry is None or entry.act not in DECISIONS:
        raise HTTPException(404, "Không có quyết định này.")
    if entry.reviewer != call.person.login:
        raise HTTPException(403, "Chỉ người đã quyết định mới rút lại được.")
    if entry.hash in undone:
        raise HTTPException(409, "Quyết định này đã được rút lại.")
    return entry
