"""Data that ships with the crawler, read as its types."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec

from crawler.yaml_text import Tree, parse_text

Kind = TypeVar("Kind")


def embedded(name: str, kind: type[Kind]) -> Kind:
    """The file data/<name> of this package as the given struct; msgspec.ValidationError names what does not fit."""
    return msgspec.convert(_tree(name), kind, strict=False)


@cache
def _tree(name: str) -> Tree:
    tree, _ = parse_text(files("crawler").joinpath("data", name).read_text(encoding="utf-8"), name)
    return tree
