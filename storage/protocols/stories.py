"""Lookups of stories and topics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import (
    EVERYWHERE,
    PostedMessage,
    ProviderCount,
    Scope,
    Story,
    StoryPage,
    StoryQuery,
    Topic,
    TopicSummary,
)


class StoryStore(Protocol):
    """Looks up stories and topics. Only `get_story` returns withdrawn stories."""

    async def find_stories(self, query: StoryQuery) -> StoryPage:
        """One page of stories in the query's order, and the number of matches up to `MOST_FOUND`.

        Equal quality is ordered by date, equal dates by id, the latest first; equal relevance by
        quality and id. A text without a word finds nothing; of a long text only the first words
        count; of a text that thousands of stories match, only those seen last are compared. A last
        word of one letter or digit is not used as a prefix. `min_quality` and `since` are
        inclusive.

        All lookups raise `StoreBusyError` if they take too long.
        """

    async def complete_titles(self, typed: str, limit: int) -> Sequence[Story]:
        """Stories whose titles contain the typed words, as `find_stories` does; the best first.

        At most `limit`; the newest stories if no word was typed.
        """

    async def get_story(self, story_id: int) -> Story:
        """One story. Raises `NotFoundError`; `StoryExpiredError` if it left the archive."""

    async def find_story_by_address(self, address: str) -> Story:
        """The story with a normalised address (`bot.urls.normalise`). Raises `NotFoundError`.

        A withdrawn story is not found. `StoryExpiredError` if it left the archive.
        """

    async def find_messages(self, story_id: int, guild_id: int) -> Sequence[PostedMessage]:
        """The messages in a server that show a story, the latest first; at most 25.

        They include digests, and messages of other stories that it was added to.
        """

    async def suggest_words(self, text: str, scope: Scope = EVERYWHERE) -> Sequence[str]:
        """Texts like the typed one that have only words that occur in stories, the best first.

        At most three; none if no word of the text is spelled like a known one.
        """

    async def list_topics(
        self, limit: int, offset: int = 0, scope: Scope = EVERYWHERE
    ) -> Sequence[Topic]:
        """Topics that have stories, ordered by number of stories (descending) and name."""

    async def count_topics(self, scope: Scope = EVERYWHERE) -> int:
        """The number of topics that have stories."""

    async def complete_topics(
        self, typed: str, limit: int, scope: Scope = EVERYWHERE
    ) -> Sequence[Topic]:
        """Topics whose name begins with the typed text, then those with a word that does.

        If there are none, those with a similar name. In any case, with or without accents;
        otherwise in the order of `list_topics`.
        """

    async def complete_providers(
        self, typed: str, limit: int, scope: Scope = EVERYWHERE
    ) -> Sequence[ProviderCount]:
        """Providers that have stories, as `complete_topics` does; the largest for no text."""

    async def get_provider(self, name: str) -> ProviderCount:
        """A provider by name, in any case. Raises `NotFoundError`."""

    async def get_provider_by_id(self, provider_id: int) -> ProviderCount:
        """A provider by id. Raises `NotFoundError`."""

    async def count_by_week(self, topic_id: int, since: datetime, until: datetime) -> Sequence[int]:
        """The number of a topic's stories in each period of seven days, the earliest first.

        The last period ends at `until`, without it; the first one contains `since`, and is counted
        in full.
        """

    async def get_topic(self, name: str) -> Topic:
        """A topic by name, in any case. Raises `NotFoundError`."""

    async def get_topic_by_id(self, topic_id: int) -> Topic:
        """A topic by id. Raises `NotFoundError`."""

    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        """The topic's best and newest story, and its largest providers and related topics.

        At most five of each. Raises `NotFoundError`.
        """

    async def count_stories(self, scope: Scope = EVERYWHERE) -> int:
        """The number of stories that are not withdrawn."""
