"""Labels of a document's fields and the values beside them, however a page sets them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from crawler.facts.tree import Element, text_of
from crawler.model import Text
from crawler.text import fold
from crawler.vocabulary import words

FIELDS = ("number", "kind", "issuer", "signer", "abstract", "issued", "effective", "file", "other")
UNKEPT = ("file", "other", "")
"""Labels known only so that their values are not taken for another's."""
_READ = 600  # characters of a run of text in which labels with a colon are looked for; assumed
_LABEL_WORDS, _LONGEST_LABEL = 7, 60
_MOST_LINKS, _LONGEST_VALUE = 3, 2000  # a value with more is a list to choose from, or a page of its own; assumed


class Found(NamedTuple):
    """A field's value and where it stands."""

    field: str
    value: str
    selector: str


@cache
def labels() -> dict[str, str]:
    """Folded label → field; the first field that claims a label has it."""
    named: dict[str, str] = {}
    for field in FIELDS:
        for word in words(f"document_{field}"):
            named.setdefault(fold(word), field)
    return named


def pairs(texts: Sequence[Text], elements: Mapping[str, Element]) -> Iterator[Found]:
    """Fields written as `label: value` in one run, or as a run that is a label before its values, beside it; `Cơ quan ban hành / Người ký`
    is followed by one value for each."""
    waiting: list[str] = []
    label = ""
    for text in texts:
        written = text.text
        if fields := label_of(written):
            waiting, label = fields, text.selector
            continue
        if marked := _marked_label(written, elements[text.selector]):
            waiting = []
            if marked.field not in UNKEPT:
                yield marked._replace(selector=text.selector)
            continue
        parts = list(_split(written, text.selector)) if ":" in written[:_READ] else []
        if parts:
            waiting = []
            for part in parts:
                if part.value and part.field not in UNKEPT:
                    yield part
                elif not part.value:
                    waiting, label = [part.field], text.selector
        elif waiting and len(written) <= _LONGEST_LABEL and written.rstrip().endswith(":"):
            waiting = []  # another label: the field before it has no value
        elif waiting:
            field, *waiting = waiting
            if _beside(elements[label], elements[text.selector]):
                if field not in UNKEPT:
                    yield Found(field, written, text.selector)
            else:
                waiting = []


def _marked_label(written: str, element: Element) -> Found | None:
    """The field of a run whose first words are set apart by their markup as its label (`<b>Số hiệu</b> 12/2016/TT-…`), None where none are."""
    first = next((child for child in element.children if not isinstance(child, str) or child.strip()), None)
    if (
        not isinstance(first, Element)
        or first.tag not in _MARKED
        or first.links
        or not 0 < first.chars <= _LONGEST_LABEL
    ):
        return None
    name = text_of(first)
    value = written[len(name) :].strip(" :-–|") if written.startswith(name) else ""
    fields = label_of(name.rstrip(" :")) if value else []
    return Found(fields[0], value, "") if len(fields) == 1 else None


_MARKED = frozenset(("b", "strong", "span", "label", "em", "i", "u", "font"))


@lru_cache(maxsize=4096)
def label_of(written: str) -> list[str]:
    """The fields a run of text is the label of, in order ('' for a part that names none); none where it is no label."""
    if len(written) > _LONGEST_LABEL or not written[:1].isalpha():
        return []
    if field := labels().get(fold(written)):
        return [field]
    fields = [labels().get(fold(part), "") for part in written.split("/")]
    return fields if sum(map(bool, fields)) > 1 and fields[0] else []


def _beside(label: Element, value: Element) -> bool:
    """Whether a value stands beside its label: in the box around it, and not in a list of choices."""
    box = label
    while box.parent is not None and box.parent.chars == box.chars:
        box = box.parent
    if box.at <= value.at < box.end:
        return True
    outer = box.parent
    if outer is None or not outer.at <= value.at < outer.end:
        return False
    node = value
    while node.parent is not None and node.parent is not outer:
        node = node.parent
    return node.links <= _MOST_LINKS and node.chars <= _LONGEST_VALUE


def _split(written: str, selector: str) -> Iterator[Found]:
    """The fields of a run that says `label: value` once or several times; nothing unless it begins with a label."""
    chunks = written[:_READ].split(":")
    field, rest = _ending_label(chunks[0])
    if not field or len(rest) > 12:
        return
    for chunk in chunks[1:-1]:
        following, value = _ending_label(chunk)
        if following:
            yield Found(field, value.strip(" -–|;,"), selector)
            field = following
    last = written.split(":", len(chunks) - 1)[-1] if len(chunks) > 1 else ""
    yield Found(field, last.strip(" -–|;,"), selector)


def _ending_label(chunk: str) -> tuple[str, str]:
    """The field whose label ends a stretch of text, and the text before that label; '' and all of it where none does."""
    parts = chunk.split()
    for count in range(min(_LABEL_WORDS, len(parts)), 0, -1):
        if field := labels().get(fold(" ".join(parts[-count:]))):
            return field, " ".join(parts[:-count])
    return "", chunk
