"""What gathering needs of a page, cheap to read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.facts.forms import forms
from crawler.facts.links import Resolver, base_of, link_of
from crawler.facts.tree import Element, Parsed, selector_of, text_of
from crawler.model import Heading, Link, Outline, Place
from crawler.text import fold, nfc_clean
from crawler.vocabulary import word_set

_LEVELS = {f"h{n}": n for n in range(1, 7)}
_LINKS = frozenset(("a", "area", "option"))
_FORM_PARTS = frozenset(("input", "select", "textarea", "button"))
_FRAMES = frozenset(("iframe", "frame"))
_TELLING = _LINKS | _FORM_PARTS | _FRAMES | {*_LEVELS, "form", "label", "title", "script", "meta", "div"}
"""Elements an outline may say something of; others only where an attribute makes them a link or a heading, or their name is a made-up one."""
_CRUMB_SPLIT = re.compile(r"\s*[»›>→|/]+\s*")
_REFRESH = re.compile(r"^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"'\s][^\"']{0,2000})", re.IGNORECASE)
_FEW_CHARS, _FEW_LINKS = 200, 5  # assumed: a page with less than this and scripts is built by them
_BRIEF = 1500
_LITTLE_SAID = 300
"""Characters outside links and footers; a page that says less and still waits for something is built by scripts. Assumed."""
_LONGEST_WAIT = 40
_BOXES = frozenset(("div", "section", "article", "ul", "ol", "table", "tbody", "dl", "span", "p"))

FILE_NAME = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|rtf|zip|rar|7z|tiff?)(?=$|[?#&])", re.IGNORECASE)
"""Addresses of files a reader keeps."""


def outline(parsed: Parsed, url: str, *, selectors: bool = False) -> Outline:
    """The page's names, links and forms. Links carry selectors only if asked for: they cost as much as the rest."""
    resolve = Resolver(base_of(parsed, url))
    links: list[Link] = []
    headings: list[Heading] = []
    frames: list[str] = []
    inputs: list[Element] = []
    labels: list[Element] = []
    starts: list[Element] = []
    placed: list[Element] = []  # the outermost elements of each menu, footer, breadcrumb and side box
    title = refresh = ""
    scripts = idle = 0
    app_root = False
    roots = word_set("app_roots")
    body = Place.BODY
    for element in parsed.elements:
        tag, attributes, place = element.tag, element.attributes, element.place
        if place is not body and element.parent is not None and element.parent.place is not place:
            placed.append(element)
        if (
            tag not in _TELLING
            and "-" not in tag
            and not (attributes and ("onclick" in attributes or "role" in attributes))
        ):
            continue
        if tag in _LINKS or "onclick" in attributes:
            link = link_of(parsed, element, resolve, selectors=selectors)
            if link is not None:
                links.append(link)
            else:
                idle += tag != "option"
        if tag in _LEVELS or attributes.get("role") == "heading":
            text = text_of(element)
            if text:
                headings.append(Heading(_LEVELS.get(tag) or _level(element), text, selector_of(element), place))
        elif tag in _FORM_PARTS:
            idle += attributes.get("role") == "tab" or (tag == "button" and attributes.get("type") == "button")
            inputs.append(element)
        elif tag == "form":
            starts.append(element)
        elif tag == "label":
            labels.append(element)
        elif tag in _FRAMES:
            if source := resolve(element.get("src")):
                frames.append(source)
        elif tag == "title":
            title = title or ("" if _in_svg(element) else text_of(element))
        elif tag == "script":
            scripts += 1
        elif tag == "meta":
            if element.get("http-equiv").lower() == "refresh":
                refresh = refresh or _refresh(element.get("content"), resolve)
        elif tag == "div" or "-" in tag:
            app_root = app_root or element.get("id") in roots or tag in roots or "ng-app" in attributes
    chars = parsed.root.chars
    return Outline(
        url=url,
        title=title,
        headings=tuple(headings),
        breadcrumb=_breadcrumb(element for element in placed if element.place is Place.BREADCRUMB),
        links=tuple(links),
        forms=forms(parsed, resolve, inputs, labels, starts),
        lang=nfc_clean(parsed.root.get("lang") or parsed.root.get("xml:lang")),
        encoding=parsed.encoding,
        declared=parsed.declared,
        text_length=chars,
        scripted=scripts > 0
        and (
            (len(links) < _FEW_LINKS and chars < _FEW_CHARS and (app_root or chars < _FEW_CHARS // 4))
            or (_said(parsed.root, placed) < _LITTLE_SAID and _waits(parsed))
        ),
        frames=tuple(frames),
        refresh=refresh,
        scripts=scripts,
        idle=idle,
        brief=text_of(parsed.root)[:_BRIEF] if chars < _BRIEF else "",
    )


def _waits(parsed: Parsed) -> bool:
    """Whether a part of the page is empty but for the address of what fills it, says no more than that it is loading, or is a template."""
    marks, sources = word_set("loading"), word_set("filled_from")
    for element in parsed.elements:
        if element.chars == 0 and element.tag in _BOXES and not sources.isdisjoint(element.attributes):
            return True
        if 0 < element.chars <= _LONGEST_WAIT and not element.hidden and len(element.children) == 1:
            said = element.children[0]
            if isinstance(said, str) and (fold(said) in marks or said.lstrip().startswith("{{")):
                return True
    return False


def _said(root: Element, placed: Iterable[Element]) -> int:
    """The characters the page says outside links and footers."""
    footers = sum(element.chars - element.link_chars for element in placed if element.place is Place.FOOTER)
    return root.chars - root.link_chars - footers


def _level(element: Element) -> int:
    level = element.get("aria-level").strip()
    return int(level) if level in ("1", "2", "3", "4", "5", "6") else 2


def _in_svg(element: Element) -> bool:
    return element.parent is not None and element.parent.tag not in ("head", "html", "body")


def _refresh(content: str, resolve: Resolver) -> str:
    """Where a meta refresh leads, '' where it only reloads the page."""
    if "url" not in content.lower():
        return ""
    match = _REFRESH.match(content)
    return resolve(match[1]) if match else ""


def _breadcrumb(roots: Iterable[Element]) -> tuple[str, ...]:
    """The steps of the first breadcrumb that has any, without the marks between them."""
    for root in roots:
        steps: list[str] = []
        for piece in _runs(root):
            steps += [step for step in _CRUMB_SPLIT.split(piece) if step]
        if steps:
            return tuple(dict.fromkeys(steps))
    return ()


def _runs(root: Element) -> list[str]:
    """The texts of an element's innermost parts, in order."""
    if root.tag == "a" or not any(isinstance(child, Element) for child in root.children):
        text = text_of(root)
        return [text] if text else []
    runs: list[str] = []
    stack: list[Element | str] = list(reversed(root.children))
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            if text := nfc_clean(node):
                runs.append(text)
        elif node.tag == "a":
            if text := text_of(node):
                runs.append(text)
        elif node.tag not in ("script", "style", "noscript") and not node.hidden:
            stack.extend(reversed(node.children))
    return runs
