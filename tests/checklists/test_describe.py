"""The method in words is generated and kept fresh."""

from __future__ import annotations

from pathlib import Path

from checklists.describe import method_text
from checklists.load import load_checklist

DOCUMENT = Path(__file__).parents[2] / "docs" / "method.md"


def test_the_method_tells_every_item_its_law_and_what_is_assumed() -> None:
    checklist = load_checklist()
    text = method_text(checklist)
    for item in checklist.items:
        assert item.question in text
        assert item.law.clause in text
        assert all(line in text for line in item.assumed)
        assert all(f"`{element.id}`" in text for element in item.elements)


def test_the_document_is_fresh() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == method_text(load_checklist()), "write docs/method.md anew"
