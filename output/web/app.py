"""The review page as one ASGI application: every route with the right it asks for, and what holds for every answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from itsdangerous import URLSafeSerializer
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.database import Busy
from crawler.problems import BadInput
from output.accounts import session_key
from output.exits import Stop
from output.reviews import LARGEST_FILE
from output.web.access import Right
from output.web.desk import Clock, Desk, Page, guarded, make_desk
from output.web.pages import (
    accounts,
    agency,
    appeal,
    campaign,
    claim,
    decide,
    evidence,
    login,
    method,
    queue,
    schedule,
    service,
)
from output.workspace import open_workspace

HOSTS = ("127.0.0.1", "localhost")
"""The names under which the page answers; any other (a name somebody else's DNS leads here) is refused."""

LARGEST_BODY = LARGEST_FILE + 200_000

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    b"base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class Entry(NamedTuple):
    """A route: how it is asked for, what answers, which right that takes."""

    method: str
    path: str
    page: Page
    right: Right


CLAIM = "/claim/{campaign}/{agency}/{item}"
ROUTES = (
    Entry("GET", "/login", login.login_page, Right.NOBODY),
    Entry("POST", "/login", login.log_in, Right.NOBODY),
    Entry("POST", "/logout", login.log_out, Right.SELF),
    Entry("GET", "/password", login.password_page, Right.SELF),
    Entry("POST", "/password", login.change, Right.SELF),
    Entry("GET", "/", queue.queue, Right.LOOK),
    Entry("GET", "/next", queue.next_claim, Right.LOOK),
    Entry("POST", "/assign", queue.assign, Right.DECIDE),
    Entry("GET", CLAIM, claim.claim_page, Right.LOOK),
    Entry("POST", CLAIM + "/decide", decide.decide, Right.DECIDE),
    Entry("POST", CLAIM + "/recheck", decide.recheck, Right.RECHECK),
    Entry("POST", CLAIM + "/undo", decide.undo, Right.RECHECK),
    Entry("POST", CLAIM + "/appeal", appeal.file_appeal, Right.APPEAL),
    Entry("POST", CLAIM + "/answer", appeal.answer_appeal, Right.DECIDE),
    Entry("GET", CLAIM + "/letter/{number:int}", appeal.letter, Right.LOOK),
    Entry("GET", "/file/{name}", appeal.enclosed, Right.LOOK),
    Entry("GET", "/evidence/{visit}/{page}/picture", evidence.picture, Right.LOOK),
    Entry("GET", "/evidence/{visit}/{page}/source", evidence.source, Right.LOOK),
    Entry("GET", "/probe/{batch}/{service}", service.probe_page, Right.LOOK),
    Entry("GET", "/thumbnail/{campaign}/{agency}/{item}/{element}", evidence.thumbnail, Right.LOOK),
    Entry("GET", "/agency/{campaign}/{agency}", agency.agency_page, Right.LOOK),
    Entry("GET", "/campaign", campaign.campaign_page, Right.LOOK),
    Entry("GET", "/schedule", schedule.schedule_page, Right.LOOK),
    Entry("GET", "/schedule/progress", schedule.progress, Right.LOOK),
    Entry("POST", "/schedule/plan", schedule.plan, Right.SCHEDULE),
    Entry("POST", "/schedule/move", schedule.move, Right.SCHEDULE),
    Entry("POST", "/schedule/pause", schedule.pause, Right.SCHEDULE),
    Entry("GET", "/method", method.method_page, Right.LOOK),
    Entry("GET", "/accounts", accounts.accounts_page, Right.ACCOUNTS),
    Entry("POST", "/accounts", accounts.create, Right.ACCOUNTS),
    Entry("POST", "/accounts/set", accounts.change, Right.ACCOUNTS),
    Entry("POST", "/accounts/reset", accounts.reset, Right.ACCOUNTS),
)


def create_app(
    path: Path, *, clock: Clock = lambda: datetime.now(UTC), hosts: Sequence[str] = HOSTS, looks: int = 1000
) -> Starlette:
    """The review page of the workspace at path. Raises Stop where there is none to open."""
    with open_workspace(path) as workspace:
        signer = URLSafeSerializer(session_key(workspace.conn, clock()), salt="session")
    desk = make_desk(path, signer, clock, looks)
    routes = [Route(one.path, guarded(one.page, one.right, desk), methods=[one.method]) for one in ROUTES]
    app = Starlette(
        routes=[*routes, Route("/static/{name}", lambda request: static(desk, request))],
        middleware=[
            Middleware(WithHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(WithLimit),
        ],
        exception_handlers=dict.fromkeys(
            (HTTPException, Stop, Busy, BadInput, Exception), lambda request, problem: told(desk, request, problem)
        ),
    )
    app.router.redirect_slashes = False
    return app


MEDIA = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


def static(desk: Desk, request: Request) -> Response:
    """One of our own style sheets and scripts, from memory."""
    name = request.path_params["name"]
    if name not in desk.statics:
        raise HTTPException(404)
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return Response(desk.statics[name], media_type=MEDIA[name.rpartition(".")[2]], headers=headers)


KNOWN = {
    404: "Không có trang này.",
    405: "Không làm được việc này ở đây.",
    413: "Tệp hoặc biểu mẫu quá lớn (tối đa 10 MB).",
    500: "Chương trình gặp lỗi; quyết định vừa gửi (nếu có) chưa chắc đã được ghi. Lỗi đã được in ở nơi chạy kiemcong review.",
    503: "Không gian làm việc chưa dùng được lúc này: ",
}


def told(desk: Desk, request: Request, problem: Exception) -> Response:
    """A refusal or failure as a page that says what to do. What the workspace itself says is told as it says it."""
    status = problem.status_code if isinstance(problem, HTTPException) else 500
    detail = problem.detail if isinstance(problem, HTTPException) else ""
    if isinstance(problem, Stop | Busy | BadInput):
        status, detail = 503, KNOWN[503] + str(problem)
    if not detail or detail.isascii():
        detail = KNOWN.get(status, detail)
    values = {"status": status, "detail": detail, "account": None, "campaigns": [], "path": request.url.path}
    headers = {name.decode(): value.decode() for name, value in HEADERS}
    return HTMLResponse(desk.templates.get_template("refused.html").render(values), status, headers)


class WithHeaders:
    """Every answer carries HEADERS, and is not kept by the browser unless it says otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The inner application's answer with the headers it lacks."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                added = [
                    (name, value) for name, value in (*HEADERS, (b"cache-control", b"no-store")) if name not in given
                ]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, with_headers)


class WithLimit:
    """No request brings more than LARGEST_BODY bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The inner application, its reading ended by HTTPException(413) where too much comes."""
        read = 0

        async def with_limit() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise HTTPException(413)
            return message

        await self.app(scope, with_limit, send)
