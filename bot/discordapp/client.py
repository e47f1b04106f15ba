"""The client: logs in, keeps connected, keeps its commands in step with Discord."""

import asyncio
import hashlib
import json
import logging
from datetime import timedelta
from typing import TypeAlias

import aiohttp
import discord
from discord import app_commands
from discord.http import Route

from bot.clock import Clock, wait_for_event
from bot.discordapp.endpoint import ask_for_gateway
from bot.discordapp.interactions import answer_privately
from bot.discordapp.membership import Membership
from bot.discordapp.messages import errors
from bot.errors import DiscordError, TokenError
from bot.retry import Backoff
from storage.errors import NotFoundError, StorageError, StorywireError
from storage.protocols import KeyValueStore

logger = logging.getLogger(__name__)

_UNREACHABLE = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    discord.HTTPException,
    discord.GatewayNotFound,
    discord.RateLimited,
)
_GuildObject: TypeAlias = discord.abc.GuildChannel | discord.Role | discord.Thread | discord.Member
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=5)
# The library waits up to 17 minutes after a dozen lost connections, and all that while nobody is
# answered and no permission is seen to come back.
LONGEST_OFFLINE_SECONDS = 60.0


class StorywireClient(discord.Client):
    """discord.py's client with our command tree and no more of the gateway than we use."""

    def __init__(
        self,
        store: KeyValueStore,
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
            # A longer wait is ours to do: the library would hold a slot all the while.
            max_ratelimit_timeout=30,
        )
        self.tree = CommandTree(self)
        self._store = store
        self._clock = clock
        self._membership = membership
        self.on_gateway = asyncio.Event()
        """Set once the gateway is connected and commands are answered."""
        self._lost, self._found = asyncio.Event(), asyncio.Event()

    async def log_in(self, token: str) -> None:
        """Log in, trying again for as long as Discord can't be reached.

        Raises `TokenError` for a token that Discord refuses.
        """
        backoff = Backoff(_FIRST_WAIT, _LONGEST_WAIT)
        while True:
            try:
                await self.login(token)
                await ask_for_gateway(self)
                await self._sync_commands()
            except discord.LoginFailure as error:
                raise TokenError(
                    "Discord refuses the token; copy it anew from the application's Bot page"
                ) from error
            except _UNREACHABLE as error:
                wait = backoff.next_wait().total_seconds()
                logger.warning("Discord can't be used (%s); trying again in %d s", error, wait)
                await self.http.close()
                # The session took its connector with it; the next login makes another.
                self.http.connector = discord.utils.MISSING
                await self._clock.sleep(wait)
            else:
                return

    async def stay_connected(self) -> None:
        """Keep the gateway connected until the client is closed.

        Raises `DiscordError` if Discord doesn't want us connected.
        """
        backoff = Backoff(_FIRST_WAIT, _LONGEST_WAIT)
        while not self.is_closed():
            try:
                await self._connect()
            except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
                raise DiscordError(f"Discord closed the connection for good: {error}") from error
            except AttributeError:
                # A first connection that fails ends so: Rapptz/discord.py issue 10520.
                if self.ws is not None:
                    raise
                wait = backoff.next_wait().total_seconds()
                logger.warning("the gateway can't be reached; trying again in %d s", wait)
                await self._clock.sleep(wait)

    async def _connect(self) -> None:
        """Connect until that ends, or until the connection is lost for too long."""
        connecting = asyncio.ensure_future(self.connect())
        waiting = asyncio.ensure_future(self._wait_until_given_up())
        try:
            await asyncio.wait({connecting, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if connecting.done():
                await connecting
            else:
                logger.info("the connection is not found again; making a new one")
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
        """Close all connections, and end what discord.py leaves running.

        It waits two seconds for the last server before it says `on_ready`, also when closed.
        """
        if (waiting := self._connection._ready_task) is not None:  # noqa: SLF001 - it has no owner
            waiting.cancel()
        await super().close()

    async def _sync_commands(self) -> None:
        """Tell Discord our commands if they are not those that it was last told."""
        commands = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps(commands, sort_keys=True).encode()).hexdigest()
        name = f"commands:{self.application_id}:{Route.BASE}"
        if await self._store.get_value(name) != digest:
            await self.tree.sync()
            try:
                await self._store.set_value(name, digest)
            except StorageError as error:
                logger.warning("the next start tells Discord the commands again: %s", error)
            logger.info("told Discord %d commands", len(commands))

    async def on_connect(self) -> None:
        """The gateway knows us; `on_ready` follows seconds later, when no more servers come."""
        self.on_gateway.set()
        await self.on_resumed()

    async def on_resumed(self) -> None:
        """What was missed is told now."""
        self._lost.clear()
        self._found.set()

    async def on_disconnect(self) -> None:
        """The connection broke, or another attempt at it failed."""
        self._found.clear()
        self._lost.set()

    async def on_ready(self) -> None:
        """Everything that there is has been told, anew after a lost session."""
        self._membership.connected(frozenset(guild.id for guild in self.guilds))
        for guild in self.guilds:
            self._membership.permissions_changed(guild)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server came, at the start or after an outage, or the bot was invited."""
        self._membership.permissions_changed(guild)

    on_guild_join = on_guild_available

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed, or the server deleted."""
        self._membership.guild_left(guild.id)

    async def on_guild_channel_update(self, before: _GuildObject, after: _GuildObject) -> None:
        """Permissions may have changed, or a thread was unlocked; of members only the bot comes."""
        self._membership.permissions_changed(after.guild)

    on_guild_role_update = on_thread_update = on_member_update = on_guild_channel_update

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is gone for good."""
        self._membership.channel_deleted(channel.id)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """So is a thread."""
        self._membership.channel_deleted(payload.thread_id)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """What it denied is no longer denied."""
        self._membership.permissions_changed(role.guild)


class CommandTree(app_commands.CommandTree[StorywireClient]):
    """The command tree with answers for what goes wrong."""

    async def on_error(
        self, interaction: discord.Interaction[StorywireClient], error: app_commands.AppCommandError
    ) -> None:
        """Tell the person what happened in words, and the operator the rest."""
        if isinstance(error, app_commands.CheckFailure):
            return  # answered where it was checked
        cause = error.__cause__ if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(cause, NotFoundError | app_commands.TransformerError):
            text = errors.GONE
        elif isinstance(cause, StorywireError):
            logger.error("a command failed: %s", cause)
            text = errors.NO_DATABASE
        else:
            logger.error("a command failed", exc_info=cause)
            text = errors.INTERNAL
        await answer_privately(interaction, text)
