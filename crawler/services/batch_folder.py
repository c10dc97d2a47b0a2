"""A batch of probes on disk: written once, sealed by one rename, like a visit's folder.

<probes>/<batch id>/
  manifest.json      every other file's size and SHA-256; digests of rules and software; vantage. Written last
  batch.json         the Batch
  probes.jsonl       one Probe a line, all its tries in it, in the order they ended
  archive.warc.gz    the exchanges of every probe that showed a change of state
  bodies/            <sha256>.gz of the same
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from crawler.archive import sha256
from crawler.manifest import MEND, manifest_for, pretty, readable_manifest
from crawler.problems import bad_input
from crawler.services.model import DETERMINABLE, Batch, Layer, Outcome, Probe, ProbeRules
from crawler.visit_folder import FolderWriter, open_folder, read_record, stored_bytes

BATCH, PROBES = "batch.json", "probes.jsonl"

Line = TypeVar("Line")


class Seen(msgspec.Struct, frozen=True):
    """The part of a probe that judging reads."""

    service: str
    at: datetime
    outcome: Outcome
    layer: Layer = Layer.NONE
    changed: bool = False


class BatchWriter(FolderWriter):
    """A batch's folder being written. As its parent."""

    lines = PROBES

    def probe(self, probe: Probe) -> None:
        """Append a line to probes.jsonl."""
        with self._guarded():
            self._logs[1].add(msgspec.json.encode(probe, order="deterministic") + b"\n")

    def seal_batch(self, batch: Batch) -> Path:
        """Make the folder exist. AlreadySealed where another attempt was first."""
        if batch.id != self.visit_id:
            raise ValueError(f"the folder is of batch {self.visit_id}, not {batch.id}")
        return self._seal(
            {BATCH: pretty(batch)},
            lambda files: manifest_for(
                batch.id, batch.rules_digest, batch.software, batch.vantage, batch.planned_at, files
            ),
        )


def open_batch(probes: Path, batch_id: str, attempt: int, *, started_at: datetime) -> BatchWriter:
    """A writer for one attempt at a batch. AlreadySealed where the batch is done."""
    return open_folder(BatchWriter, probes, batch_id, attempt, started_at=started_at)


def read_batch(folder: Path) -> Batch:
    """batch.json of a sealed folder. BadInput where the folder has no seal, is of another format version or the file is damaged."""
    readable_manifest(folder)
    return read_record(folder / BATCH, Batch)


def read_probes(folder: Path) -> Iterator[Probe]:
    """probes.jsonl of a sealed folder, in full; BadInput names the line that is damaged."""
    readable_manifest(folder)
    yield from _lines(folder, msgspec.json.Decoder(Probe))


def read_seen(folder: Path) -> Iterator[Seen]:
    """probes.jsonl of a sealed folder, only what judging reads; BadInput names the line that is damaged."""
    yield from _lines(folder, msgspec.json.Decoder(Seen))


def states_of(folder: Path) -> Mapping[str, tuple[datetime, Outcome]]:
    """The state each service showed in a sealed batch, those alive or down; nothing where the batch is void."""
    if read_batch(folder).void:
        return {}
    return {seen.service: (seen.at, seen.outcome) for seen in read_seen(folder) if seen.outcome in DETERMINABLE}


def rules_digest(rules: ProbeRules) -> str:
    """SHA-256 over the rules a batch was probed under."""
    return sha256(msgspec.json.encode(msgspec.to_builtins(rules, str_keys=True), order="deterministic"))


def _lines(folder: Path, decoder: msgspec.json.Decoder[Line]) -> Iterator[Line]:
    for number, line in enumerate(stored_bytes(folder / PROBES).splitlines(), 1):
        try:
            yield decoder.decode(line)
        except msgspec.MsgspecError as problem:
            raise bad_input(str(folder / PROBES), f"damaged: {problem}", MEND, line=number) from problem
