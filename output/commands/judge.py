"""`kiemcong evaluate` and `kiemcong explain`: from sealed folders to findings and claims, and the chain behind one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from checklists.liveness import LOCAL
from checklists.load import load_checklist
from checklists.model import Checklist, Claim, Finding, Item, Outcome, Pointer
from checklists.services import item_of, service_of
from crawler.model import TargetView, Visit
from crawler.registry import resolve
from crawler.services.batch_folder import Seen
from crawler.services.model import Service
from crawler.text import fold
from crawler.visit_folder import read_visit
from output.commands.place_and_time import workspace_option
from output.endings import MOST_SHOWN, ending, named
from output.exits import Exit, Stop
from output.judging import CHECKLIST, campaigns_of, claims_of, folders_of, item_for, judge, write_pictures
from output.progress import counted
from output.services import load_services
from output.services_drawing import WORDS as SEEN
from output.services_drawing import sparkline
from output.services_judging import PortalPages, judge_services
from output.services_seen import Days, batches_seen, campaigns_of_probes, unmarked
from output.store import read_claims, read_service_claims, read_services_seen, write_judged
from output.tables import format_option, print_table
from output.workspace import Workspace, open_workspace
from scoring.counting import counting_rule

WORDS = {
    Outcome.MET: "đạt",
    Outcome.PARTLY_MET: "đạt một phần",
    Outcome.NOT_MET: "không đạt",
    Outcome.NOT_APPLICABLE: "không áp dụng",
    Outcome.UNSURE: "chưa chắc chắn",
    Outcome.NOT_OBSERVED: "chưa quan sát được",
    Outcome.ERROR: "lỗi xử lý",
}
"""How an outcome is called before a person."""

STYLES = {Outcome.MET: "green", Outcome.PARTLY_MET: "yellow", Outcome.NOT_MET: "red"}


@click.command("evaluate")
@workspace_option
@click.option("--campaign", metavar="YEAR", help="The campaign to judge (default: every campaign that has visits).")
@format_option
def evaluate_command(workspace: Path, campaign: str | None, form: str) -> None:
    """Judge every sealed visit and batch of probes again, merge what they show, and keep findings and claims in the store."""
    checklist = load_checklist(CHECKLIST)
    with open_workspace(workspace) as opened:
        campaigns = [campaign] if campaign else judged_campaigns(opened)
        if not campaigns:
            raise Stop("no campaign has a sealed visit yet — run: kiemcong run --due-now", Exit.BAD_INPUT)
        claims = [claim for each in campaigns for claim in evaluate_campaign(opened, checklist, each)]
        names = service_names(opened)
    titles = {item.id: item.title for item in checklist.items} | {item_of(name): said for name, said in names.items()}
    rows = [(claim.agency, titles.get(claim.item, claim.item), WORDS[claim.outcome], claim.message) for claim in claims]
    print_table(("cơ quan", "mục", "kết luận", "lý do"), rows, form, title=checklist.title)


def evaluate_campaign(workspace: Workspace, checklist: Checklist, campaign: str) -> tuple[Claim, ...]:
    """The claims of one campaign on portals, then on services, its findings and claims stored. Raises Stop where it has no sealed folder."""
    folders = folders_of(workspace.visits, campaign)
    batches = batches_seen(workspace.probes, campaign)
    if not folders and not batches.folders:
        raise Stop(f"campaign {campaign} has no sealed visit yet — run: kiemcong run --due-now", Exit.BAD_INPUT)
    declared = load_services(workspace.conn)
    portal = PortalPages(declared)
    with counted(f"campaign {campaign}", len(folders)) as shown:
        findings = judge(checklist, folders, shown, portal.add)
    services = judge_services(campaign, declared, batches, portal, counting_rule(), checklist)
    findings = (*findings, *services.portal_findings)
    claims = claims_of(checklist, findings)
    write_judged(
        workspace.store_path,
        campaign,
        [read_visit(folder) for folder in folders],
        [*findings, *services.findings],
        [*claims, *services.claims],
        services.records,
    )
    return (*claims, *services.claims)


def service_names(workspace: Workspace) -> dict[str, str]:
    """The names of all declared services by id."""
    return {service.id: service.name for service in load_services(workspace.conn)}


@click.command("explain")
@workspace_option
@click.argument("agency")
@click.argument("item", required=False)
@click.option("--campaign", metavar="YEAR", help="The campaign (default: the only one judged).")
@click.option(
    "--pictures", type=click.Path(path_type=Path), help="Where to write pictures with the proving element outlined."
)
def explain_command(
    workspace: Path, agency: str, item: str | None, campaign: str | None, pictures: Path | None
) -> None:
    """Show the chain behind an agency's claims: links weighed, pages seen, elements, quotes, rule.

    ITEM is an item of the checklist, or the id or name of one of the agency's online services.
    """
    checklist = load_checklist(CHECKLIST)
    with open_workspace(workspace) as opened:
        known = resolve(opened.registry, agency, file="AGENCY")
        services = {each.id: each for each in load_services(opened.conn, known.id)}
        service = None if item in {each.id for each in checklist.items} else meant(services.values(), item or "")
        claims = judged(opened, campaign, known.id, item_of(service.id) if service else item)
        console = Console()
        console.print(f"[bold]{escape(known.name)}[/bold]")
        for claim in claims:
            about = services.get(service_of(claim.item))
            if about and service is None and claim.outcome in QUIET:
                continue
            described = item_for(checklist, claim, about.name if about else "")
            show_claim(console, described, claim, whole=item is not None)
            if service is not None:
                show_probes(console, opened, claim)
            elif item is not None:
                show_search(console, opened, checklist, claim)
        target = pictures or opened.path / "pictures" / known.id
        with console.status("pictures"):
            written = write_pictures(opened.evidence, checklist, claims, target)
    console.print(f"\n{len(written)} hình minh chứng có khoanh yếu tố: {target}", highlight=False, soft_wrap=True)


QUIET = frozenset({Outcome.MET, Outcome.NOT_OBSERVED})
"""Outcomes of services told only of a service asked for by name: an agency may have hundreds."""


def judged_campaigns(workspace: Workspace) -> list[str]:
    """The campaigns that have sealed visits or batches of probes, in order."""
    return sorted({*campaigns_of(workspace.visits), *campaigns_of_probes(workspace.probes)})


def meant(services: Iterable[Service], asked: str) -> Service | None:
    """The service of that id or name; None where there is none, or several."""
    found = [each for each in services if asked and (each.id == asked or fold(each.name) == fold(asked))]
    return found[0] if len(found) == 1 else None


def judged(workspace: Workspace, campaign: str | None, agency: str, item: str | None) -> tuple[Claim, ...]:
    """An agency's claims in the store, of one item where named. Raises Stop where there are none."""
    told = {
        each: (*read_claims(workspace.store_path, each), *read_service_claims(workspace.store_path, each))
        for each in ([campaign] if campaign else judged_campaigns(workspace))
    }
    campaigns = [each for each, claims in told.items() if campaign or claims]
    if len(campaigns) != 1:
        advice = f"choose with --campaign: {', '.join(campaigns)}" if campaigns else "run: kiemcong evaluate"
        raise Stop(f"{len(campaigns) or 'no'} campaigns were judged — {advice}", Exit.BAD_INPUT)
    wanted = [c for c in told[campaigns[0]] if c.agency == agency and item in (None, c.item)]
    if not wanted:
        raise Stop(f"campaign {campaigns[0]} says nothing of {agency}{' / ' + item if item else ''}", Exit.BAD_INPUT)
    return tuple(wanted)


def show_claim(console: Console, item: Item | None, claim: Claim, *, whole: bool) -> None:
    """One claim: its outcome and law, then its elements with reason, quote and page."""
    if item is None or (claim.outcome is Outcome.NOT_APPLICABLE and not whole):
        return
    style = STYLES.get(claim.outcome, "magenta")
    console.print()
    console.print(
        f"[bold]{escape(item.title)}[/bold]  [{style}]{WORDS[claim.outcome]}[/]  [dim]{escape(item.law.clause)}[/dim]"
    )
    table = Table(show_header=True, expand=True)
    for heading, ratio in (("yếu tố", 2), ("kết luận", 1), ("lý do", 5), ("trích dẫn", 3), ("trang", 4)):
        table.add_column(heading, ratio=ratio)
    names = {element.id: element.title for element in item.elements}
    for each in claim.elements:
        pointer = next(iter(each.verdict.seen), None)
        outcome = each.verdict.outcome
        clicks = "" if each.clicks is None else f" ({each.clicks} lần bấm)"
        table.add_row(
            escape(names[each.element]),
            f"[{STYLES.get(outcome, 'magenta')}]{WORDS[outcome]}[/]",
            escape(each.message),
            escape(pointer.quote[:160] if pointer else ""),
            escape(pointer.url + clicks if pointer else ""),
        )
    console.print(table)


def show_probes(console: Console, workspace: Workspace, claim: Claim) -> None:
    """What was seen of a service: a bar a day, then each change of state with the batch that holds its evidence."""
    name = service_of(claim.item)
    records = read_services_seen(workspace.store_path, claim.campaign, claim.agency)
    for record in (one for one in records if one.service.id == name and one.start):
        assert record.start is not None
        days = Days(
            record.start.astimezone(LOCAL).date(), 1 + (record.marks[-1] if record.marks else 0) // 4 // 1440 + 1
        )
        for at, outcome in unmarked(record.start, record.marks):
            days.add("", Seen(name, at, outcome))
        console.print(f"\n[bold]{escape(record.service.url)}[/bold]  {sparkline(days.of(name))}", highlight=False)
        for change in record.changes:
            layer = f" ({change.layer})" if change.layer else ""
            console.print(
                f"  {change.at.astimezone(LOCAL):%d/%m/%Y %H:%M}  {SEEN[change.outcome]}{layer}  {change.batch}",
                highlight=False,
                soft_wrap=True,
            )
    console.print(f"\nquy tắc gộp: {claim.rule}", highlight=False)


def show_search(console: Console, workspace: Workspace, checklist: Checklist, claim: Claim) -> None:
    """How each visit looked for the item's sections: the links weighed, in order, and what became of them."""
    item = next(each for each in checklist.items if each.id == claim.item)
    sections = {section for element in item.elements for section in element.sections}
    for name in sorted({finding.rpartition("/")[0] for finding in claim.findings}):
        visit = read_visit(workspace.visits / name)
        console.print(
            f"\n[bold]{escape(name)}[/bold]  {visit.started_at:%d/%m/%Y %H:%M}  {visit.navigations} trang, {ending(visit)}"
        )
        for view in visit.views:
            if view.target in sections:
                show_view(console, view)
    console.print(f"\nquy tắc gộp: {claim.rule}", highlight=False)


def show_view(console: Console, view: TargetView) -> None:
    """One target of one visit: seen in full or not, its landing pages, the best candidates."""
    fullness = "đã xem đầy đủ" if view.full else f"chưa xem đầy đủ: {view.gap}"
    console.print(f"  [cyan]{view.target}[/cyan] — {fullness}")
    for landing in view.landings:
        console.print(f"    trang: {escape(landing)}", highlight=False, soft_wrap=True)
    for candidate in view.candidates[:8]:
        console.print(
            f"    {candidate.score:.2f} {candidate.state.value:<10} “{escape(candidate.label[:60])}” {escape(candidate.why)} {escape(candidate.url)}",
            highlight=False,
            soft_wrap=True,
        )


def show_findings(checklist: Checklist, findings: Sequence[Finding], folder: Path, form: str) -> None:
    """One visit's findings as a table, an element a row, and where its evidence lies."""
    titles = {item.id: item.title for item in checklist.items}
    rows = [
        (titles[f.item], e.element, WORDS[e.verdict.outcome], e.message, address(e.verdict.seen))
        for f in findings
        if f.outcome is not Outcome.NOT_APPLICABLE
        for e in f.elements
    ]
    print_table(
        ("mục", "yếu tố", "kết luận", "lý do", "trang"), rows, form, title=read_visit(folder).request.agency_name
    )
    click.echo(f"evidence: {folder}", err=True)


def show_ending(visit: Visit) -> None:
    """Why a visit ended, what it left unseen and how promising that looked, for a person."""
    click.echo(f"{visit.navigations} lần mở trang; {ending(visit)}", err=True)
    for link in visit.unseen[:MOST_SHOWN]:
        click.echo(f"  {named(link)}", err=True)


def address(seen: Sequence[Pointer]) -> str:
    """The address of the first page pointed to, or ''."""
    return seen[0].url if seen else ""
