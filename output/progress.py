"""Long work shown: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from output.running import Event, Tell

LINE_EVERY = 25
"""Pages between two plain lines about one visit."""


@contextmanager
def visits_shown() -> Iterator[Tell]:
    """A function to tell events to, shown on standard error until the block ends."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda event: _line(console, event)
        return
    columns = (SpinnerColumn(), TextColumn("{task.fields[visit]:<28}"), TextColumn("{task.completed:>4.0f} pages"),
               TimeElapsedColumn(), TextColumn("[dim]{task.fields[detail]}", markup=True))  # fmt: skip
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(event: Event) -> None:
            if event.visit not in tasks:
                tasks[event.visit] = progress.add_task("", total=None, visit=event.visit, detail="")
            task = tasks[event.visit]
            if event.what in ("began", "page"):
                progress.update(task, completed=event.navigations, detail=event.detail[:70])
            else:
                progress.console.print(
                    f"{event.visit}: {event.what}, {event.navigations} pages, {event.detail}", highlight=False
                )
                progress.update(task, visible=False)

        yield tell


def _line(console: Console, event: Event) -> None:
    if event.what != "page" or event.navigations % LINE_EVERY == 0:
        text = (
            f"{event.visit}: {event.what}" + (f" {event.navigations}" if event.navigations else "") + f" {event.detail}"
        )
        console.print(text.rstrip(), highlight=False, markup=False, soft_wrap=True)


@contextmanager
def counted(title: str, total: int) -> Iterator[Callable[[], None]]:
    """A function to call after each of `total` steps, shown as a bar on standard error where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)
