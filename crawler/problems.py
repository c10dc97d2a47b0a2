"""What is wrong with something a person wrote, all of it at once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One mistake in an input: where it stands, what is wrong, how to mend it. `line` counts from 1; 0 means the whole file."""

    file: str
    line: int
    field: str
    message: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        field = f" [{self.field}]" if self.field else ""
        mend = f" — {self.mend}" if self.mend else ""
        return f"{where}{field}: {self.message}{mend}"


class BadInput(Exception):
    """An input was refused and nothing of it was written; `problems` holds every mistake found, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def bad_input(file: str, message: str, mend: str = "", *, line: int = 0, field: str = "") -> BadInput:
    """A BadInput with the single problem described."""
    return BadInput([Problem(file=file, line=line, field=field, message=message, mend=mend)])
