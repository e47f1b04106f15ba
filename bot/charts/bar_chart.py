"""A bar chart, and drawing it off the event loop."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.errors import ChartError

MOST_BARS = 100
_TITLE_LENGTH = 40
_LABEL_LENGTH = 8


@dataclass(frozen=True, slots=True)
class BarChart:
    """One bar for each of `values`, from left to right, with a scale that begins at 0.

    `labels` are texts below bars, by the index of the bar; those without room are left out. The
    font has the characters of ASCII. Raises `ValueError` for a chart that can't be drawn.
    """

    title: str
    values: tuple[int, ...]
    labels: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= MOST_BARS or min(self.values) < 0:
            raise ValueError(f"a chart has 1 to {MOST_BARS} values, none of them negative")
        if not self.labels.keys() <= set(range(len(self.values))):
            raise ValueError("a label is below no bar")
        longest = max(map(len, self.labels.values()), default=0)
        if len(self.title) > _TITLE_LENGTH or longest > _LABEL_LENGTH:
            raise ValueError("a text of the chart is too long")
        if not all(text.isascii() for text in (self.title, *self.labels.values())):
            raise ValueError("a text of the chart is not ASCII")


async def draw_off_loop(chart: BarChart) -> bytes:
    """Draw a chart in a thread, as a PNG. Raises `ChartError` if Pillow can't.

    The size of a chart is bounded, so this takes milliseconds.
    """
    return await asyncio.to_thread(_draw, chart)


def _draw(chart: BarChart) -> bytes:
    try:
        # Takes 7 MB, which a bot that draws nothing does without.
        from bot.charts.drawing import draw  # noqa: PLC0415

        return draw(chart)
    except (ImportError, OSError) as error:
        # Pillow was built without FreeType, which draws texts, or is damaged.
        raise ChartError(f"Pillow can't draw a chart: {error}; install Storywire again") from error
