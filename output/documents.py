"""The documents that are made from code and data: `python -m output.documents` brings them up to date."""

from __future__ import annotations

from pathlib import Path

from checklists.describe import method_text
from checklists.load import load_checklist
from output.cli import kiemcong
from output.cli_reference import cli_text
from output.export.columns import data_dictionary
from output.schemas import RECORDS, file_name, schema_text

CHECKLIST = "nd43-2011"
DOCS = Path(__file__).resolve().parent.parent / "docs"


def documents() -> dict[str, str]:
    """Every generated document: its path below docs/ and its whole text."""
    schemas = {f"schemas/{file_name(record)}": schema_text(record) for record in RECORDS}
    method = method_text(load_checklist(CHECKLIST))
    return {"cli.md": cli_text(kiemcong), "data-dictionary.md": data_dictionary(), "method.md": method, **schemas}


def stale(folder: Path = DOCS) -> list[str]:
    """The documents that are missing from the folder or differ from what would be written now, and schemas of records that are no more."""
    wanted = documents()
    differing = [
        path
        for path, text in wanted.items()
        if not (folder / path).is_file() or (folder / path).read_text("utf-8") != text
    ]
    left_over = [
        f"schemas/{path.name}"
        for path in sorted((folder / "schemas").glob("*.json"))
        if f"schemas/{path.name}" not in wanted
    ]
    return sorted(differing + left_over)


def write(folder: Path = DOCS) -> list[str]:
    """Bring the folder up to date; the paths that changed."""
    changed, wanted = stale(folder), documents()
    for path in changed:
        if path in wanted:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(wanted[path], "utf-8")
        else:
            (folder / path).unlink()
    return changed


if __name__ == "__main__":
    for name in write():
        print(f"docs/{name}")
