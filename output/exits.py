"""How every command ends: documented exit codes, and the one place where failures become messages."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `kiemcong`."""

    DONE = 0
    FINDINGS = 1
    """The command worked and found what it looks for, such as a damaged file."""
    BAD_INPUT = 2
    UNREACHABLE = 3
    """Nothing could be reached, or the guard refused the address."""
    WORKSPACE = 4
    """The workspace is of another version, being migrated, or held by something else."""
    NO_BROWSER = 5
    DISK = 6
    WORKERS = 7
    """Worker processes died again and again."""
    INTERRUPTED = 130


class Stop(Exception):
    """A command ends here with one clear message and a documented exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        self.code = code
        super().__init__(message)
