"""The truth about a sample portal, element by element, in the form accuracy runs read: `python -m tests.portals.truth NAME > file`."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import yaml
from lxml import html as lxml_html

from tests.portals.build import Built, build
from tests.portals.model import DATA, Portal, Section, load, names, walk
from tests.portals.pages import Page
from tests.portals.words import text_of

_ANYWHERE = {
    "metadata": ["title", "creator", "date", "description", "publisher", "identifier"],
    "unicode": ["unicode-text"],
    "accessibility": ["text-alternatives", "language-declared", "labelled-forms", "contrast"],
    "domain-name": ["conforming-domain"],
    "continuous-operation": ["reachable-in-window"],
    "search": ["search-box"],
}
_STATISTICS = {"single-sign-on"}


def items(block: str) -> dict[str, list[str]]:
    """The items that bind a block of agencies, each with its elements."""
    listed = yaml.safe_load((DATA / "_items.yml").read_text(encoding="utf-8"))
    return {name: item["elements"] for name, item in listed.items() if block in item["blocks"]}


def truth(portal: Portal, addresses: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Everything an accuracy run needs to know of the portal. `addresses` are the siblings' base addresses as served."""
    hosts = build(portal, addresses)
    proved = proofs(portal, hosts)
    wide = everywhere(hosts[""])
    far = distances(hosts)
    elements = items(portal.block)
    unknown = {key.split(".")[0] for key in [*proved, *portal.truth.facts]} - set(elements)
    if unknown:
        raise ValueError(f"{portal.portal}: these do not bind the block: {sorted(unknown)}")
    whole: dict[str, Any] = {
        "portal": portal.portal,
        "agency": portal.agency,
        "block": portal.block,
        "platform": portal.site.platform,
        "home": hosts[""].paths["home"].removesuffix("#/"),
        "declared_address": portal.declared_address,
    }
    if portal.siblings:
        whole["siblings"] = {name: hosts[""].addresses[name] for name in portal.siblings}
    whole["now"] = portal.now
    whole["items"] = {name: _item(portal, name, parts, proved | wide, far) for name, parts in elements.items()}
    return whole


def _item(
    portal: Portal, name: str, elements: list[str], proved: Mapping[str, list[str]], far: Mapping[str, int]
) -> dict[str, Any]:
    told = portal.truth
    held = told.facts | {
        f"{name}.{part}": True for part in elements if {f"{name}.{part}", f"{name}.*"} & set(told.holds)
    }
    states = {part: _state(held, proved, f"{name}.{part}") for part in elements}
    pages = {part: proved[f"{name}.{part}"] for part in elements if states[part] and proved.get(f"{name}.{part}")}
    item: dict[str, Any] = {"outcome": outcome(portal, name, states), "elements": states}
    if pages:
        item["pages"] = {part: found[0] if len(found) == 1 else _same(tuple(found)) for part, found in pages.items()}
        best = nearest((path for found in pages.values() for path in found), far)
        if name != "search":  # what its results prove lies at an address of the visitor's own making
            item["page"] = best
        item["clicks"] = far.get(best)
    blind = [part for part in elements if f"{name}.{part}" in told.unjudgeable]
    if name in told.unjudgeable:
        item["judgeable"] = False
    elif blind:
        item["judgeable"] = blind
    disputable = [part for part in elements if f"{name}.{part}" in told.disputable]
    if disputable:
        item["disputable_elements"] = disputable
    lost = [part for part in elements if f"{name}.{part}" in told.artefact]
    if lost:
        item["artefact"] = lost
    if name in told.acceptable:
        item["acceptable"] = told.acceptable[name]
    if name in told.notes:
        item["note"] = told.notes[name]
    return item


def everywhere(built: Built) -> dict[str, list[str]]:
    """Where facts about the whole site can be seen: on every page, or on every article where they belong to articles."""
    whole = _both(built, [page.path for page in built.pages])
    articles = [page.path for page in built.pages if page.kind == "article"]
    where = {f"{name}.{part}": whole for name, parts in _ANYWHERE.items() for part in parts}
    return where | {"print-and-save.print": articles, "print-and-save.save": articles}


def _state(facts: Mapping[str, bool], proved: Mapping[str, list[str]], key: str) -> bool:
    if key in facts:
        return facts[key]
    return bool(proved.get(key)) and key.split(".")[0] not in {*_ANYWHERE, "print-and-save"}


def outcome(portal: Portal, name: str, states: Mapping[str, bool]) -> str:
    """met | partly_met | not_met | not_applicable: of the elements an outsider can judge and that carry a duty."""
    told = portal.truth
    if name in told.not_applicable:
        return "not_applicable"
    counted = {
        part: true
        for part, true in states.items()
        if part not in _STATISTICS and f"{name}.{part}" not in told.unjudgeable
    } or dict(states)
    if name == "question-and-answer" and portal.truth.facts.get("question-and-answer.mail-receives-questions"):
        counted.pop("status-tracking", None)
    if all(counted.values()):
        return "met"
    return "partly_met" if any(counted.values()) else "not_met"


def proofs(portal: Portal, hosts: Mapping[str, Built]) -> dict[str, list[str]]:
    """Which pages prove each element: those of the section that says so, of the sections below it and of those it names, where the words stand."""
    found: dict[str, list[str]] = {}
    for host, built in hosts.items():
        for section, _ in walk(built.site.sections):
            if not section.proves:
                continue
            pages = list(_candidates(built, section))
            for element, words in section.proves.items():
                paths = _both(built, [_named(host, page.path) for page in pages if says(page, words)])
                if not paths:
                    raise ValueError(
                        f"{portal.portal}: {section.key} says it proves {element}, but no page of it holds {words!r}"
                    )
                found.setdefault(element, []).extend(path for path in paths if path not in found.get(element, []))
    return found


def _candidates(built: Built, section: Section) -> Iterable[Page]:
    keys = {part.key for part, _ in walk([section])} | set(section.also)
    return (page for page in built.pages if "*" in section.also or page.key in keys)


def says(page: Page, words: str) -> bool:
    """Whether the words, or the pattern after ~, stand in the page's text or markup."""
    texts = _texts(page.html)
    if words.startswith("~"):
        return any(re.search(words[1:], text) for text in texts)
    return any(words in text for text in texts)


@cache
def _texts(html: str) -> tuple[str, str]:
    return unicodedata.normalize("NFC", text_of(html)), unicodedata.normalize("NFC", html)


def _both(built: Built, paths: list[str]) -> list[str]:
    """The paths, with "/" beside the first page where that is the same page under another spelling."""
    again = built.layout.get("hash_routes") or built.layout.get("index") == "home"
    return ["/", *paths] if again and built.paths["home"] in paths and "/" not in paths else paths


def _named(host: str, path: str) -> str:
    return f"//{host}{path}" if host else path


def distances(hosts: Mapping[str, Built]) -> dict[str, int]:
    """Clicks from the main home page to every page that ordinary links reach, over all hosts of the agency."""
    near = {hosts[""].paths["home"]: 0}
    by_name = {_named(host, page.path): (host, page) for host, built in hosts.items() for page in built.pages}
    same = {_named(host, built.at(path)): _named(host, path) for host, built in hosts.items() for path in _paths(built)}
    queue = [hosts[""].paths["home"]]
    while queue:
        here = queue.pop(0)
        host, page = by_name[here]
        for xpath, step in (("//frame/@src | //iframe/@src", 0), ("//a/@href | //area/@href", 1)):
            for target in _targets(hosts, host, page, xpath):
                there = same.get(target, target)
                if there in by_name and there not in near:
                    near[there] = near[here] + step
                    queue.insert(0 if step == 0 else len(queue), there)
    return near


def _paths(built: Built) -> list[str]:
    return [page.path for page in built.pages if "#" not in page.path]


def _targets(hosts: Mapping[str, Built], host: str, page: Page, xpath: str) -> Iterable[str]:
    built = hosts[host]
    base = built.addresses[host]
    framed = [built.replies[path].body.decode("utf-8", "replace") for path in built.layout.get("frames", [])]
    for text in [page.html, *framed]:
        for address in links_in(text, xpath):
            whole = urljoin(base + page.path, address)
            if not whole.startswith("http"):
                continue
            yield from _resolve(hosts, whole)


def links_in(text: str, xpath: str = "//a/@href | //area/@href") -> list[str]:
    """Addresses of the ordinary links of a page: anchors and image maps (frames, where asked)."""
    if not text.strip():
        return []
    tree = lxml_html.document_fromstring(text)
    return [address for address in tree.xpath(xpath) if not address.startswith(("#!", "javascript"))]


def _resolve(hosts: Mapping[str, Built], address: str, depth: int = 0) -> Iterable[str]:
    parts = urlsplit(address)
    for host, built in hosts.items():
        if f"{parts.scheme}://{parts.netloc}" != built.addresses[host]:
            continue
        if built.layout.get("hash_routes") and parts.fragment:
            yield _named(host, f"{parts.path or '/'}#{parts.fragment}")
            return
        target = built.at(parts.path + ("?" + parts.query if parts.query else ""))
        reply = built.replies.get(target)
        if reply and reply.status in (301, 302) and depth < 4:
            yield from _resolve(hosts, urljoin(built.addresses[host], reply.headers["Location"]), depth + 1)
        else:
            yield _named(host, target)


@cache
def _same(paths: tuple[str, ...]) -> list[str]:
    """One list for equal lists, so that YAML writes it once."""
    return list(paths)


def nearest(paths: Iterable[str], far: Mapping[str, int]) -> str:
    """The page with the fewest clicks; the first of them."""
    return min(paths, key=lambda path: far.get(path, 99))


def as_yaml(told: Mapping[str, Any]) -> str:
    """The truth file's text."""
    return yaml.safe_dump(dict(told), allow_unicode=True, sort_keys=False, width=160)


if __name__ == "__main__":
    for asked in sys.argv[1:] or names():
        sys.stdout.write(as_yaml(truth(load(asked))))
