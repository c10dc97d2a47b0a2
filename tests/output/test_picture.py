"""Outlines on evidence pictures: the right place, nothing else touched, a reason where there is none."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from checklists.model import Pointer
from output.report import picture as drawing
from output.report.picture import HALO, LINE, RED, Outlined, Shown, bare_letters, box_of, outlined, read_layout

BODY = "html > body:nth-child(2)"
SCHEDULE = f"{BODY} > div:nth-child(3)"
LINK = f"{SCHEDULE} > a:nth-child(1)"
BOXES = (
    ("html", 0, 0, 400, 900),
    (BODY, 0, 0, 400, 900),
    (f"{BODY} > div:nth-child(1)", 0, 0, 400, 50),
    (SCHEDULE, 100, 120, 160, 60),
    (f"{SCHEDULE} > span:nth-child(2)", -9999, 130, 80, 20),
    (f"{BODY} > p:nth-child(4)", 10, 700, 100, 20),
    (f"{SCHEDULE} > i:nth-child(3)", 120, 130, 1, 1),
)


def layout(boxes: object = BOXES, scale: float = 1) -> bytes:
    whole = {"width": 400, "height": 900, "clipped_height": 600, "scale": scale, "boxes": boxes}
    return msgspec.json.encode(whole)


def picture(form: str = "PNG", scale: int = 1, colour: str = "white") -> bytes:
    out = BytesIO()
    Image.new("RGB", (400 * scale, 600 * scale), colour).save(out, form)
    return out.getvalue()


def at(selector: str) -> Pointer:
    return Pointer(sha256="0" * 64, url="http://portal.gov.vn/", selector=selector, quote="Lịch công tác")


def opened(drawn: Outlined) -> Image.Image:
    assert drawn.picture is not None
    return Image.open(BytesIO(drawn.picture)).convert("RGB")


def changed(before: bytes, after: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(Image.open(BytesIO(before)).convert("RGB"), after).getbbox()


def test_a_red_frame_stands_around_the_element_and_nowhere_else() -> None:
    drawn = outlined(picture(), layout(), at(SCHEDULE))
    image = opened(drawn)
    assert drawn.shown is Shown.ELEMENT
    reach = drawing.GAP + LINE + HALO
    assert changed(picture(), image) == (100 - reach, 120 - reach, 260 + reach, 180 + reach)
    inside = image.crop((100 - drawing.GAP, 120 - drawing.GAP, 260 + drawing.GAP, 180 + drawing.GAP))
    assert inside.getextrema() == ((255, 255),) * 3
    for x, y in [(96, 150), (180, 116), (263, 150), (180, 183)]:
        assert image.getpixel((x, y)) == RED
    halo: list[Any] = [image.getpixel((94 - step, 150)) for step in range(1, HALO)]
    greens = [colour[1] for colour in halo]
    assert greens == sorted(greens)
    assert greens[0] < 255


def test_at_twice_the_pixels_everything_is_twice_as_large() -> None:
    image = opened(outlined(picture(scale=2), layout(scale=2), at(SCHEDULE)))
    reach = 2 * (drawing.GAP + LINE)
    assert image.getpixel((200 - reach, 300)) == image.getpixel((200 - reach + 2 * LINE - 1, 300)) == RED
    assert RED not in (image.getpixel((200 - reach - 1, 300)), image.getpixel((200 - reach + 2 * LINE, 300)))
    assert image.getpixel((520 + reach - 1, 360 + reach - 1)) == RED


def test_a_picture_stays_the_kind_it_was_and_the_same_twice() -> None:
    for form in ("PNG", "JPEG"):
        drawn = outlined(picture(form), layout(), at(SCHEDULE))
        assert drawn == outlined(picture(form), layout(), at(SCHEDULE))
        assert Image.open(BytesIO(drawn.picture or b"")).format == form


def test_cutting_keeps_the_element_with_its_surroundings() -> None:
    frame = drawing.GAP + LINE
    image = opened(outlined(picture(), layout(), at(SCHEDULE), context=40))
    assert image.size == (160 + 2 * (frame + 40), 60 + 2 * (frame + 40))
    at_the_edge = opened(outlined(picture(), layout(), at(f"{BODY} > div:nth-child(1)"), context=40))
    assert at_the_edge.size == (400, 50 + frame + 40)


def test_an_element_without_a_box_is_shown_by_its_nearest_ancestor() -> None:
    found = box_of(read_layout(layout()), LINK)
    assert found is not None
    assert (found.selector, found.shown) == (SCHEDULE, Shown.ANCESTOR)
    drawn = outlined(picture(), layout(), at(LINK))
    assert drawn.shown is Shown.ANCESTOR
    assert drawn.picture == outlined(picture(), layout(), at(SCHEDULE)).picture


def test_a_box_too_small_to_see_gives_way_to_its_ancestor() -> None:
    found = box_of(read_layout(layout()), f"{SCHEDULE} > i:nth-child(3)")
    assert found is not None
    assert found.selector == SCHEDULE


def test_the_whole_page_is_outlined_only_when_asked_for() -> None:
    snapshot = read_layout(layout())
    assert box_of(snapshot, f"{BODY} > div:nth-child(9) > p:nth-child(1)") is None
    asked = box_of(snapshot, BODY)
    assert asked is not None
    assert asked.shown is Shown.ELEMENT


def test_blanks_around_the_steps_do_not_matter() -> None:
    assert box_of(read_layout(layout()), SCHEDULE.replace(" > ", ">")) == box_of(read_layout(layout()), SCHEDULE)


@pytest.mark.parametrize(
    ("image", "boxes", "selector", "reason"),
    [
        (None, layout(), SCHEDULE, Shown.NO_PICTURE),
        (picture(), None, SCHEDULE, Shown.NO_LAYOUT),
        (picture(), layout(boxes=[]), SCHEDULE, Shown.NO_BOX),
        (picture(), layout(), "html > head:nth-child(1) > title:nth-child(1)", Shown.NO_BOX),
        (picture(), layout(), "", Shown.NO_BOX),
        (picture(), layout(), f"{BODY} > p:nth-child(4)", Shown.OUTSIDE),
        (picture(), layout(), f"{SCHEDULE} > span:nth-child(2)", Shown.OUTSIDE),
        (picture(), b"{", SCHEDULE, Shown.UNREADABLE),
        (picture(), layout(scale=0), SCHEDULE, Shown.UNREADABLE),
        (b"GIF89a", layout(), SCHEDULE, Shown.UNREADABLE),
        (picture()[:200], layout(), SCHEDULE, Shown.UNREADABLE),
    ],
)
def test_why_there_is_no_outline(image: bytes | None, boxes: bytes | None, selector: str, reason: Shown) -> None:
    assert outlined(image, boxes, at(selector)) == Outlined(None, reason)


def test_a_label_is_written_above_the_frame_and_kept_when_cut() -> None:
    plain, labelled = (
        opened(outlined(picture(), layout(), at(SCHEDULE), label=text)) for text in ("", "Lịch công tác")
    )
    span = ImageChops.difference(plain, labelled).getbbox()
    frame_top = 120 - drawing.GAP - LINE
    assert span is not None
    assert span[3] <= frame_top
    cut = opened(outlined(picture(), layout(), at(SCHEDULE), label="Lịch công tác", context=0))
    assert cut.height > 60 + 2 * (drawing.GAP + LINE) + 10
    assert cut.getpixel((1, 1)) == RED


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ([(90, 200, 84, 1)], "above right"),
        ([(90, 300, 84, 1)], "below left"),
        ([(90, 300, 84, 1), (90, 300, 186, 3)], "above left"),
    ],
)
def test_a_label_goes_where_it_hides_least(written: list[tuple[int, int, int, int]], place: str) -> None:
    """A heading right above the element stays legible. written: left, right and top of 30 lines of pixels, and how many of four are black."""
    image = Image.open(BytesIO(picture()))
    for left, right, top, black in written:
        for line in range(top, top + 30):
            if line % 4 < black:
                image.paste("black", (left, line, right, line + 1))
    out = BytesIO()
    image.save(out, "PNG")
    plain, labelled = (opened(outlined(out.getvalue(), layout(), at(SCHEDULE), label=text)) for text in ("", "Lịch"))
    span = ImageChops.difference(plain, labelled).getbbox()
    assert span is not None
    reach = drawing.GAP + LINE
    row, column = place.split()
    assert (span[3] <= 120 - reach) if row == "above" else (span[1] >= 180 + reach)
    assert (span[0] == 100 - reach) if column == "left" else (span[2] == 260 + reach)


def test_without_a_vietnamese_font_the_label_loses_its_marks_and_stays_legible(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bare_letters("Lịch công tác của lãnh đạo, Đà Nẵng") == "Lich cong tac cua lanh dao, Da Nang"
    monkeypatch.setattr(drawing, "FONTS", ())
    drawing.font.cache_clear()
    try:
        marked = outlined(picture(), layout(), at(SCHEDULE), label="Lịch")
        bare = outlined(picture(), layout(), at(SCHEDULE), label="Lich")
    finally:
        drawing.font.cache_clear()
    assert marked.picture == bare.picture
    assert marked.picture != outlined(picture(), layout(), at(SCHEDULE)).picture


@settings(max_examples=80, deadline=None)
@given(
    x=st.floats(-900, 900), y=st.floats(-900, 900), width=st.floats(0, 2000), height=st.floats(0, 2000),
    context=st.none() | st.integers(0, 3000), label=st.text(max_size=30),
)  # fmt: skip
def test_wherever_a_box_lies_there_is_a_picture_or_a_reason(
    x: float, y: float, width: float, height: float, context: int | None, label: str
) -> None:
    drawn = outlined(picture(), layout([[SCHEDULE, x, y, width, height]]), at(SCHEDULE), context=context, label=label)
    if drawn.picture is None:
        assert drawn.shown in (Shown.NO_BOX, Shown.OUTSIDE)
    else:
        image = opened(drawn)
        assert 0 < image.width <= 400
        assert 0 < image.height <= 600
