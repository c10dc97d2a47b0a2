"""Scoring's records as JSON and back, exactly: a fraction is the text "33/145"."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeVar

import msgspec

Record = TypeVar("Record")


def to_json(record: object) -> bytes:
    """Any record of the project as JSON bytes; equal records give equal bytes, mappings ordered by key."""
    return msgspec.json.encode(record, enc_hook=write_fraction, order="deterministic")


def from_json(text: bytes | str, kind: type[Record]) -> Record:
    """The record that to_json wrote; msgspec.ValidationError where it is of another kind."""
    return msgspec.json.decode(text, type=kind, dec_hook=read_fraction)


def write_fraction(value: Any) -> Any:
    """A fraction as its text, whole numbers without a stroke; NotImplementedError for kinds no record holds."""
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(f"no record holds a {type(value).__name__}")


def read_fraction(kind: type, value: Any) -> Any:
    """The fraction a text stands for."""
    if kind is Fraction:
        return Fraction(value)
    raise NotImplementedError(f"no record holds a {kind.__name__}")
