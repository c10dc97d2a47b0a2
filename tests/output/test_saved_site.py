"""Saved pages answer as the portal did, and what is broken or missing is said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from crawler.problems import BadInput
from output.saved_site import read_saved, serve_saved


def get(address: str) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(address, timeout=5) as reply:
            return reply.status, reply.headers.get("Content-Type", ""), reply.read()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.headers.get("Content-Type", ""), problem.read()


@pytest.fixture
def mapped(tmp_path: Path) -> Path:
    """A small crawl: a home page, a page with a query, a redirect, and a PDF whose file is not there."""
    rows = {
        "http://mau.gov.vn:8103/": [200, "text/html", "Trang chủ", 10, ""],
        "http://mau.gov.vn:8103/tin?b=2&a=1": [200, "text/html", "Tin", 10, ""],
        "http://mau.gov.vn:8103/cu/": [200, "text/html", "", 10, "http://mau.gov.vn:8103/moi/"],
        "http://mau.gov.vn:8103/tep.pdf": [200, "application/pdf", "", 10, ""],
    }
    (tmp_path / "crawl.json").write_text(json.dumps(rows), encoding="utf-8")
    links = (
        '<a href="http://mau.gov.vn:8103/tin?a=1&b=2">tin</a> "http:\\/\\/mau.gov.vn:8103\\/x" http://mau.gov.vn:81031/'
    )
    (tmp_path / "0001.html").write_text(links, encoding="utf-8")
    (tmp_path / "0002.html").write_bytes(b"Tin t\xfdc")
    (tmp_path / "0003.html").write_text("mới", encoding="utf-8")
    return tmp_path


def test_a_mapped_crawl_answers_as_saved(mapped: Path) -> None:
    with serve_saved(mapped) as address:
        base = address.rstrip("/")
        status, media, body = get(address)
        assert (status, media) == (200, "text/html; charset=utf-8")
        assert f'href="{base}/tin?a=1&b=2"'.encode() in body
        assert base.replace("/", "\\/").encode() + b"\\/x" in body
        assert b"http://mau.gov.vn:81031/" in body, "another host that begins alike is left alone"
        assert get(base + "/tin?a=1&b=2")[1] == "text/html", "bytes that are no UTF-8 are not declared as such"
        assert get(base + "/cu/") == (200, "text/html; charset=utf-8", "mới".encode())
        assert get(base + "/tep.pdf")[0] == 404
        assert get(base + "/khong-co/")[0] == 404


def test_a_redirect_stays_a_redirect(mapped: Path) -> None:
    class Still(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    with serve_saved(mapped) as address, pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.build_opener(Still).open(address + "cu/")
    with caught.value as reply:
        assert reply.code == 302
        assert reply.headers["Location"] == address + "moi/"


def test_what_the_map_lists_without_a_file_is_noted(mapped: Path) -> None:
    assert read_saved(mapped).missing == ("http://mau.gov.vn:8103/tep.pdf",)


def test_a_plain_tree_answers_by_path(tmp_path: Path) -> None:
    (tmp_path / "gioi-thieu").mkdir()
    (tmp_path / "index.html").write_text("trang chủ", encoding="utf-8")
    (tmp_path / "gioi-thieu" / "index.html").write_text("giới thiệu", encoding="utf-8")
    (tmp_path / "tin.aspx?id=3").write_text("tin số 3", encoding="utf-8")
    (tmp_path / "anh.png").write_bytes(b"\x89PNG")
    with serve_saved(tmp_path) as address:
        assert get(address)[2] == "trang chủ".encode()
        assert get(address + "gioi-thieu/")[2] == "giới thiệu".encode()
        assert get(address + "gioi-thieu")[0] == 200
        assert get(address + "tin.aspx?id=3") == (200, "text/html; charset=utf-8", "tin số 3".encode())
        assert get(address + "anh.png")[1] == "image/png"
        assert get(address + "khong-co")[0] == 404
        assert get(address + "%2e%2e/etc/passwd")[0] == 404
        assert get(address + "..%2f..%2f..%2fetc%2fpasswd")[0] == 404


def test_a_tree_without_an_index_lists_its_pages(tmp_path: Path) -> None:
    (tmp_path / "trang một.html").write_text("một", encoding="utf-8")
    with serve_saved(tmp_path) as address:
        assert "trang một.html" in get(address)[2].decode()
        assert get(address + "trang%20m%E1%BB%99t.html")[0] == 200


def test_an_empty_or_absent_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no saved page"):
        read_saved(tmp_path)
    with pytest.raises(BadInput, match="no such folder"):
        read_saved(tmp_path / "khong-co")


def test_a_broken_map_is_refused_with_every_problem(tmp_path: Path) -> None:
    (tmp_path / "crawl.json").write_text('{"a": \n oops}', encoding="utf-8")
    with pytest.raises(BadInput, match=r"crawl\.json:2"):
        read_saved(tmp_path)
    rows = {"mau": [200, "text/html", "", 1, ""], "http://a/": [200], "http://b/": [999, "text/html", "", 1, ""]}
    (tmp_path / "crawl.json").write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_saved(tmp_path)
    assert [problem.field for problem in caught.value.problems] == ["mau", "http://a/", "http://b/"]
    (tmp_path / "crawl.json").write_text("[]", encoding="utf-8")
    with pytest.raises(BadInput, match="no object"):
        read_saved(tmp_path)
    (tmp_path / "crawl.json").write_text('{"http://a/": [200, "text/html", "", 1, ""]}', encoding="utf-8")
    with pytest.raises(BadInput, match="none of the pages"):
        read_saved(tmp_path)


def test_the_command_tells_the_address_and_ends_with_ctrl_c(mapped: Path) -> None:
    code = "import sys; from output.cli import run; sys.exit(run(sys.argv[1:]))"
    started = subprocess.Popen(
        [sys.executable, "-c", code, "serve-saved", str(mapped)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert started.stdout is not None
        address = started.stdout.readline().strip()
        assert get(address)[0] == 200
        os.kill(started.pid, signal.SIGINT)
        _, said = started.communicate(timeout=10)
    finally:
        started.kill()
    assert started.returncode == 0
    assert "tep.pdf" in said
    assert f"kiemcong visit --portal {address}" in said


def test_the_command_refuses_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from output.cli import run

    assert run(["serve-saved", str(tmp_path)]) == 2
    assert "holds no saved page" in capsys.readouterr().err
