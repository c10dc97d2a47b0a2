"""The rows of registry files as people write them: checked by pydantic, every mistake told with its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from crawler.model import Agency, AgencyPortal, Block
from crawler.problems import Problem
from crawler.sheets import Sheet
from crawler.text import nfc_clean

Place = tuple[str, int]
"""Where a row stands: file and line."""


def _listed(value: object) -> object:
    return tuple(part for part in map(nfc_clean, value.split(";")) if part) if isinstance(value, str) else value


def _day(value: object) -> object:
    """ISO text, or dd/mm/yyyy as it is written in Vietnam; '' is no day."""
    if not isinstance(value, str):
        return value
    if not value:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError("not a date")


def _flag(value: object) -> object:
    return {"": False, "0": False, "1": True}.get(value, value) if isinstance(value, str) else value


def _unset(value: object) -> object:
    return None if value == "" else value


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Words = Annotated[str, AfterValidator(nfc_clean)]
Name = Annotated[str, AfterValidator(nfc_clean), StringConstraints(min_length=1)]
Address = Annotated[str, StringConstraints(pattern=r"^(https?://)?[^\s/:.]+(\.[^\s/:.]+)+(:\d+)?(/\S*)?$")]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(_listed)]
Day = Annotated[date | None, BeforeValidator(_day)]
Flag = Annotated[bool, BeforeValidator(_flag)]

MENDS = {
    "id": "lower-case letters, digits and hyphens, such as bo-y-te",
    "block": f"one of: {', '.join(Block)}",
    "name": "write the agency's full name",
    "portal": "an address such as danang.gov.vn; several are parted by ';'",
    "url": "an address such as danang.gov.vn",
    "valid_from": "a date such as 2025-07-01 or 01/07/2025",
    "valid_to": "a date such as 2025-06-30 or 30/06/2025",
    "successor": "the id of an agency, such as lam-dong",
    "agency": "the id of an agency, such as da-nang",
    "former": "1 for an address given up, else 0",
}
"""How each field is mended."""


class Row(BaseModel):
    """A row whose unknown cells are refused and whose texts lose their outer blanks."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class AgencyRow(Row):
    """A row of agencies.csv. source tells where its facts come from and is not carried further."""

    id: Id
    block: Block
    name: Name
    not_assessed: Words = ""
    aliases: Names = ()
    valid_from: Day = None
    valid_to: Day = None
    successor: Id | Annotated[None, BeforeValidator(_unset)] = None
    source: str = ""

    def agency(self) -> Agency:
        """The row as the record every other room reads."""
        fields = self.model_dump(exclude={"source", "successor"})
        return Agency(**fields, successor=self.successor or "")


class PortalRow(Row):
    """A row of portals.csv."""

    agency: Id
    url: Address
    sibling: Words = ""
    former: Flag = False
    source: str = ""

    def portal(self) -> AgencyPortal:
        """The row as the record every other room reads; an address without a scheme is taken as http, as the reports print them."""
        return AgencyPortal(agency=self.agency, url=absolute(self.url), sibling=self.sibling, former=self.former)


class ChangeRow(Row):
    """A row of an import: an agency meant by id or name, and what is known of it now. An empty cell leaves the field as it is.

    portal lists addresses, the official one first.
    """

    id: Id | Annotated[None, BeforeValidator(_unset)] = None
    block: Block | Annotated[None, BeforeValidator(_unset)] = None
    name: Words = ""
    portal: Addresses = ()
    not_assessed: Words = ""
    aliases: Names = ()
    valid_from: Day = None
    valid_to: Day = None
    successor: Id | Annotated[None, BeforeValidator(_unset)] = None
    source: str = ""


Kind = TypeVar("Kind", bound=Row)


def read_rows(sheet: Sheet, kind: type[Kind], problems: list[Problem]) -> dict[Place, Kind]:
    """The rows of a sheet that fit, by place; what does not is added to problems."""
    rows: dict[Place, Kind] = {}
    for line, cells in sheet.rows.items():
        place = (sheet.file, line)
        try:
            rows[place] = kind.model_validate(cells)
        except ValidationError as error:
            problems += _told(place, cells, error)
    return rows


def problem_at(place: Place, field: str, message: str, mend: str) -> Problem:
    """A problem with a field of the row at a place."""
    return Problem(place[0], place[1], field, message, mend)


def absolute(url: str) -> str:
    """The address with its scheme and a path."""
    url = url if "://" in url else f"http://{url}"
    return url if url.partition("://")[2].count("/") else f"{url}/"


def _told(place: Place, cells: Mapping[str, str], error: ValidationError) -> list[Problem]:
    """One problem for each field: a union's branches fail together but are one mistake."""
    fields = dict.fromkeys((str(part["loc"][0]), part["type"]) for part in error.errors())
    told: dict[str, Problem] = {}
    for field, kind in fields:
        if kind == "missing" or not cells.get(field):
            message = "is missing"
        elif kind == "extra_forbidden":
            message = "is not a field of this table"
        else:
            message = f"“{cells[field]}” does not fit"
        told.setdefault(field, problem_at(place, field, message, MENDS.get(field, "")))
    return list(told.values())
