"""The moving parts of one visit: what it works with and what it keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from crawler.addresses import site
from crawler.archive import BlobKind
from crawler.browser import Browser, Session
from crawler.facts.parse import Parsed, parse
from crawler.fetch import Downloader, Gate
from crawler.gather.machine import Gathering
from crawler.model import PageVisit, Vantage, VisitRequest, VisitStatus
from crawler.netguard import OPEN_WORLD, World
from crawler.visit_folder import FolderWriter

RENDERED = "text/html; charset=utf-8"
"""The content type of a rendered page's DOM."""


class Step(msgspec.Struct, frozen=True):
    """Progress of a visit after one page."""

    visit: str
    navigations: int
    url: str
    status: VisitStatus


@dataclass
class Tools:
    """What a visit works with. browser is None where pages are not rendered; controls are addresses known to be up."""

    downloader: Downloader
    gate: Gate
    visits: Path
    browser: Browser | None
    vantage: Vantage
    user_agent: str
    world: World = OPEN_WORLD
    controls: tuple[str, ...] = ()
    progress: Callable[[Step], None] = lambda _: None


@dataclass
class Kept:
    """A page as it will stand in pages.jsonl, and the bytes it may still be photographed from."""

    row: PageVisit
    body: bytes = b""
    content_type: str = ""


@dataclass
class UnderWay:
    """The moving parts of one visit. waited: seconds politeness demanded for the page at hand; failures: pages in a row
    our own network may have kept from us; secured: https hosts whose handshake was made."""

    request: VisitRequest
    tools: Tools
    writer: FolderWriter
    gathering: Gathering
    session: Session | None
    kept: list[Kept]
    waited: float = 0.0
    failures: int = 0
    secured: set[str] = field(default_factory=set)

    @property
    def pictured(self) -> bool:
        """Whether pages are photographed; a page that needs a browser to be read at all is rendered even where they are not."""
        return self.session is not None and self.request.pictures


def reread(writer: FolderWriter, kept: Kept) -> Parsed | None:
    """A page parsed anew from what was stored of it, as it will be judged."""
    if kept.row.dom:
        return parse(writer.read(kept.row.dom, BlobKind.DOM), RENDERED)
    return parse(writer.read(kept.row.body, BlobKind.BODY), kept.row.content_type) if kept.row.body else None


def sibling_of(request: VisitRequest, url: str) -> str:
    """The name of the declared sibling an address lies on, any other host it lies on, or '' on the portal itself."""
    own = next((name for name, root in request.siblings.items() if site(root) == site(url)), "")
    return own or ("" if site(url) == site(request.portal) else site(url))
