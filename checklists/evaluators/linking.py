"""Links to the agency's own units and to other agencies, and whether those that were followed still lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from checklists.evaluators.contact import host_of
from checklists.evaluators.headings import LONGEST_HEADING
from checklists.evaluators.looking import Looked
from checklists.evaluators.registry import Evaluator, Parameters
from checklists.evaluators.seen import Seen
from checklists.evaluators.verdicts import met, not_met, point, unsure
from checklists.evaluators.words import begins, says
from checklists.model import Pointer, Verdict
from crawler.addresses import key
from crawler.model import Block, Link, VisitStatus


class Agencies(Parameters):
    """kind: whose links; bo to huyen: how the names of an agency's own units begin, per block; others: how those of other agencies do; peers: how those of
    agencies under the Government do, which their units' may too; suffixes: ends
    of the hosts agencies use; rejects: labels that name no agency; functions: labels of the portal's own functions on hosts of their own; links:
    the least number of different ones."""

    kind: Literal["subordinate", "other"]
    bo: tuple[str, ...]
    cqtcp: tuple[str, ...]
    tinh: tuple[str, ...]
    so: tuple[str, ...]
    huyen: tuple[str, ...]
    others: tuple[str, ...]
    peers: tuple[str, ...] = ()
    suffixes: Annotated[tuple[str, ...], Field(min_length=1)]
    rejects: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    links: Annotated[int, Field(ge=1)] = 3


FEWEST_NAMES = 3
"""Agencies' names without links that make a list of them (assumed)."""


class Led(NamedTuple):
    """A link to an agency and the page it stands on."""

    seen: Seen
    link: Link


def agency_links(looked: Looked, parameters: Agencies) -> Verdict:
    """Met where enough different links lead to sites of the agency's units, or of other agencies."""
    found = {key(one.link.url): one for one in external(looked, parameters) if is_kind(one.link, looked, parameters)}
    peers = {url: one for url, one in found.items() if is_peer(one.link, looked, parameters)}
    leading = {url: one for url, one in found.items() if url not in peers}
    if len(leading) >= parameters.links:
        first = next(iter(leading.values()))
        return met("met", point(first.seen.page, first.link.label, first.link.selector), links=len(leading))
    if len(found) >= parameters.links:
        first = next(iter(peers.values()))
        return unsure("peers", point(first.seen.page, first.link.label, first.link.selector), links=len(peers))
    if parameters.kind == "subordinate":
        inside = {key(one.link.url): one for one in internal(looked, parameters)}
        if len(inside) >= parameters.links:
            first = next(iter(inside.values()))
            return unsure("inside", point(first.seen.page, first.link.label, first.link.selector), links=len(inside))
    if leading:
        first = next(iter(leading.values()))
        return not_met("few", point(first.seen.page, first.link.label, first.link.selector), links=len(leading), needed=parameters.links)  # fmt: skip
    named = named_only(looked, parameters)
    if len(named) >= FEWEST_NAMES:
        return not_met("names-only", named[0])
    return not_met("none", *[point(seen.page, seen.page.outline.title or seen.page.url) for seen in looked.seen[:1]])


def named_only(looked: Looked, parameters: Agencies) -> list[Pointer]:
    """Where agencies are named in short texts, each name once."""
    names = names_of(looked, parameters)
    found = {
        text.text: point(seen.page, text.text, text.selector)
        for seen in looked.seen
        for text in seen.texts
        if len(text.text) <= LONGEST_HEADING and begins(text.text, names) and not says(text.text, parameters.rejects)
    }
    return list(found.values())


def names_of(looked: Looked, parameters: Agencies) -> tuple[str, ...]:
    """How the names of the agencies asked for begin."""
    return parameters.others if parameters.kind == "other" else units_of(looked, parameters)


def units_of(looked: Looked, parameters: Agencies) -> tuple[str, ...]:
    """How the names of the units of an agency of the visit's block begin."""
    return {
        Block.BO: parameters.bo,
        Block.CQTCP: parameters.cqtcp,
        Block.TINH: parameters.tinh,
        Block.SO: parameters.so,
        Block.HUYEN: parameters.huyen,
    }[looked.visit.request.block]


def own_hosts(looked: Looked) -> frozenset[str]:
    """The hosts of the portal itself, without www."""
    request = looked.visit.request
    return frozenset(
        host.removeprefix("www.") for host in map(host_of, (request.portal, request.declared_address)) if host
    )


def external(looked: Looked, parameters: Agencies) -> Iterator[Led]:
    """The links that leave the portal for another host and do not sit in an article."""
    own = own_hosts(looked)
    for seen in looked.seen:
        for link in seen.page.outline.links:
            host = host_of(link.url).removeprefix("www.")
            if host and host not in own and link.label and not says(link.label, parameters.rejects):
                yield Led(seen, link)


def is_kind(link: Link, looked: Looked, parameters: Agencies) -> bool:
    """Whether a link leads to a unit of the agency (named as one, or on a host below the portal's), or to another agency (on an agency's host
    that is not below the portal's, or named as one)."""
    host = host_of(link.url).removeprefix("www.")
    below = is_below(link, looked)
    other = begins(link.label, parameters.others)
    unit = not other and begins(link.label, units_of(looked, parameters))
    if says(link.label, parameters.functions) and not other:
        return False
    if parameters.kind == "subordinate":
        return unit or below
    official = any(host == end or host.endswith(f".{end}") for end in parameters.suffixes)
    return not below and not unit and (official or other)


def is_peer(link: Link, looked: Looked, parameters: Agencies) -> bool:
    """Whether a link named as a unit of an agency under the Government may as well lead to another such agency: it bears a name of their kind,
    and its host is not below the portal's."""
    if parameters.kind != "subordinate" or looked.visit.request.block is not Block.CQTCP:
        return False
    return begins(link.label, parameters.peers) and not is_below(link, looked)


def is_below(link: Link, looked: Looked) -> bool:
    """Whether a link leads to a host below the portal's own."""
    host = host_of(link.url).removeprefix("www.")
    return any(host.endswith(f".{own}") for own in own_hosts(looked) if own.count(".") >= 1)


def internal(looked: Looked, parameters: Agencies) -> Iterator[Led]:
    """Links named as the agency's units that stay on the portal."""
    own = own_hosts(looked)
    names = names_of(looked, parameters)
    for seen in looked.seen:
        for link in seen.page.outline.links:
            inside = host_of(link.url).removeprefix("www.") in own
            if inside and len(link.label) <= LONGEST_HEADING and begins(link.label, names):
                yield Led(seen, link)


# --- are they alive? -----------------------------------------------------------------------------------------------------------------------


class Alive(Agencies):
    """dead: what an answer must be for a link to be dead; followed: how many links must have been followed for the others to be taken as alive."""

    dead: tuple[VisitStatus, ...]
    followed: Annotated[int, Field(ge=1)] = 3


def links_alive(looked: Looked, parameters: Alive) -> Verdict:
    """Met where enough of the agencies' links were followed and all led to a page; a lack where one led to none by its own host's word; open where
    too few were followed."""
    opened = {key(url) for page in looked.everywhere if page.visit for url in (page.visit.requested_url, page.url)}
    failed = {key(url): visit for visit in looked.failed for url in (visit.requested_url, visit.final_url)}
    both = [parameters.model_copy(update={"kind": kind}) for kind in ("subordinate", "other")]
    links = {
        key(one.link.url): one
        for kind in both
        for one in [*external(looked, kind), *internal(looked, kind)]
        if is_kind(one.link, looked, kind) or begins(one.link.label, names_of(looked, kind))
    }
    if not links:
        return unsure("no-links")
    dead = [(one, failed[name]) for name, one in links.items() if name in failed and failed[name].status in parameters.dead]  # fmt: skip
    alive = [one for name, one in links.items() if name in opened and name not in failed]
    values = {"alive": len(alive), "dead": len(dead), "of": len(links)}
    if dead:
        return not_met("dead", *[point(one.seen.page, f"{one.link.label} → {one.link.url}", one.link.selector) for one, _ in dead[:3]], **values)  # fmt: skip
    if len(alive) >= min(parameters.followed, len(links)):
        return met("met", *[point(one.seen.page, one.link.label, one.link.selector) for one in alive[:3]], **values)
    first = next(iter(links.values()))
    return unsure("not-followed", point(first.seen.page, first.link.label, first.link.selector), **values)


EVALUATORS = {
    "agency-links": Evaluator(
        agency_links,
        Agencies,
        {
            "met": ("links",),
            "few": ("links", "needed"),
            "inside": ("links",),
            "peers": ("links",),
            "names-only": (),
            "none": (),
        },
        template=True,
    ),
    "links-alive": Evaluator(
        links_alive,
        Alive,
        {
            "met": ("alive", "dead", "of"),
            "dead": ("alive", "dead", "of"),
            "not-followed": ("alive", "dead", "of"),
            "no-links": (),
        },
        template=True,
        everywhere=True,
    ),
}
