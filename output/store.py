"""store.sqlite: what was made of the visits, for anyone to read. Derived and deletable: judging and scoring again makes the same rows.

Every record is kept twice: its fields as columns to be asked for, and the record itself as JSON in `record`, from which it is read back exactly.
Exact numbers are text such as "33/145".
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from checklists.model import Claim, Finding
from checklists.services import PREFIX
from crawler.database import connect, writing
from crawler.model import Block, Visit
from output.exits import Exit, Stop
from output.services_judging import ServiceRecord
from scoring.model import IndexScore, RankRow
from scoring.records import from_json, to_json

VERSION = 3
"""The version of the tables below. A store of another version is emptied and made anew, since it can be."""

JUDGED = {
    "visits": """CREATE TABLE visits (
        id TEXT PRIMARY KEY, campaign TEXT NOT NULL, agency TEXT NOT NULL, number INTEGER NOT NULL, started_at TEXT NOT NULL,
        status TEXT NOT NULL, stop TEXT NOT NULL, navigations INTEGER NOT NULL, record TEXT NOT NULL
    ) STRICT""",
    "findings": """CREATE TABLE findings (
        id TEXT PRIMARY KEY, campaign TEXT NOT NULL, place INTEGER NOT NULL, visit TEXT NOT NULL, agency TEXT NOT NULL, item TEXT NOT NULL,
        outcome TEXT NOT NULL, message TEXT NOT NULL, needs_person INTEGER NOT NULL, clicks INTEGER, seen_at TEXT NOT NULL,
        checklist TEXT NOT NULL, checklist_digest TEXT NOT NULL, record TEXT NOT NULL
    ) STRICT""",
    "element_findings": """CREATE TABLE element_findings (
        campaign TEXT NOT NULL, finding TEXT NOT NULL, element TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL,
        clicks INTEGER, statistic INTEGER NOT NULL, PRIMARY KEY (finding, element)
    ) STRICT""",
    "claims": """CREATE TABLE claims (
        id TEXT PRIMARY KEY, campaign TEXT NOT NULL, place INTEGER NOT NULL, agency TEXT NOT NULL, item TEXT NOT NULL, outcome TEXT NOT NULL,
        message TEXT NOT NULL, needs_person INTEGER NOT NULL, clicks INTEGER, rule TEXT NOT NULL, digest TEXT NOT NULL, record TEXT NOT NULL
    ) STRICT""",
    "element_claims": """CREATE TABLE element_claims (
        campaign TEXT NOT NULL, claim TEXT NOT NULL, element TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL,
        finding TEXT NOT NULL, clicks INTEGER, statistic INTEGER NOT NULL, PRIMARY KEY (claim, element)
    ) STRICT""",
    "services_seen": """CREATE TABLE services_seen (
        campaign TEXT NOT NULL, agency TEXT NOT NULL, service TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (campaign, agency, service)
    ) STRICT""",
}
"""The tables judging fills."""

SCORED = {
    "scores": """CREATE TABLE scores (
        campaign TEXT NOT NULL, method TEXT NOT NULL, place INTEGER NOT NULL, block TEXT NOT NULL, agency TEXT NOT NULL, value TEXT,
        coverage TEXT NOT NULL, sourced TEXT NOT NULL, items_judged INTEGER NOT NULL, items_total INTEGER NOT NULL, withheld TEXT NOT NULL,
        record TEXT NOT NULL, PRIMARY KEY (campaign, method, agency)
    ) STRICT""",
    "contributions": """CREATE TABLE contributions (
        campaign TEXT NOT NULL, method TEXT NOT NULL, agency TEXT NOT NULL, leaf TEXT NOT NULL, earned TEXT NOT NULL, applicable TEXT NOT NULL,
        share TEXT NOT NULL, outcome TEXT NOT NULL, assumed INTEGER NOT NULL, PRIMARY KEY (campaign, method, agency, leaf)
    ) STRICT""",
    "ranks": """CREATE TABLE ranks (
        campaign TEXT NOT NULL, method TEXT NOT NULL, place INTEGER NOT NULL, block TEXT NOT NULL, rank INTEGER, agency TEXT NOT NULL,
        value TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (campaign, method, agency)
    ) STRICT""",
}
"""The tables scoring fills."""

Record = TypeVar("Record")


def create_store(path: Path) -> None:
    """store.sqlite exists with all its tables; one of another version loses what it held."""
    with open_store(path):
        pass


@contextmanager
def open_store(path: Path) -> Iterator[Database]:
    """The store at path, made where missing. Raises Stop(WORKSPACE) where the file is no database."""
    conn: sqlite3.Connection | None = None
    try:
        conn = connect(path)
        prepare(conn)
    except sqlite3.DatabaseError as broken:
        if conn:
            conn.close()
        message = f"{path} cannot be read: {broken} — it is derived: delete it and run kiemcong evaluate again"
        raise Stop(message, Exit.WORKSPACE) from broken
    try:
        yield Database(conn)
    finally:
        conn.close()


def prepare(conn: sqlite3.Connection) -> None:
    """The connection's database has exactly this version's tables."""
    if version_of(conn) == VERSION:
        return
    with writing(conn):
        if version_of(conn) == VERSION:  # another process was first
            return
        for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall():  # fmt: skip
            conn.execute(f'DROP TABLE "{name}"')
        for statement in (*JUDGED.values(), *SCORED.values()):
            conn.execute(statement)
        conn.execute(f"PRAGMA user_version = {VERSION}")


def version_of(conn: sqlite3.Connection) -> int:
    """The version of a database's tables, 0 where it is new."""
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


# --- writing: a campaign's rows are replaced whole ---------------------------------------------------------------------------------------


def write_judged(
    path: Path,
    campaign: str,
    visits: Iterable[Visit],
    findings: Iterable[Finding],
    claims: Iterable[Claim],
    services: Iterable[ServiceRecord] = (),
) -> None:
    """The campaign's visits, findings, claims and services are these and no others; its scores and ranks, made from earlier ones, are gone."""
    kept, found, claimed = list(visits), list(findings), list(claims)
    rows = {
        "visits": [visit_row(visit) for visit in kept],
        "findings": [finding_row(place, finding) for place, finding in enumerate(found)],
        "element_findings": [row for finding in found for row in element_rows("finding", finding.id, finding)],
        "claims": [claim_row(place, claim) for place, claim in enumerate(claimed)],
        "element_claims": [row for claim in claimed for row in element_rows("claim", claim.id, claim)],
        "services_seen": [service_row(campaign, one) for one in services],
    }
    strange = {row["campaign"] for table in rows.values() for row in table} - {campaign}
    if strange:
        raise ValueError(f"records of campaign {', '.join(sorted(strange))} among those of {campaign}")
    with open_store(path) as db, writing(db.conn):
        for table in (*JUDGED, *SCORED):
            db.table(table).delete_where("campaign = ?", [campaign])
        for table, written in rows.items():
            db.table(table).insert_all(written)


def write_scored(
    path: Path, campaign: str, method: str, scores: Sequence[IndexScore], ranks: Mapping[Block, Sequence[RankRow]]
) -> None:
    """The campaign's scores and ranks under the method are these and no others."""
    marks = {"campaign": campaign, "method": method}
    ranked = [(block, row) for block, rows in ranks.items() for row in rows]
    rows = {
        "scores": [{**marks, **score_row(place, score)} for place, score in enumerate(scores)],
        "contributions": [
            {**marks, "agency": score.agency, **columns(part, ("leaf", "earned", "applicable", "share", "outcome", "assumed"))}
            for score in scores
            for part in score.contributions
        ],
        "ranks": [
            {**marks, "place": place, "block": block.value, **columns(row, ("rank", "agency", "value")), "record": record(row)}
            for place, (block, row) in enumerate(ranked)
        ],
    }  # fmt: skip
    with open_store(path) as db, writing(db.conn):
        for table in SCORED:
            db.table(table).delete_where("campaign = ? AND method = ?", [campaign, method])
        for table, written in rows.items():
            db.table(table).insert_all(written)


def columns(thing: object, names: Iterable[str]) -> dict[str, Any]:
    """The named fields as SQLite keeps them: truth values as 0 or 1, exact numbers and words as text."""
    values = {name: getattr(thing, name) for name in names}
    return {name: value if value is None or isinstance(value, int) else str(value) for name, value in values.items()}


def record(thing: object) -> str:
    """The record as JSON text."""
    return to_json(thing).decode()


def visit_row(visit: Visit) -> dict[str, Any]:
    named = {
        **columns(visit.request, ("id", "campaign", "agency", "number")),
        "started_at": visit.started_at.isoformat(),
    }
    return {**named, **columns(visit, ("status", "stop", "navigations")), "record": record(visit)}


def finding_row(place: int, finding: Finding) -> dict[str, Any]:
    names = ("id", "campaign", "visit", "agency", "item", "outcome", "message", "needs_person", "clicks", "seen_at")
    named = columns(finding, (*names, "checklist", "checklist_digest"))
    return {"place": place, **named, "record": record(finding)}


def claim_row(place: int, claim: Claim) -> dict[str, Any]:
    names = ("id", "campaign", "agency", "item", "outcome", "message", "needs_person", "clicks", "rule", "digest")
    return {"place": place, **columns(claim, names), "record": record(claim)}


def service_row(campaign: str, seen: ServiceRecord) -> dict[str, Any]:
    service = seen.service
    return {"campaign": campaign, "agency": service.agency, "service": service.id, "record": record(seen)}


def element_rows(kind: str, owner: str, whole: Finding | Claim) -> list[dict[str, Any]]:
    """A row for each element of a finding or claim."""
    names = ("element", "message", "clicks", "statistic", *(["finding"] if kind == "claim" else []))
    return [
        {
            kind: owner,
            "campaign": whole.campaign,
            **columns(each, names),
            **columns(each.verdict, ("outcome", "reason")),
        }
        for each in whole.elements
    ]


def score_row(place: int, score: IndexScore) -> dict[str, Any]:
    names = ("agency", "value", "coverage", "sourced", "items_judged", "items_total", "withheld")
    block = score.block.value if score.block else ""
    return {"place": place, "block": block, **columns(score, names), "record": record(score)}


# --- reading ---------------------------------------------------------------------------------------------------------------------------


def read_visits(path: Path, campaign: str) -> tuple[Visit, ...]:
    """The campaign's visits by id."""
    return read(path, "SELECT record FROM visits WHERE campaign = ? ORDER BY id", (campaign,), Visit)


def read_findings(path: Path, campaign: str) -> tuple[Finding, ...]:
    """The campaign's findings on portals in the order they were written."""
    query = "SELECT record FROM findings WHERE campaign = ? AND item NOT GLOB ? ORDER BY place"
    return read(path, query, (campaign, OF_SERVICES), Finding)


def read_claims(path: Path, campaign: str) -> tuple[Claim, ...]:
    """The campaign's claims on portals in the order they were written."""
    query = "SELECT record FROM claims WHERE campaign = ? AND item NOT GLOB ? ORDER BY place"
    return read(path, query, (campaign, OF_SERVICES), Claim)


def read_service_claims(path: Path, campaign: str) -> tuple[Claim, ...]:
    """The campaign's claims on online services in the order they were written."""
    query = "SELECT record FROM claims WHERE campaign = ? AND item GLOB ? ORDER BY place"
    return read(path, query, (campaign, OF_SERVICES), Claim)


def read_services_seen(path: Path, campaign: str, agency: str) -> tuple[ServiceRecord, ...]:
    """What the campaign saw of an agency's services, by their ids."""
    query = "SELECT record FROM services_seen WHERE campaign = ? AND agency = ? ORDER BY service"
    return read(path, query, (campaign, agency), ServiceRecord)


OF_SERVICES = f"{PREFIX}*"
"""What the items of claims on services look like."""


def read_scores(path: Path, campaign: str, method: str) -> tuple[IndexScore, ...]:
    """The campaign's scores under a method in the order they were written."""
    query = "SELECT record FROM scores WHERE campaign = ? AND method = ? ORDER BY place"
    return read(path, query, (campaign, method), IndexScore)


def read_ranks(path: Path, campaign: str, method: str) -> dict[Block, tuple[RankRow, ...]]:
    """The campaign's ranked tables under a method, by block."""
    query = "SELECT block, record FROM ranks WHERE campaign = ? AND method = ? ORDER BY place"
    ranks: dict[Block, tuple[RankRow, ...]] = {}
    with open_store(path) as db:
        for block, text in db.conn.execute(query, (campaign, method)).fetchall():
            ranks[Block(block)] = (*ranks.get(Block(block), ()), from_json(text, RankRow))
    return ranks


def read(path: Path, query: str, values: tuple[str, ...], kind: type[Record]) -> tuple[Record, ...]:
    """The records a query finds."""
    with open_store(path) as db:
        return tuple(from_json(text, kind) for (text,) in db.conn.execute(query, values).fetchall())
