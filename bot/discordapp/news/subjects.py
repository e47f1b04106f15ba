"""Which topic, provider or story a member means by what they typed.

Everything here raises `NotFoundError` with a text for the member, and with suggestions.
"""

import re
from contextlib import suppress
from dataclasses import dataclass

from bot.discordapp.ids import parse_id
from bot.discordapp.markdown import plain
from bot.discordapp.messages import news as messages
from bot.urls.normalise import normalised_forms
from bot.urls.safety import parse_web_address
from storage.errors import NotFoundError, StoryExpiredError
from storage.models import Order, ProviderCount, Story, StoryQuery, Topic
from storage.protocols import StoryStore
from storage.search.matching import spans
from storage.search.query import Query, parse

_SUGGESTIONS = 3
_SHORTEST_NAME = 3
_TYPED = 200
_ADDRESS = 2048
# Of the best matches for a title, so many may have exactly this one.
_COMPARED = 25
_SCHEME = "https://"
_MINUS = re.compile(r"(?<!\S)[-\u2010-\u2015\u2212]+(?=\S)")
# As a story's page shows it, and as people write numbers.
_ID = re.compile(r"^(?:id:? ?|#)(?=[0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundStory:
    """A story. `exact`: it was named by its id, address or title, not by some of its words."""

    story: Story
    exact: bool = True


async def find_topic(store: StoryStore, typed: str) -> Topic:
    """Return the topic with a name in any case, or with `id:` and its id."""
    typed = plain(typed, _TYPED)
    if (topic_id := _parse_chosen(typed)) is not None:
        return await topic_with_id(store, topic_id)
    try:
        return await store.get_topic(typed)
    except NotFoundError:
        similar = await _similar_topics(store, typed)
    raise NotFoundError(messages.topic_not_found(typed, similar))


async def topic_with_id(store: StoryStore, topic_id: int) -> Topic:
    """Return the topic with an id."""
    try:
        return await store.get_topic_by_id(topic_id)
    except NotFoundError as error:
        raise NotFoundError(messages.TOPIC_GONE) from error


async def find_provider(store: StoryStore, typed: str) -> ProviderCount:
    """Return the provider with a name in any case, or with `id:` and its id."""
    typed = plain(typed, _TYPED)
    if (provider_id := _parse_chosen(typed)) is not None:
        return await provider_with_id(store, provider_id)
    try:
        return await store.get_provider(typed)
    except NotFoundError:
        similar = await store.complete_providers(typed, _SUGGESTIONS)
    names = [provider.name for provider in similar]
    raise NotFoundError(messages.provider_not_found(typed, names))


async def provider_with_id(store: StoryStore, provider_id: int) -> ProviderCount:
    """Return the provider with an id."""
    try:
        return await store.get_provider_by_id(provider_id)
    except NotFoundError as error:
        raise NotFoundError(messages.PROVIDER_GONE) from error


async def story_with_id(store: StoryStore, story_id: int) -> Story:
    """Return the story with an id; a withdrawn one is not found."""
    try:
        story = await store.get_story(story_id)
        if not story.withdrawn:
            return story
    except StoryExpiredError as error:
        raise StoryExpiredError(messages.STORY_EXPIRED) from error
    except NotFoundError:
        pass
    raise NotFoundError(messages.STORY_GONE)


async def find_story(store: StoryStore, typed: str) -> FoundStory:
    """Return the story with an id, an address or a title in any case, or the closest match."""
    line = plain(typed, _ADDRESS)
    number = parse_id(_ID.sub("", line))
    expired: StoryExpiredError | None = None
    if number is not None:
        try:
            return FoundStory(await story_with_id(store, number))
        except StoryExpiredError as error:
            expired = error
        except NotFoundError:
            pass  # it may be a word of a title, such as a year
    if (story := await find_by_address(store, line)) is not None:
        return FoundStory(story)
    typed = plain(typed, _TYPED)
    words = title_words(typed)
    wanted = parse(words)
    titled = () if wanted.is_empty else await store.complete_titles(words, _COMPARED)
    best = StoryQuery(text=words, order=Order.RELEVANT, limit=_COMPARED)
    matching = (*(await store.find_stories(best)).stories, *titled)
    for story in matching:
        if _comparable(story.article.title) == _comparable(typed):
            return FoundStory(story)
    for story in matching:
        if _is_named_by(story, wanted):
            return FoundStory(story, exact=False)
    if expired is not None:
        raise expired
    meant = await suggestions(store, typed)
    raise NotFoundError(messages.story_not_found(typed, meant, by_number=number is not None))


def title_words(typed: str) -> str:
    """A title, or a part of one, as a query. A word of a title that follows a minus is wanted."""
    return _MINUS.sub("", typed)


async def find_by_address(store: StoryStore, typed: str) -> Story | None:
    """Return the story with an address; None if the text is none.

    Any spelling counts that means the same page, also without `https://` or in `<…>`. Raises
    `NotFoundError` for a whole address that no story has; without `https://` it may be a name.
    """
    text = typed.removeprefix("<").removesuffix(">").strip()
    whole = parse_web_address(text)
    address = whole or ("." in text and parse_web_address(_SCHEME + text)) or None
    if address is None:
        return None
    with suppress(ValueError):
        for form in normalised_forms(address):
            try:
                return await store.find_story_by_address(form)
            except StoryExpiredError as error:
                raise StoryExpiredError(messages.STORY_EXPIRED) from error
            except NotFoundError:
                pass
    if whole:
        raise NotFoundError(messages.NO_STORY_AT_ADDRESS)
    return None


async def _similar_topics(store: StoryStore, typed: str) -> list[str]:
    return [topic.name for topic in await store.complete_topics(typed, _SUGGESTIONS)]


async def suggestions(store: StoryStore, typed: str) -> str:
    """Known words and topics that are spelled like the typed text, as a text; or nothing."""
    words = [
        each
        for each in await store.suggest_words(typed)
        if each.casefold() != typed.casefold() and await _finds_stories(store, each)
    ]
    # Many topics begin with a letter or two.
    is_long = sum(map(str.isalnum, typed)) >= _SHORTEST_NAME
    return messages.did_you_mean(words, await _similar_topics(store, typed) if is_long else ())


async def _finds_stories(store: StoryStore, text: str) -> bool:
    """Whether a story has all words of a text: each of them is known, but maybe of others."""
    return bool((await store.find_stories(StoryQuery(text=text, limit=1))).stories)


def _parse_chosen(typed: str) -> int | None:
    """The id in the value of a choice whose name does not fit."""
    prefix, _, number = typed.partition("id:")
    return None if prefix else parse_id(number)


def _is_named_by(story: Story, wanted: Query) -> bool:
    """Whether most of the words that say something are in the story's title.

    All of them are somewhere in the story. Words such as “nothing like that” are in the text of
    stories that nobody means by them.
    """
    clauses = wanted.without_common_words().required
    article = story.article
    named = [bool(spans(article.title, Query((each,)), article.language)) for each in clauses]
    return 2 * sum(named) > len(named)


def _comparable(title: str) -> str:
    return plain(title, _TYPED).casefold()
