"""What a person looks for: words, phrases, exclusions and beginnings of words. Pure.

Nothing that is typed is an error: signs that mean nothing here are ignored.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import regex

from storage.search.common_words import COMMON_WORDS, NEWS_WORDS
from storage.search.folding import fold
from storage.search.stemming import LANGUAGES
from storage.search.terms import form_of, stem_of
from storage.search.words import Chunk, Piece, chunks, normalise, split_initials

# Of a longer query, these are looked for; of each clause, so many tokens.
LONGEST_QUERY = 1000
MOST_WORDS = 16
_MOST_TOKENS = 40
_LEAST_WORDS = COMMON_WORDS | NEWS_WORDS

# Quotation marks that open a phrase anywhere, those that open one unless they follow a word, and
# all that close one. https://www.unicode.org/charts/PDF/U2000.pdf
_OPENING, _EITHER = "“„‟«‹「『《〈", '"”»'
_CLOSING = _OPENING + _EITHER + "›」』》〉"
_QUOTED = rf"(?:[{_OPENING}]|(?<![\p{{L}}\p{{N}}])[{_EITHER}])([^{_CLOSING}]*)[{_CLOSING}]"
_QUOTES = regex.compile(rf"(?P<minus>(?<!\S)[-−–‐‑]+)?{_QUOTED}")
# A minus before a word excludes it; inside a word, or alone, it does not.
_MINUS = regex.compile(r"^[-−–‐‑]+(?=[@#$.]?[\p{L}\p{N}])")
# Particles between words of Japanese that are not written in hiragana themselves.
_PARTICLE = regex.compile(
    r"(?<=[\u30a1-\u30ff\u3400-\u9fff])[のはがをにでともやへ](?=[\u30a1-\u30ff\u3400-\u9fff])"
)
_TYPED = regex.compile(r"\S+")
# A word that ends with one of these signs may go on: `node.`
_UNFINISHED = regex.compile(r"[-.'’&_]*")
# The long vowel at the end of a word from another language is often left out.
_KATAKANA_WORD = regex.compile(r".*[\u30a1-\u30ff]{3}ー")
# Korean particles at the end of a word.
_KOREAN_WORD = regex.compile(r"[\uac00-\ud7a3]{2,}[은는이가을를의에로와과도만]")
# Words of at least two words of two syllables.
_SYLLABLES = regex.compile(r"[\u4e00-\u9fff]{4,}|[\uac00-\ud7a3]{4,}")
# Where a word may be written as two: Open AI, iPhone 15.
_SEAMS = (
    regex.compile(r"(?<=\p{Ll})(?=\p{Lu})"),
    regex.compile(r"(?<=\p{L}\p{L})(?=\d)"),
)
_SCHEME = regex.compile(r"(?<!\w)[A-Za-z][A-Za-z0-9+.-]*://(?=\w)")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Tokens that follow each other in a text.

    `prefix`: a token of the text may be longer than the last one. `guessed`: because the person may
    not have finished the word.
    """

    tokens: tuple[str, ...]
    prefix: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A word or a phrase, which is found by any of its alternatives.

    `text` is what was typed, and `form` are its tokens as they are written, without stemming. Long
    Chinese and Korean words have `parts`, which a text may have elsewhere.
    """

    text: str
    alternatives: tuple[Alternative, ...]
    form: tuple[str, ...] = ()
    parts: "tuple[Clause, ...]" = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What a story must have, all of it, and what it must not have.

    `phrase` is a clause for all of the words in their order, None if there is only one.
    """

    required: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    phrase: Clause | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it looks for nothing: it has no words, or only words to exclude."""
        return not self.required

    def as_typed(self) -> "Query":
        """The query for complete words, unless a prefix was typed: `meta` is not "metal"."""
        phrase = self.phrase and _complete(self.phrase)
        return Query(tuple(map(_complete, self.required)), self.excluded, phrase)

    def weaker(self) -> "Query":
        """The query with fewer demands, for when it finds nothing; the same if it has too few.

        First without common words, as for "what happened to Example"; then without "happened", too;
        then with the parts of long Chinese and Korean words.
        """
        parts = [part for clause in self.required for part in clause.parts or (clause,)]
        for kept in (
            [clause for clause in self.required if not _is_among(COMMON_WORDS, clause)],
            [clause for clause in self.required if not _is_among(_LEAST_WORDS, clause)],
            parts,
        ):
            if kept and len(kept) != len(self.required):
                return replace(self, required=tuple(kept))
        return self

    def without_common_words(self) -> "Query":
        """The query for the words that say something, if there are any."""
        kept = [clause for clause in self.required if not _is_among(_LEAST_WORDS, clause)]
        return replace(self, required=tuple(kept) or self.required)


def _is_among(words: AbstractSet[str], clause: Clause) -> bool:
    """Whether a word has only pieces like these; a phrase is never left out."""
    return " " not in clause.text and all(piece in words for piece in clause.form)


def _complete(clause: Clause) -> Clause:
    kept = tuple(each for each in clause.alternatives if not each.guessed)
    return replace(clause, alternatives=kept)


def parse(text: str, languages: Iterable[str] = LANGUAGES) -> Query:
    """What a person looks for.

    `"a phrase"`, in any quotation marks; `-word` and `-"a phrase"` exclude; `begin*` finds words
    that begin like this. The last word may be the beginning of a word, too, unless it is a single
    ASCII letter or digit, or something follows it. At most `MOST_WORDS` words and `LONGEST_QUERY`
    characters count.

    The language of the person is unknown, so each word has a stem in each of the `languages`: those
    of the texts in the index, in which every other language counts as English.
    """
    parts = list(_first_words(_parts(_SCHEME.sub("", normalise(text[:LONGEST_QUERY])))))
    codes = ("", *sorted(languages))
    required = _clauses((part for part in parts if not part.excluded), codes)
    excluded = _clauses((part for part in parts if part.excluded), codes)
    wanted = [part for part in parts if not part.excluded]
    if len(required) < 2:  # noqa: PLR2004 - a phrase has two words or more
        return Query(required, excluded)
    sequence = tuple(chunk for part in wanted for chunk in part.chunks)
    return Query(required, excluded, _clause(replace(wanted[-1], chunks=sequence), codes))


@dataclass(frozen=True, slots=True)
class _Part:
    """A word that was typed, or several in quotation marks."""

    chunks: tuple[Chunk, ...]
    quoted: bool = False
    excluded: bool = False
    prefix: bool = False
    unfinished: bool = False


def _parts(text: str) -> Iterator[_Part]:
    place = 0
    for quoted in _QUOTES.finditer(text):
        yield from _words(text[place : quoted.start()])
        if phrase := tuple(chunks(quoted[2])):
            yield _Part(phrase, quoted=True, excluded=bool(quoted["minus"]))
        place = quoted.end()
    yield from _words(text[place:], is_end=True)


def _words(text: str, *, is_end: bool = False) -> Iterator[_Part]:
    for typed in _TYPED.finditer(text):
        word = _MINUS.sub("", typed[0])
        for chunk in chunks(word):
            rest = word[chunk.end :]
            is_last = is_end and typed.end() == len(text) and bool(_UNFINISHED.fullmatch(rest))
            excluded = word != typed[0]
            yield _Part(
                (chunk,),
                excluded=excluded,
                prefix=rest.startswith("*"),
                unfinished=is_last and not excluded,
            )


def _first_words(parts: Iterable[_Part]) -> Iterator[_Part]:
    left = MOST_WORDS
    for part in parts:
        if left > 0:
            yield replace(part, chunks=part.chunks[:left])
        left -= len(part.chunks)


def _clauses(parts: Iterable[_Part], languages: Sequence[str]) -> tuple[Clause, ...]:
    words = (word for part in parts for word in _split_at_particles(part))
    clauses = (_clause(word, languages) for word in words)
    different = dict[str, Clause]()
    for clause in clauses:
        different.setdefault(clause.text, clause)
    return tuple(different.values())


def _split_at_particles(part: _Part) -> Iterator[_Part]:
    """The words of a Japanese question, which are seldom in the same order in a text."""
    first = part.chunks[0]
    if len(part.chunks) == 1 and first.paired and not (part.quoted or part.excluded):
        for run in _PARTICLE.split(first.text):
            yield replace(part, chunks=(replace(first, text=run),))
    else:
        yield part


def _clause(part: _Part, languages: Sequence[str]) -> Clause:
    first = part.chunks[0]
    if len(part.chunks) == 1 and first.paired:
        alternatives = _of_run(first)
    elif len(part.chunks) == 1:
        spelled = (_pieces(part.chunks), *first.word.spellings, *_split(first))
        alternatives = [each for pieces in spelled for each in _of(pieces, part, languages)]
    else:
        alternatives = list(_of(_pieces(part.chunks), part, languages))
    text = fold(" ".join(chunk.text for chunk in part.chunks))
    form = tuple(form_of(piece) for piece in _pieces(part.chunks))
    return Clause(text, tuple(dict.fromkeys(alternatives)), form, _parts_of(part))


def _parts_of(part: _Part) -> tuple[Clause, ...]:
    """The words of two syllables that a longer Chinese or Korean one may consist of."""
    run = part.chunks[0].text
    if part.quoted or len(part.chunks) > 1 or not _SYLLABLES.fullmatch(run):
        return ()
    places = [*range(0, len(run) - 2, 2), len(run) - 2][:_MOST_TOKENS]
    pairs = dict.fromkeys(run[place : place + 2] for place in places)
    return tuple(Clause(pair, (Alternative((pair,)),), (pair,)) for pair in pairs)


def _of_run(chunk: Chunk) -> list[Alternative]:
    *pairs, last = (piece.text for piece in chunk.word.pieces)
    del pairs[_MOST_TOKENS:]
    if not pairs:
        return [Alternative((last,), prefix=True)]
    has_ending = _KATAKANA_WORD.fullmatch(chunk.text) or _KOREAN_WORD.fullmatch(chunk.text)
    shorter = [Alternative(tuple(pairs[:-1]))] if has_ending else []
    return [Alternative(tuple(pairs)), *shorter]


def _split(chunk: Chunk) -> Iterator[tuple[Piece, ...]]:
    """A word with a capital, a number or dots inside as several words."""
    if len(chunk.word.pieces) > 1:
        return
    if initials := split_initials(chunk.text):
        yield initials[:_MOST_TOKENS]
    (piece,) = chunk.word.pieces
    for seam in _SEAMS:
        parts = seam.split(piece.text)
        if 1 < len(parts) <= _MOST_TOKENS:
            yield tuple(replace(piece, text=part, fixed=not part.isalpha()) for part in parts)


def _pieces(parts: Sequence[Chunk]) -> Sequence[Piece]:
    """The pieces of words that follow each other. What follows the last is unknown."""
    pieces = [piece for chunk in parts for piece in chunk.word.pieces]
    if parts[-1].paired and len(parts[-1].word.pieces) > 1:
        del pieces[-1]
    return pieces[:_MOST_TOKENS]


def _of(pieces: Sequence[Piece], part: _Part, languages: Sequence[str]) -> Iterator[Alternative]:
    """Pieces in a row, with the stems of each language; the last one may be a beginning."""
    forms = tuple(form_of(piece) for piece in pieces)
    spellings = [pieces]
    if not all(piece.text.isascii() for piece in pieces):
        spellings.append(
            [replace(each, text=form) for each, form in zip(pieces, forms, strict=True)]
        )
    for language in languages:
        for spelled in spellings:
            yield Alternative(tuple(stem_of(piece, language) for piece in spelled))
    if len(part.chunks) > 1:
        yield Alternative(forms)
    ends_open = part.chunks[-1].paired and len(part.chunks[-1].text) == 1
    if ends_open or ((part.prefix or part.unfinished) and not _is_single(forms[-1])):
        guessed = not part.prefix and not ends_open
        stems = (stem_of(piece, "") for piece in pieces[:-1])
        for beginning in (forms[:-1], tuple(stems)):
            yield Alternative((*beginning, forms[-1]), prefix=True, guessed=guessed)


def _is_single(token: str) -> bool:
    """Whether it is one ASCII letter or digit, with which too many words begin."""
    return len(token) == 1 and token.isascii()
