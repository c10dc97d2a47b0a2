"""A sample portal made into answers: data file and platform folder in, `path → (status, headers, body)` out."""

from __future__ import annotations

import html as htmllib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import yaml
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from tests.portals import attachments, encodings, markup
from tests.portals.model import Documents, Portal, Section, Site, articles, questions, stock, walk

PLATFORMS = Path(__file__).parent / "platforms"
_LATE = re.compile(r"""(?<=["'(])(page|file|img|face|label|sibling|home):([^"'()#\\\s]*)""")
_NAMES = ("type", "number", "issuer", "issued", "effective", "abstract", "posted")
_LABELS = {
    "type": "Loại văn bản",
    "number": "Số ký hiệu",
    "issuer": "Cơ quan ban hành",
    "issued": "Ngày ban hành",
    "effective": "Ngày có hiệu lực",
    "abstract": "Trích yếu",
    "posted": "Ngày đăng",
}
_DAYS = ["Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật"]


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


def build(portal: Portal, addresses: Mapping[str, str] | None = None) -> dict[str, Built]:
    """Every host of the portal, by name of sibling ("" for the main one). `addresses` gives the siblings' base addresses for links across hosts."""
    given = addresses or {}
    known = {name: given.get(name) or f"http://{site.host}" for name, site in portal.siblings.items()}
    known[""] = given.get("") or f"http://{portal.site.host or urlsplit(portal.declared_address).netloc}"
    return {name: Built(portal, site, known) for name, site in {"": portal.site, **portal.siblings}.items()}


class Built:
    """One host ready to answer: `pages` in order of making, `answer` for a request."""

    def __init__(self, portal: Portal, site: Site, addresses: Mapping[str, str]) -> None:
        self.portal, self.site, self.addresses = portal, site, addresses
        self.layout: dict[str, Any] = layout(site.platform) | site.options.get("layout", {})
        self.env = environment(site.platform)
        self.client = bool(self.layout.get("client"))
        self._number = int(self.layout.get("first_number", 100))
        self.replies: dict[str, Reply] = {}
        self.pages: list[Page] = []
        self.keys: dict[str, Section] = {}
        self.paths: dict[str, str] = {"home": self.layout["home"].format(agency=portal.portal)}
        self.items: dict[str, list[dict[str, Any]]] = {}
        self._above: dict[str, tuple[Section, ...]] = {}
        self._made: set[str] = set()
        self._place_sections()
        self._make_pages()
        for page in self.pages:
            self._dress(page)
        self._fixtures()

    # -- where things are -----------------------------------------------------------------------------------------

    def _place_sections(self) -> None:
        for section, above in walk(self.site.sections):
            section.slug = section.slug or slugify(section.label)
            section.key = section.key or section.slug
            if section.key in self.keys:
                raise ValueError(f"{self.portal.portal}: two sections called {section.key}")
            self.keys[section.key] = section
            self._above[section.key] = above
            if not section.link:
                self.paths[section.key] = section.path or self._path("section", section)

    def _path(self, kind: str, section: Section, name: str = "") -> str:
        self._number += 1
        pattern = self.layout.get(kind) or self.layout["article"]
        slugs = [part.slug for part in self._above[section.key]] + [section.slug]
        made = pattern.format(
            slug=section.slug, name=name[:70].rstrip("-"), id=self._number, code=code(section.key + name),
            agency=self.portal.portal, nested="/".join(slugs),
        )  # fmt: skip
        return str(made)

    def _late(self, text: str) -> str:
        return _LATE.sub(self._target, text)

    def _target(self, found: re.Match[str]) -> str:
        kind, rest = found.groups()
        if kind == "home":
            return self.paths["home"]
        if kind == "page":
            if rest not in self.paths:
                raise ValueError(f"{self.portal.portal}: no page {rest}")
            return self.paths[rest]
        if kind == "sibling":
            name, _, path = rest.partition("/")
            return self.addresses[name] + "/" + path
        return self._asset(kind, rest)

    def _asset(self, kind: str, name: str) -> str:
        pattern = self.layout[kind if kind in ("file", "label") else "image"]
        ending = "" if kind == "file" else ".svg"
        path = pattern.format(file=name + ending, number=int(code(name), 16) % 90000 + 10000)
        if path not in self._made:
            self._made.add(path)
            media, body = ("image/svg+xml", b"")
            if kind == "file":
                media, body = attachments.attachment(name)
            else:
                body = self._drawn(kind, name).encode()
            self.replies[self.at(path)] = Reply(200, {"Content-Type": media}, body)
        return str(path)

    def _drawn(self, kind: str, name: str) -> str:
        if kind == "label":
            return attachments.label(self.keys[name].label if name in self.keys else self.site.home_label)
        return attachments.picture(name) if kind == "img" else attachments.portrait(name)

    # -- pages ----------------------------------------------------------------------------------------------------

    def _make_pages(self) -> None:
        for key, section in self.keys.items():
            if section.link or section.redirect:
                continue
            if section.articles:
                self.items[key] = list(self._articles(section))
            elif section.documents:
                self.items[key] = list(self._documents(section))
            elif section.people:
                self.items[key] = list(self._people(section))
            elif section.questions:
                self.items[key] = list(self._questions(section))
        for key, section in self.keys.items():
            if section.redirect:
                target = self._late(f'"{section.redirect}"').strip('"')
                self.replies[self.at(self.paths[key])] = Reply(302, {"Location": target}, b"")
            elif not section.link:
                self._make_section(key, section)
        self.pages.insert(0, Page(self.paths["home"], self.site.title, "home", "home", None))
        self.pages[0].content = self._render("home.html", self.pages[0])

    def _make_section(self, key: str, section: Section) -> None:
        items = self.items.get(key, [])
        lists = section.articles or section.documents
        size = lists.per_page if lists else max(len(items), 1)
        chunks = [items[at : at + size] for at in range(0, len(items), size)] or [[]]
        paths = [self.paths[key]] + [self._more(key, section, number) for number in range(2, len(chunks) + 1)]
        for number, chunk in enumerate(chunks):
            page = self._page(paths[number], section.title or section.label, "section", section)
            page.content = self._section_content(section, page, chunk, paths, number)
            self.pages.append(page)
        for item in items:
            if item.get("path"):
                page = self._page(item["path"], item["title"], item["kind"], section, inner=True)
                page.published, page.lead = item.get("date"), item.get("lead", "")
                page.content = self._render(f"{item['kind']}.html", page, item=item, section=section)
                self.pages.append(page)

    def _more(self, key: str, section: Section, number: int) -> str:
        base = self.paths[key]
        made = self.layout["more"].format(
            path=base, joint="&" if "?" in base else "?", page=number, slug=section.slug, code=code(key)
        )
        return str(made)

    def _section_content(
        self, section: Section, page: Page, items: list[dict[str, Any]], paths: list[str], number: int
    ) -> str:
        parts = [markup.render(section.body)] if section.body and number == 0 else []
        kinds = [kind for kind in ("articles", "documents", "people", "questions") if getattr(section, kind)]
        shown = {"items": items, "section": section, "paths": paths, "at": number}
        parts += [self._render(f"{kind}.html", page, **shown) for kind in kinds]
        if section.sitemap:
            parts.append(self._render("sitemap.html", page, nodes=self.tree("sitemap")))
        if section.form:
            parts.append(self._render("form.html", page, form=section.form, section=section))
        if section.after:
            parts.append(markup.render(section.after))
        if not parts:
            parts.append(self._render("children.html", page, nodes=self._children(section, "menu")))
        return "\n".join(parts)

    def _page(self, path: str, title: str, kind: str, section: Section, *, inner: bool = False) -> Page:
        crumbs = [(self.site.home_label, self.paths["home"])] if section.crumbs else []
        chain = (*self._above[section.key], section) if inner else self._above[section.key]
        if section.crumbs:
            crumbs += [(part.label, self.paths.get(part.key, "")) for part in chain]
        return Page(path, title, kind, section.key, section, crumbs=crumbs)

    def _articles(self, section: Section) -> Iterator[dict[str, Any]]:
        assert section.articles
        start = section.articles.start or self.portal.now
        for place, item in enumerate(articles(section.articles)):
            when = item.date or start - timedelta(days=section.articles.step * place)
            name = slugify(item.title)
            path = self._path("article", section, name) if section.articles.details else ""
            yield {
                "kind": "article",
                "title": item.title,
                "date": when,
                "lead": item.lead or (self._stock(section.articles.stock, item.title, 1)[0] if section.articles.leads else ""),
                "path": path,
                "body": markup.render(item.body) if item.body else self._filler(section.articles.stock, item.title),
                "file": f"file:{item.file}" if item.file else "",
                "image": "img:" + code(item.title)[:8],
                "lang": item.lang or section.lang,
            }  # fmt: skip

    def _filler(self, kind: str, title: str) -> str:
        return "\n".join(f"<p>{htmllib.escape(text)}</p>" for text in self._stock(kind, title, 4))

    def _stock(self, kind: str, title: str, count: int) -> list[str]:
        pool = stock()[kind]
        first = int(code(title), 16)
        picked = [pool[(first + place * 7) % len(pool)] for place in range(count)]
        return [
            text.format(title=title, agency=self.portal.agency, short=self.site.short or self.portal.agency)
            for text in picked
        ]

    def _documents(self, section: Section) -> Iterator[dict[str, Any]]:
        assert section.documents
        shown = section.documents
        labels = _LABELS | shown.labels
        for row in shown.rows:
            values = dict(zip(_NAMES, [cell.strip() for cell in row.split("|")], strict=False))
            title = " ".join(filter(None, [values.get("type", ""), values.get("number", ""), values["abstract"]]))
            name = slugify(" ".join([values.get("type", ""), values.get("number", ""), values["abstract"]]))
            for key in ("issued", "effective", "posted"):
                if values.get(key):
                    values[key] = self.day(date.fromisoformat(values[key]), shown.date_form)
            file = f"file:{slugify(values.get('number') or values['abstract'])[:40]}.{shown.file}" if shown.file else ""
            yield {
                "kind": "document",
                "title": title,
                "facts": values,
                "labels": labels,
                "path": self._path("document", section, name) if shown.form != "none" else "",
                "file": file,
                "fields": [(labels[key], values.get(key, "")) for key in shown.fields],
                "columns": [(labels[key], values.get(key, ""), key) for key in shown.columns],
            }

    def _people(self, section: Section) -> Iterator[dict[str, Any]]:
        assert section.people
        for person in section.people.items:
            yield {
                "kind": "person",
                "title": person.name,
                "person": person,
                "bio": markup.render(person.bio),
                "duties": markup.render(person.duties),
                "path": self._path("person", section, slugify(person.name)) if section.people.details else "",
                "image": "face:" + code(person.name)[:8],
            }

    def _questions(self, section: Section) -> Iterator[dict[str, Any]]:
        assert section.questions
        for question in questions(section.questions):
            yield {
                "kind": "question",
                "title": question.title,
                "q": question,
                "date": question.asked,
                "answer": markup.render(question.answer),
                "path": self._path("question", section, slugify(question.title)) if section.questions.details else "",
            }

    # -- menus ----------------------------------------------------------------------------------------------------

    def tree(self, place: str) -> list[Node]:
        """The entries of one place, with what hangs under them."""
        wanted = {"menu", "footer", "sitemap", "side"} if place == "sitemap" else {place}
        return [self._node(part, place) for part in self.site.sections if wanted & set(part.places)]

    def _children(self, section: Section, place: str) -> tuple[Node, ...]:
        wanted = {"menu", "sitemap"} if place == "sitemap" else {"menu", place}
        return tuple(self._node(part, place) for part in section.children if wanted & set(part.places))

    def _node(self, section: Section, place: str) -> Node:
        href = section.link or f"page:{section.key}"
        return Node(section.label, href, section.new_window, self._children(section, place), section.key)

    # -- clothes --------------------------------------------------------------------------------------------------

    def day(self, when: date, form: str = "") -> str:
        """A date the way this portal writes dates; %A is the day of the week in Vietnamese."""
        return when.strftime((form or self.site.date_form).replace("%A", _DAYS[when.weekday()]))

    def _render(self, template: str, page: Page, **more: Any) -> str:
        context = {
            "site": self.site, "portal": self.portal, "page": page, "layout": self.layout, "day": self.day,
            "tree": self.tree, "items_of": lambda key: self.items.get(key, []), "paths_of": self.paths,
            "label_of": lambda key: self.keys[key].label, "mark": markup.render, "now": self.portal.now, "client": self.client,
            "section_children": lambda key: self._children(self.keys[key], "menu"),
        }  # fmt: skip
        return self.env.get_template(template).render(context | more)

    def _metadata(self, page: Page) -> list[tuple[str, str]]:
        facts = {
            "title": page.title,
            "date": (page.published or self.portal.now).isoformat(),
            "path": f"{self.addresses['']}{page.path}",
            "lead": page.lead or page.title,
        }
        return [(name, text.format(**facts)) for name, text in self.site.metadata.items()]

    def _dress(self, page: Page) -> None:
        section = page.section
        wrap = section.wrap if section and section.wrap else "shell.html"
        language = section.lang if section else "vi"
        whole = self._render(wrap, page, metadata=self._metadata(page), language=language, content=page.content)
        page.html = self._late(whole)
        page.content = self._late(page.content)
        if section and section.decomposed:
            page.html = unicodedata.normalize("NFD", page.html)
        encoding = (section.encoding if section else "") or self.layout.get("encoding", "")
        if self.client:
            self._client_answers(page)
        else:
            charset = self.layout.get("charset", "utf-8")
            kind = "text/html" if encoding or not charset else f"text/html; charset={charset}"
            self.replies[self.at(page.path)] = Reply(
                200, {"Content-Type": kind}, encodings.encoded(page.html, encoding)
            )

    def _client_answers(self, page: Page) -> None:
        shell = self._late(self._render("app.html", page)).encode()
        route = page.path.split("#")[0]
        self.replies.setdefault(self.at(route), Reply(200, {"Content-Type": "text/html; charset=utf-8"}, shell))
        told = {
            "title": page.title, "kind": page.kind, "crumbs": [{"label": a, "href": b} for a, b in page.crumbs],
            "html": page.content, "active": page.key, "published": page.published and self.day(page.published),
        }  # fmt: skip
        self.replies[self.at(self.api(page.path))] = as_json(told)

    def at(self, target: str) -> str:
        """The request target as `replies` knows it: query sorted, the platform's passing state left out."""
        return canonical(target, self.layout.get("ignore", ()))

    def api(self, path: str) -> str:
        """Where a client-rendered page gets its content."""
        return str(self.layout["api"]) + "?" + urlencode({"route": path})

    def _fixtures(self) -> None:
        blank = Page("", self.site.title, "fixture", "", None)
        for path, (template, kind) in self.layout.get("fixtures", {}).items():
            body = self._late(self._render(template, blank, metadata=[], language="vi", content=""))
            encoding = self.layout.get("encoding", "") if kind.startswith("text/html") else ""
            self.replies[self.at(path)] = Reply(200, {"Content-Type": kind}, encodings.encoded(body, encoding))
        if self.layout.get("index") == "redirect":
            self.replies["/"] = Reply(302, {"Location": self.paths["home"]}, b"")
        if self.layout.get("index") == "home":
            self.replies.setdefault("/", self.replies[self.at(self.paths["home"])])
        if self.client:
            self.replies[self.layout["api_menu"]] = as_json([as_tree(self, node) for node in self.tree("menu")])

    # -- answers --------------------------------------------------------------------------------------------------

    def answer(self, method: str, target: str, body: bytes = b"") -> Reply:
        """The reply to a request for `target` (path with query); an honest 404 for what is not there."""
        wanted = self.at(target)
        path, _, query = wanted.partition("?")
        values = dict(parse_qsl(query, keep_blank_values=True))
        if method == "POST":
            values |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            sent = self._posted(wanted, values)
            if sent:
                return sent
        if path == self.layout["search"] and self.layout["query"] in values and self.site.search.mode != "none":
            return self._search(values[self.layout["query"]])
        if "tukhoa" in values:
            if self.client:
                path = values.pop("route", path)
            return self._document_search(path, values)
        return self.replies.get(wanted) or self._missing(path)

    def _missing(self, path: str) -> Reply:
        if self.layout.get("missing") == "home" and path.endswith("/"):
            return Reply(302, {"Location": self.paths["home"]}, b"")
        text = (
            "<html><head><title>404</title></head><body><h1>404</h1><p>Không tìm thấy trang yêu cầu.</p></body></html>"
        )
        return Reply(404, {"Content-Type": "text/html; charset=utf-8"}, text.encode())

    def _posted(self, wanted: str, values: Mapping[str, str]) -> Reply | None:
        for key, section in self.keys.items():
            path = self.paths.get(key, "")
            if section.form and wanted in (self.at(path), self.at(self.api(path)) if self.client else ""):
                content = f'<div class="notice">{htmllib.escape(section.form.thanks)}</div>'
                return self._on_demand(section.title or section.label, path, content, section)
        return None

    def _search(self, words: str) -> Reply:
        hits = self.find(words) if self.site.search.mode == "works" else []
        if self.client:
            return as_json({"query": words, "results": [{"title": page.title, "href": page.path} for page in hits]})
        page = Page(self.layout["search"], self.site.search.title, "search", "", None)
        content = self._render("search.html", page, query=words, hits=hits)
        return self._on_demand(self.site.search.title, self.layout["search"], content, None)

    def _document_search(self, path: str, values: Mapping[str, str]) -> Reply:
        rest = {name: value for name, value in values.items() if name not in ("tukhoa", "loai", "nam", "coquan", "tim")}
        wanted = canonical(path + ("?" + urlencode(rest) if rest else ""))
        for key, section in self.keys.items():
            if section.documents and (self.at(self.paths[key]) == wanted or (self.client and self.paths[key] == path)):
                parts = fold(values["tukhoa"]).split()
                rows = [item for item in self.items[key] if all(part in fold(item["title"]) for part in parts)]
                page = Page(self.paths[key], section.label, "search", key, section)
                content = self._render("documents.html", page, items=rows, section=section, paths=[page.path], at=0)
                return self._on_demand(section.title or section.label, self.paths[key], content, section)
        return self._missing(path)

    def find(self, words: str) -> list[Page]:
        """Pages whose title or text holds every word, titles first; accents and case do not matter."""
        parts = fold(words).split()
        if not parts:
            return []
        kept = [page for page in self.pages if page.kind != "home"]
        titled = [page for page in kept if all(part in fold(page.title) for part in parts)]
        worded = [
            page for page in kept if page not in titled and all(part in fold(text_of(page.content)) for part in parts)
        ]
        return (titled + worded)[:20]

    def _on_demand(self, title: str, path: str, content: str, section: Section | None) -> Reply:
        page = Page(path, title, "search", section.key if section else "", section)
        page.crumbs = [(self.site.home_label, self.paths["home"])]
        if self.client:
            return as_json({"title": title, "html": self._late(content), "crumbs": []})
        whole = self._late(self._render("shell.html", page, metadata=[], language="vi", content=content))
        encoding = self.layout.get("encoding", "")
        charset = self.layout.get("charset", "utf-8")
        kind = "text/html" if encoding or not charset else f"text/html; charset={charset}"
        return Reply(200, {"Content-Type": kind}, encodings.encoded(whole, encoding))


@cache
def environment(platform: str) -> Environment:
    """Templates of a platform, those of `base` where it has none of its own."""
    like = layout(platform).get("like")
    folders = [platform, *([like] if like else []), "base"]
    loader = ChoiceLoader([FileSystemLoader(PLATFORMS / folder) for folder in folders])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def layout(platform: str) -> dict[str, Any]:
    """How a platform forms its addresses, and what else it serves."""
    loaded: dict[str, Any] = yaml.safe_load((PLATFORMS / platform / "layout.yml").read_text(encoding="utf-8"))
    like = loaded.get("like")
    return (layout(like) if like else {}) | loaded


def as_json(value: object) -> Reply:
    """A JSON reply."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(200, {"Content-Type": "application/json; charset=utf-8"}, body)


def as_tree(built: Built, node: Node) -> dict[str, Any]:
    """A menu entry as JSON, its address made out."""
    href = built._late(f'"{node.href}"').strip('"')
    children = [as_tree(built, child) for child in node.children]
    return {"label": node.label, "href": href, "key": node.key, "blank": node.new_window, "children": children}


def slugify(text: str) -> str:
    """ASCII words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", attachments.plain(text).lower()).strip("-")


def fold(text: str) -> str:
    """Lower case without accents, for searching."""
    return attachments.plain(unicodedata.normalize("NFC", text)).lower()


def code(text: str) -> str:
    """Twelve hexadecimal digits that stay the same for the same text."""
    return sha1(text.encode()).hexdigest()[:12]


def canonical(target: str, ignore: Iterator[str] | tuple[str, ...] = ()) -> str:
    """The request target with its query sorted, without fragment and without the parameters to ignore."""
    parts = urlsplit(target)
    pairs = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in set(ignore)]
    query = urlencode(sorted(pairs))
    return (unquote(parts.path) or "/") + ("?" + query if query else "")


def text_of(markup_text: str) -> str:
    """The words of a piece of HTML, scripts and styles left out, blanks run together."""
    bare = re.sub(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->", " ", markup_text)
    words = htmllib.unescape(re.sub(r"<[^>]+>", " ", bare))
    return " ".join(words.split())


def rows_shown(documents: Documents) -> list[str]:
    """The fields a visitor can see of these documents, on the list or on a page of their own."""
    return sorted(set(documents.columns) | (set(documents.fields) if documents.form != "none" else set()))
