"""Reading a checklist: the real one is whole; every mistake is told at once with its line and mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from checklists.evaluators import EVALUATORS
from checklists.evaluators.registry import GENERAL_REASONS
from checklists.load import HERE, load_checklist
from checklists.targets import compile_targets
from crawler.model import Block, TargetKind
from crawler.problems import BadInput

DUTIES = {
    "introduction-agency": "organisation-chart functions-and-duties subordinate-functions history leader-biographies leader-assignments",
    "introduction-locality": "administrative-apparatus administrative-map natural-conditions history culture-and-heritage leader-biographies "
    "leader-assignments",
    "news": "listing dated-articles recent",
    "leader-schedule": "schedule current-week-or-month",
    "legal-documents": "document-type issuing-authority number issue-date effective-date abstract downloadable document-search",
    "portal-contact": "address phone fax official-email",
    "search": "search-box finds-existing-article",
    "domain-name": "conforming-domain",
    "statistics": "figures report method analysis",
    "foreign-language": "introduction contacts services",
    "metadata": "title creator date description publisher identifier",
    "agency-links": "subordinate-units other-agencies links-alive",
    "print-and-save": "print save",
    "question-and-answer": "channel published-answers status-tracking",
    "unicode": "unicode-text",
    "accessibility": "text-alternatives language-declared labelled-forms contrast",
    "personal-data-policy": "policy-page",
    "online-services-section": "section service-list level-stated sorted-by-field",
    "service-functions": "user-guide usage-frequency processing-status dossiers-processed",
    "service-integration": "subordinate-services-linked single-sign-on",
    "continuous-operation": "reachable-in-window",
}
"""Item → elements, as the duties name them."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The checklists' YAML in a folder of its own, to be spoilt."""
    shutil.copy(HERE / "laws.yml", tmp_path / "laws.yml")
    shutil.copytree(HERE / "nd43-2011", tmp_path / "nd43-2011")
    return tmp_path


def spoil(folder: Path, file: str, old: str, new: str) -> int:
    """Replace text once and tell the line it stands on."""
    path = folder / "nd43-2011" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems(folder: Path) -> list[str]:
    with pytest.raises(BadInput) as caught:
        load_checklist(directory=folder)
    return [str(problem) for problem in caught.value.problems]


def test_the_duties_and_their_elements_are_all_there() -> None:
    checklist = load_checklist()
    assert DUTIES.items() <= {item.id: " ".join(one.id for one in item.elements) for item in checklist.items}.items()


def test_every_element_has_a_sentence_for_every_reason() -> None:
    for item in load_checklist().items:
        for element in item.elements:
            assert element.sentences.keys() == {*GENERAL_REASONS, *EVALUATORS[element.evaluator].reasons}


def test_every_mistake_is_told_at_once_with_its_line(copy: Path) -> None:
    law = spoil(copy, "news.yml", "law: nd43-2011-10.1.b", "law: nd43-2011-99")
    days = spoil(copy, "news.yml", "      days: 30", "      days: thirty")
    unknown = spoil(copy, "search.yml", "evaluator: search-box", "evaluator: search-bok")
    block = spoil(copy, "domain-name.yml", "blocks: [bo,", "blocks: [bộ,")
    section = spoil(copy, "portal-contact.yml", "sections: [home, contact]", "sections: [home, contat]")
    told = problems(copy)
    for file, line, words in [
        ("news.yml", law, "no clause “nd43-2011-99”"),
        ("news.yml", days, "valid integer"),
        ("search.yml", unknown, "no evaluator “search-bok”"),
        ("domain-name.yml", block, "blocks.0"),
        ("portal-contact.yml", section, "no section “contat”"),
    ]:
        assert any(f"{file}:{line} " in one and words in one for one in told), (file, line, words, told)


def test_an_unknown_parameter_is_refused(copy: Path) -> None:
    line = spoil(copy, "news.yml", "      entries: 3", "      entires: 3")
    told = problems(copy)
    assert any(f"news.yml:{line} [elements.listing.parameters.entires]" in one for one in told)
    assert any("elements.listing.parameters.entries" in one and "Field required" in one for one in told)


def test_a_missing_sentence_is_refused(copy: Path) -> None:
    spoil(copy, "checklist.yml", "    stale:", "    stale-not:")
    told = problems(copy)
    assert any("no sentence for the reason “stale”" in one for one in told)
    assert any("never gives the reason “stale-not”" in one for one in told)


def test_a_sentence_that_names_a_value_its_reason_lacks_is_refused(copy: Path) -> None:
    line = spoil(
        copy,
        "checklist.yml",
        '    few: "Mục {where} tại {url} chỉ có {entries}',
        '    few: "Mục {where} tại {url} chỉ có {articles}',
    )
    assert any(f"checklist.yml:{line} " in one and "no value “articles”" in one for one in problems(copy))


def test_a_section_described_twice_is_refused(copy: Path) -> None:
    spoil(copy, "news.yml", "sections:\n  news:", "sections:\n  home:\n    title: Nhà\n    kind: home\n  news:")
    assert any("the section “home” is described twice" in one for one in problems(copy))


def test_a_word_list_that_is_not_there_is_refused(copy: Path) -> None:
    spoil(copy, "portal-contact.yml", "@keeper", "@keepers")
    assert any("no word list “keepers”" in one for one in problems(copy))


def test_an_item_of_another_name_than_its_file_is_refused(copy: Path) -> None:
    spoil(copy, "news.yml", "id: news", "id: tin-tuc")
    assert any("not that of its file" in one for one in problems(copy))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert any("there is no such file" in one for one in problems(tmp_path))


# --- targets -----------------------------------------------------------------------------------------------------------------------------


def test_the_digest_of_targets_is_stable_and_depends_on_words_only(copy: Path) -> None:
    first = compile_targets(load_checklist(directory=copy))
    assert compile_targets(load_checklist(directory=copy)).digest == first.digest
    spoil(copy, "news.yml", "mend: Đăng tin, bài thường xuyên", "mend: Đăng tin đều")
    assert compile_targets(load_checklist(directory=copy)).digest == first.digest
    spoil(copy, "news.yml", "      - Tin mới nhất\n", "      - Tin vừa đăng\n")
    assert compile_targets(load_checklist(directory=copy)).digest != first.digest


def test_targets_are_those_the_block_is_bound_to_once_each() -> None:
    checklist = load_checklist()
    province = [target.id for target in compile_targets(checklist, block=Block.TINH).targets]
    ministry = [target.id for target in compile_targets(checklist, block=Block.BO).targets]
    assert len(province) == len(set(province))
    assert "administrative-map" in province
    assert "administrative-map" not in ministry
    assert "subordinate-units" in ministry


def test_a_part_brings_along_the_section_that_may_hold_it() -> None:
    few = compile_targets(load_checklist(), items=["introduction-locality"], block=Block.TINH)
    assert {"introduction", "leaders", "leader-assignments"} <= {target.id for target in few.targets}
    for target in few.targets:
        assert set(target.within) <= {one.id for one in few.targets}


def test_home_and_search_are_looked_for_in_their_own_way() -> None:
    kinds = {target.id: target.kind for target in compile_targets(load_checklist()).targets}
    assert (kinds["home"], kinds["search"]) == (TargetKind.HOME, TargetKind.SEARCH)


def test_an_unknown_item_is_refused() -> None:
    with pytest.raises(KeyError, match="thoi-su"):
        compile_targets(load_checklist(), items=["news", "thoi-su"])
