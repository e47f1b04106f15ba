"""What is done with a post or an edit whose turn has come, and what an outcome means: pure.

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

# Discord folds repeats of a nonce "in the past few minutes"; well inside that we rely on it.
# https://discord.com/developers/docs/resources/message#create-message
NONCE_WINDOW = timedelta(seconds=90)
# The message can't be older than the first attempt whose outcome is unknown, but clocks differ.
CLOCK_MARGIN = timedelta(minutes=10)
# How far back to look for a message if the clock was set back since then.
SEARCH_AFTER_CLOCK_CHANGE = timedelta(days=1)
# A message this old is part of the past; it stays as it is.
EDIT_WINDOW = timedelta(days=14)


class Delivery:
    """Decides what to do with a post whose turn has come, and what an outcome means for it: pure.

    `delete_withdrawn`: the message of a withdrawn story is deleted, not struck through. `jitter`
    returns numbers from 0 to 1 and spreads the retries.
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

    def hold_back(self, claimed: ClaimedPost, now: datetime) -> Skipped | Held | None:
        """Why a post is not to be sent any more, or not now; None if it is to be sent."""
        return self._find_skip_reason(claimed, now) or _hold(claimed, now)

    def search_since(
        self, post: Post, held_back: Skipped | Held | None, now: datetime
    ) -> datetime | None:
        """From when on to search the channel for the post's message before anything else.

        None: an earlier attempt can't have sent it, or Discord folds a repeat into that one.
        """
        if post.unknown_since is None or (held_back is None and is_deduplicated(post, now)):
            return None
        return _search_since(post, now)

    def is_editable(self, edit: DueEdit, now: datetime) -> bool:
        """Whether a message is young enough to be edited."""
        sent_at = edit.post.settled_at
        return sent_at is not None and now - sent_at <= EDIT_WINDOW

    def deletes_message(self, edit: DueEdit) -> bool:
        """Whether the edit deletes the message: all of its stories were withdrawn."""
        stories = edit.digest or (edit.story,)
        return self._delete_withdrawn and all(story.withdrawn for story in stories)

    def settle(self, post: Post, outcome: Outcome, now: datetime) -> Settlement:
        """What an outcome means for a post."""
        match outcome:
            case Accepted():
                return Sent(outcome.message_id, outcome.embed_missing)
            case Refused() | ChannelGone():
                return Failed(outcome.reason)
            case ChannelClosed():
                return RetryAt(now, outcome.reason)
            case Unavailable():
                return RetryAt(
                    now + self.wait(outcome, post.attempts), outcome.reason, outcome.unknown
                )

    def wait(self, outcome: Unavailable, attempts: int) -> timedelta:
        """How long to wait before the next attempt."""
        return outcome.retry_after or self.default_wait(attempts)

    def default_wait(self, attempts: int) -> timedelta:
        """How long to wait before the next attempt where Discord does not say."""
        return self._backoff.wait_after(attempts)

    def _find_skip_reason(self, claimed: ClaimedPost, now: datetime) -> Skipped | None:
        """Why a planned post is not to be sent any more."""
        if claimed.subscription is None:
            return Skipped(Cause.SUBSCRIPTION_REMOVED)
        if len(claimed.digest) > 1:
            # Each of its stories was decided about in time, and the withdrawn ones are held out.
            return None
        if claimed.story.withdrawn:
            return Skipped(Cause.STORY_WITHDRAWN)
        too_old = find_too_old(claimed.story, now, self._max_age)
        if too_old is None or claimed.post.catch_up or claimed.digest:
            return None
        return Skipped(too_old)


def _hold(claimed: ClaimedPost, now: datetime) -> Held | None:
    """Why a post is not to be sent now, and until when."""
    if claimed.subscription is None:
        return None
    delivery = claimed.subscription.spec.delivery
    until = quiet_until(delivery, now)
    if until is not None and delivery.quiet is not None:
        return Held(until, QuietHours(delivery.quiet.end))
    if any(story.withdrawn for story in claimed.digest) and not is_deduplicated(claimed.post, now):
        # It was composed before that, and its outcome is not known: it is composed anew.
        return Held(now, Cause.DIGEST_CHANGED)
    return None


def _search_since(post: Post, now: datetime) -> datetime:
    """The time before which the post's message can't have been sent."""
    begun = post.unknown_since or post.planned_at
    return now - SEARCH_AFTER_CLOCK_CHANGE if begun > now else begun - CLOCK_MARGIN


def is_deduplicated(post: Post, now: datetime) -> bool:
    """Whether Discord still folds a repeat of the post's nonce into the first message.

    A clock that was set back says nothing about that: the history is asked then.
    """
    return post.unknown_since is not None and timedelta() <= now - post.unknown_since < NONCE_WINDOW
