"""The visit folder: what is sealed is whole, what is not sealed does not exist."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crawler import durable
from crawler.archive import BlobKind, Exchange, sha256
from crawler.manifest import manifest_digest, read_manifest
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
from crawler.problems import BadInput
from crawler.visit_folder import (
    UNSEALED,
    AlreadySealed,
    FolderWriter,
    clear_unsealed,
    open_writer,
    read_blob,
    read_pages,
    read_targets,
    read_visit,
    sealed_visits,
)

ROOT = Path(__file__).parents[2]
SEEN = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
TARGETS = TargetSet(checklist="nd43-2011", targets=(Target(id="news", labels=("Tin tức",)),), digest="d" * 64)
HTML = "<title>Cổng</title>".encode() * 40
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def a_visit(visit_id: str) -> Visit:
    request = VisitRequest(
        id=visit_id,
        campaign="2016",
        agency="da-nang",
        agency_name="Đà Nẵng",
        block=Block.TINH,
        portal="http://portal.gov.vn/",
        declared_address="http://portal.gov.vn/",
        now=SEEN,
        siblings={"b": "http://b.gov.vn", "a": "http://a.gov.vn"},
    )
    return Visit(
        request=request,
        targets_digest=TARGETS.digest,
        software="kiemcong 0.1.0",
        vantage=Vantage(resolver="127.0.0.53", address_family="ipv4"),
        started_at=SEEN,
        finished_at=SEEN,
        status=VisitStatus.OK,
        stop=StopReason.DONE,
        navigations=1,
        bytes_read=len(HTML),
        views=(),
    )


def fill(writer: FolderWriter, pages: int = 3) -> None:
    for number in range(pages):
        url = f"http://portal.gov.vn/{number}"
        body = writer.exchange(Exchange(url=url, started_at=SEEN, status=200, body=HTML + b"%d" % (number // 2)))
        writer.page(
            PageVisit(
                id=f"{number:04}",
                requested_url=url,
                final_url=url,
                status=VisitStatus.OK,
                started_at=SEEN,
                body=body,
                dom=writer.resource(url, SEEN, HTML + b"<p>", BlobKind.DOM),
                screenshot=writer.resource(url, SEEN, PICTURE, BlobKind.PICTURE),
                layout=writer.resource(url, SEEN, b"{}", BlobKind.LAYOUT),
            )
        )


def made(visits: Path, visit_id: str = "visit-1", attempt: int = 1) -> Path:
    with open_writer(visits, visit_id, attempt, started_at=SEEN) as writer:
        fill(writer)
        return writer.seal(a_visit(visit_id), TARGETS)


def whole(folder: Path) -> bool:
    """Whether every file is as the manifest says and none is missing or extra; checked by other means than the program's own."""
    manifest = read_manifest(folder)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"manifest.json"}
    return (
        manifest.digest == manifest_digest(manifest)
        and found == {entry.path for entry in manifest.files}
        and all(hashlib.sha256((folder / e.path).read_bytes()).hexdigest() == e.sha256 for e in manifest.files)
    )


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    folder = made(tmp_path)
    assert folder == tmp_path / "visit-1"
    assert whole(folder)
    assert sealed_visits(tmp_path) == ["visit-1"]
    assert read_visit(folder) == a_visit("visit-1")
    assert read_targets(folder) == TARGETS
    pages = read_pages(folder)
    assert [page.id for page in pages] == ["0000", "0001", "0002"]
    assert read_blob(folder, pages[2].body or "", BlobKind.BODY) == HTML + b"1"
    assert read_blob(folder, pages[0].dom or "", BlobKind.DOM) == HTML + b"<p>"
    assert read_blob(folder, pages[0].screenshot or "", BlobKind.PICTURE) == PICTURE
    assert list((tmp_path / UNSEALED).iterdir()) == []


def test_equal_bytes_are_stored_once(tmp_path: Path) -> None:
    folder = made(tmp_path)
    counts = {kind: len(list((folder / kind).iterdir())) for kind in BlobKind}
    assert counts == {BlobKind.BODY: 2, BlobKind.DOM: 1, BlobKind.PICTURE: 1, BlobKind.LAYOUT: 1}


def test_the_manifest_says_under_what_the_visit_was_made(tmp_path: Path) -> None:
    manifest = read_manifest(made(tmp_path))
    visit = a_visit("visit-1")
    assert (manifest.visit, manifest.now, manifest.vantage) == ("visit-1", SEEN, visit.vantage)
    assert (manifest.targets_digest, manifest.software) == (TARGETS.digest, "kiemcong 0.1.0")
    assert len(manifest.software_digest) == 64


def test_the_same_visit_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one"), made(tmp_path / "two", attempt=2)
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert len(files) == 10
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in files)


def test_a_sealed_visit_is_never_written_again(tmp_path: Path) -> None:
    late = open_writer(tmp_path, "visit-1", 1, started_at=SEEN)
    fill(late, 1)
    folder = made(tmp_path, attempt=2)
    before = read_manifest(folder)
    with pytest.raises(AlreadySealed, match="another attempt"):
        late.seal(a_visit("visit-1"), TARGETS)
    with pytest.raises(AlreadySealed):
        open_writer(tmp_path, "visit-1", 3, started_at=SEEN)
    assert read_manifest(folder) == before
    assert whole(folder)
    assert not late.path.exists()


def test_an_abandoned_attempt_leaves_nothing(tmp_path: Path) -> None:
    with open_writer(tmp_path, "visit-1", 1, started_at=SEEN) as writer:
        fill(writer)
    assert not writer.path.exists()
    assert sealed_visits(tmp_path) == []
    with pytest.raises(ValueError, match="closed"):
        writer.blob(b"x", BlobKind.BODY)


def test_a_writer_reads_back_what_it_stored(tmp_path: Path) -> None:
    with open_writer(tmp_path, "visit-1", 1, started_at=SEEN) as writer:
        name = writer.blob(HTML, BlobKind.DOM)
        assert writer.read(name, BlobKind.DOM) == HTML


@pytest.mark.parametrize("bad", ["", "../x", "a/b", ".hidden", "a b"])
def test_an_id_that_cannot_name_a_folder_is_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ValueError, match="visit id"):
        open_writer(tmp_path, bad, 1, started_at=SEEN)
    assert list(tmp_path.iterdir()) == []


def test_a_page_may_only_point_to_what_was_stored(tmp_path: Path) -> None:
    page = PageVisit(id="1", requested_url="u", final_url="u", status=VisitStatus.OK, started_at=SEEN)
    with open_writer(tmp_path, "visit-1", 1, started_at=SEEN) as writer:
        with pytest.raises(ValueError, match="no blob bodies/"):
            writer.page(msgspec.structs.replace(page, body=sha256(b"never stored")))
        writer.page(page)
        with pytest.raises(ValueError, match="taken"):
            writer.page(page)


def test_another_visit_or_other_targets_cannot_be_sealed_in(tmp_path: Path) -> None:
    with open_writer(tmp_path, "visit-1", 1, started_at=SEEN) as writer:
        with pytest.raises(ValueError, match="visit-2"):
            writer.seal(a_visit("visit-2"), TARGETS)
        with pytest.raises(ValueError, match="targets"):
            writer.seal(a_visit("visit-1"), msgspec.structs.replace(TARGETS, digest="other"))
    assert sealed_visits(tmp_path) == []


# --- readers refuse -----------------------------------------------------------------------------------------------------------------------


READERS: list[Callable[[Path], Any]] = [
    read_manifest,
    read_visit,
    read_targets,
    read_pages,
    lambda folder: read_blob(folder, sha256(PICTURE), BlobKind.PICTURE),
]


@pytest.mark.parametrize("reader", READERS)
def test_another_format_version_is_refused_by_every_reader(tmp_path: Path, reader: Callable[[Path], Any]) -> None:
    folder = made(tmp_path)
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(BadInput, match=r"manifest\.json \[format\]: format 2, and this program reads format 1"):
        reader(folder)


@pytest.mark.parametrize("reader", READERS)
def test_a_folder_without_seal_does_not_exist(tmp_path: Path, reader: Callable[[Path], Any]) -> None:
    folder = made(tmp_path)
    (folder / "manifest.json").unlink()
    assert sealed_visits(tmp_path) == []
    with pytest.raises(BadInput, match="no sealed visit here"):
        reader(folder)


def test_a_damaged_file_is_named_when_it_is_read(tmp_path: Path) -> None:
    folder = made(tmp_path)
    page = read_pages(folder)[0]
    picture = folder / "pictures" / (page.screenshot or "")
    picture.write_bytes(PICTURE[:-1] + b"?")
    with pytest.raises(BadInput, match=f"{picture.name}: damaged"):
        read_blob(folder, picture.name, BlobKind.PICTURE)
    dom = folder / "dom" / f"{page.dom}.gz"
    dom.write_bytes(dom.read_bytes()[:-3])
    with pytest.raises(BadInput, match="not exactly one gzip member"):
        read_blob(folder, page.dom or "", BlobKind.DOM)
    dom.unlink()
    with pytest.raises(BadInput, match="missing"):
        read_blob(folder, page.dom or "", BlobKind.DOM)
    with pytest.raises(BadInput, match="not a SHA-256"):
        read_blob(folder, "../manifest.json", BlobKind.PICTURE)
    lines = (folder / "pages.jsonl").read_bytes().splitlines()
    (folder / "pages.jsonl").write_bytes(lines[0] + b"\n" + lines[1][:-9] + b"\n")
    with pytest.raises(BadInput, match=r"pages\.jsonl:2: damaged"):
        read_pages(folder)
    (folder / "visit.json").write_bytes(b"{}")
    with pytest.raises(BadInput, match=r"visit\.json: damaged"):
        read_visit(folder)


# --- leftovers ----------------------------------------------------------------------------------------------------------------------------


def test_only_what_dead_attempts_left_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / UNSEALED / "visit-9.1-0000"
    left.mkdir(parents=True)
    (left / "visit.json").write_text("{}")
    writer = open_writer(tmp_path, "visit-1", 1, started_at=SEEN)
    assert clear_unsealed(tmp_path) == []
    assert clear_unsealed(tmp_path, timedelta(0)) == [left.name]
    assert writer.path.exists()
    fill(writer)
    assert whole(writer.seal(a_visit("visit-1"), TARGETS))
    assert clear_unsealed(tmp_path / "nowhere") == []


# --- a full disk --------------------------------------------------------------------------------------------------------------------------

REAL = {"write": os.write, "fsync": os.fsync, "open": os.open}


class Disk:
    """A disk that takes `allowed` calls of the kind watched and is full from then on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, call: str, allowed: int) -> None:
        self.made = 0

        def limited(*arguments: Any, **options: Any) -> Any:
            self.made += 1
            if self.made > allowed:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return REAL[call](*arguments, **options)

        monkeypatch.setattr(durable.os, call, limited)


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_disk_full_at_any_moment_leaves_nothing_half_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    with monkeypatch.context() as patch:
        calls = Disk(patch, call, 10**6)
        made(tmp_path / "counted")
    # The last two fsyncs come after the rename: the visit is sealed then, and stays.
    after_rename = 2 if call == "fsync" else 0
    assert calls.made > 12
    for allowed in range(calls.made):
        visits = tmp_path / str(allowed)
        with monkeypatch.context() as patch:
            Disk(patch, call, allowed)
            with pytest.raises(OSError, match="No space left"):
                made(visits)
        sealed = allowed >= calls.made - after_rename
        assert sealed_visits(visits) == (["visit-1"] if sealed else [])
        assert list((visits / UNSEALED).iterdir()) == []
        assert not sealed or whole(visits / "visit-1")


def test_a_write_taken_in_part_is_carried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable.os, "write", lambda handle, data: REAL["write"](handle, bytes(data)[:7]))
    assert whole(made(tmp_path))


SMALL_DISK = """
import errno, os, sys
from pathlib import Path
from tests.crawler.test_visit_folder import made, open_writer, SEEN, BlobKind, UNSEALED, sealed_visits
visits = Path(sys.argv[1])
made(visits)
try:
    with open_writer(visits, "visit-2", 1, started_at=SEEN) as writer:
        for _ in range(10_000):
            writer.blob(os.urandom(5_000), BlobKind.PICTURE)
except OSError as problem:
    assert problem.errno == errno.ENOSPC
    assert sealed_visits(visits) == ["visit-1"] and not list((visits / UNSEALED).iterdir())
    made(visits, "visit-3")
    print("full, cleared, went on")
"""


def test_a_truly_full_disk(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    mount = f"mount -t tmpfs -o size=1m tmpfs {tmp_path}"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("this machine gives no private mounts")
    run = f'{mount} && exec "$0" -c "$1" {tmp_path}'
    ended = subprocess.run(
        ["unshare", "-rm", "sh", "-c", run, sys.executable, SMALL_DISK],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=ROOT,
    )
    assert (ended.stdout, ended.stderr) == ("full, cleared, went on\n", "")


# --- kill -9 ------------------------------------------------------------------------------------------------------------------------------

ENDLESS = textwrap.dedent("""
    import sys
    from pathlib import Path
    from tests.crawler.test_visit_folder import made
    for number in range(100_000):
        made(Path(sys.argv[1]), f"{sys.argv[2]}-{number}")
        print("made", flush=True)
""")


def test_a_visitor_killed_at_any_instant_leaves_only_whole_visits(tmp_path: Path) -> None:
    """24 kills, spread over the time the visitor itself just took for a visit (most of it writing and sealing)."""
    leftovers = 0
    for kill in range(24):
        child = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(tmp_path), f"k{kill}"], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert child.stdout
        assert child.stdout.readline() == b"made\n"
        began = time.monotonic()
        assert child.stdout.readline() == b"made\n"
        time.sleep((time.monotonic() - began) * (kill * 7919 % 97) / 97)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        leftovers += len(list((tmp_path / UNSEALED).iterdir()))
        clear_unsealed(tmp_path, timedelta(0))
    visible = sorted(path.name for path in tmp_path.iterdir() if path.name != UNSEALED)
    assert sealed_visits(tmp_path) == visible
    assert len(visible) >= 48
    assert leftovers, "no kill met a visit being written"
    assert all(whole(tmp_path / name) for name in visible)
    assert list((tmp_path / UNSEALED).iterdir()) == []
