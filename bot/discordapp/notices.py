"""Notifies a server's admins, in Discord, that the bot can't post in a channel.

A notice is repeated until somebody has got it, and then never again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Protocol

import discord

from bot.clock import Clock
from bot.discordapp.log_names import name_channel
from bot.discordapp.malformed import MALFORMED
from bot.discordapp.messages.notices import describe_closed_channel
from bot.discordapp.outcomes import FAILURES, InvalidRequests
from bot.discordapp.permissions import (
    PostingChannel,
    get_posting_channel,
    held_permissions,
    missing_permissions,
)
from bot.errors import one_line
from bot.retry import Backoff, keep_trying
from storage.models import Notice, PausedBy, PausedChannel, Subscription
from storage.protocols import GuildStore, NoticeStore, SubscriptionStore
from storage.reasons import PermissionsMissing, Reason

logger = logging.getLogger(__name__)

# How long to wait for the servers' data when the bot has just started.
_GUILDS_LOADING_SECONDS = 30
_PAGE = 200
# A notice that nobody got is repeated at growing intervals.
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(hours=1)


class AdminNoticeStore(SubscriptionStore, GuildStore, NoticeStore, Protocol):
    """The part of the store that notices need."""


class Notices:
    """Sends notices to the server's system channel, to the admins who subscribed, or to its owner.

    If all refuse them, they are sent again later, and `/subscriptions list` shows the pause. The
    last notice of a channel that was delivered is stored, so that it is not sent again after a
    restart, or when Discord refuses another attempt for a reason that the bot can't explain.
    """

    def __init__(
        self, client: discord.Client, store: AdminNoticeStore, invalid_requests: InvalidRequests
    ) -> None:
        self._client = client
        self._store = store
        self._invalid_requests = invalid_requests
        # Channels with an unexplained refusal: False once they have accepted a message again.
        self._unexplained: dict[int, bool] = {}
        self._undelivered = asyncio.Event()

    async def run(self, clock: Clock) -> None:
        """Send notices that were not delivered, now and at growing intervals, until cancelled."""
        backoff = Backoff(FIRST_RETRY, LAST_RETRY)
        while True:
            self._undelivered.clear()
            await keep_trying(self.send_pending_notices, clock, "reporting paused channels")
            if not self._undelivered.is_set():
                backoff.reset()
                await self._undelivered.wait()
            await clock.sleep(backoff.next_wait().total_seconds())

    async def channel_closed(self, guild_id: int, channel_id: int, reason: Reason) -> None:
        """Send a notice that names the missing permissions, unless one was delivered before.

        `reason` is used if no permission seems to be missing.
        """
        guild = await self._guild(guild_id)
        if guild is None:
            if not guild_is_loaded(self._client, guild_id):
                self._undelivered.set()
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
        if not await self._send(guild, subscriptions, text):
            self._undelivered.set()
            return
        await self._store.save_notice(channel_id, Notice(newest, cause))
        if not missing:
            self._unexplained[channel_id] = True

    def channel_accepted(self, channel_id: int) -> None:
        """Record that a channel accepts messages, so that the next refusal is reported again."""
        if channel_id in self._unexplained:
            self._unexplained[channel_id] = False

    async def send_pending_notices(self) -> None:
        """Report pauses of the bot that were not reported, also before a restart.

        Channels without a missing permission are skipped: their pause ends soon. Raises
        `StorageError`.
        """
        if self._invalid_requests.wait() is not None:
            self._undelivered.set()
            return
        async for each in paused_channels(self._store):
            guild = await self._guild(each.guild_id)
            if guild is not None and (missing := _missing(guild, each.channel_id)):
                cause = PermissionsMissing(missing)
                await self.channel_closed(each.guild_id, each.channel_id, cause)

    async def _send(
        self, guild: discord.Guild, subscriptions: Sequence[Subscription], text: str
    ) -> bool:
        """Send a notice one way after the other; return whether somebody has got it."""
        system: object = guild.system_channel  # anything, after a malformed event
        if isinstance(system, discord.TextChannel) and _accepts_notices(system):
            try:
                await system.send(text, allowed_mentions=discord.AllowedMentions.none())
            except (*FAILURES, *MALFORMED) as error:
                place = name_channel(guild, system.id)
                problem = one_line(error)
                logger.info("%s refused a notice: %s", place, problem, extra=place.fields)
                self._invalid_requests.count(error)
            else:
                return True
        # Nobody made those that were imported in a terminal.
        admins = dict.fromkeys(each.created_by for each in subscriptions if each.created_by)
        reached = [await self._send_directly(admin, text) for admin in admins]
        if any(reached) or guild.owner_id in admins or not guild.owner_id:
            return any(reached)
        return await self._send_directly(guild.owner_id, text)

    async def _send_directly(self, person_id: int, text: str) -> bool:
        """Send a direct message; return whether it arrived."""
        try:
            channel = await self._client.create_dm(discord.Object(person_id))
            await channel.send(text)
        except (*FAILURES, *MALFORMED) as error:
            logger.info("admin %d refused a notice: %s", person_id, one_line(error))
            self._invalid_requests.count(error)
            return False
        return True

    async def _guild(self, guild_id: int) -> discord.Guild | None:
        """The server, once the gateway has sent its data; None if it doesn't in time."""
        if not guild_is_loaded(self._client, guild_id):
            try:
                async with asyncio.timeout(_GUILDS_LOADING_SECONDS):
                    await self._client.wait_until_ready()
            except TimeoutError:
                return None
        guild = self._client.get_guild(guild_id)
        return None if guild is None or guild.unavailable else guild


async def paused_channels(
    store: GuildStore, guild_id: int | None = None
) -> AsyncIterator[PausedChannel]:
    """The channels that the bot paused in one server or in all, read page by page."""
    after = 0
    while page := await store.paused_channels(PausedBy.BOT, _PAGE, guild_id=guild_id, after=after):
        for channel in page:
            yield channel
        after = page[-1].channel_id


async def forget_notice(store: NoticeStore, channel_id: int) -> None:
    """Forget a notice about missing permissions, which are granted now.

    Call it before the channel's pause ends, so that the next missing permission is reported even
    if the bot stops in between. Notices about other refusals are kept.
    """
    notice = await store.get_notice(channel_id)
    if notice is not None and isinstance(notice.cause, PermissionsMissing):
        await store.clear_notice(channel_id)


def guild_is_loaded(client: discord.Client, guild_id: int) -> bool:
    """Whether the gateway has sent a server's data, or the bot is not in the server."""
    guild = client.get_guild(guild_id)
    return client.is_ready() if guild is None else not guild.unavailable


def _accepts_notices(channel: PostingChannel) -> bool:
    held = held_permissions(channel)
    return held is None or (held.view_channel and held.send_messages)


def _missing(guild: discord.Guild, channel_id: int) -> tuple[str, ...]:
    channel = get_posting_channel(guild, channel_id)
    return tuple(missing_permissions(channel)) if channel else ()
