"""Causes failures at random moments, from one seeded random source."""

import asyncio
import math
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.sandbox import Invalid, Permission, RateLimited, Reset, Slow, Status
from bot.sandbox.model.entities import Channel
from bot.sandbox.options import ADD_MESSAGE
from bot.sandbox.rest.rate_limits import Scope
from bot.sandbox.rest.request_faults import Fault
from storage.models import PausedBy
from storage.reasons import Cause
from tests.support.clock import OffsetClock
from tests.support.headlines import headline
from tests.support.places import (
    BUTTON_ADDRESSES,
    DISCUSS,
    EDIT_MESSAGE,
    PUBLISH,
    READ_PLACE,
    messages_in,
    threads_of,
)
from tests.support.subscribed_channels import SubscribedChannels

# The requests that may fail, with weights.
_ROUTES = {ADD_MESSAGE: 4, (EDIT_MESSAGE,): 2, READ_PLACE: 2, (PUBLISH, DISCUSS): 1}
# discord.py itself retries these for up to 25 s; it raises 503 and 520 at once.
RETRIED_BY_LIBRARY = (500, 502, 504, 524)
# Longer than discord.py may wait: the bot pauses sending to the channel instead.
LONG_LIMIT_SECONDS = (31.0, 45.0)
# The maximum error of the bot's clock. The bot relies on nonces for 90 s, and Discord keeps them
# for 300 s: with a clock set back by more than the difference, it would rely on an expired nonce.
MAX_CLOCK_ERROR = timedelta(seconds=90)
SKIP_LENGTH = timedelta(minutes=2)
MIN_SECONDS_BETWEEN_SKIPS = 60.0
# A fault that no request meets within this time is cancelled. Otherwise faults would accumulate
# during an outage, and each of the bot's rare probes would meet one.
MAX_FAULT_SECONDS = 0.5
# The maximum time between writing a story and planning its posts.
MAX_PLANNING_SECONDS = 5.0


@dataclass
class FailureInjector:
    """Causes failures; `counts` has the number of each kind.

    `slow_recovery` adds failures that take long to recover from.
    """

    channels: SubscribedChannels
    clock: OffsetClock
    random: random.Random
    group: asyncio.TaskGroup
    slow_recovery: bool
    counts: Counter[str] = field(default_factory=Counter)
    posted_while_paused: int = 0
    optional_posts: set[tuple[int, str]] = field(default_factory=set)
    """(channel, story): the story appeared while an admin had paused the channel."""
    _unavailable_channels: set[int] = field(default_factory=set)
    _skipped_at: float = float("-inf")
    _written_at: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sandbox = self.channels.sandbox
        self.faults = self.sandbox.faults
        self._tasks: set[asyncio.Task[None]] = set()
        self._most_deleted = len(self.channels.channel_ids) // 6
        quick: list[tuple[int, Callable[[], None]]] = [
            (30, self.fail_before_commit),
            (30, self.fail_after_commit),
            (8, self.reject_button),
            (12, self.slow_down),
            (8, self.limit_route),
            (3, self.limit_globally),
            (3, self.drop_gateway),
            (2, self.ask_to_reconnect),
            (2, self.invalidate_session),
            (8, self.revoke),
            (12, self.archive_threads),
            (4, self.lock_thread),
            (4, self.pause),
            (2, self.delete_channel),
            (4, self.set_clock),
        ]
        slow = [
            (6, self.fail_with_library_retry),
            (3, self.limit_route_longer),
            (1, self.lose_sessions),
            (2, self.start_outage),
            (2, self.skip_time),
        ]
        self._weighted_failures = quick + (slow if self.slow_recovery else [])

    def inject_random_failure(self) -> None:
        """Cause one random failure."""
        weights = [weight for weight, _ in self._weighted_failures]
        ((_, cause_failure),) = self.random.choices(self._weighted_failures, weights)
        cause_failure()

    async def end(self) -> None:
        """End all failures, and resume all channels."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.faults.clear()
        for channel_id in sorted(self._unavailable_channels):
            if channel_id in self.sandbox.world.channels:
                self._grant(channel_id)
                if self._channel(channel_id).locked:
                    self._unlock(channel_id)
        async with self.channels.open_store() as store:
            for channel_id in self.channels.channel_ids:
                await store.resume_channel(channel_id, PausedBy.ADMIN)

    # Requests

    def fail_before_commit(self) -> None:
        """Fail a request without an effect."""
        self._plan("failed before commit", self._choose(Status(503), Status(520), Reset(False)))

    def fail_after_commit(self) -> None:
        """Perform a request, but lose its response."""
        lost = self._choose(Status(503, True), Status(520, True), Reset(True))
        self._plan("failed after commit", lost)

    def reject_button(self) -> None:
        """Reject a message because of its button."""
        self._plan("button rejected", Invalid(BUTTON_ADDRESSES))

    def fail_with_library_retry(self) -> None:
        """Fail with a status that discord.py itself retries."""
        status = Status(self.random.choice(RETRIED_BY_LIBRARY), self.random.random() < 0.5)
        self._plan("failed with library retry", status)

    def slow_down(self) -> None:
        """Delay a response."""
        self._plan("slow", Slow(self.random.uniform(0.05, 1.5), self.random.random() < 0.5))

    def limit_route(self) -> None:
        """Return 429 although no limit is exceeded."""
        self._plan("route limited", RateLimited(self.random.uniform(0.1, 2)))

    def limit_route_longer(self) -> None:
        """Return 429 with a longer wait than the bot accepts."""
        self._plan("route limited longer", RateLimited(self.random.uniform(*LONG_LIMIT_SECONDS)))

    def limit_globally(self) -> None:
        """Return 429 for the global limit."""
        self._plan("limited globally", RateLimited(self.random.uniform(0.1, 1), Scope.GLOBAL))

    def _plan(self, what: str, fault: Fault) -> None:
        [route] = self.random.choices([*_ROUTES], [*_ROUTES.values()])
        self.counts[what] += 1
        cancel = self.faults.plan(fault, route=route)

        async def end() -> None:
            await asyncio.sleep(MAX_FAULT_SECONDS)
            cancel()

        self._run_in_background(end())

    # The gateway, and all of Discord

    def drop_gateway(self) -> None:
        """Break the gateway connections; the sessions can be resumed."""
        self.counts["gateway dropped"] += 1
        self.faults.drop_gateway()

    def ask_to_reconnect(self) -> None:
        """Ask the bot to reconnect, as Discord does now and then."""
        self.counts["reconnects requested"] += 1
        self.faults.ask_to_reconnect()

    def invalidate_session(self) -> None:
        """Invalidate the sessions, resumable or not."""
        self.counts["session invalidated"] += 1
        self.faults.invalidate_sessions(resumable=self.random.random() < 0.5)

    def lose_sessions(self) -> None:
        """End the sessions, so that a resume is refused."""
        self.counts["sessions lost"] += 1
        self.faults.lose_sessions()

    def start_outage(self) -> None:
        """Start an outage of REST and gateway."""
        if self.faults.has_outage:
            return
        self.counts["outages"] += 1
        seconds = self.random.uniform(1, 10)
        how = self._choose(Status(503), Reset(False), Reset(True), Status(503, True))

        async def outage() -> None:
            async with self.faults.outage(how):
                await asyncio.sleep(seconds)

        self._run_in_background(outage())

    # Servers

    def revoke(self) -> None:
        """Revoke a permission in a channel, and grant it again later."""
        channel_id = self._available_channel()
        denied = self._choose(*self._revocable(channel_id))
        seconds = self.random.uniform(0.5, 20 if self.slow_recovery else 2)
        self.counts["permission revoked"] += 1
        self._unavailable_channels.add(channel_id)
        self.faults.revoke(self._parent(channel_id), denied)

        async def grant() -> None:
            await asyncio.sleep(seconds)
            if channel_id in self.sandbox.world.channels:
                self._grant(channel_id)

        self._run_in_background(grant())

    def _grant(self, channel_id: int) -> None:
        self.faults.grant(self._parent(channel_id), *self._revocable(channel_id))
        self._unavailable_channels.discard(channel_id)

    def _channel(self, channel_id: int) -> Channel:
        return self.sandbox.world.channel(channel_id)

    def _parent(self, channel_id: int) -> int:
        """The channel whose overwrites decide about a channel or thread."""
        return self._channel(channel_id).parent_id or channel_id

    def _revocable(self, channel_id: int) -> tuple[Permission, ...]:
        in_thread = self._channel(channel_id).is_thread
        return (
            Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES,
            Permission.EMBED_LINKS,
            Permission.VIEW_CHANNEL,
        )

    def archive_threads(self) -> None:
        """Archive a thread, or most of a forum's, as Discord does when they are quiet."""
        world = self.sandbox.world
        channel = self._channel(self.random.choice(self.channels.channel_ids))
        threads = [channel.id] if channel.is_thread else threads_of(world, channel)
        for thread_id in threads:
            if self.random.random() < 0.8:
                self.counts["thread archived"] += 1
                world.update_thread(thread_id, archived=True)

    def lock_thread(self) -> None:
        """Lock a thread, archived or not, and unlock it later."""
        if not (threads := self._threads(self._available_channels())):
            return
        channel_id = self.random.choice(threads)
        seconds = self.random.uniform(0.5, 20 if self.slow_recovery else 2)
        self.counts["thread locked"] += 1
        self._unavailable_channels.add(channel_id)
        archived = self.random.random() < 0.5
        self.sandbox.world.update_thread(channel_id, locked=True, archived=archived)

        async def unlock() -> None:
            await asyncio.sleep(seconds)
            if channel_id in self.sandbox.world.channels:
                self._unlock(channel_id)

        self._run_in_background(unlock())

    def _unlock(self, channel_id: int) -> None:
        self.sandbox.world.update_thread(channel_id, locked=False)
        self._unavailable_channels.discard(channel_id)

    def _threads(self, channel_ids: Iterable[int]) -> list[int]:
        return [each for each in channel_ids if self._channel(each).is_thread]

    def delete_channel(self) -> None:
        """Delete a channel, up to a sixth of them."""
        if self.counts["channel deleted"] < self._most_deleted:
            self.counts["channel deleted"] += 1
            channel_id = self._available_channel()
            self.channels.channel_ids.remove(channel_id)
            self.faults.delete_channel(channel_id)

    def pause(self) -> None:
        """Pause a channel as an admin for a while; nothing may be posted until it is resumed."""
        channel_id = self._available_channel()
        seconds = self.random.uniform(1, 15 if self.slow_recovery else 2)
        self.counts["channel paused"] += 1
        self._unavailable_channels.add(channel_id)

        async def resume() -> None:
            loop = asyncio.get_running_loop()
            since = loop.time() - MAX_PLANNING_SECONDS
            async with self.channels.open_store() as store:
                try:
                    if not await store.pause_channel(
                        channel_id, PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN
                    ):
                        # The bot has paused it, and may resume it at any time.
                        since = math.inf
                        return
                    while await self.channels.is_sending(channel_id):  # noqa: ASYNC110 - the database sends no events
                        await asyncio.sleep(0.1)
                    # Not stories: an edit may restore the embed of a message meanwhile.
                    before = len(messages_in(self.sandbox.world, channel_id))
                    await asyncio.sleep(seconds)
                    after = len(messages_in(self.sandbox.world, channel_id))
                    self.posted_while_paused += after - before
                finally:
                    try:
                        await store.resume_channel(channel_id, PausedBy.ADMIN)
                    finally:
                        # Also if the test ends while the channel is paused or resumed.
                        self._unavailable_channels.discard(channel_id)
                        self.optional_posts |= {
                            (channel_id, name)
                            for name, at in self._written_at.items()
                            if at >= since
                        }

        self._run_in_background(resume())

    # Time

    def set_clock(self) -> None:
        """Set the bot's clock, but not Discord's."""
        self.counts["clock set"] += 1
        self.clock.error = self.random.uniform(-0.5, 0.5) * 2 * MAX_CLOCK_ERROR

    def skip_time(self) -> None:
        """Move both clocks forward, as after the machine was suspended."""
        now = asyncio.get_running_loop().time()
        if now - self._skipped_at >= MIN_SECONDS_BETWEEN_SKIPS:
            self._skipped_at = now
            self.counts["time skipped"] += 1
            self.skip(SKIP_LENGTH)

    def skip(self, time: timedelta) -> None:
        """Move both clocks forward."""
        self.clock.skipped += time
        self.faults.move_clock(time)

    # Stories

    def add_story(self) -> None:
        """Add a story."""
        name = f"story{len(self.channels.titles)}"
        self._written_at[name] = asyncio.get_running_loop().time()
        self.channels.write_story(name, headline(self.random), quality=self.random.randint(70, 120))

    def change_story(self) -> None:
        """Change the title of one of the newest stories."""
        if names := list(self.channels.titles)[-8:]:
            self.counts["story changed"] += 1
            self.channels.write_story(self.random.choice(names), headline(self.random))

    def _available_channel(self) -> int:
        return self.random.choice(self._available_channels())

    def _available_channels(self) -> list[int]:
        return [c for c in self.channels.channel_ids if c not in self._unavailable_channels]

    def _choose(self, *of: Any) -> Any:  # noqa: ANN401 - any type
        return self.random.choice(of)

    def _run_in_background(self, work: Coroutine[None, None, None]) -> None:
        task = self.group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
