"""One delivery: what is done with a post or an edit whose turn has come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.announce.circuit_breaker import send_backoff
from bot.announce.policy import find_too_old
from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    ChannelGone,
    EditOutcome,
    Found,
    Outcome,
    Poster,
    Refused,
    Unavailable,
    Unreadable,
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
    Uncertain,
)
from storage.reasons import DigestChanged, QuietHours, StoryWithdrawn, SubscriptionRemoved

# Discord folds repeats of a nonce "in the past few minutes"; well inside that we rely on it.
# https://discord.com/developers/docs/resources/message#create-message
NONCE_WINDOW = timedelta(seconds=90)
# The message can't be older than the first attempt whose outcome is unknown, but clocks differ.
CLOCK_MARGIN = timedelta(minutes=10)
# How far back to look for a message if the clock was set back since then.
CLOCK_CHANGED = timedelta(days=1)
# A message this old is part of the past; it stays as it is.
EDIT_WINDOW = timedelta(days=14)


class Delivery:
    """Knows what to do with a post whose turn has come, and what an outcome means for it.

    `delete_withdrawn`: a withdrawn story's message is deleted, not struck through.
    """

    def __init__(
        self,
        poster: Poster,
        *,
        max_age: timedelta | None,
        delete_withdrawn: bool,
        jitter: Callable[[], float],
    ) -> None:
        self._poster = poster
        self._max_age = max_age
        self._delete_withdrawn = delete_withdrawn
        self._backoff = send_backoff(jitter)

    async def send(self, claimed: ClaimedPost, now: datetime) -> Outcome | Settlement:
        """Send a post, or settle it without sending: it is out already, or no longer wanted."""
        post = claimed.post
        kept_back = self._unwanted(claimed, now) or _held(claimed, now)
        if post.unknown_since is not None and (kept_back or not folds(post, now)):
            match await self._poster.find(post, _search_since(post, now)):
                case Found(message_id, bare):
                    return Sent(message_id, bare)
                case Unreadable(reason):
                    return Uncertain(reason)
                case Unavailable() | ChannelGone() as outcome:
                    return outcome
        return kept_back or await self._poster.send(claimed)

    async def edit(self, edit: DueEdit, now: datetime) -> EditOutcome | None:
        """Bring a message up to date; None if it is too old for that."""
        sent_at = edit.post.settled_at
        if sent_at is None or now - sent_at > EDIT_WINDOW:
            return None
        return await self._poster.edit(edit, delete=self.deletes(edit))

    def deletes(self, edit: DueEdit) -> bool:
        """Whether the edit takes the message away: nothing that it tells is left."""
        stories = edit.digest or (edit.story,)
        return self._delete_withdrawn and all(story.withdrawn for story in stories)

    def settle(self, post: Post, outcome: Outcome, now: datetime) -> Settlement:
        """What an outcome means for a post."""
        match outcome:
            case Accepted():
                return Sent(outcome.message_id, outcome.bare)
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
        return outcome.retry_after or self.patience(attempts)

    def patience(self, attempts: int) -> timedelta:
        """How long to wait where nobody says so."""
        return self._backoff.wait_after(attempts)

    def _unwanted(self, claimed: ClaimedPost, now: datetime) -> Skipped | None:
        """Why a planned post is not to be sent any more."""
        if claimed.subscription is None:
            return Skipped(SubscriptionRemoved())
        if len(claimed.digest) > 1:
            # Each of its stories was decided about in time, and the withdrawn ones are held out.
            return None
        if claimed.story.withdrawn:
            return Skipped(StoryWithdrawn())
        too_old = find_too_old(claimed.story, now, self._max_age)
        if too_old is None or claimed.post.catch_up or claimed.digest:
            return None
        return Skipped(too_old)


def _held(claimed: ClaimedPost, now: datetime) -> Held | None:
    """Why a post is not to be sent now, and until when."""
    if claimed.subscription is None:
        return None
    delivery = claimed.subscription.spec.delivery
    until = quiet_until(delivery, now)
    if until is not None and delivery.quiet is not None:
        return Held(until, QuietHours(delivery.quiet.end))
    if any(story.withdrawn for story in claimed.digest) and not folds(claimed.post, now):
        # It was composed before that, and its outcome is not known: it is composed anew.
        return Held(now, DigestChanged())
    return None


def _search_since(post: Post, now: datetime) -> datetime:
    """The time before which the post's message can't have been sent."""
    begun = post.unknown_since or post.planned_at
    return now - CLOCK_CHANGED if begun > now else begun - CLOCK_MARGIN


def folds(post: Post, now: datetime) -> bool:
    """Whether Discord still folds a repeat of the post's nonce into the first message.

    A clock that was set back says nothing about that: the history is asked then.
    """
    return post.unknown_since is not None and timedelta() <= now - post.unknown_since < NONCE_WINDOW
