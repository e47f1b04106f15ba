"""The select below a list or a digest: choosing a story opens it."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

import discord

from bot.discordapp.markdown import plain
from bot.discordapp.messages import stories as labels
from bot.discordapp.rendering.page import NumberedStory
from bot.discordapp.rendering.story import kind_prefix
from storage.models import Story

# Messages contain it for years, so it never changes. The value of an option is the story's id.
OPEN_STORY = "open:story"

# https://docs.discord.com/developers/components/reference#string-select
_OPTIONS = 25
_TEXT = 100


def story_select(numbered: Iterable[NumberedStory]) -> discord.ui.Select[Any] | None:
    """A select with the stories of a message, or None if there is none to open.

    Each story is offered once, with the number that it has in the message.
    """
    by_id = {story.id: (number, story) for number, story in numbered if not story.withdrawn}
    options = [_option(number, story) for number, story in by_id.values()]
    if not options:
        return None
    return discord.ui.Select(
        custom_id=OPEN_STORY, placeholder=labels.OPEN_STORY, options=options[:_OPTIONS]
    )


def _option(number: int, story: Story) -> discord.SelectOption:
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
