"""The start on a restored backup: what was announced since the backup is read in the channels.

A backup lacks the posts that were made after it. Their stories come from the sources again, and
would be posted again. So before anything is planned or sent, the history of each channel is read:
waiting posts that it shows become `sent`, and `bot.announce.recognition` compares what is planned
later with it. Each channel is recorded on its own, so that a start may be interrupted.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.announce import post_states as states
from bot.announce.outbox import revive
from bot.announce.poster_port import Announcement, History, HistoryReader, Unavailable
from bot.announce.recognition import record_found
from bot.clock import Clock
from bot.retry import Backoff, keep_trying
from storage.posts import Announced, ChannelToRecover, Placement, Post, PostStatus, RecoveredChannel
from storage.protocols import KeyValueStore, OutboxStore, RecoveryStore
from storage.protocols.recovery import BACKUP_MADE_AT
from storage.protocols.transaction import Transaction
from storage.reasons import Cause

logger = logging.getLogger(__name__)

# Clocks differ, and messages may have been on their way when the backup was made.
MARGIN = timedelta(hours=1)
# What was read is kept for that long, and longer if older stories are news. Weekly digests and a
# source that was away for some days are within it.
KEPT = timedelta(days=30)
# Channels that are read at the same time; the pace of all requests is limited elsewhere.
_AT_ONCE = 16
# How long servers that Discord does not deliver may delay all others.
_GUILD_WAIT = timedelta(minutes=5)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)


class RecoveringStore(OutboxStore, KeyValueStore, RecoveryStore, Protocol):
    """What the recovery needs of the store."""


class Recovery:
    """Reads the channels after a restore; `max_age` is the age up to which stories are news."""

    def __init__(
        self,
        store: RecoveringStore,
        reader: HistoryReader,
        clock: Clock,
        *,
        max_age: timedelta | None,
    ) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock
        self._kept = KEPT + (max_age or timedelta())
        self._problem = ""
        # Since when servers are missing that Discord should have delivered by now.
        self._away_since: float | None = None

    async def run(self) -> None:
        """Read the channels, if the database is a restored backup, and record what they show."""
        now = self._clock.now()
        await keep_trying(
            lambda: self._store.forget_recoveries(now - self._kept), self._clock, "recovering"
        )
        backup = await self._backup()
        if backup is None:
            return
        made_at = _read_time(backup)
        logger.info(
            "this database is a backup%s: reading what was announced since then",
            "" if made_at is None else f" of {made_at:%Y-%m-%d %H:%M} UTC",
        )
        since = now - KEPT if made_at is None else min(made_at, now) - MARGIN
        while channels := await self._channels(backup):
            for first in range(0, len(channels), _AT_ONCE):
                async with asyncio.TaskGroup() as group:
                    for channel in channels[first : first + _AT_ONCE]:
                        group.create_task(self._recover(channel, backup, since))
        await self._finish(backup)

    async def _finish(self, backup: str) -> None:
        done = await keep_trying(
            lambda: self._store.recovered_from(backup), self._clock, "recovering"
        )
        await keep_trying(
            lambda: self._store.delete_value(BACKUP_MADE_AT), self._clock, "recovering"
        )
        unread = sum(each.problem is not None for each in done)
        logger.info(
            "recovered from a backup: read %d channels, recognised %d messages; %d channels could"
            " not be read completely, and their posts are uncertain",
            len(done) - unread,
            sum(each.messages for each in done),
            unread,
        )

    async def _backup(self) -> str | None:
        return await keep_trying(
            lambda: self._store.get_value(BACKUP_MADE_AT), self._clock, "recovering"
        )

    async def _channels(self, backup: str) -> Sequence[ChannelToRecover]:
        return await keep_trying(
            lambda: self._store.channels_to_recover(backup), self._clock, "recovering"
        )

    async def _recover(self, channel: ChannelToRecover, backup: str, since: datetime) -> None:
        """Read a channel, as soon as Discord is available, and record it."""
        history = await self._read(channel, since)
        now, problem = self._clock.now(), history.problem
        found = history.announcements
        recovered = RecoveredChannel(channel.channel_id, backup, now, len(found), problem)
        if problem is not None:
            place = self._reader.place(channel)
            logger.warning("%s can't be read: %s", place, problem, extra=place.fields)
        await keep_trying(
            lambda: recover_channel(self._store, recovered, found, now),
            self._clock,
            "recovering",
        )

    async def _read(self, channel: ChannelToRecover, since: datetime) -> History:
        backoff = Backoff(_FIRST_WAIT, _LONGEST_WAIT)
        while True:
            result = await self._reader.read_history(channel, since)
            if not isinstance(result, Unavailable):
                return result
            if result.reason is Cause.GUILD_UNAVAILABLE:
                now = self._clock.monotonic()
                self._away_since = now if self._away_since is None else self._away_since
                if now - self._away_since >= _GUILD_WAIT.total_seconds():
                    return History((), Cause.CHANNEL_INVISIBLE)
            else:
                # After a lost connection, servers come back later than the answers to requests.
                self._away_since = None
                if str(result.reason) != self._problem:
                    self._problem = str(result.reason)
                    logger.warning("reading channels is delayed: %s", self._problem)
            wait = result.retry_after or backoff.next_wait()
            await self._clock.sleep(wait.total_seconds())


async def recover_channel(
    store: OutboxStore,
    channel: RecoveredChannel,
    announcements: Sequence[Announcement],
    now: datetime,
) -> None:
    """Record what a channel's history shows, and settle its waiting posts accordingly."""
    shown = addresses_shown(announcements)
    marks = {each.mark: _by_mark(each) for each in announcements}

    async def work(transaction: Transaction) -> None:
        await transaction.record_recovery(channel, shown)
        posts = await transaction.unsettled_posts(channel.channel_id)
        by_address = await transaction.find_announced(
            (post.story_id, post.channel_id) for post in posts
        )
        found = {
            post: announced
            for post in posts
            if (
                announced := marks.get(post.mark)
                or by_address.get((post.story_id, post.channel_id))
            )
        }
        await _settle_found(transaction, posts, found, now)
        if channel.problem is not None:
            await transaction.update_posts(
                [
                    states.doubt_post(post, channel.problem, now)
                    for post in posts
                    if post not in found and post.status is not PostStatus.FOLDED
                ],
                now,
            )

    await store.transact(work)


async def _settle_found(
    transaction: Transaction, posts: Sequence[Post], found: Mapping[Post, Announced], now: datetime
) -> None:
    """Record the posts that were found; what depended on them is planned for itself."""
    covered = {
        post
        for post, each in found.items()
        if post.status is PostStatus.FOLDED and each.place is Placement.COVERAGE
    }
    changed = await record_found(
        transaction, {post: each for post, each in found.items() if post not in covered}, now
    )
    settled = {post.id: post for post in changed}
    left = [
        states.leave_digest(post)
        for post in posts
        if post not in found and post.digest_position is not None and post.lead_post_id in settled
    ]
    await transaction.update_posts(left, now)
    # What is folded into a post without an editable message is shown by that message, or nowhere.
    orphans = [
        post
        for post in posts
        if post.status is PostStatus.FOLDED
        and (post not in found or post in covered)
        and (host := settled.get(post.lead_post_id or 0)) is not None
        and host.message_id is None
    ]
    await transaction.update_posts(
        [states.recover_post(post, found[post]) for post in orphans if post in found], now
    )
    await revive(transaction, (), now, folded=[post for post in orphans if post not in found])


def addresses_shown(announcements: Iterable[Announcement]) -> dict[str, Announced]:
    """What shows each address: a message about it rather than a digest, and this than coverage."""
    shown: dict[str, Announced] = {}
    ordered = sorted(announcements, key=lambda each: each.message_id)
    for place in (Placement.COVERAGE, Placement.DIGEST, Placement.STORY):
        for each in ordered:
            addresses: frozenset[str] = getattr(each, place.value)
            shown |= dict.fromkeys(addresses, _announced(each, place))
    return shown


def _by_mark(announcement: Announcement) -> Announced:
    place = Placement.DIGEST if announcement.is_digest else Placement.STORY
    return _announced(announcement, place)


def _announced(each: Announcement, place: Placement) -> Announced:
    return Announced(each.message_id, each.sent_at, place, each.thread_id, each.look, each.done)


def _read_time(text: str) -> datetime | None:
    """The time of a backup; None if it is not one."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
