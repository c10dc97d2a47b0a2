"""Serves sample portals on loopback: `python -m tests.portals.serve NAME… [--port N] [--named] [--log FILE] [--truths DIR]`."""

from __future__ import annotations

import argparse
import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.portals.build import Built, build
from tests.portals.model import Portal, load, names
from tests.portals.truth import as_yaml, truth


@dataclass(frozen=True, slots=True)
class Served:
    """A portal that answers: where, where its siblings do, and the truth about it at these addresses."""

    name: str
    url: str
    siblings: dict[str, str]
    truth: dict[str, Any]
    requests: list[tuple[float, str, str, int]] = field(default_factory=list)
    """(monotonic seconds, host, request target, status) of every request so far, in order."""


@contextlib.contextmanager
def serving(
    wanted: Sequence[str], *, port: int | None = 0, named: bool = False, log: Path | None = None
) -> Iterator[dict[str, Served]]:
    """The portals of these names, answering until the block is left. `port` 0 lets the system choose, None takes each portal's own;
    `named` makes links across hosts use the agencies' host names instead of loopback addresses."""
    with contextlib.ExitStack() as stack:
        yield {name: _serve(stack, load(name), port, place, named, log) for place, name in enumerate(wanted)}


def _serve(
    stack: contextlib.ExitStack, portal: Portal, port: int | None, place: int, named: bool, log: Path | None
) -> Served:
    first = portal.port if port is None else port and port + place
    requests: list[tuple[float, str, str, int]] = []
    servers = {}
    for number, host in enumerate(["", *portal.siblings]):
        servers[host] = ThreadingHTTPServer((f"127.0.0.{number + 1}", first), BaseHTTPRequestHandler)
        servers[host].daemon_threads = True
    addresses = {
        host: f"http://{server.server_address[0]}:{server.server_address[1]}" for host, server in servers.items()
    }
    hosts = build(portal, None if named else addresses)
    for host, server in servers.items():
        server.RequestHandlerClass = _handler(hosts[host], host or "main", requests, log)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
    siblings = {host: address for host, address in addresses.items() if host}
    return Served(portal.portal, addresses[""], siblings, truth(portal, None if named else addresses), requests)


def _handler(
    built: Built, host: str, requests: list[tuple[float, str, str, int]], log: Path | None
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = built.layout.get("server", "Apache")
        sys_version = ""

        def do_GET(self) -> None:
            self.reply(b"")

        def do_HEAD(self) -> None:
            self.reply(b"")

        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def reply(self, body: bytes) -> None:
            answer = built.answer(self.command, self.path, body)
            requests.append((time.monotonic(), host, f"{self.command} {self.path}", answer.status))
            if log:
                with log.open("a", encoding="utf-8") as file:
                    file.write(f"{time.time():.3f}\t{host}\t{self.command}\t{self.path}\t{answer.status}\n")
            self.send_response(answer.status)
            for name, value in {**built.layout.get("headers", {}), **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                with contextlib.suppress(ConnectionError):  # the visitor may leave before the page is whole
                    self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing on standard error: `requests` and the log file tell."""

    return Handler


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="portals to serve; all of them where none is named")
    parser.add_argument("--port", type=int, help="first port; each portal's own where not given")
    parser.add_argument("--named", action="store_true", help="links across hosts use host names (for --resolve)")
    parser.add_argument("--log", type=Path, help="append every request to this file")
    parser.add_argument("--truths", type=Path, help="write the truth files here")
    chosen = parser.parse_args()
    with serving(chosen.names or names(), port=chosen.port, named=chosen.named, log=chosen.log) as served:
        for portal in served.values():
            others = "".join(f"\t{name}={url}" for name, url in portal.siblings.items())
            print(f"{portal.name}\t{portal.url}{others}", flush=True)
            if chosen.truths:
                chosen.truths.mkdir(parents=True, exist_ok=True)
                (chosen.truths / f"{portal.name}.yml").write_text(as_yaml(portal.truth), encoding="utf-8")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
