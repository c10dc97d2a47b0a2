"""The zoo's truths hold: they speak of every element, the pages they name are there and show what makes them true."""

from __future__ import annotations

import json
import re
import unicodedata
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from lxml import html as lxml_html

from tests.portals import encodings
from tests.portals.build import Built, build
from tests.portals.model import load, names, walk
from tests.portals.pages import Page
from tests.portals.serve import serving
from tests.portals.truth import items, says, truth
from tests.portals.words import fold, text_of

LARGE = {"tinh-lam-giang", "tinh-phu-hai", "tinh-thuong-yen", "tinh-vinh-xuyen"}
"""Portals of thousands of pages."""
ZOO = names()
EACH = [pytest.param(name, marks=pytest.mark.long) if name in LARGE else name for name in ZOO]
TRAPS = {
    "qa-is-news", "statistics-is-visitors", "lunar-calendar", "last-years-schedule", "duty-roster", "being-updated",
    "tenders-without-tenders", "projects-are-news", "english-links-to-vietnamese", "english-labels-vietnamese-content",
    "policy-is-copyright", "private-mail", "empty-metadata", "ticking-clock", "only-site-map", "only-footer",
    "four-clicks", "sibling-host",
}  # fmt: skip
DEAD = {"/trung-tam-dan-lat", "/vi/news/rss/", "/vi/laws/rss/"}
"""Links that lead nowhere on purpose."""


@cache
def hosts(name: str) -> dict[str, Built]:
    return build(load(name))


@cache
def told(name: str) -> dict[str, Any]:
    return truth(load(name))


def named_pages(name: str) -> Iterator[tuple[str, str, str]]:
    """(item, element, page) for every page a truth names."""
    for item, states in told(name)["items"].items():
        for element, pages in states.get("pages", {}).items():
            yield from ((item, element, page) for page in ([pages] if isinstance(pages, str) else pages))


def where(name: str, page: str) -> tuple[Built, str]:
    """The host a page of a truth lies on, and its path there."""
    if page.startswith("//"):
        host, _, path = page[2:].partition("/")
        return hosts(name)[host], "/" + path
    return hosts(name)[""], page


def page_at(built: Built, path: str) -> Page | None:
    first = path == "/" and built.layout.get("index") == "home"
    return next((page for page in built.pages if first or path in (page.path, page.path.removesuffix("#/"))), None)


def test_the_zoo_is_wide_enough() -> None:
    portals = [load(name) for name in ZOO]
    assert len(portals) >= 12
    assert {portal.block for portal in portals} >= {"bo", "cqtcp", "tinh", "so"}
    assert len({portal.site.platform for portal in portals}) >= 12
    assert len({portal.port for portal in portals}) == len(portals)


def test_every_trap_stands_at_least_twice() -> None:
    kinds = Counter(trap.split(":")[0] for name in ZOO for trap in {*load(name).traps})
    assert {trap: kinds[trap] for trap in TRAPS if kinds[trap] < 2} == {}


@pytest.mark.parametrize("name", EACH)
def test_every_trap_stands_where_it_is_said_to(name: str) -> None:
    built = hosts(name)
    for trap in load(name).traps:
        place = trap.split(": ")[1]
        assert place in built or place == "home" or place in built[""].keys, trap


@pytest.mark.parametrize("name", EACH)
def test_the_truth_speaks_of_every_element_of_the_block(name: str) -> None:
    found = {item: list(states["elements"]) for item, states in told(name)["items"].items()}
    assert found == items(load(name).block)
    for item, states in told(name)["items"].items():
        assert states["outcome"] in {"met", "partly_met", "not_met", "not_applicable"}, item
        assert (states["outcome"] == "not_met") <= (not any(states["elements"].values())), item
        assert set(states.get("pages", {})) <= {part for part, true in states["elements"].items() if true}, item


@pytest.mark.parametrize("name", EACH)
def test_what_the_data_names_are_elements_of_the_block(name: str) -> None:
    portal = load(name)
    known = {f"{item}.{part}" for item, parts in items(portal.block).items() for part in parts}
    known |= {f"{item}.*" for item in items(portal.block)} | set(items(portal.block))
    spoken = [*portal.truth.holds, *portal.truth.facts, *portal.truth.unjudgeable, *portal.truth.disputable]
    spoken += [*portal.truth.notes, *portal.truth.not_applicable, *portal.truth.artefact]
    spoken += [
        key
        for site in (portal.site, *portal.siblings.values())
        for part, _ in walk(site.sections)
        for key in part.proves
    ]
    assert [key for key in spoken if key not in known and key != "question-and-answer.mail-receives-questions"] == []


@pytest.mark.parametrize("name", EACH)
def test_the_pages_named_answer_and_hold_the_proof(name: str) -> None:
    proofs = {
        key: words
        for built in hosts(name).values()
        for section, _ in walk(built.site.sections)
        for key, words in section.proves.items()
    }
    seen = set()
    for item, element, page in named_pages(name):
        built, path = where(name, page)
        assert built.answer("GET", path.split("#")[0]).status == 200, page
        there = page_at(built, path)
        assert there is not None, page
        if f"{item}.{element}" in proofs:
            assert says(there, proofs[f"{item}.{element}"]), (item, element, page)
            seen.add(f"{item}.{element}")
    assert seen == set(proofs)


@pytest.mark.parametrize("name", EACH)
def test_a_proof_stands_in_what_is_sent(name: str) -> None:
    """What proves an element is in the bytes a visitor gets (the shell and its content, for a client-rendered page)."""
    for built in hosts(name).values():
        for section, _ in walk(built.site.sections):
            for words in section.proves.values() if not section.encoding and not built.layout.get("encoding") else ():
                pages = [
                    page
                    for page in built.pages
                    if page.key == section.key or "*" in section.also or page.key in section.also
                ]
                pages += [page for page in built.pages if page.key in {part.key for part, _ in walk([section])}]
                sent = " ".join(_sent(built, page) for page in pages[:60])
                pattern = words[1:] if words.startswith("~") else re.escape(words)
                assert re.search(pattern, re.sub(r"\s+", " ", sent)), (section.key, words)


def _sent(built: Built, page: Page) -> str:
    if not built.client:
        sent = built.answer("GET", page.path).body.decode("utf-8", "replace")
        boxes = [built.answer("GET", path).body.decode() for path in re.findall('data-url="([^"]+)"', sent)]
        boxes = [json.loads(box)["Data"] if built.layout.get("boxes_in_json") else box for box in boxes]
        return _words(" ".join([sent, *boxes]))
    script = built.answer("GET", "/static/app.js").body.decode("utf-8")
    parts = [json.loads(found) for found in re.findall(r'(?:frame|side) = ("(?:[^"\\]|\\.)*")', script)]
    got = json.loads(built.answer("GET", built.api(page.path)).body)
    return _words(got["title"] + " " + got["html"] + "".join(parts))


def _words(text: str) -> str:
    return unicodedata.normalize("NFC", text_of(text) + " " + text)


@pytest.mark.parametrize("name", EACH)
def test_metadata_is_as_told(name: str) -> None:
    states = told(name)["items"]["metadata"]["elements"]
    given = {key.split(".")[1].lower(): text for key, text in load(name).site.metadata.items()}
    assert {part: bool(given.get(part, "").strip()) for part in states} == states
    built = hosts(name)[""]
    if not built.client:
        article = next(page for page in built.pages if page.kind == "article")
        tags = lxml_html.document_fromstring(article.html).xpath("//meta[starts-with(translate(@name,'DC','dc'),'dc')]")
        shown = {tag.get("name").split(".")[1].lower(): tag.get("content") for tag in tags}
        assert {part: bool((shown.get(part) or "").strip()) for part in states} == states


@pytest.mark.parametrize("name", EACH)
def test_print_and_save_are_as_told(name: str) -> None:
    states = told(name)["items"]["print-and-save"]["elements"]
    for page in hosts(name)[""].pages:
        if page.kind == "article":
            assert ("window.print()" in page.html) == states["print"], page.path
            assert bool(re.search('class="save"', page.html)) == states["save"], page.path


@pytest.mark.parametrize("name", EACH)
def test_search_is_as_told(name: str) -> None:
    states, built = told(name)["items"]["search"]["elements"], hosts(name)[""]
    if built.site.saved:
        assert told(name)["items"]["search"]["artefact"] == ["finds-existing-article"]
        return
    article = next(page for page in built.pages if page.kind == "article")
    address = f"{built.layout['search']}?{built.layout['query']}={quote(article.title)}"
    reply = built.answer("GET", address)
    shown = "placeholder" in built.pages[0].html or built.layout["query"] in built.pages[0].html
    assert (built.site.search.mode != "none") == states["search-box"]
    assert shown or not states["search-box"]
    if states["search-box"]:
        nothing = built.answer("GET", f"{built.layout['search']}?{built.layout['query']}=zyzzyva")
        named, besides = (
            one.body.decode("utf-8").replace("&amp;", "&").count(article.path) for one in (reply, nothing)
        )
        assert (named > besides) == states["finds-existing-article"]  # a side column may name it on every page


@pytest.mark.parametrize("name", EACH)
def test_accessibility_is_as_told(name: str) -> None:
    states, pages = told(name)["items"]["accessibility"]["elements"], hosts(name)[""].pages
    trees = [lxml_html.document_fromstring(page.html) for page in pages if "FRAMESET" not in page.html]
    assert all(tree.xpath("not(//img[not(@alt)])") for tree in trees) == states["text-alternatives"]
    declared = [bool(tree.xpath("/html/@lang")) for tree in trees]
    assert (all(declared) or load(name).site.lang_declared) == states["language-declared"]
    bare = [
        field for tree in trees for field in tree.xpath("//input|//textarea|//select") if not _labelled(tree, field)
    ]
    assert (not bare) == states["labelled-forms"] or "accessibility.labelled-forms" in load(name).truth.disputable


def _labelled(tree: Any, field: Any) -> bool:
    if field.get("type") in {"hidden", "submit", "button"} or field.get("title") or field.get("aria-label"):
        return True
    return bool(field.xpath("ancestor::label")) or bool(
        field.get("id") and tree.xpath("//label[@for=$id]", id=field.get("id"))
    )


@pytest.mark.parametrize("name", EACH)
def test_no_link_within_the_agency_is_dead_but_those_meant_to_be(name: str) -> None:
    dead = set()
    if hosts(name)[""].site.saved:
        return
    for host, built in hosts(name).items():
        base = built.addresses[host]
        for page in built.pages:
            tree = lxml_html.document_fromstring(page.html)
            for address in {str(one) for one in tree.xpath("//@href|//@src|//option/@value[contains(.,'/')]")}:
                whole = urljoin(base + page.path, address)
                for other in hosts(name).values():
                    if whole.startswith(base_of(other) + "/") and not address.startswith(("#", "mailto", "javascript")):
                        target = whole[len(base_of(other)) :].split("#")[0]
                        if other.answer("GET", target).status not in (200, 302):
                            dead.add(target)
    assert dead <= DEAD
    assert (name == "bo-lang-nghe") == ("/trung-tam-dan-lat" in dead)


def base_of(built: Built) -> str:
    return next(built.addresses[host] for host, other in hosts(built.portal.portal).items() if other is built)


@pytest.mark.parametrize("name", EACH)
def test_pages_carry_no_hint_of_the_truth(name: str) -> None:
    words = {item for item in items(load(name).block) if "-" in item and item != "agency-links"}
    words |= {trap.split(":")[0] for trap in load(name).traps} - {"only-footer"}
    for built in hosts(name).values():
        for page in built.pages:
            assert [word for word in words if word in page.html] == [], page.path


@pytest.mark.parametrize("name", EACH)
def test_clicks_are_those_of_ordinary_links(name: str) -> None:
    far = {item: states.get("clicks") for item, states in told(name)["items"].items() if states.get("pages")}
    assert [item for item, clicks in far.items() if clicks is None] == []
    assert max(far.values(), default=0) <= 5


def test_some_sections_are_four_clicks_away_and_on_other_hosts() -> None:
    assert told("bo-lang-nghe")["items"]["projects-and-procurement"]["clicks"] == 4
    assert told("bo-giao-te")["items"]["science-programmes"]["clicks"] == 4
    assert told("tinh-an-phuoc")["items"]["official-gazette"]["page"].startswith("//congbao/")


def test_old_encodings_say_what_was_meant() -> None:
    words = "Cổng thông tin điện tử: ý kiến, Ủy ban, Đường"
    decoded = encodings.encoded(words, "windows-1258").decode("cp1258")
    assert unicodedata.normalize("NFC", decoded) == words
    assert encodings.encoded("Cổng thông tin điện tử", "tcvn3").decode("latin-1") == "Cæng th«ng tin ®iÖn tö"
    assert encodings.encoded("Tổ chức bộ máy", "vni").decode("latin-1") == "Toå chöùc boä maùy"
    with pytest.raises(UnicodeDecodeError):
        hosts("tinh-cua-loc")[""].answer("GET", hosts("tinh-cua-loc")[""].paths["lich-su"]).body.decode("utf-8")
    apart = hosts("bo-lang-nghe")[""].answer("GET", hosts("bo-lang-nghe")[""].paths["lich-su"]).body.decode("utf-8")
    assert unicodedata.normalize("NFC", apart) != apart


def test_a_served_portal_answers_searches_and_keeps_a_log() -> None:
    with serving(["tinh-an-phuoc", "bo-ban-do"]) as served:
        portal = served["tinh-an-phuoc"]
        with urllib.request.urlopen(portal.url + "/") as reply:
            assert urlsplit(reply.url).path == "/web/guest/trang-chu"
            body = reply.read().decode("utf-8")
        assert portal.siblings["congbao"] in body
        assert portal.truth["siblings"] == portal.siblings
        words = quote("nạo vét kênh mương")
        with urllib.request.urlopen(f"{portal.url}/web/guest/tim-kiem?keywords={words}") as reply:
            assert fold("Ra quân chiến dịch thủy lợi") in fold(reply.read().decode("utf-8"))
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(portal.url + "/khong-co")
        with caught.value as problem:
            assert problem.code == 404
        sent = b"f1=Lan&f2=lan%40thu.vn&f3=Hoi&f4=Noi+dung"
        asked = urllib.request.Request(portal.url + "/web/guest/gui-cau-hoi", data=sent)
        with urllib.request.urlopen(asked) as reply:
            assert "Câu hỏi đã được gửi" in reply.read().decode("utf-8")
        assert [entry[2] for entry in portal.requests][:2] == ["GET /", "GET /web/guest/trang-chu"]
        assert portal.requests[-1][3] == 200


@pytest.mark.browser
@pytest.mark.parametrize("name", ["bo-ban-do", "so-van-thu-hoa-son"])
def test_client_rendered_pages_show_what_the_truth_says(name: str) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    built = hosts(name)[""]
    with serving([name]) as served, sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        tab = browser.new_page()
        for section in [part for part, _ in walk(built.site.sections) if part.proves][:4]:
            tab.goto("about:blank")
            tab.goto(served[name].url + built.paths[section.key])
            tab.wait_for_function("document.querySelector('#view .page-body')")
            shown = " ".join(tab.inner_text("#view").split())
            assert fold(section.title or section.label) in fold(shown)
        tab.goto(served[name].url + "/")
        tab.fill("#search-input", next(page.title for page in built.pages if page.kind == "article"))
        tab.click("#search-btn")
        tab.wait_for_selector(".search-results", state="attached")
        found = tab.locator(".search-results a").count() > 0
        assert found == told(name)["items"]["search"]["elements"]["finds-existing-article"]
        browser.close()
