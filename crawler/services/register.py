"""Lists of online services as agencies send them, read into services. Pure but for reading the file; every mistake is told with its row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import msgspec
from pydantic import AfterValidator, BeforeValidator, Field

from crawler.embedded import embedded
from crawler.problems import BadInput, Problem
from crawler.registry import Registry, look_up, nearest
from crawler.registry_rows import Id, Name, Row, Words, absolute, problem_at, read_rows
from crawler.services.model import Service
from crawler.sheets import Sheet, name_columns
from crawler.text import plain
from crawler.yaml_text import Tree

FIELDS = ("id", "agency", "unit", "name", "field", "level", "url", "dossiers_total", "dossiers_online")
NEEDED = ("name", "level")

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_LEVEL = re.compile(r"(?:mức(?: độ)?\s*)?(?:dvc(?:tt)?\s*)?([1-4]|iv|i{1,3})", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?://)?([^\s/:.?#@]+(\.[^\s/:.?#@]+)+|\[[0-9a-fA-F:.]+\])\.?(:\d{1,5})?([/?#]\S*)?")
_NEGATIVE = re.compile(r"-\s*\d[\d.,]*")


def _level(value: object) -> object:
    """The digit meant by 3, "mức độ 3", "Mức 4" or "III"."""
    found = _LEVEL.fullmatch(" ".join(str(value).split()))
    if found is None:
        raise ValueError("not a level")
    word = found[1].lower()
    return _ROMAN.get(word) or int(word)


def _address(value: str) -> str:
    if not value:
        return ""
    if not _ADDRESS.fullmatch(value):
        raise ValueError("not an address")
    return absolute(value)


def _dossiers(value: str) -> str:
    if _NEGATIVE.fullmatch(value):
        raise ValueError("below zero")
    return value


Figure = Annotated[Words, AfterValidator(_dossiers)]

MENDS = {
    "id": "leave it empty, or use lower-case letters, digits and hyphens",
    "name": "write the service's name",
    "level": "write the declared level: 1, 2, 3 or 4",
    "url": "write one address such as http://dichvucong.danang.gov.vn/ho-tich, or leave it empty",
    "dossiers_total": "write a number, or what is known in words",
    "dossiers_online": "write a number, or what is known in words",
}


class ServiceRow(Row):
    """A row of a list of services; the agency is resolved by the reader."""

    id: Id | Annotated[None, BeforeValidator(lambda value: value or None)] = None
    agency: Words = ""
    unit: Words = ""
    name: Name
    field: Words = ""
    level: Annotated[int, BeforeValidator(_level), Field(ge=1, le=4)]
    url: Annotated[str, AfterValidator(_address)] = ""
    dossiers_total: Figure = ""
    dossiers_online: Figure = ""


class Read(msgspec.Struct, frozen=True):
    """A list as read: services by line, and what is wrong with the other rows. A line with a problem has no service."""

    sheet: Sheet
    services: Mapping[int, Service]
    problems: tuple[Problem, ...]


class Change(msgspec.Struct, frozen=True):
    """One field of one service, as it was and as it is now; before is '' for a new service."""

    service: str
    field: str
    before: str
    after: str


def synonyms(mapping: Tree | None = None, *, file: str = "mapping") -> dict[str, tuple[str, ...]]:
    """What each column may be called: the words that ship, and before them those of a mapping (field: heading, or a list of them; `ignored`
    for columns to leave out). Raises BadInput for fields there are none of."""
    known = embedded("service_headings.yml", dict[str, tuple[str, ...]])
    if mapping is None:
        return known
    if not isinstance(mapping, dict):
        raise BadInput([Problem(file, 1, "", "no mapping of fields to headings", "write lines such as name: Tên DVC")])
    allowed = (*FIELDS, "ignored")
    wrong = [name for name in mapping if name not in allowed]
    if wrong:
        raise BadInput(
            [
                Problem(file, 0, name, f"there is no field “{name}”", f"use one of: {', '.join(allowed)}")
                for name in wrong
            ]
        )
    own = {
        name: tuple(map(str, said)) if isinstance(said, list) else (str(said),)
        for name, said in mapping.items()
        if said
    }
    taken = {word for words in own.values() for word in words}
    return {name: (*own.get(name, ()), *(word for word in words if word not in taken)) for name, words in known.items()}


def read_services(
    sheet: Sheet,
    registry: Registry,
    existing: Iterable[Service] = (),
    *,
    words: Mapping[str, Sequence[str]] | None = None,
    agency: str = "",
) -> Read:
    """The services of a list. agency is the id of the one meant where the list has no column for it.

    A service is the one of the register with its id, else of the same agency, unit and name. Raises BadInput where the columns are not
    known; what is wrong with rows is handed back.
    """
    known = dict(words or synonyms())
    ignored = known.pop("ignored", ())
    table = name_columns(sheet, known, ignored)
    needed = (*NEEDED, *(() if agency else ("agency",)))
    missing = [name for name in needed if name not in table.headings]
    if missing:
        line = min(sheet.rows, default=2) - 1
        raise BadInput(
            [Problem(sheet.file, line, name, "the column is missing", f"call it: {known[name][0]}") for name in missing]
        )
    problems: list[Problem] = []
    rows = read_rows(table, ServiceRow, problems)
    problems = [msgspec.structs.replace(each, mend=MENDS.get(each.field, each.mend)) for each in problems]
    by_id = {service.id: service for service in existing}
    by_key = {key_of(service.agency, service.unit, service.name): service.id for service in by_id.values()}
    services: dict[int, Service] = {}
    lines: dict[str, int] = {}
    for line, cells in table.rows.items():
        owner = agency or _agency(registry, cells.get("agency", ""), (sheet.file, line), problems)
        row = rows.get((sheet.file, line))
        if row is None or not owner:
            continue
        key = key_of(owner, row.unit, row.name)
        name = row.id or by_key.get(key) or id_of(key)
        if name in by_id and by_id[name].agency != owner:
            message = f"{name} is a service of {by_id[name].agency}"
            problems.append(problem_at((sheet.file, line), "id", message, "mend the id or the agency"))
        elif (first := lines.get(name) or lines.get(key)) is not None:
            message = f"the same service stands on line {first}"
            problems.append(problem_at((sheet.file, line), "name", message, "keep one of the two, or tell them apart"))
        else:
            lines[name] = lines[key] = line
            given = row.model_dump(exclude={"id", "agency"})
            services[line] = Service(id=name, agency=owner, **given)
    return Read(sheet, services, tuple(sorted(problems, key=lambda problem: problem.line)))


def changes(before: Mapping[str, Service], after: Iterable[Service]) -> tuple[Change, ...]:
    """What reading a list changes in a register, field by field; a new service by its name, level and address."""
    found = []
    for service in after:
        old = before.get(service.id)
        for field in ("agency", "unit", "name", "field", "level", "url", "dossiers_total", "dossiers_online"):
            was = "" if old is None else str(getattr(old, field))
            now = str(getattr(service, field))
            if was != now and (old is not None or field in ("name", "level", "url")):
                found.append(Change(service.id, field, was, now))
    return tuple(found)


def key_of(agency: str, unit: str, name: str) -> str:
    """What makes a service the same one when its list comes again: agency, unit and name, however capitals and tone marks are put."""
    return f"{agency}|{plain(unit)}|{plain(name)}"


def id_of(key: str) -> str:
    """The id of a service whose agency gives it none; follows from its key alone."""
    return f"{key.split('|')[0]}-{hashlib.sha256(key.encode()).hexdigest()[:10]}"


def _agency(registry: Registry, name: str, place: tuple[str, int], problems: list[Problem]) -> str:
    """The id of the agency a cell means, '' after a problem was told."""
    found = look_up(registry, name) if name else ()
    if len(found) == 1:
        return found[0].id
    if not name:
        problems.append(problem_at(place, "agency", "is missing", "write the agency's name"))
    else:
        near = " / ".join(each.name for each in found) or " / ".join(nearest(registry, name))
        said = "may mean several agencies" if found else "names no agency"
        mend = f"did you mean {near}?" if near else "see: kiemcong agencies list"
        problems.append(problem_at(place, "agency", f"“{name}” {said}", mend))
    return ""
