"""Reacts to changes in servers: permissions, deleted channels, the bot's removal."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol, TypeVar

import discord

from bot.announce.log_names import Place, Server
from bot.announce.subscription_lifecycle import (
    LifecycleStore,
    delete_subscriptions,
)
from bot.clock import CautiousClock, Clock, wait_for_event
from bot.discordapp.log_names import name_channel, name_server
from bot.discordapp.malformed import MALFORMED, MalformedData
from bot.discordapp.notices import forget_notice, paused_channels
from bot.discordapp.permissions import get_posting_channel, missing_permissions
from bot.discordapp.reported_removals import Directory
from bot.retry import Backoff, keep_trying
from storage.models import PausedBy
from storage.protocols import EditorDraftStore, GuildStore, NoticeStore

logger = logging.getLogger(__name__)

ReportedT = TypeVar("ReportedT", Server, Place)

# A server that removes the bot and invites it again within this time keeps its subscriptions.
RETENTION = timedelta(days=7)
# How long an admin can undo the removal of a subscription.
UNDO_PERIOD = timedelta(hours=1)
# Editors that were opened longer ago are discarded.
DRAFT_LIFETIME = timedelta(days=1)
CLEANUP_SECONDS = 3600.0
# A pause may be recorded after the event that would have ended it. So paused channels without a
# missing permission are resumed, at growing intervals.
PAUSE_CHECK_INTERVAL = timedelta(seconds=30)
# If there are more, the next check continues with the rest.
PAUSES_PER_CHECK = 200
LONGEST_PAUSE_CHECK_INTERVAL = timedelta(hours=1)
# Between attempts to check what events have reported.
_REPORT_WAITS = timedelta(seconds=5), timedelta(minutes=10)
_TRIES = PAUSE_CHECK_INTERVAL * 2, LONGEST_PAUSE_CHECK_INTERVAL


class MembershipStore(LifecycleStore, GuildStore, NoticeStore, EditorDraftStore, Protocol):
    """The part of the store that `Membership` needs."""


class Membership:
    """Queues changes in servers, and handles one after the other.

    Sets `resumed` when waiting stories may be sent again.
    """

    def __init__(self, store: MembershipStore, clock: Clock, resumed: asyncio.Event) -> None:
        self._store = store
        self._clock = clock
        self._cautious_clock = CautiousClock(clock)
        self._resumed = resumed
        self._malformed = MalformedData()
        self._changes: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        # Servers and channels that events have reported as gone, which is not certain yet.
        self._reported_guilds: dict[int, Server] = {}
        self._reported_channels: dict[int, Place] = {}
        self._reported = asyncio.Event()
        self._guilds: dict[int, discord.Guild] = {}
        # For each paused channel: the waits between attempts, and the (monotonic) time of the next.
        self._tries: dict[int, tuple[Backoff, float]] = {}
        # 0 if the next check begins with the first channel.
        self._last_checked_channel = 0

    async def run(self, directory: Directory) -> None:
        """Handle changes until cancelled; what is reported as gone is checked with a directory."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._clean_up_regularly())
            group.create_task(self._check_paused_channels_regularly())
            group.create_task(self._check_reports(directory))
            while True:
                change = await self._changes.get()
                await self._tolerate(change, "handling a change in a server")

    async def _tolerate(self, change: Callable[[], Awaitable[None]], activity: str) -> None:
        """Carry out a change, or skip it if malformed data of a server prevents it."""
        try:
            await keep_trying(change, self._clock, activity)
        except MALFORMED as error:
            self._malformed.skip(f"server, while {activity}", error, "the others are handled")

    def permissions_changed(self, guild: discord.Guild) -> None:
        """End the bot's pauses of channels in this server that it can post in again."""
        self._guilds[guild.id] = guild
        self._changes.put_nowait(lambda: self._resume(guild))

    def guild_left(self, guild_id: int) -> None:
        """Hold the posts of a server that the bot is no longer in, if that is true."""
        guild = self._guilds.get(guild_id)
        self._reported_guilds[guild_id] = name_server(guild) if guild else Server(guild_id)
        self._reported.set()

    def channel_deleted(self, channel: Place) -> None:
        """Remove the subscriptions of a deleted channel, if it was deleted."""
        self._reported_channels[channel.id] = channel
        self._reported.set()

    def connected(self, guild_ids: frozenset[int]) -> None:
        """Handle servers and channels that disappeared while the bot was offline.

        `guild_ids` are the servers that the gateway has reported. Call `permissions_changed` for
        each, too.
        """
        self._changes.put_nowait(lambda: self._remove_missing(guild_ids))

    async def _resume(self, guild: discord.Guild) -> None:
        if await self._store.rejoin_guild(guild.id):
            server = name_server(guild)
            logger.info("back in %s", server, extra=server.fields)
            self._resumed.set()
        async for each in paused_channels(self._store, guild.id):
            await self._resume_channel(guild, each.channel_id)

    async def _resume_channel(self, guild: discord.Guild, channel_id: int) -> None:
        channel = get_posting_channel(guild, channel_id)
        if channel is not None and not missing_permissions(channel):
            await forget_notice(self._store, channel_id)
            await self._store.resume_channel(channel_id, PausedBy.BOT)
            place = name_channel(guild, channel_id)
            logger.info("%s can be posted in again", place, extra=place.fields)
            self._resumed.set()

    async def _check_paused_channels_regularly(self) -> None:
        while True:
            await self._clock.sleep(PAUSE_CHECK_INTERVAL.total_seconds())
            await self._tolerate(self._check_paused_channels, "checking paused channels")

    async def _check_paused_channels(self) -> None:
        """Resume paused channels where no permission seems to be missing, if their next try is due.

        Also resume channels that the bot can't see: the next send finds out whether they exist.
        """
        now = self._clock.monotonic()
        self._tries = {
            channel_id: (backoff, at)
            for channel_id, (backoff, at) in self._tries.items()
            if now - at < LONGEST_PAUSE_CHECK_INTERVAL.total_seconds()
        }
        paused = await self._store.paused_channels(
            PausedBy.BOT, PAUSES_PER_CHECK, after=self._last_checked_channel
        )
        self._last_checked_channel = paused[-1].channel_id if len(paused) == PAUSES_PER_CHECK else 0
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
                    # Deleted while the bot was offline, or an archived thread: sending finds out.
                    await self._store.resume_channel(each.channel_id, PausedBy.BOT)
                    self._resumed.set()

    async def _check_reports(self, directory: Directory) -> None:
        backoff = Backoff(*_REPORT_WAITS)
        while True:
            for server in sorted(self._reported_guilds.values(), key=_id):
                gone = await directory.guild_is_gone(server.id)
                await self._handle_report(self._reported_guilds, server, gone, self._leave)
            for channel in sorted(self._reported_channels.values(), key=_id):
                gone = await directory.channel_is_gone(channel.id)
                await self._handle_report(self._reported_channels, channel, gone, self._remove)
            if self._reported_guilds or self._reported_channels:
                wait = backoff.next_wait().total_seconds()
                await wait_for_event(self._reported, wait, self._clock)
            else:
                backoff.reset()
                await self._reported.wait()
                self._reported.clear()

    async def _handle_report(
        self,
        reports: dict[int, ReportedT],
        reported: ReportedT,
        gone: bool | None,
        handle: Callable[[ReportedT], Awaitable[None]],
    ) -> None:
        """Carry out what follows from a report, or drop it if it is wrong; keep it if unknown."""
        if gone is None:
            return
        if gone:
            await self._tolerate(lambda: handle(reported), "handling a change in a server")
        else:
            logger.info("%s was reported as gone, but is there", reported, extra=reported.fields)
        reports.pop(reported.id, None)

    async def _leave(self, server: Server) -> None:
        if await self._store.leave_guild(server.id, self._clock.now()):
            logger.info(
                "removed from %s; its subscriptions are kept for %d days",
                server,
                RETENTION.days,
                extra=server.fields,
            )

    async def _remove(self, channel: Place) -> None:
        now = self._clock.now()
        if count := await delete_subscriptions(self._store, now, channel_id=channel.id):
            logger.info(
                "%s was deleted, and its subscriptions with it (%d)",
                channel,
                count,
                extra=channel.fields,
            )

    async def _remove_missing(self, guild_ids: frozenset[int]) -> None:
        for guild_id in await self._store.subscribed_guilds() - guild_ids:
            self.guild_left(guild_id)
        await self._check_paused_channels()

    async def _clean_up_regularly(self) -> None:
        while True:
            await keep_trying(self._clean_up, self._clock, "cleaning up")
            await self._clock.sleep(CLEANUP_SECONDS)

    async def _clean_up(self) -> None:
        now = self._cautious_clock.now()
        if removed := await delete_subscriptions(self._store, now, left_before=now - RETENTION):
            logger.info("deleted %d subscriptions of servers that removed the bot", removed)
        if removed := await delete_subscriptions(self._store, now, removed_by=now - UNDO_PERIOD):
            logger.info("permanently deleted %d removed subscriptions", removed)
        await self._store.remove_old_drafts(now - DRAFT_LIFETIME)


def _id(reported: Server | Place) -> int:
    return reported.id
