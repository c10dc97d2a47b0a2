"""Tables that hold data, as rows of cells that line up; tables that only lay a page out are left aside."""

from __future__ import annotations

from statistics import median

from crawler.facts.forms import frames_page
from crawler.facts.links import Resolver, link_of
from crawler.facts.tree import Element, Parsed, selector_of, text_of
from crawler.model import Place, Row, Table

# What tells a data table from a layout one where nothing in it says so; assumed.
_LONG_CELL, _LONGEST_CELL, _FULL = 300, 4000, 0.3
MOST_CELLS = 50_000
"""Cells read of one page after spans are repeated; assumed ample."""
_WIDEST = 60
_OUTSIDE = (Place.MENU, Place.FOOTER, Place.BREADCRUMB)


def tables(parsed: Parsed, resolve: Resolver) -> tuple[Table, ...]:
    """The page's data tables in order, spans repeated into every cell they cover. Menus and footers hold none."""
    found = []
    budget = MOST_CELLS
    for element in parsed.elements:
        if element.tag != "table" or element.hidden or element.place in _OUTSIDE:
            continue
        inner = parsed.within(element)
        if any(each.tag == "table" for each in inner[1:]) or element.get("role") in ("presentation", "none"):
            continue
        if frames_page(element, parsed) and any(each.place in _OUTSIDE for each in inner):
            continue
        lines = [each for each in inner if each.tag == "tr" and not each.hidden]
        if len(lines) < 2:
            continue
        rows = _rows(parsed, lines, resolve, budget)
        budget -= sum(len(row.cells) for row in rows)
        if _is_data(element, inner, rows):
            found.append(Table(rows, selector_of(element)))
        if budget <= 0:
            break
    return tuple(found)


def _rows(parsed: Parsed, lines: list[Element], resolve: Resolver, budget: int) -> tuple[Row, ...]:
    rows: list[Row] = []
    pending: dict[int, tuple[int, str]] = {}  # column → rows still covered, text
    for line in lines:
        cells: list[str] = []
        own = [child for child in line.children if isinstance(child, Element) and child.tag in ("td", "th")]
        for cell in own:
            _carry(cells, pending)
            text = text_of(cell)
            for _ in range(_span(cell, "colspan")):
                if len(cells) >= _WIDEST:
                    break
                if (down := _span(cell, "rowspan")) > 1:
                    pending[len(cells)] = (down - 1, text)
                cells.append(text)
        _carry(cells, pending)
        budget -= len(cells)
        if budget < 0:
            break
        if cells:
            rows.append(Row(tuple(cells), _is_heading(line, own), _links(parsed, line, resolve), selector_of(line)))
    return tuple(rows)


def _carry(cells: list[str], pending: dict[int, tuple[int, str]]) -> None:
    """Put in the cells that rows above reach down into this place."""
    while len(cells) in pending:
        left, text = pending.pop(len(cells))
        if left > 1:
            pending[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: Element, name: str) -> int:
    written = cell.get(name).strip()
    return min(max(int(written), 1), 500) if written.isascii() and written.isdigit() and len(written) < 5 else 1


def _is_heading(line: Element, cells: list[Element]) -> bool:
    if not cells:
        return False
    if all(cell.tag == "th" for cell in cells) or (line.parent is not None and line.parent.tag == "thead"):
        return True
    return len(cells) > 1 and line.nth == 1 and all(_bold(cell) for cell in cells)


def _bold(cell: Element) -> bool:
    """Whether all a cell says is set in bold."""
    node = cell
    while True:
        solid = [child for child in node.children if not isinstance(child, str) or child.strip()]
        if len(solid) != 1 or isinstance(solid[0], str):
            return False
        node = solid[0]
        if node.tag in ("b", "strong"):
            return True


def _links(parsed: Parsed, line: Element, resolve: Resolver) -> tuple[str, ...]:
    found = [
        link_of(parsed, each, resolve)
        for each in parsed.within(line)
        if each.tag == "a" or "onclick" in each.attributes
    ]
    return tuple(dict.fromkeys(link.url for link in found if link is not None))


def _is_data(element: Element, inner: list[Element], rows: tuple[Row, ...]) -> bool:
    """Whether a table without tables in it holds data: it says so (th, caption, border), or its rows are regular and its cells short."""
    wide = [row for row in rows if len(row.cells) >= 2]
    if len(wide) < 2 or len(wide) < len(rows) / 2:
        return False
    lengths = [len(cell) for row in wide for cell in row.cells]
    full = sum(1 for length in lengths if length) / len(lengths)
    if full < _FULL:
        return False
    if any(each.tag in ("th", "thead", "caption") for each in inner):
        return True
    if element.get("border") not in ("", "0"):
        return True
    return max(lengths) <= _LONGEST_CELL and median(lengths) <= _LONG_CELL
