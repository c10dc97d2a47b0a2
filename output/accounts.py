"""Who may use the review page: accounts with argon2 passwords and one role each, kept in workspace.sqlite; locked for a while after wrong tries."""

from __future__ import annotations

import re
import secrets
import sqlite3
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crawler.database import as_text, as_time, writing
from crawler.problems import BadInput, Problem

TRIES = 5
"""Wrong passwords in a row before an account is locked (assumed)."""

LOCKED = timedelta(minutes=15)
"""How long it stays locked (assumed)."""

SHORTEST = 12
"""Characters a password has at least (NIST SP 800-63B asks for 8; assumed stricter)."""

_LOGIN = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")


class Role(StrEnum):
    """What an account is for."""

    INSPECTOR = "inspector"
    AUDITOR = "auditor"
    SCORER = "scorer"
    ADMINISTRATOR = "administrator"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account. epoch rises when its sessions are to end; must_change: the password was given by somebody else."""

    login: str
    name: str
    role: Role
    created: datetime
    epoch: int
    disabled: bool = False
    must_change: bool = False
    locked_until: datetime | None = None


class Locked(Exception):
    """The account is locked after too many wrong tries; the password was not looked at."""


def create_tables(conn: sqlite3.Connection) -> None:
    """The tables of accounts exist in a database that had none of them."""
    conn.execute(
        """CREATE TABLE accounts (
            login TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, password TEXT NOT NULL, created TEXT NOT NULL, epoch INTEGER NOT NULL,
            disabled INTEGER NOT NULL, must_change INTEGER NOT NULL, failures INTEGER NOT NULL, locked_until TEXT
        ) STRICT"""
    )
    conn.execute("CREATE TABLE session_keys (made TEXT PRIMARY KEY, key TEXT NOT NULL) STRICT")


def create_account(
    conn: sqlite3.Connection, login: str, name: str, role: Role, *, now: datetime, password: str = ""
) -> str:
    """The account exists; returns its password, a random one to be changed at first use where none is given. Raises BadInput."""
    problems = []
    if not _LOGIN.fullmatch(login) or len(login) > 40:
        problems.append(Problem("account", 0, "login", f"“{login}” cannot be a login", "use a-z, 0-9, “.”, “-”, “_”"))
    if not name.strip() or len(name) > 120:
        problems.append(
            Problem("account", 0, "name", "a name of 1 to 120 characters is needed", "give the person's name")
        )
    if find_account(conn, login):
        problems.append(Problem("account", 0, "login", f"“{login}” is taken", "choose another"))
    if password:
        problems += password_problems(password)
    if problems:
        raise BadInput(problems)
    given = password or new_password()
    hashed = hasher().hash(given)
    with writing(conn):
        conn.execute(
            "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, 1, 0, ?, 0, NULL)",
            (login, name.strip(), role.value, hashed, as_text(now), int(not password)),
        )
    return given


def find_account(conn: sqlite3.Connection, login: str) -> Account | None:
    """The account of that login."""
    return next((one for one in accounts(conn) if one.login == login), None)


def accounts(conn: sqlite3.Connection) -> tuple[Account, ...]:
    """All accounts by login."""
    rows = conn.execute(
        "SELECT login, name, role, created, epoch, disabled, must_change, locked_until FROM accounts ORDER BY login"
    )
    return tuple(
        Account(
            login=login, name=name, role=Role(role), created=as_time(created), epoch=epoch, disabled=bool(disabled),
            must_change=bool(must_change), locked_until=as_time(locked) if locked else None,
        )
        for login, name, role, created, epoch, disabled, must_change, locked in rows.fetchall()
    )  # fmt: skip


def log_in(conn: sqlite3.Connection, login: str, password: str, *, now: datetime) -> Account | None:
    """The account, where login and password are right and it is not disabled; None otherwise, after the same time. Raises Locked."""
    account = find_account(conn, login)
    if account is None:
        matches(_stand_in(), password)
        return None
    if account.locked_until and account.locked_until > now:
        raise Locked(login)
    right = matches(conn.execute("SELECT password FROM accounts WHERE login = ?", (login,)).fetchone()[0], password)
    with writing(conn):
        if right:
            conn.execute("UPDATE accounts SET failures = 0, locked_until = NULL WHERE login = ?", (login,))
        else:
            conn.execute("UPDATE accounts SET failures = failures + 1 WHERE login = ?", (login,))
            (failures,) = conn.execute("SELECT failures FROM accounts WHERE login = ?", (login,)).fetchone()
            if failures >= TRIES:
                until = as_text(now + LOCKED)
                conn.execute("UPDATE accounts SET failures = 0, locked_until = ? WHERE login = ?", (until, login))
    return account if right and not account.disabled else None


def change_password(conn: sqlite3.Connection, login: str, password: str) -> None:
    """The password is this one, and every session of the account has ended. Raises BadInput."""
    if problems := password_problems(password):
        raise BadInput(problems)
    hashed = hasher().hash(password)
    with writing(conn):
        conn.execute(
            "UPDATE accounts SET password = ?, must_change = 0, epoch = epoch + 1 WHERE login = ?", (hashed, login)
        )


def reset_password(conn: sqlite3.Connection, login: str) -> str:
    """A new random password, to be changed at first use; the account is no longer locked and its sessions have ended."""
    given = new_password()
    hashed = hasher().hash(given)
    with writing(conn):
        conn.execute(
            "UPDATE accounts SET password = ?, must_change = 1, epoch = epoch + 1, failures = 0, locked_until = NULL WHERE login = ?",
            (hashed, login),
        )
    return given


def set_account(conn: sqlite3.Connection, login: str, *, role: Role, disabled: bool) -> None:
    """The account has this role, may or may not log in, and its sessions have ended. The last administrator stays one: BadInput."""
    with writing(conn):
        rows = conn.execute("SELECT login FROM accounts WHERE role = ? AND disabled = 0", (Role.ADMINISTRATOR.value,))
        if rows.fetchall() == [(login,)] and (role is not Role.ADMINISTRATOR or disabled):
            raise BadInput(
                [Problem("account", 0, "role", f"“{login}” is the last administrator", "make another one first")]
            )
        conn.execute(
            "UPDATE accounts SET role = ?, disabled = ?, epoch = epoch + 1 WHERE login = ?",
            (role.value, int(disabled), login),
        )


def end_sessions(conn: sqlite3.Connection, login: str) -> None:
    """Every session of the account has ended."""
    with writing(conn):
        conn.execute("UPDATE accounts SET epoch = epoch + 1 WHERE login = ?", (login,))


def session_key(conn: sqlite3.Connection, now: datetime) -> str:
    """The key sessions are signed with, made at first use."""
    with writing(conn):
        row = conn.execute("SELECT key FROM session_keys ORDER BY made DESC LIMIT 1").fetchone()
        if row is None:
            row = (secrets.token_hex(32),)
            conn.execute("INSERT INTO session_keys VALUES (?, ?)", (as_text(now), row[0]))
    return str(row[0])


# --- passwords -----------------------------------------------------------------------------------------------------------------------------


def new_password() -> str:
    """A random password of some 100 bits, in groups a person can type."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def password_problems(password: str) -> list[Problem]:
    """What is wrong with a password."""
    if len(password) < SHORTEST:
        return [Problem("account", 0, "password", f"it has fewer than {SHORTEST} characters", "choose a longer one")]
    if len(password) > 200:
        return [Problem("account", 0, "password", "it has more than 200 characters", "choose a shorter one")]
    return []


def matches(hashed: str, password: str) -> bool:
    """Whether this is the password behind a hash."""
    try:
        return hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def hasher() -> PasswordHasher:
    """argon2id with the library's parameters (RFC 9106, low-memory profile)."""
    return PasswordHasher()


@cache
def _stand_in() -> str:
    """A hash to try passwords of unknown logins on, so that they take as long."""
    return hasher().hash(secrets.token_hex(16))
