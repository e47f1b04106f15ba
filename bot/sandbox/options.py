"""What can be set about a sandbox. The defaults are Discord's own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.sandbox.clock import Clock, system_clock

# Discord gives its limits in headers only; these were seen there and are common knowledge.
# https://docs.discord.com/developers/topics/rate-limits
SEND_MESSAGE = "POST /channels/{channel_id}/messages"
_ROUTE_LIMITS = {
    SEND_MESSAGE: (5, 5.0),
    "GET /channels/{channel_id}/messages": (5, 5.0),
    "GET /channels/{channel_id}/messages/{message_id}": (5, 5.0),
    "PATCH /channels/{channel_id}/messages/{message_id}": (5, 5.0),
    "DELETE /channels/{channel_id}/messages/{message_id}": (5, 1.0),
    "PUT /applications/{application_id}/commands": (2, 60.0),
    "POST /webhooks/{webhook_id}/{webhook_token}": (5, 2.0),
}


@dataclass(frozen=True, slots=True)
class PageAction:
    """A button of the page that the host program gives: what it is called and what it does.

    `run` returns the sentence that the page shows.
    """

    name: str
    label: str
    description: str
    run: Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class RateOptions:
    """Rate limits: requests and seconds per route, and how many per second over all."""

    routes: Mapping[str, tuple[int, float]] = field(default_factory=lambda: dict(_ROUTE_LIMITS))
    global_per_second: int | None = 50
    invalid_per_ten_minutes: int = 10_000


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How a sandbox is set up.

    - `state`: the folder that keeps its world over restarts; None keeps it in memory only.
    - `actions`: what the page's buttons do.
    - `rates`: None switches all rate limits off.
    - `nonce_window`: for how long a repeated nonce gives back the first message.
    - `clock`: the time in UTC; deadlines, windows and rates follow it, and the faults can move it.
    - `openapi`: Discord's API description; with it every request and answer is checked against it.
    - `privileged_intents`: the bits of those that the bot may ask for (close code 4014 else).
    - `heartbeat`: the gateway's interval.
    - `kept_requests`: how many of the bot's requests are remembered.
    """

    state: Path | None = None
    actions: tuple[PageAction, ...] = ()
    rates: RateOptions | None = field(default_factory=RateOptions)
    nonce_window: timedelta = timedelta(minutes=5)
    clock: Clock = system_clock
    openapi: Path | None = None
    bot_name: str = "Storywire"
    privileged_intents: int = 0
    heartbeat: timedelta = timedelta(seconds=41.25)
    kept_requests: int = 1000
