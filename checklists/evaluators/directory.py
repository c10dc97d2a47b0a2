"""Whom to reach: the officials a portal names, each with position, unit, telephone or fax and an official mailbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from checklists.evaluators.contact import host_of, registrable
from checklists.evaluators.looking import Looked
from checklists.evaluators.people import NAME
from checklists.evaluators.prose import first_line
from checklists.evaluators.records import LONGEST_LABEL, head_of
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen, within
from checklists.evaluators.subject import in_frame
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import begins, says
from checklists.model import Outcome, Pointer, Verdict
from crawler.model import Row, Table, Text
from crawler.numbers import find_emails, find_phones

Kind = Literal["name", "position", "unit", "phone", "email"]
Words = Annotated[tuple[str, ...], Field(min_length=1)]
LONGEST_LINE = 300
"""Characters of a line that tells of one official (assumed)."""
REACH = 6
"""Lines below a name that may belong to it (assumed)."""


class Directory(Parameters):
    """kind: what is asked; columns: the names of a table's columns, by what they hold; positions, units: words of positions and of units; titles:
    words before a person's name; private: mail hosts anyone may use; official: suffixes of official ones; share: of the contacts."""

    kind: Kind
    columns: Mapping[Kind, tuple[str, ...]]
    positions: Words
    units: Words
    titles: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    official: tuple[str, ...] = ()
    share: Fraction = Fraction(1, 2)


class Person(NamedTuple):
    """One contact: what is told of it by kind, and where."""

    told: Mapping[Kind, str]
    proof: Pointer


def directory(looked: Looked, parameters: Directory) -> Verdict:
    """Met where enough of the contacts the pages give show what is asked: of all, or of one page that lists several.
    A page that gives no telephone and no mailbox gives no contacts."""
    by_page = [reachable(people_of(seen, parameters)) for seen in looked.seen]
    people = [person for page in by_page for person in page]
    if not people:
        if framed := in_frame(looked):
            return unsure("in-frame", framed)
        return not_met("nobody", *[point(seen.page, *first_line(seen)) for seen in looked.seen[:1]])
    whole = told_of(people, looked, parameters)
    if whole.outcome is Outcome.MET:
        return whole
    pages = (told_of(page, looked, parameters) for page in by_page if len(page) >= FEWEST_LISTED)
    return next((verdict for verdict in pages if verdict.outcome is Outcome.MET), whole)


def told_of(people: list[Person], looked: Looked, parameters: Directory) -> Verdict:
    """The verdict on the contacts of one page or of all."""
    shown = [person for person in people if person.told.get(parameters.kind)]
    values = {"shown": len(shown), "of": len(people)}
    if parameters.kind == "email" and shown:
        return mailboxes(looked, shown, people, parameters)
    if shown and Fraction(len(shown), len(people)) >= parameters.share:
        return met("met", *[person.proof for person in shown[:3]], **values)
    return not_met("rare" if shown else "missing", (shown or people)[0].proof, **values)


def mailboxes(looked: Looked, shown: list[Person], people: list[Person], parameters: Directory) -> Verdict:
    """The verdict on the mailboxes given: official, private, or of another host."""
    request = looked.visit.request
    own = {registrable(host_of(url), parameters.official) for url in (request.declared_address, request.portal)} - {""}
    hosts = [
        (person, {mail.address.rsplit("@", 1)[-1] for mail in find_emails(person.told["email"])}) for person in shown
    ]
    official = [person for person, named in hosts if any(is_official(host, own, parameters) for host in named)]
    values = {"shown": len(official), "of": len(people)}
    if official and Fraction(len(official), len(people)) >= parameters.share:
        return met("met", *[person.proof for person in official[:3]], **values)
    if official:
        return not_met("rare", official[0].proof, **values)
    private = [person for person, named in hosts if named and named <= set(parameters.private)]
    if private and len(private) == len(hosts):
        return not_met("private-mail", private[0].proof, shown=len(private), of=len(people))
    return unsure("other-mail", shown[0].proof, **values)


def is_official(host: str, own: set[str], parameters: Directory) -> bool:
    """Whether a mail host is the state's or the agency's own."""
    return (
        any(host == end or host.endswith(f".{end}") for end in parameters.official)
        or registrable(host, parameters.official) in own
    )


def reachable(people: list[Person]) -> list[Person]:
    """The contacts of one page, none where nobody of them can be reached."""
    return people if any(person.told.get("phone") or person.told.get("email") for person in people) else []


def people_of(seen: Seen, parameters: Directory) -> list[Person]:
    """The contacts a page gives: rows of its tables, else runs of lines that begin with a name."""
    rows = [person for table in seen.tables for person in in_table(table, seen, parameters)]
    tables = {table.selector for table in seen.tables if any(True for _ in in_table(table, seen, parameters))}
    lines = [text for text in seen.texts if not within(text.selector, tables)]
    return [*rows, *in_lines(lines, seen, parameters)]


def in_table(table: Table, seen: Seen, parameters: Directory) -> Iterator[Person]:
    """The contacts of a table that names its columns. A row of one cell, or of one text throughout, names the unit of those below."""
    head, rows = head_of(table)
    kinds: dict[int, Kind] = {}
    for place, cell in enumerate(head):
        kind = next(
            (k for k, words in parameters.columns.items() if len(cell) <= LONGEST_LABEL and says(cell, words)), None
        )
        if kind:
            kinds[place] = kind
    kinds = {**held_by(rows, parameters), **kinds}
    if len(set(kinds.values())) < 2:
        return
    group = heading_unit(seen, parameters)
    for row in rows:
        cells = [cell for cell in row.cells if cell.strip()]
        if len(set(cells)) == 1:
            group = cells[0] if says(cells[0], parameters.units) else group
            continue
        told: dict[Kind, str] = {"unit": group} if group else {}
        for place, kind in kinds.items():
            if place < len(row.cells) and row.cells[place].strip():
                told[kind] = f"{told[kind]} {row.cells[place]}" if kind in told and kind != "unit" else row.cells[place]
        if "phone" in told and not re.search(r"\d{3}", told["phone"]):
            del told["phone"]
        if "email" in told and not find_emails(told["email"]):
            del told["email"]
        said = " | ".join(dict.fromkeys(cells))
        if find_emails(said):
            told.setdefault("email", said)
        if find_phones(said):
            told.setdefault("phone", said)
        if "unit" not in told and unit_told(told.get("position", ""), parameters):
            told["unit"] = told["position"]
        if told.keys() - {"unit"}:
            yield Person(told, point(seen.page, said, row.selector))


def held_by(rows: tuple[Row, ...], parameters: Directory) -> dict[int, Kind]:
    """What the columns hold whose cells are mostly of one kind, whatever the columns are called: mailboxes, telephones, positions, units, names."""
    tests: dict[Kind, Callable[[str], bool]] = {
        "email": lambda cell: bool(find_emails(cell)),
        "phone": lambda cell: bool(find_phones(cell)),
        "position": lambda cell: begins(cell, parameters.positions),
        "unit": lambda cell: begins(cell, parameters.units) and len(cell.split()) >= 2,
        "name": lambda cell: bool(person_name(cell, parameters)),
    }
    found: dict[int, Kind] = {}
    for place in range(max((len(row.cells) for row in rows), default=0)):
        cells = [row.cells[place] for row in rows if place < len(row.cells) and row.cells[place].strip()]
        kind = next((kind for kind, is_so in tests.items() if sum(map(is_so, cells)) * 2 > len(cells)), None)
        if kind and len(cells) >= FEWEST_ROWS:
            found[place] = kind
    return found


FEWEST_LISTED = 3
"""Contacts a page must give to be a directory, whatever it is called (assumed)."""
FEWEST_ROWS = 2
"""Rows of a table whose columns are known by what they hold (assumed)."""


def heading_unit(seen: Seen, parameters: Directory) -> str:
    """The unit a page's headings name, '' where they name none."""
    return next(
        (
            heading.text
            for heading in seen.page.outline.headings
            if begins(heading.text, parameters.units) and len(heading.text.split()) >= 2
        ),
        "",
    )


def in_lines(lines: list[Text], seen: Seen, parameters: Directory) -> Iterator[Person]:
    """The contacts told in lines: each begins with a person's name and takes the lines up to the next name."""
    starts = [
        place
        for place, text in enumerate(lines)
        if len(text.text) <= LONGEST_LINE and person_name(text.text, parameters)
    ]
    group = heading_unit(seen, parameters)
    for number, place in enumerate(starts):
        until = min(starts[number + 1] if number + 1 < len(starts) else len(lines), place + REACH)
        above = lines[max(0, place - 1) : place] if number == 0 or starts[number - 1] < place - 1 else []
        told = told_in([*above, *lines[place:until]], parameters)
        told["name"] = person_name(lines[place].text, parameters)
        if group:
            told.setdefault("unit", group)
        said = " ".join(text.text for text in lines[place:until])
        if told.keys() - {"name", "unit"}:
            yield Person(told, point(seen.page, said, lines[place].selector))


def told_in(lines: list[Text], parameters: Directory) -> dict[Kind, str]:
    """What some lines tell of an official besides the name."""
    told: dict[Kind, str] = {}
    for text in lines:
        if len(text.text) > LONGEST_LINE:
            continue
        if says(text.text, parameters.positions):
            told.setdefault("position", text.text)
        if unit_told(text.text, parameters):
            told.setdefault("unit", text.text)
        if find_phones(text.text):
            told.setdefault("phone", text.text)
        if find_emails(text.text):
            told.setdefault("email", text.text)
    return told


@lru_cache(maxsize=16)
def label_pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    """A label of a field that ends a run, with a capital as labels have, so that a name before it stands alone."""
    capital = sorted({label[0].upper() + label[1:] for label in labels}, key=len, reverse=True)
    return re.compile(rf"(?<=\w)\s+(?:{'|'.join(map(re.escape, capital))})\s*$")


def unit_told(text: str, parameters: Directory) -> bool:
    """Whether a line names a unit: after a label, or by a unit's word with two more beside it."""
    parts = re.split(r"[:;,|]|\s[-–]\s", text)
    return any(says(part, parameters.units) and len(part.split()) >= 3 and not find_phones(part) for part in parts)


def person_name(text: str, parameters: Directory) -> str:
    """The person's name a line begins with, after a title or a label, '' where it begins with none."""
    labels = label_pattern(
        tuple(word for kind, words in parameters.columns.items() if kind != "name" for word in words)
    )
    for part in re.split(r"[:;,|(]|\s[-–]\s", text)[:3]:
        words = labels.split(part, maxsplit=1)[0].split()
        while words and any(says(words[0].rstrip("."), (title,)) for title in parameters.titles):
            words = words[1:]
        name = " ".join(words).strip(" .")
        unlike = says(name, parameters.units) or says(name, parameters.positions)
        if 2 <= len(name.split()) <= 5 and NAME.fullmatch(name) and not unlike:
            return name
    return ""


EVALUATORS = {
    "directory": Evaluator(
        directory,
        Directory,
        {
            "met": ("shown", "of"),
            "rare": ("shown", "of"),
            "missing": ("shown", "of"),
            "private-mail": ("shown", "of"),
            "other-mail": ("shown", "of"),
            "nobody": (),
            "in-frame": (),
        },
        details=True,
        telling=True,
        sure=lambda verdict: int(verdict.values["of"]) >= FEWEST_LISTED,
    ),
}
