"""Everything that goes wrong, each at a random moment, by one seeded source of chance."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.sandbox import Permission, RateLimited, Reset, Slow, Status
from bot.sandbox.options import SEND_MESSAGE
from bot.sandbox.rest.rate_limits import Scope
from bot.sandbox.rest.request_faults import Fault
from storage.models import PausedBy
from storage.open import open_store
from storage.reasons import Cause
from tests.crash.town import Town
from tests.support.clock import OffsetClock
from tests.support.headlines import headline

EDIT_MESSAGE = "PATCH /channels/{channel_id}/messages/{message_id}"
READ_HISTORY = "GET /channels/{channel_id}/messages"
# After these the library itself tries again, for up to 25 s; after the others it does not.
TRIED_AGAIN = (500, 502, 504, 524)
RAISED = (503, 520)
# Longer than the library is let wait by itself: the channel rests meanwhile.
LONG_SECONDS = (31.0, 45.0)
# The bot's clock may be wrong by this much. It relies on nonces for 90 s and Discord folds them for
# 300: set back by more than what is between, it would rely on a nonce that is forgotten.
WRONG_BY = timedelta(seconds=90)
SKIPPED = timedelta(minutes=2)
SKIP_PAUSE_SECONDS = 60.0
# What is not met within this time was no trouble. Else faults would pile up while the bot waits
# for the end of an outage, and each of its rare probes would meet one.
FAULT_SECONDS = 0.5
# A story is planned this long after it was written, at most.
PLANNED_SECONDS = 5.0


@dataclass
class Troubles:
    """What may happen to a town; `counts` says how often each did.

    `hard` adds what takes long to recover from.
    """

    town: Town
    clock: OffsetClock
    random: random.Random
    group: asyncio.TaskGroup
    hard: bool
    counts: Counter[str] = field(default_factory=Counter)
    posted_while_paused: int = 0
    excused: set[tuple[int, str]] = field(default_factory=set)
    """(channel, story): it appeared in a pause by hand, so the channel need not have it."""
    _closed: set[int] = field(default_factory=set)
    _skipped_at: float = float("-inf")
    _told_at: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sandbox = self.town.sandbox
        self.faults = self.sandbox.faults
        self._ending: set[asyncio.Task[None]] = set()
        self._most_deleted = len(self.town.channels) // 6
        light: list[tuple[int, Callable[[], None]]] = [
            (30, self.fail_before_commit),
            (30, self.fail_after_commit),
            (12, self.slow_down),
            (8, self.limit_route),
            (3, self.limit_globally),
            (3, self.drop_gateway),
            (2, self.ask_to_reconnect),
            (2, self.invalidate_session),
            (8, self.revoke),
            (4, self.pause),
            (2, self.delete_channel),
            (4, self.set_clock),
        ]
        heavy = [
            (6, self.fail_and_be_tried_again),
            (3, self.limit_route_for_long),
            (1, self.lose_sessions),
            (2, self.go_away),
            (2, self.skip_time),
        ]
        self._deck = light + (heavy if self.hard else [])

    def strike(self) -> None:
        """Let one thing go wrong."""
        weights = [weight for weight, _ in self._deck]
        ((_, trouble),) = self.random.choices(self._deck, weights)
        trouble()

    async def end(self) -> None:
        """Let everything work again."""
        for task in self._ending:
            task.cancel()
        await asyncio.gather(*self._ending, return_exceptions=True)
        self.faults.clear()
        for channel_id in sorted(self._closed):
            if channel_id in self.sandbox.world.channels:
                self._grant(channel_id)
        async with open_store(self.town.database) as store:
            for channel_id in self.town.channels:
                await store.resume_channel(channel_id, PausedBy.ADMIN)

    # Requests

    def fail_before_commit(self) -> None:
        """An answer that means: not done."""
        self._plan("failed before commit", self._choose(Status(503), Status(520), Reset(False)))

    def fail_after_commit(self) -> None:
        """Done, but the answer does not say so."""
        lost = self._choose(Status(503, True), Status(520, True), Reset(True))
        self._plan("failed after commit", lost)

    def fail_and_be_tried_again(self) -> None:
        """The library's own way with some statuses."""
        status = Status(self.random.choice(TRIED_AGAIN), self.random.random() < 0.5)
        self._plan("failed for the library", status)

    def slow_down(self) -> None:
        """Nothing else goes wrong."""
        self._plan("slow", Slow(self.random.uniform(0.05, 1.5), self.random.random() < 0.5))

    def limit_route(self) -> None:
        """A 429 that nobody has earned."""
        self._plan("route limited", RateLimited(self.random.uniform(0.1, 2)))

    def limit_route_for_long(self) -> None:
        """Longer than one may wait for."""
        self._plan("route limited for long", RateLimited(self.random.uniform(*LONG_SECONDS)))

    def limit_globally(self) -> None:
        """Everything has to stop."""
        self._plan("limited globally", RateLimited(self.random.uniform(0.1, 1), Scope.GLOBAL))

    def _plan(self, what: str, fault: Fault) -> None:
        route = self.random.choice((SEND_MESSAGE, SEND_MESSAGE, EDIT_MESSAGE, READ_HISTORY))
        self.counts[what] += 1
        call_off = self.faults.plan(fault, route=route)

        async def end() -> None:
            await asyncio.sleep(FAULT_SECONDS)
            call_off()

        self._begin(end())

    # The gateway, and all of Discord

    def drop_gateway(self) -> None:
        """To be resumed."""
        self.counts["gateway dropped"] += 1
        self.faults.drop_gateway()

    def ask_to_reconnect(self) -> None:
        """As Discord does now and then."""
        self.counts["asked to reconnect"] += 1
        self.faults.ask_to_reconnect()

    def invalidate_session(self) -> None:
        """With or without a way back to it."""
        self.counts["session invalidated"] += 1
        self.faults.invalidate_sessions(resumable=self.random.random() < 0.5)

    def lose_sessions(self) -> None:
        """A resume is refused."""
        self.counts["sessions lost"] += 1
        self.faults.lose_sessions()

    def go_away(self) -> None:
        """An outage, of REST and gateway."""
        if self.faults.is_out:
            return
        self.counts["outages"] += 1
        seconds = self.random.uniform(1, 10)
        how = self._choose(Status(503), Reset(False), Reset(True), Status(503, True))

        async def outage() -> None:
            async with self.faults.outage(how):
                await asyncio.sleep(seconds)

        self._begin(outage())

    # Servers

    def revoke(self) -> None:
        """Take permissions away in a channel, and give them back later."""
        channel_id = self._free_channel()
        denied = self._choose(
            Permission.SEND_MESSAGES, Permission.EMBED_LINKS, Permission.VIEW_CHANNEL
        )
        seconds = self.random.uniform(0.5, 20 if self.hard else 2)
        self.counts["permission revoked"] += 1
        self._closed.add(channel_id)
        self.faults.revoke(channel_id, denied)

        async def grant() -> None:
            await asyncio.sleep(seconds)
            if channel_id in self.sandbox.world.channels:
                self._grant(channel_id)

        self._begin(grant())

    def _grant(self, channel_id: int) -> None:
        self.faults.grant(
            channel_id, Permission.SEND_MESSAGES, Permission.EMBED_LINKS, Permission.VIEW_CHANNEL
        )
        self._closed.discard(channel_id)

    def delete_channel(self) -> None:
        """It never comes back."""
        if self.counts["channel deleted"] < self._most_deleted:
            self.counts["channel deleted"] += 1
            channel_id = self._free_channel()
            self.town.channels.remove(channel_id)
            self.faults.delete_channel(channel_id)

    def pause(self) -> None:
        """An admin pauses a channel for a while; nothing may come meanwhile."""
        channel_id = self._free_channel()
        seconds = self.random.uniform(1, 15 if self.hard else 2)
        self.counts["paused by an admin"] += 1
        self._closed.add(channel_id)

        async def resume() -> None:
            loop = asyncio.get_running_loop()
            since = loop.time() - PLANNED_SECONDS
            async with open_store(self.town.database) as store:
                await store.pause_channel(channel_id, PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
                try:
                    while await self.town.is_being_sent(channel_id):  # noqa: ASYNC110 - the database sends no events
                        await asyncio.sleep(0.1)
                    before = len(self.town.told(channel_id))
                    await asyncio.sleep(seconds)
                    self.posted_while_paused += len(self.town.told(channel_id)) - before
                finally:
                    await store.resume_channel(channel_id, PausedBy.ADMIN)
                    self._closed.discard(channel_id)
                    self.excused |= {
                        (channel_id, name) for name, at in self._told_at.items() if at >= since
                    }

        self._begin(resume())

    # Time

    def set_clock(self) -> None:
        """Somebody sets the bot's clock; Discord's stays."""
        self.counts["clock set"] += 1
        self.clock.error = self.random.uniform(-0.5, 0.5) * 2 * WRONG_BY

    def skip_time(self) -> None:
        """Both clocks go on, as after a night in which the machine slept."""
        now = asyncio.get_running_loop().time()
        if now - self._skipped_at >= SKIP_PAUSE_SECONDS:
            self._skipped_at = now
            self.counts["time skipped"] += 1
            self.skip(SKIPPED)

    def skip(self, time: timedelta) -> None:
        """Let time pass for everybody at once."""
        self.clock.skipped += time
        self.faults.move_clock(time)

    # Stories

    def tell_story(self) -> None:
        """A story appears."""
        name = f"story{len(self.town.titles)}"
        self._told_at[name] = asyncio.get_running_loop().time()
        self.town.write(name, headline(self.random), quality=self.random.randint(70, 120))

    def change_story(self) -> None:
        """One of the newer stories is told in other words."""
        if names := list(self.town.titles)[-8:]:
            self.counts["story changed"] += 1
            self.town.write(self.random.choice(names), headline(self.random))

    def _free_channel(self) -> int:
        return self.random.choice([c for c in self.town.channels if c not in self._closed])

    def _choose(self, *of: Any) -> Any:  # noqa: ANN401 - one of what is given
        return self.random.choice(of)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = self.group.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
