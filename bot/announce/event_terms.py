"""The terms of a news text, which are compared to find stories about the same event. Pure.

A term is the beginning of a word ("acquires" and "acquisition" have the term "acqui"), a number, or
two neighbouring characters of a script that writes no spaces.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import log

from bot.announce.tokenize import UNSPACED

# Words are compared by their beginning, because their endings change.
TERM_LENGTH = 5

# Scripts without spaces, and Korean, which adds endings to its short words.
_PAIRED = re.compile(f"([{UNSPACED}\uac00-\ud7a3]+)")
_APOSTROPHE = re.compile(r"(?<=\w)['\u2019\u02bc](?:s\b)?", re.IGNORECASE)  # don't, Portland's
_ELISION = re.compile(r"(?<!\w)([^\W\d_]{1,2})['\u2019\u02bc](?=\w)")  # l'Isère, d'une
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")  # U.S., A.I.
_GROUPED = re.compile(r"(?<=\d)[.,'\u2019\u00a0\u202f](?=\d{3}(?!\d))")  # 24,000
_FRACTION = re.compile(r"(?<=\d)[.,](?=\d)")  # 2.1
# The marks of Latin, Hebrew, Arabic and Indian scripts belong to the letter before.
_MARKS = (
    r"\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963"
    r"\u0980-\u0dff"
)
_WORD = re.compile(rf"\d+(?:\u00b7\d+)*|[^\W\d_](?:[^\W\d_]|[{_MARKS}])*")
_ROMAN = re.compile(r"[IVX]+")


@dataclass(frozen=True)
class EventText:
    """The terms of a title and an excerpt.

    - `words`: the words of the title in order, as written; `terms`: the term of each.
    - `title`, `excerpt`, `all`: the different terms of the title, of the excerpt, and of both.
    - `numbers`: the terms of the title that are numbers, Roman ones included.
    - `capital`: the terms of the title that begin with a capital letter or have no letter case.
    - `caseless`: those that have none.
    - `capital_in_excerpt`: the terms of the excerpt that begin with a capital letter.
    - `lower`: the terms of both that occur with a small first letter.
    """

    words: tuple[str, ...]
    terms: tuple[str, ...]
    title: frozenset[str]
    excerpt: frozenset[str]
    numbers: frozenset[str]
    capital: frozenset[str]
    caseless: frozenset[str]
    capital_in_excerpt: frozenset[str]
    lower: frozenset[str]

    @classmethod
    def of(cls, title: str, excerpt: str) -> "EventText":
        """Take a title and an excerpt apart."""
        words = tuple(_words(title))
        below = list(_words(excerpt))
        terms = tuple(map(_term, words))
        return cls(
            words=words,
            terms=terms,
            title=frozenset(terms),
            excerpt=frozenset(map(_term, below)),
            numbers=frozenset(
                _term(word) for word in words if word[0].isdigit() or _ROMAN.fullmatch(word)
            ),
            capital=frozenset(_term(word) for word in words if not word[0].islower()),
            caseless=frozenset(_term(word) for word in words if not _has_case(word)),
            capital_in_excerpt=frozenset(_term(word) for word in below if not word[0].islower()),
            lower=frozenset(_term(word) for word in (*words, *below) if word[0].islower()),
        )

    @cached_property
    def all(self) -> frozenset[str]:
        """The different terms of title and excerpt."""
        return self.title | self.excerpt


class TermFrequencies:
    """In how many texts of the archive each term occurs, from which its weight follows."""

    # A small archive can't show which words are rare: it counts as if it had more texts.
    ASSUMED_TEXTS = 100
    # If this share of its texts writes a word with a small first letter, it is not a name.
    COMMON_SHARE = 0.2

    def __init__(self, texts: Iterable[EventText] = ()) -> None:
        self.texts = 0
        """The number of texts."""
        self._containing = Counter[str]()
        self._in_lower_case = Counter[str]()
        self._weights: dict[str, float] = {}
        for text in texts:
            self.texts += 1
            self._containing.update(text.all)
            self._in_lower_case.update(text.lower)

    def weight(self, term: str) -> float:
        """The inverse document frequency of a term: the rarer, the greater."""
        known = self._weights.get(term)
        if known is None:
            texts = self.texts + self.ASSUMED_TEXTS
            known = self._weights[term] = log(texts / (self._containing[term] + 1))
        return known

    def is_common_word(self, term: str) -> bool:
        """Whether the archive writes the word in lower case, so that a capital means nothing."""
        return self._in_lower_case[term] >= max(2, self.COMMON_SHARE * self._containing[term])


def _words(text: str) -> Iterator[str]:
    """The words of a text as written; numbers without separators; pairs of unspaced characters."""
    text = _ELISION.sub(r"\1 ", unicodedata.normalize("NFKC", text))
    text = _APOSTROPHE.sub("", text)
    text = _FRACTION.sub("\u00b7", _GROUPED.sub("", text))
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    for word in _WORD.findall(text):
        for part in _PAIRED.split(word):
            if len(part) > 1 and _PAIRED.fullmatch(part):
                yield from (part[start : start + 2] for start in range(len(part) - 1))
            elif part:
                yield part


def _has_case(word: str) -> bool:
    return word[0].islower() or word[0].isupper()


def _term(word: str) -> str:
    return word if word[0].isdigit() else word.casefold()[:TERM_LENGTH]
