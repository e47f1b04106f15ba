"""What members type, drawn from an archive: another text for every question."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from storage.models import Article
from tests.bench.lookups.archive import Archive
from tests.bench.lookups.words import SCRIPTS

# Ranks in the vocabulary. The word of rank 300 is in every tenth story.
COMMON, KNOWN, RARE = 300, 5000, 50_000
_LARGE_TOPICS, _MEDIUM_TOPICS = 10, 300
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws texts of each kind, in a sequence that depends on the seed of `chance`."""

    archive: Archive
    chance: Random

    @classmethod
    def of(cls, archive: Archive, seed: str) -> "Draws":
        """Draws that depend on the archive and the seed."""
        return cls(archive, Random(seed))  # noqa: S311 - need not be secret

    def number(self) -> int:
        """The number of an article that is not withdrawn."""
        while True:
            number = self.chance.randrange(self.archive.count)
            if not self.archive.is_withdrawn(number):
                return number

    def article(self) -> Article:
        """An article that is not withdrawn."""
        return self.archive.article(self.number())

    def common_word(self) -> str:
        """A word of many stories."""
        return self._word(0, COMMON)

    def known_word(self) -> str:
        """A word that most people know."""
        return self._word(COMMON, KNOWN)

    def rare_word(self) -> str:
        """A word of few stories, perhaps of none."""
        return self._word(min(RARE, len(self.archive.words.items) // 2), None)

    def misspelled_word(self) -> str:
        """A word with two letters the wrong way round, that is not in the archive."""
        while True:
            word = self._word(COMMON, None)
            place = self.chance.randrange(1, max(2, len(word) - 1))
            wrong = word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
            if wrong not in self.archive.words.ranks:
                return wrong

    def two_letters(self) -> str:
        """The beginning of a known word."""
        return self.known_word()[:2]

    def letters(self, count: int) -> str:
        """Any letters, as somebody types who has not thought of a word yet."""
        return "".join(self.chance.choices(_LETTERS, k=count))

    def phrase(self) -> str:
        """Two or three words that follow each other in a title."""
        while True:
            words = self.article().title.split()
            if len(words) > 3:
                first = self.chance.randrange(len(words) - 2)
                return " ".join(words[first : first + self.chance.choice((2, 3))])

    def script_text(self) -> str:
        """A few letters of a word without Latin letters."""
        words = self.archive.others[self.chance.choice(list(SCRIPTS))]
        return words.draw(self.chance, 1)[0][:4]

    def large_topic(self) -> str:
        """One of the topics with the most stories."""
        return self._topic(0, _LARGE_TOPICS)

    def medium_topic(self) -> str:
        """A topic with fewer stories than the large ones."""
        return self._topic(_LARGE_TOPICS, _MEDIUM_TOPICS)

    def small_topic(self) -> str:
        """A topic with few stories."""
        return self._topic(len(self.archive.topics.items) // 2, None)

    def any_topic(self) -> str:
        """A topic by how many stories it has."""
        return self.archive.topics.draw(self.chance, 1)[0]

    def middle_of_topic(self) -> str:
        """Three letters from the middle of a topic's name."""
        while True:
            name = self.any_topic()
            if len(name) > 5:
                place = self.chance.randrange(2, len(name) - 3)
                return name[place : place + 3]

    def provider(self) -> str:
        """A provider by how many stories it has."""
        return self.archive.providers.draw(self.chance, 1)[0]

    def _word(self, first: int, end: int | None) -> str:
        while True:
            word = self._ranked(self.archive.words.items, first, end)
            if word.isalpha() and len(word) > 2:
                return word

    def _topic(self, first: int, end: int | None) -> str:
        return self._ranked(self.archive.topics.items, first, end)

    def _ranked(self, items: Sequence[str], first: int, end: int | None) -> str:
        """One of the items with these ranks; each is as likely as the others."""
        last = len(items) if end is None else min(end, len(items))
        return items[self.chance.randrange(min(first, last - 1), last)]
