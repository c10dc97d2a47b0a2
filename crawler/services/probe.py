"""One batch, driven: controls before and after, each host's services in turn, spaced tries before a service is called down, evidence, seal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from protego import Protego

from crawler.archive import BlobKind, sha256
from crawler.browser import Browser, Capture
from crawler.control import ask_controls
from crawler.fetch import Downloader, Fetched, Gate, fetch
from crawler.manifest import software
from crawler.model import Outline, Vantage, VisitStatus
from crawler.services.batch_folder import BatchWriter, open_batch, rules_digest
from crawler.services.model import (
    DETERMINABLE,
    Batch,
    Control,
    Outcome,
    PlannedBatch,
    Probe,
    ProbeRules,
    Service,
    Try,
)
from crawler.services.plan import host_of
from crawler.services.reading import NEEDS_BROWSER, Answer, missing_url, outlined, said, together


class BatchJob(msgspec.Struct, frozen=True, kw_only=True):
    """A batch to make: its services, and the last state known of those that have one."""

    batch: PlannedBatch
    services: tuple[Service, ...]
    last: Mapping[str, Outcome]
    attempt: int = 1


@dataclass
class ProbeTools:
    """What a batch works with. browser is None where pages are neither rendered nor photographed; spacing scales the waits between tries; now
    tells the time that rows carry."""

    downloader: Downloader
    gate: Gate
    probes: Path
    vantage: Vantage
    user_agent: str
    rules: ProbeRules
    controls: tuple[str, ...]
    browser: Browser | None = None
    spacing: float = 1.0
    now: Callable[[], datetime] = lambda: datetime.now().astimezone()
    progress: Callable[[], None] = lambda: None


class SealedBatch(msgspec.Struct, frozen=True):
    """A batch as sealed, and the states it showed."""

    batch: Batch
    folder: str
    states: Mapping[str, tuple[datetime, Outcome]]


@dataclass
class _Host:
    """What is known of a host within one batch."""

    robots: Protego | None = None
    asked_elsewhere: bool = False
    elsewhere: Outline | None = None
    elsewhere_fetched: Fetched | None = None


@dataclass
class _Open:
    """A probe under way."""

    service: Service
    tries: list[Try] = field(default_factory=list)
    fetched: list[Fetched | None] = field(default_factory=list)
    captures: list[Capture | None] = field(default_factory=list)


async def probe_batch(job: BatchJob, tools: ProbeTools) -> SealedBatch:
    """Probe every service of a batch and seal its folder; void where no control answered before it or none after it. AlreadySealed passes on."""
    started = tools.now()
    with open_batch(tools.probes, job.batch.id, job.attempt, started_at=started) as writer:
        before = await _controls(job, tools)
        probes = await _all_hosts(job, tools, writer) if _good(before) else []
        after = await _controls(job, tools) if _good(before) else ()
        void = not (_good(before) and _good(after))
        batch = Batch(
            id=job.batch.id,
            campaign=job.batch.campaign,
            group=job.batch.group,
            stratum=job.batch.stratum,
            planned_at=job.batch.at,
            started_at=started,
            finished_at=tools.now(),
            probes=len(probes),
            controls=(*before, *after),
            rules_digest=rules_digest(tools.rules),
            software=software(),
            vantage=tools.vantage,
            void=void,
            reason="no control address answered" if void else "",
        )
        if not _good(before):
            for service in job.services:
                writer.probe(Probe(service=service.id, url=service.url, at=started, outcome=Outcome.OURS))
            batch = msgspec.structs.replace(batch, probes=len(job.services))
        folder = writer.seal_batch(batch)
    states = {} if void else {each.service: (each.at, each.outcome) for each in probes if each.outcome in DETERMINABLE}
    return SealedBatch(batch, str(folder), states)


def _good(controls: tuple[Control, ...]) -> bool:
    return any(control.good for control in controls)


async def _controls(job: BatchJob, tools: ProbeTools) -> tuple[Control, ...]:
    return await ask_controls(
        tools.downloader, tools.gate, tools.controls, jar=f"{job.batch.id} control", now=tools.now
    )


async def _all_hosts(job: BatchJob, tools: ProbeTools, writer: BatchWriter) -> list[Probe]:
    """All services probed, hosts side by side, the services of a host one after another."""
    hosts: dict[str, list[Service]] = {}
    for service in job.services:
        hosts.setdefault(host_of(service), []).append(service)
    room = asyncio.Semaphore(tools.rules.hosts_at_once)
    done: list[Probe] = []

    async def one(services: list[Service]) -> None:
        async with room:
            done.extend(await _one_host(job, tools, writer, services))

    async with asyncio.TaskGroup() as lanes:
        for services in hosts.values():
            lanes.create_task(one(services))
    return done


async def _one_host(job: BatchJob, tools: ProbeTools, writer: BatchWriter, services: list[Service]) -> list[Probe]:
    """A host's services probed; those that look down are tried again after each of the rules' waits, all of them together."""
    host = _Host(robots=await _robots(job, tools, services[0].url))
    rounds = [_Open(service) for service in services]
    waiting, done = rounds, list[Probe]()
    for wait in (0.0, *tools.rules.retry_seconds):
        ended = time.monotonic() + wait * tools.spacing
        if wait:
            await asyncio.sleep(ended - time.monotonic())
        for each in waiting:
            await _try(job, tools, host, each)
            tools.progress()
        settled = [each for each in waiting if each.tries[-1].outcome is not Outcome.DOWN]
        done += [await _finished(job, tools, writer, host, each) for each in settled]
        waiting = [each for each in waiting if each.tries[-1].outcome is Outcome.DOWN]
        if not waiting:
            break
    done += [await _finished(job, tools, writer, host, each) for each in waiting]
    return done


async def _robots(job: BatchJob, tools: ProbeTools, url: str) -> Protego | None:
    """What the host's robots.txt asks of us; None where it has none we could read."""
    if await tools.gate.resting(url) > tools.rules.most_rest_seconds:
        return None
    root = url.partition("://")
    address = f"{root[0]}://{root[2].partition('/')[0]}/robots.txt"
    got = await fetch(tools.downloader, tools.gate, address, jar=f"{job.batch.id} robots")
    if got.status is not VisitStatus.OK:
        return None
    rules = Protego.parse(got.body[:500_000].decode("utf-8", "replace"))
    tools.gate.ask_gap(url, float(rules.crawl_delay(tools.user_agent) or 0))
    return rules


async def _try(job: BatchJob, tools: ProbeTools, host: _Host, probe: _Open) -> None:
    """One more request for a service, its answer judged."""
    url, at = probe.service.url.partition("#")[0], tools.now()

    async def barred(hop: str) -> VisitStatus | None:
        elsewhere = urlsplit(hop).netloc.lower() != urlsplit(url).netloc.lower()
        permitted = host.robots is None or elsewhere or host.robots.can_fetch(hop, tools.user_agent)
        return None if permitted else VisitStatus.ROBOTS

    if await barred(url):
        _note(probe, None, Try(at=at, outcome=Outcome.BLOCKED, status=VisitStatus.ROBOTS))
        return
    if (rest := await tools.gate.resting(url)) > tools.rules.most_rest_seconds:
        note = f"the host asks to be left alone for {rest:.0f} s"
        _note(probe, None, Try(at=at, outcome=Outcome.BLOCKED, status=VisitStatus.RATE_LIMITED, note=note))
        return
    got = await fetch(tools.downloader, tools.gate, url, jar=f"{job.batch.id} {host_of(probe.service)}", barred=barred)
    answer = _answer(got)
    # Many hosts answer every wrong address with their home page; that says nothing against home itself.
    asks_home = urlsplit(url).path in ("", "/") and not urlsplit(url).query
    if got.status is VisitStatus.OK and not asks_home:
        await _ask_elsewhere(job, tools, host, url)
    elsewhere = None if asks_home else host.elsewhere
    heard, capture = said(tools.rules, probe.service, answer, elsewhere), None
    if heard.note == NEEDS_BROWSER and (capture := await _capture(tools, got)) is not None:
        heard = said(tools.rules, probe.service, _as_rendered(answer, capture), elsewhere, rendered=True)
    made = Try(
        at=at,
        outcome=heard.meaning.outcome,
        layer=heard.meaning.layer,
        status=heard.status,
        http_status=got.http_status,
        phases=got.phases,
        final_url=got.final_url if got.final_url != probe.service.url else "",
        address=got.address,
        size=len(got.body),
        note=heard.note or got.note,
        error=got.error,
    )
    _note(probe, got, made, capture)


def _note(probe: _Open, got: Fetched | None, made: Try, capture: Capture | None = None) -> None:
    probe.tries.append(made)
    probe.fetched.append(got)
    probe.captures.append(capture)


async def _capture(tools: ProbeTools, got: Fetched) -> Capture | None:
    """The page as a browser has it, from the bytes that came; None without a browser or where it failed."""
    if tools.browser is None or got.http_status is None or not got.content_type.lower().startswith("text/html"):
        return None
    async with tools.browser.visit([urlsplit(got.final_url).hostname or ""]) as session:
        capture = await session.capture(got.final_url, body=got.body, content_type=got.content_type)
    return None if capture.error else capture


def _as_rendered(answer: Answer, capture: Capture) -> Answer:
    return msgspec.structs.replace(answer, body=capture.dom, content_type="text/html; charset=utf-8")


async def _ask_elsewhere(job: BatchJob, tools: ProbeTools, host: _Host, url: str) -> None:
    """Once a batch: what the host gives for an address that does not exist."""
    if host.asked_elsewhere:
        return
    host.asked_elsewhere = True
    mark = sha256(job.batch.id.encode())[:12]
    got = await fetch(tools.downloader, tools.gate, missing_url(url, mark), jar=f"{job.batch.id} elsewhere {mark}")
    host.elsewhere = outlined(_answer(got))
    host.elsewhere_fetched = got
    scripted = host.elsewhere is not None and host.elsewhere.scripted
    if scripted and (capture := await _capture(tools, got)) is not None:
        host.elsewhere = outlined(_as_rendered(_answer(got), capture))


def _answer(got: Fetched) -> Answer:
    return Answer(
        status=got.status,
        final_url=got.final_url,
        http_status=got.http_status,
        content_type=got.content_type,
        body=got.body,
    )


async def _finished(job: BatchJob, tools: ProbeTools, writer: BatchWriter, host: _Host, probe: _Open) -> Probe:
    """The probe written, with exchanges and picture of the try that speaks for it where the service changed its state."""
    speaks = together(tuple(probe.tries))
    changed = speaks.outcome in DETERMINABLE and job.last.get(probe.service.id) is not speaks.outcome
    tries = list(probe.tries)
    if changed:
        place = next(number for number, each in enumerate(tries) if each is speaks)
        got = probe.fetched[place]
        if got is not None and got.exchanges:
            body = [writer.exchange(each, keep=each is got.exchanges[-1]) for each in got.exchanges][-1]
            capture = probe.captures[place] or await _capture(tools, got)
            tries[place] = msgspec.structs.replace(
                speaks, body=body, headers=got.headers, **_keep(writer, got, capture)
            )
        if speaks.status is VisitStatus.SOFT_NOT_FOUND and host.elsewhere_fetched is not None:
            for exchange in host.elsewhere_fetched.exchanges:
                writer.exchange(exchange)
            host.elsewhere_fetched = None
    row = Probe(
        service=probe.service.id,
        url=probe.service.url,
        at=tries[0].at,
        outcome=speaks.outcome,
        layer=speaks.layer,
        changed=changed,
        tries=tuple(tries),
    )
    writer.probe(row)
    return row


def _keep(writer: BatchWriter, got: Fetched, capture: Capture | None) -> dict[str, str]:
    """Hashes of the DOM, picture and layout stored, by field of a try; nothing for what there is not."""
    if capture is None:
        return {}
    made = {"dom": (capture.dom, BlobKind.DOM)}
    if capture.screenshot is not None:
        made["picture"] = (capture.screenshot, BlobKind.PICTURE)
    if capture.layout is not None:
        made["layout"] = (capture.layout, BlobKind.LAYOUT)
    return {name: writer.resource(got.final_url, got.started_at, data, kind) for name, (data, kind) in made.items()}
