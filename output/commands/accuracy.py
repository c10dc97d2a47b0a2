"""`kiemcong accuracy`: visit portals whose truth is known, judge them, and count how often the machine is right."""

from __future__ import annotations

import json
import socket
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import click

from checklists.load import load_checklist
from checklists.targets import compile_targets
from crawler.browser import NoBrowser, find_browser
from crawler.jobs import Job, WorkOptions
from crawler.model import Budget, VisitRequest
from crawler.netguard import World
from crawler.plan import VIETNAM
from crawler.problems import bad_input
from crawler.underway import Step
from crawler.visit_folder import read_pages, read_visit
from crawler.visiting import Sealed
from crawler.work import work
from output.accuracy import Report, Truth, as_json, compare, read_truth, report
from output.commands.place_and_time import MORNING, parse_now
from output.exits import Exit, Stop
from output.judging import CHECKLIST, judge
from output.progress import visits_shown
from output.saved_site import serve_saved
from output.supervise import Event, Tell
from output.tables import format_option, print_table


class Trials:
    """A feed of visits to portals of known truth; keeps what became of each."""

    def __init__(self, jobs: Iterable[Job], tell: Tell) -> None:
        self._waiting = list(jobs)
        self._tell = tell
        self.sealed: dict[str, Sealed] = {}
        self.errors: dict[str, str] = {}

    def take(self) -> Job | None:
        """The next portal."""
        return self._waiting.pop(0) if self._waiting else None

    def alive(self, job: Job, step: Step) -> None:
        """The page is shown."""
        self._tell(Event(visit=job.request.agency, what="page", navigations=step.navigations, detail=step.url))

    def done(self, job: Job, sealed: Sealed) -> None:
        """The outcome is kept."""
        self.sealed[job.request.id] = sealed
        visit = sealed.visit
        self._tell(
            Event(
                visit=job.request.agency,
                what=visit.status.value,
                navigations=visit.navigations,
                detail=visit.stop.value,
            )
        )

    def ours(self, job: Job, error: str) -> None:
        """The error is kept."""
        self.errors[job.request.id] = error

    def failed(self, job: Job, error: str) -> None:
        """The error is kept."""
        self.errors[job.request.id] = error

    released = failed


@click.command("accuracy")
@click.argument("truths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--serve",
    type=click.Path(path_type=Path),
    help="Serve this folder of saved pages: one portal, or a folder named for each.",
)
@click.option("--base-url", help="Where the portal of the one truth file answers.")
@click.option(
    "--now", metavar="TIME", help="The time recency is judged against (default: each truth's own, else the clock's)."
)
@click.option("--pictures/--no-pictures", default=False, help="Photograph pages too.")
@click.option("--browser/--no-browser", default=True, help="Render pages that need it, where a browser is found.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the visit folders here.")
@click.option(
    "--budget-navigations", "navigations", type=click.IntRange(min=5), default=Budget().navigations, show_default=True
)
@format_option
def accuracy(
    truths: tuple[Path, ...], serve: Path | None, base_url: str | None, now: str | None, pictures: bool, browser: bool,
    keep: Path | None, navigations: int, form: str,
) -> None:  # fmt: skip
    """Visit portals whose truth is known, judge them and compare, in a closed world of the addresses served."""
    if base_url and len(truths) != 1:
        raise bad_input(
            "--base-url", f"{len(truths)} truth files for one address", "name one truth file with each --base-url"
        )
    known = [read_truth(path) for path in truths]
    with ExitStack() as stack:
        bases = [base_of(stack, truth, serve, base_url) for truth in known]
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiemcong-accuracy-")))
        moment = parse_now(now) if now else None
        requests = [
            request_for(number, truth, base, moment, Budget(navigations=navigations), pictures=pictures and browser)
            for number, (truth, base) in enumerate(zip(known, bases, strict=True))
        ]
        reports = tried(known, bases, requests, folder, render=browser and has_browser())
    show(reports, form)


def base_of(stack: ExitStack, truth: Truth, serve: Path | None, base_url: str | None) -> str:
    """The address a truth's visit starts from, its saved pages served for as long as the stack lasts."""
    if serve is not None:
        own = serve / truth.portal
        served = stack.enter_context(serve_saved(own if own.is_dir() else serve))
        return urljoin(served, truth.home) if truth.home != "/" else served
    if base_url is None and not truth.home.startswith(("http://", "https://")):
        raise bad_input(truth.portal, "no one says where the portal answers", "give --serve DIR or --base-url URL")
    return urljoin(base_url or "", truth.home)


def has_browser() -> bool:
    """A browser is there; said on standard error where not."""
    try:
        find_browser()
    except NoBrowser as missing:
        click.echo(f"pages are not rendered: {missing}", err=True)
        return False
    return True


def request_for(
    number: int, truth: Truth, base: str, now: datetime | None, budget: Budget, *, pictures: bool
) -> VisitRequest:
    """The visit that tries a portal."""
    own = datetime.combine(truth.now, MORNING, VIETNAM) if truth.now else datetime.now(UTC)
    return VisitRequest(
        id=f"accuracy.{number + 1}",
        campaign="accuracy",
        agency=truth.portal,
        agency_name=truth.agency or truth.portal,
        block=truth.block,
        portal=base,
        declared_address=truth.declared_address or base,
        now=now or own,
        siblings=truth.siblings,
        budget=budget,
        pictures=pictures,
    )


def tried(
    known: Sequence[Truth], bases: Sequence[str], requests: Sequence[VisitRequest], folder: Path, *, render: bool
) -> list[Report]:
    """Every portal visited, judged and compared. Raises Stop where a visit broke on our side."""
    checklist = load_checklist(CHECKLIST)
    (folder / "visits").mkdir(parents=True, exist_ok=True)
    options = WorkOptions(
        visits=(folder / "visits").resolve(),
        pace=(folder / "pace.sqlite").resolve(),
        user_agent="KiemCong (accuracy run)",
        world=world_of(requests),
        gap=0.0,
        concurrency=2,
        render=render,
    )
    with visits_shown() as tell:
        jobs = [Job(request=request, targets=compile_targets(checklist, block=request.block)) for request in requests]
        trials = Trials(jobs, tell)
        work(trials, options)
    if trials.errors:
        raise Stop("; ".join(f"{visit}: {error}" for visit, error in trials.errors.items()), Exit.UNREACHABLE)
    reports = []
    for truth, base, request in zip(known, bases, requests, strict=True):
        sealed = Path(trials.sealed[request.id].folder)
        visit, pages = read_visit(sealed), read_pages(sealed)
        rows, clicks = compare(truth, checklist, judge(checklist, [sealed]), pages, base)
        seconds = (visit.finished_at - visit.started_at).total_seconds()
        reports.append(report(truth, rows, clicks, navigations=visit.navigations, pages=len(pages), seconds=seconds))
    return reports


def world_of(requests: Iterable[VisitRequest]) -> World:
    """A world of nothing but the addresses served and their siblings."""
    hosts = {
        urlsplit(url).hostname or "" for request in requests for url in (request.portal, *request.siblings.values())
    }
    networks, names = set(), {}
    for host in sorted(hosts):
        try:
            address = socket.gethostbyname(host)
        except OSError as problem:
            raise Stop(f"{host} has no address: {problem}", Exit.UNREACHABLE) from problem
        networks.add(f"{address}/32")
        if address != host:
            names[host] = address
    return World(only_networks=tuple(sorted(networks)), resolve=names)


def show(reports: Sequence[Report], form: str) -> None:
    """The reports as JSON for a program, else a row a portal and below it what went wrong."""
    if form == "json":
        json.dump(as_json(reports), sys.stdout, ensure_ascii=False, indent=1)
        click.echo()
        return
    columns = ("portal", "judgeable", "settled", "right", "settled %", "right %", "evidence page", "clicks", "disputable", "artefact",
               "navigations", "seconds")  # fmt: skip
    print_table(columns, [summary(one) for one in reports], form, title="accuracy")
    wrong = [
        (
            one.portal,
            row.item,
            row.element,
            row.got,
            row.reason,
            "" if row.truth is None else str(row.truth).lower(),
            row.page,
        )
        for one in reports
        for row in one.rows
        if row.counted
        and (row.got not in ("met", "not_met") or row.truth != (row.got == "met") or row.evidence_right is False)
    ]
    if form == "table":
        print_table(
            ("portal", "item", "element", "got", "reason", "truth", "page"),
            wrong,
            form,
            title="wrong, open, or another page",
        )


def summary(one: Report) -> tuple[object, ...]:
    """A report's row."""
    return (
        one.portal, one.judgeable, one.settled, one.right, share(one.settled, one.judgeable), share(one.right, one.settled),
        f"{one.evidence_page_right[0]}/{one.evidence_page_right[1]}", f"{one.clicks_right[0]}/{one.clicks_right[1]}",
        one.disputable, one.artefact, one.navigations, one.seconds,
    )  # fmt: skip


def share(part: int, whole: int) -> str:
    """Per cent with one decimal, or a dash of nothing."""
    return f"{100 * part / whole:.1f}" if whole else "–"
