"""`kiemcong run`: everything planned is made when it is due, all window long or once."""

from __future__ import annotations

import os
import sys
from getpass import getuser
from pathlib import Path

import click
import msgspec
from click.core import ParameterSource

from checklists.load import load_checklist
from checklists.targets import compile_targets
from crawler import ledger
from crawler.clock import Clock, Still, wall
from crawler.model import Block, TargetSet
from crawler.politeness import user_agent
from crawler.problems import bad_input
from crawler.services import batches
from crawler.services.model import probe_rules
from crawler.slots import SlotState
from crawler.spiders.service import ProbeOptions
from output.commands.backup import BACKUP_PLACE
from output.commands.looking import Looking, looking_options
from output.commands.place_and_time import workspace_option
from output.exits import Exit, Stop
from output.judging import CHECKLIST
from output.operations import MEGABYTE, Operations, operations
from output.probing import ProbeRound, probes_crew
from output.progress import visits_shown
from output.running import Round, visits_crew
from output.supervise import Crew, supervise
from output.unit import unit_text
from output.upkeep import Upkeep
from output.workspace import Workspace, open_workspace


@click.command("run")
@workspace_option
@click.option("--due-now", is_flag=True, help="Make what is due and stop, instead of staying up for the window.")
@click.option(
    "--replay", is_flag=True, help="In a closed world: make every planned visit at once, each at its own planned time."
)
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Worker processes (default: one a core).")
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=8, show_default=True, help="Visits at once in a worker."
)
@click.option(
    "--probes/--no-probes", default=True, help="Probe online services too, where that is planned (default: yes)."
)
@click.option(
    "--drain",
    type=click.FloatRange(min=0),
    default=operations().drain_seconds,
    show_default=True,
    metavar="SECONDS",
    help="How long what is under way may still take after SIGTERM or Ctrl-C.",
)
@click.option(
    "--least-free",
    type=click.IntRange(min=0),
    default=operations().least_free_megabytes,
    show_default=True,
    metavar="MB",
    help="Begin nothing with less free space on the disk.",
)
@BACKUP_PLACE
@click.option(
    "--print-unit",
    is_flag=True,
    help="Print a systemd unit that runs this command line as the present user, and run nothing.",
)
@looking_options
@click.pass_context
def run_command(
    context: click.Context,
    workspace: Path,
    due_now: bool,
    replay: bool,
    workers: int | None,
    concurrency: int,
    probes: bool,
    drain: float,
    least_free: int,
    place: Path | None,
    print_unit: bool,
    looking: Looking,
) -> None:
    """Make the planned visits and batches of probes that are due. Several may run on one workspace and share the work.

    Can be stopped at any moment and run again. After SIGTERM or Ctrl-C what is under way is finished or given back, and the exit code is 130; a
    second signal stops at once.
    """
    if replay and not looking.world.closed:
        raise bad_input(
            "--replay",
            "portals are not there to be asked about another time",
            "replay in a closed world: --only-network CIDR",
        )
    if print_unit:
        unit = unit_text(
            program=Path(sys.executable).with_name("kiemcong"), user=getuser(), workspace=workspace, options=given_options(context),
            backups=place or workspace, drain=drain,
        )  # fmt: skip
        click.echo(unit, nl=False)
        return
    stay = not (due_now or replay or looking.now)
    bounds = msgspec.structs.replace(operations(), drain_seconds=drain)
    clock: Clock = Still(looking.now) if looking.now else wall
    with open_workspace(workspace) as opened:
        round_ = Round(
            database=opened.database,
            registry=opened.registry,
            targets=targets_by_block(),
            options=looking.work_options(opened, concurrency, bounds.staying(linger=stay)),
            budget=looking.budget,
            pictures=looking.pictures,
            clock=clock,
            replay=replay,
            least_free=least_free * MEGABYTE,
        )
        crews = [visits_crew(opened, round_, workers or cores())]
        if probes:
            crews += service_crews(opened, looking, round_, bounds, stay=stay)
        waiting = waiting_slots(opened)
        with visits_shown() as tell:
            upkeep = Upkeep(
                opened,
                bounds,
                tell,
                clock=clock,
                least_free=round_.least_free,
                backups=place or opened.backups,
                stay=stay,
                replay=replay,
            )
            with upkeep:
                supervise(crews, tell, bounds, stay=stay, chores=upkeep.turn)
        summary(opened)
        if waiting and not any(slot.state is SlotState.DONE for slot in ledger.slots(opened.conn)):
            raise Stop("no portal could be visited — see above, and: kiemcong status", Exit.UNREACHABLE)


def given_options(context: click.Context) -> list[str]:
    """What the user gave on the command line, written out again, without the workspace and --print-unit; paths absolute."""
    given: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        if name in ("workspace", "print_unit") or source is not ParameterSource.COMMANDLINE:
            continue
        assert isinstance(parameter, click.Option)
        value = context.params[name]
        if parameter.is_flag:
            given += parameter.opts[:1] if value else parameter.secondary_opts[:1]
        else:
            values = value if parameter.multiple else [value]
            for each in values:
                given += [parameter.opts[0], str(each.resolve() if isinstance(each, Path) else each)]
    return given


def service_crews(opened: Workspace, looking: Looking, round_: Round, bounds: Operations, *, stay: bool) -> list[Crew]:
    """The crew that probes services; none in a closed world without a control address, which is said where any batch is planned."""
    if looking.world.closed and not looking.controls:
        if batches.earliest_open(opened.conn) is not None:
            click.echo(
                "services are not probed: a closed world needs an address known to be up, --control URL", err=True
            )
        return []
    rules = probe_rules()
    options = ProbeOptions(
        probes=opened.probes.resolve(),
        pace=opened.pace_path.resolve(),
        user_agent=user_agent(opened.settings.contact),
        rules=rules,
        controls=looking.controls or rules.control,
        world=looking.world,
        gap=looking.pace,
        render=looking.render,
        stay=bounds.staying(linger=stay),
    )
    given = ProbeRound(
        database=opened.database,
        options=options,
        clock=round_.clock,
        replay=round_.replay,
        least_free=round_.least_free,
    )
    return [probes_crew(opened, given)]


def targets_by_block() -> dict[Block, TargetSet]:
    """What to look for on the portals of each block."""
    checklist = load_checklist(CHECKLIST)
    return {block: compile_targets(checklist, block=block) for block in Block}


def waiting_slots(workspace: Workspace) -> int:
    """Planned visits not yet made."""
    return sum(slot.state is SlotState.PLANNED for slot in ledger.slots(workspace.conn))


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))


def summary(workspace: Workspace) -> None:
    """One line on where the plan stands."""
    slots = ledger.slots(workspace.conn)
    counts = {state: sum(slot.state is state for slot in slots) for state in SlotState}
    click.echo(", ".join(f"{count} {state.value}" for state, count in counts.items() if count) or "nothing is planned")
