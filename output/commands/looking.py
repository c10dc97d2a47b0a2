"""Options of the commands that look at portals, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

import click
import msgspec

from crawler.browser import NoBrowser, find_browser
from crawler.jobs import WorkOptions
from crawler.model import Budget
from crawler.netguard import World, world_from_options
from crawler.politeness import user_agent
from crawler.services.model import probe_rules
from crawler.stay import Stay
from output.commands.place_and_time import parse_now
from output.exits import Exit, Stop
from output.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])


class Looking(msgspec.Struct, frozen=True, kw_only=True):
    """How portals are looked at: the world allowed, the time it is taken to be, the pace, the budget, whether to render and take pictures;
    controls are addresses known to be up."""

    world: World
    now: datetime | None
    pace: float
    budget: Budget
    pictures: bool
    render: bool
    controls: tuple[str, ...] = ()

    def work_options(self, workspace: Workspace, concurrency: int, stay: Stay | None = None) -> WorkOptions:
        """What a worker of this workspace is told. Raises Stop, before anything starts, where pages cannot be rendered."""
        refuse_no_browser(self.render)
        return WorkOptions(
            visits=workspace.visits.resolve(),
            pace=workspace.pace_path.resolve(),
            user_agent=user_agent(workspace.settings.contact),
            world=self.world,
            gap=self.pace,
            controls=self.controls or (() if self.world.closed else probe_rules().control),
            concurrency=concurrency,
            render=self.render,
            stay=stay or Stay(),
        )


def refuse_no_browser(render: bool) -> None:
    """Raises Stop where pages are to be rendered and there is no browser."""
    if render:
        try:
            find_browser()
        except NoBrowser as missing:
            raise Stop(f"{missing}; or do without one: --no-browser", Exit.NO_BROWSER) from missing


def looking_options(command: Command) -> Command:
    """The options that tell how portals are looked at; the command gets them as one `looking`."""

    @wraps(command)  # carries the options already given to the command along
    def wrapped(
        *,
        only_network: tuple[str, ...],
        resolve: tuple[str, ...],
        now: str | None,
        pace: float,
        navigations: int,
        pictures: bool,
        browser: bool,
        control: tuple[str, ...],
        **rest: Any,
    ) -> Any:
        looking = Looking(
            world=world_from_options(only_network, resolve),
            now=parse_now(now) if now else None,
            pace=pace,
            budget=Budget(navigations=navigations),
            pictures=pictures and browser,
            render=browser,
            controls=control,
        )
        return command(looking=looking, **rest)

    options = [
        click.option("--only-network", multiple=True, metavar="CIDR", help="Close the world: contact these networks only."),
        click.option("--resolve", multiple=True, metavar="HOST=IP[:PORT]", help="Where a host name leads."),
        click.option("--now", metavar="TIME", help="The time recency is judged against (default: the clock's)."),
        click.option("--pace", type=click.FloatRange(min=0), default=1.0, show_default=True, metavar="SECONDS",
                     help="Least gap between two navigations to a host or address."),
        click.option("--budget-navigations", "navigations", type=click.IntRange(min=5), default=Budget().navigations,
                     show_default=True, help="Most pages asked for in one visit."),
        click.option("--pictures/--no-pictures", default=True, help="Photograph what proves something (default: yes)."),
        click.option("--browser/--no-browser", default=True, help="Render pages that need it (default: yes)."),
        click.option("--control", multiple=True, metavar="URL",
                     help="An address known to be up, and after # a text its page bears, asked before a portal is blamed for the network; may be repeated."),
    ]  # fmt: skip
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]
