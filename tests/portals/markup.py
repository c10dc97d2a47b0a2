"""The few marks the data files are written in, made into HTML."""

from __future__ import annotations

import re
from html import escape

_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def render(text: str) -> str:
    """HTML of marked text: `## heading`, `- item` (nested by two blanks), `| a | b |` tables, `: term :: words`,
    `[text](address)`, `![alt](picture)`, raw lines that start with <."""
    lines = text.strip("\n").split("\n")
    out: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        kind = _kind(line)
        if kind in _RUNS:
            end = at
            while end < len(lines) and _kind(lines[end]) == kind:
                end += 1
            out.append(_RUNS[kind](lines[at:end]))
            at = end
            continue
        if kind == "heading":
            level = len(line) - len(line.lstrip("#"))
            out.append(f"<h{level}>{inline(line.lstrip('# '))}</h{level}>")
        at += 1
    return "\n".join(out)


def inline(text: str) -> str:
    """HTML of one line, with its links, pictures and bold words."""
    text = escape(text, quote=False)
    text = _LINK.sub(_link, text)
    return _BOLD.sub(r"<b>\1</b>", text)


def _link(found: re.Match[str]) -> str:
    picture, words, address = found.groups()
    if picture:
        return f'<img src="{address}" alt="{words}" class="content-image">'
    target = ' target="_blank"' if address.startswith("http") else ""
    return f'<a href="{address}"{target}>{words}</a>'


def _kind(line: str) -> str:
    bare = line.strip()
    for start, kind in (("<", "raw"), ("##", "heading"), ("- ", "item"), ("|", "row"), (": ", "term")):
        if bare.startswith(start):
            return kind
    return "text" if bare else ""


def _paragraph(lines: list[str]) -> str:
    return "<p>" + "<br>\n".join(inline(line.strip()) for line in lines) + "</p>"


def _items(lines: list[str]) -> str:
    out: list[str] = []
    depth = -1
    for line in lines:
        here = (len(line) - len(line.lstrip())) // 2
        if here > depth:
            out.extend(["<ul>"] * (here - depth))
        else:
            out.append("</li>")
            out.extend(["</ul></li>"] * (depth - here))
        depth = here
        out.append(f"<li>{inline(line.strip()[2:])}")
    out.append("</li></ul>" + "</li></ul>" * depth)
    return "".join(out)


def _table(lines: list[str]) -> str:
    rows = [[inline(cell.strip()) for cell in line.strip().strip("|").split("|")] for line in lines]
    head = "".join(f"<th>{cell}</th>" for cell in rows[0])
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows[1:])
    return f'<table class="grid">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'


def _terms(lines: list[str]) -> str:
    pairs = [line.strip()[2:].split("::", 1) for line in lines]
    inner = "".join(f"<dt>{inline(a.strip())}</dt><dd>{inline(b.strip())}</dd>" for a, b in pairs)
    return f"<dl>{inner}</dl>"


def _raw(lines: list[str]) -> str:
    return "\n".join(lines)


_RUNS = {"text": _paragraph, "item": _items, "row": _table, "term": _terms, "raw": _raw}
