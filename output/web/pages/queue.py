"""The queue: every claim of a campaign, those first that are worth looking at first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from checklists.model import Outcome
from checklists.review import Review
from crawler.database import as_text, writing
from output.accounts import Role, accounts
from output.web.board import Line, State
from output.web.desk import Call
from output.web.narrowing import Filter, counts, narrowed
from output.web.words import words

ON_A_PAGE = 50

WAITING = tuple(State)[: tuple(State).index(State.MACHINE)]
"""The states in which somebody still has something to do."""


def queue(call: Call) -> Response:
    """The claims a filter leaves, a page of them, with how many stand where."""
    campaign = call.campaign()
    asked = Filter.of(call.request.query_params)
    lines = call.lines(campaign) if campaign else []
    assigned = assignments(call)
    found = narrowed(lines, asked, assigned, call.now)
    pages = max(1, -(-len(found) // ON_A_PAGE))
    page = min(max(1, whole(call.request.query_params.get("page", "1"))), pages)
    return call.page(
        "queue.html",
        campaign=campaign,
        asked=asked,
        query=asked.asked(),
        lines=found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE],
        total=len(found),
        everything=len(lines),
        waiting=sum(line.state in WAITING for line in lines),
        page=page,
        pages=pages,
        counts=counts(narrowed(lines, without_state(asked), assigned, call.now)),
        choices=choices(call, lines),
        assigned=assigned,
        link=claim_path,
        done=entry_of(call, call.request.query_params.get("done", "")),
    )


def without_state(asked: Filter) -> Filter:
    """The filter, its state left open."""
    return Filter.of({name: value for name, value in asked.asked().items() if name != "state"})


def choices(call: Call, lines: Iterable[Line]) -> dict[str, list[tuple[str, str, int]]]:
    """What each filter may be set to: value, name, how many lines; only what is there."""
    kept = list(lines)
    names = {line.claim.agency: line.agency for line in kept}
    items = {line.group: line.group_title for line in kept}
    places = {line.group: line.place for line in kept}
    of_agency, of_item = Counter(line.claim.agency for line in kept), Counter(line.group for line in kept)
    of_block, of_outcome = Counter(line.block for line in kept), Counter(line.claim.outcome for line in kept)
    of_reason = Counter(reason for line in kept for reason in line.reasons)
    said = words()
    people = [one for one in accounts(call.workspace.conn) if one.role is Role.AUDITOR and not one.disabled]
    return {
        "block": [(block, said.blocks.get(block, block), of_block[block]) for block in sorted(of_block)],
        "agency": [(agency, names[agency], of_agency[agency]) for agency in sorted(names, key=lambda a: names[a])],
        "item": [(item, items[item], of_item[item]) for item in sorted(items, key=lambda i: places[i])],
        "outcome": [(o.value, said.outcomes[o], of_outcome[o]) for o in Outcome if of_outcome[o]],
        "reason": sorted(
            ((reason, said.reasons.get(reason, reason), count) for reason, count in of_reason.items()),
            key=lambda row: row[1],
        ),
        "assignee": [("nobody", "chưa giao ai", 0), *((one.login, one.name, 0) for one in people)],
    }


def claim_path(line_id: str) -> str:
    """The address of a claim's page."""
    return quote(f"/claim/{line_id}")


def next_claim(call: Call) -> Response:
    """The claim after (or before) the one named in the queue as filtered, the first where none is named; where there is none, the queue."""
    query = call.request.query_params
    asked, campaign = Filter.of(query), call.campaign()
    found = neighbour(call, campaign, query.get("after", ""), asked, -1 if query.get("back") else 1)
    return go_to(call, campaign, found, asked)


def neighbour(call: Call, campaign: str, claim: str, asked: Filter, step: int) -> str:
    """The id of the claim `step` places after another in the queue as filtered; the first where that one is not in it, '' past either end."""
    found = [line.id for line in narrowed(call.lines(campaign), asked, assignments(call), call.now)]
    place = found.index(claim) + step if claim in found else 0
    return found[place] if 0 <= place < len(found) else ""


def go_to(call: Call, campaign: str, claim: str, asked: Filter, *, done: str = "") -> Response:
    """On to a claim, or to the queue where it is ''; done: the entry just recorded, to be told of."""
    more = asked.asked() | ({"done": done} if done else {})
    return call.go(f"/claim/{claim}", **more) if claim else call.go("/", campaign=campaign, **more)


def filter_of_form(call: Call) -> Filter:
    """The filter a form carries along."""
    return Filter.of({name: call.text(f"filter.{name}", 200) for name in Filter.__struct_fields__})


def entry_of(call: Call, name: str) -> Review | None:
    """The entry of that hash, where the person asking made it."""
    row = call.workspace.conn.execute(
        "SELECT record FROM reviews WHERE hash = ? AND reviewer = ?", (name, call.person.login)
    ).fetchone()
    return msgspec.json.decode(row[0], type=Review) if row else None


def assign(call: Call) -> Response:
    """The claim is assigned to the person asking, or to nobody."""
    claim = call.text("claim", 300)
    if not any(line.id == claim for line in call.lines(claim.partition("/")[0])):
        raise HTTPException(404)
    with writing(call.workspace.conn) as conn:
        if call.text("to") == "nobody":
            conn.execute("DELETE FROM assignments WHERE claim_id = ? AND reviewer = ?", (claim, call.person.login))
        else:
            values = (claim, call.person.login, as_text(call.now))
            conn.execute(
                "INSERT OR REPLACE INTO assignments (claim_id, reviewer, assigned_at) VALUES (?, ?, ?)", values
            )
    asked = filter_of_form(call)
    if call.text("from") == "queue":
        return call.go("/", campaign=claim.partition("/")[0], **asked.asked())
    return call.go(f"/claim/{claim}", **asked.asked())


def assignments(call: Call) -> dict[str, str]:
    """Who works on which claim."""
    return dict(call.workspace.conn.execute("SELECT claim_id, reviewer FROM assignments").fetchall())


def whole(text: str, otherwise: int = 1) -> int:
    """A number of up to six digits, or the one that stands in for it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise
