"""Where a text matches a query, to show it in bold. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from unicodedata import category

from storage.search.query import Alternative, Query
from storage.search.stemming import language_of
from storage.search.terms import form_of, other_stems, stem_of
from storage.search.words import Chunk, Piece, chunks, is_unspaced, normalise_with_positions

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Place:
    """The tokens of a piece of a text, and where it is. `paired`: it is a pair of characters."""

    tokens: tuple[str, ...]
    start: int
    end: int
    paired: bool


def spans(text: str, query: Query, language: str | None = None) -> Sequence[Span]:
    """The parts of a text that match a required clause, in order; none touches another.

    The text is in `language`, as for `index_text`.
    """
    normalised, positions = normalise_with_positions(text)
    wanted = _Wanted.of(each for clause in query.required for each in clause.alternatives)
    found = (span for row in _rows(normalised, language_of(language)) for span in wanted.find(row))
    return _merged(
        (positions[start], _end_of_mark(text, positions[end])) for start, end in sorted(found)
    )


def best_window(text: str, found: Sequence[Span], length: int) -> Span:
    """The part of a text, not longer than `length`, that has the most of the spans.

    The first such part; it begins and ends between words.
    """
    if len(text) <= length:
        return 0, len(text)
    first, last = _densest(found, length)
    context = max(0, length - (last - first)) // 2
    # The beginning of a text explains most.
    start = 0 if last <= length else min(first - context, len(text) - length)
    end = start + length
    return _word_start(text, start, first), _word_end(text, end, min(last, end))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Alternatives by their first token, and beginnings of single words."""

    by_first: Mapping[str, Sequence[Alternative]]
    prefixes: tuple[str, ...]

    @classmethod
    def of(cls, alternatives: Iterable[Alternative]) -> "_Wanted":
        by_first = defaultdict[str, list[Alternative]](list)
        prefixes = set[str]()
        for each in alternatives:
            if len(each.tokens) == 1 and each.prefix:
                prefixes.add(each.tokens[0])
            else:
                by_first[each.tokens[0]].append(each)
        return cls(by_first, tuple(sorted(prefixes, key=len, reverse=True)))

    def find(self, row: Sequence[_Place]) -> Iterator[Span]:
        for number, place in enumerate(row):
            for token in place.tokens:
                if token.startswith(self.prefixes):
                    yield place.start, _end(place, token, self.prefixes)
                for each in self.by_first.get(token, ()):
                    if last := _follow(row, number, each):
                        yield place.start, last


def _follow(row: Sequence[_Place], number: int, wanted: Alternative) -> int | None:
    """Where the tokens end that begin at this place of the row; None if others follow."""
    places = row[number : number + len(wanted.tokens)]
    if len(places) < len(wanted.tokens):
        return None
    *complete, last = zip(wanted.tokens, places, strict=True)
    if not all(token in place.tokens for token, place in complete):
        return None
    token, place = last
    if token in place.tokens:
        return place.end
    if wanted.prefix and any(each.startswith(token) for each in place.tokens):
        return _end(place, token, (token,))
    return None


def _end(place: _Place, token: str, prefixes: tuple[str, ...]) -> int:
    """Where a match of a prefix ends: after the word, or after the characters of a pair."""
    if not place.paired:
        return place.end
    return place.start + next(len(each) for each in prefixes if token.startswith(each))


def _rows(text: str, language: str) -> Iterator[Sequence[_Place]]:
    """The pieces of the text in order, and the other spellings of each word."""
    pieces = list[_Place]()
    for chunk in chunks(text):
        word = chunk.word
        pieces += _row(word.pieces, chunk, language)
        for spelling in word.spellings:
            yield _row(spelling, chunk, language)
        for piece in word.broader:
            yield _row((piece,), chunk, language)
    yield pieces


def _row(pieces: Sequence[Piece], chunk: Chunk, language: str) -> list[_Place]:
    return [
        _Place(
            tuple(
                {
                    stem_of(piece, language): None,
                    form_of(piece): None,
                    **dict.fromkeys(other_stems(piece, language)),
                }
            ),
            chunk.start + piece.start,
            chunk.start + piece.end,
            chunk.paired,
        )
        for piece in pieces
    ]


def _merged(found: Iterable[Span]) -> Sequence[Span]:
    merged = list[Span]()
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif start < end:
            merged.append((start, end))
    return merged


def _end_of_mark(text: str, end: int) -> int:
    """After the vowels and accents that belong to the last letter."""
    while end < len(text) and category(text[end]).startswith("M"):
        end += 1
    return end


def _densest(found: Sequence[Span], length: int) -> Span:
    """From the first to the last of the most spans that have room; empty without any."""
    best, most = (0, 0), 0
    for number, (start, _) in enumerate(found):
        ends = [end for _, end in found[number:] if end <= start + length]
        if len(ends) > most:
            best, most = (start, ends[-1]), len(ends)
    if not most and found:
        return found[0][0], found[0][0] + length
    return best


def _word_start(text: str, start: int, latest: int) -> int:
    """The next beginning of a word, if a word begins before `latest`."""
    if start == 0 or text[start - 1].isspace():
        return start
    for place in range(start, latest):
        if text[place].isspace():
            return place + 1
    return _end_of_mark(text, start) if is_unspaced(text[start]) else latest


def _word_end(text: str, end: int, earliest: int) -> int:
    """The last end of a word, if one ends after `earliest`."""
    if end == len(text) or text[end].isspace():
        return end
    for place in range(end - 1, earliest - 1, -1):
        if text[place].isspace():
            return place
    return end if is_unspaced(text[end]) else max(earliest, 0) or end
