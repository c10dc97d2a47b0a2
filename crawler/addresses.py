"""Addresses: which two are one page, which belong to an agency, which are files. Pure."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import msgspec
import tldextract

from crawler.embedded import embedded
from crawler.model import Block


class _Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """data/addresses.yml."""

    session_parameters: frozenset[str]
    index_pages: frozenset[str]
    file_endings: tuple[str, ...]
    media_endings: tuple[str, ...]
    state_hosts: frozenset[str]
    shared_domains: frozenset[str]


_COOKIELESS = re.compile(r"^/\((?:[A-Z]\([^()/]*\))+\)(?=/)")
"""A session's token at the head of a path, as ASP.NET writes it: /(S(…))/."""
_FORMS = embedded("addresses.yml", _Forms)
_domains = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=False)


@lru_cache(maxsize=8192)
def key(url: str) -> str:
    """What two addresses of one page share: lower-case host, no session state, sorted query, one name for index pages, no scheme."""
    parts = urlsplit(url)
    path = quote(unquote(_COOKIELESS.sub("", parts.path.split(";", 1)[0])), safe="/%+:@!$&'()*,=~-._") or "/"
    if path.lower() in _FORMS.index_pages and not parts.query:
        path = "/"
    query = sorted(
        (k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in _FORMS.session_parameters
    )
    fragment = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit(("", site(url), path, urlencode(query), fragment))


@lru_cache(maxsize=8192)
def site(url: str) -> str:
    """The host of an address, lower-case and without `www.`; with its port unless that is the scheme's own."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    try:
        port = parts.port
    except ValueError:
        port = None
    return host if port in (None, 80, 443) else f"{host}:{port}"


@lru_cache(maxsize=256)
def agency_domain(portal: str, block: Block) -> str:
    """The name under which all hosts are the agency's own: the registrable domain, or the portal's own host for agencies that have theirs from
    another (departments, districts) or share one. Bare addresses stand for themselves, with their port."""
    registrable, host = domain(portal), site(portal)
    from_another = block in (Block.SO, Block.HUYEN) or registrable in _FORMS.shared_domains
    return host if from_another else registrable


@lru_cache(maxsize=4096)
def lies_under(url: str, name: str) -> bool:
    """The host of an address is the one of this name or one below it."""
    host = site(url)
    return host == name or host.partition(":")[0].endswith(f".{name}")


@lru_cache(maxsize=4096)
def domain(url: str) -> str:
    """The registrable domain of an address (danang.gov.vn), or the host and port where it is a bare address."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _domains(host).top_domain_under_public_suffix or host
    return site(url)


def at_root(url: str, path: str) -> str:
    """A path on the host of an address."""
    scheme, rest = url.split("://", 1)
    return f"{scheme}://{rest.split('/', 1)[0]}{path}"


def is_file(url: str) -> bool:
    """The address names a document to download."""
    return urlsplit(url).path.lower().endswith(_FORMS.file_endings)


def ending(url: str) -> str:
    """What the file an address names ends in, without the dot, in small letters; '' where it ends in nothing."""
    name = urlsplit(url).path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_media(url: str) -> bool:
    """The address names a picture, a sound, a film or a part of a page."""
    return urlsplit(url).path.lower().endswith(_FORMS.media_endings)


def is_feed(url: str) -> bool:
    """The address names a news feed rather than a page."""
    words = urlsplit(url).path.lower().strip("/").split("/")
    return bool({"rss", "feed", "atom"} & set(words)) or words[-1].endswith((".rss", ".xml", ".atom"))


def is_state_host(url: str) -> bool:
    """The address lies on a host of the state: under gov.vn or chinhphu.vn, or one of its shared systems."""
    host = site(url).partition(":")[0]
    return host.endswith((".gov.vn", ".chinhphu.vn")) or host in _FORMS.state_hosts
