"""How to reach the people behind a portal: address, telephone, fax and an official mailbox in a footer or on a contact page."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from checklists.evaluators.looking import Looked
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import begins, finds, says
from checklists.model import Verdict
from crawler.model import Place, Role, Text
from crawler.numbers import find_emails, find_phones

Kind = Literal["address", "phone", "fax", "email"]


class Contact(Parameters):
    """kind: what is looked for; anchors: words of the block that names the portal's keeper, for footers not marked as such; vendors: words of
    those who only built the portal, whose lines do not count; reach: texts
    around an anchor that belong to it; labels, places, streets: words of a postal address; private: mail hosts anyone may use; official: suffixes of
    official mail hosts."""

    kind: Kind
    anchors: Annotated[tuple[str, ...], Field(min_length=1)]
    vendors: tuple[str, ...] = ()
    reach: Annotated[int, Field(ge=0)] = 8
    labels: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    official: tuple[str, ...] = ()


def contact(looked: Looked, parameters: Contact) -> Verdict:
    """Met where the contact page, or the part of home that names its keeper, gives what is looked for."""
    lesser: Verdict | None = None
    for seen in looked.seen:
        for text in contact_texts(seen, parameters):
            found = reads(text, seen, looked, parameters)
            if found is not None and found.reason == "met":
                return found
            lesser = lesser or found
    if lesser is not None:
        return lesser
    return not_met("none", *[point(seen.page, seen.page.outline.title) for seen in looked.seen[:1]])


def contact_texts(seen: Seen, parameters: Contact) -> list[Text]:
    """The texts of a page that may name the keeper: all of a contact page but its menus; of home the footer and what stands near an anchor."""
    texts = [
        text
        for text in seen.texts
        if text.place not in {Place.MENU, Place.BREADCRUMB} and not says(text.text, parameters.vendors)
    ]
    if seen.role is not Role.HOME:
        return [text for text in texts if text.place is not Place.SIDE]
    near: set[int] = set()
    for place, text in enumerate(texts):
        if text.place is Place.FOOTER:
            near.add(place)
        elif len(text.text) <= 300 and place >= len(texts) // 2 and says(text.text, parameters.anchors):
            near.update(range(max(0, place - parameters.reach), min(len(texts), place + parameters.reach + 1)))
    return [texts[place] for place in sorted(near)]


def reads(text: Text, seen: Seen, looked: Looked, parameters: Contact) -> Verdict | None:
    """What one text says of what is looked for, None where nothing."""
    if parameters.kind == "email":
        return mail(text, seen, looked, parameters)
    given = {
        "address": lambda: postal(text.text, parameters),
        "phone": lambda: any(phone.kind in {"phone", "unknown"} for phone in find_phones(text.text)),
        "fax": lambda: any(phone.kind == "fax" for phone in find_phones(text.text)),
    }[parameters.kind]()
    return met("met", point(seen.page, text.text, text.selector)) if given else None


LONGEST_ADDRESS = 400
"""Characters of a text that gives an address; longer ones tell a story."""


def postal(text: str, parameters: Contact) -> bool:
    """Whether a text gives a postal address: a label with something after it that holds a number or a place's word, or two words of places
    with a house number or a telephone, parted by commas, or a house number before a street, a comma and a place, the street named as one or a telephone or
    mailbox beside it."""
    if len(text) > LONGEST_ADDRESS:
        return False
    after = after_label(text, parameters.labels)
    if len(after) >= 10 and not find_emails(after[:40]) and (says(after, parameters.places) or re.search(r"\d", after)):
        return True
    for house in HOUSE_LINE.finditer(text):
        named = begins(house["street"], parameters.streets) or find_phones(text) or find_emails(text)
        if named and says(house["rest"], parameters.places):
            return True
    parts = len(re.findall(r",| - |–", text))
    placed = HOUSE.search(text) is not None or bool(find_phones(text))
    return placed and parts >= 2 and len(set(finds(text, parameters.places))) >= 2


HOUSE_LINE = re.compile(
    r"(?:^|[.:;,–-]\s+)(?:[Ss]ố\s+)?\d{1,4}[A-Za-z]?(?:/\d{1,4}[A-Za-z]?)*\s+(?P<street>[^\W\d_][^,.;:]{2,60}),\s*(?P<rest>[^.:;]{2,80})"
)
HOUSE = re.compile(r"(?<![\d.])\d{1,4}[A-Za-z]?(?![\d.])")


def after_label(text: str, labels: tuple[str, ...]) -> str:
    """What stands after the first of the labels and its colon, '' where there is no label."""
    clean = text.lower()
    starts = [
        (at, word) for word in labels if (at := clean.find(word.lower())) >= 0 and not clean[at - 1 : at].isalpha()
    ]
    if not starts:
        return ""
    at, word = min(starts)
    return re.sub(r"^[^:]{0,40}:", "", text[at + len(word) :], count=1).strip(" :-–")


def mail(text: Text, seen: Seen, looked: Looked, parameters: Contact) -> Verdict | None:
    """The verdict on the best mailbox a text names: official, else foreign, else private."""
    hosts = {email.address: email.address.rsplit("@", 1)[-1] for email in find_emails(text.text)}
    request = looked.visit.request
    own = {registrable(host_of(url), parameters.official) for url in (request.declared_address, request.portal)} - {""}
    for address, host in hosts.items():
        if (
            any(host == end or host.endswith(f".{end}") for end in parameters.official)
            or registrable(host, parameters.official) in own
        ):
            return met("met", point(seen.page, text.text if len(text.text) <= 300 else address, text.selector))
    for address, host in hosts.items():
        if host not in parameters.private:
            return unsure("other-mail", point(seen.page, address, text.selector))
    for address in hosts:
        return not_met("private-mail", point(seen.page, address, text.selector))
    return None


def host_of(url: str) -> str:
    """The host an address names, '' where it names none."""
    try:
        return (urlsplit(url if "//" in url else f"//{url}").hostname or "").lower()
    except ValueError:
        return ""


def registrable(host: str, official: tuple[str, ...]) -> str:
    """The part of a host its owner registered: one name before gov.vn, com.vn and the like, else the last two; '' for a bare or numeric host."""
    names = host.removeprefix("www.").split(".")
    if len(names) < 2 or names[-1].isdigit() or ":" in host:
        return ""
    second = len(names) >= 3 and (
        ".".join(names[-2:]) in official or names[-2] in {"com", "org", "net", "edu", "gov", "ac"}
    )
    return ".".join(names[-3:] if second else names[-2:])


EVALUATORS = {
    "contact": Evaluator(
        contact, Contact, {"met": (), "private-mail": (), "other-mail": (), "none": ()}, template=True
    ),
}
