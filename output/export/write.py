"""An export on disk: every table in three forms and a manifest, put in place whole. Same store, same visits, same bytes."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crawler.archive import sha256
from crawler.manifest import MANIFEST as VISIT_MANIFEST
from crawler.model import Visit
from output.exits import Exit, Stop
from output.export.columns import export_columns, table_name
from output.export.rows import Row, contribution_rows, finding_rows, ranked_rows
from output.export.sheets import table_csv, table_json, table_xlsx
from output.store import read_findings, read_visits
from output.weighing import Weighed
from output.workspace import Workspace
from scoring.records import to_json

MANIFEST = "manifest.json"
FORMAT = "kiemcong-export/1"


def export_campaign(workspace: Workspace, weighed: Weighed, folder: Path) -> tuple[Path, ...]:
    """The campaign's tables stand in the folder, in place of an earlier export; the files written, the manifest last.

    Raises Stop where the folder holds anything but an export. What is written is put beside the folder first, so a failure leaves it as it was.
    """
    refuse_folder(folder)
    visits = read_visits(workspace.store_path, weighed.campaign)
    findings = read_findings(workspace.store_path, weighed.campaign)
    files: dict[str, bytes] = {}
    for block in weighed.ranks:
        named = table_name(weighed.method.id, block)
        notes = list(dict.fromkeys(note for score in weighed.scores[block] for note in score.notes))
        files |= three_forms("table", named.file, named.title, ranked_rows(weighed, block), notes)
    rows = finding_rows(weighed, findings, workspace.evidence)
    files |= three_forms("findings", "findings", export_columns().files["findings"].title, rows)
    title = export_columns().files["contributions"].title
    files |= three_forms("contributions", "contributions", title, contribution_rows(weighed))
    files[MANIFEST] = manifest(workspace, weighed, visits, files)
    put_folder(folder, files)
    return tuple(folder / name for name in files)


def three_forms(kind: str, name: str, title: str, rows: Sequence[Row], notes: Sequence[str] = ()) -> dict[str, bytes]:
    """A table as CSV, JSON and XLSX by file name."""
    described = export_columns().files[kind]
    return {
        f"{name}.csv": table_csv(described, rows),
        f"{name}.json": table_json(described, rows),
        f"{name}.xlsx": table_xlsx(described, rows, title, notes),
    }


def manifest(workspace: Workspace, weighed: Weighed, visits: Iterable[Visit], files: Mapping[str, bytes]) -> bytes:
    """What the export was made from and what it holds, as JSON: digests of method, checklist, scores, each visit's sealed folder and each file."""
    method, checklist = weighed.method, weighed.checklist
    told = {
        "format": FORMAT,
        "campaign": weighed.campaign,
        "registry": workspace.edition,
        "method": {
            "id": method.id,
            "version": method.version,
            "digest": method.digest,
            "coverage_threshold": str(method.coverage_threshold),
            "coverage_source": method.coverage_source.text,
            "coverage_assumed": method.coverage_source.assumed,
        },
        "checklist": {"id": checklist.id, "version": checklist.version, "digest": checklist.digest},
        "scores": {
            "digest": sha256(to_json(weighed.scores_in_order())),
            "notes": list(dict.fromkeys(note for score in weighed.scores_in_order() for note in score.notes)),
        },
        "visits": [visit_entry(workspace.visits, visit) for visit in visits],
        "files": [{"name": name, "bytes": len(data), "sha256": sha256(data)} for name, data in files.items()],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def visit_entry(visits: Path, visit: Visit) -> dict[str, str | None]:
    """One visit with the digest of its sealed manifest, null where the folder is no longer there."""
    sealed = visits / visit.request.id / VISIT_MANIFEST
    return {
        "id": visit.request.id,
        "agency": visit.request.agency,
        "targets_digest": visit.targets_digest,
        "manifest_sha256": sha256(sealed.read_bytes()) if sealed.is_file() else None,
    }


def refuse_folder(folder: Path) -> None:
    """Raises Stop where an export may not be put at the folder."""
    if folder.exists() and not folder.is_dir():
        raise Stop(f"{folder} is a file — name a folder", Exit.BAD_INPUT)
    if folder.is_dir() and any(folder.iterdir()) and not is_export(folder):
        raise Stop(f"{folder} holds something other than an export — name a new folder", Exit.BAD_INPUT)


def is_export(folder: Path) -> bool:
    """Whether the folder holds an export and nothing else."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        names = {entry["name"] for entry in told["files"]} | {MANIFEST}
        return told["format"].startswith("kiemcong-export/") and {path.name for path in folder.iterdir()} <= names
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def put_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """The folder holds these files and no others; until the last moment it holds what it held."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        made.chmod(0o755)
        for name, data in files.items():
            (made / name).write_bytes(data)
        if folder.exists():
            former = made.with_name(f"{made.name}.former")
            folder.rename(former)
            made.rename(folder)
            shutil.rmtree(former)
        else:
            made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
