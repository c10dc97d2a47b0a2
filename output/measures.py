"""Measures handed in for a campaign, kept in the workspace, and scores made of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from crawler.database import as_text, writing
from crawler.problems import BadInput, Problem
from crawler.registry import Registry, resolve
from output.exits import Exit, Stop
from output.store import write_scored
from output.workspace import Workspace
from scoring.figures import read_rows
from scoring.measures import COLUMNS, read_measures
from scoring.model import IndexScore, Measure, Method
from scoring.rank import rank
from scoring.score import score


def read_known_measures(path: Path, registry: Registry) -> tuple[Measure, ...]:
    """The measures of a file, their agencies' names replaced by ids. Raises BadInput with every mistake and every name that means no agency."""
    given = read_measures(path)
    problems: list[Problem] = []
    found: dict[str, str] = {}
    measures = []
    lines: dict[tuple[str, str], int] = {}
    for row, measure in zip(read_rows(path, COLUMNS), given, strict=True):
        try:
            agency = (
                found.get(measure.agency)
                or resolve(registry, measure.agency, file=str(path), line=row.line, field="agency").id
            )
        except BadInput as unknown:
            problems += unknown.problems
            continue
        found[measure.agency] = agency
        first = lines.setdefault((agency, measure.measure), row.line)
        if first != row.line:
            said = f"“{measure.measure}” of {agency} stands twice, first on line {first}"
            problems.append(row.problem("measure", said, "keep one"))
        measures.append(
            Measure(
                agency=agency,
                measure=measure.measure,
                earned=measure.earned,
                applicable=measure.applicable,
                source=measure.source,
            )
        )
    if problems:
        raise BadInput(problems)
    return tuple(measures)


def store_measures(
    conn: sqlite3.Connection, campaign: str, measures: Iterable[Measure], *, file: str, now: datetime
) -> tuple[int, int]:
    """The measures are the campaign's, each in place of one before; how many are new, how many changed."""
    before = {(each.agency, each.measure): each for each in load_measures(conn, campaign)}
    given = tuple(measures)
    rows = [
        (campaign, each.agency, each.measure, str(each.earned), str(each.applicable), each.source, file, as_text(now))
        for each in given
        if before.get((each.agency, each.measure)) != each
    ]
    with writing(conn):
        conn.executemany("INSERT OR REPLACE INTO measures VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    new = sum((each.agency, each.measure) not in before for each in given)
    return new, len(rows) - new


def load_measures(conn: sqlite3.Connection, campaign: str) -> tuple[Measure, ...]:
    """The campaign's measures, by agency and measure."""
    rows = conn.execute(
        "SELECT agency, measure, earned, applicable, source FROM measures WHERE campaign = ? ORDER BY agency, measure",
        (campaign,),
    )
    return tuple(
        Measure(agency=agency, measure=measure, earned=Fraction(earned), applicable=Fraction(applicable), source=source)
        for agency, measure, earned, applicable, source in rows
    )


def score_campaign(workspace: Workspace, campaign: str, method: Method) -> tuple[IndexScore, ...]:
    """The index of every agency that has measures in the campaign, in the registry's order, written to the store with its ranks.

    Raises Stop where the campaign has no measure of a block the method is for.
    """
    given = load_measures(workspace.conn, campaign)
    having = {each.agency for each in given}
    made: list[IndexScore] = []
    ranks = {}
    for block in method.blocks:
        names = [agency.id for agency in workspace.registry.agencies if agency.block is block and agency.id in having]
        if names:
            scores = score(method, block, names, measures=given)
            ranks[block] = rank(method, scores)
            made += scores
    if not made:
        raise Stop(
            f"campaign {campaign} has no measures for {method.id} — run: kiemcong measures import FILE --campaign {campaign}",
            Exit.BAD_INPUT,
        )
    write_scored(workspace.store_path, campaign, method.id, made, ranks)
    return tuple(made)
