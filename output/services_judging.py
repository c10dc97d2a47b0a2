"""A campaign's services judged from its sealed batches and from what its visits' pages state of them. Same folders and register, same records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from checklists.model import Checklist, Claim, Finding, Pointer
from checklists.model import Outcome as Judged
from checklists.probed import findings_of_probes
from checklists.services import LEVEL, ServiceSeen, Stated, claim_on, judge_service, service_checklist
from checklists.signs import SignSeen, signs_seen
from crawler.archive import BlobKind
from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.model import Dossier, PageFacts, PageVisit, VisitRequest, VisitStatus
from crawler.problems import BadInput
from crawler.services.batch_folder import Seen, read_probes
from crawler.services.discovery import found_services, matched
from crawler.services.model import Layer, Outcome, Probe, Service
from crawler.visit_folder import read_blob
from output.services import PORTAL
from output.services_seen import BatchesSeen, Marks, campaign_liveness
from scoring.counting import CountingRule

MOST_CHANGES = 200
"""Changes of state kept of one service: more tell nothing new."""


MOST_PAGES = 20
"""Pages of an agency's services read for its portal's duties: they are much alike."""


class Change(msgspec.Struct, frozen=True):
    """A probe at which a service showed another state than before, in a sealed batch; its evidence is stored there."""

    batch: str
    at: datetime
    outcome: Outcome
    layer: Layer = Layer.NONE


class ServiceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign saw of a service, to be shown: all its sightings as marks from `start` on (see `unmarked`), and its changes of state."""

    service: Service
    start: datetime | None = None
    marks: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()


class JudgedServices(msgspec.Struct, frozen=True, kw_only=True):
    """What judging a campaign's services gives; portal_findings: what their probes say of the duties of visited portals."""

    findings: tuple[Finding, ...] = ()
    claims: tuple[Claim, ...] = ()
    records: tuple[ServiceRecord, ...] = ()
    portal_findings: tuple[Finding, ...] = ()


class PortalPages:
    """What a campaign's visits show of declared services: the level the portal states, and pages at a service's own address; the latest visit's
    word holds."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._of_agency: dict[str, list[Service]] = {}
        self._of_url: dict[str, list[str]] = {}
        for service in services:
            self._of_agency.setdefault(service.agency, []).append(service)
            if service.url:
                self._of_url.setdefault(same_address(service.url), []).append(service.id)
        self.requests: dict[str, VisitRequest] = {}
        self.stated: dict[str, Stated] = {}
        self.signs: dict[str, dict[str, SignSeen]] = {}

    def add(self, dossier: Dossier) -> None:
        """Take in one visit."""
        request, signs = dossier.visit.request, service_checklist().signs
        self.requests[request.agency] = request
        own = self._of_agency.get(request.agency, [])
        if not own:
            return
        met, _ = matched(own, found_services(dossier.pages))
        for service, found in met.items():
            where = Pointer(
                sha256=found.evidence, url=found.url, selector=found.selector, quote=found.quote,
                page=f"{request.id}/{found.page}",
            )  # fmt: skip
            self.stated[service] = Stated(found.level, where)
        for page in dossier.pages:
            for service in self._of_url.get(same_address(page.url), []):
                line = page.visit.id if page.visit else ""
                self.signs.setdefault(service, {}).update(signs_seen(page, f"{request.id}/{line}", signs))


def same_address(url: str) -> str:
    """An address without what makes no difference to where it leads."""
    return url.partition("://")[2].partition("#")[0].rstrip("/").lower()


def judge_services(
    campaign: str,
    services: Iterable[Service],
    batches: BatchesSeen,
    portal: PortalPages,
    rule: CountingRule,
    checklist: Checklist,
) -> JudgedServices:
    """A finding, a claim and a record of every declared service that was probed or of which a portal's page shows something, by agency and id;
    and what the probes say of the portals visited."""
    known = {service.id: service for service in services}
    changes: dict[str, list[Change]] = {}
    marks = Marks(batches.batches[0].started_at) if batches.batches else None

    def keep(batch: str, seen: Seen) -> None:
        assert marks is not None
        marks.add(seen)
        if seen.changed and len(own := changes.setdefault(seen.service, [])) < MOST_CHANGES:
            own.append(Change(batch, seen.at, seen.outcome, seen.layer))

    live = campaign_liveness(batches, rule.stable, keep)
    first = {name: next((one for one in made if one.outcome is Outcome.ALIVE), None) for name, made in changes.items()}
    worst = {
        name: last_down(made, live[name].longest_from) for name, made in changes.items() if live[name].longest_from
    }
    looks = read_looks(batches, known, [*first.items(), *worst.items()])

    def look(name: str, change: Change | None) -> StoredLook | None:
        return looks.get((name, change.batch)) if change else None

    findings, records = [], []
    for service in sorted(known.values(), key=lambda each: (each.agency, each.id)):
        name = service.id
        alive, down = look(name, first.get(name)), look(name, worst.get(name))
        signs = {**(alive.signs if alive else {}), **portal.signs.get(name, {})}
        seen = ServiceSeen(
            service=service,
            live=live.get(name),
            alive=alive.where if alive else None,
            down=down.where if down else None,
            signs=signs,
            stated=portal.stated.get(name),
        )
        finding = judge_service(campaign, seen, rule.stable, rule.dead)
        if seen.live is None and not contradicted(finding):
            continue
        findings.append(finding)
        records.append(
            ServiceRecord(
                service=service,
                start=marks.start if marks else None,
                marks=marks.of(name) if marks else (),
                changes=tuple(changes.get(name, ())),
            )
        )
    pages: dict[str, list[PageFacts]] = {}
    for name, service in known.items():
        own = look(name, first.get(name))
        if own is not None and own.page is not None:
            pages.setdefault(service.agency, []).append(own.page)
    told: list[Finding] = []
    for agency, request in sorted(portal.requests.items()):
        home = PORTAL + agency
        place = look(home, worst.get(home)) or look(home, first.get(home))
        where = place.where if place else None
        told += findings_of_probes(checklist, request, pages.get(agency, []), live.get(home), where, rule.stable)
    return JudgedServices(
        findings=tuple(findings),
        claims=tuple(claim_on(each) for each in findings),
        records=tuple(records),
        portal_findings=tuple(told),
    )


def contradicted(finding: Finding) -> bool:
    """Whether something seen contradicts a service's declared level."""
    return any(one.element == LEVEL and one.verdict.outcome is Judged.UNSURE for one in finding.elements)


def last_down(changes: Iterable[Change], began: datetime | None) -> Change | None:
    """The change that brought a service down before or at a moment, the last of them."""
    down = [one for one in changes if one.outcome is Outcome.DOWN and (began is None or one.at <= began)]
    return down[-1] if down else None


# --- the evidence of single probes --------------------------------------------------------------------------------------------------------


class StoredLook(msgspec.Struct, frozen=True):
    """What one probe's stored evidence shows; page: the service's own, kept of the first MOST_PAGES of an agency alone."""

    where: Pointer
    signs: Mapping[str, SignSeen]
    page: PageFacts | None = None


def read_looks(
    batches: BatchesSeen, services: Mapping[str, Service], wanted: Iterable[tuple[str, Change | None]]
) -> dict[tuple[str, str], StoredLook]:
    """The stored looks at services in batches, each batch read once, by service and batch."""
    of_batch: dict[str, set[str]] = {}
    for service, change in wanted:
        if change is not None and (service in services or service.startswith(PORTAL)):
            of_batch.setdefault(change.batch, set()).add(service)
    found = {}
    kept: Counter[str] = Counter()
    for batch, folder in zip(batches.batches, batches.folders, strict=True):
        names = of_batch.get(batch.id, set())
        if names:
            for probe in read_probes(folder):
                if probe.service in names:
                    look = stored_look(folder, probe)
                    agency = services[probe.service].agency if probe.service in services else ""
                    kept[agency] += look.page is not None
                    if not agency or kept[agency] > MOST_PAGES:
                        look = msgspec.structs.replace(look, page=None)
                    found[probe.service, batch.id] = look
    return found


def stored_look(folder: Path, probe: Probe) -> StoredLook:
    """What a probe's stored evidence shows; a pointer with words of ours where nothing was stored."""
    made, line = probe.kept, f"{folder.name}/{probe.service}"
    page = facts_of(folder, probe)
    if page is None or made is None:
        status = made.status.value if made else ""
        quote = f"HTTP {made.http_status}" if made and made.http_status else status
        name = (made.body if made else "") or ""
        return StoredLook(Pointer(sha256=name, url=probe.url, selector="", quote=quote, page=line), {})
    heading = next((each for each in page.outline.headings if each.text), None)
    parts = [page.outline.title, heading.text if heading else page.outline.brief[:120]]
    if made.http_status and made.http_status != 200:
        parts.insert(0, f"HTTP {made.http_status}")
    quote = " · ".join(dict.fromkeys(part for part in parts if part))[:300]
    where = Pointer(
        sha256=page.evidence,
        url=page.url,
        selector=heading.selector if heading else "html > body",
        quote=quote or made.status.value,
        page=line,
    )
    # A page that is not the service's own shows nothing of the service.
    if probe.outcome is not Outcome.ALIVE or made.status not in (VisitStatus.OK, VisitStatus.LOGIN_WALL):
        return StoredLook(where, {})
    return StoredLook(where, signs_seen(page, line, service_checklist().signs), page)


def facts_of(folder: Path, probe: Probe) -> PageFacts | None:
    """The page a probe stored, as facts; None where it stored none that can be read."""
    made = probe.kept
    name, kind = ((made.dom, BlobKind.DOM) if made.dom else (made.body, BlobKind.BODY)) if made else ("", BlobKind.BODY)
    if not made or not name:
        return None
    sent = next((value for key, value in made.headers if key.lower() == "content-type"), "")
    if kind is BlobKind.BODY and sent and "html" not in sent.lower():
        return None
    try:
        body = read_blob(folder, name, kind)
    except BadInput:
        return None
    parsed = parse(body, "text/html; charset=utf-8" if kind is BlobKind.DOM else sent)
    url = made.final_url or probe.url
    row = PageVisit(
        id=f"{folder.name}/{probe.service}",
        requested_url=probe.url,
        final_url=url,
        status=made.status,
        started_at=made.at,
    )
    return page_facts(parsed, url, name, row)
