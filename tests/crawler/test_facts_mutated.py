"""Pages as portals make them, damaged at random: what is read of them stays true to what stands there."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.dates import find_dates
from crawler.facts.page import page_facts
from crawler.facts.parse import parse
from crawler.numbers import find_document_numbers

CASES = Path(__file__).parents[1] / "items"
PAGES = sorted(CASES.rglob("*.html"))
PLACES = st.floats(min_value=0, max_value=1, exclude_max=True)
DAMAGES = st.lists(
    st.tuples(
        st.sampled_from(("cut", "double", "move", "open", "letters")), PLACES, PLACES, st.integers(min_value=1, max_value=60)
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip


def damaged(page: str, damages: list[tuple[str, float, float, int]]) -> str:
    """The page with stretches cut, doubled or moved, tags torn open, and letters put into it."""
    for kind, here, there, length in damages:
        at, to = int(here * len(page)), int(there * len(page))
        stretch = page[at : at + length]
        if kind == "cut":
            page = page[:at] + page[at + length :]
        elif kind == "double":
            page = page[:at] + stretch + page[at:]
        elif kind == "move":
            page = page[:to] + stretch + page[to:]
        elif kind == "open":
            page = page[:at] + "<" + page[at:]
        else:
            page = page[:at] + "12/13/2017 99/QĐ-" + page[at:]
    return page


ODD_NUMBER = CASES / "legal-documents" / "regulation-issued-by-a-decision.not_met.missing" / "vb.html"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PAGES), DAMAGES)
@example(ODD_NUMBER, [("cut", 0.0, 0.0, 1), ("cut", 0.0, 0.0, 1), ("move", 0.0, 0.5625, 1)])
def test_what_is_read_of_a_damaged_page_stands_on_it(path: Path, damages: list[tuple[str, float, float, int]]) -> None:
    body = damaged(path.read_text(encoding="utf-8", errors="replace"), damages).encode()
    facts = page_facts(parse(body, "text/html; charset=utf-8"), "https://mau.gov.vn/a/", "e")
    assert facts == page_facts(parse(body, "text/html; charset=utf-8"), "https://mau.gov.vn/a/", "e")
    said = {text.selector: "" for text in facts.texts}
    for text in facts.texts:
        said[text.selector] += f" {text.text}"
    for mention in facts.dates:
        assert mention.date in {found.date for found in find_dates(said[mention.selector])}
    for document in facts.documents:
        # What a field of that name holds is its number though no reader would know it for one elsewhere; it must then stand there as it is.
        there = document.selectors.get("number", "")
        within = [text.text for text in facts.texts if text.selector == there or text.selector.startswith(f"{there} >")]
        written = "/" in document.number and any(document.number in text for text in within)
        assert document.number == "" or find_document_numbers(document.number) or written, document
