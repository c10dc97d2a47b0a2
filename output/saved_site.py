"""A folder of saved pages, served on loopback as if the portal were there: a plain tree, or pages with a `crawl.json` map."""

from __future__ import annotations

import html
import json
import mimetypes
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from crawler.problems import BadInput, Problem, bad_input

MAP = "crawl.json"
_TEXT = ("text/", "application/javascript", "application/json", "application/xml", "application/xhtml+xml")
_MISSING = (
    b"<!DOCTYPE html><html><head><title>404</title></head><body><h1>404</h1><p>Not in the saved copy.</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved answer: its status, media type, and either the file that holds it or where it sends the visitor."""

    status: int
    media: str
    file: Path | None
    location: str = ""


@dataclass(frozen=True, slots=True)
class SavedSite:
    """A folder of saved pages: `answers` by path with sorted query; `origin` is the scheme and host it was saved from, "" for a plain tree."""

    folder: Path
    home: str
    origin: str = ""
    answers: Mapping[str, Saved] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    """Addresses the map lists without a file: they answer 404."""


def read_saved(folder: Path) -> SavedSite:
    """The saved site in `folder`; BadInput with every problem where it is no folder, holds no page, or its map is broken."""
    if not folder.is_dir():
        raise bad_input(str(folder), "there is no such folder", "name the folder that holds the saved pages")
    if (folder / MAP).is_file():
        return _mapped(folder)
    pages = sorted(path for path in _files(folder) if path.suffix.lower() in {".html", ".htm", ".xhtml"})
    if not pages:
        raise bad_input(
            str(folder), "the folder holds no saved page", f"put .html files or a {MAP} with its pages into it"
        )
    return SavedSite(folder=folder, home="/")


@contextmanager
def serve_saved(directory: Path, port: int = 0) -> Iterator[str]:
    """The address of the saved site's first page, answering on 127.0.0.1 until the block is left; port 0 lets the system choose one."""
    site = read_saved(directory)
    with _listening(site, port) as base:
        yield base + site.home


@contextmanager
def _listening(site: SavedSite, port: int) -> Iterator[str]:
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
    except OSError as problem:
        raise bad_input(
            f"127.0.0.1:{port}", f"cannot listen there: {problem.strerror}", "choose another --port"
        ) from problem
    base = f"http://127.0.0.1:{server.server_address[1]}"
    server.RequestHandlerClass = _handler(lambda target: answer(site, base, target))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(site: SavedSite, base: str, target: str) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) for a request target; links to the saved host point to `base`, what was not saved is an honest 404."""
    saved = site.answers.get(_key(target)) if site.origin else _in_tree(site.folder, target)
    if saved is None:
        return 404, {"Content-Type": "text/html; charset=utf-8"}, _MISSING
    if saved.location:
        return saved.status, {"Location": _moved(saved.location, site.origin, base)}, b""
    if saved.file is None and not site.origin:
        return 200, {"Content-Type": "text/html; charset=utf-8"}, _listing(site.folder)
    if saved.file is None:
        return 404, {"Content-Type": "text/html; charset=utf-8"}, _MISSING
    body = saved.file.read_bytes()
    if site.origin and saved.media.startswith(_TEXT):
        body = _rewritten(body, site.origin, base)
    return saved.status, {"Content-Type": _typed(saved.media, body)}, body


def _mapped(folder: Path) -> SavedSite:
    listed = _read_map(folder / MAP)
    origins = Counter(_origin(address) for address in listed)
    origin = origins.most_common(1)[0][0]
    kept = {path.stem: path for path in sorted(folder.iterdir()) if path.is_file() and path.stem.isdigit()}
    answers: dict[str, Saved] = {}
    missing = []
    for number, (address, (status, media, _title, _size, moved)) in enumerate(listed.items(), 1):
        if _origin(address) != origin:
            missing.append(address)
            continue
        file = kept.get(f"{number:04d}")
        if moved and moved != address:
            answers[_key(address)] = Saved(302, media, None, moved)
            answers.setdefault(_key(moved), Saved(status, media, file))
        else:
            answers[_key(address)] = Saved(status, media, file)
        if file is None:
            missing.append(address)
    if not any(saved.file for saved in answers.values()):
        raise bad_input(
            str(folder / MAP), "none of the pages it lists lies in the folder", "the N-th address is NNNN.html"
        )
    first = urlsplit(next(address for address in listed if _origin(address) == origin))
    home = (first.path or "/") + ("?" + first.query if first.query else "")
    return SavedSite(folder=folder, home=home, origin=origin, answers=answers, missing=tuple(missing))


def _read_map(path: Path) -> dict[str, tuple[int, str, str, int, str]]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as problem:
        raise bad_input(str(path), "is not UTF-8", "save it as UTF-8") from problem
    except json.JSONDecodeError as problem:
        raise bad_input(
            str(path), f"is not JSON: {problem.msg}", "mend the syntax there", line=problem.lineno
        ) from problem
    mend = 'write {"http://host/path": [status, type, title, size, redirected-to], …}'
    if not isinstance(listed, dict) or not listed:
        raise bad_input(str(path), "holds no object of saved addresses", mend)
    problems = [
        Problem(file=str(path), line=0, field=address, message=wrong, mend=mend)
        for address, row in listed.items()
        if (wrong := _wrong(address, row))
    ]
    if problems:
        raise BadInput(problems)
    return {address: (row[0], row[1], row[2], row[3], row[4]) for address, row in listed.items()}


def _wrong(address: str, row: object) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return "is no absolute http address"
    if not isinstance(row, list) or len(row) != 5:
        return "has not five values"
    kinds = (int, str, str, int, str)
    if not all(isinstance(value, kind) for value, kind in zip(row, kinds, strict=True)):
        return "has values of the wrong kind"
    return "" if 100 <= row[0] <= 599 else f"has the status {row[0]}"


def _in_tree(folder: Path, target: str) -> Saved | None:
    path, _, query = target.partition("?")
    relative = unquote(path).lstrip("/")
    names = [relative, f"{relative}.html", f"{relative.rstrip('/')}/index.html", f"{relative.rstrip('/')}/index.htm"]
    if query:
        names = [f"{relative}?{query}", f"{relative}?{unquote(query)}", *names]
    root = folder.resolve()
    for name in names:
        file = (root / name.lstrip("/")).resolve() if "\0" not in name else root
        if file.is_file() and file.is_relative_to(root) and not file.name.startswith("."):
            return Saved(200, _media(file), file)
    return Saved(200, "text/html", None) if not relative else None


def _listing(folder: Path) -> bytes:
    names = [path.relative_to(folder).as_posix() for path in _files(folder)]
    rows = "".join(f'<li><a href="/{quote(name)}">{html.escape(name)}</a></li>' for name in names)
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Saved pages</title></head><body><ul>{rows}</ul></body></html>'.encode()


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _media(file: Path) -> str:
    """The media type by the ending; names saved with their query or without an ending are pages."""
    guessed, _ = mimetypes.guess_type(file.name.split("?")[0])
    if guessed:
        return guessed
    return "text/html" if "?" in file.name or not file.suffix or file.suffix == ".aspx" else "application/octet-stream"


def _typed(media: str, body: bytes) -> str:
    """The media type, with the character set where the bytes leave no doubt (other pages say it themselves)."""
    if not media.startswith(_TEXT) or "charset" in media:
        return media
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return media
    return f"{media}; charset=utf-8"


def _rewritten(body: bytes, origin: str, base: str) -> bytes:
    """The page with the saved host replaced by the serving one, also where slashes are escaped as in scripts."""
    for old, new in ((origin, base), (origin.replace("/", "\\/"), base.replace("/", "\\/"))):
        body = re.sub(re.escape(old.encode()) + rb"(?![\w.:-])", lambda _, new=new: new.encode(), body)  # type: ignore[misc]
    return body


def _moved(location: str, origin: str, base: str) -> str:
    return base + location[len(origin) :] if _origin(location) == origin else location


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _key(address: str) -> str:
    parts = urlsplit(address)
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return (unquote(parts.path) or "/") + ("?" + query if query else "")


def _handler(told: Callable[[str], tuple[int, dict[str, str], bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers from the saved copy; says nothing on standard error."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = told(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Silent."""

    return Handler
