"""One page in the browser, driven from a script world of its own: served from stored bytes, waited for, tidied, frozen and photographed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from playwright.async_api import CDPSession, Dialog, Download, Frame, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

from crawler.chromium import VIEW
from crawler.errors import BrowserCrash
from crawler.netguard import host_key
from crawler.problems import bad_input
from crawler.steering import Document, Steering
from crawler.yaml_text import load_text

T = TypeVar("T")

_DATA = Path(__file__).with_name("data")
UNWAITED = frozenset({"websocket", "eventsource", "ping", "media"})
"""Kinds of request that may last for ever and are not waited for."""


UNWATCHED = 0.25
"""The scale a page is drawn at while no picture is taken of it. Smaller ones cost more again: more of the page is then drawn ahead."""


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a page is waited for, in seconds, and how much of it is kept. All assumed.

    quiet: no change of the DOM and no request under way for so long; settle: at most so long; first_byte: for the main document;
    whole: for everything about one picture; answer: for one command to the page; images: for decoding them; pressed: for something to come
    of a query sent. clip: pixels of height; boxes: elements in the layout; moves: pages a script may lead on to.
    """

    quiet: float = 0.4
    settle: float = 8.0
    first_byte: float = 20.0
    whole: float = 60.0
    answer: float = 10.0
    images: float = 2.0
    pressed: float = 3.0
    width: int = VIEW[0]
    height: int = VIEW[1]
    clip: int = 8000
    boxes: int = 20_000
    moves: int = 3
    quality: int = 85


class Frozen(msgspec.Struct, frozen=True):
    """A page at one moment; layout is JSON, text counts visible characters."""

    dom: bytes
    text: int
    layout: bytes
    screenshot: bytes | None


@cache
def _words() -> dict[str, Any]:
    file = _DATA / "browser.yml"
    tree, _ = load_text(file)
    if not isinstance(tree, dict):
        raise bad_input(str(file), "not a mapping of names to words")
    return tree


def browser_words(name: str) -> list[str]:
    """The words of browser.yml under a name."""
    return [str(word) for word in _words()[name]]


def note(name: str, /, **values: object) -> str:
    """A sentence of browser.yml about a picture, in Vietnamese."""
    return str(_words()["notes"][name][0]).format(**values)


@cache
def _script() -> str:
    return (_DATA / "page.js").read_text(encoding="utf-8")


FINGERPRINT = """[location.href, document.documentElement.outerHTML.length, Array.from((document.body ? document.body.innerText : '')
.replace(/\\d+/g, '')).reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 1000000007, 7)]"""


class Tab:
    """A page under our control. Its main document is the one given or asked for; where a script would lead away is told by `moved_to`."""

    def __init__(self, page: Page, cdp: CDPSession, waits: Waits, admits: Callable[[str], bool]) -> None:
        self.page = page
        self.waits = waits
        self.shown = 0
        """Pages it has shown before this one."""
        self._cdp = cdp
        self._steering = Steering(cdp, admits)
        self._dead = asyncio.Event()
        self._tasks: set[asyncio.Future[Any]] = set()
        self._forget()

    def _forget(self) -> None:
        """Begin with what belongs to one page only."""
        self.notes: list[str] = []
        self.unruly = False
        """The page would not rest, or opened dialogs or downloads."""
        self.http_status: int | None = None
        self.asked: set[str] = set()
        """Hosts the page itself asked, whether they were let through or not."""
        self._steering.begin()
        self._world: int | None = None
        self._under_way: set[Request] = set()
        self._last_request = 0.0

    @property
    def moved_to(self) -> str:
        """Where the page wanted to go first, unasked and not let; '' where it stayed."""
        return self._steering.moved_to

    async def start(self) -> None:
        """Take control: from here on no navigation of the main frame happens unasked."""
        page, cdp = self.page, self._cdp
        page.on("dialog", self._on_dialog)
        page.on("download", self._on_download)
        page.on("crash", lambda _page: self._dead.set())
        page.on("close", lambda _page: self._dead.set())
        page.on("request", self._on_request)
        page.on("requestfinished", self._on_request_end)
        page.on("requestfailed", self._on_request_end)
        page.on("response", self._on_response)
        page.on("framenavigated", self._on_navigated)
        cdp.on("Fetch.requestPaused", self._on_paused)
        await self._steering.start()
        await self._keep_size()
        with contextlib.suppress(PlaywrightError):
            await self._fill_window()  # a browser that cannot works as well

    async def _keep_size(self) -> None:
        """Have the page be of its size by our own word too: a picture taken gives the size back to what the one who took it had asked for.

        Until then it is drawn small, since nobody looks: a page cannot tell, and pictures are drawn in full.
        """
        size = {"width": self.waits.width, "height": self.waits.height}
        screen = {"screenWidth": self.waits.width, "screenHeight": self.waits.height}
        await self._cdp.send(
            "Emulation.setDeviceMetricsOverride",
            {**size, **screen, "deviceScaleFactor": 1, "mobile": False, "scale": UNWATCHED},
        )

    async def _fill_window(self) -> None:
        """Take the window's tabs and buttons away: nobody sees them, and they would be drawn anew several times for each page.

        What a page can tell of it is the media feature display-mode, which installed apps ask for.
        """
        window = await self._cdp.send("Browser.getWindowForTarget")
        whole = {"windowId": window["windowId"], "bounds": {"windowState": "fullscreen"}}
        await self._cdp.send("Browser.setWindowBounds", whole)

    async def go(self, url: str, document: Document | None) -> None:
        """Bring up the page: from the document where one is given, else by asking its host."""
        if url.partition("#")[0] == self.page.url.partition("#")[0]:
            # Else the browser would only go to another place on the page that stands.
            await self._goto("about:blank", self.waits.answer)
        self._steering.begin(1, document)
        response = await self._goto(url, self.waits.first_byte)
        self.http_status = response.status if response else self.http_status
        if document is None:
            self._steering.allow(self.waits.moves)

    async def _goto(self, url: str, seconds: float) -> Response | None:
        """Navigate; what is answered, once the page begins."""
        return await self._unless_dead(self.page.goto(url, wait_until="commit", timeout=seconds * 1000))

    async def leave(self) -> None:
        """Empty the frozen page, and be ready for the next document. A tab costs a window and a process, so it is used again; going to an empty
        page in between would cost a twelfth of a picture."""
        await self.run("kc.empty()")
        self.shown += 1
        self._forget()

    async def settle(self) -> bool:
        """Wait until nothing changes and nothing is under way; False where the page would not come to rest in time."""
        clock = asyncio.get_running_loop().time
        end = clock() + self.waits.settle
        while clock() < end:
            still = await self.run(f"kc.rested({self.waits.quiet * 1000}, {1000 * min(end - clock(), 1)})")
            since_request = clock() - self._last_request
            if not self._under_way and since_request >= self.waits.quiet and still >= self.waits.quiet * 1000:
                return True
            await asyncio.sleep(0.1 if self._under_way else max(self.waits.quiet - since_request, 0.02))
        self.unruly = True
        self.notes.append(note("busy", seconds=f"{self.waits.settle:g}"))
        return False

    async def dismiss_overlays(self) -> None:
        """Refuse what asks to be agreed to, and close what covers the page by a button that refuses or closes, never by one that agrees."""
        boxes, refusals = ", ".join(browser_words("consent_boxes")), browser_words("refuse")
        words = json.dumps([*refusals, *browser_words("close")], ensure_ascii=False)
        refuse = f"kc.refuse({json.dumps(boxes)}, {json.dumps(refusals, ensure_ascii=False)})"
        dismiss = f"kc.dismiss({words})"
        for expression in (f"{refuse} || {dismiss}", dismiss, dismiss, dismiss):
            label = await self.run(expression)
            if not label:
                return
            self.notes.append(note("overlay_closed", label=label))
            await asyncio.sleep(0.3)

    async def scroll_through(self) -> None:
        """Pass over the page down to the clip so that lazy images load, decode them, and come back to the top."""
        waits, top = self.waits, 0
        way = {"view": waits.height, "step": waits.height - 100, "clip": waits.clip, "pause": 20}
        limits = {"images": waits.images * 1000, "most": waits.answer * 300}
        while top >= 0:
            top = int(await self.run(f"kc.pass({json.dumps({'top': top, **way, **limits})})"))

    async def freeze(self, picture: bool) -> Frozen:
        """DOM, layout and picture of one moment: the page's scripts are stopped first."""
        await self._send("Emulation.setScriptExecutionDisabled", {"value": True})
        self._steering.scripts_stopped = True
        seen = await self.run(f"kc.freeze({self.waits.width}, {self.waits.clip}, {self.waits.boxes})")
        if seen["hidden"]:
            self.notes.append(note("overlay_hidden", count=seen["hidden"]))
        if seen["clipped"] < seen["height"]:
            self.notes.append(note("clipped", clipped=seen["clipped"], height=seen["height"]))
        if not seen["full"]:
            self.notes.append(note("boxes", count=self.waits.boxes))
        shot = await self._shoot(seen["clipped"]) if picture else None
        return Frozen(seen["dom"].encode("utf-8", "replace"), seen["text"], seen["layout"].encode(), shot)

    async def type_query(self, selector: str, name: str, query: str) -> bool:
        """Type a query into the box and send it by Enter, else by the box's own button; False where there is no such box or nothing came of it."""
        if not await self.run(f"kc.focus({json.dumps(selector)}, {json.dumps(name)})"):
            return False
        await self._send("Input.insertText", {"text": query})
        await self.settle()  # suggestions shown while typing are not the answer
        words = json.dumps(browser_words("search"), ensure_ascii=False)
        if await self._sent(self.page.keyboard.press("Enter")):
            return True
        return await self._sent(self.run(f"kc.press({words})"))

    async def press(self, selector: str, label: str) -> bool:
        """Press a tab or pager; False where it is not there or nothing came of it."""
        if not await self.run(f"kc.has({json.dumps(selector)}, {json.dumps(label)})"):
            return False
        self.notes.append(note("pressed", label=label))
        return await self._sent(self.run("kc.turn()"))

    async def _sent(self, press: Coroutine[Any, Any, Any]) -> bool:
        """Whether a key or button pressed set something going; navigations of the portal's own are let through now."""
        before, touched = self._last_request, await self._fingerprint()
        self._steering.allow(self.waits.moves)
        with contextlib.suppress(PlaywrightError):
            await self._unless_dead(press)
        return await self._something_happened(before, touched)

    async def run(self, expression: str) -> Any:
        """The value of an expression in our script world of the page as it is now, which is made where a navigation has swept it away."""
        for _ in range(4):
            try:
                if self._world is not None:
                    return await self._evaluate(self._world, expression)
                made = await self._send(
                    "Page.createIsolatedWorld", {"frameId": self._steering.frame, "worldName": "kiemcong"}
                )
                world = int(made["executionContextId"])
                value = await self._evaluate(world, f"{_script()}\n{expression}")
                self._world = world
                return value
            except PlaywrightError as problem:
                if "context" not in str(problem).lower():
                    raise
                self._world = None
        raise BrowserCrash("the page keeps reloading")

    async def _evaluate(self, world: int, expression: str) -> Any:
        answer = await self._send(
            "Runtime.evaluate",
            {"expression": expression, "contextId": world, "returnByValue": True, "awaitPromise": True},
        )
        if "exceptionDetails" in answer:
            raise BrowserCrash(f"our script failed in the page: {answer['exceptionDetails'].get('text', '')}")
        return answer["result"].get("value")

    async def _send(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """One DevTools command; BrowserCrash where the page has died or does not answer."""
        try:
            async with asyncio.timeout(self.waits.answer):
                return await self._unless_dead(self._cdp.send(method, parameters))
        except TimeoutError:
            raise BrowserCrash(f"the page gave no answer to {method} in {self.waits.answer:g} s") from None

    async def _unless_dead(self, work: Awaitable[T]) -> T:
        """The result of some work on the page, or BrowserCrash as soon as the page dies under it."""
        doing = asyncio.ensure_future(work)
        dying = asyncio.ensure_future(self._dead.wait())
        try:
            await asyncio.wait((doing, dying), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise BrowserCrash("the page crashed")
        finally:
            for task in (doing, dying):
                task.cancel()

    async def _shoot(self, height: int) -> bytes:
        clip = {"x": 0, "y": 0, "width": self.waits.width, "height": height, "scale": 1}
        form = {"format": "jpeg", "quality": self.waits.quality, "captureBeyondViewport": True}
        shot = await self._send("Page.captureScreenshot", {**form, "clip": clip})
        return base64.b64decode(shot["data"])

    async def _fingerprint(self) -> Any:
        """What changes when a page does something: its address, its markup, and the words it shows. Not digits, which clocks and counters turn."""
        return await self.run(FINGERPRINT)

    async def _something_happened(self, before: float, touched: Any) -> bool:
        """Whether a request went out or the page changed soon after the query was sent."""
        for _ in range(max(1, round(self.waits.pressed / 0.2))):
            await asyncio.sleep(0.2)
            if self._last_request > before or await self._fingerprint() != touched:
                return True
        return False

    # --- what the browser reports ---

    def _on_request(self, request: Request) -> None:
        self.asked.add(host_key(urlsplit(request.url).hostname or ""))
        if request.resource_type not in UNWAITED:
            self._under_way.add(request)
            self._last_request = asyncio.get_running_loop().time()

    def _on_request_end(self, request: Request) -> None:
        if request in self._under_way:
            self._under_way.discard(request)
            self._last_request = asyncio.get_running_loop().time()

    def _on_response(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self.http_status = response.status

    def _on_navigated(self, frame: Frame) -> None:
        if frame == self.page.main_frame:
            self._under_way.clear()

    def _on_dialog(self, dialog: Dialog) -> None:
        self.unruly = True
        leaving = dialog.type == "beforeunload"
        if not leaving:
            self.notes.append(note("dialog", text=dialog.message[:100]))
        self._soon(dialog.accept() if leaving else dialog.dismiss())

    def _on_download(self, download: Download) -> None:
        self.unruly = True
        self.notes.append(note("download", name=download.suggested_filename[:100]))
        self._soon(download.cancel())

    def _on_paused(self, event: dict[str, Any]) -> None:
        self._soon(self._route(event))

    async def _route(self, event: dict[str, Any]) -> None:
        before = self._steering.moved_to
        await self._steering.decide(event)
        if self.moved_to != before:
            self.notes.append(note("moved", url=self.moved_to[:300]))

    def _soon(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it outside the event handler; a page gone meanwhile needs no answer."""

        async def quietly() -> None:
            with contextlib.suppress(PlaywrightError):
                await work

        task = asyncio.ensure_future(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
