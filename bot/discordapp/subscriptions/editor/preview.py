"""The messages that a draft would post, as the poster makes them. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.rendering.post import post_message
from bot.discordapp.rendering.reduce import Payload, complete_payload
from storage.models import Story, Subscription, SubscriptionSpec
from storage.posts import ClaimedPost, Post, PostStatus

MOST_SHOWN = 5
"""Discord limits how many messages may follow the press of a button."""


def preview_messages(
    guild_id: int, spec: SubscriptionSpec, stories: Sequence[Story], now: datetime, *, first: bool
) -> list[Payload]:
    """The messages for the stories: one each, as many as are shown, or one digest.

    `first`: they are those that the subscription starts with.
    """
    digest, subscription = spec.delivery.digest, Subscription(0, guild_id, 0, now, spec)

    def payload(story: Story, listed: Sequence[Story] = ()) -> Payload:
        post = Post(
            id=0,
            story_id=story.id,
            subscription_id=None,
            guild_id=guild_id,
            channel_id=spec.channel_id,
            nonce=_NONCE,
            status=PostStatus.CLAIMED,
            catch_up=first,
            planned_at=now,
            due_at=now,
            look=spec.delivery.look,
        )
        catch_up = frozenset(each.id for each in (listed or [story]) if first)
        claimed = ClaimedPost(post, story, subscription, tuple(listed), catch_up=catch_up)
        return complete_payload(post_message(claimed, TermFrequencies()))

    if digest is None:
        return [payload(story) for story in stories[:MOST_SHOWN]]
    best = sorted(stories, key=_rank)[: digest.best]
    return [payload(best[0], best)] if best else []


# Of no post, so that the buttons of a preview say that there is none.
_NONCE = "0" * 24


def _rank(story: Story) -> tuple[int, int, float]:
    """The order of a digest, see `bot.announce.digests.choose_digest`."""
    return -story.article.quality, -story.article.heat, -story.dated_at.timestamp()
