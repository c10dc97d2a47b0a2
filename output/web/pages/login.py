"""Logging in and out, and one's own password."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import Response

from crawler.problems import BadInput
from output.accounts import SHORTEST, Locked, change_password, end_sessions, find_account
from output.accounts import log_in as try_log_in
from output.web.desk import Call
from output.web.session import fresh

WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."
LOCKED = "Tài khoản tạm khóa do nhập sai nhiều lần; hãy thử lại sau 15 phút hoặc nhờ quản trị đặt lại mật khẩu."


def login_page(call: Call) -> Response:
    """The form to log in by."""
    asked = call.request.query_params
    ended = "Phiên làm việc đã hết hạn; hãy đăng nhập lại." if asked.get("ended") else ""
    return call.page("login.html", next=own_path(asked.get("next", "/")), problem="", note=ended, login="")


def log_in(call: Call) -> Response:
    """A session for whoever gave the right password; the form again, with what went wrong, for anybody else."""
    login, back = call.text("login", 100), own_path(call.text("next", 2000))
    password = call.form.get("password")
    try:
        account = try_log_in(call.workspace.conn, login, password if isinstance(password, str) else "", now=call.now)
        problem = "" if account else WRONG
    except Locked:
        account, problem = None, LOCKED
    if account is None:
        return call.page("login.html", status=401, next=back, problem=problem, note="", login=login)
    call.kept.append(fresh(call.now, account.login, account.epoch))
    return call.go(back)


def own_path(path: str) -> str:
    """The path, where it is one of this host; else the start."""
    parts = urlsplit(path)
    local = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and "\\" not in path
    return parts.path if local else "/"


def log_out(call: Call) -> Response:
    """Every session of the account has ended."""
    end_sessions(call.workspace.conn, call.person.login)
    call.kept.append(fresh(call.now))
    return call.go("/login")


def password_page(call: Call) -> Response:
    """The form for a new password."""
    return call.page("password.html", problem="", shortest=SHORTEST)


def change(call: Call) -> Response:
    """The new password holds, given the old one; sessions elsewhere have ended, this one goes on."""
    old, new, again = (
        value if isinstance(value := call.form.get(name), str) else "" for name in ("old", "new", "again")
    )
    problem = ""
    try:
        if try_log_in(call.workspace.conn, call.person.login, old, now=call.now) is None:
            problem = "Mật khẩu hiện tại không đúng."
        elif new != again:
            problem = "Hai lần nhập mật khẩu mới không giống nhau."
        elif new == old:
            problem = "Mật khẩu mới phải khác mật khẩu hiện tại."
        else:
            change_password(call.workspace.conn, call.person.login, new)
    except BadInput:
        problem = f"Mật khẩu mới cần từ {SHORTEST} đến 200 ký tự."
    except Locked:
        problem = LOCKED
    if problem:
        return call.page("password.html", status=400, problem=problem, shortest=SHORTEST)
    changed = find_account(call.workspace.conn, call.person.login)
    assert changed is not None
    call.kept.append(fresh(call.now, changed.login, changed.epoch))
    return call.go("/")
