"""Words and addresses as portals and visitors use them: slugs, folding, canonical request targets."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha1
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from tests.portals import attachments


def slugify(text: str) -> str:
    """ASCII words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", attachments.plain(text).lower()).strip("-")


def fold(text: str) -> str:
    """Lower case without accents, for searching."""
    return attachments.plain(unicodedata.normalize("NFC", text)).lower()


def code(text: str) -> str:
    """Twelve hexadecimal digits that stay the same for the same text."""
    return sha1(text.encode()).hexdigest()[:12]


def canonical(target: str, ignore: Iterable[str] = ()) -> str:
    """The request target with its query sorted, without fragment and without the parameters to ignore."""
    parts = urlsplit(target)
    pairs = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in set(ignore)]
    query = urlencode(sorted(pairs))
    return (unquote(parts.path) or "/") + ("?" + query if query else "")


def text_of(markup_text: str) -> str:
    """The words of a piece of HTML, scripts and styles left out, blanks run together."""
    bare = re.sub(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->", " ", markup_text)
    words = html.unescape(re.sub(r"<[^>]+>", " ", bare))
    return " ".join(words.split())
