"""The accounts, for administrators: made, given another role, shut, given a new password."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from crawler.problems import BadInput
from output.accounts import Role, accounts, create_account, find_account, reset_password, set_account
from output.web.desk import Call


def accounts_page(
    call: Call, *, problem: str = "", given: tuple[str, str] | None = None, status: int = 200
) -> Response:
    """All accounts; given: a login and its new password, shown this once."""
    return call.page(
        "accounts.html",
        status=status,
        people=accounts(call.workspace.conn),
        roles=list(Role),
        problem=problem,
        given=given,
    )


def create(call: Call) -> Response:
    """The account exists and its first password is shown."""
    login, name, role = call.text("login", 100), call.text("name", 300), role_of(call)
    try:
        password = create_account(call.workspace.conn, login, name, role, now=call.now)
    except BadInput:
        problem = "Tên đăng nhập cần viết bằng a–z, 0–9, dấu chấm hoặc gạch, chưa ai dùng; họ tên không để trống."
        return accounts_page(call, problem=problem, status=400)
    return accounts_page(call, given=(login, password))


def change(call: Call) -> Response:
    """The account has another role, or may no longer log in."""
    try:
        set_account(call.workspace.conn, known(call), role=role_of(call), disabled=bool(call.text("disabled", 10)))
    except BadInput:
        return accounts_page(call, problem="Cần còn ít nhất một quản trị đang hoạt động.", status=400)
    return call.go("/accounts")


def reset(call: Call) -> Response:
    """The account has a new password, shown this once."""
    login = known(call)
    return accounts_page(call, given=(login, reset_password(call.workspace.conn, login)))


def known(call: Call) -> str:
    """The login the form names; HTTPException(404) where there is none."""
    login = call.text("login", 100)
    if find_account(call.workspace.conn, login) is None:
        raise HTTPException(404, "Không có tài khoản này.")
    return login


def role_of(call: Call) -> Role:
    """The role the form names; HTTPException(400) where it is none."""
    try:
        return Role(call.text("role", 40))
    except ValueError:
        raise HTTPException(400, "Không có vai trò này.") from None
