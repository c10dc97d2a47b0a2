"""The Chromium we drive: found, started without ways around the proxy, and started anew before it grows old."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Page, Playwright
from playwright.async_api import Error as PlaywrightError

from crawler.errors import BrowserCrash

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VIEW = (1366, 900)
"""Width and height of the page as a visitor sees it, in pixels. Assumed."""
PLAYWRIGHTS_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
"""Features of Chromium that Playwright turns off. Of two such switches Chromium heeds the last, ours, so it has to name them too."""
FEATURES_OFF = (
    *PLAYWRIGHTS_OFF,
    "RenderDocument",  # a new frame and compositor for every page of a tab, at a seventh of what a picture costs and to no good of ours
)
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # no name is resolved by the browser itself, not even as a hint
    "--force-color-profile=srgb",
    "--animation-duration-scale=0",  # of the browser's own window, which nobody sees, not of pages
    f"--screen-info={{{VIEW[0]}x{VIEW[1]}}}",  # the window is made to fill the screen: then nothing is drawn in another size first
    f"--disable-features={','.join(FEATURES_OFF)}",
)


class NoBrowser(Exception):
    """No Chromium we can drive was found; the message says how to get one."""


def find_browser() -> str:
    """The path of a Chromium: KIEMCONG_BROWSER, Playwright's own, or the system's. Raises NoBrowser, which says how to get one."""
    named = os.environ.get("KIEMCONG_BROWSER", "")
    if named:
        path = shutil.which(named)
        if path is None:
            raise NoBrowser(f"KIEMCONG_BROWSER names {named}, which is no program — correct it or unset it")
        return path
    found = [path for name in SYSTEM_BROWSERS if (path := shutil.which(name))]
    usable = [path for path in (*_playwrights_own(), *found) if not _is_snap(path)]
    if usable:
        return usable[0]
    reason = f"{found[0]} is a snap, which cannot be driven" if found else "no Chromium was found"
    raise NoBrowser(
        f"{reason} — get one with `playwright install --with-deps chromium` or, on Debian, `apt-get install chromium`; "
        "or name one in KIEMCONG_BROWSER"
    )


class Running:
    """A started Chromium: contexts opened in it so far, and those still open."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium
        self.opened = 0
        self.live = 0


class Pool:
    """Contexts out of a Chromium that is replaced after `contexts_each` of them, or when it died. It is what no page of ours may leave by:
    the process itself is pointed at `proxy_url`, each context at its own."""

    def __init__(self, playwright: Playwright, executable: str, proxy_url: str, contexts_each: int) -> None:
        self._playwright = playwright
        self._executable = executable
        self._proxy_url = proxy_url
        self._contexts_each = contexts_each
        self._current: Running | None = None
        self._turn = asyncio.Lock()

    async def version(self) -> str:
        """Chromium's version, which starts it."""
        return (await self._running()).chromium.version

    async def open(self, profile: dict[str, Any]) -> tuple[BrowserContext, Running]:
        """A fresh context, and the process it lives in. Raises BrowserCrash where a second Chromium gives none either."""
        failure: Exception | None = None
        for _ in range(2):
            running = await self._running()
            running.opened += 1
            running.live += 1
            try:
                async with asyncio.timeout(30):
                    return await running.chromium.new_context(**profile), running
            except (PlaywrightError, TimeoutError) as problem:
                failure = problem
                self._current = None
                await self.release(running)
        raise BrowserCrash(f"the browser opens no window: {failure}")

    async def release(self, running: Running) -> None:
        """A context of this process is closed; a process that is no longer current ends with its last one."""
        running.live -= 1
        if running is not self._current and running.live <= 0:
            await close_quietly(running.chromium)

    async def stop(self) -> None:
        if self._current is not None:
            await close_quietly(self._current.chromium)
            self._current = None

    async def _running(self) -> Running:
        async with self._turn:
            running = self._current
            if running and (running.opened >= self._contexts_each or not running.chromium.is_connected()):
                self._current = None
                if running.live <= 0:
                    await close_quietly(running.chromium)
            if self._current is None:
                self._current = Running(await self._launch())
            return self._current

    async def _launch(self) -> Chromium:
        """A Chromium in its sandbox where the system has one; root has none, and some systems forbid it to others."""
        failure: PlaywrightError | None = None
        for sandbox in (False,) if os.geteuid() == 0 else (True, False):
            try:
                return await self._playwright.chromium.launch(
                    executable_path=self._executable,
                    args=list(FLAGS),
                    ignore_default_args=["--disable-popup-blocking"],
                    chromium_sandbox=sandbox,
                    proxy={"server": self._proxy_url, "bypass": "<-loopback>"},
                )
            except PlaywrightError as problem:
                failure = problem
        raise NoBrowser(f"{self._executable} does not start: {str(failure).splitlines()[0]}") from failure


async def close_quietly(thing: Page | BrowserContext | Chromium) -> None:
    """Close it, within ten seconds; something dead or hanging is left to its process's end."""
    with contextlib.suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(10):
            await thing.close()


def _playwrights_own() -> list[str]:
    """Chromiums `playwright install` put on this machine, newest first."""
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    root = Path(named) if named not in ("", "0") else Path.home() / ".cache" / "ms-playwright"
    found = [path for path in root.glob("chromium-*/chrome-linux*/chrome") if os.access(path, os.X_OK)]
    return [str(path) for path in sorted(found, key=_revision, reverse=True)]


def _revision(path: Path) -> int:
    digits = path.parents[1].name.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def _is_snap(path: str) -> bool:
    """Whether the program is a snap, or a script that only starts one (Ubuntu's chromium-browser)."""
    real = Path(path).resolve()
    if "/snap/" in str(real) or real.name == "snap":
        return True
    with real.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"/snap/" in start
