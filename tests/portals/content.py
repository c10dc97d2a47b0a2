"""What a section lists, made into items with addresses: articles, documents, people, questions."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from tests.portals import markup
from tests.portals.archive import archived
from tests.portals.model import Article, Documents, Section, articles, questions, stock
from tests.portals.words import code, slugify, text_of

if TYPE_CHECKING:
    from tests.portals.build import Built

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


def listed(built: Built, section: Section) -> list[dict[str, Any]]:
    """The items of a section, in order; empty where it lists nothing."""
    for kind, read in (
        ("articles", _articles),
        ("documents", _documents),
        ("people", _people),
        ("questions", _questions),
    ):
        if getattr(section, kind):
            return list(read(built, section))
    return []


def _articles(built: Built, section: Section) -> Iterator[dict[str, Any]]:
    assert section.articles
    start = section.articles.start or built.portal.now
    written = articles(section.articles)
    older = (
        Article(title=title) for title in archived(section.articles, built.site.words | {"label": [section.label]})
    )
    for place, item in enumerate(chain(written, older)):
        when = item.date or start - timedelta(days=section.articles.step * place)
        name = slugify(item.title)
        path = built._path("article", section, name, when) if section.articles.details else ""
        if item.file:
            said = text_of(markup.render(item.body)) or " ".join(_stock(built, section.articles.stock, item.title, 4))
            built.files.setdefault(item.file, [item.title, said])
        yield {
            "kind": "article",
            "title": item.title,
            "date": when,
            "lead": item.lead or (_stock(built, section.articles.stock, item.title, 1)[0] if section.articles.leads else ""),
            "path": path,
            "body": markup.render(item.body) if item.body else _filler(built, section.articles.stock, item.title),
            "file": f"file:{item.file}" if item.file else "",
            "image": "img:" + code(item.title)[:8],
            "lang": item.lang or section.lang,
        }  # fmt: skip


def _filler(built: Built, kind: str, title: str) -> str:
    return "\n".join(f"<p>{html.escape(text)}</p>" for text in _stock(built, kind, title, 4))


def _stock(built: Built, kind: str, title: str, count: int) -> list[str]:
    pool = stock()[kind]
    first = int(code(title), 16)
    picked = [pool[(first + place * 7) % len(pool)] for place in range(count)]
    return [
        text.format(title=title, agency=built.portal.agency, short=built.site.short or built.portal.agency)
        for text in picked
    ]


def _documents(built: Built, section: Section) -> Iterator[dict[str, Any]]:
    assert section.documents
    shown = section.documents
    labels = _LABELS | shown.labels
    for row in chain(shown.rows, _archived_rows(built, shown)):
        values = dict(zip(_NAMES, [cell.strip() for cell in row.split("|")], strict=False))
        title = " ".join(filter(None, [values.get("type", ""), values.get("number", ""), values["abstract"]]))
        name = slugify(" ".join([values.get("type", ""), values.get("number", ""), values["abstract"]]))
        for key in ("issued", "effective", "posted"):
            if values.get(key):
                values[key] = built.day(date.fromisoformat(values[key]), shown.date_form)
        name_of_file = f"{slugify(values.get('number') or values['abstract'])[:40]}.{shown.file}"
        file = f"file:{name_of_file}" if shown.file else ""
        built.files.setdefault(name_of_file, [values.get("issuer", ""), title, *_stock(built, "direction", title, 3)])
        yield {
            "kind": "document",
            "title": title,
            "facts": values,
            "labels": labels,
            "path": built._path("document", section, name) if shown.form != "none" else "",
            "file": file,
            "fields": [(labels[key], values.get(key, "")) for key in shown.fields],
            "columns": [(labels[key], values.get(key, ""), key) for key in shown.columns],
        }


def _archived_rows(built: Built, shown: Documents) -> Iterator[str]:
    start = shown.start or built.portal.now
    dates = [start - timedelta(days=shown.step * place) for place in range(shown.archive)]
    words = built.site.words | {name: ["{" + name + "}"] for name in ("n", "issued", "effective")}
    for place, (when, row) in enumerate(zip(dates, archived(shown, words), strict=True)):
        number = when.timetuple().tm_yday * 4 + place % 4
        yield row.format(n=number, issued=when.isoformat(), effective=(when + timedelta(days=10)).isoformat())


def _people(built: Built, section: Section) -> Iterator[dict[str, Any]]:
    assert section.people
    for person in section.people.items:
        yield {
            "kind": "person",
            "title": person.name,
            "person": person,
            "bio": markup.render(person.bio),
            "duties": markup.render(person.duties),
            "path": built._path("person", section, slugify(person.name)) if section.people.details else "",
            "image": "face:" + code(person.name)[:8],
        }


def _questions(built: Built, section: Section) -> Iterator[dict[str, Any]]:
    assert section.questions
    for question in questions(section.questions):
        yield {
            "kind": "question",
            "title": question.title,
            "q": question,
            "date": question.asked,
            "answer": markup.render(question.answer),
            "path": built._path("question", section, slugify(question.title)) if section.questions.details else "",
        }
