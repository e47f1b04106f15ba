"""The status page."""

import re
from dataclasses import replace
from datetime import timedelta

from bot.telemetry.readiness import judge
from bot.telemetry.reading import DatabaseState, Reading
from bot.telemetry.status_page import day_bars, render, week_bars
from storage.models import SourceRun
from storage.posts import OutboxState, PostStatus
from tests.support.clock import START

HOUR = timedelta(hours=1)
NOW = START + timedelta(minutes=30)
COUNTS = {
    (START, PostStatus.SENT): 5,
    (START, PostStatus.PLANNED): 9,
    (START - 23 * HOUR, PostStatus.SENT): 2,
    (START - 24 * HOUR, PostStatus.SENT): 4,
    (START - 24 * HOUR, PostStatus.UNCERTAIN): 1,
}
SOURCES = (
    SourceRun("folder:news", NOW, NOW - timedelta(minutes=5)),
    SourceRun("feed:<b>", NOW, None, "it is <i>away</i>"),
)
READING = Reading(
    NOW,
    started=True,
    loaded=True,
    gateway_connected=True,
    servers=1,
    database=DatabaseState(OutboxState(1234, 2, 1, NOW - HOUR), SOURCES),
)


def page(reading: Reading) -> str:
    return render(reading, judge(reading), COUNTS, "1.2")


def test_a_day_has_a_bar_per_hour() -> None:
    """The last one is the hour that has begun."""
    bars = day_bars(COUNTS, NOW)
    assert (len(bars), bars[0].sent, bars[-1].sent) == (24, 2, 5)
    assert [bar.label for bar in bars if bar.label] == ["18:00", "00:00", "06:00", "12:00"]


def test_a_week_has_four_bars_per_day() -> None:
    bars = week_bars(COUNTS, NOW)
    assert (len(bars), sum(bar.sent for bar in bars), sum(bar.failed for bar in bars)) == (
        28,
        11,
        1,
    )
    assert [bar.label for bar in bars if bar.label][-1] == "Mon 23"


def test_the_page_shows_parts_outbox_and_sources() -> None:
    """What comes from outside is not read as HTML."""
    text = page(READING)
    for expected in (
        'Storywire is <span class="degraded">degraded</span>',
        "1 of 2 can&#x27;t be read: feed:&lt;b&gt;",
        "it is &lt;i&gt;away&lt;/i&gt;",
        "<td>1,234</td>",
        "<td>60 min</td>",
        "<td>5 min ago</td>",
        "7 sent, 0 failed or uncertain",
        "11 sent, 1 failed or uncertain",
    ):
        assert expected in text
    assert "<script" not in text
    assert re.findall(r"https?:|//", text) == []


def test_the_page_shows_a_bot_without_database() -> None:
    """It says what is wrong, and nothing that is not known."""
    text = page(replace(READING, database=None, problem="it is locked"))
    assert 'Storywire is <span class="down">not ready</span>' in text
    assert "it is locked" in text
    assert "<h2>Sources</h2>" not in text
