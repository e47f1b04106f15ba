"""What becomes of subscriptions when the bot's place in a server changes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

import discord

from bot.announce.subscription_lifecycle import (
    LifecycleStore,
    delete_subscriptions,
)
from bot.clock import Clock
from bot.discordapp.notices import forget_notice, paused_channels
from bot.discordapp.permissions import get_posting_channel, missing_permissions
from bot.retry import Backoff, keep_trying
from storage.models import PausedBy
from storage.protocols import EditorDraftStore, GuildStore, NoticeStore

logger = logging.getLogger(__name__)

# Servers that remove the bot and invite it again within this time find everything as it was.
GRACE = timedelta(days=7)
# How long an admin may take a removal back.
UNDO = timedelta(hours=1)
# Editors that were opened longer ago are forgotten.
DRAFT_LIFETIME = timedelta(days=1)
CLEANING_SECONDS = 3600.0
# A pause may be written after the event that would have ended it. So those that nothing explains
# are tried again, ever less often.
LOOKING_INTERVAL = timedelta(seconds=30)
# So many at once; of more, the next ones follow after the interval.
LOOKED_AT_ONCE = 200
LONGEST_LOOKING_INTERVAL = timedelta(hours=1)
_TRIES = LOOKING_INTERVAL * 2, LONGEST_LOOKING_INTERVAL


class MembershipStore(LifecycleStore, GuildStore, NoticeStore, EditorDraftStore, Protocol):
    """What membership needs of the store."""


class Membership:
    """Takes note of changes in servers and acts on them one after the other.

    `resumed` is set when waiting stories may go out again.
    """

    def __init__(self, store: MembershipStore, clock: Clock, resumed: asyncio.Event) -> None:
        self._store = store
        self._clock = clock
        self._resumed = resumed
        self._changes: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._guilds: dict[int, discord.Guild] = {}
        # For each paused channel: the waits between tries, and the monotonic time of the next one.
        self._tries: dict[int, tuple[Backoff, float]] = {}
        # The last channel that was looked at; 0 if the next look begins at the first.
        self._looked_at = 0

    async def run(self) -> None:
        """Act on whatever changes, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._clean())
            group.create_task(self._look_again())
            while True:
                change = await self._changes.get()
                await keep_trying(change, self._clock, "taking note of a change in a server")

    def permissions_changed(self, guild: discord.Guild) -> None:
        """End the bot's own pauses in this server where nothing is missing any more."""
        self._guilds[guild.id] = guild
        self._changes.put_nowait(lambda: self._resume(guild))

    def guild_left(self, guild_id: int) -> None:
        """Hold everything for a server that the bot is no longer in."""
        self._changes.put_nowait(lambda: self._leave(guild_id))

    def channel_deleted(self, channel_id: int) -> None:
        """Remove the subscriptions of a channel that never comes back."""
        self._changes.put_nowait(lambda: self._remove(channel_id))

    def connected(self, guild_ids: frozenset[int]) -> None:
        """Find out which servers and channels went while the bot was away; these are all there are.

        What is known of each of them is told to `permissions_changed`.
        """
        self._changes.put_nowait(lambda: self._compare(guild_ids))

    async def _resume(self, guild: discord.Guild) -> None:
        if await self._store.rejoin_guild(guild.id):
            logger.info("back in server %d", guild.id)
            self._resumed.set()
        async for each in paused_channels(self._store, guild.id):
            await self._resume_channel(guild, each.channel_id)

    async def _resume_channel(self, guild: discord.Guild, channel_id: int) -> None:
        channel = get_posting_channel(guild, channel_id)
        if channel is not None and not missing_permissions(channel):
            await forget_notice(self._store, channel_id)
            await self._store.resume_channel(channel_id, PausedBy.BOT)
            logger.info("channel %d can be posted in again", channel_id)
            self._resumed.set()

    async def _look_again(self) -> None:
        while True:
            await self._clock.sleep(LOOKING_INTERVAL.total_seconds())
            await keep_trying(self._try_again, self._clock, "looking at paused channels")

    async def _try_again(self) -> None:
        """Resume paused channels where nothing seems to be missing, if their time has come.

        So are those that nobody can see: whoever sends there finds out that they are gone.
        """
        now = self._clock.monotonic()
        self._tries = {
            channel_id: (backoff, at)
            for channel_id, (backoff, at) in self._tries.items()
            if now - at < LONGEST_LOOKING_INTERVAL.total_seconds()
        }
        paused = await self._store.paused_channels(
            PausedBy.BOT, LOOKED_AT_ONCE, after=self._looked_at
        )
        self._looked_at = paused[-1].channel_id if len(paused) == LOOKED_AT_ONCE else 0
        for each in paused:
            guild = self._guilds.get(each.guild_id)
            if guild is None:
                continue
            backoff, at = self._tries.get(each.channel_id) or (Backoff(*_TRIES), now)
            if at <= now:
                wait = backoff.next_wait().total_seconds()
                self._tries[each.channel_id] = (backoff, now + wait)
                await self._resume_channel(guild, each.channel_id)
                if guild.get_channel_or_thread(each.channel_id) is None:
                    # Deleted while the bot was away, or a thread that sleeps: sending tells.
                    await self._store.resume_channel(each.channel_id, PausedBy.BOT)
                    self._resumed.set()

    async def _leave(self, guild_id: int) -> None:
        if await self._store.leave_guild(guild_id, self._clock.now()):
            logger.info("no longer in server %d; its stories wait %s", guild_id, GRACE)

    async def _remove(self, channel_id: int) -> None:
        now = self._clock.now()
        if count := await delete_subscriptions(self._store, now, channel_id=channel_id):
            logger.info("channel %d was deleted, and %d subscriptions with it", channel_id, count)

    async def _compare(self, guild_ids: frozenset[int]) -> None:
        for guild_id in await self._store.subscribed_guilds() - guild_ids:
            await self._leave(guild_id)
        await self._try_again()

    async def _clean(self) -> None:
        while True:
            await keep_trying(self._clean_up, self._clock, "cleaning up")
            await self._clock.sleep(CLEANING_SECONDS)

    async def _clean_up(self) -> None:
        now = self._clock.now()
        if removed := await delete_subscriptions(self._store, now, left_before=now - GRACE):
            logger.info("%d subscriptions of servers long left are removed", removed)
        if removed := await delete_subscriptions(self._store, now, removed_by=now - UNDO):
            logger.info("%d removals of subscriptions can't be undone any more", removed)
        await self._store.remove_old_drafts(now - DRAFT_LIFETIME)
