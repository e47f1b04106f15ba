"""The Discord client: logs in and stays connected."""

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

import aiohttp
import discord

from bot.clock import Clock
from bot.discordapp.command_mentions import CommandMentions
from bot.discordapp.command_tree import CommandTree
from bot.discordapp.components import Components
from bot.discordapp.gateway import Gateway
from bot.discordapp.gateway_socket import GatewaySocket
from bot.discordapp.http_client import make_requests_safe
from bot.discordapp.log_names import find_channel, name_channel
from bot.discordapp.malformed import MALFORMED, MalformedData
from bot.discordapp.member_limits import MemberLimits, Rate, Rates
from bot.discordapp.membership import Membership
from bot.discordapp.outcomes import FAILURES, longest_wait
from bot.discordapp.replies import DEFER_AFTER, Replies
from bot.errors import TokenError
from bot.retry import Backoff

logger = logging.getLogger(__name__)

_GuildObject: TypeAlias = discord.abc.GuildChannel | discord.Role | discord.Thread | discord.Member
# How often members get an answer, and choices while typing; see docs/lookups.md.
ANSWERS = Rates(Rate(burst=20, per_second=2), Rate(burst=300, per_second=30))
COMPLETIONS = Rates(Rate(burst=60, per_second=8), Rate(burst=600, per_second=100))
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=5)


class StorywireClient(discord.Client):
    """discord.py's client with our command tree, and only the gateway events that we use."""

    def __init__(
        self,
        clock: Clock,
        membership: Membership,
        *,
        http_trace: aiohttp.TraceConfig,
        on_connected: Callable[[], None] = lambda: None,
        on_answered: Callable[[str, float], None] = lambda _, __: None,
    ) -> None:
        """Create a client; `on_connected` is called for each new or resumed session.

        For `on_answered` see `Replies`.
        """
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            http_trace=http_trace,
            # Longer waits are ours: discord.py would block the channel's other requests.
            max_ratelimit_timeout=30,
        )
        self.malformed = MalformedData()
        """Logs what can't be read, once per kind."""
        make_requests_safe(self, clock, self.malformed)
        answers = MemberLimits(clock, ANSWERS)
        completions = MemberLimits(clock, COMPLETIONS)
        self.mentions = CommandMentions()
        """Writes mentions of the commands into answers."""
        self._replies = Replies(clock, self.mentions, DEFER_AFTER, on_answered)
        self.tree = CommandTree(self, answers, completions, self.malformed, self._replies)
        self.components = Components(answers, self.malformed, self._replies)
        self._clock = clock
        self._membership = membership
        self._on_connected = on_connected
        self.gateway_connected = asyncio.Event()
        """Set once the gateway is connected, and commands are answered."""

    @property
    def is_connected(self) -> bool:
        """Whether there is a session with the gateway now."""
        socket: object = self.ws
        return (
            isinstance(socket, GatewaySocket) and socket.established.is_set() and bool(socket.open)
        )

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
                wait = longest_wait(backoff.next_wait(), error)
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

        Raises `TokenError` if Discord rejects the token.
        """
        await Gateway(self, self._clock, self.malformed).run()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Don't wait here: `Gateway` decides when a new session may be asked for."""

    async def close(self) -> None:
        """Close all connections, and cancel the task that discord.py leaves running.

        That task waits two seconds for more servers before it calls `on_ready`. Just after a server
        arrived it ignores that it is cancelled.
        """
        self._replies.close()
        while (waiting := self._connection._ready_task) is not None:  # noqa: SLF001 - has no owner
            waiting.cancel()
            await asyncio.sleep(0)
        await super().close()

    async def on_interaction(self, interaction: discord.Interaction[discord.Client]) -> None:
        """A component or a form was used, or a command, which the tree answers."""
        await self.components.answer(interaction)

    async def on_connect(self) -> None:
        """The gateway is connected. `on_ready` follows seconds later, after the last server."""
        self.gateway_connected.set()
        self._on_connected()

    async def on_resumed(self) -> None:
        """The session goes on after a broken connection."""
        self._on_connected()

    async def on_error(self, event_method: str, /, *_: object, **__: object) -> None:
        """Log what a handler of an event raised; the other events are handled.

        It is not a bug if the event, or an earlier one about the same server, was malformed.
        """
        error = sys.exception()
        if isinstance(error, MALFORMED):
            self.malformed.skip(f"event in {event_method}", error, "the others are handled")
        else:
            logger.error("%s failed", event_method, exc_info=error)

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
        self._membership.channel_deleted(name_channel(channel.guild, channel.id, channel))

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """A thread was deleted."""
        place = find_channel(self, payload.guild_id, payload.thread_id, payload.thread)
        self._membership.channel_deleted(place)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Permissions that the role denied are no longer denied."""
        self._membership.permissions_changed(role.guild)
