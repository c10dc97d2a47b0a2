"""The forms of a page, and boxes to search with that stand outside any."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.facts.links import Resolver
from crawler.facts.tree import Element, Parsed, selector_of, text_of
from crawler.model import Field, Form
from crawler.text import fold, nfc_clean
from crawler.vocabulary import word_set, words

_INPUTS = frozenset(("input", "select", "textarea", "button"))
_TYPED = frozenset(("text", "search", ""))
# Assumed: a form with more of the page's elements than this, and more than a form would need, is the page's frame, as some systems make it.
_PAGE_WIDE, _PAGE_SIZE = 0.5, 60
MOST_FIELDS = 400
"""Fields read of one form; assumed ample."""


def forms(
    parsed: Parsed, resolve: Resolver, inputs: list[Element], labels: list[Element], starts: list[Element]
) -> tuple[Form, ...]:
    """The page's forms in order, then each search box outside one or in a form that frames the whole page (action '' and its own selector)."""
    if not inputs and not starts:
        return ()
    named = {label.get("for"): text_of(label) for label in labels if label.get("for")}
    found = []
    narrow: list[Element] = []
    for form in starts:
        fields = [each for each in inputs if form.at < each.at < form.end]
        found.append(_form(form, fields, named, resolve))
        if not frames_page(form, parsed):
            narrow += fields
    held = set(map(id, narrow))
    for each in inputs:
        if id(each) not in held and each.tag == "input":
            field = _field(each, named)
            if _searches(field, each):
                found.append(Form(action="", method="get", fields=(field,), selector=selector_of(each), searches=True))
    return tuple(found)


def frames_page(element: Element, parsed: Parsed) -> bool:
    """Whether a form or a table stands around the page rather than in it."""
    size = element.end - element.at
    return size > _PAGE_SIZE and size > _PAGE_WIDE * len(parsed.elements)


def _form(form: Element, inputs: list[Element], named: dict[str, str], resolve: Resolver) -> Form:
    fields = tuple(_field(each, named) for each in inputs[:MOST_FIELDS])
    secret = any(field.kind == "password" for field in fields)
    about = fold(f"{form.get('id')} {form.get('name')} {form.get('class')} {form.get('role')}")
    typed = [field for field in fields if field.kind in _TYPED]
    searches = not secret and (
        any(_searches(field, each) for field, each in zip(fields, inputs, strict=False))
        or (bool(typed) and _holds(about, words("search_names")))
    )
    return Form(
        action=resolve(form.get("action")) or resolve.base,
        method="post" if form.get("method").strip().lower() == "post" else "get",
        fields=fields,
        selector=selector_of(form),
        searches=searches,
    )


def _field(element: Element, named: dict[str, str]) -> Field:
    tag = element.tag
    kind = element.get("type").strip().lower() if tag in ("input", "button") else tag
    if tag == "button":
        kind = kind or "submit"
    return Field(
        name=element.get("name") or element.get("id"),
        kind=kind or "text",
        label=_label(element, named),
        value=element.get("value")[:200],
    )


def _label(element: Element, named: dict[str, str]) -> str:
    """The words beside a field: its label element, placeholder, title, what wraps it, what a button says."""
    if label := named.get(element.get("id")):
        return label
    for name in ("placeholder", "aria-label", "title"):
        if value := nfc_clean(element.get(name)):
            return value
    if element.tag == "button":
        return text_of(element)[:200]
    if element.tag == "input" and element.get("type").lower() in ("submit", "button", "image"):
        return nfc_clean(element.get("value") or element.get("alt"))
    node = element.parent
    for _ in range(3):
        if node is None:
            break
        if node.tag == "label":
            return text_of(node)[:200]
        node = node.parent
    # Many boxes carry their hint as the value a click clears.
    return (
        nfc_clean(element.get("value"))[:200]
        if element.tag == "input" and element.get("type").lower() in _TYPED
        else ""
    )


def _searches(field: Field, element: Element) -> bool:
    if field.kind == "search":
        return True
    if field.kind != "text":
        return False
    if field.name.lower() in word_set("search_exact"):
        return True
    names = fold(f"{field.name} {element.get('id')} {element.get('class')}")
    return _holds(names, words("search_names")) or _holds(
        f" {fold(field.label)} ", [f" {fold(word)} " for word in words("search_labels")]
    )


def _holds(text: str, sought: Iterable[str]) -> bool:
    return any(word in text for word in sought)
