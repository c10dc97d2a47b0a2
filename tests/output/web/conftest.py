"""Passwords that are quick to try."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from output import accounts


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """The same algorithm at its least cost: what it costs is the library's business, and every test logs somebody in."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield
