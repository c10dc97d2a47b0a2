"""A claim with everything an auditor needs to decide on it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from checklists.model import Claim, Element, ElementClaim, Finding, Item, Outcome, Pointer
from checklists.review import Act, Judgement, Review, Standing, appeal_due, machine_outcomes, rules, standing
from checklists.services import service_of
from crawler.model import Candidate, TargetView, Visit
from output.accounts import accounts
from output.judging import item_for
from output.reviews import judged_claim, reviews
from output.store import read
from output.web.access import Right
from output.web.board import Line, State, made_visits
from output.web.desk import Call
from output.web.narrowing import Filter, narrowed
from output.web.pages.evidence import Shot, claim_of, home_shot, shot_of
from output.web.pages.queue import assignments, entry_of, filter_of_form
from output.web.pages.service import shown_service
from scoring.settle import SETTLED_BY_MACHINE

CANDIDATES = 12
"""Links shown of those weighed for a section."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One element as the page shows it."""

    id: str
    number: int
    title: str
    machine: Outcome
    reason: str
    message: str
    clicks: int | None
    statistic: bool
    mend: str
    judged: Judgement
    shots: tuple[Shot, ...]
    prefilled: str


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """How thoroughly one section was looked for in a visit, and the links weighed for it."""

    section: str
    full: bool
    gap: str
    landings: tuple[str, ...]
    candidates: tuple[Candidate, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the history, with whether it counts now and why not."""

    entry: Review
    name: str
    hash: str
    undone: bool
    stale: bool
    own: bool


def claim_page(call: Call, *, conflict: str = "", problem: str = "", status: int = 200) -> Response:
    """The claim's page; conflict and problem: why what was just sent was not recorded, its words kept in the form."""
    named = call.request.path_params
    claim = claim_of(call, f"{named['campaign']}/{named['agency']}/{named['item']}")
    decided = reviews(call.workspace.conn, claim=claim.id)
    left = standing_of(call, claim, decided)
    asked = filter_of_form(call) if call.request.method == "POST" else Filter.of(call.request.query_params)
    line, place, total = found_in_queue(call, claim, asked)
    item = item_for(call.desk.checklist, claim, line.item if line else "")
    findings = findings_of(call, claim)
    visits = [visit for finding in findings for visit in visits_of(call, finding.visit)]
    assigned = assignments(call).get(claim.id, "")
    about_service = bool(service_of(claim.item))
    return call.page(
        "claim.html",
        status=status,
        claim=claim,
        item=item,
        line=line,
        place=place,
        total=total,
        query=asked.asked(),
        elements=elements_of(call, claim, item, left),
        left=left,
        unsettled=any(one.verdict.outcome not in SETTLED_BY_MACHINE for one in claim.elements if not one.statistic)
        and claim.outcome is not Outcome.NOT_APPLICABLE,
        choices=rules().choices,
        phrases=rules().phrases,
        recheck_phrases=rules().recheck_phrases,
        findings=[] if about_service else list(reversed(findings)),
        about_service=about_service,
        service=shown_service(call, claim) if about_service else None,
        unmade=lost_attempt(call, left.recheck.visit) if left.recheck and line and line.state is State.UNMADE else None,
        looked=looked_of(call, item, visits[-1]) if item and visits else [],
        visits=visits,
        history=history_of(call, claim, decided, left),
        last=decided[-1].hash if decided else "",
        before=judged_claim(call.workspace.conn, left.stale[-1].claim) if left.stale else None,
        appeal=left.appeal,
        appeal_due=appeal_due(left.appeal) if left.appeal else None,
        answers=[entry for entry in decided if entry.act in (Act.APPEAL, Act.ANSWER)],
        assigned=assigned,
        names={one.login: one.name for one in accounts(call.workspace.conn)},
        second=second_of(call, left),
        can_decide=call.may(Right.DECIDE),
        can_recheck=call.may(Right.RECHECK),
        can_appeal=call.may(Right.APPEAL),
        conflict=conflict,
        problem=problem,
        typed=call.text("text") if call.request.method == "POST" else "",
        done=entry_of(call, call.request.query_params.get("done", "")),
    )


def standing_of(call: Call, claim: Claim, decided: Sequence[Review]) -> Standing:
    """How people leave a claim."""
    seen_at = max((finding.seen_at for finding in findings_of(call, claim)), default="")
    made = made_visits(claim, decided, seen_at)
    return standing(claim.digest, machine_outcomes(claim), decided, visits=made)


def lost_attempt(call: Call, visit: str) -> str:
    """What became of a visit or a batch of probes that was asked for and not made: the last attempt's error, '' where there was no attempt."""
    rows = call.workspace.conn.execute(
        "SELECT error FROM attempts WHERE slot = ?1 UNION ALL SELECT error FROM batch_attempts WHERE batch = ?1",
        (visit,),
    ).fetchall()
    return str(rows[-1][0]) if rows else ""


def found_in_queue(call: Call, claim: Claim, asked: Filter) -> tuple[Line | None, int, int]:
    """The claim's line, its place in the queue as filtered (0 where it is not in it), and how many there are."""
    lines = call.lines(claim.campaign)
    found = narrowed(lines, asked, assignments(call), call.now)
    place = next((at for at, line in enumerate(found, 1) if line.id == claim.id), 0)
    return next((line for line in lines if line.id == claim.id), None), place, len(found)


def elements_of(call: Call, claim: Claim, item: Item | None, left: Standing) -> list[Shown]:
    """The claim's elements in its order."""
    known = {element.id: element for element in item.elements} if item else {}
    machine = machine_outcomes(claim)
    own = next((vote for vote in left.votes if vote.reviewer == call.person.login and vote.elements), None)
    second = second_of(call, left)
    shown = []
    for number, each in enumerate(claim.elements, 1):
        element = known.get(each.element)
        said = second or own
        start = said.elements.get(each.element, machine[each.element]) if said else machine[each.element]
        typed = call.text(f"element.{each.element}", 20) if call.request.method == "POST" else ""
        shown.append(
            shown_of(
                call, number, each, element, machine[each.element], left.elements[each.element], typed or start.value
            )
        )
    return shown


def shown_of(
    call: Call,
    number: int,
    each: ElementClaim,
    element: Element | None,
    machine: Outcome,
    judged: Judgement,
    start: str,
) -> Shown:
    """One element as the page shows it."""
    seen: Sequence[Pointer] = each.verdict.seen[:6]
    home = None if seen else home_shot(call.workspace.evidence, each.finding)
    return Shown(
        id=each.element,
        number=number,
        title=element.title if element else each.element,
        machine=machine,
        reason=each.verdict.reason,
        message=each.message,
        clicks=each.clicks,
        statistic=each.statistic,
        mend=element.mend if element else "",
        judged=judged,
        shots=(home,) if home else tuple(shot_of(call.workspace.evidence, each.finding, pointer) for pointer in seen),
        prefilled=start,
    )


def second_of(call: Call, left: Standing) -> Review | None:
    """Another person's overturn that waits for a second one, which the person asking has not voted on."""
    if any(vote.reviewer == call.person.login for vote in left.votes) or not left.awaits_second:
        return None
    return next((vote for vote in reversed(left.votes) if vote.act is Act.OVERTURN), None)


def findings_of(call: Call, claim: Claim) -> list[Finding]:
    """The findings merged into the claim, in the order of their visits."""
    query = "SELECT record FROM findings WHERE id = ?"
    return [one for name in claim.findings for one in read(call.workspace.store_path, query, (name,), Finding)]


def visits_of(call: Call, name: str) -> tuple[Visit, ...]:
    """The visit of that id, where the store knows it."""
    return read(call.workspace.store_path, "SELECT record FROM visits WHERE id = ?", (name,), Visit)


def looked_of(call: Call, item: Item, visit: Visit) -> list[Looked]:
    """What the latest visit looked at for the item's sections, the likeliest links first."""
    wanted = list(dict.fromkeys(section for element in item.elements for section in element.sections))
    gaps = call.desk.checklist.vocabulary.gaps
    views = {view.target: view for view in visit.views}
    titles = {section.id: section.title for section in call.desk.checklist.sections}
    return [looked(titles.get(name, name), views[name], gaps) for name in wanted if name in views]


def looked(title: str, view: TargetView, gaps: dict[str, str]) -> Looked:
    """One section of one visit."""
    likeliest = sorted(view.candidates, key=lambda one: -one.score)[:CANDIDATES]
    return Looked(
        section=title,
        full=view.full,
        gap=gaps.get(view.gap, view.gap),
        landings=view.landings,
        candidates=tuple(likeliest),
    )


def history_of(call: Call, claim: Claim, decided: Sequence[Review], left: Standing) -> list[Told]:
    """All entries, the latest first."""
    undone = {entry.target for entry in decided if entry.act is Act.UNDO}
    names = {one.login: one.name for one in accounts(call.workspace.conn)}
    counting = {vote.hash for vote in left.votes}
    return [
        Told(
            entry=entry,
            name=names.get(entry.reviewer, entry.reviewer),
            hash=entry.hash,
            undone=entry.hash in undone,
            stale=entry.claim != claim.digest,
            own=entry.reviewer == call.person.login and entry.hash in counting,
        )
        for entry in reversed(decided)
    ]
