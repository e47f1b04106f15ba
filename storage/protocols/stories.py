"""Looking up stories and topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from storage.models import Story, StoryPage, StoryQuery, Topic, TopicSummary


class StoryStore(Protocol):
    """What lookups need. Withdrawn stories are found by nothing but `get_story`."""

    async def find_stories(self, query: StoryQuery) -> StoryPage:
        """One page of stories; text that has no word in it finds nothing."""
        ...

    async def complete_titles(self, typed: str, limit: int) -> Sequence[Story]:
        """The best stories whose titles have words beginning like the typed ones."""
        ...

    async def get_story(self, story_id: int) -> Story:
        """One story. Raises `NotFoundError`."""
        ...

    async def list_topics(self, limit: int, offset: int = 0) -> Sequence[Topic]:
        """Topics that have stories, the largest first."""
        ...

    async def count_topics(self) -> int:
        """How many topics have stories."""
        ...

    async def complete_topics(self, typed: str, limit: int) -> Sequence[Topic]:
        """Topics whose name contains what was typed, those that begin with it first."""
        ...

    async def get_topic(self, name: str) -> Topic:
        """A topic by its name in any case. Raises `NotFoundError`."""
        ...

    async def get_topic_by_id(self, topic_id: int) -> Topic:
        """A topic by id. Raises `NotFoundError`."""
        ...

    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        """What a topic's page shows. Raises `NotFoundError`."""
        ...

    async def count_stories(self) -> int:
        """How many stories there are."""
        ...
