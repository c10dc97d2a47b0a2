"""One agency in one campaign: its index with what each item brought, what is missing by points lost, its visits and how they went."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from checklists.model import Outcome
from checklists.services import service_of
from crawler import ledger
from crawler.model import Visit
from output.endings import left
from output.services import load_services
from output.store import read, read_scores, read_services_seen
from output.web.board import Line
from output.web.desk import Call
from output.web.pages.evidence import claim_of, shot_of
from output.web.pages.queue import claim_path
from output.web.pages.service import drawn
from scoring.load import find_method
from scoring.model import IndexScore, Leaf, Method
from scoring.rank import decimal_text

METHOD = "btttt-2016"
"""The method the page shows, until a campaign can name another."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """What one item brought: points earned, not settled, lost, of those applicable; shares in thousandths for drawing."""

    item: str
    title: str
    earned: Fraction
    open: Fraction
    lost: Fraction
    applicable: Fraction

    def width(self, part: Fraction) -> int:
        """A part in thousandths of what applies."""
        return int(part * 1000 / self.applicable) if self.applicable else 0


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The agency's services of level 3 and 4: how many were declared and probed, how many claims of each outcome, those with something to look
    at, time lines of these and of the others; left_out: services too many to draw."""

    declared: int
    probed: int
    outcomes: list[tuple[Outcome, int]]
    wanting: list[Line]
    wanting_line: Markup | None
    rest_line: Markup | None
    left_out: int


DRAWN = 150
"""Services drawn in one time line."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """An element that costs points, with what would mend it."""

    item: str
    element: str
    title: str
    mend: str
    points: Fraction
    settled: bool


def agency_page(call: Call) -> Response:
    """The agency's page; HTTPException(404) where the campaign says nothing of it."""
    campaign, agency = call.request.path_params["campaign"], call.request.path_params["agency"]
    lines = [line for line in call.lines(campaign) if line.claim.agency == agency]
    if not lines:
        raise HTTPException(404, "Đợt kiểm tra này không có cơ quan đó.")
    method = find_method(METHOD)
    score = next(
        (one for one in read_scores(call.workspace.store_path, campaign, method.id) if one.agency == agency), None
    )
    query = "SELECT record FROM visits WHERE campaign = ? AND agency = ? ORDER BY started_at"
    duties = sorted((line for line in lines if not service_of(line.claim.item)), key=lambda line: line.place)
    return call.page(
        "agency.html",
        campaign=campaign,
        agency=agency,
        name=lines[0].agency,
        block=lines[0].block,
        lines=duties,
        services=services_of(call, campaign, agency, lines),
        score=score,
        method=method,
        bars=bars_of(call, method, score) if score else [],
        gaps=gaps_of(call, method, score) if score else [],
        visits=read(call.workspace.store_path, query, (campaign, agency), Visit),
        slots=[slot for slot in ledger.slots(call.workspace.conn, campaign) if slot.agency == agency],
        proved=proved(call, duties),
        decimal=decimal_text,
        link=claim_path,
        left=left,
    )


def services_of(call: Call, campaign: str, agency: str, lines: Sequence[Line]) -> Services | None:
    """What is shown of the agency's services, None where it declared none of level 3 or 4 and none was judged."""
    told = {service_of(line.claim.item): line for line in lines if service_of(line.claim.item)}
    declared = sum(service.checked for service in load_services(call.workspace.conn, agency))
    if not declared and not told:
        return None
    records = read_services_seen(call.workspace.store_path, campaign, agency)
    wanting = {name for name, line in told.items() if line.claim.outcome is not Outcome.MET}
    first = [one for one in records if one.service.id in wanting]
    rest = [one for one in records if one.service.id not in wanting]
    return Services(
        declared=declared,
        probed=len(records),
        outcomes=[(outcome, n) for outcome in Outcome if (n := sum(x.claim.outcome is outcome for x in told.values()))],
        wanting=[line for line in told.values() if line.claim.outcome is not Outcome.MET],
        wanting_line=drawn("Dịch vụ có điều cần xem", first[:DRAWN]),
        rest_line=drawn("Các dịch vụ khác", rest[:DRAWN]),
        left_out=max(0, len(first) - DRAWN) + max(0, len(rest) - DRAWN),
    )


def leaf_parts(method: Method, score: IndexScore) -> list[tuple[Leaf, Fraction, Fraction, bool]]:
    """The leaves of items: points earned, points applicable, settled or not."""
    found = []
    for part in score.contributions:
        leaf = method.leaves[part.leaf]
        if leaf.item:
            found.append((leaf, part.earned, part.applicable, part.settled == part.applicable))
    return found


def bars_of(call: Call, method: Method, score: IndexScore) -> list[Bar]:
    """A bar for each item that applies, in the checklist's order."""
    titles = {item.id: item.title for item in call.desk.checklist.items}
    bars: dict[str, Bar] = {}
    for leaf, earned, applicable, settled in leaf_parts(method, score):
        if not applicable:
            continue
        zero = Fraction(0)
        bar = bars.get(leaf.item) or Bar(
            item=leaf.item, title=titles.get(leaf.item, leaf.item), earned=zero, open=zero, lost=zero, applicable=zero
        )
        bars[leaf.item] = msgspec.structs.replace(
            bar,
            earned=bar.earned + earned,
            open=bar.open + (zero if settled else applicable),
            lost=bar.lost + (applicable - earned if settled else zero),
            applicable=bar.applicable + applicable,
        )
    order = list(titles)
    return sorted(bars.values(), key=lambda bar: order.index(bar.item) if bar.item in order else len(order))


def gaps_of(call: Call, method: Method, score: IndexScore) -> list[Gap]:
    """What costs points or may cost them, the dearest first."""
    known = {(item.id, element.id): element for item in call.desk.checklist.items for element in item.elements}
    gaps = []
    for leaf, earned, applicable, settled in leaf_parts(method, score):
        element = known.get((leaf.item, leaf.element))
        if applicable > earned and element:
            gaps.append(
                Gap(
                    item=leaf.item,
                    element=leaf.element,
                    title=element.title,
                    mend=element.mend,
                    points=applicable - earned,
                    settled=settled,
                )
            )
    return sorted(gaps, key=lambda gap: (-gap.points, not gap.settled, gap.item))


def proved(call: Call, lines: Sequence[Line]) -> list[tuple[str, str, str, str]]:
    """Elements that can be shown outlined: claim id, element, the item's title, the element's; at most two an item and a dozen in all."""
    titles = {(item.id, element.id): element.title for item in call.desk.checklist.items for element in item.elements}
    found: list[tuple[str, str, str, str]] = []
    for line in lines:
        own: list[tuple[str, str, str, str]] = []
        for each in claim_of(call, line.id).elements:
            pointer = next(iter(each.verdict.seen), None)
            if pointer and len(own) < 2 and shot_of(call.workspace.evidence, each.finding, pointer).box:
                own.append(
                    (line.id, each.element, line.item, titles.get((line.claim.item, each.element), each.element))
                )
        found += own
    return found[:12]
