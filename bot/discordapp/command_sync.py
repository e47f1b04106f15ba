"""Registers the bot's commands with Discord, apart from everything else.

Posting, and the commands that Discord already has, don't depend on it: a failed attempt is
recorded, and repeated later.
"""

import contextlib
import hashlib
import json
import logging
import math
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import discord
from discord import app_commands
from discord.http import Route

from bot.clock import Clock
from bot.discordapp.command_mentions import CommandMentions, decode_ids, encode_ids, read_ids
from bot.discordapp.commands_problem import (
    STORED_AS,
    CommandsProblem,
    Obstacle,
    decode_problem,
    encode_problem,
)
from bot.discordapp.ids import parse_id
from bot.discordapp.interactions import ClientT
from bot.discordapp.malformed import MALFORMED
from bot.discordapp.messages.commands_problem import describe_obstacle
from bot.discordapp.outcomes import FAILURES
from bot.discordapp.responses import UnreadableResponseError
from bot.errors import one_line
from bot.retry import Backoff, keep_trying
from storage.errors import StorageError
from storage.protocols import KeyValueStore

logger = logging.getLogger(__name__)

# "Max number of daily application command creates has been reached (200)":
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
_DAILY_LIMIT = 30034
# What passes by itself is tried again soon. The rest needs an operator, or another version of
# Storywire, and each attempt may cost some of the commands that Discord accepts per day.
_SOON = timedelta(seconds=5), timedelta(minutes=5)
_LATER = timedelta(minutes=10), timedelta(hours=6)
_PASSING = {Obstacle.RATE_LIMITED, Obstacle.SERVER_ERROR, Obstacle.UNREACHABLE}
LONGEST_WAIT = timedelta(days=1)


class _UnconfirmedError(Exception):
    """The response was a success, but does not contain the commands."""


class CommandSync:
    """Sends a command tree's commands to Discord if they have changed since the last time.

    The client of the tree must have logged in. `server_id`: those of one server, instead of those
    of all. Then what fails is only logged, as it concerns nobody but the operator.
    """

    def __init__(
        self,
        tree: app_commands.CommandTree[ClientT],
        store: KeyValueStore,
        clock: Clock,
        mentions: CommandMentions,
        server_id: int | None = None,
    ) -> None:
        self._server_id = server_id
        self._tree = tree
        self._store = store
        self._clock = clock
        self._mentions = mentions
        self._problem: CommandsProblem | None = None

    async def run(self) -> None:
        """Return when Discord has the commands; until then, try again at growing intervals."""
        server = None if self._server_id is None else discord.Object(self._server_id)
        found = self._tree.get_commands(guild=server)
        commands = [command.to_dict(self._tree) for command in found]
        digest = hashlib.sha256(json.dumps(commands, sort_keys=True).encode()).hexdigest()
        name = _digest_name(self._tree.client, self._server_id)
        ids_name = name.replace("commands:", "command_ids:", 1)
        ids = decode_ids(await self._stored(ids_name))
        self._mentions.learn({each.name: ids[each.name] for each in found if each.name in ids})
        if await self._stored(name) == digest and ids:
            await self._forget_problem()
            return
        soon, later = Backoff(*_SOON), Backoff(*_LATER)
        while (failure := await self._register(commands)) is not None:
            obstacle, detail, asked = failure
            wait = (soon if obstacle in _PASSING else later).next_wait()
            wait = min(max(wait, asked or timedelta()), LONGEST_WAIT)
            await self._report(obstacle, detail, wait)
            await self._clock.sleep(wait.total_seconds())
        ids = {each.name: self._mentions.ids[each.name] for each in found}
        await self._save(ids_name, encode_ids(ids))
        await self._save(name, digest)
        await self._forget_problem()
        logger.info("registered %d commands", len(commands))

    async def _register(
        self, commands: list[dict[str, Any]]
    ) -> tuple[Obstacle, str, timedelta | None] | None:
        """Send the commands; return why that failed, and the wait that Discord asks for."""
        client = self._tree.client
        try:
            # Not `tree.sync`: it reads more of the response than matters here.
            answer = await _send(client, self._server_id, commands)
            ids = read_ids(answer)
            _check(ids, {str(each["name"]) for each in commands})
            self._mentions.learn(ids)
        except (*FAILURES, *MALFORMED, _UnconfirmedError) as error:
            return _explain(error), one_line(error), await _asked_wait(error)
        return None

    async def _report(self, obstacle: Obstacle, detail: str, wait: timedelta) -> None:
        """Record a failed attempt; log it unless the one before failed for the same reason."""
        now, before = self._clock.now(), self._problem
        self._problem = problem = CommandsProblem(
            obstacle, detail, before.since if before else now, now + wait
        )
        if self._server_id is None:
            await self._save(STORED_AS, encode_problem(problem))
        if before is None or before.obstacle is not obstacle:
            logger.warning(
                "the commands%s are not registered: %s; posting goes on and earlier commands keep"
                " working; retrying, first in %d s",
                "" if self._server_id is None else f" of server {self._server_id}",
                describe_obstacle(problem),
                wait.total_seconds(),
            )

    async def _forget_problem(self) -> None:
        if self._server_id is None and await self._stored(STORED_AS):
            await self._save(STORED_AS, "")

    async def _stored(self, name: str) -> str | None:
        return await keep_trying(
            lambda: self._store.get_value(name), self._clock, "registering the commands"
        )

    async def _save(self, name: str, value: str) -> None:
        """Store a value; without it, the next start only repeats what was done."""
        try:
            await self._store.set_value(name, value)
        except StorageError as error:
            logger.warning("the next start will register the commands again: %s", error)


async def remove_former_commands(
    client: discord.Client, store: KeyValueStore, server_id: int | None
) -> None:
    """Remove the commands of the server that had its own before, unless it is this one.

    If that fails, the next start tries it again.
    """
    name = f"owner_server:{client.application_id}:{Route.BASE}"
    try:
        former = parse_id(await store.get_value(name) or "")
        if former is not None and former != server_id:
            await _send(client, former, [])
            await store.set_value(_digest_name(client, former), "")
        await store.set_value(name, str(server_id or ""))
    except (*FAILURES, *MALFORMED, StorageError) as error:
        logger.warning("the next start removes commands from a server: %s", one_line(error))


async def _send(
    client: discord.Client, server_id: int | None, commands: list[dict[str, Any]]
) -> object:
    """Replace the commands of a server, or those of all; return Discord's answer."""
    application_id = client.application_id or 0
    if server_id is None:
        return await client.http.bulk_upsert_global_commands(application_id, commands)
    return await client.http.bulk_upsert_guild_commands(application_id, server_id, commands)


def _digest_name(client: discord.Client, server_id: int | None) -> str:
    """The name under which the hash of the commands that Discord has is stored."""
    application = f"commands:{client.application_id}:{Route.BASE}"
    return application if server_id is None else f"{application}:{server_id}"


async def read_problem(store: KeyValueStore) -> CommandsProblem | None:
    """Why the commands are not registered; None if they are. Raises `StorageError`."""
    return decode_problem(await store.get_value(STORED_AS))


def _check(ids: Collection[str], names: Collection[str]) -> None:
    """Raise `_UnconfirmedError` unless all commands have an id."""
    if missing := set(names) - set(ids):
        raise _UnconfirmedError(f"without {', '.join(sorted(missing))}")


def _explain(error: Exception) -> Obstacle:
    if isinstance(error, discord.RateLimited):
        return Obstacle.RATE_LIMITED
    if not isinstance(error, discord.HTTPException):
        passing = isinstance(error, FAILURES) and not isinstance(
            error, (*MALFORMED, UnreadableResponseError)
        )
        return Obstacle.UNREACHABLE if passing else Obstacle.UNCONFIRMED
    if error.code == _DAILY_LIMIT:
        return Obstacle.DAILY_LIMIT
    match error.status:
        case 429:
            return Obstacle.RATE_LIMITED
        case 400:
            return Obstacle.REJECTED
        case status if status >= 500:  # noqa: PLR2004 - HTTP's class of server errors
            return Obstacle.SERVER_ERROR
        case _:
            return Obstacle.REFUSED


async def _asked_wait(error: Exception) -> timedelta | None:
    """How long Discord asks to wait, whatever its response to the request looks like."""
    seconds: object = None
    if isinstance(error, discord.RateLimited):
        seconds = error.retry_after
    elif isinstance(error, discord.HTTPException):
        seconds = error.response.headers.get("Retry-After")
        # discord.py has read the body, so this does not wait.
        with contextlib.suppress(*FAILURES, *MALFORMED):
            seconds = (await error.response.json())["retry_after"]
    try:
        wait = float(seconds)  # type: ignore[arg-type]  # what isn't a number is refused below
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(wait) or wait < 0:
        return None
    return min(timedelta(seconds=min(wait, LONGEST_WAIT.total_seconds())), LONGEST_WAIT)
