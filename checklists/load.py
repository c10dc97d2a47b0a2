"""A checklist read from its folder of YAML: every mistake told at once, with file, line, field and mend."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError

from checklists.evaluators import EVALUATORS
from checklists.evaluators.registry import COMMON_VALUES, GENERAL_REASONS
from checklists.model import Checklist, Element, Item, Law, Outcome, Section, Vocabulary
from checklists.targets import digest
from checklists.written import (
    WordLists,
    WrittenChecklist,
    WrittenElement,
    WrittenItem,
    WrittenLaw,
    WrittenLaws,
    WrittenSection,
)
from crawler.model import Target, TargetKind
from crawler.problems import BadInput, Problem
from crawler.yaml_text import Lines, Tree, load_text

HERE = Path(__file__).parent

W = TypeVar("W", bound=BaseModel)


class Reading:
    """The files read so far and every problem met; raises all of them together."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def file(self, path: Path, kind: type[W], *, under: str = "") -> tuple[W, Lines] | None:
        """The file as the type asked for with its lines, or None where it has problems."""
        try:
            tree, lines = load_text(path)
        except BadInput as bad:
            self.problems.extend(bad.problems)
            return None
        written = self.typed({under: tree} if under else tree, kind, lines, skip=1 if under else 0)
        return None if written is None else (written, lines)

    def typed(
        self, tree: Tree | dict[str, Any], kind: type[W], lines: Lines, at: tuple[str, ...] = (), skip: int = 0
    ) -> W | None:
        """The tree as the type asked for; each misfit becomes a problem at its own line."""
        try:
            return kind.model_validate(tree)
        except ValidationError as wrong:
            for error in wrong.errors(include_url=False):
                place = (*at, *[part for part in error["loc"][skip:] if part != "[key]"])
                self.problems.append(lines.problem(place, error["msg"], MENDS.get(error["type"], "")))
            return None


MENDS = {
    "missing": "add the field",
    "extra_forbidden": "remove the field or mend its name",
    "string_pattern_mismatch": "ids are words of a–z and 0–9 joined by hyphens",
    "int_parsing": "write a whole number",
    "bool_parsing": "write true or false",
    "too_short": "name at least one",
}


def load_checklist(name: str = "nd43-2011", directory: Path = HERE) -> Checklist:
    """The checklist of that name: `<directory>/<name>/checklist.yml`, one file per item beside it, and `<directory>/laws.yml`.

    Raises BadInput with every mistake of all files: what YAML and types refuse, unknown law, section, evaluator, parameter or word list, a
    repeated id, a sentence missing or naming a value its reason does not have.
    """
    reading = Reading()
    whole = reading.file(directory / name / "checklist.yml", WrittenChecklist)
    laws = reading.file(directory / "laws.yml", WrittenLaws, under="laws")
    paths = sorted(path for path in (directory / name).glob("*.yml") if path.name != "checklist.yml")
    read = [file for path in paths if (file := reading.file(path, WrittenItem)) is not None]
    if whole is None or laws is None:
        raise BadInput(reading.problems)
    checklist, lines = whole
    reading.problems.extend(general_problems(checklist, lines, name))
    sections = gather_sections(reading, checklist, lines, read)
    items = [build_item(reading, item, at, checklist, laws[0].laws, sections) for item, at in read]
    if reading.problems:
        raise BadInput(reading.problems)
    bare = Checklist(
        id=checklist.id,
        title=checklist.title,
        version=checklist.version,
        valid_from=checklist.valid_from.isoformat(),
        valid_to=checklist.valid_to.isoformat(),
        items=tuple(items),
        sections=tuple(sections.values()),
        vocabulary=Vocabulary(
            sitemap_labels=tuple(checklist.sitemap_labels),
            nonsense_query=checklist.nonsense_query,
            empty_markers=tuple(checklist.empty_markers),
            empty_characters=checklist.empty_characters,
            marked_characters=checklist.marked_characters,
            gaps=checklist.gaps,
            merge_rule=checklist.merge_rule,
            mend_sentence=checklist.mend_sentence,
            outcomes={outcome.value: text for outcome, text in checklist.outcomes.items()},
            not_yet=checklist.not_yet,
        ),
    )
    return msgspec.structs.replace(bare, digest=digest(bare))


def general_problems(checklist: WrittenChecklist, lines: Lines, name: str) -> Iterable[Problem]:
    """What is wrong with the words no item owns."""
    if checklist.id != name:
        yield lines.problem(("id",), f"the id is not that of its folder, “{name}”", "give both the same name")
    if checklist.valid_from > checklist.valid_to:
        yield lines.problem(("valid_to",), "the years end before they begin", "exchange valid_from and valid_to")
    for outcome in Outcome:
        if outcome not in checklist.outcomes:
            yield lines.problem(("outcomes",), f"no sentence for the outcome “{outcome}”", f"add {outcome}: …")
        else:
            text = checklist.outcomes[outcome]
            yield from misnamed(text, {"met", "missing", "unsure"}, lines, ("outcomes", outcome.value))
    yield from misnamed(checklist.mend_sentence, {"mend", "clause"}, lines, ("mend_sentence",))
    yield from misnamed(checklist.not_yet, {"from", "met", "missing", "unsure"}, lines, ("not_yet",))
    known = {"general": GENERAL_REASONS, **{name: evaluator.reasons for name, evaluator in EVALUATORS.items()}}
    for owner, sentences in checklist.sentences.items():
        if owner not in known:
            yield lines.problem(("sentences", owner), f"there is no evaluator “{owner}”", "mend its name or remove it")
            continue
        for reason, text in sentences.items():
            if reason not in known[owner]:
                yield lines.problem(
                    ("sentences", owner, reason), f"{owner} never gives the reason “{reason}”", "remove it"
                )
            else:
                allowed = COMMON_VALUES | set(known[owner][reason])
                yield from misnamed(text, allowed, lines, ("sentences", owner, reason))
    for reason in GENERAL_REASONS:
        if reason not in checklist.sentences.get("general", {}):
            yield lines.problem(("sentences", "general"), f"no sentence for the reason “{reason}”", f"add {reason}: …")


def misnamed(text: str, allowed: Iterable[str], lines: Lines, at: tuple[str, ...]) -> Iterable[Problem]:
    """The values a sentence names that its reason does not have, and braces that do not close."""
    try:
        named = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as broken:
        yield lines.problem(at, f"the braces do not fit: {broken}", "write {name} for each value")
        return
    for name in sorted(named - set(allowed)):
        yield lines.problem(
            at, f"there is no value “{name}” for this sentence", f"use one of: {', '.join(sorted(allowed))}"
        )


def gather_sections(
    reading: Reading, checklist: WrittenChecklist, lines: Lines, read: Iterable[tuple[WrittenItem, Lines]]
) -> dict[str, Section]:
    """Every section of all files by id; repeated ids, unknown neighbours and label-less sections are problems."""
    found: dict[str, Section] = {}
    for owner, at in [(checklist.sections, lines), *((item.sections, at) for item, at in read)]:
        for name, section in owner.items():
            if name in found:
                reading.problems.append(
                    at.problem(("sections", name), f"the section “{name}” is described twice", "keep one")
                )
            if section.kind is TargetKind.SECTION and not section.labels:
                reading.problems.append(
                    at.problem(("sections", name), "a section has no labels", "name what links to it are called")
                )
            found[name] = build_section(name, section)
    for owner, at in [(checklist.sections, lines), *((item.sections, at) for item, at in read)]:
        for name, section in owner.items():
            for place, other in enumerate(section.within):
                if other not in found:
                    reading.problems.append(unknown_section(at, ("sections", name, "within", place), other))
    return found


def unknown_section(lines: Lines, at: tuple[str | int, ...], name: str) -> Problem:
    return lines.problem(at, f"there is no section “{name}”", "describe it under sections or mend its name")


def build_section(name: str, section: WrittenSection) -> Section:
    """The section with its target; order of words is kept, repeats dropped."""
    return Section(
        title=section.title,
        target=Target(
            id=name,
            kind=section.kind,
            labels=tuple(dict.fromkeys(section.labels)),
            slugs=tuple(dict.fromkeys(section.slugs)),
            headings=tuple(dict.fromkeys(section.headings)),
            signs=tuple(dict.fromkeys(section.signs)),
            rejects=tuple(dict.fromkeys(section.rejects)),
            within=tuple(dict.fromkeys(section.within)),
            landings=section.landings,
            details=section.details,
            attachments=section.attachments,
            file_text=section.file_text,
        ),
    )


def build_item(
    reading: Reading,
    item: WrittenItem,
    lines: Lines,
    checklist: WrittenChecklist,
    laws: Mapping[str, WrittenLaw],
    sections: Mapping[str, Section],
) -> Item:
    """The item, typed; what does not fit is noted as a problem and left out."""
    stem = Path(lines.file).stem
    if item.id != stem:
        reading.problems.append(
            lines.problem(("id",), f"the id is not that of its file, “{stem}”", "give both the same name")
        )
    law = laws.get(item.law)
    if law is None:
        reading.problems.append(
            lines.problem(("law",), f"laws.yml has no clause “{item.law}”", "add it there or mend the name")
        )
    elements = [
        element
        for name, written in item.elements.items()
        if (element := build_element(reading, name, written, lines, checklist, sections)) is not None
    ]
    return Item(
        id=item.id,
        title=item.title,
        part=item.part,
        mode=item.mode,
        law=Law(id=item.law, **(law.model_dump() if law else {"clause": "", "text": "", "source": "", "status": ""})),
        blocks=tuple(item.blocks),
        question=item.question,
        elements=tuple(elements),
        guidance=item.guidance,
        mend=item.mend,
        assumed=tuple(item.assumed),
        binds_from=item.binds_from.isoformat() if item.binds_from else "",
    )


def build_element(
    reading: Reading,
    name: str,
    element: WrittenElement,
    lines: Lines,
    checklist: WrittenChecklist,
    sections: Mapping[str, Section],
) -> Element | None:
    """The element with its parameters typed and its sentences complete, or None where its evaluator is unknown or misfed."""
    at = ("elements", name)
    for place, section in enumerate(element.sections):
        if section not in sections:
            reading.problems.append(unknown_section(lines, (*at, "sections", place), section))
    evaluator = EVALUATORS.get(element.evaluator)
    if evaluator is None:
        mend = f"use one of: {', '.join(sorted(EVALUATORS))}"
        reading.problems.append(lines.problem((*at, "evaluator"), f"there is no evaluator “{element.evaluator}”", mend))
        return None
    written = with_lists(reading, element.parameters, checklist.words, lines, (*at, "parameters"))
    parameters = reading.typed(written, evaluator.parameters, lines, (*at, "parameters"))
    sentences = {
        **checklist.sentences.get("general", {}),
        **checklist.sentences.get(element.evaluator, {}),
        **element.sentences,
    }
    known = {**GENERAL_REASONS, **evaluator.reasons}
    for reason in sorted(known.keys() - sentences.keys()):
        mend = f"add it here or under sentences.{element.evaluator} of checklist.yml"
        reading.problems.append(lines.problem((*at, "sentences"), f"no sentence for the reason “{reason}”", mend))
    for reason, text in element.sentences.items():
        where = (*at, "sentences", reason)
        if reason not in known:
            reading.problems.append(
                lines.problem(where, f"{element.evaluator} never gives the reason “{reason}”", "remove it")
            )
        else:
            reading.problems.extend(misnamed(text, COMMON_VALUES | set(known[reason]), lines, where))
    if parameters is None:
        return None
    return Element(
        id=name,
        title=element.title,
        sections=tuple(element.sections),
        evaluator=element.evaluator,
        parameters=parameters.model_dump(mode="json"),
        sentences={reason: sentences[reason] for reason in sorted(known) if reason in sentences},
        mend=element.mend,
        statistic=element.statistic,
        apart_hours=element.apart_hours,
    )


LIST_NAME = re.compile(r"^@([a-z0-9-]+)$")


def with_lists(
    reading: Reading, parameters: Mapping[str, Any], lists: WordLists, lines: Lines, at: tuple[str, ...]
) -> dict[str, Any]:
    """The parameters with every “@name” replaced by the word list of that name."""
    filled: dict[str, Any] = {}
    for key, value in parameters.items():
        match = LIST_NAME.match(value) if isinstance(value, str) else None
        if match is None:
            filled[key] = value
        elif match[1] in lists:
            filled[key] = lists[match[1]]
        else:
            mend = f"use one of: {', '.join(sorted(lists))}"
            reading.problems.append(lines.problem((*at, key), f"there is no word list “{match[1]}”", mend))
            filled[key] = [value]
    return filled
