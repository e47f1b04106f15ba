"""The sender: takes what is due out of the outbox, sends it, and records what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.announce.pacing import Pacer
from bot.announce.policy import check_age
from bot.announce.posting import (
    Accepted,
    ChannelClosed,
    Found,
    Outcome,
    Poster,
    Refused,
    Unreadable,
)
from bot.clock import Clock, wait_for_event
from storage.models import PausedBy
from storage.posts import ClaimedPost, Failed, Post, RetryAt, Sent, Settlement, Skipped, Uncertain
from storage.store import OutboxStore, SubscriptionStore

logger = logging.getLogger(__name__)

SLOTS = 10
IDLE_SECONDS = 1.0
# Discord folds repeats of a nonce "in the past few minutes"; well inside that we rely on it.
# https://discord.com/developers/docs/resources/message#create-message
NONCE_WINDOW = timedelta(seconds=90)
# The message can't be older than its post, but clocks differ.
CLOCK_MARGIN = timedelta(minutes=10)
FIRST_RETRY = timedelta(seconds=1)
LAST_RETRY = timedelta(minutes=5)


class SenderStore(OutboxStore, SubscriptionStore, Protocol):
    """What the sender needs of the store."""


class Sender:
    """Sends due posts, several at once, one at a time per channel, at the bot's pace.

    `planned` wakes it; `jitter` gives a number in [0, 1) that spreads retries.
    """

    def __init__(
        self,
        store: SenderStore,
        poster: Poster,
        clock: Clock,
        *,
        pacer: Pacer,
        max_age: timedelta | None,
        planned: asyncio.Event,
        jitter: Callable[[], float],
    ) -> None:
        self._store = store
        self._poster = poster
        self._clock = clock
        self._pacer = pacer
        self._max_age = max_age
        self._planned = planned
        self._jitter = jitter
        self._busy: set[int] = set()
        self._stopping = False

    def stop(self) -> None:
        """Begin nothing new; `run` returns when the sends in flight are through."""
        self._stopping = True
        self._planned.set()

    async def run(self) -> None:
        """Send whatever is due, until stopped."""
        recovered = await self._store.recover_claimed(self._clock.now())
        if recovered:
            logger.warning("%d posts were being sent when the bot last stopped", recovered)
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                free = SLOTS - len(self._busy)
                claimed = await self._claim(free) if free else ()
                for post in claimed:
                    self._busy.add(post.post.channel_id)
                    group.create_task(self._deliver(post))
                if not claimed:
                    await wait_for_event(self._planned, await self._idle_seconds(), self._clock)

    async def _claim(self, free: int) -> tuple[ClaimedPost, ...]:
        return tuple(await self._store.claim_posts(self._clock.now(), free, sorted(self._busy)))

    async def _idle_seconds(self) -> float:
        """How long nothing will become due, as far as is known."""
        due_at = await self._store.next_due_at()
        if due_at is None or self._busy:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, max(0.01, (due_at - self._clock.now()).total_seconds()))

    async def _deliver(self, claimed: ClaimedPost) -> None:
        try:
            settlement = await self._attempt(claimed)
            await self._store.settle_post(claimed.post.id, settlement, self._clock.now())
            _log(claimed, settlement)
        finally:
            self._busy.discard(claimed.post.channel_id)
            self._planned.set()

    async def _attempt(self, claimed: ClaimedPost) -> Settlement:
        """Send a post, unless it is out already or no longer wanted."""
        await self._pacer.turn()
        now, post = self._clock.now(), claimed.post
        unwanted = self._unwanted(claimed, now)
        if post.unknown_since is not None and (unwanted or not _folds(post, now)):
            trace = await self._poster.find(post, post.planned_at - CLOCK_MARGIN)
            if isinstance(trace, Found):
                return Sent(trace.message_id)
            if isinstance(trace, Unreadable):
                return Uncertain(f"it may have been sent: {trace.reason}")
        if unwanted:
            return Skipped(unwanted)
        outcome = await self._poster.send(post, claimed.story)
        if isinstance(outcome, ChannelClosed):
            await self._store.pause_channel(post.channel_id, PausedBy.BOT, outcome.reason)
        return self._settle(post, outcome)

    def _unwanted(self, claimed: ClaimedPost, now: datetime) -> str | None:
        """Why a planned post is not to be sent any more."""
        if claimed.post.subscription_id is None:
            return "the subscription was removed"
        if claimed.story.withdrawn:
            return "the story was withdrawn"
        age = check_age(claimed.story, now, self._max_age)
        return None if age.passed or claimed.post.catch_up else age.reason

    def _settle(self, post: Post, outcome: Outcome) -> Settlement:
        now = self._clock.now()
        if isinstance(outcome, Accepted):
            return Sent(outcome.message_id)
        if isinstance(outcome, Refused):
            return Failed(outcome.reason)
        if isinstance(outcome, ChannelClosed):
            return RetryAt(now, outcome.reason)
        wait = outcome.retry_after or self._back_off(post.attempts)
        return RetryAt(now + wait, outcome.reason, outcome.unknown)

    def _back_off(self, attempts: int) -> timedelta:
        """Double the wait with each attempt, up to a bound, and spread it by half."""
        longest = min(LAST_RETRY, FIRST_RETRY * (1 << min(attempts - 1, 16)))
        return longest * (1 - self._jitter() / 2)


def _folds(post: Post, now: datetime) -> bool:
    """Whether Discord still folds a repeat of the post's nonce into the first message."""
    return post.unknown_since is not None and now - post.unknown_since < NONCE_WINDOW


def _log(claimed: ClaimedPost, settlement: Settlement) -> None:
    post = claimed.post
    if isinstance(settlement, Sent):
        logger.info("posted story %d in channel %d", post.story_id, post.channel_id)
    else:
        logger.warning(
            "story %d is not posted in channel %d (%s): %s",
            post.story_id,
            post.channel_id,
            type(settlement).__name__,
            settlement.reason,
        )
