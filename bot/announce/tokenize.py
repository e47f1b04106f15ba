"""Whole words in any script, whatever their case. Pure."""

import re
import unicodedata

# C++ and C# are words of their own; elsewhere these signs are punctuation.
_OTHERS = re.compile(r"(?P<kept>(?<=\w)[+#]+(?!\w))|[\W_]")
# Thai, Lao, Burmese, Khmer, kana and Han put no spaces between words: each letter stands by itself.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)


def plain_words(text: str) -> str:
    """A text's words in one case, a space between them, without punctuation and symbols."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_OTHERS.sub(_keep, folded).split())


def searchable(text: str) -> str:
    """The form in which a text contains another's form if it contains its words, in their order."""
    return f" {' '.join(_UNSPACED.sub(_apart, plain_words(text)).split())} "


def _keep(match: re.Match[str]) -> str:
    # The vowels of many scripts, and accents, are marks: they belong to the letter before.
    sign = match[0]
    return sign if match["kept"] or unicodedata.category(sign).startswith("M") else " "


def _apart(match: re.Match[str]) -> str:
    return f" {match[0]} "
