"""A page as a plain tree: elements in document order, each with its attributes, its place and how much text and how many links it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crawler.model import Place
from crawler.text import nfc_clean


class Element:
    """One element. at and end: its subtree is `parsed.elements[at:end]`. nth counts element siblings from 1. chars and link_chars count
    visible characters in it and in its links, links its links; all are filled when the page is marked (facts.places)."""

    __slots__ = (
        "_selector",
        "at",
        "attributes",
        "chars",
        "children",
        "end",
        "hidden",
        "link_chars",
        "links",
        "nth",
        "parent",
        "place",
        "tag",
    )

    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Element | None, at: int, nth: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.children: list[Element | str] = []
        self.at = at
        self.end = at + 1
        self.nth = nth
        self.place = Place.BODY
        self.hidden = False
        self.chars = self.link_chars = self.links = 0
        self._selector = ""

    def get(self, name: str) -> str:
        """The attribute's value, '' where it is missing or has none."""
        return self.attributes.get(name) or ""


class Parsed:
    """A page read. encoding names the one it was decoded with, declared the one it claims ('' where it claims none); clipped: it was longer
    than is read, so absence on it proves nothing."""

    __slots__ = ("clipped", "declared", "elements", "encoding", "root")

    def __init__(self, elements: list[Element], encoding: str, declared: str, clipped: bool) -> None:
        self.elements = elements
        self.root = elements[0]
        self.encoding = encoding
        self.declared = declared
        self.clipped = clipped

    def within(self, element: Element) -> list[Element]:
        """The element and everything in it, in document order."""
        return self.elements[element.at : element.end]

    def selected(self) -> dict[str, Element]:
        """The elements whose selectors were asked for, by selector."""
        return {element._selector: element for element in self.elements if element._selector}


_PLAIN_TAG = re.compile(r"[a-z][a-z0-9-]*").fullmatch


def selector_of(element: Element) -> str:
    """The structural CSS path of an element: `html > body:nth-child(2) > p:nth-child(1)`, the same for every reading of the same bytes."""
    missing = []
    node: Element | None = element
    while node is not None and not node._selector:
        missing.append(node)
        node = node.parent
    for node in reversed(missing):
        tag = node.tag if _PLAIN_TAG(node.tag) else re.sub(r"([^\w-])", r"\\\1", node.tag)
        node._selector = f"{node.parent._selector} > {tag}:nth-child({node.nth})" if node.parent is not None else tag
    return element._selector


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
_JOINED = re.compile(rf"(?<=[^\W\d_]){EDGE}+(?=[^\W\d_])")


def pieces(element: Element, *, hidden: bool = False) -> Iterator[str]:
    """The strings of an element in reading order, a space at edges that part words, a unit separator at other edges; with hidden also what
    is not displayed."""
    stack: list[Element | str] = list(reversed(element.children))
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif node.tag not in SILENT and (hidden or not node.hidden):
            edge = " " if node.tag in SPACED else EDGE
            yield edge
            stack.append(edge)
            stack.extend(reversed(node.children))


def text_of(element: Element, *, hidden: bool = False) -> str:
    """The text of an element as a reader sees it: NFC, white space folded. Two inline boxes without a space between, the first ending in a
    small and the next beginning with a capital letter, are read as two words: style sheets set them apart."""
    children = element.children
    if len(children) == 1 and isinstance(children[0], str):
        return nfc_clean(children[0])
    return joined(pieces(element, hidden=hidden))


def joined(strings: Iterable[str]) -> str:
    """Strings of one stretch of text, with edges between them, as a reader sees them."""
    text = "".join(strings)
    if EDGE in text:
        text = _JOINED.sub(_part, text).replace(EDGE, "")
    return nfc_clean(text)


def _part(match: re.Match[str]) -> str:
    text = match.string
    return " " if text[match.start() - 1].islower() and text[match.end()].isupper() else ""
