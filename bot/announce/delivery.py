"""Decide what to do with a due post or edit, and what an outcome means for it. Pure.

Times are aware and in UTC.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.announce.circuit_breaker import send_backoff
from bot.announce.policy import find_too_old
from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    ChannelGone,
    Outcome,
    Refused,
    Unavailable,
)
from bot.announce.schedule import quiet_until
from storage.posts import (
    ClaimedPost,
    DueEdit,
    Failed,
    Held,
    Post,
    RetryAt,
    Sent,
    Settlement,
    Skipped,
)
from storage.reasons import Cause, QuietHours

# Discord ignores a repeated nonce "in the past few minutes"; rely on a time well within that.
# https://discord.com/developers/docs/resources/message#create-message
NONCE_WINDOW = timedelta(seconds=90)
# The message can't be older than the first attempt with an unknown outcome, but clocks differ.
CLOCK_MARGIN = timedelta(minutes=10)
# Where a nonce does not help: a request without a response may still be carried out for so long.
ARRIVAL_TIME = timedelta(seconds=15)
# How far back to search for a message if the clock was set back since then.
SEARCH_AFTER_CLOCK_CHANGE = timedelta(days=1)
# Older messages are no longer edited.
EDIT_WINDOW = timedelta(days=14)


class Delivery:
    """The rules of delivery, with their settings.

    `max_age` is the age up to which a story is sent; None: any age. `delete_withdrawn`: delete the
    message of a withdrawn story instead of striking it through. `jitter` returns numbers from 0
    to 1 and spreads the retries.
    """

    def __init__(
        self,
        *,
        max_age: timedelta | None,
        delete_withdrawn: bool,
        jitter: Callable[[], float],
    ) -> None:
        self._max_age = max_age
        self._delete_withdrawn = delete_withdrawn
        self._backoff = send_backoff(jitter)

    def hold_back(
        self,
        claimed: ClaimedPost,
        now: datetime,
        certain_now: datetime,
        *,
        nonces_kept: bool = True,
    ) -> Skipped | Held | None:
        """The reason to skip or hold a claimed post; None if it is to be sent.

        `certain_now` is the time of a `CautiousClock`, so that no story is lost to a wrong clock.
        For `nonces_kept` see `Poster.keeps_nonces`.
        """
        skipped = self._find_skip_reason(claimed, certain_now)
        return skipped or _find_hold(claimed, now, nonces_kept)

    def search_since(
        self,
        post: Post,
        held_back: Skipped | Held | None,
        now: datetime,
        *,
        nonces_kept: bool = True,
    ) -> datetime | None:
        """The time from which to search the channel for the post's message before sending it.

        None if no search is needed: no earlier attempt can have sent it, or Discord still
        deduplicates its nonce.
        """
        if post.unknown_since is None:
            return None
        if held_back is None and is_deduplicated(post, now, nonces_kept=nonces_kept):
            return None
        return _search_since(post, now)

    def after_search(
        self,
        post: Post,
        held_back: Skipped | Held | None,
        now: datetime,
        *,
        nonces_kept: bool = True,
    ) -> Settlement | None:
        """What follows from a search that did not find the post's message; None: it is sent."""
        if not nonces_kept and post.unknown_since is not None:
            arrived = post.unknown_since + ARRIVAL_TIME
            if post.unknown_since <= now < arrived:
                return RetryAt(arrived, post.reason or Cause.BOT_STOPPED, unknown=True)
        return held_back

    def is_editable(self, edit: DueEdit, now: datetime) -> bool:
        """Whether a message is recent enough to be edited."""
        sent_at = edit.post.settled_at
        return sent_at is not None and now - sent_at <= EDIT_WINDOW

    def deletes_message(self, edit: DueEdit) -> bool:
        """Whether the edit deletes the message, because all of its stories were withdrawn."""
        stories = edit.digest or (edit.story,)
        return self._delete_withdrawn and all(story.withdrawn for story in stories)

    def settle(
        self, post: Post, outcome: Outcome, now: datetime, *, searched: bool = False
    ) -> Settlement:
        """The new state of a post after an outcome; `searched` as in `RetryAt`."""
        match outcome:
            case Accepted():
                return Sent(
                    outcome.message_id,
                    outcome.embed_missing,
                    outcome.reduced,
                    outcome.thread_id,
                )
            case Refused():
                return Failed(outcome.reason)
            case ChannelGone():
                # Another channel may have left the story to this one, and gets it now.
                return Skipped(outcome.reason)
            case ChannelClosed():
                return RetryAt(now, outcome.reason, searched=searched)
            case Unavailable():
                at = now + self.wait(outcome, post.attempts)
                return RetryAt(at, outcome.reason, outcome.unknown, searched)

    def wait(self, outcome: Unavailable, attempts: int) -> timedelta:
        """The wait before the next attempt: what Discord asks for, or else the default."""
        return outcome.retry_after or self.default_wait(attempts)

    def default_wait(self, attempts: int) -> timedelta:
        """The wait before the next attempt if Discord does not specify one."""
        return self._backoff.wait_after(attempts)

    def _find_skip_reason(self, claimed: ClaimedPost, now: datetime) -> Skipped | None:
        """The reason to skip a planned post, or None."""
        if claimed.subscription is None:
            return Skipped(Cause.SUBSCRIPTION_REMOVED)
        if len(claimed.digest) > 1:
            # Its stories were recent enough when they were chosen, and withdrawn ones are left out.
            return None
        if claimed.story.withdrawn:
            return Skipped(Cause.STORY_WITHDRAWN)
        too_old = find_too_old(claimed.story, now, self._max_age)
        if too_old is None or claimed.post.catch_up or claimed.digest:
            return None
        return Skipped(too_old)


def _find_hold(claimed: ClaimedPost, now: datetime, nonces_kept: bool) -> Held | None:
    """The reason to hold a post, and until when; None if it may be sent now."""
    if claimed.subscription is None:
        return None
    delivery = claimed.subscription.spec.delivery
    until = quiet_until(delivery, now)
    if until is not None and delivery.quiet is not None:
        return Held(until, QuietHours(delivery.quiet.end))
    deduplicated = is_deduplicated(claimed.post, now, nonces_kept=nonces_kept)
    if any(story.withdrawn for story in claimed.digest) and not deduplicated:
        # The digest was composed before the withdrawal, and its outcome is unknown: compose it
        # again.
        return Held(now, Cause.DIGEST_CHANGED)
    return None


def _search_since(post: Post, now: datetime) -> datetime:
    """A time before which the post's message can't have been sent."""
    begun = post.unknown_since or post.planned_at
    return now - SEARCH_AFTER_CLOCK_CHANGE if begun > now else begun - CLOCK_MARGIN


def is_deduplicated(post: Post, now: datetime, *, nonces_kept: bool = True) -> bool:
    """Whether Discord still ignores a repeat of the post's nonce.

    False in a forum, which keeps no nonces, and if the clock was set back: then the channel's
    history is searched instead.
    """
    if post.unknown_since is None or not nonces_kept:
        return False
    return timedelta() <= now - post.unknown_since < NONCE_WINDOW
