"""Prepare texts for a search index: which tokens a text has. Pure.

All adapters index what `index_text` returns, and look for what `storage.search.query` returns.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias

from storage.search.folding import fold
from storage.search.stemming import STEMMER_VERSION, language_of, stem
from storage.search.words import LONGEST_WORD, Piece, chunks, normalise, pairs_of

# An index that was built by another version has to be built again.
VERSION = f"5 (Snowball {STEMMER_VERSION})"

# Stands between parts of a text that don't follow each other, so that no phrase reaches across.
# No text has it as a word.
GAP = "¦"

# Punctuation around words that belongs to none.
_AROUND = ',;:!?()[]"“”„«»…'
_HEBREW_PREFIX = re.compile("[הובכלמש][א-ת]{3}")


def index_text(text: str, language: str | None = None, *, forms: bool = False) -> str:
    """The tokens of a text, separated by single spaces.

    A token consists of ASCII letters and digits, and of characters beyond ASCII. First come the
    stems of the words, in the order of the text, then, after `GAP`, their other spellings, if any.
    `forms` adds between them, after another gap, the words as they are written, by whose beginnings
    a title is found while somebody types; but not if all that would be the same as the stems.
    `language` is a code such as `de` or `pt-br`; the rules of English apply to languages that are
    unknown.
    """
    words = list(map(_known_words(language_of(language)).__getitem__, normalise(text).split()))
    stems = " ".join(filter(None, map(_STEMS, words)))
    written = " ".join(filter(None, map(_FORMS, words))) if forms else ""
    others = list[str]()
    for _, _, spellings, spelled_forms in filter(_SPELLINGS, words):
        others += spellings
        others += spelled_forms if forms else ()
    extra = " ".join(dict.fromkeys(others))
    parts = (stems, written if extra or written != stems else "", extra)
    return f" {GAP} ".join([part for part in parts if part])


def written_text(prepared: str) -> str:
    """The words as they are written of a text that was prepared with its forms."""
    stems, *others = prepared.split(f" {GAP} ", 2)
    return others[0] if others else stems


def words_of(text: str) -> Iterator[str]:
    """The words of a text as people type them, folded; for suggestions."""
    for chunk in chunks(normalise(text)):
        if not chunk.paired:
            for piece in chunk.word.pieces:
                yield form_of(piece)


def form_of(piece: Piece) -> str:
    """The token of a piece as it is written."""
    return fold(piece.text)[:LONGEST_WORD]


def stem_of(piece: Piece, language: str) -> str:
    """The token of a piece, without its ending."""
    return form_of(piece) if piece.fixed else stem(piece.text[:LONGEST_WORD], language)


def other_stems(piece: Piece, language: str) -> Iterator[str]:
    """Tokens by which a piece is found, too.

    Without its accents, a word may have another stem: informação, informacao. In Hebrew, "to", "in"
    and "the" are the first letter of a word.
    """
    if piece.text.isascii():
        return
    form = form_of(piece)
    bare = stem_of(replace(piece, text=form), language)
    if bare != stem_of(piece, language):
        yield bare
    if _HEBREW_PREFIX.match(form):
        yield form[1:]


# The tokens of a word: its stems and its forms, separated by spaces, and the stems and the forms
# that are not in its place. The garbage collector would look at named tuples again and again.
_Tokens: TypeAlias = tuple[str, str, tuple[str, ...], tuple[str, ...]]
_STEMS, _FORMS, _SPELLINGS = itemgetter(0), itemgetter(1), itemgetter(2)
_MOST_KNOWN = 40_000


class _KnownWords(dict[str, _Tokens]):
    """The tokens of words, of which the same come again and again, by their texts."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, raw: str) -> _Tokens:
        tokens = _tokens(raw, self._language)
        # Long ones are sentences without spaces.
        if len(raw) <= LONGEST_WORD:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[raw] = tokens
        return tokens


# Each takes some 15 MB once it is full; few archives have more languages.
@lru_cache(maxsize=4)
def _known_words(language: str) -> _KnownWords:
    return _KnownWords(language)


def _tokens(raw: str, language: str) -> _Tokens:
    """The tokens of a text without spaces."""
    typed = raw.strip(_AROUND).rstrip(".")
    plain = len(typed) <= LONGEST_WORD and typed.isascii() and typed.isalpha()
    if plain and (typed.islower() or typed.istitle()):
        # Almost all words are like this; below, they get the same in five times the time.
        return stem(typed, language), typed.lower(), (), ()
    stems, forms = list[str](), list[str]()
    spellings, spelled_forms = list[str](), list[str]()
    for chunk in chunks(typed):
        if chunk.paired:
            pairs = pairs_of(chunk.text)
            stems += pairs
            forms += pairs
            continue
        word = chunk.word
        others = [piece for each in (*word.spellings, word.broader) for piece in each]
        stems += (stem_of(piece, language) for piece in word.pieces)
        forms += (form_of(piece) for piece in word.pieces)
        spellings += (each for piece in word.pieces for each in other_stems(piece, language))
        spellings += (stem_of(piece, language) for piece in others)
        spelled_forms += (form_of(piece) for piece in others)
    return " ".join(stems), " ".join(forms), tuple(spellings), tuple(spelled_forms)
