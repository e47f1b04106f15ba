"""Looking up stories and topics."""

from collections.abc import Sequence
from typing import Protocol

from storage.models import Story, StoryPage, StoryQuery, Topic, TopicSummary


class StoryStore(Protocol):
    """What lookups need. Withdrawn stories are found by nothing but `get_story`."""

    async def find_stories(self, query: StoryQuery) -> StoryPage:
        """One page of stories in the query's order, and the number of all that match.

        Among equally good ones, and those of one date, the latest come first. A text with no word
        in it finds nothing; of a long one only the first words count. `min_quality` and `since` are
        inclusive.
        """

    async def complete_titles(self, typed: str, limit: int) -> Sequence[Story]:
        """Stories whose titles have words that begin with the typed ones, the best first.

        At most `limit`; the newest stories if nothing was typed.
        """

    async def get_story(self, story_id: int) -> Story:
        """One story. Raises `NotFoundError`."""

    async def list_topics(self, limit: int, offset: int = 0) -> Sequence[Topic]:
        """Topics that have stories, those with the most first, then by name."""

    async def count_topics(self) -> int:
        """The number of topics that have stories."""

    async def complete_topics(self, typed: str, limit: int) -> Sequence[Topic]:
        """Topics whose name contains what was typed, in any case; those that begin with it first.

        At most `limit`, each group in the order of `list_topics`.
        """

    async def get_topic(self, name: str) -> Topic:
        """A topic by its name in any case. Raises `NotFoundError`."""

    async def get_topic_by_id(self, topic_id: int) -> Topic:
        """A topic by id. Raises `NotFoundError`."""

    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        """The topic's best and newest story and its five busiest providers.

        Raises `NotFoundError`.
        """

    async def count_stories(self) -> int:
        """The number of stories that are not withdrawn."""
