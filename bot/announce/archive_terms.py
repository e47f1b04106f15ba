"""The frequencies of terms in the archive, which show what is rare enough to identify an event."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta

from bot.announce.event_terms import EventText, TermFrequencies
from bot.clock import Clock
from storage.errors import StorageError
from storage.models import Story, StoryQuery
from storage.protocols import StoryStore

logger = logging.getLogger(__name__)

# The newest stories show what is common in the news of these weeks.
SAMPLE = 2000
# Counting 5,000 texts takes half a second.
MAX_TEXTS = 5000
MAX_AGE = timedelta(hours=1)


class ArchiveTerms:
    """Counts the terms of the newest stories and of their related coverage, at most hourly."""

    def __init__(self, store: StoryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._counting = asyncio.Lock()
        self._frequencies = TermFrequencies()
        self._counted_at: float | None = None

    async def get(self) -> TermFrequencies:
        """The frequencies, at most an hour old; older ones while the store can't be read."""
        async with self._counting:
            now = self._clock.monotonic()
            if self._counted_at is None or now - self._counted_at >= MAX_AGE.total_seconds():
                try:
                    page = await self._store.find_stories(StoryQuery(limit=SAMPLE))
                except StorageError as error:
                    logger.warning("the terms of the archive can't be counted: %s", error)
                    return self._frequencies
                self._frequencies = await asyncio.to_thread(count_terms, page.stories)
                self._counted_at = now
            return self._frequencies

    async def latest(self) -> TermFrequencies:
        """The frequencies that were counted last, however old: only the first count is waited for.

        For answers to people, while `keep_current` runs.
        """
        return await self.get() if self._counted_at is None else self._frequencies

    async def keep_current(self) -> None:
        """Count whenever the last count of a large archive is too old, until cancelled.

        A small archive is soon counted, and each of its new stories may matter, so it is counted
        when the frequencies are needed.
        """
        while True:
            try:
                if await self._store.count_stories() >= SAMPLE:
                    await self.get()
            except StorageError as error:
                logger.warning("the stories can't be counted: %s", error)
            await self._clock.sleep(MAX_AGE.total_seconds())


def count_terms(stories: Iterable[Story]) -> TermFrequencies:
    """Count the terms of stories, the newest first, and of their related coverage.

    Each title counts once, and at most `MAX_TEXTS` titles.
    """
    texts: dict[str, str] = {}
    for story in stories:
        article = story.article
        texts[article.title] = article.excerpt
        for related in article.related:
            texts.setdefault(related.title, related.excerpt)
        if len(texts) >= MAX_TEXTS:
            break
    return TermFrequencies(EventText.of(title, excerpt) for title, excerpt in texts.items())
