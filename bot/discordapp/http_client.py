"""discord.py's HTTP client, made safe against responses that it does not expect.

Each response is either used, or ends the request with one of `outcomes.FAILURES`. No header or body
leaves a later request waiting.
"""

import asyncio
from typing import Any, TypeAlias

import aiohttp
import discord
from discord.http import HTTPClient, MultipartParameters, Ratelimit, Route

from bot.clock import Clock
from bot.discordapp.malformed import MALFORMED, MalformedData
from bot.discordapp.outcomes import FAILURES, PUBLISHING_LIMITS
from bot.discordapp.rejections import TooManyRequestsError
from bot.discordapp.responses import (
    UnreadableResponseError,
    has_plausible_limits,
    read_id,
    read_json,
)
from bot.errors import one_line

Snowflake: TypeAlias = str | int

# Of one attempt: in all, to connect, and between two parts of a response, in seconds.
_TIMEOUT = aiohttp.ClientTimeout(total=300, sock_connect=30, sock_read=60)
# Of a request with the repetitions and waits of discord.py.
_LONGEST_REQUEST_SECONDS = 900


class RateLimits:
    """The waits that Discord asked for in responses with status 429.

    discord.py would wait itself, holding up the requests of the same route; if such a wait is
    cancelled or never ends, all later requests hang.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._all_until = 0.0

    def check(self, route: Route) -> None:
        """Raise `discord.RateLimited` if no request of this route may be made yet."""
        until = max(self._all_until, self._until.get(_key(route), 0.0))
        if (wait := until - self._clock.monotonic()) > 0:
            raise discord.RateLimited(wait)

    def record(self, route: Route, error: TooManyRequestsError) -> None:
        """Record the wait that a response asks for, unless it is about one message only."""
        if error.wait is None or error.code in PUBLISHING_LIMITS:
            return
        now = self._clock.monotonic()
        until = now + error.wait.seconds
        if error.wait.is_global:
            self._all_until = max(self._all_until, until)
        else:
            self._until = {key: at for key, at in self._until.items() if at > now}
            self._until[_key(route)] = until


def _key(route: Route) -> str:
    return f"{route.key}:{route.major_parameters}"


class _Bucket(Ratelimit):
    """The rate limit of a route, updated only from headers that make sense."""

    def update(self, response: aiohttp.ClientResponse, *, use_clock: bool = False) -> None:
        if has_plausible_limits(response.headers):
            super().update(response, use_clock=use_clock)


class SafeHTTPClient(HTTPClient):
    """An HTTP client that needs no response to have the expected form.

    Expects the trace of `TracedRequests`, which raises the errors of responses.
    """

    def __init__(self, original: HTTPClient, clock: Clock, malformed: MalformedData) -> None:
        super().__init__(
            original.loop,
            original.connector,
            http_trace=original.http_trace,
            max_ratelimit_timeout=original.max_ratelimit_timeout,
        )
        self._limits = RateLimits(clock)
        self._malformed = malformed
        self._user_id = 0

    def get_ratelimit(self, key: str) -> Ratelimit:
        """Return the rate limit of a route."""
        if key not in self._buckets:
            self._buckets[key] = _Bucket(self.max_ratelimit_timeout)
            self._try_clear_expired_ratelimits()
        return self._buckets[key]

    async def request(self, route: Route, **options: Any) -> Any:  # noqa: ANN401 - JSON
        """Make a request; return the JSON of its response, or "" if there is none.

        Raises one of `outcomes.FAILURES`: `discord.RateLimited` without a request while a limit
        lasts, `UnreadableResponseError` if a successful response has no JSON.
        """
        self._limits.check(route)
        try:
            async with asyncio.timeout(_LONGEST_REQUEST_SECONDS):
                data = await super().request(
                    route, timeout=_TIMEOUT, allow_redirects=False, **options
                )
        except TooManyRequestsError as error:
            self._limits.record(route, error)
            raise
        except MALFORMED as error:
            # The body is not JSON, or that of an error is not what discord.py expects.
            raise UnreadableResponseError(
                f"the response can't be read ({one_line(error)})"
            ) from None
        # discord.py takes JSON for text if its media type has a parameter.
        return read_json(data) if isinstance(data, str) and data else data

    async def close(self) -> None:
        """Close all connections; another login is possible afterwards."""
        await super().close()
        # The session has closed it, too; the next login makes another one.
        self.connector = discord.utils.MISSING

    async def static_login(self, token: str) -> Any:  # noqa: ANN401 - JSON
        """Log in, and return of the bot's user only what the bot needs; the rest may be anything.

        Raises what `request` raises, and `UnreadableResponseError` without the user's id.
        """
        answer: object = await super().static_login(token)
        fields = answer if isinstance(answer, dict) else {}
        if (user_id := read_id(fields.get("id"))) is None:
            raise UnreadableResponseError("the response contains no id of the bot")
        name = fields.get("username")
        self._user_id = user_id
        return {
            "id": str(user_id),
            "username": name if isinstance(name, str) else "",
            "discriminator": "0",
            "avatar": None,
            "bot": True,
        }

    async def application_info(self) -> Any:  # noqa: ANN401 - JSON
        """Return of the application only its id.

        It is needed for commands alone, so the login does not depend on it. Without it, the id of
        the bot's user is returned, which is the same except for very old applications.
        """
        try:
            answer: object = await super().application_info()
            fields = answer if isinstance(answer, dict) else {}
            if (application_id := read_id(fields.get("id"))) is None:
                raise UnreadableResponseError("the response contains no id of the application")
        except FAILURES as error:
            application_id = self._user_id
            self._malformed.skip("response about the application", error, "the bot goes on")
        user = {"id": "0", "username": "", "discriminator": "0", "avatar": None}
        return {
            "id": str(application_id),
            "owner": user,
            "flags": 0,
            **dict.fromkeys(("name", "description", "icon", "verify_key"), ""),
            **dict.fromkeys(("bot_public", "bot_require_code_grant"), False),
        }

    async def start_private_message(self, user_id: Snowflake) -> Any:  # noqa: ANN401 - JSON
        """Open a direct message, and return only its id.

        Raises what `request` raises, and `UnreadableResponseError` without the id.
        """
        answer: object = await super().start_private_message(user_id)
        fields = answer if isinstance(answer, dict) else {}
        if (channel_id := read_id(fields.get("id"))) is None:
            raise UnreadableResponseError("the response contains no id of a direct message")
        return {"id": str(channel_id), "type": 1, "recipients": []}

    async def send_message(self, channel_id: Snowflake, *, params: MultipartParameters) -> Any:  # noqa: ANN401 - JSON
        """Send a message, and return only its id.

        Raises what `request` raises, and `UnreadableResponseError` without the id: then it may have
        been sent.
        """
        answer: object = await super().send_message(channel_id, params=params)
        fields = answer if isinstance(answer, dict) else {}
        if (message_id := read_id(fields.get("id"))) is None:
            raise UnreadableResponseError("the response contains no id of a message")
        return _plain_message(message_id)

    async def start_thread_in_forum(
        self,
        channel_id: Snowflake,
        *,
        params: MultipartParameters,
        reason: str | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Post in a forum, and return only the id of the thread, which is also the message's.

        Raises what `request` raises, and `UnreadableResponseError` without the id.
        """
        answer: object = await super().start_thread_in_forum(
            channel_id, params=params, reason=reason
        )
        fields = answer if isinstance(answer, dict) else {}
        if (thread_id := read_id(fields.get("id"))) is None:
            raise UnreadableResponseError("the response contains no id of a thread")
        return _plain_message(thread_id)

    async def edit_message(
        self, channel_id: Snowflake, message_id: Snowflake, *, params: MultipartParameters
    ) -> Any:  # noqa: ANN401 - JSON
        """Edit a message; return only its id. Raises what `request` raises."""
        await super().edit_message(channel_id, message_id, params=params)
        return _plain_message(message_id)


def _plain_message(message_id: Snowflake) -> dict[str, object]:
    """What discord.py needs of a message; the bot uses nothing of it."""
    return {"id": str(message_id), "type": 0, "content": ""}


def make_requests_safe(client: discord.Client, clock: Clock, malformed: MalformedData) -> None:
    """Replace the HTTP client of a client that has not logged in yet."""
    client.http = client._connection.http = SafeHTTPClient(  # noqa: SLF001 - both keep one
        client.http, clock, malformed
    )
