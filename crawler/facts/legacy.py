"""Vietnamese text kept in an encoding older than Unicode, told by the letters it is shown as. Pure.

TCVN3 (ABC) and VNI keep Vietnamese letters in the places of others: shown as Unicode they read “Céng hoµ x· héi” and “Coäng hoøa xaõ hoäi”. UTF-8 taken
for a single-byte encoding reads “Cá»™ng hÃ²a”. Which letters stand for which: the tables of TCVN 5712:1993 and of the VNI convention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

FEWEST_WORDS = 12
"""Words a page must show before its letters are judged (assumed)."""
SHARE = 0.15
"""Share of the words that must bear signs of an encoding (assumed: in such text half the words do; in good text, names aside, none)."""


class Legacy(StrEnum):
    """How a text is garbled."""

    NONE = ""
    TCVN3 = "TCVN3 (ABC)"
    VNI = "VNI"
    MISREAD = "UTF-8 khai sai bảng mã"


_WORD = re.compile(r"[^\s\"“”()\[\]{}<>,;:!?/|]+")
# Signs that are no letters but stand for some in TCVN3, within or at the end of a word.
_TCVN3 = re.compile(r"[A-Za-z\u00c0-\u024f][µ¸¶·¹¨»¾¼½©®ª¬\u00ad§¡¢£¤¥¦]|[µ¸¶·¹¨»¾¼½©®ª¬§][a-z]")
# A vowel followed by the letter that stands for its marks in VNI, or the letters for ư and đ.
_VNI = re.compile(
    r"[aA][øùûõïâáàåãäêéèúüë]|[eE][øùûõïâáàåãä]|[oO][øùûõïâáàåãä]|[uUyY][øùûõï]|[öÖ][øùûõïaiôunmc]"
    r"|[ñÑ][aeiouyöôAEIOUY]|ö[a-z]|ô[øùûõï]"
)
_MISREAD = re.compile(r"á[»º][\u0080-\u2122]|Ã[\u00a0-\u00bf]|Ä[\u0080-\u00bf‘’]|Æ[°¡\u00a0-\u00bf]|\ufffd")
# Letters only Vietnamese has.
_VIETNAMESE = re.compile(r"[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")


def legacy(texts: Iterable[str]) -> tuple[Legacy, str]:
    """How a page's texts are garbled, and the one that shows it best; (NONE, '') where they are not, or are too few to tell."""
    words = 0
    sound = 0
    signs: dict[Legacy, int] = {Legacy.TCVN3: 0, Legacy.VNI: 0, Legacy.MISREAD: 0}
    best: dict[Legacy, tuple[int, str]] = {}
    for text in texts:
        here = _WORD.findall(text)
        words += len(here)
        sound += sum(1 for word in here if _VIETNAMESE.search(word))
        if text.isascii():
            continue
        for kind, pattern in ((Legacy.TCVN3, _TCVN3), (Legacy.VNI, _VNI), (Legacy.MISREAD, _MISREAD)):
            if count := sum(1 for word in here if pattern.search(word)):
                signs[kind] += count
                best[kind] = max(best.get(kind, (0, "")), (min(count, 30), text), key=lambda one: one[0])
    kind = max(signs, key=lambda one: signs[one])
    if words < FEWEST_WORDS or signs[kind] < SHARE * words or signs[kind] <= sound:
        return Legacy.NONE, ""
    return kind, best[kind][1]
