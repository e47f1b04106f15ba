"""Traces discord.py's HTTP client: paces its requests, and sees responses as soon as they arrive.

discord.py returns from a request that empties a rate-limit bucket only when the bucket is full
again, seconds later; the trace sees the response itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import TypeAlias

import aiohttp
import discord

from bot.announce.poster_port import Accepted

# https://discord.com/developers/docs/resources/message: create, edit and delete
_DONE = {("POST", 200), ("PATCH", 200), ("DELETE", 204)}

Changed: TypeAlias = discord.Message | discord.PartialMessage


_awaited: ContextVar[asyncio.Future[Accepted] | None] = ContextVar("awaited_receipt", default=None)


class Receipts:
    """Sends and changes messages with a receipt for each; owns the requests that are still open."""

    def __init__(self) -> None:
        self._finishing: set[asyncio.Task[Changed]] = set()

    def trace(self, acquire: Callable[[], Awaitable[None]] | None = None) -> aiohttp.TraceConfig:
        """The hook for `discord.Client(http_trace=…)`.

        `acquire` waits until one more request may be made. It is awaited before every request that
        counts towards Discord's global limit, including those that the library retries and those
        that it held back and then releases together.
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

    async def of(self, sending: Coroutine[None, None, Changed]) -> Accepted:
        """Start a send, an edit or a deletion, and wait for Discord's response to it.

        The request goes on if the caller is cancelled. Raises what the request raises.
        """
        receipt: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        token = _awaited.set(receipt)
        task = asyncio.create_task(sending)  # takes a copy of the context, and the receipt with it
        _awaited.reset(token)
        self._finishing.add(task)
        task.add_done_callback(partial(self._finished, receipt))
        return await asyncio.shield(receipt)

    def _finished(self, receipt: asyncio.Future[Accepted], task: asyncio.Task[Changed]) -> None:
        self._finishing.discard(task)
        error = None if task.cancelled() else task.exception()
        if receipt.done():
            return  # Discord accepted it; what came after that changes nothing
        if task.cancelled():
            receipt.cancel()
        elif error is not None:
            receipt.set_exception(error)
        else:
            receipt.set_result(Accepted(task.result().id))

    async def close(self) -> None:
        """Cancel what is still open; a request without a receipt has an unknown outcome."""
        for task in self._finishing:
            task.cancel()
        await asyncio.gather(*self._finishing, return_exceptions=True)


def _is_exempt(path: str) -> bool:
    """Whether a request answers an interaction: those are exempt from the global limit."""
    return "/interactions/" in path or "/webhooks/" in path


async def _on_request_end(
    _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams
) -> None:
    receipt, response = _awaited.get(), params.response
    if receipt is None or receipt.done() or (params.method, response.status) not in _DONE:
        return
    body = {} if params.method == "DELETE" else await response.json()
    message_id = body.get("id", params.url.name)
    headers = (
        response.headers
    )  # https://discord.com/developers/docs/topics/rate-limits#header-format
    used_up = headers.get("X-RateLimit-Remaining") == "0"
    rest = float(headers.get("X-RateLimit-Reset-After", 0)) if used_up else 0.0
    if not receipt.done():
        embed_missing = not body.get("embeds")
        receipt.set_result(Accepted(int(message_id), timedelta(seconds=rest), embed_missing))
