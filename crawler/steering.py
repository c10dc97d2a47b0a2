"""Which document the main frame of a tab loads: the stored one, those it was sent to, and no other."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from playwright.async_api import CDPSession

HOP_HEADERS = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive", "refresh", "alt-svc"}
)
"""Headers of the stored response that do not hold for its decoded bytes, or would send the page elsewhere."""


class Document(msgspec.Struct, frozen=True):
    """The stored main document: its bytes as they came (decompressed), their content type, and the headers that came with them."""

    body: bytes
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class Steering:
    """The navigations of one page's main frame; `moved_to` is where it wanted to go first, unasked and not let."""

    def __init__(self, cdp: CDPSession, admits: Callable[[str], bool]) -> None:
        """admits: whether the main frame may go to a host at all."""
        self.frame = ""
        """The main frame's id, once started."""
        self.scripts_stopped = False
        """Whether the page that stands was frozen; scripts are let run again when the next document is given."""
        self._cdp = cdp
        self._admits = admits
        self.begin()

    async def start(self) -> None:
        """Have every document wait for a decision."""
        self.frame = (await self._cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        await self._cdp.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "resourceType": "Document"}]})

    def begin(self, moves: int = 0, document: Document | None = None) -> None:
        """Forget the page before; of the next let so many navigations through, the first of them answered by the document where one is given."""
        self.moved_to = ""
        self._chain = ""
        self._document = document
        self._moves = moves

    def allow(self, moves: int) -> None:
        """Let so many navigations of the page's own through, on the page as it stands."""
        self._moves = moves

    async def decide(self, event: dict[str, Any]) -> None:
        """Let a document that is about to be loaded go on, answer it, or stop it. Frames always go on."""
        request = {"requestId": event["requestId"]}
        url = event["request"]["url"]
        if event["frameId"] != self.frame:
            await self._cdp.send("Fetch.continueRequest", request)
        elif self._document is not None:
            document, self._document, self._moves = self._document, None, 0
            if self.scripts_stopped:
                self.scripts_stopped = False
                await self._cdp.send("Emulation.setScriptExecutionDisabled", {"value": False})
            await self._cdp.send("Fetch.fulfillRequest", {**request, **_fulfilment(document)})
        elif self._admitted(event, url):
            await self._cdp.send("Fetch.continueRequest", request)
        else:
            self.moved_to = self.moved_to or url
            await self._cdp.send("Fetch.failRequest", {**request, "errorReason": "Aborted"})

    def _admitted(self, event: dict[str, Any], url: str) -> bool:
        """Whether the main frame may go there: on the way we sent it, its redirects included, while it stays with the portal's hosts."""
        if not self._admits(urlsplit(url).hostname or ""):
            return False
        if self._chain and event.get("networkId") == self._chain:
            return True
        if self._moves <= 0:
            return False
        self._moves -= 1
        self._chain = event.get("networkId", "")
        return True


def _fulfilment(document: Document) -> dict[str, Any]:
    """The stored document as DevTools wants a response; a header given twice stays twice."""
    headers = [(name, value) for name, value in document.headers if name.lower() not in {*HOP_HEADERS, "content-type"}]
    headers.append(("Content-Type", document.content_type or "text/html"))
    return {
        "responseCode": 200,
        "responseHeaders": [{"name": name, "value": value} for name, value in headers],
        "body": base64.b64encode(document.body).decode("ascii"),
    }
