"""WARC records: what `warcio check` and another reader make of them."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawler.archive import (
    BlobKind,
    Exchange,
    exchange_records,
    picture_type,
    resource_record,
    sha256,
    stored_headers,
    warc_date,
    warcinfo_record,
)

SEEN = datetime(2026, 11, 22, 8, 30, 15, 123456, tzinfo=UTC)
PAGE = "<!doctype html><title>Cổng thông tin điện tử</title><p>Giới thiệu".encode()


def exchange(**changes: object) -> Exchange:
    given: dict[str, object] = {
        "url": "http://portal.gov.vn/gioi-thieu?id=1",
        "started_at": SEEN,
        "status": 200,
        "body": PAGE,
        "headers": (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
        "request_headers": (("User-Agent", "kiemcong"),),
        "address": "127.0.0.1",
    }
    return Exchange(**(given | changes))  # type: ignore[arg-type]


def records(one: Exchange) -> bytes:
    return exchange_records("visit-1", 1, one, sha256(one.body))


def read(archive: bytes) -> list[SimpleNamespace]:
    """Every record as warcio reads it, digests checked while reading."""
    found = []
    for record in ArchiveIterator(BytesIO(archive), check_digests=True):
        body = record.content_stream().read()
        found.append(SimpleNamespace(kind=record.rec_type, head=record.rec_headers, http=record.http_headers, body=body,
                                     passed=record.digest_checker.passed))  # fmt: skip
    return found


def members(archive: bytes) -> int:
    count = 0
    while archive:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        unpacker.decompress(archive)
        assert unpacker.eof
        archive, count = unpacker.unused_data, count + 1
    return count


def check(path: Path) -> int:
    """The exit code of `warcio check` on a file."""
    return int(Checker(SimpleNamespace(inputs=[str(path)], verbose=False)).process_all())


def test_an_archive_passes_the_check_and_fails_it_with_another_body(tmp_path: Path) -> None:
    opening = warcinfo_record("visit-1", "kiemcong 0.1.0", SEEN)
    picture = resource_record("visit-1", 3, "http://portal.gov.vn/", SEEN, b"\x89PNG\r\n\x1a\nxx", BlobKind.PICTURE)
    whole = opening + records(exchange()) + picture
    path = tmp_path / "archive.warc.gz"
    path.write_bytes(whole)
    assert check(path) == 0
    assert members(whole) == 4
    forged = exchange_records("visit-1", 1, exchange(), sha256(b"something else"))
    path.write_bytes(opening + forged)
    assert check(path) == 1


def test_a_response_holds_the_body_and_headers_as_received() -> None:
    response, request = read(records(exchange()))
    assert (response.kind, request.kind) == ("response", "request")
    assert response.body == PAGE
    assert response.passed
    assert request.passed
    assert response.head.protocol == "WARC/1.1"
    assert response.head["WARC-Target-URI"] == "http://portal.gov.vn/gioi-thieu?id=1"
    assert response.head["WARC-Date"] == "2026-11-22T08:30:15.123456Z"
    assert response.head["WARC-IP-Address"] == "127.0.0.1"
    assert response.head["WARC-Payload-Digest"] == f"sha256:{sha256(PAGE)}"
    assert response.http.statusline == "200 OK"
    assert [value for name, value in response.http.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert request.head["WARC-Concurrent-To"] == response.head["WARC-Record-ID"]
    assert request.http.protocol == "GET"
    assert request.http.statusline == "/gioi-thieu?id=1 HTTP/1.1"
    assert request.http["Host"] == "portal.gov.vn"


def test_headers_of_the_encoded_body_are_kept_under_another_name() -> None:
    sent = (("Content-Encoding", "gzip"), ("transfer-encoding", "chunked"), ("Content-Length", "31"), ("X-A", "1"))
    assert stored_headers(sent, 900) == [
        ("X-Archive-Orig-Content-Encoding", "gzip"),
        ("X-Archive-Orig-transfer-encoding", "chunked"),
        ("X-Archive-Orig-Content-Length", "31"),
        ("X-A", "1"),
        ("Content-Length", "900"),
    ]
    assert stored_headers((("content-length", " 900"),), 900) == [("content-length", " 900")]


def test_header_bytes_survive_though_they_are_not_ascii() -> None:
    name = "Thông báo số 1.pdf".encode()
    stored = records(exchange(headers=(("Content-Disposition", f"inline; filename={name.decode('latin-1')}"),)))
    assert b"Content-Disposition: inline; filename=" + name + b"\r\n" in zlib.decompressobj(31).decompress(stored)


def test_a_line_break_in_a_header_starts_no_header() -> None:
    response, _ = read(records(exchange(headers=(("X-A", "1\r\nSet-Cookie: forged=1"),))))
    assert response.http["Set-Cookie"] is None
    assert response.passed


def test_same_exchange_same_bytes_and_every_record_its_own_id() -> None:
    assert records(exchange()) == records(exchange())
    ids = [
        r.head["WARC-Record-ID"]
        for number in (1, 3)
        for r in read(exchange_records("v", number, exchange(), sha256(PAGE)))
    ]
    assert len(set(ids)) == 4
    assert read(exchange_records("w", 1, exchange(), sha256(PAGE)))[0].head["WARC-Record-ID"] not in ids


def test_a_posted_query_and_a_cut_body_are_told() -> None:
    response, request = read(records(exchange(method="POST", request_body=b"q=a", status=299, truncated="length")))
    assert request.body == b"q=a"
    assert request.http["Content-Length"] == "3"
    assert response.head["WARC-Truncated"] == "length"
    assert response.http.get_statuscode() == "299"


@pytest.mark.parametrize(
    ("kind", "data", "name", "media"),
    [
        (BlobKind.DOM, PAGE, "urn:dom:http://portal.gov.vn/a%20b", "text/html; charset=utf-8"),
        (BlobKind.PICTURE, b"\xff\xd8\xff\xe0xx", "urn:screenshot:http://portal.gov.vn/a%20b", "image/jpeg"),
        (BlobKind.LAYOUT, b"{}", "urn:layout:http://portal.gov.vn/a%20b", "application/json"),
    ],
)
def test_what_was_made_of_a_page_is_a_resource(kind: BlobKind, data: bytes, name: str, media: str) -> None:
    (made,) = read(resource_record("v", 7, "http://portal.gov.vn/a b", SEEN, data, kind))
    assert (made.kind, made.body, made.passed) == ("resource", data, True)
    assert (made.head["WARC-Target-URI"], made.head["Content-Type"]) == (name, media)


def test_picture_types_by_their_first_bytes() -> None:
    assert picture_type(b"\x89PNG\r\n\x1a\n...") == "image/png"
    assert picture_type(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert picture_type(b"<html>") == "application/octet-stream"


def test_dates_are_written_in_universal_time() -> None:
    hanoi = SEEN.astimezone(timezone(timedelta(hours=7)))
    assert warc_date(hanoi) == warc_date(SEEN) == "2026-11-22T08:30:15.123456Z"


@settings(max_examples=60, deadline=None)
@given(
    body=st.binary(max_size=300),
    headers=st.lists(st.tuples(st.from_regex(r"\A[A-Za-z][A-Za-z-]{0,12}\Z"), st.text(max_size=40)), max_size=5),
    status=st.integers(100, 599),
    reason=st.text(max_size=12),
)
def test_whatever_a_portal_answers_reads_back(
    body: bytes, headers: list[tuple[str, str]], status: int, reason: str
) -> None:
    response, request = read(records(exchange(body=body, headers=tuple(headers), status=status, reason=reason)))
    assert response.body == body
    assert response.passed
    assert request.passed
