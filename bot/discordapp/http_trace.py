"""Traces discord.py's HTTP client: paces requests, and sees responses as soon as they arrive.

If a request uses up a rate limit, discord.py returns only when the limit is reset, seconds later.
The trace sees the response at once.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from types import SimpleNamespace
from typing import TypeAlias

import aiohttp
import discord

from bot.announce.poster_port import Accepted
from bot.discordapp.rejections import RejectedError, read_rejection

# https://discord.com/developers/docs/resources/message: create, edit and delete
_DONE = {("POST", 200), ("PATCH", 200), ("DELETE", 204)}

_AT_MOST_A_MENTION = re.compile(r"(<@&\d+>)?\s*")

Changed: TypeAlias = discord.Message | discord.PartialMessage


_awaited: ContextVar[asyncio.Future[Accepted] | None] = ContextVar(
    "awaited_acceptance", default=None
)


class TracedRequests:
    """Runs requests that send or change a message; returns as soon as Discord has accepted them.

    Owns the requests that discord.py has not finished yet.
    """

    def __init__(self) -> None:
        self._finishing: set[asyncio.Task[Changed]] = set()

    def trace(self, acquire: Callable[[], Awaitable[None]] | None = None) -> aiohttp.TraceConfig:
        """Return the hook for `discord.Client(http_trace=…)`.

        `acquire` waits until one more request may be made. It is awaited before every request that
        counts towards Discord's global limit, including those that the library retries, and those
        that it held back and releases together.
        """

        async def on_request_start(
            _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestStartParams
        ) -> None:
            if acquire is not None and not _is_exempt(params.url.path):
                await acquire()

        config = aiohttp.TraceConfig()
        config.on_request_start.append(on_request_start)
        config.on_request_end.append(_on_request_end)
        return config

    async def run(self, sending: Coroutine[None, None, Changed]) -> Accepted:
        """Start a send, an edit or a deletion, and wait until Discord has accepted it.

        The request continues if the caller is cancelled. Raises `RejectedError` after a response
        with status 400, else what the request raises.
        """
        accepted: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        token = _awaited.set(accepted)
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
    accepted, response = _awaited.get(), params.response
    if accepted is None or accepted.done():
        return
    if response.status == HTTPStatus.BAD_REQUEST:
        # discord.py raises errors of its own if it can't read the body.
        rejection = read_rejection(await _read_body(response))
        if not accepted.done():
            accepted.set_exception(RejectedError(rejection))
        return
    if (params.method, response.status) not in _DONE:
        return
    body = {} if params.method == "DELETE" else await response.json()
    message_id = body.get("id", params.url.name)
    headers = (
        response.headers
    )  # https://discord.com/developers/docs/topics/rate-limits#header-format
    used_up = headers.get("X-RateLimit-Remaining") == "0"
    rest = float(headers.get("X-RateLimit-Reset-After", 0)) if used_up else 0.0
    if not accepted.done():
        embed_missing = not body.get("embeds")
        has_text = not _AT_MOST_A_MENTION.fullmatch(body.get("content") or "")
        cooldown = timedelta(seconds=rest)
        accepted.set_result(Accepted(int(message_id), cooldown, embed_missing, has_text=has_text))


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    """The body of a response; empty if the connection breaks."""
    try:
        return await response.read()
    except (aiohttp.ClientError, OSError, TimeoutError):
        return b""
