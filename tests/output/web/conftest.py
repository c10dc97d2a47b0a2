"""A workspace to review, made once and copied, and passwords that are quick to try."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from output import accounts
from tests.output.web.bench import Bench, make


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """The same algorithm at its least cost: what it costs is the library's business, and every test logs somebody in."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace nobody has written to."""
    return make(tmp_path_factory.mktemp("review") / "ws")


@pytest.fixture
def bench(pristine: Path, tmp_path: Path) -> Bench:
    """A workspace of the test's own."""
    return Bench(shutil.copytree(pristine, tmp_path / "ws"))


@pytest.fixture(scope="session")
def still(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A bench nobody writes to."""
    return Bench(shutil.copytree(pristine, tmp_path_factory.mktemp("still") / "ws"))
