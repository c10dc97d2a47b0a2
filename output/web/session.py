"""Who a request comes from: a signed cookie that ends after a while, and the token every write must carry."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from output.accounts import Account, find_account
from output.workspace import Workspace

COOKIE = "kiemcong"

IDLE = timedelta(minutes=60)
"""How long a session lasts without a request (assumed)."""

WHOLE = timedelta(hours=12)
"""How long it lasts at most: a working day (assumed)."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What the cookie holds. login is '' before logging in; epoch the account's when it did; began and seen in seconds since 1970; csrf the
    token of this session's forms."""

    login: str = ""
    epoch: int = 0
    began: float
    seen: float
    csrf: str


def fresh(now: datetime, login: str = "", epoch: int = 0) -> Session:
    """A new session, with a token of its own."""
    at = now.timestamp()
    return Session(login=login, epoch=epoch, began=at, seen=at, csrf=secrets.token_urlsafe(24))


def read_session(request: Request, signer: URLSafeSerializer, now: datetime) -> tuple[Session, bool]:
    """The session of a request, and whether one was there but has ended; a fresh one where there is none to go on with."""
    text = request.cookies.get(COOKIE)
    if not text:
        return fresh(now), False
    try:
        session = msgspec.convert(signer.loads(text), Session)
    except (BadSignature, msgspec.ValidationError):
        return fresh(now), False
    at = now.timestamp()
    if at - session.seen > IDLE.total_seconds() or at - session.began > WHOLE.total_seconds():
        return fresh(now), bool(session.login)
    return msgspec.structs.replace(session, seen=at), False


def holder(workspace: Workspace, session: Session) -> Account | None:
    """The account behind a session; None where it ended, was disabled or its sessions were."""
    account = find_account(workspace.conn, session.login) if session.login else None
    return account if account and not account.disabled and account.epoch == session.epoch else None


def keep(response: Response, session: Session, signer: URLSafeSerializer, *, secure: bool) -> None:
    """The response hands the session to the browser, out of reach of scripts and of other sites."""
    text = signer.dumps(msgspec.to_builtins(session))
    assert isinstance(text, str)
    response.set_cookie(
        COOKIE, text, max_age=int(WHOLE.total_seconds()), path="/", httponly=True, samesite="strict", secure=secure
    )


def is_own_form(request: Request, session: Session, token: str) -> bool:
    """Whether a write comes from a form this session was given, on a page of this very host."""
    origin = request.headers.get("origin")
    if origin not in (None, "null", f"{request.url.scheme}://{request.url.netloc}"):
        return False
    if origin == "null" or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    return secrets.compare_digest(session.csrf.encode(), token.encode())
