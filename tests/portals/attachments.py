"""Small files that portals attach: PDF, DOCX, old Word and Excel, archives; and pictures drawn by code."""

from __future__ import annotations

import random
import unicodedata

from tests.portals import office_files

TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "rar": "application/x-rar-compressed",
}


def attachment(name: str) -> tuple[str, bytes]:
    """Media type and bytes of a small file of that name, the same each time."""
    ending = name.rsplit(".", 1)[-1].lower()
    words = plain(name.rsplit(".", 1)[0].replace("-", " "))
    makers = {"pdf": _pdf, "doc": office_files.doc, "docx": _docx, "xls": _xls, "xlsx": _xlsx, "zip": _docx}
    made = makers[ending](words) if ending in makers else b"Rar!\x1a\x07\x00" + words.encode()
    return TYPES.get(ending, "application/octet-stream"), made


def _pdf(words: str) -> bytes:
    return office_files.pdf([[words]])


def _docx(words: str) -> bytes:
    return office_files.docx([words])


def _xls(words: str) -> bytes:
    return office_files.xls([[words]])


def _xlsx(words: str) -> bytes:
    return office_files.xlsx([[words]])


def plain(text: str) -> str:
    """The text without accents."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def picture(seed: str, words: str = "") -> str:
    """An SVG drawing that can pass for a press photograph from afar: sky, hills, water, houses or a hall with flags."""
    dice = random.Random(seed)
    kind = dice.choice(["field", "field", "hall", "town", "river"])
    sky = dice.choice([("#9fd0f0", "#e8f4fb"), ("#f6c98b", "#fdf1dc"), ("#7fb4dd", "#d8ecf8"), ("#b9c6d6", "#eef2f6")])
    parts = [
        (
            f'<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{sky[0]}"/>'
            f'<stop offset="1" stop-color="{sky[1]}"/></linearGradient></defs><rect width="320" height="213" fill="url(#s)"/>'
        )
    ]
    parts += {"hall": _hall, "town": _town, "river": _river, "field": _field}[kind](dice)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 213" width="320" height="213">{"".join(parts)}</svg>'
    )


def _hills(dice: random.Random, color: str, level: int) -> str:
    steps = range(0, 361, 60)
    points = [f"{x},{level + dice.randint(-28, 18)}" for x in steps]
    curve = "M0,213 L" + " L".join(points) + " L320,213 Z"
    return f'<path d="{curve}" fill="{color}" stroke="{color}" stroke-width="12" stroke-linejoin="round"/>'


def _field(dice: random.Random) -> list[str]:
    sun = f'<circle cx="{dice.randint(40, 280)}" cy="{dice.randint(30, 60)}" r="18" fill="#fff3b8"/>'
    rows = [
        f'<path d="M{x},213 L{150 + (x - 160) // 6},140" stroke="#5f8f2f" stroke-width="3"/>'
        for x in range(-80, 420, 26)
    ]
    return [
        sun,
        _hills(dice, "#7d9aa8", 110),
        _hills(dice, "#6c9a58", 132),
        '<rect y="140" width="320" height="73" fill="#8dbb45"/>',
        *rows,
    ]


def _river(dice: random.Random) -> list[str]:
    boats = [
        f'<path d="M{x},{y} q16,12 34,0 z M{x + 14},{y - 2} v-20 l14,18 z" fill="{dice.choice(["#7b3f1d", "#8c2d19", "#444"])}"/>'
        for x, y in ((dice.randint(20, 250), dice.randint(150, 195)) for _ in range(3))
    ]
    waves = [
        f'<path d="M{dice.randint(0, 260)},{y} h40" stroke="#bfe0ee" stroke-width="2"/>' for y in range(146, 210, 9)
    ]
    return [
        _hills(dice, "#6d8c9c", 105),
        _hills(dice, "#4f7d4c", 126),
        '<rect y="134" width="320" height="79" fill="#5c9dbd"/>',
        *waves,
        *boats,
    ]


def _town(dice: random.Random) -> list[str]:
    houses = []
    x = 0
    while x < 320:
        width, height = dice.randint(24, 48), dice.randint(40, 120)
        color = dice.choice(["#e9d8b4", "#d9c2a0", "#c9d5df", "#efe7d6", "#d8b8a0"])
        houses.append(f'<rect x="{x}" y="{190 - height}" width="{width}" height="{height}" fill="{color}"/>')
        houses.append(f'<rect x="{x}" y="{186 - height}" width="{width}" height="6" fill="#a4442f"/>')
        houses += [
            f'<rect x="{wx}" y="{wy}" width="5" height="8" fill="#5b7488"/>'
            for wx in range(x + 5, x + width - 6, 10)
            for wy in range(200 - height, 180, 16)
        ]
        x += width + 2
    return [_hills(dice, "#8fa9b5", 112), *houses, '<rect y="188" width="320" height="25" fill="#8a8d90"/>']


def _hall(dice: random.Random) -> list[str]:
    curtain = dice.choice(["#a3161b", "#8f1d2c", "#1f4e8c"])
    heads = [
        (
            f'<circle cx="{x + dice.randint(-4, 4)}" cy="{y}" r="9" fill="#2c2522"/><rect x="{x - 13}" y="{y + 8}" width="26" height="30" '
            f'rx="8" fill="{dice.choice(["#2f3e55", "#3b3b3b", "#56402f", "#23485f"])}"/>'
        )
        for y in (150, 178)
        for x in range(12 + (y % 4) * 6, 320, 34)
    ]
    star = '<path d="M160,38 l6,18 h19 l-15,11 6,18 -16,-11 -16,11 6,-18 -15,-11 h19 z" fill="#ffd83d"/>'
    return [
        f'<rect width="320" height="140" fill="{curtain}"/>',
        star,
        '<rect x="70" y="98" width="180" height="9" fill="#ffe9a8"/><rect x="100" y="112" width="120" height="6" fill="#ffe9a8"/>',
        '<rect y="140" width="320" height="73" fill="#6b4a2f"/>',
        *heads,
    ]


def portrait(seed: str) -> str:
    """An SVG head and shoulders with nobody's face."""
    dice = random.Random(seed)
    back = dice.choice(["#b9d3e8", "#c9d8e0", "#d9c9b8", "#c6d9c6"])
    coat = dice.choice(["#22304a", "#2d2d33", "#3a2a2a", "#1f3d3a"])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 160" width="120" height="160">'
        f'<rect width="120" height="160" fill="{back}"/><path d="M10,160 q4,-52 50,-54 q46,2 50,54 z" fill="{coat}"/>'
        '<path d="M48,104 l12,18 12,-18 v-12 h-24 z" fill="#fff"/>'
        '<path d="M57,118 h6 l4,34 -7,8 -7,-8 z" fill="#a01c1c"/>'
        '<circle cx="60" cy="66" r="27" fill="#e3b791"/>'
        '<path d="M32,64 q-4,-36 28,-36 q32,0 28,36 q-6,-18 -14,-20 q-20,6 -32,0 q-8,6 -10,20z" fill="#2a211d"/>'
        "</svg>"
    )


def label(words: str) -> str:
    """An SVG button with words on it, such as picture menus are made of."""
    width = 26 + 9 * len(words)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="38"><rect width="{width}" height="38" fill="#0c8a5e" '
        f'stroke="#06583c"/><text x="{width // 2}" y="24" font-family="Arial" font-size="14" font-weight="bold" fill="#fff" '
        f'text-anchor="middle">{words.replace("&", "&amp;")}</text></svg>'
    )
