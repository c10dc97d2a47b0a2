"""`kiemcong services plan|probe|status|timeline`: whether declared services work, all window long."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from checklists.liveness import LOCAL, Liveness, Stability, stability
from crawler.clock import Still, wall
from crawler.netguard import World, world_from_options
from crawler.plan import default_window, parse_window
from crawler.politeness import user_agent
from crawler.problems import bad_input
from crawler.registry import resolve
from crawler.services import batches
from crawler.services.model import Outcome, Service, probe_rules
from crawler.services.plan import groups, plan_batches, probed
from crawler.spiders.service import ProbeOptions
from output.commands.looking import refuse_no_browser
from output.commands.place_and_time import now_option, parse_now, workspace_option
from output.exits import Exit, Stop
from output.operations import operations
from output.probing import ProbeRound, probes_crew
from output.progress import line_of
from output.services import load_services, probe_subjects
from output.services_drawing import sparkline, timeline
from output.services_seen import BatchesSeen, Days, batches_seen, campaign_liveness, sightings
from output.supervise import Event, supervise
from output.tables import format_option, print_table
from output.workspace import Workspace, open_workspace
from scoring.counting import counting_rule, percent, rule_sentence

VERDICTS = {
    Stability.STABLE: "ổn định",
    Stability.UNSTABLE: "không ổn định",
    Stability.UNDETERMINED: "chưa xác định",
}

campaign_option = click.option("--campaign", required=True, metavar="YEAR", help="The campaign, such as 2016.")


@click.command("plan")
@workspace_option
@campaign_option
@click.option(
    "--window", metavar="A..B", help="First and last day [default: 1 February to 31 March of the year after]."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same plan.")
@click.option(
    "--portals/--no-portals",
    default=True,
    help="Probe the portals' home pages too, for continuous operation (default: yes).",
)
@now_option
@format_option
def plan(
    workspace: Path, campaign: str, window: str | None, seed: int, portals: bool, now: str | None, form: str
) -> None:
    """Spread the probes of all declared level 3 and 4 services, and of the portals' home pages, over the check window.

    Planning again takes in new services and addresses, and never loses or moves a batch that was made or has begun.
    """
    span = parse_window(window) if window else default_window(campaign)
    rules = probe_rules()
    if span.last < span.first:
        raise bad_input("--window", "it ends before it begins", "turn the two days round")
    with open_workspace(workspace) as opened:
        services = probe_subjects(opened.conn) if portals else probed(load_services(opened.conn))
        if not probed(load_services(opened.conn)):
            raise Stop(
                "no service of level 3 or 4 with an address is in the register — run: kiemcong services import FILE",
                Exit.BAD_INPUT,
            )
        placed = groups(services, rules.batch_services, seed, batches.members(opened.conn, campaign))
        planned = plan_batches(campaign, placed.values(), span, rules, seed)
        added = batches.store_plan(
            opened.conn, campaign, placed, planned, now=parse_now(now), grace=rules.grace
        )  # fmt: skip
    click.echo(
        f"{len(placed)} services and portals in {max(placed.values())} groups, {len(planned)} batches, {added} new",
        err=True,
    )
    rows = []
    for stratum in rules.strata:
        own = [batch for batch in planned if batch.stratum == stratum.id]
        days = len({batch.at.date() for batch in own})
        rows.append((stratum.id, days, stratum.a_day, len(own), " ".join("–".join(span) for span in stratum.hours)))
    print_table(
        ("stratum", "days", "probes a day", "batches", "hours"), rows, form, f"Lịch kiểm tra dịch vụ, đợt {campaign}"
    )


@click.command("probe")
@workspace_option
@click.option("--due-now", is_flag=True, help="Make what is due and stop, instead of staying up for the window.")
@click.option(
    "--replay", is_flag=True, help="In a closed world: make every planned batch at once, each at its own time."
)
@click.option(
    "--control",
    multiple=True,
    metavar="URL",
    help="An address known to be up, and after # a text its page bears, asked beside every batch; may be repeated.",
)
@click.option("--only-network", multiple=True, metavar="CIDR", help="Close the world: contact these networks only.")
@click.option("--resolve", "resolved", multiple=True, metavar="HOST=IP[:PORT]", help="Where a host name leads.")
@now_option
@click.option(
    "--pace",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Least gap between two navigations to a host or address.",
)
@click.option(
    "--spacing",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Scale of the waits between the tries of a probe; below 1 in closed worlds only.",
)
@click.option("--concurrency", type=click.IntRange(1, 16), default=2, show_default=True, help="Batches at once.")
@click.option(
    "--browser/--no-browser", default=True, help="Render what is built by script, photograph changes (default: yes)."
)
def probe(
    workspace: Path,
    due_now: bool,
    replay: bool,
    control: tuple[str, ...],
    only_network: tuple[str, ...],
    resolved: tuple[str, ...],
    now: str | None,
    pace: float,
    spacing: float,
    concurrency: int,
    browser: bool,
) -> None:  # fmt: skip
    """Make the batches of probes that are due. Can be stopped at any moment and run again."""
    world = world_from_options(only_network, resolved)
    refuse_open_world(world, replay, control, spacing)
    fixed = parse_now(now) if now else None
    refuse_no_browser(browser)
    bounds = operations()
    stay = not (due_now or replay or fixed)
    with open_workspace(workspace) as opened:
        rules = probe_rules()
        options = ProbeOptions(
            probes=opened.probes.resolve(),
            pace=opened.pace_path.resolve(),
            user_agent=user_agent(opened.settings.contact),
            rules=rules,
            controls=control or rules.control,
            world=world,
            gap=pace,
            concurrency=concurrency,
            spacing=spacing,
            render=browser,
            stay=bounds.staying(linger=stay),
        )
        clock = Still(fixed) if fixed else wall
        round_ = ProbeRound(database=opened.database, options=options, clock=clock, replay=replay)
        supervise([probes_crew(opened, round_)], show, bounds, stay=stay)


def refuse_open_world(world: World, replay: bool, control: tuple[str, ...], spacing: float) -> None:
    """Raises BadInput for what is meant for closed worlds only, and for a closed world without a control of its own."""
    mend = "close the world: --only-network CIDR"
    if replay and not world.closed:
        raise bad_input("--replay", "services are not there to be asked about another time", mend)
    if spacing < 1 and not world.closed:
        raise bad_input("--spacing", "tries closer together are not kind to those asked", mend)
    if world.closed and not control:
        raise bad_input("--control", "a closed world has no address known to be up", "name one: --control http://…")


def show(event: Event) -> None:
    """One line on standard error for each event."""
    click.echo(line_of(event), err=True)


@click.command("status")
@workspace_option
@campaign_option
@click.option("--agency", metavar="NAME", help="This agency's services only.")
@click.option(
    "--verdict", type=click.Choice([each.value for each in Stability]), help="Services with this verdict only."
)
@now_option
@format_option
def status(workspace: Path, campaign: str, agency: str | None, verdict: str | None, now: str | None, form: str) -> None:
    """Show how the probes stand and, for each service, whether it works stably, with a sparkline: one bar a day, · where nothing was seen."""
    rule = counting_rule()
    with open_workspace(workspace) as opened:
        owner = resolve(opened.registry, agency, file="--agency").id if agency else None
        services = [each for each in load_services(opened.conn, owner) if each.checked]
        counts = batches.counts(opened.conn, campaign, parse_now(now))
        seen = batches_seen(opened.probes, campaign)
        days = days_of(seen)
        found = campaign_liveness(seen, rule.stable, days.add)
    told = ", ".join(f"{number} {name}" for name, number in counts.items() if number) or "nothing is planned"
    click.echo(f"batches: {told}; {seen.void} void (no control answered)", err=True)
    rows = []
    for service in services:
        live = found.get(service.id)
        said = Stability.UNDETERMINED if live is None else stability(live, rule.stable)
        if verdict in (None, said.value):
            rows.append((*service_cells(service, form), *liveness_cells(live), VERDICTS[said] if form == "table" else said.value,
                         sparkline(days.of(service.id))))  # fmt: skip
    print_table(HEADINGS if form == "table" else FIELDS, rows, form, f"Tình trạng hoạt động ({len(rows)})")
    click.echo(rule_sentence(rule), err=True)


FIELDS = (
    "service", "agency", "level", "name", "sightings", "alive", "determinable", "low", "high", "outages", "longest_outage_hours", "layers",
    "verdict", "days",
)  # fmt: skip
HEADINGS = (
    "mã", "cơ quan", "mức", "dịch vụ", "số lần", "hoạt động %", "xác định %", "từ", "đến", "số lần gián đoạn", "dài nhất (giờ)", "lỗi ở",
    "kết luận", "theo ngày",
)  # fmt: skip


def service_cells(service: Service, form: str) -> tuple[object, ...]:
    """A service as status tables name it."""
    name = service.name if form != "table" or len(service.name) <= 60 else service.name[:59] + "…"
    return service.id, service.agency, service.level, name


def liveness_cells(live: Liveness | None) -> tuple[object, ...]:
    """A service's figures; empty where it was not probed."""
    if live is None:
        return (0, *[""] * 7)
    share = "" if live.alive_share is None else percent(round(live.alive_share, 4))
    low, high = ("", "") if live.interval is None else (f"{end:.3f}" for end in live.interval)
    layers = " ".join(f"{layer}:{times}" for layer, times in live.layers.items())
    longest = f"{live.longest_outage.total_seconds() / 3600:.1f}"
    return live.sightings, share, percent(round(live.determinable_share, 4)), low, high, live.outages, longest, layers


def days_of(seen: BatchesSeen) -> Days:
    """The days from the first sealed batch to the last."""
    if not seen.batches:
        return Days(date(2000, 1, 1), 0)
    first = seen.batches[0].started_at.astimezone(LOCAL).date()
    last = max(batch.finished_at for batch in seen.batches).astimezone(LOCAL).date()
    return Days(first, (last - first).days + 1)


@click.command("timeline")
@click.argument("agency")
@workspace_option
@campaign_option
@click.option("--output", type=click.Path(path_type=Path), help="Where to write the SVG (default: standard output).")
def timeline_command(agency: str, workspace: Path, campaign: str, output: Path | None) -> None:
    """Draw an agency's services over the window as SVG: alive, down, not determinable."""
    with open_workspace(workspace) as opened:
        owner = resolve(opened.registry, agency, file="AGENCY")
        names = {each.id: each.name for each in load_services(opened.conn, owner.id) if each.checked}
        drawn = timeline(
            f"{owner.name}: dịch vụ công trực tuyến, đợt {campaign}", names, seen_of(opened, campaign, names)
        )
    if output is None:
        click.echo(drawn, nl=False)
    else:
        output.write_text(drawn, "utf-8")


def seen_of(workspace: Workspace, campaign: str, names: dict[str, str]) -> dict[str, list[tuple[datetime, Outcome]]]:
    """The sightings of some services, each in order of time."""
    found: dict[str, list[tuple[datetime, Outcome]]] = {}
    for _, each in sightings(batches_seen(workspace.probes, campaign)):
        if each.service in names:
            found.setdefault(each.service, []).append((each.at, each.outcome))
    return {service: sorted(seen) for service, seen in found.items()}
