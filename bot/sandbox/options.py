"""The options of a sandbox. The defaults are Discord's own limits."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.sandbox.clock import Clock, system_clock

# Discord publishes these limits only in response headers; the values are those commonly observed.
# https://docs.discord.com/developers/topics/rate-limits
SEND_MESSAGE = "POST /channels/{channel_id}/messages"
START_THREAD = "POST /channels/{channel_id}/threads"
# What adds a message, to a channel or as a post to a forum.
ADD_MESSAGE = (SEND_MESSAGE, START_THREAD)
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
    """A button that the host program adds to the page.

    `run` returns the sentence that the page shows.
    """

    name: str
    label: str
    description: str
    run: Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class RateOptions:
    """Rate limits: requests and seconds per route, and requests per second in total.

    Those per hour are of a channel: how many messages may be published there, and how often
    published ones may be edited. Discord documents neither; the values are those commonly observed.
    """

    routes: Mapping[str, tuple[int, float]] = field(default_factory=lambda: dict(_ROUTE_LIMITS))
    global_per_second: int | None = 50
    invalid_per_ten_minutes: int = 10_000
    crossposts_per_hour: int | None = 10
    crossposted_edits_per_hour: int | None = 3


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """The options of a sandbox.

    - `state`: the folder that keeps its state across restarts; None keeps it in memory only.
    - `actions`: buttons that the host program adds to the page.
    - `rates`: the rate limits; None disables them.
    - `nonce_window`: how long a repeated nonce returns the first message.
    - `response_time`: how long the bot may take for the first response to an interaction.
    - `clock`: the time in UTC, for deadlines, windows and rate limits; faults can move it.
    - `openapi`: Discord's API description; every request and response is checked against it.
    - `privileged_intents`: the privileged intents that the bot may use, as bits (else 4014).
    - `max_active_threads`: how many threads of a server may be active.
    - `has_samples`: a new world also has an announcement channel, a forum and a second server.
    - `heartbeat`: the heartbeat interval of the gateway.
    - `kept_requests`: how many of the bot's latest requests are kept.
    """

    state: Path | None = None
    actions: tuple[PageAction, ...] = ()
    rates: RateOptions | None = field(default_factory=RateOptions)
    nonce_window: timedelta = timedelta(minutes=5)
    response_time: timedelta = timedelta(seconds=3)
    clock: Clock = system_clock
    openapi: Path | None = None
    bot_name: str = "Storywire"
    privileged_intents: int = 0
    max_active_threads: int = 1000
    has_samples: bool = False
    heartbeat: timedelta = timedelta(seconds=41.25)
    kept_requests: int = 1000
