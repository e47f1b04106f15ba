"""The selects below lists and digests: choosing a story or a topic opens it."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

import discord

from bot.discordapp.markdown import plain
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.page import NumberedStory, Page
from bot.discordapp.rendering.story import kind_prefix
from storage.models import Story, Topic

# Messages contain these custom_ids for years, so they never change. The value of an option is the
# id of the story or topic.
OPEN_STORY = "open:story"
OPEN_TOPIC = "open:topic"

# https://docs.discord.com/developers/components/reference#string-select
_OPTIONS = 25
_TEXT = 100


def page_select(page: Page) -> discord.ui.Select[Any] | None:
    """A select with what a page lists, or None if it lists nothing."""
    return story_select(page.listed) or topic_select(page.topics)


def story_select(numbered: Iterable[NumberedStory]) -> discord.ui.Select[Any] | None:
    """A select with the stories of a message, or None if there is none to open.

    Each story is offered once, with the number that it has in the message.
    """
    by_id = {story.id: (number, story) for number, story in numbered if not story.withdrawn}
    options = [_story_option(number, story) for number, story in by_id.values()]
    return _select(OPEN_STORY, labels.OPEN_STORY, options)


def topic_select(topics: Iterable[Topic]) -> discord.ui.Select[Any] | None:
    """A select with topics, or None if there are none. Each topic is offered once."""
    options = [_topic_option(topic) for topic in {each.id: each for each in topics}.values()]
    return _select(OPEN_TOPIC, labels.OPEN_TOPIC, options)


def _select(
    custom_id: str, placeholder: str, options: Sequence[discord.SelectOption]
) -> discord.ui.Select[Any] | None:
    if not options:
        return None
    return discord.ui.Select(
        custom_id=custom_id, placeholder=placeholder, options=list(options[:_OPTIONS])
    )


def _story_option(number: int, story: Story) -> discord.SelectOption:
    article = story.article
    title = kind_prefix(article.kind) + (plain(article.title, _TEXT) or labels.UNTITLED_STORY)
    provider = article.provider.name if article.provider else ""
    published = labels.full_date(story.dated_at.astimezone(UTC).date())
    room = _TEXT - len(f" · {published}")
    facts = [plain(provider, room), published]
    return discord.SelectOption(
        label=plain(f"{number}. {title}", _TEXT),
        value=str(story.id),
        description=" · ".join(filter(None, facts)),
    )


def _topic_option(topic: Topic) -> discord.SelectOption:
    return discord.SelectOption(
        label=plain(topic.name, _TEXT) or labels.UNTITLED,
        value=str(topic.id),
        description=labels.story_count(topic.stories),
    )
