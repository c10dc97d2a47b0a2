"""One page over HTTP: paced hops through Scrapy's downloader, each kept as an exchange, whatever happens told as a status."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import msgspec
from scrapy import Request
from scrapy.http import Response

from crawler.archive import Exchange
from crawler.beginnings import FIRST_BYTES, ask_for_part, was_cut
from crawler.errors import retry_after, status_of_failure, status_of_response
from crawler.model import Redirect, VisitStatus
from crawler.walls import RESTING

MOVED = frozenset({301, 302, 303, 307, 308})
MOST_HOPS = 10
MOST_RETURNS = 2
"""Times one address may send on before it is a loop: once to set a cookie, and once more for its check."""


class Downloader(Protocol):
    """The part of Scrapy's engine a fetch needs."""

    async def download_async(self, request: Request) -> Response: ...


class Gate(Protocol):
    """Waits until a navigation to an address is polite, and is told when its host asked for rest."""

    async def wait(self, url: str) -> None: ...

    async def rest(self, url: str, seconds: float | None) -> None: ...

    async def well(self, url: str) -> None: ...

    async def resting(self, url: str) -> float: ...

    def ask_gap(self, url: str, seconds: float) -> None: ...


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What one address gave after its redirects. exchanges holds every hop in order; body is that of the last.

    seconds are those it took, waited those politeness demanded before. phases: seconds of the last hop by phase, where the downloader tells
    them; note: what it has to say beside the answer.
    """

    status: VisitStatus
    final_url: str
    started_at: datetime
    http_status: int | None = None
    redirects: tuple[Redirect, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    body: bytes = b""
    seconds: float = 0.0
    waited: float = 0.0
    address: str = ""
    error: str = ""
    exchanges: tuple[Exchange, ...] = ()
    phases: dict[str, float] = {}
    note: str = ""


async def fetch(
    downloader: Downloader,
    gate: Gate,
    url: str,
    *,
    jar: str,
    barred: Callable[[str], Awaitable[VisitStatus | None]] | None = None,
    on_hop: Callable[[], Awaitable[None]] | None = None,
    most_rest: float = math.inf,
    part: bool = False,
) -> Fetched:
    """What `url` gives. Never raises for anything the network or the portal did; a redirect to an address that is barred ends as what bars it, one
    whose host wants to be left alone for more than `most_rest` seconds as `rate-limited`, without being asked. part: no more than the first
    bytes are asked for, and no more taken from a portal that sends all (crawler.beginnings)."""
    started, clock = datetime.now(UTC), time.perf_counter()
    waited = 0.0
    hops: list[Redirect] = []
    exchanges: list[Exchange] = []

    def told(got: Fetched) -> Fetched:
        took = time.perf_counter() - clock - waited
        return msgspec.structs.replace(
            got, started_at=started, redirects=tuple(hops), exchanges=tuple(exchanges), seconds=took, waited=waited
        )

    while True:
        if "@" in urlsplit(url).netloc:
            why = "the address names a user: what it says before the @ is not where it leads"
            return told(Fetched(status=VisitStatus.OFF_LIMITS, final_url=url, started_at=started, error=why))
        if (rest := await gate.resting(url)) > most_rest:
            why = f"the host asks to be left alone for {rest:.0f} s"
            return told(Fetched(status=VisitStatus.RATE_LIMITED, final_url=url, started_at=started, error=why))
        before = time.perf_counter()
        await gate.wait(url)
        waited += time.perf_counter() - before
        outcome = await _once(downloader, url, jar, part=part)
        if isinstance(outcome, Fetched):
            return told(outcome)
        response, exchange = outcome
        exchanges.append(exchange)
        await _tell(gate, url, response)
        where = response.headers.get("Location")
        status = status_of_response(response.status, exchange.headers)
        if response.status in MOVED and where:
            hops.append(Redirect(url, response.status))
            url = urljoin(url, _text(where).strip())
            stopped = _no_further(url, hops)
            if stopped is None and barred is not None:
                before = time.perf_counter()
                stopped = await barred(url)
                waited += time.perf_counter() - before
            if stopped is None:
                if on_hop is not None:
                    await on_hop()
                continue
            status = stopped
        return told(_answered(status, url, response, exchange))


def _no_further(url: str, hops: list[Redirect]) -> VisitStatus | None:
    """Why a redirect is not followed to `url`; None where it is."""
    if len(hops) > MOST_HOPS or sum(hop.url == url for hop in hops) >= MOST_RETURNS:
        return VisitStatus.REDIRECT_LOOP
    if not url.startswith(("http://", "https://")):
        return VisitStatus.CLIENT_ERROR
    return None


async def _once(
    downloader: Downloader, url: str, jar: str, *, part: bool = False
) -> Fetched | tuple[Response, Exchange]:
    """One request and its answer, or the failure told as a status."""
    started = datetime.now(UTC)
    request = Request(url, dont_filter=True, meta={"cookiejar": jar, "handle_httpstatus_all": True})
    if part:
        request = ask_for_part(request)
    try:
        response = await downloader.download_async(request)
    except asyncio.CancelledError:
        raise
    except Exception as failure:  # noqa: BLE001 - whatever a portal makes the downloader raise is a fact about the portal
        status, message = status_of_failure(failure, first_byte="download_latency" in request.meta)
        phases = request.meta.get("phases", {})
        return Fetched(status=status, final_url=url, started_at=started, error=message, phases=phases)
    cut = part and was_cut(response)
    exchange = Exchange(
        url=url,
        started_at=started,
        status=response.status,
        body=response.body[:FIRST_BYTES] if cut else response.body,
        headers=_flat(response.headers),
        protocol=response.protocol or "HTTP/1.1",
        request_headers=_flat(request.headers),
        address=str(response.ip_address or ""),
        truncated="length" if cut else "",
    )
    return response, exchange


async def _tell(gate: Gate, url: str, response: Response) -> None:
    if response.status in RESTING:
        await gate.rest(url, retry_after(_flat(response.headers), datetime.now(UTC)))
    elif response.status < 400:
        await gate.well(url)


def _answered(status: VisitStatus, url: str, response: Response, exchange: Exchange) -> Fetched:
    told = response.request.meta if response.request else {}
    return Fetched(
        status=status,
        final_url=url,
        started_at=exchange.started_at,
        http_status=response.status,
        headers=exchange.headers,
        content_type=next((value for name, value in exchange.headers if name.lower() == "content-type"), ""),
        body=exchange.body,
        address=exchange.address,
        phases=told.get("phases", {}),
        note=told.get("phases_note", ""),
    )


def _text(header: bytes) -> str:
    """A header that may hold an address in UTF-8, as portals write them though they may not."""
    try:
        return header.decode()
    except UnicodeDecodeError:
        return header.decode("latin-1")


def _flat(headers: Any) -> tuple[tuple[str, str], ...]:
    """Scrapy's headers as (name, value) pairs, one per value."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values
    )
