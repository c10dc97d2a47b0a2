"""The pieces a sample site is made of: pages, menu entries, replies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tests.portals.model import Section


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Page:
    """One page of a site: where it is, what stands in its middle, and which section it belongs to."""

    path: str
    title: str
    kind: str
    key: str
    section: Section | None
    content: str = ""
    crumbs: list[tuple[str, str]] = field(default_factory=list)
    published: date | None = None
    lead: str = ""
    html: str = ""
    """The whole page as a visitor gets it (for a client-rendered site: what the browser ends up showing)."""


@dataclass(frozen=True, slots=True)
class Node:
    """A menu entry."""

    label: str
    href: str
    new_window: bool
    children: tuple[Node, ...]
    key: str


def as_json(value: object) -> Reply:
    """A JSON reply."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(200, {"Content-Type": "application/json; charset=utf-8"}, body)
