"""A new registry edition out of an old one and a table of changes. Pure: what is wrong stops it all, nothing is half-changed."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from crawler.embedded import embedded
from crawler.model import Agency, AgencyPortal
from crawler.problems import BadInput, Problem
from crawler.registry import Registry, address_host, check_agencies, look_up, nearest, portals_of, spelling
from crawler.registry_rows import MENDS, ChangeRow, Place, absolute, problem_at, read_rows
from crawler.sheets import Sheet, name_columns

CLEARED = "-"
"""The cell that empties a field; an empty cell leaves it as it is."""


class Change(msgspec.Struct, frozen=True):
    """One field of one agency, as it was and as it is now."""

    agency: str
    field: str
    before: str
    after: str


def amend(registry: Registry, sheet: Sheet) -> tuple[Registry, tuple[Change, ...]]:
    """The registry with the table's rows applied, and every change they made, by agency in the table's order. Raises BadInput with all problems.

    A row means an agency by its id, else by its name; an unknown id with block and name is a new agency. Old names and addresses are kept as
    aliases and former addresses.
    """
    table = _named(sheet)
    problems: list[Problem] = []
    cleared = {line: {field for field, cell in cells.items() if cell == CLEARED} for line, cells in table.rows.items()}
    filled = {
        line: {field: "" if field in cleared[line] else cell for field, cell in cells.items()}
        for line, cells in table.rows.items()
    }
    rows = read_rows(Sheet(table.file, table.headings, filled), ChangeRow, problems)
    for line, cells in filled.items():
        # A row refused for another cell still says whether its name is known, so that one look shows every mistake.
        if (table.file, line) not in rows and not cells.get("id"):
            _meant(registry, ChangeRow.model_construct(name=cells["name"]), (table.file, line), {}, problems)
    agencies = {agency.id: agency for agency in registry.agencies}
    portals = {agency: portals_of(registry, agency) for agency in agencies}
    places: dict[str, Place] = {}
    for place, row in rows.items():
        found = _meant(registry, row, place, places, problems)
        if found is None:
            continue
        places[found.id] = place
        agencies[found.id] = _agency_after(agencies.get(found.id, found), row, cleared[place[1]])
        portals[found.id] = _portals_after(portals.get(found.id, ()), found.id, row.portal)
    amended = Registry(tuple(agencies.values()), tuple(portal for own in portals.values() for portal in own))
    for agency, message, mend in check_agencies(amended):
        problems.append(problem_at(places.get(agency, (sheet.file, 0)), "", message, mend))
    if problems:
        raise BadInput(sorted(problems, key=lambda problem: problem.line))
    return amended, tuple(change for agency in places for change in _changes(registry, amended, agency))


def _named(sheet: Sheet) -> Sheet:
    synonyms = embedded("headings.yml", dict[str, tuple[str, ...]])
    known = {field: synonyms[field] for field in ChangeRow.model_fields}
    table = name_columns(sheet, known, synonyms["ignored"])
    if "id" not in table.headings and "name" not in table.headings:
        raise BadInput([Problem(sheet.file, 1, "", "no column names the agency", "add a column “id” or “name”")])
    return table


def _meant(
    registry: Registry, row: ChangeRow, place: Place, places: Mapping[str, Place], problems: list[Problem]
) -> Agency | None:
    """The agency a row means, a new one where its id is new; None after a problem was told."""
    by_name = look_up(registry, row.name) if row.name else ()
    by_id = next((agency for agency in registry.agencies if agency.id == row.id), None)
    found = by_id
    wrong = ("", "", "")
    if not row.id and not row.name:
        wrong = ("id", "the row names no agency", "fill in id or name")
    elif row.id and by_name and (by_id is None or by_id not in by_name):
        others = ", ".join(agency.id for agency in by_name)
        wrong = ("name", f"the id says {row.id}, the name {others}", "mend one of the two")
    elif row.id and by_id is None and not (row.block and row.name):
        wrong = ("id", f"“{row.id}” is a new agency without block and name", f"fill them in; {MENDS['block']}")
    elif row.id and by_id is None and row.block:
        found = Agency(id=row.id, block=row.block, name=row.name)
    elif not row.id and len(by_name) == 1:
        found = by_name[0]
    elif not row.id:
        near = " / ".join(agency.name for agency in by_name) or " / ".join(nearest(registry, row.name))
        says = "may mean several agencies" if by_name else "names no agency"
        advice = f"did you mean {near}? " if near else ""
        wrong = ("name", f"“{row.name}” {says}", f"{advice}A new agency needs an id")
    if not wrong[1] and found and found.id in places:
        wrong = ("", f"{found.id} stands twice, first in line {places[found.id][1]}", "keep one row for each agency")
    if wrong[1]:
        problems.append(problem_at(place, *wrong))
        return None
    return found


def _agency_after(agency: Agency, row: ChangeRow, cleared: set[str]) -> Agency:
    given = {
        field: value
        for field in ("block", "not_assessed", "valid_from", "valid_to", "successor")
        if (value := getattr(row, field))
    }
    empty: dict[str, object] = {"not_assessed": "", "valid_from": None, "valid_to": None, "successor": ""}
    emptied = {field: value for field, value in empty.items() if field in cleared}
    aliases = () if "aliases" in cleared else agency.aliases
    # A name given beside an id renames; alone it only says which agency is meant.
    name = row.name if row.id and row.name else agency.name
    if spelling(name) != spelling(agency.name):
        aliases = (*aliases, agency.name)
    written = {
        spelling(alias): alias for alias in reversed((*aliases, *row.aliases)) if spelling(alias) != spelling(name)
    }
    return msgspec.structs.replace(agency, name=name, aliases=tuple(reversed(written.values())), **given, **emptied)


def _portals_after(
    before: tuple[AgencyPortal, ...], agency: str, addresses: tuple[str, ...]
) -> tuple[AgencyPortal, ...]:
    """The agency's addresses once the given ones, official first, hold; an official one no longer given is kept as former."""
    if not addresses:
        return before
    given = {address_host(address) for address in addresses}
    official = AgencyPortal(agency=agency, url=absolute(addresses[0]))
    siblings = [
        AgencyPortal(agency=agency, url=absolute(address), sibling=address_host(address)) for address in addresses[1:]
    ]
    rest = [portal for portal in before if address_host(portal.url) not in given]
    kept = [portal if portal.sibling else msgspec.structs.replace(portal, former=True) for portal in rest]
    return (official, *siblings, *kept)


def _changes(before: Registry, after: Registry, agency: str) -> list[Change]:
    old, new = _described(before, agency), _described(after, agency)
    return [Change(agency, field, old.get(field, ""), new[field]) for field in new if old.get(field, "") != new[field]]


def _described(registry: Registry, agency: str) -> dict[str, str]:
    """Every field of an agency as text."""
    found = next((one for one in registry.agencies if one.id == agency), None)
    if found is None:
        return {}
    return describe(registry, found)


def describe(registry: Registry, agency: Agency) -> dict[str, str]:
    """An agency and its addresses as text by field, empty where nothing is known."""
    own = portals_of(registry, agency.id)
    return {
        "id": agency.id,
        "block": agency.block,
        "name": agency.name,
        "portal": "; ".join(portal.url for portal in own if not portal.sibling and not portal.former),
        "siblings": "; ".join(portal.url for portal in own if portal.sibling),
        "former": "; ".join(portal.url for portal in own if portal.former),
        "not_assessed": agency.not_assessed,
        "aliases": "; ".join(agency.aliases),
        "valid_from": agency.valid_from.isoformat() if agency.valid_from else "",
        "valid_to": agency.valid_to.isoformat() if agency.valid_to else "",
        "successor": agency.successor,
    }
