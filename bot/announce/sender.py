"""The sender: claims due posts from the outbox, sends them, and records the results."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.announce.circuit_breaker import CircuitBreaker
from bot.announce.delivery import Delivery
from bot.announce.follow_up_queue import ClaimedFollowUp, FollowUpQueue
from bot.announce.log_names import name_stories, story_fields
from bot.announce.outbox import Outbox
from bot.announce.pausing import read_pauses
from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    ChannelGone,
    EditOutcome,
    FollowUpOutcome,
    Found,
    MessageGone,
    NotFound,
    Outcome,
    Poster,
    Postponed,
    Unavailable,
    Unreadable,
)
from bot.announce.posting_pause import Pauses
from bot.announce.rate_limiter import RateLimiter
from bot.announce.schedule import first_due
from bot.announce.subscription_lifecycle import LifecycleStore, delete_subscriptions
from bot.clock import CautiousClock, Clock, until_next_second, wait_for_event
from bot.retry import keep_trying
from storage.errors import NotFoundError
from storage.models import PausedBy
from storage.posts import (
    ClaimedPost,
    DueEdit,
    Failed,
    FollowUpAction,
    Held,
    Post,
    RetryAt,
    Sent,
    Settlement,
    Skipped,
    Uncertain,
)
from storage.protocols import GuildStore, KeyValueStore
from storage.reasons import Cause, ConnectionLost, Reason, ServerError

T = TypeVar("T")

logger = logging.getLogger(__name__)

MAX_IN_FLIGHT = 16
# Seconds after a sign that Discord is back at which waits because of an outage end: its parts come
# back one after the other, and requests that began before may still fail.
RECOVERY = (0.0, 2.0, 6.0, 14.0, 30.0, 60.0)
_DONE = {
    FollowUpAction.PUBLISH: "published %s in %s",
    FollowUpAction.DISCUSS: "opened a thread under %s in %s",
}
_NOT_DONE = {
    FollowUpAction.PUBLISH: "%s not published in %s: %s",
    FollowUpAction.DISCUSS: "no thread opened under %s in %s: %s",
}
OUTAGE_CODES = (Cause.CONNECTION_FAILED.value, ConnectionLost.code, ServerError.code)


class SenderStore(LifecycleStore, GuildStore, KeyValueStore, Protocol):
    """What the sender needs of the store."""


class Sender:
    """Sends due posts and edits, several at once but one at a time per channel, at the bot's pace.

    Setting `planned` makes it look for due posts at once.
    """

    def __init__(
        self,
        outbox: Outbox,
        store: SenderStore,
        poster: Poster,
        clock: Clock,
        *,
        delivery: Delivery,
        rate_limiter: RateLimiter,
        circuit_breaker: CircuitBreaker,
        planned: asyncio.Event,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._follow_ups = FollowUpQueue(store)
        self._poster = poster
        self._clock = clock
        self.delivery = delivery
        """The rules of delivery, which may be replaced."""
        self._rate_limiter = rate_limiter
        self._circuit_breaker = circuit_breaker
        self._planned = planned
        self._in_flight: set[int] = set()
        # Until when to send nothing to a channel: because Discord asked for it, or after a failure.
        self._cooldowns: dict[int, float] = {}
        self._cautious_clock = CautiousClock(clock)
        self._delays: dict[int, float] = {}
        # Until when to edit no published messages of a channel: Discord limits these edits.
        self._edit_limits: dict[int, float] = {}
        self._end_waits_at: list[float] = []
        self._checked_at = clock.now()
        self._checked_all_channels = False
        self._pauses = Pauses()
        self._stopping = False

    def stop(self) -> None:
        """Start nothing new; `run` returns when the sends in flight have finished."""
        self._stopping = True
        self._planned.set()

    def discord_is_back(self) -> None:
        """Try at once what failed because Discord was unavailable."""
        now = self._clock.monotonic()
        self._end_waits_at = [now + each for each in RECOVERY]
        self._planned.set()

    async def run(self) -> None:
        """Send due posts and edits until stopped."""
        recovered = await self._keep_trying(
            lambda: self._outbox.recover_claims(self._clock.now()), "recovering the outbox"
        )
        if recovered:
            logger.warning("%d posts were being sent when the bot last stopped", recovered)
        await self._correct_times()
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                version = await self._version()
                if not await self._start_due(group):
                    await self._wait(version)

    async def _start_due(self, group: asyncio.TaskGroup) -> bool:
        """Start as many deliveries as may be in flight; return whether there was any."""
        now = self._clock.now()
        self._cautious_clock.now()  # It has to see each jump when it happens.
        if now < self._checked_at:
            await self._correct_times()
        self._checked_at = now
        await self._end_due_waits(now)
        if await self._is_paused():
            # Only a change of the store ends the pause.
            self._checked_all_channels = True
            return False
        allowed, busy = self._circuit_breaker.allowed(now, MAX_IN_FLIGHT), self._busy()
        self._checked_all_channels = allowed == MAX_IN_FLIGHT and not busy
        free = allowed - len(self._in_flight)
        if free <= 0:
            return False
        posts = await self._keep_trying(lambda: self._outbox.claim(now, free, busy), "sending")
        for post in posts:
            self._start(group, post.post.channel_id, self._deliver(post))
        free -= len(posts)
        edits = await self._keep_trying(
            lambda: self._store.due_edits(now, free, self._busy()), "editing"
        )
        for edit in edits:
            self._start(group, edit.post.channel_id, self._apply_edit(edit))
        free -= len(edits)
        follow_ups = await self._keep_trying(
            lambda: self._follow_ups.claim(now, free, self._busy(), self._age_of_message),
            "publishing",
        )
        for each in follow_ups:
            self._start(group, each.message.post.channel_id, self._follow_up(each))
        return bool(posts or edits or follow_ups)

    def _age_of_message(self, sent_at: datetime) -> timedelta:
        """How old a message is that was sent at a time; pauses of all posting don't count."""
        now = self._cautious_clock.now()
        return now - sent_at - self._pauses.time_paused(sent_at, now)

    async def _is_paused(self) -> bool:
        """Whether an operator has paused all posting; a change is logged."""
        before = self._pauses.paused_since
        self._pauses = await self._keep_trying(lambda: read_pauses(self._store), "sending")
        since = self._pauses.paused_since
        if since is not None and before is None:
            logger.info("posting is paused; stories wait until `storywire resume`")
        elif since is None and before is not None:
            logger.info("posting goes on")
        return since is not None

    async def _correct_times(self) -> None:
        """Correct the times of posts and edits after the clock was set back."""
        await self._keep_trying(
            lambda: self._store.correct_times(self._clock.now(), first_due), "correcting due times"
        )

    async def _end_due_waits(self, now: datetime) -> None:
        """After an outage end the waits after failures, but not those that Discord asked for."""
        monotonic = self._clock.monotonic()
        later = [at for at in self._end_waits_at if at > monotonic]
        if len(later) < len(self._end_waits_at):
            self._end_waits_at = later
            self._delays.clear()
            self._circuit_breaker.probe_now(now)
            await self._keep_trying(
                lambda: self._store.retry_after_outage(now, OUTAGE_CODES), "sending"
            )

    def _start(
        self, group: asyncio.TaskGroup, channel_id: int, work: Coroutine[None, None, None]
    ) -> None:
        self._in_flight.add(channel_id)

        async def run() -> None:
            try:
                await self._rate_limiter.acquire()
                await work
            finally:
                work.close()
                self._in_flight.discard(channel_id)
                self._planned.set()

        group.create_task(run())

    def _busy(self) -> list[int]:
        """Channels that have a send in flight, or to which nothing may be sent for a while."""
        now = self._clock.monotonic()
        for waits in (self._cooldowns, self._delays):
            for channel in [channel for channel, at in waits.items() if at <= now]:
                del waits[channel]
        return sorted(self._in_flight | self._cooldowns.keys() | self._delays.keys())

    async def _wait(self, last_version: object) -> None:
        """Wait until something may be due; `last_version` is the data version of the last check."""
        now = self._clock.now()
        due_at = None
        if self._pauses.paused_since is None:
            due_at = await self._keep_trying(lambda: self._store.next_due_at(now), "sending")
        recovering = bool(self._end_waits_at)
        idle = (
            self._checked_all_channels
            and not recovering
            and not await self._keep_trying(lambda: self._store.has_capped_posts(now), "sending")
        )
        while not await wait_for_event(self._planned, self._seconds_until(due_at), self._clock):
            now = self._clock.now()
            if not idle or now < self._checked_at or (due_at is not None and due_at <= now):
                return
            if await self._version() != last_version:
                return
            self._checked_at = now

    def _seconds_until(self, due_at: datetime | None) -> float:
        """Seconds until a time, but at most one: clocks may jump, and others write to the store."""
        monotonic = self._clock.monotonic()
        waits = [
            until_next_second(self._clock),
            *(at - monotonic for at in self._cooldowns.values()),
            *(at - monotonic for at in self._delays.values()),
        ]
        if due_at is not None:
            waits.append((due_at - self._clock.now()).total_seconds())
        return max(0.01, min(waits))

    async def _version(self) -> object:
        return await self._keep_trying(self._store.data_version, "sending")

    async def _deliver(self, claimed: ClaimedPost) -> None:
        post = claimed.post
        paused = self._pauses.time_paused(post.planned_at, self._clock.now())
        settlement, outcome = await attempt(
            claimed, self.delivery, self._poster, self._clock, self._cautious_clock, paused
        )
        closed = outcome is not None and await self._record_outcome(post, outcome, post.attempts)
        # Discord may have the message: this must be recorded, however long the disk is full.
        try:
            await self._keep_trying(
                lambda: self._outbox.settle(post.id, settlement, self._clock.now()),
                "recording a result",
            )
            self._log_result(claimed, settlement, outcome)
        except NotFoundError as error:
            # Its row was damaged meanwhile. It stays claimed, so it is not sent again.
            result: object = (
                settlement.reason
                if not isinstance(settlement, Sent)
                else (f"message {settlement.message_id}")
            )
            self._log(
                logging.ERROR,
                "the result of %s in %s can't be recorded (%s): %s; see `storywire check`",
                *(claimed, result, error),
            )
        if isinstance(outcome, ChannelClosed) and closed:
            await self._report_closed(post, outcome.reason)

    async def _apply_edit(self, edit: DueEdit) -> None:
        # Without the id of the message, which only damage can remove, nobody knows which one it is.
        now = self._cautious_clock.now()
        now -= self._pauses.time_paused(edit.post.settled_at or now, now)
        if edit.post.message_id is None or not self.delivery.is_editable(edit, now):
            await self._keep_trying(lambda: self._store.drop_edit(edit), "editing")
            return
        deletes = self.delivery.deletes_message(edit)
        limited = self._edit_limits.get(edit.post.channel_id, 0.0) - self._clock.monotonic()
        if edit.published and not deletes and limited > 0:
            until = self._clock.now() + timedelta(seconds=limited)
            await self._keep_trying(lambda: self._store.delay_edit(edit, until), "editing")
            return
        outcome = await self._poster.edit(edit, delete=deletes)
        if isinstance(outcome, MessageGone):
            await self._keep_trying(lambda: self._store.drop_edit(edit), "editing")
            return
        closed = await self._record_outcome(edit.post, outcome, edit.attempts + 1)
        await self._settle_edit(edit, outcome, deletes=deletes, closed=closed)

    async def _settle_edit(
        self, edit: DueEdit, outcome: EditOutcome, *, deletes: bool, closed: bool
    ) -> None:
        """Record the outcome of an edit; `closed`: its channel was paused because of it."""
        now = self._clock.now()
        match outcome:
            case Accepted(reduced=reduced):
                await self._keep_trying(
                    lambda: self._outbox.finish_edit(edit, now, removed=deletes, reduced=reduced),
                    "editing",
                )
                if deletes:
                    self._log(logging.INFO, "deleted the message of %s in %s", edit)
                elif edit.story.withdrawn:
                    self._log(logging.INFO, "marked %s as withdrawn in %s", edit)
                else:
                    self._log(logging.INFO, "edited %s in %s", edit)
            case Unavailable(reason=reason):
                text = "%s not edited in %s, will be tried again: %s"
                self._log(logging.INFO, text, edit, reason)
                until = now + self.delivery.wait(outcome, edit.attempts + 1)
                await self._keep_trying(lambda: self._store.delay_edit(edit, until), "editing")
            case Postponed():
                await self._postpone_edit(edit, outcome, now)
            case ChannelClosed(reason):
                # Without a subscription there is no pause to hold the edit, so it is delayed.
                until = now + self.delivery.default_wait(edit.attempts + 1)
                await self._keep_trying(lambda: self._store.delay_edit(edit, until), "editing")
                if closed:
                    await self._report_closed(edit.post, reason)
            case _:
                self._log(logging.WARNING, "%s not edited in %s: %s", edit, outcome.reason)
                await self._keep_trying(lambda: self._outbox.abandon_edit(edit, now), "editing")

    async def _postpone_edit(self, edit: DueEdit, outcome: Postponed, now: datetime) -> None:
        """Delay an edit. Stories that it would have shown are posted, unless its time is known."""
        if not edit.attempts:
            text = "%s not edited in %s, will be tried again: %s"
            self._log(logging.INFO, text, edit, outcome.reason)
        if outcome.retry_after is None:
            await self._keep_trying(lambda: self._outbox.release_folded(edit, now), "editing")
        until = now + (outcome.retry_after or self.delivery.default_wait(edit.attempts + 1))
        await self._keep_trying(lambda: self._store.delay_edit(edit, until), "editing")

    async def _follow_up(self, claimed: ClaimedFollowUp) -> None:
        message, action = claimed.message, claimed.follow_up.action
        outcome = await self._poster.follow_up(message, action)
        if isinstance(outcome, Unavailable) and outcome.retry_after is None:
            self._circuit_breaker.record_failure(message.post.channel_id, self._clock.now())
        else:
            self._record_answer(outcome)
        settled = await self._keep_trying(
            lambda: self._follow_ups.settle(
                claimed, outcome, self._clock.now(), self.delivery.wait
            ),
            "recording a result",
        )
        if settled.reason is None:
            self._log(logging.INFO, _DONE[action], message)
        else:
            self._log(logging.WARNING, _NOT_DONE[action], message, settled.reason)

    async def _record_outcome(self, post: Post, outcome: EditOutcome, attempts: int) -> bool:
        """Update the state of the channel and the circuit breaker after an outcome.

        Returns whether the channel was paused because of it.
        """
        channel_id, paused = post.channel_id, 0
        place = self._poster.place(post)
        match outcome:
            case Unavailable():
                wait = self.delivery.wait(outcome, attempts)
                if outcome.reason is Cause.PUBLISHING_LIMIT:
                    self._edit_limits[channel_id] = self._clock.monotonic() + wait.total_seconds()
                elif outcome.retry_after is not None:
                    self._cool_down(channel_id, wait)
                else:
                    self._delays[channel_id] = self._clock.monotonic() + wait.total_seconds()
                    self._circuit_breaker.record_failure(channel_id, self._clock.now())
                    return False
            case Accepted(cooldown=cooldown):
                self._cool_down(channel_id, cooldown)
            case ChannelClosed(reason):
                paused = await self._keep_trying(
                    lambda: self._store.pause_channel(channel_id, PausedBy.BOT, reason), "pausing"
                )
                if paused:
                    logger.warning("%s is paused: %s", place, reason, extra=place.fields)
            case ChannelGone(reason):
                logger.warning("%s is gone: %s", place, reason, extra=place.fields)
                await self._keep_trying(
                    lambda: delete_subscriptions(
                        self._store, self._clock.now(), channel_id=channel_id
                    ),
                    "cleaning up",
                )
        self._record_answer(outcome)
        return paused > 0

    def _record_answer(self, outcome: EditOutcome | FollowUpOutcome) -> None:
        """Record that Discord answered a request, even with a refusal."""
        if outcome.request_made and self._circuit_breaker.record_success():
            self.discord_is_back()

    def _cool_down(self, channel_id: int, time: timedelta) -> None:
        """Send nothing to a channel for some time."""
        self._cooldowns[channel_id] = self._clock.monotonic() + time.total_seconds()

    async def _report_closed(self, post: Post, reason: Reason) -> None:
        await self._keep_trying(
            lambda: self._poster.report_closed(post, reason), "notifying the admins"
        )

    def _log_result(
        self, claimed: ClaimedPost, settlement: Settlement, outcome: Outcome | None
    ) -> None:
        match settlement:
            case Sent():
                # Without an outcome nothing was sent.
                text = "posted %s in %s" if outcome else "found %s in %s, posted before"
                self._log(logging.INFO, text, claimed)
            case Held(reason=reason):
                self._log(logging.INFO, "%s waits for %s: %s", claimed, reason)
            case RetryAt(reason=reason):
                text = "%s not posted in %s, will be tried again: %s"
                self._log(logging.WARNING, text, claimed, reason)
            case Skipped(reason) | Failed(reason):
                self._log(logging.WARNING, "%s not posted in %s: %s", claimed, reason)
            case Uncertain(reason):
                text = "%s may be posted in %s: %s; see `storywire posts`"
                self._log(logging.WARNING, text, claimed, reason)

    def _log(self, level: int, text: str, message: ClaimedPost, *more: object) -> None:
        """Log what became of a message: `text` has places for its stories and its channel."""
        place = self._poster.place(message.post)
        extra = {**story_fields(message), **place.fields}
        logger.log(level, text, name_stories(message), place, *more, extra=extra)

    async def _keep_trying(self, work: Callable[[], Awaitable[T]], what: str) -> T:
        return await keep_trying(work, self._clock, what)


async def attempt(
    claimed: ClaimedPost,
    delivery: Delivery,
    poster: Poster,
    clock: Clock,
    cautious_clock: CautiousClock,
    paused: timedelta = timedelta(),
) -> tuple[Settlement, Outcome | None]:
    """Send a claimed post, unless it is already sent, skipped or held.

    `paused` is how long it waited because all posting was paused. That does not count as its age.
    Returns the result, and Discord's outcome if sending or searching produced one.
    """
    post, now, nonces_kept = claimed.post, clock.now(), poster.keeps_nonces(claimed.post)
    certain_now = cautious_clock.now() - paused
    held_back = delivery.hold_back(claimed, now, certain_now, nonces_kept=nonces_kept)
    settlement: Settlement | None = held_back
    since = delivery.search_since(post, held_back, now, nonces_kept=nonces_kept)
    if since is not None:
        match await poster.find(post, since):
            case Found(message_id, embed_missing, thread_id):
                return Sent(message_id, embed_missing, thread_id=thread_id), None
            case Unreadable(reason):
                return Uncertain(reason), None
            case Unavailable() | ChannelGone() as failure:
                return delivery.settle(post, failure, clock.now()), failure
            case NotFound():
                settlement = delivery.after_search(post, held_back, now, nonces_kept=nonces_kept)
    if settlement is not None:
        return settlement, None
    outcome = await poster.send(claimed)
    return delivery.settle(post, outcome, clock.now(), searched=since is not None), outcome
