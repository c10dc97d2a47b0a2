"""The manifest that seals a visit folder: every file's size and SHA-256, and under what the visit was made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from crawler.archive import sha256
from crawler.model import Vantage, Visit
from crawler.problems import bad_input

FORMAT = 1
"""The version of the visit folder's layout. A reader refuses every other."""

MANIFEST = "manifest.json"
MEND = "restore the folder from a copy, or remove it and make the visit again"


class FileEntry(msgspec.Struct, frozen=True):
    """One file of a folder: its path below the folder, bytes, SHA-256 of those bytes."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What seals a visit folder. `digest` is SHA-256 over all the rest, so that one line stands for the whole folder.

    software_digest is over the crawler's own package; now is the time recency is judged against.
    """

    format: int
    visit: str
    targets_digest: str
    software: str
    software_digest: str
    vantage: Vantage
    now: datetime
    files: tuple[FileEntry, ...]
    digest: str = ""


class FormatOnly(msgspec.Struct):
    """The one field of a manifest that every version has."""

    format: int


def manifest_of(visit: Visit, files: Iterable[FileEntry]) -> Manifest:
    """The manifest of a visit and its files, sorted by path."""
    return manifest_for(visit.request.id, visit.targets_digest, visit.software, visit.vantage, visit.request.now, files)


def manifest_for(
    name: str, digest: str, program: str, vantage: Vantage, now: datetime, files: Iterable[FileEntry]
) -> Manifest:
    """The manifest of a folder of that name, made under the targets (or rules) of that digest."""
    unsigned = Manifest(
        format=FORMAT,
        visit=name,
        targets_digest=digest,
        software=program,
        software_digest=software_digest(),
        vantage=vantage,
        now=now,
        files=tuple(sorted(files, key=lambda entry: entry.path)),
    )
    return msgspec.structs.replace(unsigned, digest=manifest_digest(unsigned))


def manifest_digest(manifest: Manifest) -> str:
    """SHA-256 over the manifest without its digest."""
    return sha256(msgspec.json.encode(msgspec.structs.replace(manifest, digest=""), order="deterministic"))


def pretty(record: Any) -> bytes:
    """A record as JSON a person can read, the same bytes every time."""
    return msgspec.json.format(msgspec.json.encode(record, order="deterministic"), indent=1) + b"\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a sealed folder. BadInput where there is none, it cannot be read or is of another format version."""
    data = readable_manifest(folder)
    try:
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.MsgspecError as problem:
        raise bad_input(str(folder / MANIFEST), f"damaged: {problem}", MEND) from problem


def readable_manifest(folder: Path) -> bytes:
    """The bytes of a manifest whose format version this program reads; BadInput otherwise."""
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise bad_input(str(folder), f"no sealed visit here: there is no {MANIFEST}", MEND) from None
    try:
        found = msgspec.json.decode(data, type=FormatOnly).format
    except msgspec.MsgspecError as problem:
        raise bad_input(str(path), f"damaged: {problem}", MEND) from problem
    if found != FORMAT:
        mend = "use the version of kiemcong that wrote it"
        raise bad_input(str(path), f"format {found}, and this program reads format {FORMAT}", mend, field="format")
    return data


def software() -> str:
    """The name and version of this program."""
    return f"kiemcong {version('kiemcong')}"


@cache
def software_digest() -> str:
    """SHA-256 over the crawler package as installed: each file's path and bytes, compiled ones left out."""
    room = Path(__file__).parent
    whole = hashlib.sha256()
    for path in sorted(room.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            whole.update(f"{path.relative_to(room).as_posix()}\0{sha256(path.read_bytes())}\n".encode())
    return whole.hexdigest()
