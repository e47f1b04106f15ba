"""Traces discord.py's HTTP client: paces requests, and sees responses as soon as they arrive.

If a request uses up a rate limit, discord.py returns only when the limit is reset, seconds later.
The trace sees the response at once.

The trace also reads error responses in place of discord.py, whose exceptions and waits rely on a
body and headers of the expected form. Its exceptions are the same as discord.py's.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from types import SimpleNamespace
from typing import TypeAlias

import aiohttp
import discord

from bot.announce.poster_port import Accepted
from bot.discordapp.rejections import (
    BadRequestError,
    RejectedError,
    TooManyRequestsError,
    read_rejection,
)
from bot.discordapp.responses import (
    UnreadableResponseError,
    is_expected,
    lacks_embed,
    read_content,
    read_cooldown,
    read_message,
    read_object,
    read_retry_after,
)

# discord.py repeats a request after these, and after 429 if it answers an interaction.
_REPEATED = frozenset({500, 502, 504, 524})
_ERRORS: Mapping[int, type[discord.HTTPException]] = {
    HTTPStatus.FORBIDDEN: discord.Forbidden,
    HTTPStatus.NOT_FOUND: discord.NotFound,
}

_ONLY_MENTIONS = re.compile(r"(<@&\d+>\s*)*")

Changed: TypeAlias = discord.Message | discord.PartialMessage


@dataclass(slots=True)
class Attempts:
    """Whether discord.py repeated a request; Discord may have carried out the one before."""

    repeated: bool = False


@dataclass(slots=True)
class _Awaited:
    """A request whose response settles `accepted`; `once`: discord.py may not repeat it."""

    accepted: asyncio.Future[Accepted]
    once: bool
    attempts: Attempts
    begun: bool = False


_awaited: ContextVar[_Awaited | None] = ContextVar("awaited", default=None)


class TracedRequests:
    """Runs requests that send or change a message; returns as soon as Discord has accepted them.

    Owns the requests that discord.py has not finished yet.
    """

    def __init__(self) -> None:
        self._finishing: set[asyncio.Task[Changed]] = set()

    def trace(
        self,
        acquire: Callable[[], Awaitable[None]] | None = None,
        on_response: Callable[[int], None] = lambda _: None,
    ) -> aiohttp.TraceConfig:
        """Return the hook for `discord.Client(http_trace=…)`.

        `acquire` waits until one more request may be made. It is awaited before every request that
        counts towards Discord's global limit, including those that the library retries, and those
        that it held back and releases together. `on_response` is called with the status of each
        response.
        """

        async def on_request_start(
            _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestStartParams
        ) -> None:
            if (awaited := _awaited.get()) is not None:
                if awaited.begun and awaited.once:
                    raise UnreadableResponseError("the first response was lost")
                awaited.attempts.repeated |= awaited.begun
                awaited.begun = True
            if acquire is not None and not _is_exempt(params.url.path):
                await acquire()

        async def count_response(
            _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams
        ) -> None:
            on_response(params.response.status)

        config = aiohttp.TraceConfig()
        config.on_request_start.append(on_request_start)
        config.on_request_end.append(count_response)
        config.on_request_end.append(_on_request_end)
        return config

    async def run(
        self,
        sending: Coroutine[None, None, Changed],
        *,
        once: bool = False,
        attempts: Attempts | None = None,
    ) -> Accepted:
        """Start a send, an edit or a deletion, and wait until Discord has accepted it.

        The request continues if the caller is cancelled. `once`: discord.py may not repeat it, as
        Discord would carry out each repetition. `attempts` records whether it did. Raises
        `RejectedError` after a response with status 400, `UnreadableResponseError` if it does not
        say which message was sent, else what the request raises.
        """
        accepted: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        token = _awaited.set(_Awaited(accepted, once, attempts or Attempts()))
        task = asyncio.create_task(sending)  # copies the context, with the future
        _awaited.reset(token)
        self._finishing.add(task)
        task.add_done_callback(partial(self._finished, accepted))
        return await asyncio.shield(accepted)

    def _finished(self, accepted: asyncio.Future[Accepted], task: asyncio.Task[Changed]) -> None:
        self._finishing.discard(task)
        error = None if task.cancelled() else task.exception()
        if accepted.done():
            return  # Discord has accepted it; later errors change nothing
        if task.cancelled():
            accepted.cancel()
        elif error is not None:
            accepted.set_exception(error)
        else:
            accepted.set_result(Accepted(task.result().id))

    async def close(self) -> None:
        """Cancel open requests; the outcome of one that Discord has not accepted is unknown."""
        for task in self._finishing:
            task.cancel()
        await asyncio.gather(*self._finishing, return_exceptions=True)


def _is_exempt(path: str) -> bool:
    """Whether a request answers an interaction, and is thus exempt from the global limit."""
    return "/interactions/" in path or "/webhooks/" in path


async def _on_request_end(
    _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams
) -> None:
    """Settle an awaited request; raise the error of a response with an error status.

    An exception that is raised here ends the request. Raises
    `discord.HTTPException`, and what reading the body raises.
    """
    response = params.response
    awaited = _awaited.get()
    accepted = awaited.accepted if awaited and not awaited.accepted.done() else None
    if response.status < HTTPStatus.MULTIPLE_CHOICES:
        if accepted is not None:
            await _settle(accepted, params.method, params.url.name, response)
        elif _is_exempt(params.url.path):
            body = await response.read()
            if not is_expected(response.status, response.headers, body):
                raise UnreadableResponseError("the response to an answer can't be read")
        return
    body = await _read_body(response)
    may_repeat = awaited is None or not awaited.once
    if (
        (response.status in _REPEATED and may_repeat)
        or (response.status == HTTPStatus.TOO_MANY_REQUESTS and _is_exempt(params.url.path))
    ) and is_expected(response.status, response.headers, body):
        return
    rejection = read_rejection(body, response.status)
    if response.status == HTTPStatus.BAD_REQUEST:
        if accepted is not None and not accepted.done():
            accepted.set_exception(RejectedError(rejection))
        raise BadRequestError(response, rejection)
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise TooManyRequestsError(response, rejection, read_retry_after(response.headers, body))
    server_error = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    other = discord.DiscordServerError if server_error else discord.HTTPException
    raise _ERRORS.get(response.status, other)(
        response, {"code": rejection.code, "message": rejection.text}
    )


async def _settle(
    accepted: asyncio.Future[Accepted],
    method: str,
    last_segment: str,
    response: aiohttp.ClientResponse,
) -> None:
    """Record that a send, an edit or a deletion was accepted.

    An edit is done whatever the response contains. A message that was sent is known by the id in
    the response; without it, the outcome of the send is unknown. The id of a new thread is that of
    its first message, too.
    """
    body = await response.read()
    thread_id = None
    try:
        if method == "POST" and last_segment == "threads":
            message_id = thread_id = read_message(body).id
            first = read_object(body).get("message")
            message = first if isinstance(first, dict) else {}
            embed_missing, content = lacks_embed(message), read_content(message)
        elif method == "POST":
            message_id, embed_missing, content = read_message(body)
        else:
            changed = read_object(body)
            message_id = int(last_segment)
            embed_missing, content = lacks_embed(changed), read_content(changed)
    except UnreadableResponseError as error:
        if not accepted.done():
            accepted.set_exception(error)
        return
    if not accepted.done():
        has_text = not _ONLY_MENTIONS.fullmatch(content)
        cooldown = read_cooldown(response.headers)
        accepted.set_result(
            Accepted(message_id, cooldown, embed_missing, has_text=has_text, thread_id=thread_id)
        )


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    """The body of a response; empty if it can't be read to its end."""
    try:
        return await response.read()
    except (aiohttp.ClientError, OSError, TimeoutError):
        return b""
