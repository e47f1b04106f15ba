"""The faults that the page offers under "Simulate a failure"."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from bot.sandbox.faults import Faults
from bot.sandbox.options import ADD_MESSAGE
from bot.sandbox.rest.request_faults import Invalid, RateLimited, Reset, Status

_OUTAGE_DURATION = timedelta(seconds=10)
_RATE_LIMIT_SECONDS = 5.0
# Of a message, and of a post in a forum.
_BUTTON_ADDRESSES = ("components.0.components.1.url", "message.components.0.components.1.url")


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
        "Lose the next response",
        "The next message is posted, but the bot receives a 503 instead of a confirmation.",
        "The next response will be lost. Drop a story: it is still posted exactly once.",
        lambda faults: faults.plan(
            Status(HTTPStatus.SERVICE_UNAVAILABLE, after_commit=True), route=ADD_MESSAGE
        ),
    ),
    FaultPreset(
        "break_connection",
        "Break the next connection",
        "The next message is posted, then the connection breaks before the response.",
        "The next connection will break. Drop a story: it is still posted exactly once.",
        lambda faults: faults.plan(Reset(), route=ADD_MESSAGE),
    ),
    FaultPreset(
        "rate_limit",
        "Rate limit for 5 seconds",
        "The next message is refused with 429 and can be retried after 5 seconds.",
        "The next message will be refused. Drop a story: it is posted 5 seconds later.",
        lambda faults: faults.plan(RateLimited(_RATE_LIMIT_SECONDS), route=ADD_MESSAGE),
    ),
    FaultPreset(
        "reject_button",
        "Reject the next button",
        "The address of the next message's button is invalid, so the message is refused with 400.",
        "The next message will be refused. Drop a story: it is posted without the button.",
        lambda faults: faults.plan(Invalid(_BUTTON_ADDRESSES), route=ADD_MESSAGE),
    ),
    FaultPreset(
        "outage",
        "Discord outage for 10 seconds",
        "All requests fail, and the bot can't connect.",
        "Discord is down for 10 seconds. Drop a story: it is posted when Discord is back.",
        lambda faults: faults.begin_outage(_OUTAGE_DURATION),
    ),
    FaultPreset(
        "drop_gateway",
        "Drop the gateway connection",
        "The bot's connection breaks. It reconnects and receives the events it missed.",
        "The connection is broken. The bot is offline for some seconds at most, then resumes.",
        lambda faults: faults.drop_gateway(),
    ),
    FaultPreset(
        "end_session",
        "End the session",
        "The bot's session is invalidated (op 9), so it has to log in again.",
        "The session has ended. The bot logs in again at once.",
        lambda faults: faults.invalidate_sessions(resumable=False),
    ),
    FaultPreset(
        "move_clock",
        "Move the clock forward one hour",
        "The sandbox's clock jumps: nonces expire, and older replies can no longer be edited.",
        "The sandbox's clock is an hour ahead. Drop a story: its message has the new time.",
        lambda faults: faults.move_clock(timedelta(hours=1)),
    ),
    FaultPreset(
        "clear",
        "Clear all failures",
        "Cancels planned failures and ends an outage. The clock is not moved back.",
        "All failures are cleared.",
        lambda faults: faults.clear(),
    ),
)
