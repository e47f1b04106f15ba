"""Spell words in one way: without case, accents and other differences that people don't type. Pure.

Accents of Latin and Greek letters are dropped. What distinguishes letters elsewhere is kept: й is
not и, and the vowels of Thai and of Indian scripts are marks.
"""

import re
import unicodedata
from bisect import bisect_left
from enum import Enum

# Characters that show nothing and may stand inside a word: soft hyphens, joiners, marks of
# direction, variation selectors, tags, skin tones, frames of keys, the Arabic tatweel; and signs of
# ownership, which NFKC would turn into letters.
IGNORED = re.compile(
    "[\u00a9\u00ad\u00ae\u034f\u0640\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u20dd-\u20e4\u2120\u2122\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]+"
)
# Letters that have no accent by Unicode's data, but are typed like the letter without it.
# Arabic letters are written in several ways, and two of them differ in Persian.
_SPELLED: dict[int, int | str] = {
    **str.maketrans("øđðłħıŋŧəς", "oddlhinteσ"),
    ord("æ"): "ae",
    ord("œ"): "oe",
    ord("þ"): "th",
    **str.maketrans("أإآٱىیکةؤئ", "ااااييكهوي"),
}
# Accents, except those that make й, ў and ї of и, у and і; vowel signs of Hebrew and Arabic.
_MARKS = re.compile(
    "(?<![иу])\u0306|(?<!і)\u0308|[\u0300-\u0305\u0307\u0309-\u036f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]"
)
_OTHER_DIGIT = re.compile(r"[^\D0-9]")


class Script(Enum):
    """The writing system of a word, as far as stemmers differ by it."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    GREEK = "greek"
    ARABIC = "arabic"
    HEBREW = "hebrew"
    DEVANAGARI = "devanagari"
    TAMIL = "tamil"
    ARMENIAN = "armenian"
    OTHER = "other"


# The last code point of each block, in order. https://www.unicode.org/charts/
_BLOCKS = (
    (0x024F, Script.LATIN),
    (0x036F, Script.OTHER),
    (0x03FF, Script.GREEK),
    (0x052F, Script.CYRILLIC),
    (0x058F, Script.ARMENIAN),
    (0x05FF, Script.HEBREW),
    (0x06FF, Script.ARABIC),
    (0x074F, Script.OTHER),
    (0x077F, Script.ARABIC),
    (0x08FF, Script.OTHER),
    (0x097F, Script.DEVANAGARI),
    (0x0B7F, Script.OTHER),
    (0x0BFF, Script.TAMIL),
    (0x1DFF, Script.OTHER),
    (0x1EFF, Script.LATIN),
    (0x1FFF, Script.GREEK),
)


_LAST_CODE_POINTS = tuple(last for last, _ in _BLOCKS)


def script_of(word: str) -> Script:
    """The script of a word's first letter."""
    block = bisect_left(_LAST_CODE_POINTS, ord(word[0]) if word else 0)
    return _BLOCKS[block][1] if block < len(_BLOCKS) else Script.OTHER


def lower(word: str, language: str | None = None) -> str:
    """A word in one case, with its accents. Turkish and Azerbaijani have an i without a dot."""
    if word.isascii() and language not in {"tr", "az"}:
        return word.lower()
    word = unicodedata.normalize("NFKC", word)
    if language in {"tr", "az"}:
        word = word.replace("I", "ı").replace("İ", "i")
    return unicodedata.normalize("NFKC", word.casefold()).replace("i\u0307", "i")


def without_accents(word: str) -> str:
    """A word in lower case as people type it."""
    if word.isascii():
        return word
    bare = _MARKS.sub("", unicodedata.normalize("NFD", word))
    spelled = unicodedata.normalize("NFC", bare).translate(_SPELLED)
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), spelled)


def fold(word: str) -> str:
    """The form of a word by which it is compared. Folding it again changes nothing."""
    return without_accents(lower(word))
