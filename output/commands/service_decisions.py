"""`kiemcong services decisions`: what people decided elsewhere about services, brought into the chain of reviews."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import click
import msgspec

from checklists.model import Claim, Outcome
from checklists.review import Act, machine_outcomes
from checklists.services import WORKING, service_of
from crawler.problems import BadInput, Problem, bad_input
from output.commands.place_and_time import parse_now, workspace_option
from output.reviews import Draft, record, reviews
from output.store import read_service_claims
from output.workspace import Workspace, open_workspace
from scoring.figures import FigureRow, read_rows


class Decision(msgspec.Struct, frozen=True):
    """A person's word on a claim about a service, as the chain would record it."""

    claim: Claim
    draft: Draft


@click.command("decisions")
@click.argument("file", type=click.Path(path_type=Path))
@workspace_option
@click.option("--campaign", required=True, metavar="YEAR", help="The campaign the decisions are about.")
def decisions(file: Path, workspace: Path, campaign: str) -> None:
    """Import what persons decided about services into the chain of reviews.

    FILE has the columns service, decision (confirm or overturn), reviewer, reviewed_at and justification. They count as if made on the review
    page: confirm keeps what the machine found, overturn turns “works” round and takes two persons. A row that is in the chain already is passed
    over.
    """
    with open_workspace(workspace) as opened:
        found = read_decisions(file, campaign, opened)
        known = {(one.claim_id, one.act, one.reviewer, one.reviewed_at, one.text) for one in reviews(opened.conn)}
        fresh = [one for one in found if named(one) not in known]
        for one in fresh:
            record(opened.conn, one.claim, one.draft, seen=None)
    said = Counter(one.draft.act.value for one in found)
    click.echo(f"{len(fresh)} new of {len(found)}: {said['confirm']} confirm, {said['overturn']} overturn", err=True)


def named(one: Decision) -> tuple[str, Act, str, datetime, str]:
    """What makes a decision the same one when its file comes again."""
    return one.claim.id, one.draft.act, one.draft.reviewer, one.draft.reviewed_at, one.draft.text


def read_decisions(file: Path, campaign: str, workspace: Workspace) -> list[Decision]:
    """The decisions of a file. Raises BadInput with every mistake."""
    claims = {service_of(claim.item): claim for claim in read_service_claims(workspace.store_path, campaign)}
    problems: list[Problem] = []
    found = [
        made
        for row in read_rows(file, ("service", "decision", "reviewer", "reviewed_at", "justification"))
        if (made := read_decision(row, claims, problems)) is not None
    ]
    if problems:
        raise BadInput(problems)
    return found


def read_decision(row: FigureRow, claims: dict[str, Claim], problems: list[Problem]) -> Decision | None:
    """One row; None after its problems were told."""
    before = len(problems)
    claim = claims.get(row["service"])
    if claim is None:
        mend = "see: kiemcong services list; judged services have claims after: kiemcong evaluate"
        problems.append(row.problem("service", f"there is no claim on a service “{row['service']}”", mend))
    if row["decision"] not in ("confirm", "overturn"):
        problems.append(row.problem("decision", f"“{row['decision']}” is no decision", "write confirm or overturn"))
    problems += [
        row.problem(column, "is missing", "say who decided, and why")
        for column in ("reviewer", "justification")
        if not row[column]
    ]
    try:
        if not row["reviewed_at"]:
            raise bad_input("", "is missing", "write the day, such as 2017-03-20")
        at = parse_now(row["reviewed_at"])
    except BadInput as wrong:
        problems.append(row.problem("reviewed_at", wrong.problems[0].message, wrong.problems[0].mend))
        return None
    machine = machine_outcomes(claim) if claim else {}
    turned = {Outcome.NOT_MET: Outcome.MET, Outcome.MET: Outcome.NOT_MET}.get(machine.get(WORKING, Outcome.ERROR))
    if claim and row["decision"] == "overturn" and turned is None:
        problems.append(row.problem("decision", "the machine did not settle whether it works", "decide it on the page"))
    if claim is None or len(problems) > before:
        return None
    act = Act(row["decision"])
    elements = machine | {WORKING: turned} if act is Act.OVERTURN and turned else machine
    return Decision(
        claim,
        Draft(
            act=act,
            reviewer=row["reviewer"],
            reviewed_at=at,
            text=row["justification"],
            address=Path(row.file).name,
            elements=elements,
        ),
    )
