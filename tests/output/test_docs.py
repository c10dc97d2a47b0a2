"""The documents beside the code: those made from it are up to date, those written by hand name only what exists."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
import pytest

from crawler.model import Agency, Block, PageVisit, Role, TargetRole, VisitStatus
from output import documents
from output.cli import kiemcong
from output.cli_reference import MEANINGS, cli_text
from output.exits import Exit
from output.schemas import file_name, schema

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ("README.md", "docs/huong-dan.md", "docs/ra-soat.md", "docs/architecture.md")


def test_generated_documents_are_fresh() -> None:
    assert documents.stale() == [], "run: .venv/bin/python -m output.documents"


def test_writing_twice_changes_nothing_and_clears_what_is_no_more(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "gone.json").write_text("{}")
    assert "schemas/gone.json" in documents.stale(tmp_path)
    assert set(documents.write(tmp_path)) == {*documents.documents(), "schemas/gone.json"}
    assert documents.write(tmp_path) == []
    (tmp_path / "cli.md").write_text("old")
    assert documents.stale(tmp_path) == ["cli.md"]


def test_reference_names_every_option_of_every_command() -> None:
    @click.group()
    def outer() -> None:
        """Outer help."""

    @outer.group()
    def inner() -> None:
        """Inner help."""

    @inner.command()
    @click.argument("what")
    @click.option("--how", default="well", show_default=True, envvar="HOW", help="In which manner.")
    @click.option("--secret", hidden=True)
    def do(what: str, how: str, secret: str) -> None:
        """Do a thing."""

    text = cli_text(outer, "tool")
    assert "## `tool inner do`" in text
    assert "    tool inner do [OPTIONS] WHAT" in text
    assert "`--how TEXT` In which manner." in text
    assert "(environment: `HOW`)" in text
    assert "default: well" in text
    assert "secret" not in text


def test_every_exit_code_is_explained() -> None:
    assert set(MEANINGS) == set(Exit)
    assert all(f"| {code.value} | {MEANINGS[code]} |" in cli_text(kiemcong) for code in Exit)


@pytest.mark.parametrize(
    "record",
    [
        Agency(id="da-nang", block=Block.TINH, name="Đà Nẵng"),
        PageVisit(
            id="1",
            requested_url="http://a/",
            final_url="http://a/",
            status=VisitStatus.OK,
            started_at=datetime(2017, 3, 1, tzinfo=UTC),
            roles=(TargetRole("news", Role.LANDING),),
        ),
    ],
)
def test_schema_names_the_fields_as_they_are_written(record: msgspec.Struct) -> None:
    described = schema(type(record))
    own = described["$defs"][type(record).__name__]
    written = json.loads(msgspec.json.encode(record))
    assert set(written) == set(own["properties"])
    assert set(own["required"]) <= set(written)
    references = set(re.findall(r"#/\$defs/(\w+)", json.dumps(described)))
    assert references == set(described["$defs"])


def test_schema_files_are_named_after_their_records() -> None:
    assert file_name(PageVisit) == "page-visit.json"


@pytest.mark.parametrize("name", WRITTEN)
def test_written_documents_name_only_commands_and_files_that_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for line in re.findall(r"(?:^|/)kiemcong ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", "\n".join(code(text)), re.MULTILINE):
        first, *rest = line.split()
        command = kiemcong.get_command(click.Context(kiemcong), first)
        assert command is not None, f"{name} speaks of `kiemcong {first}`"
        if rest and isinstance(command, click.Group):
            assert command.get_command(click.Context(command), rest[0]), (
                f"{name} speaks of `kiemcong {first} {rest[0]}`"
            )
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / name).parent / target).exists(), f"{name} points to {target}"


def code(text: str) -> list[str]:
    """What stands in back-ticks or in indented or fenced lines."""
    return [
        *re.findall(r"`([^`\n]+)`", text),
        *re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE),
        *re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL),
    ]
