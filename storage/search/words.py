"""Find the words of a text, in any script, with their positions. Pure.

A word is what stands between spaces and punctuation, but some signs belong to it: `C++`, `.NET`,
`node.js`, `3.5`. Chinese, Japanese, Thai, Lao, Khmer and Burmese have no spaces, and Korean adds
particles to its words: their texts are split into overlapping pairs of characters.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import regex

from storage.search.folding import IGNORED, fold

# Only the beginning of a longer text counts, and of a longer word. Excerpts are shorter.
LONGEST_TEXT = 10_000
LONGEST_WORD = 40

# Thai and Lao; Burmese; Hangul letters; Khmer; Burmese; Korean; kana; Han.
_PAIRED = (
    r"\u0e00-\u0e4f\u0e5a-\u0ecf\u0eda-\u0eff\u1000-\u103f\u1050-\u109f\u1100-\u11ff\u1780-\u17d3"
    r"\u17d7\ua9e0-\ua9ff\uaa60-\uaa7f\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f"
    r"\u30a1-\u30fa\u30fc-\u30ff\u3131-\u318e\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    r"\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_UNSPACED = re.compile(f"[{_PAIRED}]")
# Letters and digits with their marks.
_WORD = rf"[[\p{{L}}\p{{N}}]--[{_PAIRED}]][[\p{{L}}\p{{N}}\p{{M}}]--[{_PAIRED}]]*+"
_CHUNK = regex.compile(
    rf"""
    (?P<run>[{_PAIRED}](?:[{_PAIRED}]|(?<=[\u30a1-\u30ff])・(?=[\u30a1-\u30ff]))*+)
    | (?P<word>
        # .NET
        (?:(?<![\p{{L}}\p{{N}}\p{{M}}.])\.(?=\p{{L}}))?
        {_WORD}
        # e-mail, don't, node.js, AT&T, snake_case, para·lel; 1,000 and 9/11
        (?:(?:[-\u2010-\u2013'’.&_·]|(?<=\d)[,/](?=\d)){_WORD})*+
        # C++, C#, Disney+
        (?:[+#]++(?![\p{{L}}\p{{N}}])|(?:\+\+|(?<=(?<!\p{{L}})\p{{L}})\#)(?=\d))?
      )
    | (?P<symbol>\p{{Regional_Indicator}}{{2}}|[\p{{Extended_Pictographic}}--\p{{ASCII}}])
    """,
    regex.VERBOSE | regex.V1,
)
# The parts of a chunk. A dot or comma between digits does not end one.
_PART = regex.compile(rf"{_WORD}(?:(?<=\d)(?:[.,](?=\d)|['’](?=\d{{3}}(?!\d))){_WORD})*+", regex.V1)
_DIGIT = regex.compile(r"\p{N}")
_GROUPED = re.compile(r"(\d{1,3}(?:([,.'’])\d{3})(?:\2\d{3})*)((?:[.,]\d+)?)")
_GROUPS = re.compile(r"[,.'’]")
_INITIALS = regex.compile(r"\p{L}\p{M}*(?:\.\p{L}\p{M}*)+")
_POSSESSIVE = re.compile(r"(?<=[^\W\d])['’][sS]$")
_CONTRACTION = regex.compile(r"(?i)\p{L}+['’](?:t|re|ll|ve|d|m)")
_JOINERS = re.compile(r"[.'’]")
# How signs are spelled in tokens, where they would separate words.
_DECIMAL, _DOT, _PLUS, _SHARP = "·", "dot", "plus", "sharp"
_DOT_BETWEEN = "・"
# A longer chain of words, such as a long address, is not searched for in one word.
_MOST_JOINED = 6

# Spaces between the digits of a number, which NFKC would make normal spaces; and the marks of
# abbreviations inside a Hebrew word.
_GROUP_SPACE = re.compile("(?<=\\d)[\u00a0\u2009\u202f](?=\\d{3}(?!\\d))")
# Apostrophes that are letters to Unicode.
_APOSTROPHES = str.maketrans("ʻʼ", "’’")
_HEBREW_SIGN = re.compile("(?<=[\u05d0-\u05ea])[\"'\u05f3\u05f4\u2019\u201d](?=[\u05d0-\u05ea])")
# A letter with its marks, or the letters of a syllable: what NFKC can make one character.
_CLUSTER = regex.compile(r"[\u1100-\u11ff]+|.[\p{M}\uff9e\uff9f]*+", regex.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a word, at a position in it. `fixed`: it has no ending that could be another."""

    text: str
    start: int
    end: int
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is searched for.

    `pieces` in order are the word; each of the `spellings` means the same. `broader` words are
    found with it, but do not find it. `e-mail` has the pieces `e` and `mail` and the spelling
    `email`; `.NET` is one piece, and `net` is broader.
    """

    pieces: tuple[Piece, ...]
    spellings: tuple[tuple[Piece, ...], ...] = ()
    broader: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A word where it stands in a text."""

    text: str
    start: int
    end: int
    paired: bool

    @property
    def word(self) -> Word:
        """The pieces of the word."""
        return _split_run(self.text) if self.paired else _split_word(self.text)


def normalise(text: str) -> str:
    """The beginning of a text in Unicode's compatible form, without invisible characters."""
    text = text[:LONGEST_TEXT]
    if text.isascii():
        return text
    text = _HEBREW_SIGN.sub("", _GROUP_SPACE.sub(",", text))
    return _compatible(text)


def normalise_with_positions(text: str) -> tuple[str, Sequence[int]]:
    """A text as `normalise` returns it, and where each of its characters begins in the original.

    The positions have one element more: the end.
    """
    text = text[:LONGEST_TEXT]
    if normalise(text) == text:
        return text, range(len(text) + 1)
    parts, positions = [], list[int]()
    spaced = _GROUP_SPACE.sub(",", text)
    hidden = {match.start() for match in _HEBREW_SIGN.finditer(spaced)}
    for match in _CLUSTER.finditer(spaced):
        if match.start() in hidden:
            continue
        part = _compatible(match[0])
        parts.append(part)
        positions += [match.start()] * len(part)
    return "".join(parts), [*positions, len(text)]


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", IGNORED.sub("", text)).translate(_APOSTROPHES)


def chunks(text: str) -> Iterator[Chunk]:
    """The words of a normalised text."""
    for match in _CHUNK.finditer(text):
        yield Chunk(match[0], match.start(), match.end(), match.lastgroup == "run")


def is_unspaced(character: str) -> bool:
    """Whether a character belongs to a script that writes no spaces between words, or to Korean."""
    return _UNSPACED.fullmatch(character) is not None


def pairs_of(run: str) -> list[str]:
    """Each two characters that follow each other, and the last one: "abc" has ab, bc and c."""
    characters = run.replace(_DOT_BETWEEN, "")
    return [*map("".join, pairwise(characters)), characters[-1]]


def _split_run(run: str) -> Word:
    places = [place for place, character in enumerate(run) if character != _DOT_BETWEEN]
    pairs = (
        Piece(run[first] + run[second], first, second + 1, fixed=True)
        for first, second in pairwise(places)
    )
    return Word((*pairs, Piece(run[places[-1]], places[-1], len(run), fixed=True)))


@lru_cache(maxsize=10_000)
def _split_word(chunk: str) -> Word:
    """The pieces of a word between spaces."""
    if chunk.isalpha():
        return Word((Piece(chunk, 0, len(chunk)),))
    if chunk.startswith("."):
        return _split_dotted(chunk)
    if signs := chunk[len(chunk.rstrip("+#")) :]:
        return _split_signed(chunk, signs)
    body = _POSSESSIVE.sub("", chunk)
    if _INITIALS.fullmatch(body) or _CONTRACTION.fullmatch(body):
        return Word((Piece(_JOINERS.sub("", body), 0, len(body)),))
    pieces = tuple(_piece(*match.span(), body) for match in _PART.finditer(body))
    versions = tuple(version for piece in pieces for version in _versions(piece))
    if not 1 < len(pieces) <= _MOST_JOINED or "/" in body:
        return Word(pieces or (Piece(chunk, 0, len(chunk), fixed=True),), broader=versions)
    joined = "".join(piece.text for piece in pieces)
    whole = Piece(joined, 0, len(body), fixed=any(piece.fixed for piece in pieces))
    last = pieces[-1]
    if body[last.start - 1] != "." or last.fixed:
        return Word(pieces, ((whole,),), versions)
    ending = Piece(f"{_DOT}{fold(last.text)}", last.start - 1, last.end, fixed=True)
    return Word(pieces, ((whole,),), (*versions, ending))


def _versions(piece: Piece) -> Iterator[Piece]:
    """`3` and `3.15` are found in 3.15.2."""
    if piece.fixed:
        numbers = piece.text.split(_DECIMAL)
        for count in range(1, min(len(numbers), _MOST_JOINED)):
            yield replace(piece, text=_DECIMAL.join(numbers[:count]))


def split_initials(chunk: str) -> tuple[Piece, ...]:
    """The letters of initials such as `J.K.`; nothing for other words."""
    if not _INITIALS.fullmatch(chunk):
        return ()
    return tuple(Piece(letter[0], *letter.span()) for letter in _PART.finditer(chunk))


def _piece(start: int, end: int, word: str) -> Piece:
    text = word[start:end]
    if not _DIGIT.search(text):
        return Piece(text, start, end)
    if number := _GROUPED.fullmatch(text):
        text = _GROUPS.sub("", number[1]) + number[3]
    return Piece(text.replace(",", _DECIMAL).replace(".", _DECIMAL), start, end, fixed=True)


def _split_dotted(chunk: str) -> Word:
    """`.NET` is not a net. At the beginning of a sentence, `.Next` may lack a space."""
    word = _moved(_split_word(chunk[1:]), 1)
    first, *others = word.pieces
    if first.fixed:
        return word
    dotted = Piece(f"{_DOT}{fold(first.text)}", 0, first.end, fixed=True)
    if first.text.istitle() and len(first.text) > 1:
        return replace(word, broader=(*word.broader, dotted))
    return Word((dotted, *others), broader=(*word.broader, first))


def _split_signed(chunk: str, signs: str) -> Word:
    """`C++`, `C#` and `Disney+` are other words than their letters."""
    body = chunk[: -len(signs)]
    word = _split_word(body)
    *others, last = word.pieces
    if "#" in signs and (signs != "#" or last.end - last.start > 1 or last.fixed):
        return word
    name = _SHARP if signs == "#" else _PLUS * len(signs)
    whole = Piece(fold(last.text) + name, last.start, len(chunk), fixed=True)
    if others or last.end - last.start == 1:
        return Word((*others, whole), broader=word.broader)
    spelled = (last, *(Piece(_PLUS, last.end, len(chunk), fixed=True) for _ in signs))
    return Word((whole,), (spelled,), word.broader)


def _moved(word: Word, places: int) -> Word:
    def move(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        return tuple(
            replace(piece, start=piece.start + places, end=piece.end + places) for piece in pieces
        )

    return Word(move(word.pieces), tuple(map(move, word.spellings)), move(word.broader))
