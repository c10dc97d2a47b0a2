"""`verify`: one changed byte anywhere is found and named."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from checklists.targets import digest
from crawler.archive import BlobKind, Exchange, sha256
from crawler.manifest import FileEntry, manifest_of, pretty
from crawler.model import (
    Block,
    PageVisit,
    StopReason,
    Target,
    TargetSet,
    Vantage,
    Visit,
    VisitRequest,
    VisitStatus,
)
from crawler.visit_folder import open_writer, read_visit
from output.cli import run
from output.exits import Exit
from output.verify import check_folder, gzip_members, visit_folders
from output.workspace import init_workspace

SEEN = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
HTML = "<title>Cổng thông tin</title>".encode() * 50
BARE = TargetSet(checklist="nd43-2011@1", targets=(Target(id="news", labels=("Tin tức",)),))
TARGETS = msgspec.structs.replace(BARE, digest=digest(BARE))


def sealed(visits: Path, visit_id: str = "visit-1") -> Path:
    """A sealed visit of two pages with every kind of file."""
    request = VisitRequest(
        id=visit_id,
        campaign="2016",
        agency="da-nang",
        agency_name="Đà Nẵng",
        block=Block.TINH,
        portal="http://portal.gov.vn/",
        declared_address="http://portal.gov.vn/",
        now=SEEN,
    )
    visit = Visit(
        request=request,
        targets_digest=TARGETS.digest,
        software="kiemcong 0.1.0",
        vantage=Vantage(),
        started_at=SEEN,
        finished_at=SEEN,
        status=VisitStatus.OK,
        stop=StopReason.DONE,
        navigations=2,
        bytes_read=9,
        views=(),
    )
    with open_writer(visits, visit_id, 1, started_at=SEEN) as writer:
        for number in range(2):
            url = f"http://portal.gov.vn/{number}"
            body = writer.exchange(Exchange(url=url, started_at=SEEN, status=200, body=HTML + b"%d" % number))
            writer.page(
                PageVisit(
                    id=f"{number}",
                    requested_url=url,
                    final_url=url,
                    status=VisitStatus.OK,
                    started_at=SEEN,
                    body=body,
                    dom=writer.resource(url, SEEN, HTML, BlobKind.DOM),
                    screenshot=writer.resource(url, SEEN, b"\x89PNG\r\n\x1a\n" + HTML, BlobKind.PICTURE),
                    layout=writer.resource(url, SEEN, b'{"boxes": []}', BlobKind.LAYOUT),
                )
            )
        return writer.seal(visit, TARGETS)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed(tmp_path_factory.mktemp("visits"))


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pristine, tmp_path / "visit-1")


def damages(folder: Path) -> list[tuple[str, str]]:
    return [(damage.file, damage.problem) for damage in check_folder(folder).damages]


def one_of(folder: Path, kind: str) -> Path:
    return min(path for path in (folder / kind).iterdir()) if (folder / kind).is_dir() else folder / kind


def reseal(folder: Path) -> None:
    """The manifest made anew over whatever the folder holds: a forger's work, or a mistake of the program's."""
    entries = [
        FileEntry(path.relative_to(folder).as_posix(), path.stat().st_size, sha256(path.read_bytes()))
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    ]
    visit = msgspec.json.decode((folder / "visit.json").read_bytes(), type=Visit)
    (folder / "manifest.json").write_bytes(pretty(manifest_of(visit, entries)))


def test_a_sealed_visit_is_sound(folder: Path) -> None:
    checked = check_folder(folder)
    assert checked.damages == ()
    assert checked.files == sum(path.is_file() for path in folder.rglob("*")) == 10
    assert checked.size > 1000


@pytest.mark.parametrize("place", [0.0, 0.3, 0.5, 0.7, 1.0])
@pytest.mark.parametrize(
    "kind",
    ["manifest.json", "visit.json", "targets.json", "pages.jsonl", "archive.warc.gz", *BlobKind],
)
def test_one_flipped_bit_in_any_kind_of_file_is_named(folder: Path, kind: str, place: float) -> None:
    path = one_of(folder, kind)
    data = bytearray(path.read_bytes())
    data[int(place * (len(data) - 1))] ^= 1
    path.write_bytes(data)
    found = damages(folder)
    assert {file for file, _ in found} >= {path.relative_to(folder).as_posix()}
    if kind != "manifest.json":
        assert len(found) == 1
        assert found[0][1].startswith("changed: SHA-256 is ")


def test_missing_extra_and_shortened_files_are_named(folder: Path) -> None:
    body, picture = one_of(folder, "bodies"), one_of(folder, "pictures")
    body.unlink()
    picture.write_bytes(picture.read_bytes()[:-1])
    (folder / "dom" / "note.txt").write_text("x")
    (folder / "link").symlink_to(folder / "dom")
    assert damages(folder) == [
        (f"bodies/{body.name}", "missing"),
        ("dom/note.txt", "extra: the manifest does not list it"),
        ("link", "extra: the manifest does not list it"),
        (f"pictures/{picture.name}", f"changed: {picture.stat().st_size} bytes, and {picture.stat().st_size + 1} were sealed"),
    ]  # fmt: skip


def test_a_file_replaced_by_a_link_to_the_same_bytes_is_named(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / "pages.jsonl", tmp_path / "elsewhere")
    (folder / "pages.jsonl").symlink_to(tmp_path / "elsewhere")
    assert damages(folder) == [("pages.jsonl", "changed: it is no regular file")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "no sealed visit here"),
        ("{", "damaged"),
        ('{"format": 2}', "format 2, and this program reads format 1"),
        ('{"format": 1}', "damaged: Object missing required field"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_named(folder: Path, text: str | None, problem: str) -> None:
    path = folder / "manifest.json"
    path.unlink() if text is None else path.write_text(text)
    ((file, said),) = damages(folder)
    assert file == "manifest.json"
    assert problem in said


def test_a_renamed_folder_is_not_the_visit_it_seals(folder: Path) -> None:
    moved = folder.rename(folder.parent / "visit-2")
    assert damages(moved) == [("manifest.json", "it seals visit visit-1, and the folder is called visit-2")]


# --- sealed over, so that every hash of the manifest holds ----------------------------------------------------------------------------------


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    before = path.read_bytes()
    path.write_bytes(change(before))
    assert path.read_bytes() != before


def flip_packed(data: bytes) -> bytes:
    """The last record's content changed inside its gzip, checksum and all set right again."""
    whole = gzip.decompress(data)
    return gzip.compress(whole.replace(b"kiemcong 0", b"kiemcong 9", 1))


@pytest.mark.parametrize(
    ("file", "change", "problem"),
    [
        ("bodies", lambda data: gzip.compress(gzip.decompress(data) + b"!"), "not what its name says"),
        ("dom", lambda data: data[:-4], "not exactly one gzip member"),
        ("layouts", lambda data: b"{}", "incorrect header check"),
        ("pictures", lambda data: data + b"!", "not what its name says"),
        ("pages.jsonl", lambda data: data.replace(b'"layout":"', b'"layout":"0', 1), "line 1: points to layouts/0"),
        ("pages.jsonl", lambda data: data.replace(b'"id":"1"', b'"id":"0"', 1), "line 2: id 0 is taken"),
        ("pages.jsonl", lambda data: data + b"{\n", "line 3: damaged"),
        ("targets.json", lambda data: data.replace("Tin tức".encode(), b"Tin"), "the targets are not what their digest says"),
        ("targets.json", lambda data: data.replace(TARGETS.digest.encode(), b"0"), "not the one in the manifest"),
        ("archive.warc.gz", lambda data: data[:-9], "cut short"),
        ("archive.warc.gz", lambda data: data + b"junk", "gzip is broken"),
        ("archive.warc.gz", flip_packed, "block digest failed"),
        ("archive.warc.gz", lambda data: gzip.compress(gzip.decompress(data)), "record"),
    ],
)  # fmt: skip
def test_what_is_wrong_inside_is_named_though_the_manifest_agrees(
    folder: Path, file: str, change: Callable[[bytes], bytes], problem: str
) -> None:
    path = one_of(folder, file)
    edit(path, change)
    reseal(folder)
    found = damages(folder)
    assert {name for name, _ in found} == {path.relative_to(folder).as_posix()}
    assert any(problem in said for _, said in found), found


def test_a_manifest_that_contradicts_the_visit_is_named(folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes())
    visit = read_visit(folder)
    entries = [FileEntry(**entry) for entry in manifest["files"]]
    other = msgspec.structs.replace(visit, vantage=Vantage(resolver="other"), software="kiemcong 9")
    path.write_bytes(pretty(manifest_of(other, entries)))
    problems = [said for file, said in damages(folder) if file == "visit.json"]
    assert problems[0] == "software is kiemcong 0.1.0, and the manifest says kiemcong 9"
    assert problems[1].startswith("vantage is Vantage(resolver=''")


def test_a_needed_file_missing_from_folder_and_manifest_is_named(folder: Path) -> None:
    for name in ("archive.warc.gz", "pages.jsonl"):
        (folder / name).unlink()
    reseal(folder)
    assert damages(folder) == [
        ("pages.jsonl", "missing from folder and manifest alike"),
        ("archive.warc.gz", "missing from folder and manifest alike"),
    ]


def test_gzip_members_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(b"".join(gzip.compress(b"%d" % n) for n in range(7)))
    assert gzip_members(path) == 7
    path.write_bytes(b"")
    assert gzip_members(path) == 0


# --- the command ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def workspace(pristine: Path, tmp_path: Path) -> Path:
    """A workspace with three sealed visits."""
    path = tmp_path / "workspace"
    init_workspace(path, "ten@coquan.gov.vn").close()
    for number in (1, 2, 3):
        sealed(path / "visits", f"visit-{number}")
    return path


def test_the_command_says_sound(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--workspace", str(workspace)]) == Exit.DONE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("visits: 3, files: 30, ")
    assert err.endswith("MB read — sound\n")


def test_the_command_names_all_damage_and_exits_1(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    visits = workspace / "visits"
    picture = one_of(visits / "visit-1", "pictures")
    picture.write_bytes(b"x")
    (visits / "visit-3" / "manifest.json").unlink()
    assert run(["verify", "--workspace", str(workspace), "--format", "json"]) == Exit.FINDINGS
    out, err = capsys.readouterr()
    assert [(row["visit"], row["file"]) for row in json.loads(out)] == [
        ("visit-1", f"pictures/{picture.name}"),
        ("visit-3", "manifest.json"),
    ]
    assert err.endswith("damages: 2, damaged visits: 2\n")
    assert run(["verify", "visit-2", "--workspace", str(workspace), "--format", "csv"]) == Exit.DONE
    assert capsys.readouterr().out == "visit,file,problem\n"


def test_a_folder_is_verified_without_its_workspace(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(folder)]) == Exit.DONE
    assert capsys.readouterr().err.startswith("visits: 1, files: 10")


def test_a_visit_that_is_not_there_is_told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "visit-1", "visit-7", "--workspace", str(workspace)]) == Exit.BAD_INPUT
    assert "no visit visit-7 in" in capsys.readouterr().err


def test_what_an_attempt_left_is_no_visit(tmp_path: Path) -> None:
    with open_writer(tmp_path, "visit-1", 1, started_at=SEEN):
        assert visit_folders(tmp_path) == []
    assert visit_folders(tmp_path / "nowhere") == []
