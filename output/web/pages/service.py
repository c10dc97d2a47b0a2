"""What was seen of an online service: its time line, its changes of state with their evidence, every try of one probe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from checklists.model import Claim
from checklists.services import service_of
from crawler.problems import BadInput
from crawler.services.batch_folder import read_batch, read_probes
from crawler.services.model import Probe, Service
from output.services_drawing import timeline
from output.services_judging import Change, ServiceRecord
from output.services_seen import unmarked
from output.store import read
from output.web.desk import Call
from output.web.pages.evidence import known_batch
from output.web.words import plain, words

CHANGES = 40
"""Changes of state listed of one service, the latest first."""

NAMES = 300
"""Pixels for the names of services beside a time line of several."""


class ShownService(msgspec.Struct, frozen=True, kw_only=True):
    """A service as its claim's page shows it: as declared, its time line, its changes of state (the latest first) and how many there are."""

    service: Service
    line: Markup | None
    changes: tuple[Change, ...]
    total: int


def shown_service(call: Call, claim: Claim) -> ShownService | None:
    """The service a claim is about; None where it is about a portal, or the store does not know the service any more."""
    name = service_of(claim.item)
    query = "SELECT record FROM services_seen WHERE campaign = ? AND agency = ? AND service = ?"
    found = read(call.workspace.store_path, query, (claim.campaign, claim.agency, name), ServiceRecord) if name else ()
    if not found:
        return None
    (record,) = found
    return ShownService(
        service=record.service,
        line=drawn(f"Đợt {claim.campaign}: {len(record.marks)} lần kiểm tra", [record], names=0),
        changes=tuple(reversed(record.changes))[:CHANGES],
        total=len(record.changes),
    )


def drawn(title: str, records: Iterable[ServiceRecord], *, names: int = NAMES) -> Markup | None:
    """The time line of services as SVG, None where none was probed."""
    seen = {one.service.id: unmarked(one.start, one.marks) for one in records if one.start and one.marks}
    called = {one.service.id: plain(one.service.name) if names else "" for one in records if one.service.id in seen}
    # The drawing escapes every word put into it; its own markup is fixed.
    return Markup(timeline(title, called, seen, name_width=names)) if seen else None  # noqa: S704


def probe_page(call: Call) -> Response:
    """Every try of one probe; HTTPException(404) where its batch is not planned here, not sealed, or without that service."""
    named = call.request.path_params
    batch = known_batch(call, named["batch"])
    folder = call.workspace.probes / batch
    try:
        probe = next((one for one in read_probes(folder) if one.service == named["service"]), None) if batch else None
    except BadInput:
        probe = None
    if probe is None:
        raise HTTPException(404, "Không có lần kiểm tra này.")
    services = read(
        call.workspace.store_path,
        "SELECT record FROM services_seen WHERE service = ? AND campaign = ?",
        (probe.service, batch.partition(".probes.")[0]),
        ServiceRecord,
    )
    return call.page(
        "probe.html",
        batch=read_batch(folder),
        probe=probe,
        service=services[0].service if services else None,
        kept=probe.kept,
        phases=phases_of(probe),
    )


def phases_of(probe: Probe) -> Sequence[str]:
    """The phases any try reached, in their order."""
    reached = {name for each in probe.tries for name in each.phases}
    return [name for name in words().phases if name in reached]
