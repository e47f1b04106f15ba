"""Bar charts: what can be drawn, and what the pictures show."""

import io
import subprocess
import sys
from collections.abc import Mapping

import pytest
from PIL import Image, ImageColor

from bot.charts.bar_chart import MOST_BARS, BarChart, draw_off_loop
from bot.charts.drawing import BAR, HEIGHT, WIDTH, draw
from bot.errors import ChartError

LABELS = {0: "Sep"}


def chart(*values: int, labels: Mapping[int, str] = LABELS) -> BarChart:
    return BarChart("Stories per week", values, labels)


def picture(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png), formats=["PNG"]) as found:
        return found.convert("RGB")


def heights(png: bytes) -> list[int]:
    """The height of each bar in pixels, from left to right; bars without height are left out."""
    shown, bar = picture(png), ImageColor.getrgb(BAR)
    columns = [
        sum(shown.getpixel((x, y)) == bar for y in range(shown.height)) for x in range(shown.width)
    ]
    found, highest = list[int](), 0
    for height in [*columns, 0]:
        if not height and highest:
            found.append(highest)
        highest = max(highest, height) if height else 0
    return found


def test_a_chart_is_a_small_png() -> None:
    png = draw(chart(*range(26)))
    assert png.startswith(b"\x89PNG\r\n")
    assert picture(png).size == (WIDTH, HEIGHT)
    assert len(png) < 10_000


def test_the_same_chart_has_the_same_bytes() -> None:
    assert draw(chart(3, 0, 12)) == draw(chart(3, 0, 12))
    assert draw(chart(3, 0, 12)) != draw(chart(3, 1, 12))


def test_bars_are_as_high_as_their_values() -> None:
    """A value of 0 has no bar, and the smallest one has one that can be seen."""
    first, second, third, smallest = heights(draw(chart(100, 0, 50, 25, 1, labels={})))
    assert first == pytest.approx(2 * second, abs=2) == pytest.approx(4 * third, abs=4)
    assert smallest >= 3


def test_labels_without_room_are_left_out() -> None:
    """One that would touch the label before it, or leave the picture."""
    values = [1] * 26
    few = draw(chart(*values, labels={2: "Sep", 7: "Oct"}))
    crowded = {2: "Sep", 3: "Oct", 7: "Oct", 25: "November"}
    assert draw(chart(*values, labels=crowded)) == few
    assert draw(chart(*values, labels={2: "Sep"})) != few


@pytest.mark.parametrize("highest", [0, 1, 3, 7, 999, 1000, 10**6 + 1, 10**15])
@pytest.mark.parametrize("count", [1, 26, MOST_BARS])
def test_any_counts_fit_below_the_title(highest: int, count: int) -> None:
    labels = dict.fromkeys(range(count), "Sep")
    shown = picture(draw(chart(*[highest] * count, labels=labels)))
    colours = shown.crop((0, 0, WIDTH, 95)).getcolors() or ()
    assert ImageColor.getrgb(BAR) not in [colour for _, colour in colours]


@pytest.mark.parametrize("values", [(), (1, -1), (1,) * (MOST_BARS + 1)])
def test_impossible_values_are_refused(values: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="1 to 100 values"):
        chart(*values)


def test_labels_belong_to_bars() -> None:
    with pytest.raises(ValueError, match="below no bar"):
        chart(1, labels={1: "Sep"})


@pytest.mark.parametrize("text", ["Mär", "9月", "September"])
def test_texts_without_glyphs_or_room_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a text of the chart"):
        chart(1, labels={0: text})


async def test_charts_are_drawn_off_the_loop() -> None:
    assert await draw_off_loop(chart(1, 2)) == draw(chart(1, 2))


async def test_a_missing_library_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to do."""
    monkeypatch.setitem(sys.modules, "bot.charts.drawing", None)
    with pytest.raises(ChartError, match=r"Pillow can't draw a chart: .*; install Storywire again"):
        await draw_off_loop(chart(1))


def test_pillow_is_imported_for_the_first_chart() -> None:
    """A bot that draws nothing does without the memory."""
    code = "import sys, bot.charts.bar_chart; sys.exit('PIL' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own program
