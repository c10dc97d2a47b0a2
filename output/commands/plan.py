"""`kiemcong plan`: when each agency is visited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

import click

from crawler import ledger
from crawler.ledger import PlannedVisit, Slot, Standing, standing
from crawler.model import Agency
from crawler.plan import VIETNAM, Window, default_window, habits, parse_window, plan_visits, working_days
from crawler.problems import BadInput, Problem
from crawler.registry import Registry, resolve
from output.commands.place_and_time import block_option, now_option, parse_now, workspace_option
from output.tables import format_option, print_table
from output.workspace import open_workspace

WEEK = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


@click.command()
@workspace_option
@click.option(
    "--campaign", required=True, metavar="YEAR", help="The year assessed, such as 2016; any name with --window."
)
@click.option(
    "--window", metavar="A..B", help="First and last day [default: 1 February to 31 March of the year after]."
)
@click.option(
    "--visits", type=click.IntRange(1, 20), default=habits().visits, show_default=True, help="Visits to each agency."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same plan.")
@block_option
@click.option("--agency", multiple=True, metavar="NAME", help="This agency only; may be repeated.")
@now_option
@format_option
def plan(
    workspace: Path,
    campaign: str,
    window: str | None,
    visits: int,
    seed: int,
    block: tuple[str, ...],
    agency: tuple[str, ...],
    now: str | None,
    form: str,
) -> None:
    """Spread the visits of a campaign over its check window and print the calendar.

    Planning again never loses or moves a visit that is done, under way or was tried.
    """
    span = parse_window(window) if window else default_window(campaign)
    moment = parse_now(now)
    with open_workspace(workspace) as opened:
        registry = opened.registry
        chosen = choose_agencies(registry, span, block, agency)
        kept = [*ledger.fixed_visits(opened.conn, campaign), *visits_of_others(opened.conn, campaign, chosen)]
        planned = plan_visits(chosen, span, visits, seed, campaign=campaign, existing=kept)
        ledger.store_plan(opened.conn, planned, now=moment)
        slots = ledger.slots(opened.conn, campaign)
    late = sum(standing(slot, moment) is Standing.MISSED and not slot.attempts for slot in slots)
    if late:
        click.echo(f"note: {late} visits lie in the past and will be recorded as missed by us", err=True)
    if form == "table":
        print_calendar(slots, span, campaign)
    else:
        print_table(_PLAN, plan_rows(registry, slots, moment), form)


def choose_agencies(
    registry: Registry, window: Window, blocks: Sequence[str], names: Sequence[str]
) -> tuple[Agency, ...]:
    """The agencies to visit: assessed ones that exist on the window's first day, narrowed to blocks and names. Raises BadInput.

    A name given for an agency that is not assessed, or is no more, is a problem; without names such agencies are left out.
    """
    problems: list[Problem] = []
    named: dict[str, Agency] = {}
    for name in names:
        try:
            agency = resolve(registry, name, file="--agency")
        except BadInput as unknown:
            problems += unknown.problems
            continue
        named[agency.id] = agency
        if not agency.assessed:
            problems.append(Problem("--agency", 0, "", f"{agency.name} is not assessed", agency.not_assessed))
        elif not exists_on(agency, window.first):
            heir = f"its successor is {agency.successor}" if agency.successor else "see: kiemcong agencies show"
            message = f"{agency.name} did not exist on {window.first:%d/%m/%Y}"
            problems.append(Problem("--agency", 0, "", message, heir))
    if problems:
        raise BadInput(problems)
    wanted = named.values() if names else registry.agencies
    return tuple(
        agency
        for agency in wanted
        if agency.assessed and exists_on(agency, window.first) and (not blocks or agency.block in blocks)
    )


def visits_of_others(db: Connection, campaign: str, chosen: Sequence[Agency]) -> list[PlannedVisit]:
    """The campaign's planned visits to agencies that are not being planned now; they load their days."""
    own = {agency.id for agency in chosen}
    return [slot.planned for slot in ledger.slots(db, campaign) if slot.agency not in own]


def exists_on(agency: Agency, day: date) -> bool:
    """Whether the agency exists on a day, as far as the registry knows."""
    began = agency.valid_from is None or agency.valid_from <= day
    return began and (agency.valid_to is None or day <= agency.valid_to)


def plan_rows(registry: Registry, slots: Iterable[Slot], now: datetime) -> list[list[object]]:
    """A row for each slot under the columns of the plan's table."""
    known = {agency.id: agency for agency in registry.agencies}
    return [
        [slot.id, slot.campaign, slot.agency, agency.block if agency else "", agency.name if agency else "", slot.number,
         shown(slot.at), standing(slot, now)]
        for slot in slots
        for agency in [known.get(slot.agency)]
    ]  # fmt: skip


def print_calendar(slots: Sequence[PlannedVisit | Slot], window: Window, campaign: str) -> None:
    """Prints a grid for each month with the day and its number of visits; working days of the window show 0, other days only their number."""
    counts = Counter(slot.at.astimezone(VIETNAM).date() for slot in slots)
    first, last = min([window.first, *counts]), max([window.last, *counts])
    open_days = set(working_days(window))
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        weeks: list[list[str]] = []
        for step in range((following - month).days):
            day = month + timedelta(days=step)
            if day.weekday() == 0 or not weeks:
                weeks.append([""] * 7)
            weeks[-1][day.weekday()] = (
                f"{day.day}: {counts[day]}" if day in counts or day in open_days else str(day.day)
            )
        total = sum(count for day, count in counts.items() if (day.year, day.month) == (month.year, month.month))
        title = (
            f"Lịch kiểm tra đợt {campaign} — tháng {month.month}/{month.year}: {total} lượt truy cập (ngày: số lượt)"
        )
        print_table(WEEK, weeks, "table", title)
        month = following


def shown(moment: datetime | None) -> str:
    """A moment as a person in Vietnam reads it, to the minute; '' for none."""
    return moment.astimezone(VIETNAM).isoformat(timespec="minutes") if moment else ""


_PLAN = ["visit", "campaign", "agency", "block", "name", "number", "at", "state"]
