"""Lookups of stories and topics."""

from collections.abc import Sequence
from typing import Protocol

from storage.models import Story, StoryPage, StoryQuery, Topic, TopicSummary


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
        """One story. Raises `NotFoundError`."""

    async def list_topics(self, limit: int, offset: int = 0) -> Sequence[Topic]:
        """Topics that have stories, ordered by number of stories (descending) and name."""

    async def count_topics(self) -> int:
        """The number of topics that have stories."""

    async def complete_topics(self, typed: str, limit: int) -> Sequence[Topic]:
        """Topics whose name contains the typed text in any case, prefix matches first.

        At most `limit`; otherwise in the order of `list_topics`.
        """

    async def get_topic(self, name: str) -> Topic:
        """A topic by name, in any case. Raises `NotFoundError`."""

    async def get_topic_by_id(self, topic_id: int) -> Topic:
        """A topic by id. Raises `NotFoundError`."""

    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        """The topic's best and newest story, and the five providers with the most stories.

        Raises `NotFoundError`.
        """

    async def count_stories(self) -> int:
        """The number of stories that are not withdrawn."""
