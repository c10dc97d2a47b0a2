"""Legal documents: which of the fields the decree asks for they show, and a tool to find them by."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Literal, NamedTuple

import msgspec
from pydantic import Field

from checklists.evaluators.delays import median_delay
from checklists.evaluators.lists import vietnamese
from checklists.evaluators.looking import Looked
from checklists.evaluators.prose import first_line
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen, own_forms, recurs
from checklists.evaluators.verdicts import met, not_met, point
from checklists.evaluators.words import begins, finds, says
from checklists.model import Pointer, Verdict
from crawler.model import DocumentFields, Form
from crawler.text import fold

FieldName = Literal["kind", "issuer", "number", "issued", "effective", "abstract", "files"]


class DocumentField(Parameters):
    """field: the field asked for; share: of the documents seen that must show it; exempt: kinds of documents that have no such field, left
    out where others were seen; kinds: the names of kinds, for titles that begin with one; signs: kinds that titles also begin with as what
    the document is about, each with the letters its number then carries; issuers: how the names of those who issue documents begin; postings: what stands
    before the day a document was put up, for the working days since its own date; limit: within how many the law wants it."""

    field: FieldName
    exempt: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    signs: tuple[tuple[str, str], ...] = ()
    issuers: tuple[str, ...] = ()
    postings: tuple[str, ...] = ()
    limit: int = 0
    share: Fraction = Fraction(1, 2)


class Shown(NamedTuple):
    """A document, and the page that shows it."""

    fields: DocumentFields
    seen: Seen


def document_field(looked: Looked, parameters: DocumentField) -> Verdict:
    """Met where enough documents show the field, on their own page or in the list. Documents with a page of their own are asked first: a list
    is allowed to be brief."""
    documents = documents_of(looked)
    if not documents:
        return not_met("no-documents", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])
    bound = [one for one in documents if not says(kind_of(one), parameters.exempt)]
    documents = [[without(looked.gone, shown) for shown in document] for document in bound or documents]
    proofs = [proof for document in documents if (proof := shows(document, parameters, looked.recurring))]
    values = {"shown": len(proofs), "of": len(documents)}
    if proofs and Fraction(len(proofs), len(documents)) >= parameters.share:
        if parameters.postings and (delay := median_delay(looked, parameters.postings)):
            told = {"median": delay[0], "documents": delay[1], "limit": parameters.limit}
            return met("timed", *proofs[:3], **values, **told)
        return met("met", *proofs[:3], **values)
    if proofs:
        return not_met("rare", *proofs[:3], **values)
    first = documents[0][0]
    quote = first.fields.abstract or first.fields.number or first.seen.page.outline.title
    return not_met("missing", point(first.seen.page, quote, first.fields.selector), **values)


def without(gone: frozenset[str], shown: Shown) -> Shown:
    """A showing of a document without the files that are not there."""
    there = tuple(url for url in shown.fields.files if url not in gone)
    return shown._replace(fields=msgspec.structs.replace(shown.fields, files=there))


def documents_of(looked: Looked) -> list[list[Shown]]:
    """The documents seen, each as every showing of it: those with a page of their own where there are any, else those listed."""
    detailed = [Shown(seen.page.documents[0], seen) for seen in looked.seen if seen.detail and seen.page.documents]
    listed = [Shown(fields, seen) for seen in looked.seen if not seen.detail for fields in seen.documents]
    if not detailed:
        return [[one] for one in listed]
    return [[one, *(other for other in listed if same(one, other))] for one in detailed]


def same(one: Shown, other: Shown) -> bool:
    """Whether two showings are of one document: the same number, or the list links to the page."""
    if one.fields.number and other.fields.number:
        return fold(one.fields.number) == fold(other.fields.number)
    return bool(other.fields.url) and other.fields.url == one.seen.page.url


def kind_of(document: list[Shown]) -> str:
    """What kind of document it is, by its field or the beginning of its title."""
    return " ".join(shown.fields.kind or shown.fields.abstract[:20] for shown in document)


def shows(document: list[Shown], parameters: DocumentField, recurring: frozenset[str]) -> Pointer | None:
    """Where a document shows the field, None where no showing does. An abstract that stands on every page is the portal's name."""
    field = parameters.field
    for fields, seen in document:
        value = value_of(fields, parameters)
        if value and not (field == "abstract" and recurs(value, recurring)):
            return point(seen.page, value, fields.selectors.get(field, fields.selector))
    return next((proof for shown in document if field == "kind" and (proof := named_kind(shown, parameters))), None)


def named_kind(shown: Shown, parameters: DocumentField) -> Pointer | None:
    """Where a document's own page calls it by its kind and number (`Quyết định số 06/2017/QĐ-UBND`)."""
    fields, seen = shown
    if not (seen.detail and fields.number):
        return None
    for text in seen.texts:
        lead, found, _ = text.text.partition(fields.number)
        if found and len(lead) <= LONGEST_LEAD and begins(lead, parameters.kinds):
            return point(seen.page, text.text, text.selector)
    return None


LONGEST_LEAD = 40
"""Characters of what stands before the number in a document's name."""


def value_of(fields: DocumentFields, parameters: DocumentField) -> str:
    """The field's value as text, '' where it is not shown."""
    field = parameters.field
    if field == "effective":
        return fields.effective_text or (vietnamese(fields.effective) if fields.effective else "")
    if field == "issued":
        return vietnamese(fields.issued) if fields.issued else ""
    if field == "files":
        return fields.files[0] if fields.files else ""
    if field == "abstract":
        return fields.abstract if tells_content(fields, parameters.kinds) else ""
    if field == "kind":
        return fields.kind or titled_kind(fields, parameters)
    return fields.number if field == "number" else fields.issuer or titled_issuer(fields, parameters)


def titled_issuer(fields: DocumentFields, parameters: DocumentField) -> str:
    """Whose document its title says it is (`… ngày 08/12/2017 của UBND tỉnh …`), '' where it does not."""
    lead, of, rest = fields.abstract.partition(" của ")
    while of:
        if begins(rest, parameters.issuers) and (fields.number in lead or DAY.search(lead)):
            return rest
        lead, of, rest = f"{lead} của {rest.partition(' của ')[0]}", *rest.partition(" của ")[1:]
    return ""


DAY = re.compile(r"\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4}|ngày\s+\d{1,2}\s+tháng")


def titled_kind(fields: DocumentFields, parameters: DocumentField) -> str:
    """The kind a document's title begins with, '' where it begins with none, or with what it is about: `Quy định giá đất` is issued by a decision."""
    if not begins(fields.abstract, parameters.kinds):
        return ""
    kind = finds(fields.abstract, parameters.kinds)[0]
    letters = next((sign for name, sign in parameters.signs if fold(name) == fold(kind)), None)
    if letters is not None and letters not in re.findall(r"[^\W\d_]+", fields.number):
        return ""
    return kind


def tells_content(fields: DocumentFields, kinds: tuple[str, ...]) -> bool:
    """Whether an abstract says what a document is about: two words or more besides its kind and number."""
    named = set(fold(f"{fields.kind} {fields.number} số ngày {' '.join(finds(fields.abstract, kinds))}").split())
    return sum(word not in named and not word.isdigit() for word in fold(fields.abstract).split()) >= 2


class SectionForm(Parameters):
    """words: labels of a document search's fields; fields: how many different ones a form must have, or one where its page is called a search."""

    words: Annotated[tuple[str, ...], Field(min_length=1)]
    fields: Annotated[int, Field(ge=1)] = 1


def section_form(looked: Looked, parameters: SectionForm) -> Verdict:
    """Met by a form on a section's page that asks for what documents are found by, and that is not on every page."""
    general: Seen | None = None
    for seen in looked.seen:
        own = own_forms(seen.page, looked.home)
        for form in own:
            labels = field_labels(form, parameters.words)
            asks = any(field.kind in {"text", "search", "select", "date", ""} for field in form.fields)
            if asks and len(set(labels)) >= parameters.fields:
                return met("met", point(seen.page, "; ".join(dict.fromkeys(labels)), form.selector))
        for form in own:
            if form.searches:
                return met("met", point(seen.page, form_text(form) or "ô tìm kiếm riêng của mục", form.selector))
        if any(form.searches for form in seen.page.outline.forms):
            general = general or seen
    if general is not None:
        return not_met("general-only", point(general.page, *first_line(general)))
    return not_met("none", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])


def field_labels(form: Form, words: tuple[str, ...]) -> list[str]:
    """The labels of a form's fields that say one of the words."""
    return [field.label for field in form.fields if field.kind != "hidden" and field.label and says(field.label, words)]


def form_text(form: Form) -> str:
    """The labels of what a form asks."""
    return "; ".join(field.label for field in form.fields if field.kind != "hidden" and len(field.label) >= 3)


EVALUATORS = {
    "document-field": Evaluator(
        document_field,
        DocumentField,
        {
            "met": ("shown", "of"),
            "timed": ("shown", "of", "median", "documents", "limit"),
            "rare": ("shown", "of"),
            "missing": ("shown", "of"),
            "no-documents": (),
        },
        details=True,
    ),
    "section-form": Evaluator(section_form, SectionForm, {"met": (), "general-only": (), "none": ()}),
}
