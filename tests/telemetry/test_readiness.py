"""What makes the bot ready, degraded or not ready."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.telemetry.readiness import State, judge, worst
from bot.telemetry.reading import DatabaseState, Reading
from storage.models import SourceRun
from storage.posts import OutboxState
from tests.support.clock import START

IDLE = OutboxState(waiting=0, edits=0, due=0)
READ = SourceRun("folder:news", START, START)
FAILING = SourceRun("folder:gone", START, None, "it does not exist")
WELL = Reading(
    START,
    started=True,
    loaded=True,
    gateway_connected=True,
    servers=2,
    database=DatabaseState(IDLE, (READ,)),
)


@pytest.mark.parametrize(
    ("reading", "state", "text"),
    [
        (WELL, State.OK, "connected, 2 servers"),
        (Reading(START), State.NOT_READY, "it is being opened"),
        (replace(WELL, gateway_connected=False), State.NOT_READY, "not connected to Discord"),
        (replace(WELL, loaded=False), State.NOT_READY, "are being read for the first time"),
        (replace(WELL, database=None, problem="it is locked"), State.NOT_READY, "it is locked"),
        (
            replace(WELL, database=DatabaseState(IDLE, (READ, FAILING))),
            State.DEGRADED,
            "1 of 2 can't be read: folder:gone",
        ),
        (
            replace(WELL, database=DatabaseState(IDLE, (READ,), START)),
            State.DEGRADED,
            "paused since 2026-11-23 12:00 UTC",
        ),
        (
            replace(
                WELL,
                database=DatabaseState(OutboxState(5, 0, 3, START - timedelta(minutes=7)), ()),
            ),
            State.OK,
            "3 posts are due, the oldest since 7 min",
        ),
    ],
)
def test_each_state_has_a_text(reading: Reading, state: State, text: str) -> None:
    parts = judge(reading)
    assert worst(parts) is state
    assert text in [part.text for part in parts]
