"""The ways off a page: anchors, areas, lists that jump, addresses in click handlers; each absolute and with the label a reader knows it by."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

from crawler.facts.tree import SILENT, Element, Parsed, selector_of, text_of
from crawler.model import Link
from crawler.text import nfc_clean

LONGEST_URL = 2000
"""Characters; longer addresses are no address a reader could use. Assumed."""
LONGEST_LABEL = 400
_SCRIPTED = re.compile(
    r"""(?:location(?:\.href)?\s{0,3}=\s{0,3}|location\.(?:assign|replace)\s{0,3}\(\s{0,3}|window\.open\s{0,3}\(\s{0,3}|open\(\s{0,3})["']([^"']{1,2000})["']"""
)
_FILE = re.compile(
    r"""["']((?:/|https?://)[^"']{1,1900}\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|rtf|zip|rar|7z))["']""", re.IGNORECASE
)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}:").match
_SPACES = str.maketrans({"\t": None, "\n": None, "\r": None, " ": "%20", "\\": "/"})


class Resolver:
    """Turns what a page writes for an address into an absolute one, '' where it leads to no page."""

    __slots__ = ("base", "directory", "origin")

    def __init__(self, base: str) -> None:
        self.base = base
        parts = urlsplit(base)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.directory = self.origin + parts.path[: parts.path.rfind("/") + 1] if parts.path else f"{self.origin}/"

    def __call__(self, written: str) -> str:
        # What all pages of a portal write alike is worked out once for all of them.
        if written.startswith(("/", "http://", "https://")):
            return _resolved(written, self.origin, self.origin, self.origin)
        return _resolved(written, self.base, self.origin, self.directory)


@lru_cache(maxsize=8192)
def _resolved(written: str, base: str, origin: str, directory: str) -> str:
    written = written.strip()
    if not written or len(written) > LONGEST_URL:
        return ""
    written = written.translate(_SPACES)
    head, mark, fragment = written.partition("#")
    route = f"#{fragment}" if mark and fragment[:1] in ("/", "!") else ""
    if mark and not head and not route:
        return ""
    address = _absolute(head, base, origin, directory)
    return address + route if address else ""


def _absolute(head: str, base: str, origin: str, directory: str) -> str:
    if _SCHEME(head):
        lower = head[:8].lower()
        if not lower.startswith(("http://", "https://")):
            return ""
        return head if head.count("/") > 2 and "/." not in head else _joined(base, head)
    if "./" in head or head.startswith(("//", "?")) or not head or head.endswith("."):
        return _joined(base, head)
    return origin + head if head[0] == "/" else directory + head


def _joined(base: str, head: str) -> str:
    try:
        address = urljoin(base, head)
        return address if urlsplit(address).hostname else ""
    except ValueError:  # [ ] that hold no IPv6 address
        return ""


def base_of(parsed: Parsed, url: str) -> str:
    """The address links are relative to: the page's own, or what its first base element says."""
    for element in parsed.elements:
        if element.tag == "base" and element.get("href"):
            base = _joined(url, element.get("href").strip())
            return base if base.startswith(("http://", "https://")) else url
        if element.tag == "body":
            break
    return url


def link_of(parsed: Parsed, element: Element, resolve: Resolver, *, selectors: bool = False) -> Link | None:
    """The link an element of the page is, None where it leads off to no page. It is read once, with its selector where that is wanted then."""
    at = element.at
    if at not in parsed.links:
        parsed.links[at] = _link(element, resolve, selectors=selectors)
    return parsed.links[at]


def _link(element: Element, resolve: Resolver, *, selectors: bool) -> Link | None:
    attributes = element.attributes
    tag = element.tag
    scripted = True
    if tag == "option":
        value = element.get("value").strip()
        url = resolve(value) if value.startswith(("http://", "https://", "/")) else ""
    else:
        href = attributes.get("href") if tag in ("a", "area") else None
        url = resolve(href) if href else ""
        scripted = not url
        if scripted:
            said = attributes.get("onclick") or (href if href and href[:11].lower() == "javascript:" else None)
            target = said and (_SCRIPTED.search(said[: 4 * LONGEST_URL]) or _FILE.search(said[: 4 * LONGEST_URL]))
            url = resolve(target[1]) if target else ""
    if not url:
        return None
    title = attributes.get("title")
    return Link(
        url=url,
        label=label_of(element),
        place=element.place,
        title=nfc_clean(title) if title else "",
        selector=selector_of(element) if selectors else "",
        scripted=scripted,
    )


def label_of(element: Element) -> str:
    """What a link is called: its text, else the text of its picture (alt, title), its own title or aria-label, else the picture's file name."""
    text = text_of(element, hidden=True)[:LONGEST_LABEL]
    if text:
        return _once(text)
    pictures = [child for child in _inner(element) if child.tag in ("img", "image", "input")] or [element]
    for source, names in ((pictures, ("alt", "title", "aria-label")), ([element], ("title", "aria-label", "alt"))):
        for one in source:
            for name in names:
                if value := nfc_clean(one.get(name)):
                    return (nfc_clean(unescape(value)) if "&" in value else value)[:LONGEST_LABEL]
    for one in pictures:
        if name := file_name(one.get("src")):
            return name
    return ""


def _once(text: str) -> str:
    """A label that says the same words twice (one copy for the pointer's hover), said once."""
    half = len(text) // 2
    if half > 3 and text[:half] == text[-half:] and text[half : len(text) - half] in ("", " "):
        return text[:half]
    return text


def _inner(element: Element) -> list[Element]:
    found, stack = [], [child for child in reversed(element.children) if isinstance(child, Element)]
    while stack:
        node = stack.pop()
        if node.tag not in SILENT:
            found.append(node)
            stack.extend(child for child in reversed(node.children) if isinstance(child, Element))
    return found


@lru_cache(maxsize=2048)
def file_name(src: str) -> str:
    """The words of a picture's file name without its extension: `images/lich_cong-tac.png` → `lich cong tac`; '' where it has none."""
    if src[:5].lower() == "data:":
        return ""
    name = unquote(src.partition("?")[0].rpartition("/")[2])
    return nfc_clean(re.sub(r"[-_+.]+", " ", name.rpartition(".")[0] or name))[:LONGEST_LABEL]
