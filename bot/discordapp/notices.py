"""Notices to a server's admins that a channel can't be posted in: once, inside Discord."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import discord

from bot.discordapp.messages.notices import describe_closed_channel
from bot.discordapp.outcomes import FAILURES, InvalidRequests
from bot.discordapp.permissions import get_posting_channel, missing_permissions
from storage.models import Notice, PausedBy, PausedChannel, Subscription
from storage.protocols import GuildStore, NoticeStore, SubscriptionStore
from storage.reasons import PermissionsMissing, Reason

logger = logging.getLogger(__name__)

# How long to wait for servers to come when the bot has just started.
_SERVERS_COME_SECONDS = 30
_PAGE = 200


class AdminNoticeStore(SubscriptionStore, GuildStore, NoticeStore, Protocol):
    """What sending a notice once needs of the store."""


class Notices:
    """Sends them to the server's system channel, else to the admins who subscribed the channel.

    Where both refuse, `/subscriptions list` still shows the pause. The last notice of a channel is
    stored: a refusal without a known cause is retried, and repeated, whenever something changes in
    the server, and a restart must not repeat its notice either.
    """

    def __init__(
        self, client: discord.Client, store: AdminNoticeStore, invalid_requests: InvalidRequests
    ) -> None:
        self._client = client
        self._store = store
        self._invalid_requests = invalid_requests
        # Channels with such a refusal: False once they have accepted a message again.
        self._unexplained: dict[int, bool] = {}

    async def channel_closed(self, guild_id: int, channel_id: int, reason: Reason) -> None:
        """Send what to grant, unless that was sent before; the stories wait meanwhile.

        `reason` is used where no permission seems to be missing.
        """
        guild = await self._guild(guild_id)
        if guild is None:
            return
        subscriptions = await self._store.list_subscriptions(guild.id, channel_id)
        missing = _missing(guild, channel_id)
        newest = max((each.id for each in subscriptions), default=0)
        cause = PermissionsMissing(missing) if missing else reason
        last = await self._store.get_notice(channel_id)
        known = last is not None and last.cause == cause and last.newest_subscription_id >= newest
        if known and self._unexplained.get(channel_id, True):
            return
        guild_name = discord.utils.escape_markdown(guild.name)
        text = describe_closed_channel(guild_name, channel_id, cause)
        await self._send(guild, subscriptions, text)
        await self._store.save_notice(channel_id, Notice(newest, cause))
        if not missing:
            self._unexplained[channel_id] = True

    def delivered(self, channel_id: int) -> None:
        """Note that a channel accepts messages: a later refusal gets a notice of its own."""
        if channel_id in self._unexplained:
            self._unexplained[channel_id] = False

    async def send_pending_notices(self) -> None:
        """Send notices of pauses that the bot made, but did not report before it stopped.

        A pause ends by itself where nothing is missing any more. Raises `StorageError`.
        """
        async for each in paused_channels(self._store):
            guild = await self._guild(each.guild_id)
            if guild is not None and (missing := _missing(guild, each.channel_id)):
                cause = PermissionsMissing(missing)
                await self.channel_closed(each.guild_id, each.channel_id, cause)

    async def _send(
        self, guild: discord.Guild, subscriptions: Sequence[Subscription], text: str
    ) -> None:
        system = guild.system_channel
        if system is not None and _accepts_notices(system):
            try:
                await system.send(text, allowed_mentions=discord.AllowedMentions.none())
            except FAILURES as error:
                logger.info("channel %d refused a notice: %s", system.id, error)
                self._invalid_requests.count(error)
            else:
                return
        for admin in {subscription.created_by for subscription in subscriptions}:
            try:
                channel = await self._client.create_dm(discord.Object(admin))
                await channel.send(text)
            except FAILURES as error:
                logger.info("admin %d refused a notice: %s", admin, error)
                self._invalid_requests.count(error)

    async def _guild(self, guild_id: int) -> discord.Guild | None:
        """The server, once the gateway has delivered its data; None if it does not."""
        if not has_come(self._client, guild_id):
            try:
                async with asyncio.timeout(_SERVERS_COME_SECONDS):
                    await self._client.wait_until_ready()
            except TimeoutError:
                return None
        guild = self._client.get_guild(guild_id)
        return None if guild is None or guild.unavailable else guild


async def paused_channels(
    store: GuildStore, guild_id: int | None = None
) -> AsyncIterator[PausedChannel]:
    """The channels that the bot paused, of one server or of all, read a page at a time."""
    after = 0
    while page := await store.paused_channels(PausedBy.BOT, _PAGE, guild_id=guild_id, after=after):
        for channel in page:
            yield channel
        after = page[-1].channel_id


async def forget_notice(store: NoticeStore, channel_id: int) -> None:
    """Note that nothing is missing in a channel any more; the notice of a refusal stays.

    Call it before the channel's pause ends, so that the next missing permission is reported,
    whatever happens in between.
    """
    notice = await store.get_notice(channel_id)
    if notice is not None and isinstance(notice.cause, PermissionsMissing):
        await store.clear_notice(channel_id)


def has_come(client: discord.Client, guild_id: int) -> bool:
    """Whether the gateway has delivered a server's data, or the bot is not in the server."""
    guild = client.get_guild(guild_id)
    return client.is_ready() if guild is None else not guild.unavailable


def _accepts_notices(channel: discord.TextChannel) -> bool:
    held = channel.permissions_for(channel.guild.me)
    return held.view_channel and held.send_messages


def _missing(guild: discord.Guild, channel_id: int) -> tuple[str, ...]:
    channel = get_posting_channel(guild, channel_id)
    return tuple(missing_permissions(channel)) if channel else ()
