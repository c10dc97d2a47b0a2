"""Bytes of a page → its tree. Broken markup is read as a browser reads it; nothing here fails, however bad the bytes are."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from crawler.facts.legacy import Legacy, kept_bytes
from crawler.facts.mending import mend, misread
from crawler.facts.places import mark
from crawler.facts.taming import tamed
from crawler.facts.tree import Element, Parsed

__all__ = ["Decoded", "Parsed", "decode", "parse"]

MOST_BYTES = 4_000_000
"""Bytes read of one page; assumed ample (the largest page at hand has one million)."""
MOST_ELEMENTS = 60_000
"""Elements read of one page; assumed ample (the largest page at hand has seven thousand)."""
MOST_DEPTH = 160
"""Depth beyond which elements are hung on the last one, so that hostile nesting costs no more than a long page."""
UNREAD = frozenset(("script", "style", "noscript"))
"""Elements whose content is no part of the tree."""

# Labels of encodings that browsers read as another one (encoding.spec.whatwg.org), by Python's codec names.
_READ_AS = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030",
            "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "utf-16": "utf-16-le"}  # fmt: skip
_KNOWN = frozenset(
    [
        "utf-8",
        "utf-16-le",
        "utf-16-be",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        "big5",
        "big5hkscs",
        "gb18030",
        "cp932",
        "euc_jp",
        "iso2022_jp",
        "cp949",
        "cp866",
    ]
    + [f"cp125{n}" for n in range(9)]
    + [f"iso8859-{n}" for n in range(2, 17)]
    + ["cp874"]
)
_NAMES = {f"cp125{n}": f"windows-125{n}" for n in range(9)}
_SINGLE_BYTES = ("cp125", "cp8", "iso8859", "koi8", "mac")
_BYTES_OF = {Legacy.WINDOWS_1258: "windows-1258", Legacy.TCVN3: "windows-1252", Legacy.VNI: "windows-1252"}
"""The encoding a page is sent in whose letters are those of an old one."""
_FALLBACK = "cp1258"  # what Vietnamese browsers read undeclared bytes as


def parse(body: bytes, content_type: str = "") -> Parsed:
    """The page as a tree with places marked, its text Unicode in NFC. content_type is the header's value, with its charset where it has one."""
    decoded = decode(body[:MOST_BYTES], content_type)
    document = LexborHTMLParser(tamed(_without_head_noscript(decoded.text)))
    elements, clipped = _build(document)
    garbled, main = mend(elements, decoded.text, kept=decoded.kept)
    if decoded.misread:
        garbled = misread(elements, decoded.misread)
    mark(elements)
    encoding = _BYTES_OF.get(main, decoded.encoding) if decoded.kept else decoded.encoding
    return Parsed(elements, encoding, decoded.declared, clipped or len(body) > MOST_BYTES, garbled)


class Decoded(NamedTuple):
    """A page's text; the encoding it was read in and the one declared ('' for none), by their names on the web.

    misread: the codec browsers read it in, where that is a wrong one and shows other letters. kept: the bytes are not all UTF-8, as they should
    be; those that are none stand in the text as letters of their own (legacy.kept_bytes).
    """

    text: str
    encoding: str
    declared: str
    misread: str = ""
    kept: bool = False


def decode(body: bytes, content_type: str = "") -> Decoded:
    """A byte order mark wins, then the header, then the page's own word; without any, UTF-8 where the bytes are valid UTF-8, else windows-1258.
    What is declared in an encoding of single bytes and is valid UTF-8 throughout is UTF-8."""
    marked, mark_bytes = read_bom(body)
    claimed = _known(http_content_type_encoding(content_type)) if content_type else ""
    if not claimed:
        claimed = _known(html_body_declared_encoding(body))
        claimed = "utf-8" if claimed.startswith("utf-16") else claimed  # it could not have been read, had it been so
    codec = _known(marked) or claimed
    if marked and mark_bytes:
        body = body[len(mark_bytes) :]
    declared = _NAMES.get(claimed, claimed)
    single = codec.startswith(_SINGLE_BYTES)
    text = _as_utf8(body) if codec in ("", "utf-8") or (single and not body.isascii()) else None
    if text is not None:
        return Decoded(text, "utf-8", declared, misread=codec if single else "")
    if codec == "utf-8":
        return Decoded(kept_bytes(body), codec, declared, kept=True)
    codec = codec or _FALLBACK
    return Decoded(body.decode(codec, "replace"), _NAMES.get(codec, codec), declared)


def _known(label: str | None) -> str:
    """The codec a label means to a browser, '' for a label no browser knows (Python would take `unicode_escape` for one)."""
    if not label:
        return ""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return ""
    name = _READ_AS.get(name, name)
    return name if name in _KNOWN else ""


def _as_utf8(body: bytes) -> str | None:
    """The text of bytes that are UTF-8 but for a letter cut off at their end, None for others."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as broken:
        cut = broken.start > len(body) - 4 and broken.reason == "unexpected end of data"
        return body.decode("utf-8", "replace") if cut else None


def _without_head_noscript(text: str) -> str:
    """The text with noscript elements in the head emptied: read without script, an image in one would end the head and shift every path."""
    head_end = text.find("<body")
    head = text[: max(head_end, 0)]
    if "<noscript" not in head:
        return text
    kept, position = [], 0
    while (start := head.find("<noscript", position)) >= 0:
        opened, closing = head.find(">", start) + 1, head.find("</noscript", start)
        if not opened or closing < opened or "-->" in head[opened:closing]:
            break
        kept.append(head[position:opened])
        position = closing
    return "".join(kept) + text[position:]


def _build(document: LexborHTMLParser) -> tuple[list[Element], bool]:
    """The document's elements in order with their text, and whether it had more than are read."""
    source = document.root
    root = Element("html", source.attributes if source is not None else {}, None, 0, 1, 1)
    elements = [root]
    if source is None:
        return elements, False
    node, parent, depth = source.first_child, root, 1
    waiting: list[tuple[object, Element, int]] = []
    counts = [0]
    while True:
        while node is not None:
            tag = node.tag or "-"
            if tag == "-text":
                parent.children.append(node.text_content or "")
            elif tag[0] not in "-!":
                at = len(counts)
                if at >= MOST_ELEMENTS:
                    return elements, True
                nth = counts[parent.at] = counts[parent.at] + 1
                counts.append(0)
                element = Element(tag, node.attributes, parent, at, at + 1, nth)
                elements.append(element)
                parent.children.append(element)
                child = None if tag in UNREAD else node.first_child
                if child is not None:
                    following = node.next
                    if following is not None:
                        waiting.append((following, parent, depth))
                    if depth < MOST_DEPTH:
                        parent, depth = element, depth + 1
                    node = child
                    continue
            node = node.next
        if not waiting:
            return elements, False
        node, parent, depth = waiting.pop()  # type: ignore[assignment]
