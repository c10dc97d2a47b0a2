"""What people decided, in workspace.sqlite: entries only ever added, each chained to the one before; enclosed files by their SHA-256.

`export_lines` and `import_lines` carry all of it as JSON Lines: {"kind": "claim" | "file" | "entry", …}. An entry's line holds the entry and the
hash it was stored under; a claim's the form of a claim some entry judged, which judging again may no longer give.
"""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from checklists.model import Claim, Outcome
from checklists.review import GENESIS, Act, Review, broken_link, canonical
from crawler.archive import sha256
from crawler.database import writing
from crawler.problems import BadInput, Problem, bad_input

LARGEST_FILE = 10_000_000
"""Bytes of the largest file an appeal may enclose."""


class Moved(Exception):
    """The claim has gone on since it was shown: somebody else decided, or it was judged again. Nothing was recorded."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants recorded on a claim, before it has its place in the chain; the fields are those of `Review`."""

    act: Act
    reviewer: str
    reviewed_at: datetime
    address: str = ""
    elements: dict[str, Outcome] = {}
    text: str = ""
    target: str = ""
    visit: str = ""
    file: str = ""
    file_name: str = ""
    contact: str = ""


def create_tables(conn: sqlite3.Connection) -> None:
    """The tables of reviews exist in a database that had none of them."""
    for statement in _TABLES:
        conn.execute(statement)


def record(
    conn: sqlite3.Connection, claim: Claim, draft: Draft, *, seen: str | None, enclosed: bytes | None = None
) -> Review:
    """The draft is the chain's next entry, and the claim is kept as it was judged. Raises Moved where the claim's last entry is not the one the
    person had seen (its hash, '' where there was none; None where it does not matter)."""
    with writing(conn):
        last = conn.execute(
            "SELECT hash FROM reviews WHERE claim_id = ? ORDER BY number DESC LIMIT 1", (claim.id,)
        ).fetchone()
        if seen is not None and (last[0] if last else "") != seen:
            raise Moved(claim.id)
        if enclosed is not None:
            put_file(conn, enclosed)
        number, previous = head(conn)
        review = Review(
            number=number + 1,
            campaign=claim.campaign,
            agency=claim.agency,
            item=claim.item,
            claim=claim.digest,
            previous=previous,
            **{name: getattr(draft, name) for name in draft.__struct_fields__},
        )
        put_claim(conn, claim)
        put_entry(conn, review, review.hash)
    return review


def reviews(conn: sqlite3.Connection, *, claim: str | None = None, after: int = 0) -> tuple[Review, ...]:
    """The entries (of one claim by its id), in the order of the chain, from the one numbered after `after`."""
    rows = conn.execute(
        "SELECT record FROM reviews WHERE (?1 IS NULL OR claim_id = ?1) AND number > ?2 ORDER BY number", (claim, after)
    )
    return tuple(_decoder.decode(text) for (text,) in rows)


def judged_claim(conn: sqlite3.Connection, digest: str) -> Claim | None:
    """A claim as it was when somebody judged it."""
    row = conn.execute("SELECT record FROM judged_claims WHERE digest = ?", (digest,)).fetchone()
    return msgspec.json.decode(row[0], type=Claim) if row else None


def enclosed_file(conn: sqlite3.Connection, name: str) -> bytes | None:
    """An enclosed file by its SHA-256."""
    row = conn.execute("SELECT content FROM review_files WHERE sha256 = ?", (name,)).fetchone()
    return bytes(row[0]) if row else None


def head(conn: sqlite3.Connection) -> tuple[int, str]:
    """How many entries the chain has, and the hash of the last; kept elsewhere, it shows whether any was changed or taken away."""
    row = conn.execute("SELECT number, hash FROM reviews ORDER BY number DESC LIMIT 1").fetchone()
    return (int(row[0]), str(row[1])) if row else (0, GENESIS)


def chain_problem(conn: sqlite3.Connection) -> str:
    """The first broken link of the chain, or the first enclosed file that is missing or changed; '' where all is as it was recorded."""
    rows = conn.execute("SELECT number, hash, claim_id, record FROM reviews ORDER BY number").fetchall()
    chain: list[tuple[Review, str]] = []
    for number, stored, claim, text in rows:
        try:
            review = _decoder.decode(text)
        except msgspec.MsgspecError as problem:
            return broken_link(chain) or f"entry {number} cannot be read: {problem}"
        chain.append((review, stored))
        if (review.number, review.claim_id, canonical(review).decode()) != (number, claim, text):
            return broken_link(chain) or f"entry {number} was changed: it is not as it was written"
    return broken_link(chain) or file_problem(conn, [review for review, _ in chain])


def file_problem(conn: sqlite3.Connection, chain: Iterable[Review]) -> str:
    """What is wrong with the first enclosed file that is not what its entry names, '' where none is."""
    for review in chain:
        if review.file:
            content = enclosed_file(conn, review.file)
            if content is None or sha256(content) != review.file:
                return f"the file of entry {review.number} is {'missing' if content is None else 'changed'}"
    return ""


# --- in and out ----------------------------------------------------------------------------------------------------------------------------


def export_lines(conn: sqlite3.Connection) -> Iterator[bytes]:
    """Every entry with what it names, a JSON object a line, each after what it needs."""
    claims = conn.execute("SELECT digest, record FROM judged_claims ORDER BY digest")
    yield from (_line(kind="claim", digest=digest, claim=json.loads(text)) for digest, text in claims.fetchall())
    for name, content in conn.execute("SELECT sha256, content FROM review_files ORDER BY sha256").fetchall():
        yield _line(kind="file", sha256=name, content=base64.b64encode(content).decode())
    for stored, text in conn.execute("SELECT hash, record FROM reviews ORDER BY number").fetchall():
        yield _line(kind="entry", hash=stored, entry=json.loads(text))


def import_lines(conn: sqlite3.Connection, lines: Iterable[bytes], file: str) -> int:
    """The entries of a file that the workspace does not have yet are added; returns how many. Its chain must be whole, and what the workspace has
    must be its beginning. Raises BadInput with every line that cannot be read, else the first link that does not hold; nothing is written then."""
    claims, contents, chain = read_lines(lines, file)
    if broken := broken_link(chain):
        raise bad_input(file, broken, "export it again where it came from")
    with writing(conn):
        have = conn.execute("SELECT hash FROM reviews ORDER BY number").fetchall()
        if [stored for (stored,) in have] != [stored for _, stored in chain[: len(have)]]:
            message = "it does not go on from the reviews this workspace has"
            raise bad_input(
                file, message, "import into the workspace it was exported from, or into one without reviews"
            )
        for claim in claims.values():
            put_claim(conn, claim)
        for content in contents.values():
            put_file(conn, content)
        for review, stored in chain[len(have) :]:
            put_entry(conn, review, stored)
        if missing := file_problem(conn, [review for review, _ in chain]):
            raise bad_input(file, missing, "export it again where it came from")
    return len(chain) - len(have)


def read_lines(
    lines: Iterable[bytes], file: str
) -> tuple[dict[str, Claim], dict[str, bytes], list[tuple[Review, str]]]:
    """Claims by digest, files by SHA-256 and the chain with its stored hashes. Raises BadInput with every line that is none of them."""
    claims: dict[str, Claim] = {}
    contents: dict[str, bytes] = {}
    chain: list[tuple[Review, str]] = []
    problems = []
    for number, line in enumerate(lines, 1):
        try:
            read_line(json.loads(line), claims, contents, chain)
        except (ValueError, KeyError, TypeError, msgspec.MsgspecError, binascii.Error) as problem:
            problems.append(Problem(file, number, "", f"no line of exported reviews: {problem}", "export it again"))
    if problems:
        raise BadInput(problems)
    return claims, contents, chain


def read_line(
    row: dict[str, object], claims: dict[str, Claim], contents: dict[str, bytes], chain: list[tuple[Review, str]]
) -> None:
    """One line is put where it belongs; ValueError, KeyError or msgspec's error where it belongs nowhere."""
    match row["kind"]:
        case "claim":
            claim = msgspec.convert(row["claim"], Claim)
            if claim.digest != row["digest"]:
                raise ValueError("its claim has another digest")
            claims[claim.digest] = claim
        case "file":
            content = base64.b64decode(str(row["content"]), validate=True)
            if sha256(content) != row["sha256"]:
                raise ValueError("its content is not what its name says")
            contents[str(row["sha256"])] = content
        case "entry":
            chain.append((msgspec.convert(row["entry"], Review), str(row["hash"])))
        case other:
            raise ValueError(f"there is no kind {other!r}")


# --- inside a write ------------------------------------------------------------------------------------------------------------------------


def put_entry(conn: sqlite3.Connection, review: Review, stored: str) -> None:
    """The entry stands in the chain."""
    values = (review.number, stored, review.previous, review.claim_id, review.reviewer, canonical(review).decode())
    conn.execute(
        "INSERT INTO reviews (number, hash, previous, claim_id, reviewer, record) VALUES (?, ?, ?, ?, ?, ?)", values
    )


def put_claim(conn: sqlite3.Connection, claim: Claim) -> None:
    """The claim is kept as it is now; one of the same digest is not kept twice."""
    text = msgspec.json.encode(claim, order="deterministic").decode()
    conn.execute(
        "INSERT OR IGNORE INTO judged_claims (digest, claim_id, record) VALUES (?, ?, ?)",
        (claim.digest, claim.id, text),
    )


def put_file(conn: sqlite3.Connection, content: bytes) -> str:
    """The file is kept under its SHA-256, which is returned; the same content is not kept twice."""
    if len(content) > LARGEST_FILE:
        raise ValueError(f"a file of {len(content)} bytes is larger than {LARGEST_FILE}")
    name = sha256(content)
    conn.execute("INSERT OR IGNORE INTO review_files (sha256, content) VALUES (?, ?)", (name, content))
    return name


def _line(**fields: object) -> bytes:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


_decoder = msgspec.json.Decoder(Review)

_TABLES = (
    """CREATE TABLE reviews (
        number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, previous TEXT NOT NULL UNIQUE, claim_id TEXT NOT NULL, reviewer TEXT NOT NULL,
        record TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX reviews_of_claim ON reviews (claim_id, number)",
    "CREATE TABLE judged_claims (digest TEXT PRIMARY KEY, claim_id TEXT NOT NULL, record TEXT NOT NULL) STRICT",
    "CREATE TABLE review_files (sha256 TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT",
    "CREATE TABLE assignments (claim_id TEXT PRIMARY KEY, reviewer TEXT NOT NULL, assigned_at TEXT NOT NULL) STRICT",
    # The database itself refuses to change or forget what was decided.
    *(
        f"CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{table} are only ever added'); END"
        for table in ("reviews", "judged_claims", "review_files")
        for act in ("update", "delete")
    ),
)
