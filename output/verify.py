"""Whether sealed visits are still what was sealed: every file re-read, every hash recomputed, every reference followed. Changes nothing."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from checklists.targets import digest
from crawler.archive import BlobKind, sha256
from crawler.manifest import MANIFEST, Manifest, manifest_digest, pretty, read_manifest
from crawler.model import Visit
from crawler.problems import BadInput
from crawler.services.batch_folder import BATCH, PROBES, read_batch, read_probes
from crawler.visit_folder import (
    ARCHIVE,
    PAGES,
    TARGETS,
    VISIT,
    blob_path,
    blobs_of,
    read_pages,
    read_targets,
    read_visit,
    unpacked,
)

CHUNK = 1 << 20


class Damage(msgspec.Struct, frozen=True):
    """One thing wrong with a sealed visit: the file below its folder, and what is wrong with it."""

    visit: str
    file: str
    problem: str


class Checked(msgspec.Struct, frozen=True):
    """A visit re-read: how many files and bytes, and all that is wrong. No damages means it is what was sealed."""

    visit: str
    files: int
    size: int
    damages: tuple[Damage, ...]


def visit_folders(visits: Path) -> list[Path]:
    """Every folder that stands where sealed visits stand, sorted; one that lost its manifest is among them, so that it is missed."""
    if not visits.is_dir():
        return []
    return sorted(path for path in visits.iterdir() if path.is_dir() and not path.name.startswith("."))


def check_folder(folder: Path) -> Checked:
    """A visit folder re-read in full. Only a file that is as it was sealed is looked into further, so each damage is told once."""
    try:
        manifest = read_manifest(folder)
    except BadInput as refused:
        return Checked(folder.name, 0, 0, (Damage(folder.name, MANIFEST, refused.problems[0].message),))
    wrong = dict(file_problems(folder, manifest))
    found = [(MANIFEST, problem) for problem in manifest_problems(folder, manifest)]
    found += sorted(wrong.items())
    found += content_problems(folder, manifest, frozenset(wrong))
    size = sum(entry.size for entry in manifest.files)
    damages = tuple(Damage(folder.name, path, problem) for path, problem in found)
    return Checked(folder.name, len(manifest.files) + 1, size, damages)


def manifest_problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the manifest itself."""
    if manifest.digest != manifest_digest(manifest) or (folder / MANIFEST).read_bytes() != pretty(manifest):
        yield "changed: it is not what its own digest says"
    if manifest.visit != folder.name:
        yield f"it seals visit {manifest.visit}, and the folder is called {folder.name}"
    for path, count in Counter(entry.path for entry in manifest.files).items():
        if count > 1:
            yield f"it lists {path} {count} times"


def file_problems(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Files that are missing, extra or changed, each with what is wrong."""
    present = files_below(folder)
    listed = {entry.path: entry for entry in manifest.files}
    for path in sorted(present - listed.keys() - {MANIFEST}):
        yield path, "extra: the manifest does not list it"
    for path, entry in listed.items():
        if path not in present:
            yield path, "missing"
        elif (folder / path).is_symlink() or not (folder / path).is_file():
            yield path, "changed: it is no regular file"
        elif (size := (folder / path).stat().st_size) != entry.size:
            yield path, f"changed: {size} bytes, and {entry.size} were sealed"
        elif (found := file_sha256(folder / path)) != entry.sha256:
            yield path, f"changed: SHA-256 is {found[:12]}…, and {entry.sha256[:12]}… was sealed"


def files_below(folder: Path) -> set[str]:
    """Everything below a folder that is not itself a folder, as paths below it. A link is never followed."""
    found: set[str] = set()
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if Path(place, name).is_symlink()]
        found.update(Path(place, name).relative_to(folder).as_posix() for name in (*names, *links))
    return found


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_problems(folder: Path, manifest: Manifest, skip: frozenset[str]) -> list[tuple[str, str]]:
    """What is wrong inside the files that are as sealed, such as a blob under another's name or a record whose digest fails."""
    whole = {entry.path for entry in manifest.files} - skip
    found = [(path, problem) for path in sorted(whole) if (problem := blob_problem(folder, path))]
    batch = BATCH in {entry.path for entry in manifest.files}
    for path, problems in BATCH_CHECKS if batch else VISIT_CHECKS:
        if path in whole:
            found += [(path, problem) for problem in told(problems(folder, manifest))]
        elif path not in skip:
            found.append((path, "missing from folder and manifest alike"))
    if ARCHIVE in whole:
        found += [(ARCHIVE, problem) for problem in archive_problems(folder / ARCHIVE)]
    elif ARCHIVE not in skip:
        found.append((ARCHIVE, "missing from folder and manifest alike"))
    return found


def told(problems: Iterator[str]) -> Iterator[str]:
    """The problems, a refusal to read being the last of them."""
    try:
        yield from problems
    except BadInput as refused:
        yield from (f"line {p.line}: {p.message}" if p.line else p.message for p in refused.problems)


def blob_problem(folder: Path, path: str) -> str:
    """What is wrong with a blob, '' where nothing is or the file is none."""
    place, _, name = path.rpartition("/")
    if place not in set(BlobKind):
        return ""
    try:
        content = unpacked(folder / path, BlobKind(place))
    except BadInput as refused:
        return refused.problems[0].message
    return "" if sha256(content) == name.removesuffix(".gz") else "its content is not what its name says"


def visit_problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Where visit.json and the manifest disagree."""
    visit = read_visit(folder)
    for field, here, sealed in facts_twice(visit, manifest):
        if here != sealed:
            yield f"{field} is {here}, and the manifest says {sealed}"


def facts_twice(visit: Visit, manifest: Manifest) -> tuple[tuple[str, object, object], ...]:
    """What stands both in visit.json and in the manifest: its name, here, there."""
    return (
        ("request.id", visit.request.id, manifest.visit),
        ("request.now", visit.request.now, manifest.now),
        ("targets_digest", visit.targets_digest, manifest.targets_digest),
        ("software", visit.software, manifest.software),
        ("vantage", visit.vantage, manifest.vantage),
    )


def target_problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Where targets.json is not what the digest in it and in the manifest says."""
    if read_targets(folder).digest != manifest.targets_digest:
        yield "its digest is not the one in the manifest"
    # Over the fields as they stand in the file: a later version's added ones must not make an old folder look damaged.
    fields = msgspec.json.decode((folder / TARGETS).read_bytes())
    if digest(fields | {"digest": ""}) != fields["digest"]:
        yield "the targets are not what their digest says"


def page_problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Pages that point to evidence the folder does not hold, and ids used twice."""
    listed = {entry.path for entry in manifest.files}
    seen: set[str] = set()
    for number, page in enumerate(read_pages(folder), 1):
        if page.id in seen:
            yield f"line {number}: id {page.id} is taken"
        seen.add(page.id)
        yield from (
            f"line {number}: points to {path}, which is not there" for path in blobs_of(page) if path not in listed
        )


def batch_problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Where batch.json and the manifest disagree."""
    batch = read_batch(folder)
    for field, here, sealed in (
        ("id", batch.id, manifest.visit),
        ("planned_at", batch.planned_at, manifest.now),
        ("rules_digest", batch.rules_digest, manifest.targets_digest),
        ("software", batch.software, manifest.software),
        ("vantage", batch.vantage, manifest.vantage),
    ):
        if here != sealed:
            yield f"{field} is {here}, and the manifest says {sealed}"


def probe_problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Probes that point to bodies the folder does not hold, services probed twice, and a number of probes that is not the batch's."""
    listed = {entry.path for entry in manifest.files}
    seen: set[str] = set()
    for number, probe in enumerate(read_probes(folder), 1):
        if probe.service in seen:
            yield f"line {number}: {probe.service} stands twice"
        seen.add(probe.service)
        for each in probe.tries:
            kept = (
                (each.body, BlobKind.BODY),
                (each.dom, BlobKind.DOM),
                (each.picture, BlobKind.PICTURE),
                (each.layout, BlobKind.LAYOUT),
            )
            paths = [blob_path(name, kind) for name, kind in kept if name]
            yield from (f"line {number}: points to {path}, which is not there" for path in paths if path not in listed)
    if len(seen) != (wanted := read_batch(folder).probes):
        yield f"it holds {len(seen)} probes, and {BATCH} says {wanted}"


VISIT_CHECKS = ((VISIT, visit_problems), (TARGETS, target_problems), (PAGES, page_problems))
BATCH_CHECKS = ((BATCH, batch_problems), (PROBES, probe_problems))
"""The files a visit and a batch of probes must hold, and what is wrong inside them."""


def archive_problems(path: Path) -> list[str]:
    """What is wrong with a WARC: broken gzip first, and where that is sound every record as `warcio check` sees it."""
    try:
        members = gzip_members(path)
    except zlib.error as problem:
        return [f"gzip is broken: {problem}"]
    found = []
    records = 0
    with path.open("rb") as file:
        archive = ArchiveIterator(file, check_digests=True)
        try:
            for record in archive:
                records += 1
                found += record_problems(record)
        except Exception as problem:  # noqa: BLE001 - warcio raises whatever it stumbles over; all of it means one thing here
            return [*found, f"record {records + 1} cannot be read: {problem}"]
    if records != members:
        found.append(f"{records} records in {members} gzip members")
    if archive.err_count:
        found.append(f"{archive.err_count} records do not end where they say")
    return found


def record_problems(record: ArcWarcRecord) -> list[str]:
    """What is wrong with one WARC record, its digests recomputed."""
    stream = record.content_stream()
    while stream.read(CHUNK):
        pass
    name = record.rec_headers.get_header("WARC-Record-ID")
    if record.digest_checker.passed is None:
        return [f"record {name} carries no digest"]
    return [f"record {name}: {problem}" for problem in record.digest_checker.problems]


def gzip_members(path: Path) -> int:
    """How many gzip members a file consists of; zlib.error where one is broken or cut short."""
    count = 0
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    fresh = True
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            while data:
                unpacker.decompress(data)
                fresh, data = False, unpacker.unused_data
                if unpacker.eof:
                    count, fresh, unpacker = count + 1, True, zlib.decompressobj(zlib.MAX_WBITS | 16)
    if not fresh:
        raise zlib.error("the last member is cut short")
    return count
