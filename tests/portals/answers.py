"""What a sample site answers to a request: its pages, searches, sent forms, and an honest 404."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from tests.portals import encodings
from tests.portals.model import Section
from tests.portals.pages import Page, Reply, as_json
from tests.portals.words import canonical, fold, text_of

if TYPE_CHECKING:
    from tests.portals.build import Built


def answer(built: Built, method: str, target: str, body: bytes = b"") -> Reply:
    """The reply to a request for `target` (path with query); an honest 404 for what is not there."""
    wanted = built.at(target)
    path, _, query = wanted.partition("?")
    values = dict(parse_qsl(query, keep_blank_values=True))
    if built.site.saved and (method == "POST" or path == built.layout["search"] or "tukhoa" in values):
        return _missing(built, path)
    if method == "POST":
        posted = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        back = _posted_back(built, path, values, posted) if "postback" in built.layout else None
        if back:
            return back
        values |= posted
        sent = _posted(built, wanted, values)
        if sent:
            return sent
    if path == built.layout["search"] and built.layout["query"] in values and built.site.search.mode != "none":
        return _search(built, values[built.layout["query"]])
    if "tukhoa" in values:
        if built.client:
            path = values.pop("route", path)
        return _document_search(built, path, values)
    late = None if built.site.saved else built.made_late(wanted)
    return built.replies.get(wanted) or late or _missing(built, path)


def _posted_back(built: Built, path: str, query: dict[str, str], posted: Mapping[str, str]) -> Reply | None:
    """What a page of one large form does when it is sent back to itself: search, look for documents, or turn a list's page."""
    names = built.layout["postback"]
    if names["search_button"] in posted:
        return Reply(
            302, {"Location": f"{built.layout['search']}?{urlencode({built.layout['query']: posted.get(names['search'], '')})}"}, b""
        )  # fmt: skip
    if names["documents_button"] in posted:
        return _document_search(built, path, query | {"tukhoa": posted.get(names["documents"], "")})
    argument = posted.get("__EVENTARGUMENT", "")
    if argument.startswith("Page$"):
        here = path + ("?" + urlencode(query) if query else "")
        number = argument.removeprefix("Page$")
        joint = "&" if "?" in here else "?"
        wanted = built.at(here if number == "1" else built.layout["more"].format(path=here, joint=joint, page=number))
        return built.replies.get(wanted) or built.made_late(wanted)
    return None


def _missing(built: Built, path: str) -> Reply:
    if built.layout.get("missing") == "home" and path.endswith("/"):
        return Reply(302, {"Location": built.paths["home"]}, b"")
    text = "<html><head><title>404</title></head><body><h1>404</h1><p>Không tìm thấy trang yêu cầu.</p></body></html>"
    return Reply(404, {"Content-Type": "text/html; charset=utf-8"}, text.encode())


def _posted(built: Built, wanted: str, values: Mapping[str, str]) -> Reply | None:
    for key, section in built.keys.items():
        path = built.paths.get(key, "")
        if section.form and wanted in (built.at(path), built.at(built.api(path)) if built.client else ""):
            content = f'<div class="notice">{html.escape(section.form.thanks)}</div>'
            return _on_demand(built, section.title or section.label, path, content, section)
    return None


def _search(built: Built, words: str) -> Reply:
    hits = find(built, words) if built.site.search.mode == "works" else []
    if built.client:
        return as_json({"query": words, "results": [{"title": page.title, "href": page.path} for page in hits]})
    page = Page(built.layout["search"], built.site.search.title, "search", "", None)
    content = built.render("search.html", page, query=words, hits=hits)
    return _on_demand(built, built.site.search.title, built.layout["search"], content, None)


def _document_search(built: Built, path: str, values: Mapping[str, str]) -> Reply:
    rest = {name: value for name, value in values.items() if name not in ("tukhoa", "loai", "nam", "coquan", "tim")}
    wanted = canonical(path + ("?" + urlencode(rest) if rest else ""))
    for key, section in built.keys.items():
        if section.documents and (built.at(built.paths[key]) == wanted or (built.client and built.paths[key] == path)):
            parts = fold(values["tukhoa"]).split()
            rows = [item for item in built.items[key] if all(part in fold(item["title"]) for part in parts)]
            page = Page(built.paths[key], section.label, "search", key, section)
            content = built.render("documents.html", page, items=rows, section=section, paths=[page.path], at=0)
            return _on_demand(built, section.title or section.label, built.paths[key], content, section)
    return _missing(built, path)


def find(built: Built, words: str) -> list[Page]:
    """Pages whose title or text holds every word, titles first; accents and case do not matter."""
    parts = fold(words).split()
    if not parts:
        return []
    kept = [page for page in [*built.pages, *(page for page, _ in built.late.values())] if page.kind != "home"]
    titled = [page for page in kept if all(part in fold(page.title) for part in parts)]
    worded = [
        page for page in kept if page not in titled and all(part in fold(text_of(page.content)) for part in parts)
    ]
    return (titled + worded)[:20]


def _on_demand(built: Built, title: str, path: str, content: str, section: Section | None) -> Reply:
    page = Page(path, title, "search", section.key if section else "", section)
    page.crumbs = [(built.site.home_label, built.paths["home"])]
    if built.client:
        return as_json({"title": title, "html": built.made_out(content), "crumbs": []})
    whole = built.made_out(built.render("shell.html", page, metadata=[], language="vi", content=content))
    whole = built.loaded_apart(whole)
    encoding = built.layout.get("encoding", "")
    charset = built.layout.get("charset", "utf-8")
    kind = "text/html" if encoding or not charset else f"text/html; charset={charset}"
    return Reply(200, {"Content-Type": kind}, encodings.encoded(whole, encoding))
