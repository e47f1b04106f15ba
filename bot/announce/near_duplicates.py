"""Find stories about the same event. Pure; docs/decisions/0007-same-story.md has measurements."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import unquote

from rapidfuzz import process
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from bot.announce.tokenize import plain_words
from bot.urls.normalise import comparable_address
from storage.models import Story

# Stories with the same title whose dates are further apart are different stories.
MAX_TIME_APART = timedelta(hours=72)
# Minimum similarity (0 to 100) of the titles of near duplicates. Titles of different real stories
# reached 70.
MIN_SIMILARITY = 85
# Shorter titles ("Weekly roundup") are too generic. Wide characters, such as Japanese, count twice.
MIN_TITLE_LENGTH = 20
# A shorter word with one different letter is usually another word (won, win), not a misspelling.
MIN_MISSPELT_LENGTH = 4

# Punctuation inside words and numbers, which is ignored: U.S., don't, 24,000.
_INNER_PUNCTUATION = re.compile(r"(?<=\w)[.,'\u2019](?=\w)")
_NUMBER = re.compile(r"\w*\d\w*|[ivx]+")


class NearDuplicateIndex:
    """An index of stories that finds the near duplicates of a story.

    Two stories are near duplicates if their dates are within 72 hours of each other, and one lists
    the other's address as related coverage or their titles are nearly the same.
    """

    def __init__(self, recent: Iterable[Story]) -> None:
        self._stories: dict[int, Story] = {}
        self._titles: dict[int, str] = {}
        self._by_address: dict[str, set[int]] = defaultdict(set)
        self._by_related: dict[str, set[tuple[int, str]]] = defaultdict(set)
        for story in recent:
            self.add(story)

    def add(self, story: Story) -> None:
        """Add a story to the index, unless it was withdrawn."""
        if story.withdrawn:
            return
        self._stories[story.id] = story
        self._titles[story.id] = _normalise_title(story.article.title)
        for address in story.article.addresses:
            self._by_address[address].add(story.id)
        for related in story.article.related:
            self._by_related[_address_key(related.url)].add((story.id, related.url))

    def find(self, story: Story) -> tuple[int, ...]:
        """The ids of the story's near duplicates in the index, in the order they were added."""
        found = (self._find_related(story) | self._find_similar_titles(story)) - {story.id}
        return tuple(
            each.id
            for each in self._stories.values()
            if each.id in found and abs(each.dated_at - story.dated_at) <= MAX_TIME_APART
        )

    def _find_related(self, story: Story) -> set[int]:
        """The ids of stories that this one lists as related, or that list this one."""
        found: set[int] = set()
        for related in story.article.related:
            found |= self._by_address.get(comparable_address(related.url), set())
        for address in story.article.addresses:
            # Normalising is slow, so only addresses with the same key are compared.
            for known, url in self._by_related.get(_address_key(address), ()):
                if comparable_address(url) == address:
                    found.add(known)
        return found

    def _find_similar_titles(self, story: Story) -> set[int]:
        """The ids of stories with nearly the same title."""
        title = _normalise_title(story.article.title)
        if _length(title) < MIN_TITLE_LENGTH:
            return set()
        similar = process.extract(
            title, self._titles, scorer=ratio, score_cutoff=MIN_SIMILARITY, limit=None
        )
        return {known for other, _, known in similar if _are_near_duplicates(title, other)}


def _normalise_title(title: str) -> str:
    """A title's words in one case, without punctuation."""
    return plain_words(_INNER_PUNCTUATION.sub("", title))


def _length(title: str) -> int:
    """The number of characters; East Asian wide ones count twice, because each means more."""
    return len(title) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in title)


def _are_near_duplicates(one: str, other: str) -> bool:
    """Whether two similar titles differ only in added or misspelt words, and in no number."""
    words, others = Counter(one.split()), Counter(other.split())
    fewer, more = sorted((words - others, others - words), key=Counter.total)
    return (
        _length(other) >= MIN_TITLE_LENGTH
        and not any(_NUMBER.fullmatch(word) for word in (*fewer, *more))
        and all(any(_is_misspelt(word, each) for each in more) for word in fewer)
    )


def _is_misspelt(one: str, other: str) -> bool:
    """Whether words differ by one letter or by two swapped letters, but not in the first letter."""
    return (
        min(len(one), len(other)) >= MIN_MISSPELT_LENGTH
        and one[0] == other[0]
        and OSA.distance(one, other, score_cutoff=1) <= 1
    )


def _address_key(url: str) -> str:
    """A key that is equal for all addresses of a page; fast to compute, but not unique."""
    page = url.partition("#")[0].partition("?")[0].partition("://")[2].lower()
    return unquote(page.removeprefix("www.")).rstrip("/")
