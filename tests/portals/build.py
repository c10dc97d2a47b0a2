"""A sample portal made into answers: data file and platform folder in, `path → (status, headers, body)` out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import yaml
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from tests.portals import answers, archive, attachments, encodings, markup
from tests.portals.content import listed
from tests.portals.model import Portal, Section, Site, walk
from tests.portals.office_files import saying
from tests.portals.pages import Node, Page, Reply, as_json
from tests.portals.words import canonical, code, slugify

PLATFORMS = Path(__file__).parent / "platforms"
_LATE = re.compile(r"""(?<=["'(])(page|file|img|face|label|sibling|home):([^"'()#\\\s]*)""")
_BOX = re.compile(r"(?s)<!--box-->(.*?)<!--/box-->")
_DAYS = ["Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật"]


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
        self.late: dict[str, tuple[Page, Callable[[], str]]] = {}
        """Pages made when they are asked for, by request target: what lies deep in archives, thousands of them."""
        self.months: list[Node] = []
        self.files = {name: text.splitlines() for name, text in site.files.items()}
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

    def _path(self, kind: str, section: Section, name: str = "", when: date | None = None) -> str:
        self._number += 1
        if kind == "section" and section.articles:
            kind = "list" if "list" in self.layout else kind
        pattern = self.layout.get(kind) or self.layout["article"]
        slugs = [part.slug for part in self._above[section.key]] + [section.slug]
        made = pattern.format(
            slug=section.slug, name=name[:70].rstrip("-"), id=self._number, code=code(section.key + name),
            agency=self.portal.portal, nested="/".join(slugs), when=when, cat=int(code(section.key), 16) % 900 + 10,
        )  # fmt: skip
        return str(made)

    def made_out(self, text: str) -> str:
        """The text with its page:, file:, img: and sibling: addresses made into real ones."""
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
        if path not in self._made and not self.site.saved:
            self._made.add(path)
            media, body = ("image/svg+xml", b"")
            if kind == "file":
                media, body = attachments.attachment(name)
                body = saying(name.rsplit(".", 1)[-1].lower(), self.files.get(name, [])) or body
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
            self.items[key] = listed(self, section)
        for month, made in archive.months(self):
            self.months.append(month)
            for page, fill in made:
                self._add(page, fill, late=True)
        for key, section in self.keys.items():
            if section.redirect:
                target = self.made_out(f'"{section.redirect}"').strip('"')
                self.replies[self.at(self.paths[key])] = Reply(302, {"Location": target}, b"")
            elif not section.link:
                self._make_section(key, section)
        self.pages.insert(0, Page(self.paths["home"], self.site.title, "home", "home", None))
        self.pages[0].content = self.render("home.html", self.pages[0])

    def _make_section(self, key: str, section: Section) -> None:
        items = self.items.get(key, [])
        lists = section.articles or section.documents
        size = lists.per_page if lists else max(len(items), 1)
        chunks = [items[at : at + size] for at in range(0, len(items), size)] or [[]]
        paths = [self.paths[key]] + [self._more(key, section, number) for number in range(2, len(chunks) + 1)]
        deep = bool(lists and lists.archive)
        for number, chunk in enumerate(chunks):
            page = self._page(paths[number], section.title or section.label, "section", section)
            fill = partial(self._section_content, section, page, chunk, paths, number)
            self._add(page, fill, late=number > 0 and (deep or "postback" in self.layout))
        near = size if any(part.proves for part in (section, *self._above[key])) else 3
        for place, item in enumerate(items):
            if item.get("path"):
                page = self._page(item["path"], item["title"], item["kind"], section, inner=True)
                page.published, page.lead = item.get("date"), item.get("lead", "")
                fill = partial(self.render, f"{item['kind']}.html", page, item=item, section=section)
                self._add(page, fill, late=deep and place >= near)

    def _add(self, page: Page, fill: Callable[[], str], *, late: bool) -> None:
        if late:
            self.late.setdefault(self.at(page.path), (page, fill))
        else:
            page.content = fill()
            self.pages.append(page)

    def made_late(self, target: str) -> Reply | None:
        """The reply for a page that is made only now; None where there is no such page."""
        if target not in self.late:
            return None
        page, fill = self.late[target]
        page.content = fill()
        self._dress(page)
        return self.replies[target]

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
        parts += [self.render(f"{kind}.html", page, **shown) for kind in kinds]
        if section.sitemap:
            parts.append(self.render("sitemap.html", page, nodes=self.tree("sitemap")))
        if section.form:
            parts.append(self.render("form.html", page, form=section.form, section=section))
        if section.after:
            parts.append(markup.render(section.after))
        if not parts:
            parts.append(self.render("children.html", page, nodes=self._children(section, "menu")))
        return "\n".join(parts)

    def _page(self, path: str, title: str, kind: str, section: Section, *, inner: bool = False) -> Page:
        crumbs = [(self.site.home_label, self.paths["home"])] if section.crumbs else []
        chain = (*self._above[section.key], section) if inner else self._above[section.key]
        if section.crumbs:
            crumbs += [(part.label, self.paths.get(part.key, "")) for part in chain]
        return Page(path, title, kind, section.key, section, crumbs=crumbs)

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

    def render(self, template: str, page: Page, **more: Any) -> str:
        """A template of the platform, filled in for a page."""
        context = {
            "site": self.site, "portal": self.portal, "page": page, "layout": self.layout, "day": self.day,
            "tree": self.tree, "items_of": lambda key: self.items.get(key, []), "paths_of": self.paths,
            "label_of": lambda key: self.keys[key].label, "mark": markup.render, "now": self.portal.now, "client": self.client,
            "months": self.months, "section_children": lambda key: self._children(self.keys[key], "menu"),
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
        whole = self.render(wrap, page, metadata=self._metadata(page), language=language, content=page.content)
        page.html = self.made_out(whole)
        page.content = self.made_out(page.content)
        if section and section.decomposed:
            page.html = unicodedata.normalize("NFD", page.html)
        encoding = (section.encoding if section else "") or self.layout.get("encoding", "")
        if self.client:
            self._client_answers(page)
        else:
            charset = self.layout.get("charset", "utf-8")
            kind = "text/html" if encoding or not charset else f"text/html; charset={charset}"
            sent = self.loaded_apart(page.html)
            self.replies[self.at(page.path)] = Reply(200, {"Content-Type": kind}, encodings.encoded(sent, encoding))

    def loaded_apart(self, whole: str) -> str:
        """The page as sent, where boxes between marks are fetched by its script; unchanged on other platforms."""

        def box(found: re.Match[str]) -> str:
            address = str(self.layout["boxes"]).format(code=code(found[1]))
            html = Reply(200, {"Content-Type": "text/html; charset=utf-8"}, found[1].encode())
            self.replies[self.at(address)] = as_json({"Data": found[1]}) if self.layout.get("boxes_in_json") else html
            return str(self.layout["box"]).format(address=address)

        return _BOX.sub(box, whole) if "boxes" in self.layout else whole

    def _client_answers(self, page: Page) -> None:
        shell = self.made_out(self.render("app.html", page)).encode()
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
            body = self.made_out(self.render(template, blank, metadata=[], language="vi", content=""))
            encoding = self.layout.get("encoding", "") if kind.startswith("text/html") else ""
            self.replies[self.at(path)] = Reply(200, {"Content-Type": kind}, encodings.encoded(body, encoding))
        if self.layout.get("index") == "redirect":
            self.replies["/"] = Reply(302, {"Location": self.paths["home"]}, b"")
        if self.layout.get("index") == "home":
            self.replies.setdefault("/", self.replies[self.at(self.paths["home"])])
        if self.client:
            self.replies[self.layout["api_menu"]] = as_json([as_tree(self, node) for node in self.tree("menu")])

    def answer(self, method: str, target: str, body: bytes = b"") -> Reply:
        """The reply to a request for `target` (path with query); an honest 404 for what is not there."""
        return answers.answer(self, method, target, body)


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


def as_tree(built: Built, node: Node) -> dict[str, Any]:
    """A menu entry as JSON, its address made out."""
    href = built.made_out(f'"{node.href}"').strip('"')
    children = [as_tree(built, child) for child in node.children]
    return {"label": node.label, "href": href, "key": node.key, "blank": node.new_window, "children": children}
