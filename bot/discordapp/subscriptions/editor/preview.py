"""The messages that a draft would post, as the poster makes them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.rendering.forum import choose_tags, post_title
from bot.discordapp.rendering.message import Message
from bot.discordapp.rendering.post import mentioned_roles, post_message
from storage.models import Story, Subscription, SubscriptionSpec
from storage.posts import ClaimedPost, Post, PostStatus

MOST_SHOWN = 5
"""Discord limits how many messages may follow the press of a button."""


@dataclass(frozen=True, slots=True)
class Previewed:
    """A message with the roles that it mentions; in a forum, its thread has a title and tags."""

    message: Message
    roles: tuple[int, ...]
    title: str
    tags: tuple[str, ...]


def preview_messages(
    guild_id: int,
    spec: SubscriptionSpec,
    stories: Sequence[Story],
    now: datetime,
    *,
    first: bool,
    is_deleted: Callable[[int], bool] = lambda _: False,
    forum_tags: Sequence[tuple[int, str]] = (),
) -> list[Previewed]:
    """The messages for the stories: one each, as many as are shown, or one digest.

    `first`: they are those that the subscription starts with. `is_deleted` says whether a role was
    deleted; `forum_tags` are the ids and names of the forum's tags.
    """
    digest, subscription = spec.delivery.digest, Subscription(0, guild_id, 0, now, spec)
    names = dict(forum_tags)

    def preview(story: Story, listed: Sequence[Story] = ()) -> Previewed:
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
        return Previewed(
            post_message(claimed, TermFrequencies()),
            tuple(role for role in mentioned_roles(claimed) if not is_deleted(role)),
            post_title(claimed),
            tuple(names[tag] for tag in choose_tags(claimed, forum_tags)),
        )

    if digest is None:
        return [preview(story) for story in stories[:MOST_SHOWN]]
    best = sorted(stories, key=_rank)[: digest.best]
    return [preview(best[0], best)] if best else []


# Of no post, so that the buttons of a preview say that there is none.
_NONCE = "0" * 24


def _rank(story: Story) -> tuple[int, int, float]:
    """The order of a digest, see `bot.announce.digests.choose_digest`."""
    return -story.article.quality, -story.article.heat, -story.dated_at.timestamp()
