"""Addresses: which two are one page, which belong to an agency, which are files. Pure."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import tldextract

SESSION_PARAMETERS = frozenset(
    {"jsessionid", "phpsessid", "aspsessionid", "sid", "sessionid", "session", "cfid", "cftoken", "_afrloop", "_afrwindowmode",
     "_afrwindowid", "_adf.ctrl-state", "p_auth", "utm_source", "utm_medium", "utm_campaign", "fbclid"}
)  # fmt: skip
"""Query parameters that carry state, not content."""

INDEX_PAGES = frozenset(
    {"/", "/index.html", "/index.htm", "/index.php", "/index.php/", "/default.aspx", "/index.aspx", "/home"}
)

FILE_ENDINGS = (".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".rtf", ".odt", ".zip", ".rar", ".7z")
MEDIA_ENDINGS = (
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".svg",
    ".webp",
    ".ico",
    ".css",
    ".js",
    ".mp3",
    ".mp4",
    ".avi",
    ".flv",
    ".wmv",
    ".swf",
)

STATE_HOSTS = frozenset(
    {"chinhphu.vn", "vbpl.vn", "dichvucong.gov.vn", "muasamcong.mpi.gov.vn", "quochoi.vn", "toaan.gov.vn"}
)
"""Systems of the state that portals send their readers to for a section of their own."""

_domains = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=False)


@lru_cache(maxsize=8192)
def key(url: str) -> str:
    """What two addresses of one page share: lower-case host, no session state, sorted query, one name for index pages, no scheme."""
    parts = urlsplit(url)
    path = quote(unquote(parts.path.split(";", 1)[0]), safe="/%+:@!$&'()*,=~-._") or "/"
    if path.lower() in INDEX_PAGES and not parts.query:
        path = "/"
    query = sorted(
        (k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in SESSION_PARAMETERS
    )
    fragment = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit(("", site(url), path, urlencode(query), fragment))


@lru_cache(maxsize=4096)
def site(url: str) -> str:
    """The host of an address, lower-case and without `www.`; with its port unless that is the scheme's own."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    try:
        port = parts.port
    except ValueError:
        port = None
    return host if port in (None, 80, 443) else f"{host}:{port}"


@lru_cache(maxsize=4096)
def domain(url: str) -> str:
    """The registrable domain of an address (danang.gov.vn), or the host and port where it is a bare address."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _domains(host).top_domain_under_public_suffix or host
    return site(url)


def is_file(url: str) -> bool:
    """The address names a document to download."""
    return urlsplit(url).path.lower().endswith(FILE_ENDINGS)


def is_media(url: str) -> bool:
    """The address names a picture, a sound, a film or a part of a page."""
    return urlsplit(url).path.lower().endswith(MEDIA_ENDINGS)


def is_feed(url: str) -> bool:
    """The address names a news feed rather than a page."""
    words = urlsplit(url).path.lower().strip("/").split("/")
    return bool({"rss", "feed", "atom"} & set(words)) or words[-1].endswith((".rss", ".xml", ".atom"))


def is_state_host(url: str) -> bool:
    """The address lies on a host of the state: under gov.vn or chinhphu.vn, or one of its shared systems."""
    host = site(url).partition(":")[0]
    return host.endswith((".gov.vn", ".chinhphu.vn")) or host in STATE_HOSTS
