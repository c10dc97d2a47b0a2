"""Who may do what: the one table of roles, by which every route is guarded."""

from __future__ import annotations

from enum import StrEnum

from output.accounts import Role


class Right(StrEnum):
    """What a route asks of the person."""

    NOBODY = "nobody"
    """Open before logging in."""
    SELF = "self"
    """One's own account."""
    LOOK = "look"
    DECIDE = "decide"
    RECHECK = "recheck"
    APPEAL = "appeal"
    SCHEDULE = "schedule"
    ACCOUNTS = "accounts"


EVERYBODY = frozenset(Role)

RIGHTS: dict[Right, frozenset[Role]] = {
    Right.SELF: EVERYBODY,
    Right.LOOK: EVERYBODY,
    Right.DECIDE: frozenset({Role.AUDITOR}),
    Right.RECHECK: frozenset({Role.AUDITOR, Role.INSPECTOR}),
    Right.APPEAL: frozenset({Role.INSPECTOR}),
    Right.SCHEDULE: frozenset({Role.INSPECTOR}),
    Right.ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
}
"""Judging is the auditors' alone: whoever hands out accounts does not decide, and whoever plans visits does not either."""


def may(role: Role, right: Right) -> bool:
    """Whether a role has a right."""
    return right is Right.NOBODY or role in RIGHTS[right]
