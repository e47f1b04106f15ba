"""What a person may have meant whose words are in no story. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from math import log10

import regex
from rapidfuzz import process
from rapidfuzz.distance import OSA

from storage.search.folding import fold
from storage.search.query import LONGEST_QUERY, MOST_WORDS
from storage.search.stemming import stem
from storage.search.words import chunks, normalise_with_positions

# The number of mistakes that are made in words of at least this length. In a shorter one, another
# letter makes another word.
_MISTAKES = ((6, 2), (3, 1))
# Two words that were typed as one have at least this length each.
_SHORTEST_PART = 2
# What counts besides mistakes, in mistakes: people seldom mistype the first letter, and a word that
# is ten times as frequent is more likely by a tenth of a mistake.
_OTHER_FIRST_LETTER = 0.5
_TENFOLD = 0.1
# Of very many words that are equally near, the most frequent ones are compared.
_COMPARED = 50
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_EXCLUDING = regex.compile(r"(?<!\S)[-−–‐‑]+$")


class Vocabulary:
    """The words that stories have, folded (`terms.words_of`), with the number of stories of each.

    It is built once for many corrections: 50,000 words take a tenth of a second.
    """

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self._frequencies = {
            word: number for word, number in frequencies.items() if _WORD.fullmatch(word)
        }
        self._stems = {stem(word, "") for word in self._frequencies}
        self._by_length = defaultdict[int, list[str]](list)
        for word in sorted(self._frequencies, key=self._frequencies.__getitem__, reverse=True):
            self._by_length[len(word)].append(word)

    def knows(self, word: str) -> bool:
        """Whether a folded word, or another form of it, is in a story."""
        return word in self._frequencies or stem(word, "") in self._stems

    def correct(self, text: str) -> str | None:
        """What was typed, with the nearest known words instead of unknown ones.

        Other words, signs and exclusions stay as they are. None if nothing can be corrected.
        """
        normalised, positions = normalise_with_positions(text[:LONGEST_QUERY])
        changes = list(self._changes(normalised))
        for start, end, word in reversed(changes):
            text = f"{text[: positions[start]]}{word}{text[positions[end] :]}"
        return text if changes else None

    def nearest(self, word: str, limit: int = 5) -> Sequence[str]:
        """Known words for a folded word, the most likely first."""
        most = next((mistakes for length, mistakes in _MISTAKES if len(word) >= length), 0)
        if not most or not _WORD.fullmatch(word):
            return ()
        near = [
            (found, distance)
            for length in range(len(word) - most, len(word) + most + 1)
            for found, distance, _ in process.extract(
                word,
                self._by_length.get(length, ()),
                scorer=OSA.distance,
                score_cutoff=most,
                limit=_COMPARED,
            )
        ]
        near.sort(key=lambda pair: (self._cost(word, *pair), pair[0]))
        return tuple(found for found, _ in near[:limit])

    def _cost(self, word: str, found: str, distance: float) -> float:
        first = _OTHER_FIRST_LETTER if found[0] != word[0] else 0
        return distance + first - _TENFOLD * log10(max(1, self._frequencies[found]))

    def _changes(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What to replace in a normalised text: from, to, and by what."""
        typed = list(islice(_typed_words(text), MOST_WORDS))
        unknown = {word for word, _, _ in typed if not self.knows(word)}
        following = [*typed, ("", len(text), len(text))][1:]
        joined = False
        for (word, start, end), (second, begin, last) in zip(typed, following, strict=True):
            if joined:
                joined = False
            elif text[end:begin].isspace() and self._is_one_word(word, second, unknown):
                joined = True
                yield start, last, word + second
            elif word in unknown and (replacement := self._replacement(word)):
                yield start, end, replacement

    def _is_one_word(self, first: str, second: str, unknown: AbstractSet[str]) -> bool:
        """Whether "chat gpt" is known as one word, and no other word has to be corrected."""
        return first + second in self._frequencies and (
            not unknown or first in unknown or second in unknown
        )

    def _replacement(self, word: str) -> str | None:
        near = next(iter(self.nearest(word, 1)), None)
        if near and OSA.distance(word, near) == 1:
            return near
        places = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
        parts = [(word[:place], word[place:]) for place in places]
        known = [pair for pair in parts if all(part in self._frequencies for part in pair)]
        if known:
            return " ".join(
                max(known, key=lambda pair: min(map(self._frequencies.__getitem__, pair)))
            )
        return near


def _typed_words(text: str) -> Iterator[tuple[str, int, int]]:
    """The words that can have a typo, folded, and where they are: not those to exclude."""
    for chunk in chunks(text):
        if chunk.paired or _EXCLUDING.search(text, 0, chunk.start):
            continue
        for piece in chunk.word.pieces:
            start, end = chunk.start + piece.start, chunk.start + piece.end
            if text[start:end] == piece.text and _WORD.fullmatch(piece.text):
                yield fold(piece.text), start, end
