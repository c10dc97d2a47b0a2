"""Bytes that are on the disk for certain: written without a buffer that could be lost or fail late."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from crawler.archive import sha256
from crawler.manifest import FileEntry

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class Appended:
    """A file that grows: bytes are on their way to disk when `add` returns. Knows its own size and hash."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._handle = os.open(path, NEW, 0o644)
        self._hash = hashlib.sha256()
        self._size = 0

    def add(self, data: bytes) -> None:
        write_all(self._handle, data)
        self._hash.update(data)
        self._size += len(data)

    def close(self) -> None:
        """Let go of the file; more than once does nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def entry(self) -> FileEntry:
        return FileEntry(self.name, self._size, self._hash.hexdigest())


def put(root: Path, path: str, data: bytes) -> FileEntry:
    """A new file below root with these bytes, handed to the system whole; its entry for the manifest."""
    handle = os.open(root / path, NEW, 0o644)
    try:
        write_all(handle, data)
    finally:
        os.close(handle)
    return FileEntry(path, len(data), sha256(data))


def write_all(handle: int, data: bytes) -> None:
    """All bytes handed to the system; OSError where even one is refused."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync(path: Path) -> None:
    """The file's or folder's content is on the disk itself."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
