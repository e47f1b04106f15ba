"""The faults that the page offers under "Make trouble"."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from bot.sandbox.faults import Faults
from bot.sandbox.options import SEND_MESSAGE
from bot.sandbox.rest.request_faults import RateLimited, Reset, Status

_OUTAGE_DURATION = timedelta(seconds=10)
_RATE_LIMIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class FaultPreset:
    """One fault; `message` is shown after it was applied."""

    name: str
    label: str
    description: str
    message: str
    apply: Callable[[Faults], object]


FAULT_PRESETS = (
    FaultPreset(
        "lose_answer",
        "Lose the next answer",
        "The next post arrives, but the bot gets a 503 and can't know that.",
        "The next answer will be lost. Drop a story: it is told once all the same.",
        lambda faults: faults.plan(
            Status(HTTPStatus.SERVICE_UNAVAILABLE, after_commit=True), route=SEND_MESSAGE
        ),
    ),
    FaultPreset(
        "break_connection",
        "Break the next connection",
        "The next post arrives, then its connection breaks without an answer.",
        "The next connection will break. Drop a story: it is told once all the same.",
        lambda faults: faults.plan(Reset(), route=SEND_MESSAGE),
    ),
    FaultPreset(
        "rate_limit",
        "Rate limit for 5 seconds",
        "The next post is refused with 429, to be tried again after 5 seconds.",
        "The next post will be refused. Drop a story: it comes 5 seconds later.",
        lambda faults: faults.plan(RateLimited(_RATE_LIMIT_SECONDS), route=SEND_MESSAGE),
    ),
    FaultPreset(
        "outage",
        "Discord away for 10 seconds",
        "Every request fails, and the bot can't connect.",
        "Discord is away for 10 seconds. Drop a story: it comes once Discord is back.",
        lambda faults: faults.begin_outage(_OUTAGE_DURATION),
    ),
    FaultPreset(
        "drop_gateway",
        "Drop the gateway",
        "The bot's connection breaks; it comes back and is told what it missed.",
        "The connection is broken. The bot goes offline for a moment and resumes.",
        lambda faults: faults.drop_gateway(),
    ),
    FaultPreset(
        "end_session",
        "End the session",
        "The bot is told that its session is over (op 9) and logs in anew.",
        "The session is over. The bot goes offline for some seconds and logs in anew.",
        lambda faults: faults.invalidate_sessions(resumable=False),
    ),
    FaultPreset(
        "move_clock",
        "Move the clock by an hour",
        "The sandbox's time jumps: nonces are forgotten, older answers can't be changed any more.",
        "It is an hour later here. Drop a story: it carries the new time.",
        lambda faults: faults.move_clock(timedelta(hours=1)),
    ),
    FaultPreset(
        "clear",
        "Clear all trouble",
        "Nothing more is planned, and Discord is back. A moved clock stays where it is.",
        "Everything works again.",
        lambda faults: faults.clear(),
    ),
)
