"""What a post's message consists of: one story or a digest, and whom it calls."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.discordapp.rendering.digest import digest_embed, digest_heading, digest_view
from bot.discordapp.rendering.story import story_embed, story_view
from storage.models import Story
from storage.posts import ClaimedPost


@dataclass(frozen=True, slots=True)
class Message:
    """What is edited when a story changes; the words above it stay as they were sent."""

    embed: discord.Embed
    view: discord.ui.View


def post_message(told: ClaimedPost) -> Message:
    """The message as its stories are now."""
    mark = told.post.mark
    if not told.digest:
        return Message(
            story_embed(told.story, told.coverage), story_view(mark, told.story, told.coverage)
        )
    heading = digest_heading(told.subscription, told.post.due_at)
    return Message(
        digest_embed(heading, told.digest, told.coverage), digest_view(mark, told.digest)
    )


def called_role(claimed: ClaimedPost) -> int | None:
    """The id of the role that is told of these stories, if one of them is good enough for it."""
    mention = claimed.subscription.spec.delivery.mention if claimed.subscription else None
    stories: Sequence[Story] = claimed.digest or (claimed.story,)
    if mention is None or max(s.article.quality for s in stories) < mention.min_quality:
        return None
    return mention.role_id


def is_silent(claimed: ClaimedPost) -> bool:
    """Whether nobody is to be notified of the message."""
    return claimed.subscription is not None and claimed.subscription.spec.delivery.silent
