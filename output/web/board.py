"""Every claim of a campaign as the queue shows it: where it stands with people, in the order it is worth looking at."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from checklists.model import Checklist, Claim, Mode, Outcome
from checklists.review import Judgement, Review, Standing, by_claim, standing
from checklists.services import service_checklist, service_of
from crawler.database import as_text
from crawler.model import Block
from crawler.registry import Registry
from output.reviews import reviews
from output.store import open_store
from output.web.words import words
from scoring.settle import SETTLED_BY_MACHINE


class State(StrEnum):
    """Where a claim stands; in the order of the queue."""

    APPEALED = "appealed"
    DISPUTED = "disputed"
    SECOND = "second"
    STALE = "stale"
    UNMADE = "unmade"
    OPEN = "open"
    NEGATIVE = "negative"
    UNSEEN = "unseen"
    RECHECK = "recheck"
    MACHINE = "machine"
    PERSON = "person"


PLACES = {state: place for place, state in enumerate(State)}


class SeenVerdict(msgspec.Struct, frozen=True):
    outcome: Outcome
    reason: str


class SeenElement(msgspec.Struct, frozen=True):
    element: str
    verdict: SeenVerdict
    statistic: bool = False


class SeenClaim(msgspec.Struct, frozen=True):
    """What the queue needs of a stored claim; the rest of the record is not read."""

    campaign: str
    agency: str
    item: str
    outcome: Outcome
    message: str
    elements: tuple[SeenElement, ...]
    findings: tuple[str, ...]
    needs_person: bool
    digest: str

    @property
    def id(self) -> str:
        return f"{self.campaign}/{self.agency}/{self.item}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A claim in the queue. seen_at: when its latest visit was made; reasons: the machine's, of elements that are not met; group: what it is filtered
    and counted under, its item or all services together; said: what is wanting, in a line; waits_for: the visit a recheck asked for that was not judged yet."""

    claim: SeenClaim
    block: str
    agency: str
    item: str
    place: int
    seen_at: str
    reasons: tuple[str, ...]
    assisted: bool
    state: State
    appealed_at: str = ""
    group: str
    group_title: str
    said: str
    waits_for: str = ""

    @property
    def id(self) -> str:
        return self.claim.id


class KnownItem(NamedTuple):
    """What the queue needs of an item: its place in the checklist, titles, whether only people settle it."""

    place: int
    title: str
    assisted: bool
    elements: Mapping[str, str]


class Board:
    """The claims of the store with what people decided, kept in memory and made anew when the store or the chain changes."""

    def __init__(self, store: Path, checklist: Checklist) -> None:
        self._store = store
        self._items = {
            item.id: KnownItem(
                place, item.title, item.mode is Mode.ASSISTED, {element.id: element.title for element in item.elements}
            )
            for place, item in enumerate(checklist.items)
        }
        self._lock = threading.Lock()
        self._stamp: object = None
        self._bare: dict[str, list[Line]] = {}
        self._known: tuple[Review, ...] = ()
        self._made: dict[str, tuple[tuple[object, int, frozenset[str]], list[Line]]] = {}

    def campaigns(self, registry: Registry) -> list[str]:
        """The campaigns that were judged, the latest first."""
        with self._lock:
            self._refresh(registry)
            return sorted(self._bare, reverse=True)

    def lines(self, conn: sqlite3.Connection, registry: Registry, campaign: str, now: datetime) -> list[Line]:
        """A campaign's claims in the order of the queue."""
        with self._lock:
            self._refresh(registry)
            self._known += reviews(conn, after=len(self._known))
            key = (self._stamp, len(self._known), failed_waits(conn, self._known, now))
            made = self._made.get(campaign)
            if made is None or made[0] != key:
                decided = by_claim(review for review in self._known if review.campaign == campaign)
                made = (key, in_order(self._bare.get(campaign, []), decided, key[2]))
                self._made[campaign] = made
            return made[1]

    def _refresh(self, registry: Registry) -> None:
        stamp = stamp_of(self._store)
        if stamp == self._stamp:
            return
        agencies = {one.id: (one.name, one.block) for one in registry.agencies}
        self._bare = {}
        for line in read_lines(self._store, agencies, self._items):
            self._bare.setdefault(line.claim.campaign, []).append(line)
        # Reading may itself have tidied the write-ahead log away.
        self._stamp = stamp_of(self._store)


def stamp_of(store: Path) -> tuple[int, ...]:
    """What changes when the store is written: its file, and its log while there is one."""
    found: tuple[int, ...] = ()
    for path in (store, store.with_name(f"{store.name}-wal")):
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        if state.st_size:
            found += (state.st_ino, state.st_size, state.st_mtime_ns)
    return found


def read_lines(
    store: Path, agencies: Mapping[str, tuple[str, Block]], items: Mapping[str, KnownItem]
) -> Iterable[Line]:
    """The claims of the store as the machine left them."""
    decoder = msgspec.json.Decoder(SeenClaim)
    with open_store(store) as db:
        visited = visited_agencies(db.conn)
        services = dict(db.conn.execute("SELECT service, record ->> '$.service.name' FROM services_seen").fetchall())
        seen = dict(db.conn.execute("SELECT id, seen_at FROM findings").fetchall())
        rows = db.conn.execute("SELECT record FROM claims ORDER BY campaign, place").fetchall()
    for (text,) in rows:
        claim = decoder.decode(text)
        name, block = agencies.get(claim.agency) or visited.get(claim.agency) or (claim.agency, "")
        place, title, assisted, elements = items.get(claim.item, KnownItem(len(items), claim.item, False, {}))
        group, group_title = claim.item, title
        if service := service_of(claim.item):
            title, assisted = services.get(service, service), claim.needs_person
            group, group_title = service_checklist().id, service_checklist().title
        yield Line(
            claim=claim,
            block=block,
            agency=name,
            item=title,
            place=place,
            seen_at=max((seen.get(finding, "") for finding in claim.findings), default=""),
            reasons=tuple(
                dict.fromkeys(
                    one.verdict.reason
                    for one in claim.elements
                    if one.verdict.outcome is not Outcome.MET and not (service and one.statistic)
                )
            ),
            assisted=assisted,
            state=state_of(claim, assisted, None),
            group=group,
            group_title=group_title,
            said=claim.message if service else wanting(claim, elements) or claim.message,
        )


def wanting(claim: SeenClaim, titles: Mapping[str, str]) -> str:
    """What of a claim's duties is not met, by outcome, in a line; '' where nothing is, or nothing of it was seen."""
    listed: dict[str, list[str]] = {}
    for one in claim.elements:
        if one.verdict.outcome in words().wanting and not one.statistic and one.element in titles:
            listed.setdefault(one.verdict.outcome, []).append(titles[one.element])
    duties = [one for one in claim.elements if not one.statistic]
    if claim.outcome is Outcome.NOT_APPLICABLE or len(listed.get(Outcome.NOT_OBSERVED, ())) == len(duties):
        return ""
    return " ".join(
        f"{words().wanting[each]}: {'; '.join(listed[each])}." for each in words().wanting if each in listed
    )


def visited_agencies(store: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Name and block of every agency as its visits name it, for those the registry does not know."""
    query = "SELECT agency, record ->> '$.request.agency_name', record ->> '$.request.block' FROM visits"
    return {agency: (name, block) for agency, name, block in store.execute(query).fetchall()}


def failed_waits(conn: sqlite3.Connection, decided: Iterable[Review], now: datetime) -> frozenset[str]:
    """The visits and batches of probes that rechecks asked for and that will not be made any more."""
    wanted = {review.visit for review in decided if review.visit}
    if not wanted:
        return frozenset()
    lost = conn.execute(
        "SELECT id FROM slots WHERE state IN ('missed-by-us', 'failed') OR state = 'planned' AND deadline <= ?1"
        " UNION ALL SELECT id FROM batches WHERE state = 'missed-by-us' OR state = 'planned' AND deadline <= ?1",
        (as_text(now),),
    )
    return frozenset(wanted & {name for (name,) in lost.fetchall()})


def in_order(bare: Sequence[Line], decided: Mapping[str, Sequence[Review]], failed: Collection[str] = ()) -> list[Line]:
    """The lines as people leave them, those first that are worth looking at first; then by agency and item. failed: visits that were not made."""
    lines = [with_people(line, decided[line.id]) if line.id in decided else line for line in bare]
    lines = [
        msgspec.structs.replace(line, state=State.UNMADE)
        if line.state is State.RECHECK and line.waits_for in failed
        else line
        for line in lines
    ]
    return sorted(lines, key=lambda line: (PLACES[line.state], line.appealed_at, line.agency, line.place))


def with_people(line: Line, decided: Sequence[Review]) -> Line:
    """The line as people leave it."""
    left = people_on(line.claim, decided, line.seen_at)
    return msgspec.structs.replace(
        line,
        state=state_of(line.claim, line.assisted, left),
        appealed_at=left.appeal.reviewed_at.isoformat() if left.appeal else "",
        waits_for=left.recheck.visit if left.recheck else "",
    )


def people_on(claim: SeenClaim, decided: Sequence[Review], seen_at: str = "") -> Standing:
    """How people leave a claim of the queue."""
    whole = claim.outcome is Outcome.NOT_APPLICABLE
    machine = {one.element: Outcome.NOT_APPLICABLE if whole else one.verdict.outcome for one in claim.elements}
    return standing(claim.digest, machine, decided, visits=made_visits(claim, decided, seen_at))


def made_visits(claim: SeenClaim | Claim, decided: Iterable[Review], seen_at: str) -> set[str]:
    """The visits a claim rests on. One on a service rests on all its probes: a batch asked for was made where it was seen at that time or later."""
    if not service_of(claim.item):
        return {finding.rpartition("/")[0] for finding in claim.findings}
    return {one.visit for one in decided if seen_at and one.reviewed_at <= datetime.fromisoformat(seen_at)}


def state_of(claim: SeenClaim, assisted: bool, left: Standing | None) -> State:
    """Where a claim stands; left: as people leave it, None where nobody said anything."""
    duties = [one for one in claim.elements if not one.statistic]
    machine = {one.element: one.verdict.outcome for one in duties}
    judged: dict[str, Judgement] = {}
    if left:
        for state, holds in (
            (State.APPEALED, left.appeal is not None),
            (State.DISPUTED, left.disputed),
            (State.SECOND, left.awaits_second),
            (State.STALE, bool(left.stale)),
            (State.RECHECK, left.recheck is not None),
        ):
            if holds:
                return state
        judged = {name: left.elements[name] for name in machine if left.elements[name].people}
        if judged.keys() == machine.keys():
            return State.PERSON
    if claim.outcome is Outcome.NOT_APPLICABLE:
        return State.MACHINE
    rest = {outcome for name, outcome in machine.items() if name not in judged}
    unsettled = rest - SETTLED_BY_MACHINE
    if (assisted and unsettled != rest) or unsettled - {Outcome.NOT_OBSERVED}:
        return State.OPEN
    if unsettled:
        return State.UNSEEN
    return State.NEGATIVE if Outcome.NOT_MET in rest else State.MACHINE
