"""The browser's only way out: an HTTP proxy on loopback that connects where the guard allows, politely, and remembers what it refused.

It has doors. The main one (`url`) admits every host the world allows; a visit opens one of its own, with a say of its own about hosts, so that
what a page asked for is counted per visit. All doors share the limit of connections to a host.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Any, Self

import msgspec

from crawler.errors import status_of_failure
from crawler.http_head import (
    CLOSE,
    REFUSED_HEADER,
    Head,
    Malformed,
    Wanted,
    head_bytes,
    onward_request,
    onward_response,
    read_head,
    wanted,
)
from crawler.model import VisitStatus
from crawler.netguard import Address, NameNotFound, OffLimits, ResolverTimeout, World, lookup


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the proxy grants one exchange or tunnel: seconds and bytes; per_host connections at once. All assumed; the last is the rule of politeness."""

    dns_seconds: float = 10
    connect_seconds: float = 10
    head_seconds: float = 20
    idle_seconds: float = 20
    total_seconds: float = 120
    body_bytes: int = 20_000_000
    head_bytes: int = 65_536
    per_host: int = 2
    sleep_seconds: float = 0.5
    """How long an open tunnel must be silent before it gives way to another connection to its host."""
    kept_seconds: float = 60
    """How long an answer of the resolver is used again."""


class Refusal(msgspec.Struct, frozen=True):
    """A host the proxy did not connect a page to, and why."""

    host: str
    status: VisitStatus
    reason: str


class Unwanted(Exception):
    """The visit that owns the door does not let this host in (a third party)."""


class TooLarge(Exception):
    """One answer, or one tunnel, carried more than the cap."""


class _Pipe:
    """One connection to a host; idle counts seconds since a byte went through, so that a sleeping one makes room."""

    def __init__(self) -> None:
        self.touched = asyncio.get_running_loop().time()
        self.task = asyncio.current_task()
        self.tunnel = False
        self.answered = False
        self.evicted = False

    def touch(self) -> None:
        self.touched = asyncio.get_running_loop().time()

    def idle(self) -> float:
        return asyncio.get_running_loop().time() - self.touched


class Door:
    """A port of the proxy with its own say about hosts (`admits`) and its own account of what went through."""

    def __init__(self, admits: Callable[[str], bool]) -> None:
        self.admits = admits
        self.url = ""
        self.refused: list[Refusal] = []
        self.contacted: Counter[str] = Counter()
        self.bytes_read = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def refusal(self, host: str) -> Refusal | None:
        """The latest refusal of a host through this door, or None."""
        return next((refusal for refusal in reversed(self.refused) if refusal.host == host), None)

    def refuse(self, refusal: Refusal) -> None:
        if len(self.refused) < 1000 and refusal not in self.refused:
            self.refused.append(refusal)

    async def _listen(
        self, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
    ) -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                await serve(reader, writer)
            except asyncio.CancelledError:
                pass  # the door closes, or the connection slept while another waited for its place
            finally:
                self._tasks.discard(task)
                await _close(writer)

        self._server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=65_536)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class GuardProxy:
    """`async with GuardProxy(world) as proxy`: `proxy.url` is where a browser's proxy setting points."""

    def __init__(self, world: World, *, limits: Limits | None = None) -> None:
        self.world = world
        self.limits = limits or Limits()
        self.main = Door(lambda _host: True)
        self._pipes: dict[str, set[_Pipe]] = {}
        self._known: dict[tuple[str, int], tuple[float, tuple[Address, ...] | Exception]] = {}

    @property
    def url(self) -> str:
        return self.main.url

    async def __aenter__(self) -> Self:
        await self._open(self.main)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.main._shut()

    @contextlib.asynccontextmanager
    async def door(self, admits: Callable[[str], bool]) -> AsyncIterator[Door]:
        """A further door, open for the duration; closing it cuts every connection made through it."""
        door = Door(admits)
        await self._open(door)
        try:
            yield door
        finally:
            await door._shut()

    async def _open(self, door: Door) -> None:
        await door._listen(lambda reader, writer: self._serve(door, reader, writer))

    async def _serve(self, door: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of the browser's, answered or refused; the connection is not used again."""
        host, pipe = "", _Pipe()
        try:
            head = await asyncio.wait_for(read_head(reader), self.limits.idle_seconds * 3)
            if head is None:
                return
            asked = wanted(head)
            host = asked.host
            async with asyncio.timeout(self.limits.total_seconds), self._place(host, pipe):
                upstream = await self._connect(door, host, asked.port)
                try:
                    if asked.method == "CONNECT":
                        await self._tunnel(door, pipe, (reader, writer), upstream)
                    else:
                        await self._exchange(door, pipe, (reader, writer), upstream, (head, asked))
                finally:
                    await _close(upstream[1])
        except Malformed as problem:
            status = VisitStatus.SERVER_ERROR if host else VisitStatus.OFF_LIMITS
            await self._refuse(door, pipe, writer, Refusal(host, status, str(problem)))
        except (Unwanted, OffLimits) as problem:
            await self._refuse(door, pipe, writer, Refusal(host, VisitStatus.OFF_LIMITS, str(problem)))
        except TooLarge as problem:
            await self._refuse(door, pipe, writer, Refusal(host, VisitStatus.TOO_LARGE, str(problem)))
        except Exception as problem:  # noqa: BLE001 — whatever went wrong becomes an answer to the browser
            await self._refuse(door, pipe, writer, Refusal(host, *status_of_failure(problem)))

    async def _refuse(self, door: Door, pipe: _Pipe, writer: asyncio.StreamWriter, refusal: Refusal) -> None:
        """Note the refusal, and tell the browser unless the answer had begun: then the connection just ends."""
        door.refuse(refusal)
        if pipe.answered:
            return
        code = "403 Forbidden" if refusal.status is VisitStatus.OFF_LIMITS else "502 Bad Gateway"
        with contextlib.suppress(OSError, RuntimeError):
            headers = [(REFUSED_HEADER, refusal.status.value), ("Content-Length", "0"), CLOSE]
            writer.write(head_bytes(f"HTTP/1.1 {code}", headers))
            await writer.drain()

    async def _connect(self, door: Door, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the first address that answers, out of the one look-up that decided they are allowed."""
        if not door.admits(host):
            raise Unwanted(f"{host} is a third party")
        door.contacted[host] += 1
        failure: OSError | None = None
        for address in await self._lookup(host, port):
            try:
                return await asyncio.wait_for(
                    asyncio.open_connection(address.ip, address.port), self.limits.connect_seconds
                )
            except OSError as problem:
                failure = problem
        raise failure or OSError(f"no address under {host}")

    async def _lookup(self, host: str, port: int) -> tuple[Address, ...]:
        now = asyncio.get_running_loop().time()
        kept = self._known.get((host, port))
        if kept is None or kept[0] <= now:
            if len(self._known) > 1000:
                self._known.clear()
            kept = (now + self.limits.kept_seconds, await self._decide(host, port))
            self._known[host, port] = kept
        if isinstance(kept[1], Exception):
            raise kept[1].with_traceback(None)
        return kept[1]

    async def _decide(self, host: str, port: int) -> tuple[Address, ...] | Exception:
        """The addresses of a host, or why there are none: a page asks for the same host dozens of times."""
        try:
            return await asyncio.wait_for(asyncio.to_thread(lookup, self.world, host, port), self.limits.dns_seconds)
        except TimeoutError:
            return ResolverTimeout(f"no answer about {host} in {self.limits.dns_seconds:g} s")
        except (OffLimits, NameNotFound, ResolverTimeout) as problem:
            return problem

    @contextlib.asynccontextmanager
    async def _place(self, host: str, pipe: _Pipe) -> AsyncIterator[None]:
        """One of the few connections a host is given at a time. A tunnel that sleeps is closed for whoever waits."""
        pipes = self._pipes.setdefault(host, set())
        while len(pipes) >= self.limits.per_host:
            asleep = max((one for one in pipes if one.tunnel and not one.evicted), key=_Pipe.idle, default=None)
            if asleep and asleep.task and asleep.idle() > self.limits.sleep_seconds:
                asleep.evicted = True
                asleep.task.cancel()
            await asyncio.sleep(0.05)
        pipes.add(pipe)
        try:
            yield
        finally:
            pipes.discard(pipe)

    async def _tunnel(self, door: Door, pipe: _Pipe, browser: _Streams, upstream: _Streams) -> None:
        """Bytes both ways until either side ends, sleeps too long or the cap is reached."""
        pipe.tunnel = pipe.answered = True
        browser[1].write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await browser[1].drain()
        up = asyncio.ensure_future(self._pump(None, pipe, browser[0], upstream[1]))
        down = asyncio.ensure_future(self._pump(door, pipe, upstream[0], browser[1]))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            if down.done():
                await down
        finally:
            await _end(up, down)

    async def _exchange(
        self, door: Door, pipe: _Pipe, browser: _Streams, upstream: _Streams, asked: tuple[Head, Wanted]
    ) -> None:
        """One request and its answer over a connection of its own; the browser itself knows where the body ends."""
        upstream[1].write(onward_request(*asked))
        await upstream[1].drain()
        # The browser's side is read all along: it carries the request's body, and ends when the browser has what it wanted.
        up = asyncio.ensure_future(self._pump(None, pipe, browser[0], upstream[1]))
        down = asyncio.ensure_future(self._answer(door, pipe, asked[0], browser[1], upstream[0]))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            if down.done():
                await down
        finally:
            await _end(up, down)

    async def _answer(
        self, door: Door, pipe: _Pipe, request: Head, writer: asyncio.StreamWriter, reader: asyncio.StreamReader
    ) -> None:
        head = await asyncio.wait_for(read_head(reader), self.limits.head_seconds)
        while head is not None and head.status < 200:
            head = await asyncio.wait_for(read_head(reader), self.limits.head_seconds)
        if head is None:
            raise ConnectionResetError("the connection ended before a response")
        answer = onward_response(request, head)
        pipe.answered = True
        writer.write(answer)
        await self._pump(door, pipe, reader, writer)

    async def _pump(
        self, door: Door | None, pipe: _Pipe, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Bytes from one side to the other until the stream ends. What comes from a host (`door` given) is counted, capped and must keep moving."""
        moved = 0
        while True:
            try:
                chunk = await asyncio.wait_for(reader.read(65_536), self.limits.idle_seconds if door else None)
            except TimeoutError:
                if pipe.idle() >= self.limits.idle_seconds - 0.5:
                    raise
                continue
            if not chunk:
                return
            pipe.touch()
            moved += len(chunk)
            if door is not None:
                door.bytes_read += len(chunk)
                if moved > self.limits.body_bytes:
                    raise TooLarge(f"more than {self.limits.body_bytes} bytes")
            writer.write(chunk)
            await writer.drain()


_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _end(*sides: asyncio.Future[None]) -> None:
    for side in sides:
        side.cancel()
    await asyncio.gather(*sides, return_exceptions=True)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()
