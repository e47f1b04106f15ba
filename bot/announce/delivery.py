"""One delivery: what is done with a post or an edit whose turn has come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.announce.outage import back_off
from bot.announce.policy import check_age
from bot.announce.posting import (
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
from storage.posts import (
    ClaimedPost,
    DueEdit,
    Failed,
    Post,
    RetryAt,
    Sent,
    Settlement,
    Skipped,
    Uncertain,
)

# Discord folds repeats of a nonce "in the past few minutes"; well inside that we rely on it.
# https://discord.com/developers/docs/resources/message#create-message
NONCE_WINDOW = timedelta(seconds=90)
# The message can't be older than its post, but clocks differ.
CLOCK_MARGIN = timedelta(minutes=10)
# How far back to look for a message if the clock was set back since it was planned.
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
        self._jitter = jitter

    async def send(self, claimed: ClaimedPost, now: datetime) -> Outcome | Settlement:
        """Send a post, or settle it without sending: it is out already, or no longer wanted."""
        post = claimed.post
        unwanted = self._unwanted(claimed, now)
        if post.unknown_since is not None and (unwanted or not folds(post, now)):
            match await self._poster.find(post, _search_since(post, now)):
                case Found(message_id):
                    return Sent(message_id)
                case Unreadable(reason):
                    return Uncertain(f"it may have been sent: {reason}")
                case Unavailable() | ChannelGone() as outcome:
                    return outcome
        if unwanted:
            return Skipped(unwanted)
        return await self._poster.send(post, claimed.story)

    async def edit(self, edit: DueEdit, now: datetime) -> EditOutcome | None:
        """Bring a message up to date; None if it is too old for that."""
        sent_at = edit.post.settled_at
        if sent_at is None or now - sent_at > EDIT_WINDOW:
            return None
        return await self._poster.edit(edit.post, edit.story, delete=self.deletes(edit))

    def deletes(self, edit: DueEdit) -> bool:
        """Whether the edit takes the message away."""
        return edit.story.withdrawn and self._delete_withdrawn

    def settle(self, post: Post, outcome: Outcome, now: datetime) -> Settlement:
        """What an outcome means for a post."""
        match outcome:
            case Accepted():
                return Sent(outcome.message_id)
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
        return back_off(attempts, self._jitter)

    def _unwanted(self, claimed: ClaimedPost, now: datetime) -> str | None:
        """Why a planned post is not to be sent any more."""
        if claimed.post.subscription_id is None:
            return "the subscription was removed"
        if claimed.story.withdrawn:
            return "the story was withdrawn"
        age = check_age(claimed.story, now, self._max_age)
        return None if age.passed or claimed.post.catch_up else age.reason


def _search_since(post: Post, now: datetime) -> datetime:
    """The time before which the post's message can't have been sent."""
    if post.planned_at > now:
        return now - CLOCK_CHANGED
    return post.planned_at - CLOCK_MARGIN


def folds(post: Post, now: datetime) -> bool:
    """Whether Discord still folds a repeat of the post's nonce into the first message.

    A clock that was set back says nothing about that: the history is asked then.
    """
    return post.unknown_since is not None and timedelta() <= now - post.unknown_since < NONCE_WINDOW
