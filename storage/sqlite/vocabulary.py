"""The words that stories have, in memory, to correct what nothing is found for."""

import asyncio

from storage.search.suggestions import Vocabulary
from storage.sqlite.database import Database, Readers, fetch_all
from storage.sqlite.lookup_index import count_stories

# Words in fewer titles are corrected to none of these in a large archive.
_MOST_WORDS = 50_000
# It is read again when the number of stories has changed by one in so many.
_CHANGED = 500


class CachedVocabulary:
    """Reads the most frequent words when they are needed, and again when there are enough new ones.

    Reading takes some tenths of a second, in threads. Suggestions wait for each other.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._stories = -1
        self._vocabulary = Vocabulary({})

    async def get(self, database: Database) -> Vocabulary:
        """Return the words of almost all stories."""
        async with self._lock, database.read(Readers.OTHER) as connection:
            stories = await count_stories(connection)
            if abs(stories - self._stories) > self._stories // _CHANGED:
                rows = await fetch_all(
                    connection,
                    "SELECT word, titles FROM search_words WHERE titles > 0"
                    " ORDER BY titles DESC LIMIT ?",
                    (_MOST_WORDS,),
                )
                words = {row["word"]: row["titles"] for row in rows}
                self._vocabulary = await asyncio.to_thread(Vocabulary, words)
                self._stories = stories
            return self._vocabulary
