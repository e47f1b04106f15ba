"""The message of a post: one story or a digest, and the roles that it mentions."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.rendering.compact import compact_text, compact_view
from bot.discordapp.rendering.coverage import Coverage, post_coverage
from bot.discordapp.rendering.digest import digest_embeds, digest_heading, digest_view
from bot.discordapp.rendering.gallery import gallery_layout
from bot.discordapp.rendering.headline import headline_embed
from bot.discordapp.rendering.line import FillLine, fill_line
from bot.discordapp.rendering.message import Message
from bot.discordapp.rendering.plain_text import digest_text, story_text
from bot.discordapp.rendering.story import story_embed, story_view
from storage.models import DEFAULT_STYLE, Look, Story, Style
from storage.posts import ClaimedPost


def post_message(claimed: ClaimedPost, frequencies: TermFrequencies) -> Message:
    """The message with the current state of its stories.

    `frequencies` are those of the archive; they decide which coverage is about the same event.
    """
    style = style_of(claimed)
    if not claimed.digest:
        message = _story_message(claimed, post_coverage(claimed, frequencies), style)
        return replace(message, line=_line(claimed))
    heading = digest_heading(
        claimed.subscription, claimed.post.due_at, catch_up=claimed.only_catch_up
    )
    embeds = digest_embeds(heading, claimed.digest, claimed.coverage, style)
    return Message(
        digest_view(claimed.post.mark, claimed.digest, *embeds),
        claimed.post.mark,
        partial(digest_text, heading, claimed.digest, claimed.coverage),
        embed=embeds[0],
        line=_line(claimed),
        lists_stories=True,
        more_embeds=embeds[1:],
    )


def _story_message(claimed: ClaimedPost, coverage: Coverage, style: Style) -> Message:
    """The message of one story in the look of its post."""
    mark, story = claimed.post.mark, claimed.story
    view = story_view(mark, story, coverage)
    plain_text = partial(story_text, story, coverage)
    match claimed.post.look:
        case Look.CARD:
            return Message(view, mark, plain_text, embed=story_embed(story, coverage, style))
        case Look.COMPACT:
            text = compact_text(story, coverage, style)
            return Message(compact_view(mark, story, coverage), mark, plain_text, text=text)
        case Look.HEADLINE:
            return Message(view, mark, plain_text, embed=headline_embed(story, coverage, style))
        case Look.GALLERY:
            return Message(view, mark, plain_text, layout=gallery_layout(story, coverage, style))


def style_of(claimed: ClaimedPost) -> Style:
    """The current style of a post's subscription; the default if it was removed."""
    return claimed.subscription.spec.delivery.style if claimed.subscription else DEFAULT_STYLE


def _line(claimed: ClaimedPost) -> FillLine | None:
    """The line about the first story that is not withdrawn; None if there is none."""
    template = style_of(claimed).line
    shown = [each for each in claimed.digest or (claimed.story,) if not each.withdrawn]
    if not template or not shown or not claimed.subscription:
        return None
    return partial(fill_line, template, shown[0].article, claimed.subscription.spec.rules.topics)


def mentioned_roles(claimed: ClaimedPost) -> tuple[int, ...]:
    """The ids of the roles to mention, if one of the stories has the quality that this needs.

    Catch-up stories mention nobody: they are not news.
    """
    mentions = claimed.subscription.spec.delivery.mentions if claimed.subscription else ()
    shown: Sequence[Story] = claimed.digest or (claimed.story,)
    qualities = [each.article.quality for each in shown if each.id not in claimed.catch_up]
    wanted = [each.role_id for each in mentions if any(q >= each.min_quality for q in qualities)]
    # The role of everyone has the id of the server. Imports in a terminal can't look roles up.
    return tuple(dict.fromkeys(role for role in wanted if role != claimed.post.guild_id))


def is_silent(claimed: ClaimedPost) -> bool:
    """Whether the message is sent without notifications."""
    return claimed.subscription is not None and claimed.subscription.spec.delivery.silent
