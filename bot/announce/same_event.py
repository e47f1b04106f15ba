"""Decide whether two stories are about the same event; docs/decisions/0007-same-story.md. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise, product
from math import sqrt

from rapidfuzz.distance import OSA

from bot.announce.event_terms import EventText, TermFrequencies
from bot.announce.headline_cues import Cue, headline_cues

# Stories further apart are about different events, whatever their texts.
MAX_TIME_APART = timedelta(hours=72)
# The lowest similarity (0 to 3) of two stories about the same event; `make bench-clusters` measures
# it. While the archive is too small to show which words are rare, more is needed.
MIN_SIMILARITY = 0.86
COLD_EXTRA, COLD_TEXTS = 0.35, 30
# How much less is enough if one story lists the other as related coverage.
LISTED_BONUS = 0.06
# Titles that share this part of their words and differ in others are of one form ("X fines Y").
FORM_SHARE = 0.6
# Shorter equal titles ("Photo of the day") name a series, unless the excerpts are similar, too.
# Wide characters, such as Japanese, count twice.
MIN_TITLE_LENGTH = 20
SIMILAR_EXCERPTS = 0.5
# A shorter word with one different letter is usually another word (won, win), not a misspelling.
MIN_MISSPELT_LENGTH = 4
# Two amounts of money in this proportion may be one amount, rounded differently.
ROUNDED = 0.75
# Fewer shared words ("beats estimates") are no evidence.
MIN_SHARED = 3
# Shorter words in lower case are not named as evidence.
SHORT_WORD = 3
# The most words that the evidence names.
MAX_EVIDENCE = 4

_AMOUNT = re.compile(
    r"[$\u20ac\u00a3\u00a5]\s?(\d+(?:[.,]\d+)*)[\s-]?(k|mn?|bn?|tn|million|billion|trillion)?\b",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[.,](?=\d{3}(?!\d))")
_UNITS = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
# Words that a headline in title case writes in lower case.
_SMALL_WORDS = frozenset(
    {"a", "an", "the", "of", "in", "on", "at", "to", "for", "and", "or", "by", "as", "is", "it"}
    | {"be", "are", "with", "from", "over", "after", "its", "vs", "via", "into", "but", "nor"}
    | {"up", "off", "than", "that"}
)


@dataclass(frozen=True)
class Headline:
    """What is compared of a story."""

    title: str
    excerpt: str

    @cached_property
    def text(self) -> EventText:
        """The terms of title and excerpt."""
        return EventText.of(self.title, self.excerpt)

    @cached_property
    def cues(self) -> frozenset[Cue]:
        """How the title relates to its event."""
        return frozenset(headline_cues(self.title))

    @cached_property
    def names(self) -> frozenset[str]:
        """The terms of the title that may be names: those with a capital or no letter case.

        In a headline where every word has a capital, only the first word, acronyms, and words that
        the excerpt capitalises, too.
        """
        text = self.text
        capital = text.capital - text.numbers
        in_title_case = not any(
            word[0].islower() and word not in _SMALL_WORDS for word in text.words
        )
        if not in_title_case:
            return capital
        acronyms = {
            term
            for word, term in zip(text.words, text.terms, strict=True)
            if len(word) > 1 and word.isupper()
        }
        confirmed = text.capital_in_excerpt | acronyms | text.caseless | {text.terms[0]}
        return (capital & confirmed) - text.lower

    @cached_property
    def amount(self) -> float | None:
        """The greatest amount of money in the title."""
        amounts = []
        for digits, unit in _AMOUNT.findall(self.title):
            number = _GROUPED.sub("", digits).replace(",", ".")
            if number.count(".") <= 1:
                amounts.append(float(number) * _UNITS.get(unit[:1].lower(), 1))
        return max(amounts, default=None)

    @cached_property
    def length(self) -> int:
        """The number of characters of the title; East Asian wide ones count twice."""
        return len(self.title) + sum(
            unicodedata.east_asian_width(letter) in "WF" for letter in self.title
        )


def find_evidence(
    one: Headline, other: Headline, frequencies: TermFrequencies, *, listed: bool = False
) -> tuple[str, ...]:
    """The words that show that two stories are about the same event; none if they are not.

    The rarest come first, as `one` writes them. `listed`: one story lists the other as related.
    """
    if not one.text.title or not other.text.title:
        return ()
    comparison = Comparison(one, other, frequencies)
    if comparison.similarity < minimum_similarity(frequencies, listed=listed):
        return ()
    return () if comparison.differs else comparison.evidence


def minimum_similarity(frequencies: TermFrequencies, *, listed: bool) -> float:
    """The lowest similarity of stories about the same event in an archive of this size."""
    cold = COLD_EXTRA * COLD_TEXTS / (COLD_TEXTS + frequencies.texts)
    return MIN_SIMILARITY + cold - LISTED_BONUS * listed


class Comparison:
    """Two headlines, and the terms of each title that the other story does not contain."""

    def __init__(self, one: Headline, other: Headline, frequencies: TermFrequencies) -> None:
        self._one, self._other = one, other
        self._frequencies = frequencies
        only = one.text.title - other.text.all
        others = other.text.title - one.text.all
        misspelt = {pair for pair in product(only, others) if _is_misspelt(*pair)}
        self._only = only - {pair[0] for pair in misspelt}
        self._others = others - {pair[1] for pair in misspelt}

    @property
    def similarity(self) -> float:
        """From 0 to 3: of the titles, of the whole texts, and how much of each title is shared."""
        one, other = self._one.text, self._other.text
        covered = min(
            1 - self._sum(self._only) / self._sum(one.title),
            1 - self._sum(self._others) / self._sum(other.title),
        )
        return self._cosine(one.title, other.title) + self._cosine(one.all, other.all) + covered

    @property
    def differs(self) -> bool:
        """Whether the stories are about different events, however similar their words are."""
        return (
            len(self._one.text.title & self._other.text.title) < MIN_SHARED
            or self._one.cues != self._other.cues
            or Cue.ROUND_UP in self._one.cues
            or self._has_other_numbers
            or self._is_variant
            or self._has_other_names
            or self._has_one_form
            or self._is_series
        )

    @property
    def evidence(self) -> tuple[str, ...]:
        """The rarest shared words of the titles, as the first title writes them."""
        text = self._one.text
        written = dict(zip(reversed(text.terms), reversed(text.words), strict=True))
        shared = sorted(
            (term for term in text.title & self._other.text.all if _is_informative(written[term])),
            key=lambda term: (-self._weight(term), text.terms.index(term)),
        )
        return tuple(written[term] for term in shared[:MAX_EVIDENCE])

    @property
    def _has_other_numbers(self) -> bool:
        """Whether each title has a number that the other story lacks, such as a version.

        Where all other words are equal, one title with a number is enough.
        """
        amount, other = self._one.amount, self._other.amount
        if amount and other and min(amount, other) >= ROUNDED * max(amount, other):
            return False
        numbers, others = (
            self._only & self._one.text.numbers,
            self._others & self._other.text.numbers,
        )
        if numbers == self._only and others == self._others:
            return bool(numbers or others)
        return bool(numbers and others)

    @property
    def _is_variant(self) -> bool:
        """Whether a number is followed by a name in one title only: "Tarn 3" and "Tarn 3 Mini"."""
        sides = ((self._one, self._only), (self._other, self._others))
        return any(
            first in side.text.numbers and first not in only and second in only & side.names
            for side, only in sides
            for first, second in pairwise(side.text.terms)
        )

    @property
    def _has_other_names(self) -> bool:
        """Whether each title has a name that the other story lacks."""
        common = self._frequencies.is_common_word
        return any(not common(term) for term in self._only & self._one.names) and any(
            not common(term) for term in self._others & self._other.names
        )

    @property
    def _has_one_form(self) -> bool:
        """Whether one title is the other one with some words replaced."""
        # In a fixed order, as the matcher's result depends on it.
        (one, only), (other, others) = sorted(
            [(self._one.text.terms, self._only), (self._other.text.terms, self._others)],
            key=lambda side: side[0],
        )
        matcher = SequenceMatcher(None, one, other, autojunk=False)
        shared = sum(block.size for block in matcher.get_matching_blocks())
        return shared >= FORM_SHARE * max(len(one), len(other)) and any(
            not only.isdisjoint(one[first:last]) and not others.isdisjoint(other[start:end])
            for _, first, last, start, end in matcher.get_opcodes()
        )

    @property
    def _is_series(self) -> bool:
        """Whether a short title repeats over different texts."""
        if min(self._one.length, self._other.length) >= MIN_TITLE_LENGTH:
            return False
        excerpts = self._cosine(self._one.text.excerpt, self._other.text.excerpt)
        return excerpts < SIMILAR_EXCERPTS

    def _weight(self, term: str) -> float:
        return self._frequencies.weight(term)

    def _sum(self, terms: frozenset[str]) -> float:
        return sum(map(self._weight, terms))

    def _cosine(self, one: frozenset[str], other: frozenset[str]) -> float:
        product = self._squares(one) * self._squares(other)
        return self._squares(one & other) / sqrt(product) if product else 0.0

    def _squares(self, terms: frozenset[str]) -> float:
        return sum(self._weight(term) ** 2 for term in terms)


def _is_informative(word: str) -> bool:
    """Whether a word alone says something: not "of" and "to", whatever the archive contains."""
    return len(word) > SHORT_WORD or not word.islower()


def _is_misspelt(one: str, other: str) -> bool:
    """Whether words differ by one letter or by two swapped letters, but not in the first letter."""
    return (
        min(len(one), len(other)) >= MIN_MISSPELT_LENGTH
        and one[0] == other[0]
        and not one[0].isdigit()
        and OSA.distance(one, other, score_cutoff=1) <= 1
    )
