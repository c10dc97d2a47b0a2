"""The picture of a page with the proving element outlined: a pure function of (picture, layout, pointer).

The layout snapshot is JSON, taken at the same moment as the picture, all lengths in CSS pixels from the page's top left corner:

    {"width": W, "height": H, "clipped_height": CH, "scale": S, "boxes": [[selector, x, y, width, height], …]}

boxes stand in document order; a selector is the structural path `html > body:nth-child(2) > div:nth-child(3)`. One CSS pixel is S pixels of
the picture, which shows the page's first CH CSS pixels.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache
from io import BytesIO

import msgspec
from PIL import Image, ImageDraw, ImageFont

from checklists.model import Pointer

RED = (214, 31, 38)
LINE = 4
"""Width of the outline in CSS pixels."""

GAP = 2
"""CSS pixels left between the element and its outline, so that no letter is covered."""

HALO = 10
"""CSS pixels over which the outline fades out, so that it shows on a red page as well."""

LABEL_SIZE = 16

BAND = 24
"""Shades of grey, of 256, that count as one: backgrounds fade, and JPEG blurs them."""

SMALLEST = 2
"""A box narrower or lower than this many CSS pixels shows nothing: text for screen readers is often laid out so."""

FONTS = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "DejaVuSans.ttf", "NotoSans-Regular.ttf")
"""Fonts with every Vietnamese letter, looked for where the system keeps its fonts."""

JPEG_QUALITY = 88


class Shown(StrEnum):
    """What the outline shows, or why there is none."""

    ELEMENT = "element"
    ANCESTOR = "ancestor"
    NO_PICTURE = "no-picture"
    NO_LAYOUT = "no-layout"
    NO_BOX = "no-box"
    OUTSIDE = "outside-picture"
    UNREADABLE = "unreadable"


class Box(msgspec.Struct, frozen=True):
    """A rectangle in CSS pixels from the page's top left corner."""

    x: float
    y: float
    width: float
    height: float


class Layout(msgspec.Struct, frozen=True):
    """A layout snapshot."""

    width: float
    height: float
    clipped_height: float
    boxes: tuple[tuple[str, float, float, float, float], ...]
    scale: float = 1


class Found(msgspec.Struct, frozen=True):
    """The box that stands for a selector: its own, or that of the nearest ancestor which has one."""

    box: Box
    selector: str
    shown: Shown


class Outlined(msgspec.Struct, frozen=True):
    """A picture with an element outlined, in the format of the original; None where `shown` says why there is none."""

    picture: bytes | None
    shown: Shown


Corners = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of a picture, right and bottom not included."""


def outlined(
    picture: bytes | None, layout: bytes | None, pointer: Pointer, *, context: int | None = None, label: str = ""
) -> Outlined:
    """The picture with the pointer's element outlined in red, cut to `context` CSS pixels around it where told.

    label is written on a tab at the outline. Same arguments, same bytes; with a label, on machines with the same fonts.
    """
    if not picture or not layout:
        return Outlined(None, Shown.NO_LAYOUT if picture else Shown.NO_PICTURE)
    try:
        snapshot = read_layout(layout)
        image, form = read_picture(picture)
    except ValueError:
        return Outlined(None, Shown.UNREADABLE)
    found = box_of(snapshot, pointer.selector)
    if found is None:
        return Outlined(None, Shown.NO_BOX)
    frame = frame_of(found.box, snapshot.scale, image.size)
    if frame is None:
        return Outlined(None, Shown.OUTSIDE)
    text = printable(label)
    tab = label_tab(text, snapshot.scale) if text else None
    place = tab_place(image, frame, tab.size) if tab else frame
    draw_outline(image, frame, snapshot.scale)
    if tab:
        image.paste(tab, place[:2])
    if context is not None:
        image = image.crop(spanned(grown(frame, round(context * snapshot.scale), image.size), place, image.size))
    return Outlined(picture_bytes(image, form), found.shown)


def read_layout(layout: bytes) -> Layout:
    """A layout snapshot from its JSON; ValueError where it is none or its scale is not positive."""
    snapshot = msgspec.json.decode(layout, type=Layout)
    if snapshot.scale <= 0:
        raise ValueError(f"a scale of {snapshot.scale}")
    return snapshot


def read_picture(picture: bytes) -> tuple[Image.Image, str]:
    """A JPEG or PNG, told apart by its first bytes, and which it is; ValueError where it is neither or damaged."""
    try:
        with Image.open(BytesIO(picture), formats=("JPEG", "PNG")) as image:
            return image.convert("RGB"), str(image.format)
    except (OSError, SyntaxError, Image.DecompressionBombError) as problem:
        raise ValueError(f"no picture: {problem}") from problem


def picture_bytes(image: Image.Image, form: str) -> bytes:
    """A picture as JPEG or PNG."""
    out = BytesIO()
    if form == "JPEG":
        image.save(out, form, quality=JPEG_QUALITY)
    else:
        image.save(out, form)
    return out.getvalue()


def box_of(layout: Layout, selector: str) -> Found | None:
    """Where an element stands on the page: its own box, else its nearest ancestor's below body; None where there is neither.

    A box too small to see counts as none. The whole page is no answer unless it was asked for.
    """
    boxes: dict[str, Box] = {}
    for path, *corner in layout.boxes:
        box = Box(*corner)
        if box.width >= SMALLEST and box.height >= SMALLEST:
            boxes.setdefault(path, box)
    steps = re.split(r"\s*>\s*", selector.strip())
    for length in range(len(steps), 0, -1):
        path = " > ".join(steps[:length])
        exact = length == len(steps)
        if path in boxes and (exact or length > 2):
            return Found(boxes[path], path, Shown.ELEMENT if exact else Shown.ANCESTOR)
    return None


def frame_of(box: Box, scale: float, size: tuple[int, int]) -> Corners | None:
    """Where the outline of a box lies on a picture of this size, kept within it; None where nothing of the box is on the picture."""
    left, top = round(box.x * scale), round(box.y * scale)
    right, bottom = round((box.x + box.width) * scale), round((box.y + box.height) * scale)
    if right <= 0 or bottom <= 0 or left >= size[0] or top >= size[1]:
        return None
    return grown((left, top, right, bottom), round((GAP + LINE) * scale), size)


def grown(corners: Corners, by: int, size: tuple[int, int]) -> Corners:
    """A rectangle grown on every side, within a picture of this size."""
    left, top, right, bottom = corners
    return max(0, left - by), max(0, top - by), min(size[0], right + by), min(size[1], bottom + by)


def spanned(one: Corners, other: Corners, size: tuple[int, int]) -> Corners:
    """The smallest rectangle around both, within a picture of this size."""
    left, top = min(one[0], other[0]), min(one[1], other[1])
    right, bottom = max(one[2], other[2]), max(one[3], other[3])
    return grown((left, top, right, bottom), 0, size)


def draw_outline(image: Image.Image, frame: Corners, scale: float) -> None:
    """Draws a red frame that fades outwards."""
    steps = max(1, round(HALO * scale))
    area = grown(frame, steps, image.size)
    veil = Image.new("RGBA", (area[2] - area[0], area[3] - area[1]), (*RED, 0))
    pen = ImageDraw.Draw(veil)
    left, top, right, bottom = frame[0] - area[0], frame[1] - area[1], frame[2] - area[0], frame[3] - area[1]
    for step in range(steps, 0, -1):
        pen.rectangle(
            (left - step, top - step, right + step - 1, bottom + step - 1),
            outline=(*RED, round(130 * (1 - step / (steps + 1)) ** 2)),
        )
    pen.rectangle((left, top, right - 1, bottom - 1), outline=(*RED, 255), width=max(1, round(LINE * scale)))
    under = image.crop(area).convert("RGBA")
    image.paste(Image.alpha_composite(under, veil).convert("RGB"), area[:2])


def label_tab(label: str, scale: float) -> Image.Image:
    """A red tab with a label on it."""
    letters, complete = font(round(LABEL_SIZE * scale))
    text = label if complete else bare_letters(label)
    pad = round(5 * scale)
    left, top, right, bottom = ImageDraw.Draw(Image.new("RGB", (1, 1))).textbbox((0, 0), text, font=letters)
    tab = Image.new("RGB", (round(right - left) + 2 * pad, round(bottom - top) + 2 * pad), RED)
    ImageDraw.Draw(tab).text((pad - left, pad - top), text, font=letters, fill="white")
    return tab


def tab_place(image: Image.Image, frame: Corners, tab: tuple[int, int]) -> Corners:
    """Where a tab of this width and height hides least of a picture: above the frame or below it, at its left or right; inside its top where
    the picture has no room for it."""
    (left, top, right, bottom), (width, height) = frame, tab
    rows = [y for y in (top - height, bottom) if y >= 0 and y + height <= image.height] or [top]
    columns = [max(0, min(x, image.width - width)) for x in (left, right - width)]
    places = [(x, y, x + width, y + height) for y in rows for x in columns]
    return min(places, key=lambda place: hidden_by(image, place))


def hidden_by(image: Image.Image, tab: Corners) -> int:
    """How much that can be read a tab would cover, in twentieths of its area: what is not of the shade most of the area has."""
    shades = image.crop(tab).convert("L").histogram()
    bands = [sum(shades[shade : shade + BAND]) for shade in range(256 - BAND + 1)]
    return round(20 * (1 - max(bands) / sum(shades)))


@cache
def font(size: int) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, bool]:
    """A font of this height in pixels, and whether it has every Vietnamese letter."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size), True
        except OSError:
            continue
    return ImageFont.load_default(size), False


def printable(text: str) -> str:
    """Text on one line without the control characters that a font engine refuses."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def bare_letters(text: str) -> str:
    """Text without the marks a font without Vietnamese letters cannot draw."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
