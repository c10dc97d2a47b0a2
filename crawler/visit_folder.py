"""The visit folder on disk: written once, sealed by one rename, read for ever after.

    <visits>/<visit id>/
      manifest.json      every other file's size and SHA-256; digests of targets and software; vantage; now. Written last
      visit.json         the Visit
      targets.json       the TargetSet it was gathered under
      pages.jsonl        one PageVisit a line, in the order seen
      archive.warc.gz    WARC 1.1, one gzip member a record
      bodies/ dom/ layouts/    <sha256>.gz, the SHA-256 being that of the content before gzip
      pictures/                <sha256>, as the browser made them

A folder under `.unsealed/` does not exist for any reader. Several machines may share `visits` as long as its file system renames
atomically; an attempt holds a lock on its folder, so that only what a dead process left is ever cleared.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from crawler.archive import (
    BlobKind,
    Exchange,
    exchange_records,
    gzip_member,
    resource_record,
    sha256,
    warcinfo_record,
)
from crawler.durable import Appended, put, sync
from crawler.manifest import MANIFEST, MEND, FileEntry, Manifest, manifest_of, pretty, readable_manifest
from crawler.manifest import software as software
from crawler.model import PageVisit, TargetSet, Visit
from crawler.problems import bad_input

UNSEALED = ".unsealed"
VISIT, TARGETS, PAGES, ARCHIVE = "visit.json", "targets.json", "pages.jsonl", "archive.warc.gz"

Record = TypeVar("Record")


class AlreadySealed(Exception):
    """The visit has its sealed folder; it is done and is never written again."""


class FolderWriter:
    """A visit folder being written by one process, one thread. An OSError on any call (a full disk) removes all of it and passes on.

    As a context manager it abandons what was not sealed. After `seal`, `abandon` or an OSError every further call is a ValueError.
    """

    lines = PAGES

    def __init__(self, visits: Path, visit_id: str, path: Path) -> None:
        self.visit_id = visit_id
        self.path = path
        self._visits = visits
        self._lock = -1
        self._logs: list[Appended] = []
        self._files: dict[str, FileEntry] = {}
        self._records = 1
        self._page_ids: set[str] = set()
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def blob(self, data: bytes, kind: BlobKind) -> str:
        """Store bytes once however often they come; their SHA-256."""
        name = sha256(data)
        self._store(name, data, kind)
        return name

    def read(self, name: str, kind: BlobKind) -> bytes:
        """A blob stored earlier by this writer."""
        return unpacked(self.path / blob_path(name, kind), kind)

    def exchange(self, exchange: Exchange, *, keep: bool = True) -> str:
        """Archive a request with its answer, and store the body as a blob unless told not to (a redirect's); the body's SHA-256."""
        name = sha256(exchange.body)
        if keep:
            self._store(name, exchange.body, BlobKind.BODY)
        self._archive(exchange_records(self.visit_id, self._records, exchange, name), 2)
        return name

    def resource(self, url: str, made_at: datetime, data: bytes, kind: BlobKind) -> str:
        """Store and archive what was made of the page at this address (not a body); its SHA-256."""
        name = self.blob(data, kind)
        self._archive(resource_record(self.visit_id, self._records, url, made_at, data, kind), 1)
        return name

    def page(self, page: PageVisit) -> None:
        """Append a line to pages.jsonl. ValueError where its id is taken or it names a blob that was not stored."""
        missing = [path for path in blobs_of(page) if path not in self._files]
        if missing or page.id in self._page_ids:
            raise ValueError(f"page {page.id}: {f'no blob {missing[0]}' if missing else 'its id is taken'}")
        self._page_ids.add(page.id)
        with self._guarded():
            self._logs[1].add(msgspec.json.encode(page, order="deterministic") + b"\n")

    def seal(self, visit: Visit, targets: TargetSet) -> Path:
        """Make the folder exist: everything on disk, the manifest last, one rename. AlreadySealed where another attempt was first."""
        agree(self.visit_id, visit, targets)
        records = {VISIT: pretty(visit), TARGETS: pretty(targets)}
        return self._seal(records, lambda files: manifest_of(visit, files))

    def _seal(self, records: Mapping[str, bytes], manifest: Callable[[Iterable[FileEntry]], Manifest]) -> Path:
        with self._guarded():
            for path, data in records.items():
                self._put(path, data)
            for log in self._logs:
                log.close()
                self._files[log.name] = log.entry()
            for path in sorted(self._files):
                sync(self.path / path)
            self._put(MANIFEST, pretty(manifest(self._files.values())))
            for path in (MANIFEST, *BlobKind, "."):
                sync(self.path / path)
            final = self._visits / self.visit_id
            self._rename(final)
            sync(self.path.parent)
            sync(self._visits)
        self._release()
        return final

    def abandon(self) -> None:
        """Remove everything written so far. Once sealed or abandoned it does nothing."""
        if not self._open:
            return
        self._release()
        shutil.rmtree(self.path, ignore_errors=True)

    def _rename(self, final: Path) -> None:
        try:
            self.path.rename(final)
        except OSError as problem:
            # A rename onto a folder that holds anything fails, so two attempts can never both win.
            if problem.errno in (errno.ENOTEMPTY, errno.EEXIST) and (final / MANIFEST).exists():
                raise AlreadySealed(f"visit {self.visit_id} was sealed by another attempt") from problem
            raise

    def _store(self, name: str, data: bytes, kind: BlobKind) -> None:
        path = blob_path(name, kind)
        if path not in self._files:
            with self._guarded():
                self._put(path, data if kind is BlobKind.PICTURE else gzip_member(data))

    def _put(self, path: str, data: bytes) -> None:
        self._files[path] = put(self.path, path, data)

    def _archive(self, records: bytes, count: int) -> None:
        with self._guarded():
            self._logs[0].add(records)
        self._records += count

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if not self._open:
            raise ValueError(f"the folder of visit {self.visit_id} is closed")
        try:
            yield
        except (OSError, AlreadySealed):
            self.abandon()
            raise

    def _begin(self, started_at: datetime) -> None:
        with self._guarded():
            self._lock = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for kind in BlobKind:
                (self.path / kind).mkdir()
            self._logs.append(Appended(self.path / ARCHIVE))
            self._logs.append(Appended(self.path / self.lines))
            self._logs[0].add(warcinfo_record(self.visit_id, software(), started_at))

    def _release(self) -> None:
        self._open = False
        for log in self._logs:
            with suppress(OSError):
                log.close()
        lock, self._lock = self._lock, -1
        if lock >= 0:
            os.close(lock)


Writer = TypeVar("Writer", bound=FolderWriter)


def open_writer(visits: Path, visit_id: str, attempt: int, *, started_at: datetime) -> FolderWriter:
    """A writer for one attempt at a visit. Refuses as `open_folder` does."""
    return open_folder(FolderWriter, visits, visit_id, attempt, started_at=started_at)


def open_folder(kind: type[Writer], visits: Path, visit_id: str, attempt: int, *, started_at: datetime) -> Writer:
    """A writer of a kind for one attempt at a folder. AlreadySealed where the visit is done; ValueError where the id cannot name a folder."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", visit_id):
        raise ValueError(f"a visit id holds letters, digits, '-', '_' and '.', and {visit_id!r} does not")
    if (visits / visit_id / MANIFEST).exists():
        raise AlreadySealed(f"visit {visit_id} is sealed")
    path = visits / UNSEALED / f"{visit_id}.{attempt}-{secrets.token_hex(4)}"
    path.mkdir(parents=True)
    writer = kind(visits, visit_id, path)
    writer._begin(started_at)
    return writer


def clear_unsealed(visits: Path, older_than: timedelta = timedelta(minutes=1)) -> list[str]:
    """Remove what dead attempts left, if untouched for so long; the names removed. An attempt still being made is never touched."""
    unsealed = visits / UNSEALED
    names = sorted(path.name for path in unsealed.iterdir()) if unsealed.is_dir() else []
    return [name for name in names if cleared(unsealed / name, time.time() - older_than.total_seconds())]


def cleared(path: Path, before: float) -> bool:
    """Whether a leftover was removed: nobody holds it and it was last touched before this time (seconds since 1970)."""
    try:
        if path.stat().st_mtime > before:
            return False
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(path, ignore_errors=True)
        return not path.exists()
    finally:
        os.close(lock)


def sealed_visits(visits: Path) -> list[str]:
    """The ids of the visits that exist, sorted."""
    if not visits.is_dir():
        return []
    return sorted(
        path.name for path in visits.iterdir() if not path.name.startswith(".") and is_sealed(visits, path.name)
    )


def is_sealed(visits: Path, visit_id: str) -> bool:
    """The visit exists."""
    return (visits / visit_id / MANIFEST).exists()


def read_visit(folder: Path) -> Visit:
    """visit.json of a sealed folder. BadInput where the folder has no seal, is of another format version or the file is damaged."""
    readable_manifest(folder)
    return read_record(folder / VISIT, Visit)


def read_targets(folder: Path) -> TargetSet:
    """targets.json of a sealed folder; refuses as `read_visit` does."""
    readable_manifest(folder)
    return read_record(folder / TARGETS, TargetSet)


def read_pages(folder: Path) -> tuple[PageVisit, ...]:
    """pages.jsonl of a sealed folder, in the order the pages were seen; refuses as `read_visit` does, naming the line."""
    readable_manifest(folder)
    decoder = msgspec.json.Decoder(PageVisit)
    pages = []
    for number, line in enumerate(stored_bytes(folder / PAGES).splitlines(), 1):
        try:
            pages.append(decoder.decode(line))
        except msgspec.MsgspecError as problem:
            raise bad_input(str(folder / PAGES), f"damaged: {problem}", MEND, line=number) from problem
    return tuple(pages)


def read_blob(folder: Path, name: str, kind: BlobKind) -> bytes:
    """The bytes a page points to, checked against their SHA-256; refuses as `read_visit` does."""
    readable_manifest(folder)
    if not re.fullmatch(r"[0-9a-f]{64}", name):
        raise bad_input(str(folder), f"{name!r} is not a SHA-256, so it names no blob")
    path = folder / blob_path(name, kind)
    data = unpacked(path, kind)
    if sha256(data) != name:
        raise bad_input(str(path), "damaged: the content is not what its name says", MEND)
    return data


def unpacked(path: Path, kind: BlobKind) -> bytes:
    """The content of a blob's file, unchecked; BadInput where it is gone or its gzip is broken."""
    data = stored_bytes(path)
    if kind is BlobKind.PICTURE:
        return data
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(data) + unpacker.flush()
    except zlib.error as problem:
        raise bad_input(str(path), f"damaged: {problem}", MEND) from problem
    if not unpacker.eof or unpacker.unused_data:
        raise bad_input(str(path), "damaged: not exactly one gzip member", MEND)
    return content


def read_record(path: Path, kind: type[Record]) -> Record:
    """A JSON file as the record it holds; BadInput where it is gone or damaged."""
    try:
        return msgspec.json.decode(stored_bytes(path), type=kind)
    except msgspec.MsgspecError as problem:
        raise bad_input(str(path), f"damaged: {problem}", MEND) from problem


def stored_bytes(path: Path) -> bytes:
    """The bytes of a file a sealed folder must have; BadInput where it is gone."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise bad_input(str(path), "missing from the sealed folder", MEND) from None


def blob_path(name: str, kind: BlobKind) -> str:
    """Where a blob of this SHA-256 lies, below its visit folder."""
    return f"{kind}/{name}" if kind is BlobKind.PICTURE else f"{kind}/{name}.gz"


def blobs_of(page: PageVisit) -> list[str]:
    """The blob files a page points to, below its visit folder."""
    named = (
        (page.body, BlobKind.BODY),
        (page.dom, BlobKind.DOM),
        (page.screenshot, BlobKind.PICTURE),
        (page.layout, BlobKind.LAYOUT),
    )
    return [blob_path(name, kind) for name, kind in named if name is not None]


def agree(visit_id: str, visit: Visit, targets: TargetSet) -> None:
    """Nothing, where a visit and its targets belong into the folder of this id; ValueError otherwise."""
    if visit.request.id != visit_id:
        raise ValueError(f"the folder is of visit {visit_id}, not {visit.request.id}")
    if visit.targets_digest != targets.digest:
        raise ValueError(f"visit {visit_id} was not made under these targets")
