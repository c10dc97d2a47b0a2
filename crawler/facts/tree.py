"""A page as a plain tree: elements in document order, each with its attributes, its place and how much text and how many links it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from crawler.facts.legacy import Reading
from crawler.model import Link, Place
from crawler.text import nfc_clean


class Element(msgspec.Struct, eq=False):
    """One element. at and end: its subtree is `parsed.elements[at:end]`. nth counts element siblings from 1. chars and link_chars count
    visible characters in it and in its links, links its links; those and end are filled when the page is marked (facts.places)."""

    tag: str
    attributes: dict[str, str | None]
    parent: Element | None
    at: int
    end: int
    nth: int
    children: list[Element | str] = []
    place: Place = Place.BODY
    hidden: bool = False
    chars: int = 0
    link_chars: int = 0
    links: int = 0
    selector: str = ""

    def get(self, name: str) -> str:
        """The attribute's value, '' where it is missing or has none."""
        return self.attributes.get(name) or ""


class Parsed:
    """A page read. encoding names the one it was decoded with, declared the one it claims ('' where it claims none); clipped: it was longer
    than is read, so absence on it proves nothing. garbled: its strings whose letters stood for others, with what is shown of them. links: what
    its elements lead to, as far as it was asked for (facts.links)."""

    __slots__ = ("clipped", "declared", "elements", "encoding", "garbled", "links", "root")

    def __init__(
        self, elements: list[Element], encoding: str, declared: str, clipped: bool, garbled: dict[str, Reading]
    ) -> None:
        self.elements = elements
        self.root = elements[0]
        self.encoding = encoding
        self.declared = declared
        self.clipped = clipped
        self.garbled = garbled
        self.links: dict[int, Link | None] = {}

    def dissolve(self) -> None:
        """Elements forget what they stand in, so that a page no longer held is gone at once, not at the next search for circles: that would
        cost gathering a fifth of its time. The page is of no use afterwards."""
        for element in self.elements:
            element.parent = None

    def within(self, element: Element) -> list[Element]:
        """The element and everything in it, in document order."""
        return self.elements[element.at : element.end]

    def selected(self) -> dict[str, Element]:
        """The elements whose selectors were asked for, by selector."""
        return {element.selector: element for element in self.elements if element.selector}


_PLAIN_TAG = re.compile(r"[a-z][a-z0-9-]*").fullmatch


def selector_of(element: Element) -> str:
    """The structural CSS path of an element: `html > body:nth-child(2) > p:nth-child(1)`, the same for every reading of the same bytes."""
    missing = []
    node: Element | None = element
    while node is not None and not node.selector:
        missing.append(node)
        node = node.parent
    for node in reversed(missing):
        tag = node.tag if _PLAIN_TAG(node.tag) else re.sub(r"([^\w-])", r"\\\1", node.tag)
        node.selector = f"{node.parent.selector} > {tag}:nth-child({node.nth})" if node.parent is not None else tag
    return element.selector


SPACED = frozenset(
    (
        "address", "article", "aside", "blockquote", "br", "button", "caption", "center", "dd", "details", "dialog",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hr", "img", "input", "label", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre",
        "section", "select", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
    )
)  # fmt: skip
"""Elements whose edges part words."""

INLINE_SPACED = frozenset(("br", "button", "hr", "img", "input", "label", "option"))
"""Those of them that stand within a line of text."""

SILENT = frozenset(
    (
        "script", "style", "noscript", "template", "select", "textarea", "iframe", "object", "svg", "math", "canvas", "video", "audio",
    )
)  # fmt: skip
"""Elements whose content is no text of the page."""


EDGE = "\x1f"
"""Stands between strings where one inline box ends or begins."""
_NOTHING = EDGE + " "
_EDGES = re.compile(f"{EDGE}+")


def pieces(element: Element, *, hidden: bool = False) -> list[str]:
    """The strings of an element in reading order, a space at edges that part words, a unit separator at other edges; with hidden also what
    is not displayed."""
    strings: list[str] = []
    stack: list[Element | str] = element.children[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            strings.append(node)
        elif node.tag not in SILENT and (hidden or not node.hidden):
            edge = " " if node.tag in SPACED else EDGE
            strings.append(edge)
            stack.append(edge)
            stack += node.children[::-1]
    return strings


def text_of(element: Element, *, hidden: bool = False) -> str:
    """The text of an element as a reader sees it: NFC, white space folded. Two inline boxes without a space between, the first ending in a
    small and the next beginning with a capital letter, are read as two words: style sheets set them apart."""
    children = element.children
    if len(children) == 1 and isinstance(children[0], str):
        return nfc_clean(children[0])
    return joined(pieces(element, hidden=hidden))


def joined(strings: Iterable[str]) -> str:
    """Strings of one stretch of text, with edges between them, as a reader sees them."""
    text = "".join(strings).strip(_NOTHING)
    if EDGE in text:
        text = _EDGES.sub(_part, text)
    return nfc_clean(text)


def _part(match: re.Match[str]) -> str:
    text = match.string
    return " " if text[match.start() - 1].islower() and text[match.end()].isupper() else ""
