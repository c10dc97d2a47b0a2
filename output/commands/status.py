"""`kiemcong status`: how far the campaigns have come, and whether all is well with us."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console, Group
from rich.live import Live

from crawler import ledger
from crawler.ledger import Attempt, Ending, Slot, Standing, standing
from crawler.registry import Registry
from crawler.services import batches
from output.commands.place_and_time import now_option, parse_now, workspace_option
from output.commands.plan import shown
from output.endings import MOST_SHOWN, cut_short, ending, named
from output.exits import Exit
from output.health import Reading, readings
from output.operations import MEGABYTE, free_bytes
from output.pausing import paused_by
from output.runners import runners
from output.tables import drawn, format_option, plain_console, print_table
from output.workspace import Workspace, open_workspace

Table = tuple[str, Sequence[str], list[list[object]]]
"""A title, columns and rows."""

FOLLOW_SECONDS = 2.0


@click.command()
@workspace_option
@click.option("--campaign", metavar="YEAR", help="This campaign only.")
@click.option(
    "--follow", is_flag=True, help="Stay and show the present state until Ctrl-C; without a terminal, whatever changed."
)
@click.option(
    "--health", is_flag=True, help="Show only whether all is well with us; the exit code is 1 where it is not."
)
@now_option
@format_option
def status(workspace: Path, campaign: str | None, follow: bool, health: bool, now: str | None, form: str) -> int:
    """Show how far the campaigns have come: a row for each agency, and for a person also totals, what is under way, what is next, the last errors
    and whether all is well with us."""
    with open_workspace(workspace) as opened:
        if follow:
            with suppress(KeyboardInterrupt):
                follow_live(lambda: overview(opened, campaign, parse_now(now)))
            return Exit.DONE
        moment = parse_now(now)
        if health:
            found = readings(opened, moment)
            print_table(_HEALTH, health_rows(found), form, "Tình trạng phía ta")
            return Exit.FINDINGS if any(reading.wrong for reading in found) else Exit.DONE
        slots = ledger.slots(opened.conn, campaign)
        if not slots and form == "table":
            click.echo("nothing is planned — plan with: kiemcong plan --campaign YEAR")
            return Exit.DONE
        if form == "table":
            for title, columns, rows in overview(opened, campaign, moment):
                print_table(columns, rows, form, title)
        tries = ledger.attempts(opened.conn)
        print_table(_STATUS, status_rows(opened.registry, slots, tries, moment), form, "Theo cơ quan")
    return Exit.DONE


def follow_live(look: Callable[[], list[Table]]) -> None:
    """Draws what `look` gives anew every FOLLOW_SECONDS until Ctrl-C; without a terminal prints it whenever it has changed."""
    console = plain_console()
    if not console.is_terminal:
        before: list[Table] = []
        while True:
            tables = look()
            if tables != before:
                _draw(console, tables)
            before = tables
            time.sleep(FOLLOW_SECONDS)
    with Live(console=console, auto_refresh=False, screen=True) as live:
        while True:
            live.update(Group(*(drawn(columns, rows, title) for title, columns, rows in look() if rows)), refresh=True)
            time.sleep(FOLLOW_SECONDS)


def _draw(console: Console, tables: Sequence[Table]) -> None:
    for title, columns, rows in tables:
        if rows:
            console.print(drawn(columns, rows, title))


def overview(workspace: Workspace, campaign: str | None, now: datetime) -> list[Table]:
    """Everything but the rows of agencies: totals, runners, what is under way, what comes, what went wrong, and our own health."""
    slots = ledger.slots(workspace.conn, campaign)
    tries = [
        each for each in ledger.attempts(workspace.conn) if campaign is None or each.slot.startswith(f"{campaign}.")
    ]
    totals = Counter(standing(slot, now) for slot in slots)
    waiting = [slot for slot in slots if standing(slot, now) in (Standing.DUE, Standing.PLANNED)]
    coming = [[shown(slot.ready), slot.id] for slot in sorted(waiting, key=lambda slot: slot.ready)[:5]]
    running = [[shown(each.begun), each.slot, each.number, each.owner] for each in tries if each.ending is None]
    bad = [attempt for attempt in tries if attempt.ending in (Ending.FAILED, Ending.INTERRUPTED)][:-6:-1]
    errors: list[list[object]] = [
        [shown(attempt.ended), attempt.slot, attempt.number, attempt.ending, error_of(attempt)] for attempt in bad
    ]
    tables: list[Table] = [
        ("Lượt truy cập", ["count", *_STANDINGS], [[len(slots), *(totals[each] for each in _STANDINGS)]]),
        *_probe_tables(workspace, campaign, now),
        ("Chương trình", ["what", "value"], runner_rows(workspace)),
        ("Đang thực hiện", ["begun", "visit", "attempt", "by"], [list(row) for row in running]),
        ("Sắp tới", ["ready", "visit"], [list(row) for row in coming]),
        ("Lỗi gần nhất", ["ended", "visit", "attempt", "ending", "error"], errors),
        ("Lượt gần nhất còn sót", ["visit", "pages", "ending", "most_promising"], rows_left(workspace, tries)),
        ("Tình trạng phía ta", _HEALTH, health_rows(readings(workspace, now))),
    ]
    return tables


def rows_left(workspace: Workspace, tries: Sequence[Attempt]) -> list[list[object]]:
    """A row for each of the latest visits that left something worth seeing: why it ended, and what looked most promising."""
    return [
        [visit.request.id, visit.navigations, ending(visit), "\n".join(map(named, visit.unseen[:MOST_SHOWN]))]
        for visit in cut_short(workspace.visits, tries)
    ]


def _probe_tables(workspace: Workspace, campaign: str | None, now: datetime) -> list[Table]:
    names = [campaign] if campaign else batches.campaigns(workspace.conn)
    rows: list[list[object]] = []
    columns: list[str] = []
    for name in names:
        counts = batches.counts(workspace.conn, name, now)
        columns = ["campaign", *counts]
        if any(counts.values()):
            rows.append([name, *counts.values()])
    return [("Đợt thăm dò dịch vụ", columns, rows)] if rows else []


def runner_rows(workspace: Workspace) -> list[list[object]]:
    """Which runners are up, whether they are paused, and how much room the disk has."""
    rows: list[list[object]] = [["runner", f"{each.name}, {shown(each.seen)}"] for each in runners(workspace.conn)]
    if not rows:
        rows.append(["runner", "none is up"])
    if paused := paused_by(workspace.conn):
        rows.append(["paused by", paused])
    rows.append(["free on the disk", f"{free_bytes(workspace.visits) // (1000 * MEGABYTE)} GB"])
    return rows


def health_rows(found: Sequence[Reading]) -> list[list[object]]:
    """A row for each rule under the columns of the health table; the sentence only where the rule is broken."""
    states = {True: "✗", False: "✓"}
    return [
        [each.rule.id, "–" if each.value is None else states[each.wrong], each.shown, each.bar, each.cases,
         f"{each.rule.hours:g} h" if each.rule.hours else "", each.rule.message if each.wrong else ""]
        for each in found
    ]  # fmt: skip


def status_rows(
    registry: Registry, slots: Sequence[Slot], tries: Sequence[Attempt], now: datetime
) -> list[list[object]]:
    """A row for each campaign and agency under the columns of the status table, in the registry's order."""
    names = {agency.id: agency.name for agency in registry.agencies}
    places = {agency: place for place, agency in enumerate(names)}
    last_error = {attempt.slot: error_of(attempt) for attempt in tries if attempt.ending is not Ending.SEALED}
    groups: dict[tuple[str, int, str], list[Slot]] = {}
    for slot in slots:
        groups.setdefault((slot.campaign, places.get(slot.agency, len(places)), slot.agency), []).append(slot)
    rows: list[list[object]] = []
    for (campaign, _, agency), own in sorted(groups.items()):
        count = Counter(standing(slot, now) for slot in own)
        waiting = [slot.ready for slot in own if standing(slot, now) in (Standing.DUE, Standing.PLANNED)]
        errors = [error for slot in own if (error := last_error.get(slot.id))]
        rows.append(
            [campaign, agency, names.get(agency, ""), *(count[each] for each in _STANDINGS),
             shown(min(waiting, default=None)), errors[-1] if errors else ""]
        )  # fmt: skip
    return rows


def error_of(attempt: Attempt) -> str:
    """What went wrong in an attempt, in a few words."""
    return " ".join(part for part in (attempt.status or "", attempt.error) if part)


_STANDINGS = tuple(Standing)
_STATUS = ["campaign", "agency", "name", *_STANDINGS, "next", "last_error"]
_HEALTH = ["rule", "well", "value", "bar", "cases", "over", "what"]
