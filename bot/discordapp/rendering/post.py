"""The message of a post: one story or a digest, and the roles that it mentions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import discord

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.rendering.coverage import post_coverage
from bot.discordapp.rendering.digest import digest_embed, digest_heading, digest_view
from bot.discordapp.rendering.plain_text import digest_text, story_text
from bot.discordapp.rendering.story import story_embed, story_view
from storage.models import DEFAULT_STYLE, Story, Style
from storage.posts import ClaimedPost


@dataclass(frozen=True, slots=True)
class Message:
    """A message in full, and (`plain_text`) how to write it if Discord rejects its embed.

    `mark` is the custom_id of one of its components. `lists_stories`: the embed's description and
    fields contain the stories of a digest.
    """

    embed: discord.Embed
    view: discord.ui.View
    mark: str
    plain_text: Callable[[], str]
    lists_stories: bool = False


def post_message(claimed: ClaimedPost, frequencies: TermFrequencies) -> Message:
    """The message with the current state of its stories.

    `frequencies` are those of the archive; they decide which coverage is about the same event.
    """
    mark, style = claimed.post.mark, style_of(claimed)
    if not claimed.digest:
        coverage = post_coverage(claimed, frequencies)
        return Message(
            story_embed(claimed.story, coverage, style),
            story_view(mark, claimed.story, coverage),
            mark,
            partial(story_text, claimed.story, coverage),
        )
    heading = digest_heading(claimed.subscription, claimed.post.due_at)
    embed = digest_embed(heading, claimed.digest, claimed.coverage, style)
    return Message(
        embed,
        digest_view(mark, claimed.digest, embed),
        mark,
        partial(digest_text, heading, claimed.digest, claimed.coverage),
        lists_stories=True,
    )


def style_of(claimed: ClaimedPost) -> Style:
    """The current style of a post's subscription; the default if it was removed."""
    return claimed.subscription.spec.delivery.style if claimed.subscription else DEFAULT_STYLE


def mentioned_roles(claimed: ClaimedPost) -> tuple[int, ...]:
    """The ids of the roles to mention, if one of the stories has the quality that this needs.

    Catch-up stories mention nobody: they are not news.
    """
    mentions = claimed.subscription.spec.delivery.mentions if claimed.subscription else ()
    shown: Sequence[Story] = claimed.digest or (claimed.story,)
    qualities = [each.article.quality for each in shown if each.id not in claimed.catch_up]
    wanted = [each.role_id for each in mentions if any(q >= each.min_quality for q in qualities)]
    return tuple(dict.fromkeys(wanted))


def is_silent(claimed: ClaimedPost) -> bool:
    """Whether the message is sent without notifications."""
    return claimed.subscription is not None and claimed.subscription.spec.delivery.silent
