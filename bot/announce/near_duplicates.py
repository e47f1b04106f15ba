"""Which stories tell the same: pure. docs/decisions/0007-same-story.md has the measurements."""

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

# Further apart than that, stories with the same title are two.
MAX_TIME_APART = timedelta(hours=72)
# How alike titles are that may say the same, of 100: real titles of different stories came to 70.
MIN_SIMILARITY = 85
# Shorter titles ("Weekly roundup") say too little. Wide letters, as of Japanese, count twice.
MIN_TITLE_LENGTH = 20
# Shorter words are other words when a letter differs: won, win.
MIN_MISSPELT_LENGTH = 4

# What is written into words and numbers, but belongs to neither: U.S., don't, 24,000.
_INNER_PUNCTUATION = re.compile(r"(?<=\w)[.,'\u2019](?=\w)")
_NUMBER = re.compile(r"\w*\d\w*|[ivx]+")


class NearDuplicateIndex:
    """Knows stories, and finds among them those that tell the same as another one.

    They do if they are dated within 72 hours of each other, and one lists the other's address as
    related coverage or their titles are nearly the same.
    """

    def __init__(self, recent: Iterable[Story]) -> None:
        self._stories: dict[int, Story] = {}
        self._titles: dict[int, str] = {}
        self._by_address: dict[str, set[int]] = defaultdict(set)
        self._by_related: dict[str, set[tuple[int, str]]] = defaultdict(set)
        for story in recent:
            self.add(story)

    def add(self, story: Story) -> None:
        """Know a story from now on. What was withdrawn tells nothing any more."""
        if story.withdrawn:
            return
        self._stories[story.id] = story
        self._titles[story.id] = _normalise_title(story.article.title)
        for address in story.article.addresses:
            self._by_address[address].add(story.id)
        for related in story.article.related:
            self._by_related[_address_key(related.url)].add((story.id, related.url))

    def find(self, story: Story) -> tuple[int, ...]:
        """The ids of known stories that tell the same, itself not among them, in their order."""
        found = (self._find_related(story) | self._find_similar_titles(story)) - {story.id}
        return tuple(
            each.id
            for each in self._stories.values()
            if each.id in found and abs(each.dated_at - story.dated_at) <= MAX_TIME_APART
        )

    def _find_related(self, story: Story) -> set[int]:
        """Those that one of both lists as related."""
        found: set[int] = set()
        for related in story.article.related:
            found |= self._by_address.get(comparable_address(related.url), set())
        for address in story.article.addresses:
            # Normalising takes its time, so only what may be the address is.
            for known, url in self._by_related.get(_address_key(address), ()):
                if comparable_address(url) == address:
                    found.add(known)
        return found

    def _find_similar_titles(self, story: Story) -> set[int]:
        """Those whose title says nearly the same."""
        title = _normalise_title(story.article.title)
        if _length(title) < MIN_TITLE_LENGTH:
            return set()
        alike = process.extract(
            title, self._titles, scorer=ratio, score_cutoff=MIN_SIMILARITY, limit=None
        )
        return {known for other, _, known in alike if _are_near_duplicates(title, other)}


def _normalise_title(title: str) -> str:
    """A title's words in one case, without punctuation."""
    return plain_words(_INNER_PUNCTUATION.sub("", title))


def _length(title: str) -> int:
    """How many letters; the wide ones of East Asia count twice, as they say more."""
    return len(title) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in title)


def _are_near_duplicates(one: str, other: str) -> bool:
    """Whether titles that look alike differ in no number, and in no word but added or misspelt."""
    words, others = Counter(one.split()), Counter(other.split())
    fewer, more = sorted((words - others, others - words), key=Counter.total)
    return (
        _length(other) >= MIN_TITLE_LENGTH
        and not any(_NUMBER.fullmatch(word) for word in (*fewer, *more))
        and all(any(_is_misspelt(word, each) for each in more) for word in fewer)
    )


def _is_misspelt(one: str, other: str) -> bool:
    """Whether words differ by a letter, or by two that changed places, but not by their first."""
    return (
        min(len(one), len(other)) >= MIN_MISSPELT_LENGTH
        and one[0] == other[0]
        and OSA.distance(one, other, score_cutoff=1) <= 1
    )


def _address_key(url: str) -> str:
    """What two addresses of a page have in common at least, found fast."""
    page = url.partition("#")[0].partition("?")[0].partition("://")[2].lower()
    return unquote(page.removeprefix("www.")).rstrip("/")
