"""How fast pictures are taken beside one browser process per picture: `python -m benchmarks.pictures [--pages N]`.

Ours is the page rendered from its stored bytes, its picture clipped in height, its DOM and the layout of every element; the other starts a
Chromium, goes to the page and takes its picture, nothing else. Seconds of the clock. Exits 1 where the bar is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from playwright.async_api import async_playwright

from benchmarks import pages
from benchmarks.usage import served
from crawler.browser import Browser, find_browser
from crawler.chromium import FLAGS
from crawler.netguard import World
from crawler.proxy import GuardProxy

LEAST_GAIN = 3.0
"""Pictures a second of ours over those of one browser process each."""
PORTAL_PAGES = 1_000
AT_ONCE = 4
USER_AGENT = "KiemCong (benchmark)"


async def ours(url: str, count: int) -> float:
    """Seconds a picture, layout and DOM included: one browser and AT_ONCE visits, as a worker has them; starting it is counted."""
    began = time.perf_counter()
    world = World(only_networks=("127.0.0.0/8",))
    waiting = list(range(count))
    async with (
        GuardProxy(world) as proxy,
        Browser(proxy, user_agent=USER_AGENT) as browser,
        asyncio.TaskGroup() as visits,
    ):
        for _ in range(AT_ONCE):
            visits.create_task(_visit(browser, url, waiting))
    return (time.perf_counter() - began) / count


async def _visit(browser: Browser, url: str, waiting: list[int]) -> None:
    async with browser.visit(["127.0.0.1"]) as session:
        while waiting:
            number = waiting.pop()
            address, body = url.rstrip("/") + pages.address(number), pages.page(number, PORTAL_PAGES)
            capture = await session.capture(address, body=body, content_type="text/html; charset=utf-8")
            if capture.error or not capture.screenshot or not capture.layout:
                sys.exit(f"{address}: {capture.error or 'no picture'}")


async def one_each(url: str, count: int) -> float:
    """Seconds a picture with a browser process for each."""
    began = time.perf_counter()
    async with async_playwright() as playwright:
        for number in range(count):
            browser = await playwright.chromium.launch(executable_path=find_browser() or None, args=list(FLAGS))
            page = await browser.new_page()
            await page.goto(url.rstrip("/") + pages.address(number))
            await page.screenshot(full_page=True)
            await browser.close()
    return (time.perf_counter() - began) / count


def main() -> None:
    """Measure, print, and exit 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=40)
    chosen = parser.parse_args()
    with served(PORTAL_PAGES) as [url]:
        own = asyncio.run(ours(url, chosen.pages))
        other = asyncio.run(one_each(url, chosen.pages))
    print(f"{own:.2f} s a picture with layout, {other:.2f} s with a browser each: {other / own:.1f} times as fast.")
    if other / own < LEAST_GAIN:
        sys.exit(f"BAR MISSED: {other / own:.1f}; at least {LEAST_GAIN}")


if __name__ == "__main__":
    main()
