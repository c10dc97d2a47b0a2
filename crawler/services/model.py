"""Online services and what was seen of them: the records the rest reads. Frozen msgspec structs; times are aware datetimes."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from crawler.embedded import embedded
from crawler.model import Vantage, VisitStatus

COUNTED_LEVELS = frozenset({3, 4})
"""The levels that are declared as online services and checked. Source: Nghị định 43/2011/NĐ-CP Điều 3.4, and the report of 2016."""

_WHOLE = re.compile(r"[0-9]{1,18}|[0-9]{1,3}(?:[. ][0-9]{3}){1,5}")


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One online service as its agency declares it. level is the declared level (1–4); dossiers are as reported: a number, or the words given
    instead of one. url '' where none was declared; unit is the part of the agency that provides it."""

    id: str
    agency: str
    name: str
    level: int
    unit: str = ""
    field: str = ""
    url: str = ""
    dossiers_total: str = ""
    dossiers_online: str = ""

    @property
    def checked(self) -> bool:
        """Whether the service is of a level that is probed and counted."""
        return self.level in COUNTED_LEVELS


def reported_number(text: str) -> int | None:
    """The whole number a report gives, thousands parted by dots or blanks or by nothing (1.234.567); None where it gives words or nothing."""
    return int(re.sub(r"[. ]", "", text)) if _WHOLE.fullmatch(text) else None


class Outcome(StrEnum):
    """What a look at a service showed. Only alive and down say anything of the service; blocked: the host did not let us see; ours: our side."""

    ALIVE = "alive"
    DOWN = "down"
    BLOCKED = "blocked"
    OURS = "ours"


DETERMINABLE = frozenset({Outcome.ALIVE, Outcome.DOWN})


class Layer(StrEnum):
    """Where a service that is down failed."""

    NONE = ""
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    HTTP = "http"
    CONTENT = "content"


class Meaning(msgspec.Struct, frozen=True, array_like=True):
    """What a status means for a service: the outcome and, where it is down, the layer."""

    outcome: Outcome
    layer: Layer = Layer.NONE


class Try(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request of a probe. phases are seconds: dns, connect, tls, first_byte, transfer, those that were reached. note is a word that says
    more (login, closed, tls-issuer). body, dom, picture and layout are SHA-256 of what was stored, '' where it was not."""

    at: datetime
    outcome: Outcome
    status: VisitStatus = VisitStatus.OK
    layer: Layer = Layer.NONE
    http_status: int | None = None
    phases: dict[str, float] = {}
    final_url: str = ""
    address: str = ""
    size: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    note: str = ""
    error: str = ""
    body: str = ""
    dom: str = ""
    picture: str = ""
    layout: str = ""


class Probe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One look at a service: all its tries, and what they show together. A line of probes.jsonl. changed: the service's state is another than
    at its last determinable probe, so its evidence is kept."""

    service: str
    url: str
    at: datetime
    outcome: Outcome
    layer: Layer = Layer.NONE
    changed: bool = False
    tries: tuple[Try, ...] = ()

    @property
    def kept(self) -> Try | None:
        """The try whose evidence was stored, else the last; None where none was made."""
        kept = (each for each in self.tries if each.body or each.dom or each.picture)
        return next(kept, self.tries[-1] if self.tries else None)


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """A look at an address known to be up, beside a batch: that our own side works."""

    url: str
    at: datetime
    good: bool
    status: VisitStatus
    error: str = ""


class PlannedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A group of services to be probed at a time. id names its sealed folder; stratum says which part of the week it stands for, part (from 1)
    which of the stratum's probes of the day it is."""

    id: str
    campaign: str
    group: int
    stratum: str
    part: int
    at: datetime


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One batch of probes as sealed: batch.json. void: a control probe failed, so none of its probes says anything; `reason` tells."""

    id: str
    campaign: str
    group: int
    stratum: str
    planned_at: datetime
    started_at: datetime
    finished_at: datetime
    probes: int
    controls: tuple[Control, ...]
    rules_digest: str
    software: str
    vantage: Vantage
    void: bool = False
    reason: str = ""


class Stratum(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the week: `working` days or `free` ones, hours of the day, probes a day, evenly spread over the hours."""

    id: str
    days: str
    hours: tuple[tuple[str, str], ...]
    a_day: int


class ProbeRules(msgspec.Struct, frozen=True, kw_only=True):
    """How services are probed; the numbers stand in data/probes.yml. Seconds, but for grace_hours."""

    source: str
    retry_seconds: tuple[float, ...]
    batch_services: int
    grace_hours: float
    hosts_at_once: int
    most_rest_seconds: float
    control: tuple[str, ...]
    strata: tuple[Stratum, ...]
    statuses: dict[VisitStatus, Meaning]
    http_statuses: dict[int, Meaning]

    @property
    def grace(self) -> timedelta:
        return timedelta(hours=self.grace_hours)


def probe_rules() -> ProbeRules:
    """The rules of data/probes.yml."""
    return embedded("probes.yml", ProbeRules)
