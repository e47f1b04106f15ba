"""The Discord client: logs in and stays connected."""

import asyncio
import logging
from datetime import timedelta
from typing import TypeAlias

import aiohttp
import discord

from bot.clock import Clock, wait_for_event
from bot.discordapp.command_tree import CommandTree
from bot.discordapp.components import Components
from bot.discordapp.endpoint import use_announced_gateway
from bot.discordapp.http_client import make_requests_safe
from bot.discordapp.malformed import MalformedData
from bot.discordapp.member_limits import MemberLimits, Rate
from bot.discordapp.membership import Membership
from bot.discordapp.outcomes import FAILURES, requested_wait
from bot.errors import DiscordError, TokenError
from bot.retry import Backoff

logger = logging.getLogger(__name__)

_GuildObject: TypeAlias = discord.abc.GuildChannel | discord.Role | discord.Thread | discord.Member
# How often a member gets an answer, and choices while typing; see docs/running-on-discord.md.
ANSWERS, COMPLETIONS = Rate(burst=20, per_second=2), Rate(burst=60, per_second=8)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=5)
# After a dozen lost connections discord.py waits up to 17 minutes. Meanwhile commands are not
# answered, and granted permissions are not noticed.
LONGEST_OFFLINE_SECONDS = 60.0


class StorywireClient(discord.Client):
    """discord.py's client with our command tree, and only the gateway events that we use."""

    def __init__(
        self,
        clock: Clock,
        membership: Membership,
        *,
        http_trace: aiohttp.TraceConfig,
    ) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            http_trace=http_trace,
            # Longer waits are ours: discord.py would block the channel's other requests.
            max_ratelimit_timeout=30,
        )
        make_requests_safe(self, clock, MalformedData())
        answers = MemberLimits(clock, ANSWERS)
        self.tree = CommandTree(self, answers, MemberLimits(clock, COMPLETIONS))
        self.components = Components(answers)
        self._clock = clock
        self._membership = membership
        self.gateway_connected = asyncio.Event()
        """Set once the gateway is connected, and commands are answered."""
        self._lost, self._found = asyncio.Event(), asyncio.Event()

    async def log_in(self, token: str) -> None:
        """Log in; retry while Discord can't be reached.

        Raises `TokenError` if Discord rejects the token.
        """
        backoff, problem = Backoff(_FIRST_WAIT, _LONGEST_WAIT), ""
        while True:
            try:
                await self.login(token)
            except discord.LoginFailure as error:
                raise TokenError(
                    "Discord rejected the token; copy a new one from the application's Bot page"
                ) from error
            except FAILURES as error:
                wait = _longest(backoff.next_wait(), error)
                if str(error) != problem:
                    problem = str(error)
                    logger.warning(
                        "can't log in to Discord (%s); retrying, first in %d s", error, wait
                    )
                await self.http.close()
                await self._clock.sleep(wait)
            else:
                return

    async def stay_connected(self) -> None:
        """Keep the gateway connected until the client is closed.

        Raises `DiscordError` if Discord closes the connection permanently.
        """
        await self._find_gateway()
        backoff = Backoff(_FIRST_WAIT, _LONGEST_WAIT)
        while not self.is_closed():
            try:
                await self._connect()
            except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
                raise DiscordError(f"Discord closed the connection permanently: {error}") from error
            except AttributeError:
                # How a failed first connection ends: Rapptz/discord.py issue 10520.
                if self.ws is not None:
                    raise
                wait = backoff.next_wait().total_seconds()
                logger.warning("can't reach the gateway; retrying in %d s", wait)
                await self._clock.sleep(wait)

    async def _find_gateway(self) -> None:
        """Ask for the address of the gateway until the response contains it."""
        backoff, problem = Backoff(_FIRST_WAIT, _LONGEST_WAIT), ""
        while True:
            try:
                await use_announced_gateway(self)
            except FAILURES as error:
                wait = _longest(backoff.next_wait(), error)
                if str(error) != problem:
                    problem = str(error)
                    logger.warning(
                        "can't find the gateway (%s); retrying, first in %d s", error, wait
                    )
                await self._clock.sleep(wait)
            else:
                return

    async def _connect(self) -> None:
        """Stay connected until the connection ends, or is lost for too long."""
        connecting = asyncio.ensure_future(self.connect())
        waiting = asyncio.ensure_future(self._wait_until_given_up())
        try:
            await asyncio.wait({connecting, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if connecting.done():
                await connecting
            else:
                logger.info("the connection was not restored; making a new one")
        finally:
            connecting.cancel()
            waiting.cancel()
            await asyncio.gather(connecting, waiting, return_exceptions=True)

    async def _wait_until_given_up(self) -> None:
        while True:
            await self._lost.wait()
            if not await wait_for_event(self._found, LONGEST_OFFLINE_SECONDS, self._clock):
                return

    async def close(self) -> None:
        """Close all connections, and cancel the task that discord.py leaves running.

        That task waits two seconds for more servers before it calls `on_ready`.
        """
        if (waiting := self._connection._ready_task) is not None:  # noqa: SLF001 - it has no owner
            waiting.cancel()
        await super().close()

    async def on_interaction(self, interaction: discord.Interaction[discord.Client]) -> None:
        """A component or a form was used, or a command, which the tree answers."""
        await self.components.answer(interaction)

    async def on_connect(self) -> None:
        """The gateway is connected. `on_ready` follows seconds later, after the last server."""
        self.gateway_connected.set()
        await self.on_resumed()

    async def on_resumed(self) -> None:
        """The session continues; the gateway sends the events that were missed."""
        self._lost.clear()
        self._found.set()

    async def on_disconnect(self) -> None:
        """The connection broke, or another attempt at it failed."""
        self._found.clear()
        self._lost.set()

    async def on_ready(self) -> None:
        """The gateway has sent all servers, at the start or after a lost session."""
        self._membership.connected(frozenset(guild.id for guild in self.guilds))
        for guild in self.guilds:
            self._membership.permissions_changed(guild)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server's data arrived: at the start, after an outage, or after an invitation."""
        self._membership.permissions_changed(guild)

    on_guild_join = on_guild_available

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server, or the server was deleted."""
        self._membership.guild_left(guild.id)

    async def on_guild_channel_update(self, before: _GuildObject, after: _GuildObject) -> None:
        """Permissions may have changed, or a thread was unlocked.

        Without the members intent, the only member that is reported is the bot.
        """
        self._membership.permissions_changed(after.guild)

    async def on_thread_join(self, thread: discord.Thread) -> None:
        """A thread was created or unarchived, or the bot can see it now."""
        self._membership.permissions_changed(thread.guild)

    on_guild_role_update = on_thread_update = on_member_update = on_guild_channel_update

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel was deleted."""
        self._membership.channel_deleted(channel.id)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """A thread was deleted."""
        self._membership.channel_deleted(payload.thread_id)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Permissions that the role denied are no longer denied."""
        self._membership.permissions_changed(role.guild)


def _longest(wait: timedelta, error: Exception) -> float:
    """The wait after an error, in seconds: ours, or that which Discord asks for."""
    return max(wait, requested_wait(error) or wait).total_seconds()
