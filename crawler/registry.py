"""The registry: which agencies there are, under which addresses they publish, and which one a written name means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from rapidfuzz import fuzz, process

from crawler.embedded import embedded
from crawler.model import Agency, AgencyPortal
from crawler.problems import BadInput, Problem
from crawler.registry_rows import AgencyRow, PortalRow, problem_at, read_rows
from crawler.sheets import read_csv
from crawler.text import fold, plain

EMBEDDED_EDITION = "2016"
"""The registry edition that ships with the program: the agencies of the published 2016 assessment."""


class Registry(msgspec.Struct, frozen=True):
    """One edition of the registry, in the order of its files. An agency's first portal that is neither sibling nor former is its official one."""

    agencies: tuple[Agency, ...]
    portals: tuple[AgencyPortal, ...]


def read_registry(agencies_csv: Path, portals_csv: Path) -> Registry:
    """The registry of two CSV files in UTF-8 with the headings of data/2016. Raises BadInput with every problem of both."""
    problems: list[Problem] = []
    agencies = read_rows(read_csv(agencies_csv), AgencyRow, problems)
    portals = read_rows(read_csv(portals_csv), PortalRow, problems)
    registry = Registry(
        tuple(row.agency() for row in agencies.values()), tuple(row.portal() for row in portals.values())
    )
    agency_places = dict(zip((agency.id for agency in registry.agencies), agencies, strict=True))
    problems += [
        problem_at(agency_places[agency], "", message, mend) for agency, message, mend in check_agencies(registry)
    ]
    problems += [
        problem_at(
            place, "agency", f"there is no agency “{row.agency}”", f"add it to {agencies_csv.name}, or mend the id"
        )
        for place, row in portals.items()
        if row.agency not in agency_places
    ]
    if problems:
        raise BadInput(sorted(problems, key=lambda problem: (problem.file, problem.line)))
    return registry


def check_agencies(registry: Registry) -> list[tuple[str, str, str]]:
    """What is wrong with a registry as a whole: (agency id, message, mend) for every repeated id, name or alias and missing portal."""
    wrong = []
    seen: set[str] = set()
    names: dict[str, str] = {}
    hosts = {portal.agency for portal in registry.portals if not portal.sibling and not portal.former}
    for agency in registry.agencies:
        if agency.id in seen:
            wrong.append((agency.id, f"the id “{agency.id}” stands twice", "give each agency its own id"))
        seen.add(agency.id)
        for name in (agency.name, *agency.aliases):
            other = names.setdefault(spelling(name), agency.id)
            if other != agency.id:
                wrong.append((agency.id, f"“{name}” also names {other}", "tell the two apart"))
        if agency.valid_from and agency.valid_to and agency.valid_to < agency.valid_from:
            wrong.append((agency.id, "valid_to comes before valid_from", "mend one of the two"))
        if agency.assessed and agency.id not in hosts:
            wrong.append((agency.id, "an assessed agency has no portal", "give its address, or why it is not assessed"))
    return wrong


def embedded_registry(edition: str = EMBEDDED_EDITION) -> Registry:
    """The registry edition that ships with the program."""
    folder = files("crawler").joinpath("data", edition)
    with as_file(folder.joinpath("agencies.csv")) as agencies, as_file(folder.joinpath("portals.csv")) as portals:
        return read_registry(agencies, portals)


def portals_of(registry: Registry, agency: str) -> tuple[AgencyPortal, ...]:
    """An agency's addresses, the official one first."""
    own = (portal for portal in registry.portals if portal.agency == agency)
    return tuple(sorted(own, key=lambda portal: (portal.former, bool(portal.sibling))))


def official_portal(registry: Registry, agency: str) -> AgencyPortal | None:
    """The portal an agency is assessed by, None where it has none."""
    first = next(iter(portals_of(registry, agency)), None)
    return first if first and not first.sibling and not first.former else None


# --- which agency a written name means ------------------------------------------------------------------------------------------------------


class _Names(msgspec.Struct, frozen=True):
    source: str
    prefixes: tuple[str, ...]


def spoken(name: str) -> str:
    """A name as two spellings of it share it: folded, without the words that only say what kind of agency it is."""
    words = fold(name)
    prefixes = embedded("names.yml", _Names).prefixes
    while found := next((prefix for prefix in prefixes if words.startswith(f"{prefix} ")), None):
        words = words[len(found) + 1 :]
    return words


def resolve(registry: Registry, name: str, *, file: str = "agency", line: int = 0, field: str = "") -> Agency:
    """The agency a name, an alias, an id or the address of a portal means. Raises BadInput where none or several are meant, naming the
    nearest; file, line and field say where the name was written."""
    found = look_up(registry, name)
    if len(found) == 1:
        return found[0]
    raise BadInput([_unresolved(registry, name, found, file, line, field)])


def resolve_all(registry: Registry, names: Mapping[int, str], *, file: str, field: str = "agency") -> dict[int, Agency]:
    """The agencies meant by the names of a file's lines, or BadInput with every name that means none or several."""
    found = {line: look_up(registry, name) for line, name in names.items()}
    problems = [
        _unresolved(registry, names[line], agencies, file, line, field)
        for line, agencies in found.items()
        if len(agencies) != 1
    ]
    if problems:
        raise BadInput(problems)
    return {line: agencies[0] for line, agencies in found.items()}


def look_up(registry: Registry, name: str) -> tuple[Agency, ...]:
    """Every agency a name may mean: those spelt exactly so, else those that share its letters without marks."""
    exact, folded = _index(registry)
    for index, key in ((exact, spelling(name)), (exact, address_host(name)), (folded, spoken(name))):
        if key and (found := index.get(key)):
            return found
    return ()


def _unresolved(registry: Registry, name: str, found: Sequence[Agency], file: str, line: int, field: str) -> Problem:
    if found:
        choices = ", ".join(f"{agency.name} ({agency.id})" for agency in found)
        return Problem(file, line, field, f"“{name}” may mean several agencies", f"write one of: {choices}")
    near = nearest(registry, name)
    mend = f"did you mean {' / '.join(near)}?" if near else "see: kiemcong agencies list"
    return Problem(file, line, field, f"no agency is called “{name}”", mend)


def nearest(registry: Registry, name: str, count: int = 3) -> tuple[str, ...]:
    """The names most like the given one, best first; none where nothing is alike."""
    spellings = {
        (agency.id, place): spoken(text)
        for agency in registry.agencies
        for place, text in enumerate((agency.name, *agency.aliases))
    }
    scored = process.extract(spoken(name), spellings, scorer=_likeness, limit=4 * count, score_cutoff=60)
    names = {agency.id: agency.name for agency in registry.agencies}
    return tuple(dict.fromkeys(names[agency] for _, _, (agency, _) in scored))[:count]


def _likeness(one: str, other: str, **_: object) -> float:
    """0–100: letters in the same order, and words shared, each count half; so a shortened name and a mistyped one both come near."""
    return (fuzz.ratio(one, other) + fuzz.token_set_ratio(one, other)) / 2


@lru_cache(maxsize=4)
def _index(registry: Registry) -> tuple[dict[str, tuple[Agency, ...]], dict[str, tuple[Agency, ...]]]:
    by_id = {agency.id: agency for agency in registry.agencies}
    exact: list[tuple[str, Agency]] = [(spelling(agency.id), agency) for agency in registry.agencies]
    exact += [(address_host(portal.url), by_id[portal.agency]) for portal in registry.portals]
    written = [(name, agency) for agency in registry.agencies for name in (agency.name, *agency.aliases)]
    exact += [(spelling(name), agency) for name, agency in written]
    return _grouped(exact), _grouped((spoken(name), agency) for name, agency in written)


def _grouped(pairs: Iterable[tuple[str, Agency]]) -> dict[str, tuple[Agency, ...]]:
    groups: defaultdict[str, dict[str, Agency]] = defaultdict(dict)
    for key, agency in pairs:
        groups[key][agency.id] = agency
    return {key: tuple(agencies.values()) for key, agencies in groups.items()}


def spelling(name: str) -> str:
    """A name as written, but for case, punctuation and where the tone marks stand."""
    return plain(name)


def address_host(text: str) -> str:
    """The host of an address or of text that looks like one, without 'www.'; '' otherwise."""
    text = text.strip().lower()
    if not re.fullmatch(r"(https?://)?[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?(/\S*)?", text):
        return ""
    host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
    return host.removeprefix("www.")
