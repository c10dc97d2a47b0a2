"""Long work shown: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from output.supervise import Event, Tell

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
            if event.what in ("began", "page"):
                if event.visit not in tasks:
                    tasks[event.visit] = progress.add_task("", total=None, visit=event.visit, detail="")
                progress.update(tasks[event.visit], completed=event.navigations, detail=event.detail[:70])
                return
            progress.console.print(line_of(event), highlight=False, markup=False)
            if event.visit in tasks:
                progress.remove_task(tasks.pop(event.visit))

        yield tell


def _line(console: Console, event: Event) -> None:
    if event.what != "page" or event.navigations % LINE_EVERY == 0:
        console.print(line_of(event), highlight=False, markup=False, soft_wrap=True)


def line_of(event: Event) -> str:
    """The event as a line of a log."""
    pages = f", {event.navigations} pages" if event.navigations else ""
    return f"{event.visit}: {event.what}{pages}" + (f" – {event.detail}" if event.detail else "")


@contextmanager
def counted(title: str, total: int) -> Iterator[Callable[[], None]]:
    """A function to call after each of `total` steps, shown as a bar on standard error where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)
