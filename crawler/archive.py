"""Bytes as evidence: their SHA-256 names, and the WARC 1.1 records that keep every exchange as it went over the wire. Pure.

A record is returned as one gzip member, ready to be appended to a file that `warcio check` passes. Its id follows from the visit and the
record's number alone and its date is the exchange's own, so the same visit gives the same bytes.

The crawler reads bodies after transfer and content decoding. A record therefore holds the decoded body, with the portal's own
Content-Encoding, Transfer-Encoding and (where it no longer fits) Content-Length renamed to X-Archive-Orig-…, and a Content-Length that is true.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from io import BytesIO
from urllib.parse import quote, urlsplit

import msgspec
from isal import isal_zlib
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

LEVEL = 2
"""ISA-L's level for records and stored bodies: 600 MB/s on portal pages, where zlib's default level packs 56 MB/s into five sixths of the bytes."""

ENCODINGS = frozenset({"content-encoding", "transfer-encoding"})

Headers = tuple[tuple[str, str], ...]


class BlobKind(StrEnum):
    """What a stored blob is. The value is its folder."""

    BODY = "bodies"
    DOM = "dom"
    PICTURE = "pictures"
    LAYOUT = "layouts"


URN = {BlobKind.DOM: "urn:dom:", BlobKind.PICTURE: "urn:screenshot:", BlobKind.LAYOUT: "urn:layout:"}
"""How a WARC resource record names what was made of a page rather than received: this, then the page's address."""

MEDIA = {BlobKind.DOM: "text/html; charset=utf-8", BlobKind.LAYOUT: "application/json"}
REQUEST, RESPONSE = "application/http; msgtype=request", "application/http; msgtype=response"
ORIGINAL = "X-Archive-Orig-"


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request to a portal and its whole answer. Headers are as sent and received, their bytes read as Latin-1; the body is decoded.

    truncated: why the body is not whole, in WARC's words (length, time, disconnect), or ''. address is the IP address that answered.
    """

    url: str
    started_at: datetime
    status: int
    body: bytes
    headers: Headers = ()
    reason: str = ""
    protocol: str = "HTTP/1.1"
    method: str = "GET"
    request_headers: Headers = ()
    request_body: bytes = b""
    address: str = ""
    truncated: str = ""


def sha256(data: bytes) -> str:
    """The SHA-256 of the bytes in lower-case hex: the name of a blob."""
    return hashlib.sha256(data).hexdigest()


def gzip_member(data: bytes) -> bytes:
    """The bytes as one gzip member without name or time, so that equal bytes stay equal."""
    packer = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, isal_zlib.MAX_WBITS | 16)
    return packer.compress(data) + packer.flush()


def picture_type(picture: bytes) -> str:
    """The media type of a picture by its first bytes; application/octet-stream where it is neither JPEG, PNG nor WebP."""
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    return "application/octet-stream"


def warcinfo_record(visit: str, software: str, started_at: datetime) -> bytes:
    """The record that opens an archive: what wrote it, for which visit."""
    fields = {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": visit,
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
    names = {"WARC-Filename": "archive.warc.gz", "WARC-Block-Digest": digest(block)}
    return record("warcinfo", record_id(visit, 0), started_at, "application/warc-fields", block, names)


def exchange_records(visit: str, number: int, exchange: Exchange, body_sha256: str) -> bytes:
    """A response record and the request record that belongs to it, numbered `number` and `number + 1` within the visit."""
    shared = {"WARC-Target-URI": one_line(exchange.url)}
    if exchange.address:
        shared["WARC-IP-Address"] = exchange.address
    return response_record(visit, number, exchange, shared, body_sha256) + request_record(
        visit, number, exchange, shared
    )


def response_record(visit: str, number: int, exchange: Exchange, shared: dict[str, str], body_sha256: str) -> bytes:
    """The answer of an exchange, its payload digest being the name of the body's blob."""
    block = response_head(exchange) + exchange.body
    names = shared | {"WARC-Payload-Digest": f"sha256:{body_sha256}", "WARC-Block-Digest": digest(block)}
    if exchange.truncated:
        names["WARC-Truncated"] = exchange.truncated
    return record("response", record_id(visit, number), exchange.started_at, RESPONSE, block, names)


def request_record(visit: str, number: int, exchange: Exchange, shared: dict[str, str]) -> bytes:
    """The question of an exchange, tied to the response with this number."""
    block = request_head(exchange) + exchange.request_body
    names = shared | {
        "WARC-Concurrent-To": record_id(visit, number),
        "WARC-Payload-Digest": digest(exchange.request_body),
        "WARC-Block-Digest": digest(block),
    }
    return record("request", record_id(visit, number + 1), exchange.started_at, REQUEST, block, names)


def resource_record(visit: str, number: int, url: str, made_at: datetime, data: bytes, kind: BlobKind) -> bytes:
    """The record of something made of a page: its rendered DOM, picture or layout, under `urn:dom:<url>` and the like."""
    hashed = digest(data)
    names = {
        "WARC-Target-URI": URN[kind] + one_line(url),
        "WARC-Payload-Digest": hashed,
        "WARC-Block-Digest": hashed,
    }
    media = MEDIA.get(kind) or picture_type(data)
    return record("resource", record_id(visit, number), made_at, media, data, names)


def record(kind: str, identity: str, when: datetime, media: str, block: bytes, names: dict[str, str]) -> bytes:
    """One WARC record as one gzip member. The block is laid down byte for byte; its digests must be among `names`."""
    fields = {"WARC-Type": kind, "WARC-Record-ID": identity, "WARC-Date": warc_date(when)} | names
    head = StatusAndHeaders("", list(fields.items()), protocol="WARC/1.1")
    # The block goes in unparsed: warcio would lay its headers down anew, percent-encoding what a portal sent as raw UTF-8.
    whole = ArcWarcRecord("warc", kind, head, BytesIO(block), None, media, len(block))
    plain = BytesIO()
    WARCWriter(plain, gzip=False, warc_version="1.1").write_record(whole)
    return gzip_member(plain.getvalue())


def response_head(exchange: Exchange) -> bytes:
    """The status line and headers of the answer as stored, blank line included."""
    first = f"{exchange.protocol} {exchange.status} {exchange.reason or phrase(exchange.status)}"
    return head_bytes(first, stored_headers(exchange.headers, len(exchange.body)))


def request_head(exchange: Exchange) -> bytes:
    """The request line and headers, blank line included; Host and Content-Length are added where the sender left them to the connection."""
    parts = urlsplit(exchange.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    known = {name.lower() for name, _ in exchange.request_headers}
    added = [] if "host" in known else [("Host", parts.netloc.rpartition("@")[2])]
    if exchange.request_body and "content-length" not in known:
        added.append(("Content-Length", str(len(exchange.request_body))))
    return head_bytes(f"{exchange.method} {path} HTTP/1.1", [*added, *exchange.request_headers])


def stored_headers(headers: Headers, length: int) -> list[tuple[str, str]]:
    """The portal's headers, those that described the encoded body renamed to X-Archive-Orig-…, and a Content-Length true of the stored one."""
    kept = [(ORIGINAL + name if misleads(name, value, length) else name, value) for name, value in headers]
    if any(name.lower() == "content-length" for name, _ in kept):
        return kept
    return [*kept, ("Content-Length", str(length))]


def misleads(name: str, value: str, length: int) -> bool:
    """Whether a header of the answer as sent is untrue of the body of `length` bytes as stored."""
    lower = name.lower()
    return lower in ENCODINGS or (lower == "content-length" and value.strip() != str(length))


def head_bytes(first: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """A start line and headers as they go over the wire. A line break inside one becomes a space: it would start a header of its own."""
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    return b"\r\n".join([*(wire_bytes(re.sub(r"[\r\n]+", " ", text)) for text in lines), b"", b""])


def wire_bytes(text: str) -> bytes:
    """The bytes a header line was read from: Latin-1, or UTF-8 where it holds what Latin-1 cannot."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def one_line(text: str) -> str:
    """The text on one line and without blanks, as a WARC field that holds an address wants it."""
    return re.sub(r"\s", lambda blank: quote(blank.group()), text)


def phrase(status: int) -> str:
    """The standard reason phrase of an HTTP status, '' for one that is not registered."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def digest(data: bytes) -> str:
    """A WARC digest, `sha256:` and lower-case hex, so that a payload digest is also the blob's name."""
    return f"sha256:{sha256(data)}"


def record_id(visit: str, number: int) -> str:
    """The id of the visit's record with this number, the same on every run."""
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{visit}/{number}')}>"


def warc_date(when: datetime) -> str:
    """A time as WARC 1.1 writes it: UTC, to the microsecond."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
