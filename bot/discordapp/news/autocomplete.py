"""The choices that Discord offers while a member types an option.

At most 25 choices; names and values of 1 to 100 characters
(https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure).
If the database can't be read there are no choices: Discord shows no errors while someone types.
"""

import logging
from collections.abc import Sequence

from discord import app_commands

from bot.discordapp.markdown import discord_length, plain
from bot.discordapp.messages.news import counted
from bot.discordapp.messages.stories import UNTITLED, story_count
from bot.discordapp.news.subjects import find_by_address, title_words
from storage.errors import NotFoundError, StorywireError
from storage.models import Order, ProviderCount, Story, StoryQuery, Topic
from storage.protocols import StoryStore

logger = logging.getLogger(__name__)

_CHOICES = 25
_NAME = 100
_NAME_BESIDE_NUMBER = 90
_TITLE_BESIDE_PROVIDER = 75
_TYPED = 100


async def topic_choices(store: StoryStore, typed: str) -> list[app_commands.Choice[str]]:
    """Topics whose names are like the typed text; the largest ones while nothing is typed.

    The value is the name, or `id:` and the topic's id if the name does not fit.
    """
    typed = plain(typed, _TYPED)
    found = store.complete_topics(typed, _CHOICES) if typed else store.list_topics(_CHOICES)
    try:
        topics = await found
    except StorywireError as error:
        logger.warning("can't offer topics: %s", error)
        return []
    return _choices([(_counted(topic), _value(topic)) for topic in topics])


async def provider_choices(store: StoryStore, typed: str) -> list[app_commands.Choice[str]]:
    """Providers, in the same way."""
    try:
        providers = await store.complete_providers(plain(typed, _TYPED), _CHOICES)
    except StorywireError as error:
        logger.warning("can't offer providers: %s", error)
        return []
    return _choices([(_counted(provider), _value(provider)) for provider in providers])


async def story_choices(store: StoryStore, typed: str) -> list[app_commands.Choice[str]]:
    """Stories whose titles contain the typed words; the newest ones while nothing is typed.

    If no title has them, words that are spelled like them count. An address is completed with its
    story.
    """
    try:
        stories = await _offered_stories(store, typed)
    except NotFoundError:
        return []
    except StorywireError as error:
        logger.warning("can't offer stories: %s", error)
        return []
    return _choices([(_story_name(story), str(story.id)) for story in stories])


async def _offered_stories(store: StoryStore, typed: str) -> Sequence[Story]:
    if (story := await find_by_address(store, typed)) is not None:
        return [story]
    if typed := title_words(plain(typed, _TYPED)):
        found = await store.complete_titles(typed, _CHOICES)
        if not found and (meant := await store.suggest_words(typed)):
            return await store.complete_titles(meant[0], _CHOICES)
        return found
    newest = StoryQuery(order=Order.NEWEST, limit=_CHOICES)
    return (await store.find_stories(newest)).stories


def _choices(named_values: Sequence[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    """Choices with names that are visible and differ from each other."""
    choices: dict[str, app_commands.Choice[str]] = {}
    for name, value in named_values[:_CHOICES]:
        shown = plain(name, _NAME) or UNTITLED
        if shown in choices:
            shown = f"{plain(shown, _NAME_BESIDE_NUMBER)} ({len(choices) + 1})"
        choices[shown] = app_commands.Choice(name=shown, value=value)
    return list(choices.values())


def _counted(named: Topic | ProviderCount) -> str:
    """The name with the number of its stories; of a long name the end is cut off."""
    count = story_count(named.stories)
    room = _NAME - discord_length(counted("", count))
    return counted(plain(named.name, room) or UNTITLED, count)


def _value(named: Topic | ProviderCount) -> str:
    fits = plain(named.name, _NAME) == named.name and not named.name.startswith("id:")
    return named.name if fits else f"id:{named.id}"


def _story_name(story: Story) -> str:
    title = plain(story.article.title, _NAME)
    provider = plain(story.article.provider.name, _NAME) if story.article.provider else ""
    if not provider:
        return title
    return f"{plain(title, _TITLE_BESIDE_PROVIDER)} — {provider}"
