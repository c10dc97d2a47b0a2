"""What a sample portal holds. Everything is data: one YAML file per portal; nothing here knows how pages are judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

DATA = Path(__file__).parent / "data"


class Article(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One piece of news or notice. Without a date it takes the next one of its list; without a body it gets stock paragraphs."""

    title: str
    date: date | None = None
    lead: str = ""
    body: str = ""
    file: str = ""
    lang: str = ""


class Articles(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A list of articles with pages of their own; `step` days lie between neighbours, going back from `start`.
    A bare string is a title; one text holds a title a line: `[date] title [@@ attachment]`."""

    items: str | list[str | Article] = []
    start: date | None = None
    step: float = 2
    archive: int = 0
    """How many articles follow those written; their titles are `patterns` filled in with the site's `words`, no two alike."""
    patterns: list[str] = []
    per_page: int = 10
    dated: bool = True
    leads: bool = True
    details: bool = True
    stock: str = "news"


class Documents(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A list of documents. A row: type | number | issuer | issued | effective | abstract [| posted];
    `columns` stand in the list, `fields` on a document's own page."""

    rows: list[str]
    columns: tuple[str, ...] = ("number", "issued", "abstract")
    fields: tuple[str, ...] = ("type", "number", "issuer", "issued", "effective", "abstract")
    labels: dict[str, str] = {}
    form: str = "table"
    """How a document's fields are shown: table, list, text, or none (no page of its own)."""
    file: str = "pdf"
    """Kind of the attachment; empty for none."""
    file_on: tuple[str, ...] = ("list", "detail")
    search: bool = False
    archive: int = 0
    """How many rows follow those written: `patterns` are rows with the site's `words`, {n}, {issued} and {effective} to fill in."""
    patterns: list[str] = []
    start: date | None = None
    step: float = 1
    per_page: int = 10
    date_form: str = "%d/%m/%Y"


class Person(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Someone who leads the agency."""

    name: str
    position: str
    bio: str = ""
    duties: str = ""
    phone: str = ""
    email: str = ""


class People(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Leaders, on one page or each with a page of their own."""

    items: list[Person]
    details: bool = True
    bio_label: str = "Tóm tắt tiểu sử"
    duties_label: str = "Nhiệm vụ được phân công"


class Question(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A question sent in, with its answer where there is one."""

    title: str
    asker: str = ""
    asked: date | None = None
    question: str = ""
    answer: str = ""
    answered: date | None = None
    answerer: str = ""


class Questions(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Questions, on one page or each with a page of its own."""

    items: str | list[Question]
    """One text holds a question a line: title | asker | asked | question | answer | answered | answerer."""
    details: bool = True
    question_label: str = "Câu hỏi"
    answer_label: str = "Trả lời"


class Form(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A form that answers. A field: label, `*` when required, then optionally `:textarea`, `:email`, `:file`, `:tel` or `:select a;b`."""

    fields: list[str]
    submit: str = "Gửi"
    thanks: str = "Thông tin đã được ghi nhận. Cảm ơn Ông/Bà."
    title: str = ""


class Section(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One page with everything listed under it. `places` says where it is linked: menu, top, side, footer, sitemap; none of them is possible too."""

    label: str
    key: str = ""
    title: str = ""
    slug: str = ""
    path: str = ""
    link: str = ""
    """Leads elsewhere instead of having a page (page:key, sibling:name/path, an address, or #)."""
    redirect: str = ""
    new_window: bool = False
    places: tuple[str, ...] = ("menu",)
    body: str = ""
    after: str = ""
    articles: Articles | None = None
    documents: Documents | None = None
    people: People | None = None
    questions: Questions | None = None
    form: Form | None = None
    sitemap: bool = False
    lang: str = "vi"
    encoding: str = ""
    decomposed: bool = False
    wrap: str = ""
    """Name of a template that stands in for the platform's shell, such as a print view or an old page kept from before."""
    crumbs: bool = True
    children: list[Section] = []
    proves: dict[str, str] = {}
    """`item.element` → words found on the pages that prove it (a leading ~ makes it a pattern)."""
    also: list[str] = []
    """Keys of further pages that may prove the same, where the words stand there too (`home`, `*` for every page)."""


class Block(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One box of the home page or of a side column."""

    kind: str
    title: str = ""
    section: str = ""
    count: int = 5
    items: list[list[str]] = []
    body: str = ""
    place: str = "main"


class Search(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The portal's own search. mode: works | finds-nothing | none."""

    mode: str = "works"
    placeholder: str = "Nhập từ khóa..."
    button: str = "Tìm kiếm"
    none_found: str = "Không tìm thấy kết quả nào phù hợp."
    found: str = "Tìm thấy {n} kết quả cho từ khóa"
    title: str = "Kết quả tìm kiếm"


class Truth(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is true of the portal beyond what its sections prove, and what an outsider cannot say."""

    facts: dict[str, bool] = {}
    holds: list[str] = []
    """Elements that are true of the site as a whole; `item.*` for all of an item's."""
    unjudgeable: list[str] = []
    disputable: list[str] = []
    artefact: list[str] = []
    """Elements that only the saved copy lacks."""
    acceptable: dict[str, list[str]] = {}
    not_applicable: list[str] = []
    notes: dict[str, str] = {}


class Site(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One host: its clothes and its pages."""

    platform: str
    title: str
    sections: list[Section]
    host: str = ""
    slogan: str = ""
    short: str = ""
    home: list[Block] = []
    home_label: str = "Trang chủ"
    footer: str = ""
    top: list[list[str]] = []
    date_form: str = "%d/%m/%Y"
    metadata: dict[str, str] = {}
    """Dublin Core elements of every page: name → text; {title} {date} {path} {lead} are filled in; an empty text gives an empty tag."""
    words: dict[str, list[str]] = {}
    """What the patterns of an archive's titles are filled in with."""
    tools: list[str] = []
    search: Search = msgspec.field(default_factory=Search)
    palette: dict[str, str] = {}
    options: dict[str, Any] = {}
    files: dict[str, str] = {}
    """What attached files say, by name, a line each; the others say what their document or article says."""
    saved: bool = False
    """A copy kept of the site: pages only; its files, pictures, searches and forms answer no more."""
    lang_declared: bool = True
    alt_texts: bool = True
    labelled_forms: bool = True


class Portal(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A whole sample portal: its main site, further hosts of the same agency, and the truth about it."""

    portal: str
    agency: str
    block: str
    declared_address: str
    now: date
    port: int
    site: Site
    siblings: dict[str, Site] = {}
    truth: Truth = msgspec.field(default_factory=Truth)
    traps: list[str] = []
    """What is set here to mislead: kind of trap, then the section, host or page (`home`) it stands on."""


def names() -> list[str]:
    """Every sample portal there is, in order of name."""
    return sorted(path.stem for path in DATA.glob("[a-z]*.yml"))


@cache
def load(name: str) -> Portal:
    """The portal of that name; FileNotFoundError where there is none, msgspec.ValidationError where its file breaks the model."""
    text = (DATA / f"{name}.yml").read_text(encoding="utf-8")
    portal = msgspec.convert(yaml.safe_load(text), Portal)
    if portal.portal != name:
        raise msgspec.ValidationError(f"{name}.yml calls itself {portal.portal}")
    return portal


@cache
def stock() -> dict[str, list[str]]:
    """Paragraphs that fill articles nobody looks into, by kind; {title}, {agency} and {short} are filled in."""
    loaded: dict[str, list[str]] = yaml.safe_load((DATA / "_stock.yml").read_text(encoding="utf-8"))
    return loaded


def articles(given: Articles) -> list[Article]:
    """The articles of a list, whatever form they are written in."""
    lines = given.items.strip().split("\n") if isinstance(given.items, str) else given.items
    return [_article(line) if isinstance(line, str) else line for line in lines]


def _article(line: str) -> Article:
    title, _, file = line.strip().partition(" @@ ")
    when = None
    if title[:4].isdigit() and title[4:5] == "-":
        when, title = date.fromisoformat(title[:10]), title[11:]
    return Article(title=title, date=when, file=file)


def questions(given: Questions) -> list[Question]:
    """The questions of a list, whatever form they are written in."""
    if not isinstance(given.items, str):
        return given.items
    return [_question(line) for line in given.items.strip().split("\n")]


def _question(line: str) -> Question:
    title, asker, asked, question, answer, answered, answerer = ([cell.strip() for cell in line.split("|")] + [""] * 6)[
        :7
    ]
    return Question(
        title=title, asker=asker, asked=date.fromisoformat(asked) if asked else None, question=question, answer=answer,
        answered=date.fromisoformat(answered) if answered else None, answerer=answerer,
    )  # fmt: skip


def walk(sections: list[Section], above: tuple[Section, ...] = ()) -> Iterator[tuple[Section, tuple[Section, ...]]]:
    """Every section with the sections above it, in menu order."""
    for section in sections:
        yield section, above
        yield from walk(section.children, (*above, section))
