"""How pages were written before Unicode: TCVN3 (ABC fonts), VNI and windows-1258, and Unicode taken apart (NFD)."""

from __future__ import annotations

import unicodedata

# TCVN 5712:1993 VN3 ("ABC"), in the order of the letters below; a capital with a tone has no code of its own and borrows the small letter's.
_LETTERS = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_TCVN3 = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ"
_TCVN3_CAPITALS = dict(zip("ĂÂĐÊÔƠƯ", "¡¢§£¤¥¦", strict=True))

_VNI_TONES = {"\u0300": "ø", "\u0301": "ù", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_VNI_HAT = {"\u0300": "à", "\u0301": "á", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_VNI_BREVE = {"\u0300": "è", "\u0301": "é", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_VNI_WHOLE = {"ì": "ì", "í": "í", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ", "ơ": "ô", "ư": "ö"}


def encoded(html: str, encoding: str) -> bytes:
    """The page's bytes in one of tcvn3, vni, windows-1258 or any codec Python knows; letters it lacks become character references."""
    if encoding == "tcvn3":
        return _tcvn3(html).encode("latin-1", "xmlcharrefreplace")
    if encoding == "vni":
        return "".join(_vni(letter) for letter in unicodedata.normalize("NFC", html)).encode(
            "latin-1", "xmlcharrefreplace"
        )
    if encoding == "windows-1258":
        return "".join(_half_apart(letter) for letter in unicodedata.normalize("NFC", html)).encode(
            "cp1258", "xmlcharrefreplace"
        )
    return html.encode(encoding or "utf-8", "xmlcharrefreplace")


def _tcvn3(text: str) -> str:
    codes = dict(zip(_LETTERS, _TCVN3, strict=True))
    codes |= {letter.upper(): code for letter, code in codes.items()}
    codes |= _TCVN3_CAPITALS
    return "".join(codes.get(letter, letter) for letter in unicodedata.normalize("NFC", text))


def _vni(letter: str) -> str:
    small = letter.lower()
    if small in _VNI_WHOLE:
        code = _VNI_WHOLE[small]
    else:
        base, *marks = unicodedata.normalize("NFD", small)
        if not marks or base not in "aeiouy":
            return letter
        tones = [mark for mark in marks if mark in _VNI_TONES]
        tone = tones[0] if tones else ""
        if "\u0302" in marks:
            code = base + (_VNI_HAT[tone] if tone else "â")
        elif "\u0306" in marks:
            code = base + (_VNI_BREVE[tone] if tone else "ê")
        elif "\u031b" in marks:
            code = {"o": "ô", "u": "ö"}[base] + (_VNI_TONES[tone] if tone else "")
        else:
            code = base + _VNI_TONES[tone]
    return code.upper() if letter != small else code


def _half_apart(letter: str) -> str:
    """The letter with its tone, and only its tone, as a mark of its own: what windows-1258 can say."""
    base, *marks = unicodedata.normalize("NFD", letter)
    shape = [mark for mark in marks if mark not in _VNI_TONES]
    tones = [mark for mark in marks if mark in _VNI_TONES]
    if not tones:
        return letter
    return unicodedata.normalize("NFC", base + "".join(shape)) + "".join(tones)
