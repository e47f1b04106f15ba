"""Split text into words, in any script and case. Pure."""

import re
import unicodedata

# + and # belong to the word in C++ and C#; elsewhere they are punctuation.
_SEPARATORS = re.compile(r"(?P<kept>(?<=\w)[+#]+(?!\w))|[\W_]")
# Thai, Lao, Burmese, Khmer, kana and Han have no spaces between words.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
# For searching, each of their letters is a word.
_UNSPACED = re.compile(f"[{UNSPACED}]")


def plain_words(text: str) -> str:
    """A text's words in one case, separated by spaces, without punctuation and symbols."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_SEPARATORS.sub(_keep, folded).split())


def searchable(text: str) -> str:
    """A form of a text for substring search: it contains the form of every phrase in the text."""
    return f" {' '.join(_UNSPACED.sub(_apart, plain_words(text)).split())} "


def _keep(match: re.Match[str]) -> str:
    # Accents and the vowels of many scripts are marks: they belong to the letter before.
    sign = match[0]
    return sign if match["kept"] or unicodedata.category(sign).startswith("M") else " "


def _apart(match: re.Match[str]) -> str:
    return f" {match[0]} "
