"""The runs of text a reader sees: paragraphs, cells, list items, headings, each with where it stands."""

from __future__ import annotations

from crawler.facts.legacy import Reading
from crawler.facts.tree import EDGE, INLINE_SPACED, SILENT, SPACED, Element, Parsed, joined, selector_of
from crawler.model import Text

MOST_TEXTS = 20_000
"""Runs read of one page; assumed ample."""


def texts(parsed: Parsed) -> tuple[Text, ...]:
    """Every visible run of text in reading order. A run belongs to the innermost block it stands in; line breaks in it are spaces."""
    found: list[Text] = []
    for element, run in runs(parsed.root):
        text = joined(run)
        if text:
            shown, garbled = _as_shown(run, parsed.garbled) if parsed.garbled else ("", "")
            found.append(
                Text(
                    text=text,
                    selector=selector_of(element),
                    place=element.place,
                    tag=element.tag,
                    shown=shown,
                    garbled=garbled,
                )
            )
            if len(found) >= MOST_TEXTS:
                break
    return tuple(found)


def _as_shown(run: list[str], garbled: dict[str, Reading]) -> tuple[str, str]:
    """What the page's letters show for a run, and how it was garbled; two empty strings where it was not."""
    readings = [garbled.get(string) for string in run]
    kind = next((reading.kind for reading in readings if reading is not None and reading.kind), None)
    if kind is None:
        return "", ""
    shown = [string if reading is None else reading.shown for string, reading in zip(run, readings, strict=True)]
    return joined(shown), kind.value


def runs(root: Element) -> list[tuple[Element, list[str]]]:
    """Each block's stretches of inline strings, in reading order; what is hidden or silent is left out."""
    found: list[tuple[Element, list[str]]] = []
    block = root
    run: list[str] = []
    stack: list[Element | str | tuple[Element]] = list(reversed(root.children))
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            run.append(node)
        elif isinstance(node, tuple):
            if run:
                found.append((block, run))
                run = []
            block = node[0]
        elif node.hidden or (tag := node.tag) in SILENT or tag == "head":
            continue
        elif tag in SPACED:
            if tag in INLINE_SPACED:
                run.append(" ")
                stack.append(" ")
            else:
                if run:
                    found.append((block, run))
                    run = []
                stack.append((block,))
                block = node
            stack.extend(reversed(node.children))
        else:
            run.append(EDGE)
            stack.append(EDGE)
            stack.extend(reversed(node.children))
    if run:
        found.append((block, run))
    return found
