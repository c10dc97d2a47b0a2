"""What every page works with: the open workspace, the person, the templates; and the guard each route stands behind."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from itsdangerous import URLSafeSerializer
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from checklists.load import load_checklist
from checklists.model import Checklist
from output.accounts import Account
from output.judging import CHECKLIST
from output.web.access import Right, may
from output.web.board import Board, Line
from output.web.session import Session, fresh, holder, is_own_form, keep, read_session
from output.web.words import captured, day, day_and_time, number, outside, plain, words
from output.workspace import Workspace, open_workspace

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Desk:
    """What the pages of one running program share."""

    path: Path
    checklist: Checklist
    board: Board
    templates: jinja2.Environment
    signer: URLSafeSerializer
    clock: Clock
    statics: Mapping[str, bytes]
    looks: int
    """How often the ledger is looked at for one watcher before its browser has to ask again."""


@dataclass(frozen=True)
class Call:
    """One request as a page sees it. account is there wherever the route asks for more than `Right.NOBODY`."""

    request: Request
    desk: Desk
    workspace: Workspace
    session: Session
    account: Account | None
    form: FormData
    now: datetime
    ended: bool = False
    kept: list[Session] = field(default_factory=list)

    @property
    def person(self) -> Account:
        """Who asks. Only routes that let in nobody unknown may ask this."""
        assert self.account is not None
        return self.account

    @property
    def address(self) -> str:
        """The network address the request came from."""
        return self.request.client.host if self.request.client else ""

    def text(self, name: str, longest: int = 20_000) -> str:
        """A field of the form as text without NUL, '' where it is missing; HTTPException(400) where it is longer."""
        value = self.form.get(name)
        kept = value.replace("\0", "").strip() if isinstance(value, str) else ""
        if len(kept) > longest:
            raise HTTPException(400, f"Ô “{name}” dài quá {longest} ký tự.")
        return kept

    def may(self, right: Right) -> bool:
        """Whether the person asking has a right."""
        return self.account is not None and may(self.account.role, right)

    def lines(self, campaign: str) -> list[Line]:
        """A campaign's claims in the order of the queue."""
        return self.desk.board.lines(self.workspace.conn, self.workspace.registry, campaign, self.now)

    def campaigns(self) -> list[str]:
        """The campaigns that were judged, the latest first."""
        return self.desk.board.campaigns(self.workspace.registry)

    def campaign(self) -> str:
        """The campaign asked for, else the latest; HTTPException(404) where it was not judged."""
        known = self.campaigns()
        asked = self.request.query_params.get("campaign") or (known[0] if known else "")
        if asked and asked not in known:
            raise HTTPException(404, "Không có đợt kiểm tra này.")
        return asked

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page made from a template."""
        shared = {
            "account": self.account,
            "csrf": self.session.csrf,
            "may": self.may,
            "rights": Right,
            "campaigns": self.campaigns() if self.account else [],
            "path": self.request.url.path,
            "now": self.now,
        }
        return HTMLResponse(self.desk.templates.get_template(template).render(shared | values), status)

    def go(self, path: str, **query: str) -> Response:
        """The browser goes on to another page of ours."""
        return RedirectResponse(f"{quote(path)}?{urlencode(query)}" if query else quote(path), 303)


Page = Callable[[Call], Response]


def make_desk(path: Path, signer: URLSafeSerializer, clock: Clock, looks: int) -> Desk:
    """The desk of a workspace."""
    checklist = load_checklist(CHECKLIST)
    with open_workspace(path) as workspace:
        board = Board(workspace.store_path, checklist)
    statics = {
        entry.name: entry.read_bytes() for entry in files("output.web").joinpath("static").iterdir() if entry.is_file()
    }
    return Desk(path, checklist, board, environment(statics), signer, clock, statics, looks)


def environment(statics: Mapping[str, bytes]) -> jinja2.Environment:
    """The templates, everything put into them escaped, a name that is not there an error."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("output.web"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    digest = hashlib.sha256(b"".join(statics[name] for name in sorted(statics))).hexdigest()[:12]
    made.globals.update(words=words(), edition=digest)
    made.filters.update(
        captured=captured, plain=plain, outside=outside, moment=day_and_time, day=day, number=number, query=urlencode
    )
    return made


def guarded(page: Page, right: Right, desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """The page behind its guard: known persons of the right role only, writes only from this session's own forms, a session that goes on."""

    async def endpoint(request: Request) -> Response:
        now = desk.clock()
        session, ended = read_session(request, desk.signer, now)
        form = (
            await request.form(max_files=1, max_fields=200, max_part_size=1 << 20)
            if request.method == "POST"
            else FormData()
        )
        try:
            return await run_in_threadpool(answer, page, right, desk, request, session, form, now, ended)
        finally:
            await form.close()

    return endpoint


def answer(
    page: Page, right: Right, desk: Desk, request: Request, session: Session, form: FormData, now: datetime, ended: bool
) -> Response:
    """The page's answer, or the guard's refusal. Runs in a thread of its own, with a connection of its own."""
    with open_workspace(desk.path) as workspace:
        account = holder(workspace, session)
        if session.login and account is None:
            session, ended = fresh(now), True
        call = Call(request, desk, workspace, session, account, form, now, ended)
        response = refused(call, right) or page(call)
    # Pictures and progress are fetched by the page itself: they are no sign that somebody is still there.
    if response.status_code == 303 or response.headers.get("content-type", "").startswith("text/html"):
        kept = call.kept[-1] if call.kept else session
        keep(response, kept, desk.signer, secure=request.url.scheme == "https")
    return response


def refused(call: Call, right: Right) -> Response | None:
    """The refusal, None where the request may go on."""
    if right is not Right.NOBODY and call.account is None:
        back = call.request.url.path if call.request.method == "GET" else "/"
        return call.go("/login", next=back, **({"ended": "1"} if call.ended else {}))
    if call.account and not may(call.account.role, right):
        raise HTTPException(403, "Vai trò của bạn không có quyền làm việc này.")
    token = call.form.get("csrf")
    if call.request.method == "POST" and not is_own_form(
        call.request, call.session, token if isinstance(token, str) else ""
    ):
        raise HTTPException(403, "Biểu mẫu này không còn hiệu lực; hãy tải lại trang rồi thử lại.")
    if call.account and call.account.must_change and call.request.url.path not in ("/password", "/logout"):
        return call.go("/password")
    return None
